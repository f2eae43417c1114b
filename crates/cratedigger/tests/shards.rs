//! `cratedigger manifest`, `extract --shard` and `parts` on folders of this machine, and the scripts of `deploy/`.
#![allow(clippy::unwrap_used)]

#[path = "common/tone.rs"]
mod tone;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cratedigger_catalog::feature_table::{self, FeatureTable};
use tone::tone;

/// A recording of a third of a second and `more` samples.
fn wav(path: &Path, number: u32, more: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, tone(number, 7_350 + more)).unwrap();
}

fn music(folder: &Path) {
    for number in 1..=9 {
        wav(
            &folder.join(format!("music/{number:06}.wav")),
            number,
            1500 * (number % 4),
        );
    }
    fs::write(folder.join("music/000010.wav"), "no sound").unwrap();
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
        .current_dir(folder)
        .env("TMPDIR", folder)
        .arg("-q")
        .args(arguments)
        .output()
        .unwrap();
    (
        out.status.code(),
        String::from_utf8([out.stdout, out.stderr].concat()).unwrap(),
    )
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut parts: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .collect();
    parts.sort();
    parts
}

/// All rows of parts, bit by bit, in the order of their names.
fn rows(files: &[PathBuf]) -> Vec<(String, Vec<u64>)> {
    let mut rows = Vec::new();
    for file in files {
        let table: FeatureTable = feature_table::read(file).unwrap();
        for (row, id) in table.ids.iter().enumerate() {
            let values = table.row(row).iter().map(|value| value.to_bits()).collect();
            rows.push((format!("{id:>8}"), values));
        }
    }
    rows.sort();
    rows
}

#[test]
fn parts_hold_the_rows_of_one_extraction_and_are_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    music(folder);
    assert_eq!(
        run(folder, &["extract", "music", "--out", "all.parquet"]).0,
        Some(1)
    );
    let (code, told) = run(folder, &["manifest", "music", "--out", "m.parquet"]);
    assert!(code == Some(0) && told.contains("10 recordings"), "{told}");
    for shard in ["1/3", "2/3", "3/3"] {
        let (code, told) = run(
            folder,
            &[
                "extract",
                "--manifest",
                "m.parquet",
                "--shard",
                shard,
                "--out",
                "parts",
            ],
        );
        assert_eq!(code, Some(0), "{told}");
    }
    let files = parts(&folder.join("parts"));
    assert_eq!(files.len(), 3);
    assert_eq!(rows(&files), rows(&[folder.join("all.parquet")]));
    let (code, told) = run(folder, &["parts", "parts", "--manifest", "m.parquet"]);
    assert!(
        code == Some(0) && told.contains("3 of 3 parts, 9 rows and 1 failures of 10 recordings: whole"),
        "{told}"
    );
    let before: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    // Made anew it is the same.
    fs::remove_file(&files[1]).unwrap();
    let (code, told) = run(folder, &["parts", "parts"]);
    assert!(
        code == Some(1)
            && told.contains("shard 2/3 is missing; make it with: cratedigger extract --manifest MANIFEST"),
        "{told}"
    );
    run(
        folder,
        &[
            "extract",
            "--manifest",
            "m.parquet",
            "--shard",
            "2/3",
            "--out",
            "parts",
            "--jobs",
            "1",
        ],
    );
    let after: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(before == after);
    let (_, told) = run(
        folder,
        &[
            "extract",
            "--manifest",
            "m.parquet",
            "--shard",
            "1/3",
            "--out",
            "parts",
        ],
    );
    assert!(told.contains("is there already"), "{told}");
    // Part files are files of features as any.
    let all: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 6, "{left:?} {all:?}");
}

#[test]
fn a_part_that_could_not_be_put_is_put_by_the_same_command() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    music(folder);
    run(folder, &["manifest", "music", "--out", "m.parquet"]);
    let shard: Vec<&str> = "extract --manifest m.parquet --shard 1/2 --out parts --scratch scratch"
        .split(' ')
        .collect();
    assert_eq!(run(folder, &shard).0, Some(0));
    let part = parts(&folder.join("parts")).remove(0);
    let (bytes, heard) = (fs::read(&part).unwrap(), part.with_extension("audio.csv"));
    fs::remove_file(&part).unwrap();
    fs::remove_file(&heard).unwrap();
    // Something is in the way of what stands beside the part.
    fs::create_dir(&heard).unwrap();
    let (code, told) = run(folder, &shard);
    assert!(code == Some(2) && !part.exists(), "{told}");
    fs::remove_dir(&heard).unwrap();
    // Nothing is extracted any more: there is nothing that it could be extracted from.
    fs::rename(folder.join("music"), folder.join("elsewhere")).unwrap();
    let (code, told) = run(folder, &shard);
    assert_eq!(code, Some(0), "{told}");
    assert!(heard.is_file() && fs::read(&part).unwrap() == bytes);
    assert_eq!(fs::read_dir(folder.join("scratch")).unwrap().count(), 0);
}

#[test]
fn what_is_there_twice_or_of_other_recordings_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    music(folder);
    run(folder, &["manifest", "music", "--out", "m.parquet"]);
    for shard in ["1/2", "2/2"] {
        run(
            folder,
            &[
                "extract",
                "--manifest",
                "m.parquet",
                "--shard",
                shard,
                "--out",
                "parts",
            ],
        );
    }
    wav(&folder.join("music/000001.wav"), 5, 900);
    // The list says how the recording was.
    let (code, told) = run(
        folder,
        &["extract", "--manifest", "m.parquet", "--out", "x.parquet"],
    );
    assert_eq!(code, Some(1), "{told}");
    assert!(
        fs::read_to_string(folder.join("x.failures.csv"))
            .unwrap()
            .contains("changed since the manifest")
    );
    run(folder, &["manifest", "music", "--out", "n.parquet"]);
    let (code, told) = run(folder, &["parts", "parts", "--manifest", "n.parquet"]);
    assert!(
        code == Some(1) && told.contains("is not of the recordings"),
        "{told}"
    );
    run(
        folder,
        &[
            "extract",
            "--manifest",
            "n.parquet",
            "--shard",
            "1/2",
            "--out",
            "parts",
        ],
    );
    let (code, told) = run(folder, &["parts", "parts"]);
    assert!(
        code == Some(1) && told.contains("are of the same shard") && told.contains("different manifests"),
        "{told}"
    );
    assert!(told.contains("rows that another part has too"), "{told}");
    for file in parts(&folder.join("parts")) {
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    }
    let (code, told) = run(folder, &["parts", "parts"]);
    assert!(code == Some(1) && told.contains("0 of 2 parts"), "{told}");
    assert_eq!(run(folder, &["parts", "music"]).0, Some(2));
    assert_eq!(
        run(
            folder,
            &["extract", "--manifest", "x.parquet", "--out", "y.parquet"]
        )
        .0,
        Some(2)
    );
}

#[cfg(unix)]
#[test]
fn every_service_that_runs_arrays_says_which_shard() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    music(folder);
    run(folder, &["manifest", "music", "--out", "m.parquet"]);
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let deploy = deploy.canonicalize().unwrap();
    let by = |mut command: Command, index: (&str, &str)| {
        let out = command
            .current_dir(folder)
            .env("TMPDIR", folder)
            .envs([index])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    let extract = [
        "extract",
        "--manifest",
        "m.parquet",
        "--shard",
        "auto/4",
        "--out",
        "parts",
    ];
    for index in [
        ("JOB_COMPLETION_INDEX", "0"),
        ("AWS_BATCH_JOB_ARRAY_INDEX", "2"),
        ("BATCH_TASK_INDEX", "3"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
        command.args(extract);
        by(command, index);
    }
    let mut slurm = Command::new(deploy.join("slurm.sh"));
    slurm.env("CRATEDIGGER", env!("CARGO_BIN_EXE_cratedigger")).envs([
        ("MANIFEST", "m.parquet"),
        ("SHARDS", "4"),
        ("OUT", "parts"),
    ]);
    by(slurm, ("SLURM_ARRAY_TASK_ID", "2"));
    let (code, told) = run(folder, &["parts", "parts", "--manifest", "m.parquet"]);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = run(folder, &extract);
    assert!(code == Some(2) && told.contains("SLURM_ARRAY_TASK_ID"), "{told}");
    // The manifests ask for as many tasks as there are shards.
    let read = |name: &str| fs::read_to_string(deploy.join(name)).unwrap();
    let yaml = read("kubernetes.yaml");
    for line in ["completionMode: Indexed", "completions: 64", "--shard=auto/64"] {
        assert!(yaml.contains(line), "{line}");
    }
    let words = |value: &serde_json::Value| -> Vec<String> {
        let words = value.as_array().unwrap().iter();
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let aws: serde_json::Value = serde_json::from_str(&read("aws-batch.json")).unwrap();
    assert!(words(&aws["containerProperties"]["command"]).contains(&"--shard=auto/64".to_owned()));
    let google: serde_json::Value = serde_json::from_str(&read("google-batch.json")).unwrap();
    let group = &google["taskGroups"][0];
    let commands = &group["taskSpec"]["runnables"][0]["container"]["commands"];
    let shard = format!("--shard=auto/{}", group["taskCount"]);
    assert!(words(commands).contains(&shard));
}
