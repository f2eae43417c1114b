//! Recordings, tables and outputs in an object store, and shards of a manifest, as users have them.
#![cfg(feature = "store")]
#![allow(clippy::unwrap_used)]

mod objects {
    pub(crate) mod s3;
}
#[path = "common/tone.rs"]
mod tone;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use objects::s3::Server;
use tone::tone;

/// A recording of half a second.
fn wav(number: u32) -> Vec<u8> {
    tone(number, 11_025)
}

/// The same recordings in a folder and in a store.
fn recordings(folder: &Path) -> Arc<Server> {
    let server = Server::start();
    for number in 1..=8 {
        let name = format!("a/{number:06}.wav");
        fs::create_dir_all(folder.join("music/a")).unwrap();
        fs::write(folder.join("music").join(&name), wav(number)).unwrap();
        server.put(&format!("bucket/music/{name}"), wav(number));
    }
    server.put("bucket/music/notes.txt", b"no sound".to_vec());
    server
}

fn command(folder: &Path, server: &Server, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
    command
        .current_dir(folder)
        .env("TMPDIR", folder)
        .env("CRATEDIGGER", env!("CARGO_BIN_EXE_cratedigger"))
        .envs(server.environment())
        .arg("-q")
        .args(arguments);
    command
}

fn run(folder: &Path, server: &Server, arguments: &[&str]) -> (Option<i32>, String) {
    let out = command(folder, server, arguments).output().unwrap();
    let text = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
    (out.status.code(), text)
}

#[test]
fn objects_give_the_rows_of_files_through_failures_that_pass() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    assert_eq!(
        run(folder, &server, &["extract", "music", "--out", "local.parquet"]).0,
        Some(0)
    );
    server.every_503.store(3, Ordering::SeqCst);
    for (name, more) in [("one", "--jobs=2"), ("two", "--in-process")] {
        let out = format!("{name}.parquet");
        let (code, told) = run(
            folder,
            &server,
            &["extract", "s3://bucket/music/", "--out", &out, more],
        );
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(
            fs::read(folder.join(out)).unwrap(),
            fs::read(folder.join("local.parquet")).unwrap()
        );
    }
    // Neither recordings nor anything else is left on the disk.
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 7, "{left:?}");
    // A pattern, an object that is named, a folder without its slash.
    for (address, n) in [
        ("s3://bucket/music/a/00000[12]*", 2),
        ("s3://bucket/music/a/000001.wav", 1),
        ("s3://bucket/music", 8),
    ] {
        let (code, told) = run(
            folder,
            &server,
            &["extract", address, "--out", "x.parquet", "--force"],
        );
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(&format!(": {n} rows")), "{address} {told}");
    }
}

#[test]
fn what_a_store_does_not_give_is_a_failure_in_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    let (code, told) = run(
        folder,
        &server,
        &[
            "manifest",
            "s3://bucket/music/",
            "s3://bucket/none",
            "--out",
            "m.parquet",
        ],
    );
    assert_eq!(code, Some(1), "{told}");
    let failures = fs::read_to_string(folder.join("m.failures.csv")).unwrap();
    assert!(
        failures.contains("s3://bucket/none,open,") && failures.contains("404"),
        "{failures}"
    );
    server.kept.lock().unwrap().remove("bucket/music/a/000002.wav");
    server.put("bucket/music/a/000003.wav", wav(77));
    fs::write(
        folder.join("list"),
        "s3://bucket/music/a/000001.wav\ns3://bucket/music/gone.wav\n",
    )
    .unwrap();
    let (code, told) = run(
        folder,
        &server,
        &["extract", "--manifest", "m.parquet", "--out", "f.parquet"],
    );
    assert_eq!(code, Some(1), "{told}");
    let failures = fs::read_to_string(folder.join("f.failures.csv")).unwrap();
    let lines: Vec<&str> = failures.lines().collect();
    assert_eq!(lines.len(), 3, "{failures}");
    assert!(
        lines[1].contains("000002.wav,open,") && lines[1].contains("NoSuchKey: So it is."),
        "{failures}"
    );
    assert!(
        lines[2].contains("000003.wav,open,") && lines[2].contains("changed since"),
        "{failures}"
    );
    let list = Stdio::from(fs::File::open(folder.join("list")).unwrap());
    let out = command(folder, &server, &["extract", "-", "--out", "g.parquet"])
        .stdin(list)
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(
        fs::read_to_string(folder.join("g.failures.csv"))
            .unwrap()
            .contains("gone.wav,open,")
    );
}

#[test]
fn a_store_that_is_away_ends_the_run_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    run(folder, &server, &["extract", "music", "--out", "local.parquet"]);
    run(
        folder,
        &server,
        &["manifest", "s3://bucket/music/", "--out", "m.parquet"],
    );
    let extract = [
        "extract",
        "--manifest",
        "m.parquet",
        "--out",
        "f.parquet",
        "--jobs",
        "1",
    ];
    server.every_503.store(1, Ordering::SeqCst);
    let away = command(folder, &server, &extract)
        .env("CRATEDIGGER_STORE_RETRY_SECONDS", "0.2")
        .output()
        .unwrap();
    let told = String::from_utf8(away.stderr).unwrap();
    assert_eq!(away.status.code(), Some(2), "{told}");
    assert!(
        told.contains("--resume") && told.contains("SlowDown") && !folder.join("f.parquet").exists(),
        "{told}"
    );
    server.every_503.store(0, Ordering::SeqCst);
    let (code, told) = run(folder, &server, &[&extract[..], &["--resume"]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(
        fs::read(folder.join("f.parquet")).unwrap(),
        fs::read(folder.join("local.parquet")).unwrap()
    );
}

#[test]
fn an_output_that_could_not_be_put_is_put_with_resume() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    run(folder, &server, &["extract", "music", "--out", "local.parquet"]);
    let extract = [
        "extract",
        "s3://bucket/music/",
        "--out",
        "s3://bucket/work/f.parquet",
        "--resume",
    ];
    // Away when it was asked whether there is an output, and had handed out the eight recordings.
    server.down_after.store(9, Ordering::SeqCst);
    let mut first = command(folder, &server, &extract);
    let first = first
        .env("CRATEDIGGER_STORE_RETRY_SECONDS", "0")
        .output()
        .unwrap();
    let told = String::from_utf8(first.stderr).unwrap();
    assert_eq!(first.status.code(), Some(2), "{told}");
    assert!(
        told.contains("it is kept in") && told.contains("SlowDown"),
        "{told}"
    );
    server.down_after.store(0, Ordering::SeqCst);
    server.gets.lock().unwrap().clear();
    let (code, told) = run(folder, &server, &extract);
    assert_eq!(code, Some(0), "{told}");
    let read = server.gets.lock().unwrap().clone();
    assert!(!read.iter().any(|key| key.ends_with(".wav")), "{read:?}");
    assert_eq!(
        server.get("bucket/work/f.parquet").unwrap(),
        fs::read(folder.join("local.parquet")).unwrap()
    );
}

#[test]
fn what_was_extracted_of_an_object_is_kept_until_its_etag_changes() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    let extract = [
        "extract",
        "s3://bucket/music/",
        "--out",
        "f.parquet",
        "--jobs",
        "1",
        "--resume",
    ];
    let n_read = || {
        server
            .gets
            .lock()
            .unwrap()
            .iter()
            .filter(|key| key.ends_with(".wav"))
            .count()
    };
    // Four objects in a row that are not to be had end the run.
    server.down_after.store(4, Ordering::SeqCst);
    let mut first = command(folder, &server, &extract);
    let first = first
        .env("CRATEDIGGER_STORE_RETRY_SECONDS", "0")
        .env("CRATEDIGGER_PREFETCH", "1");
    assert_eq!(first.output().unwrap().status.code(), Some(2));
    assert_eq!(n_read(), 4);
    server.down_after.store(0, Ordering::SeqCst);
    server.gets.lock().unwrap().clear();
    let (first, other) = ("music/a/000001.wav", wav(77));
    fs::write(folder.join(first), &other).unwrap();
    server.put(&format!("bucket/{first}"), other);
    let (code, told) = run(folder, &server, &extract);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(n_read(), 4 + 1, "those that are new, and the one that changed");
    run(folder, &server, &["extract", "music", "--out", "local.parquet"]);
    assert_eq!(
        fs::read(folder.join("f.parquet")).unwrap(),
        fs::read(folder.join("local.parquet")).unwrap()
    );
}

#[test]
fn tables_and_models_are_read_and_outputs_put() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    let (code, told) = run(
        folder,
        &server,
        &["extract", "music", "--out", "s3://bucket/work/f.parquet"],
    );
    assert_eq!(code, Some(0), "{told}");
    assert!(server.get("bucket/work/f.audio.csv").is_some());
    let (code, told) = run(
        folder,
        &server,
        &["extract", "music", "--out=s3://bucket/work/f.parquet"],
    );
    assert!(
        code == Some(2) && told.contains("s3://bucket/work/f.parquet is there already"),
        "{told}"
    );
    let labels: String = (1..=8)
        .map(|i| format!("{i},{}\n", ["Folk", "Rock"][i % 2]))
        .collect();
    server.put(
        "bucket/work/genres.csv",
        format!("track_id,genre\n{labels}").into_bytes(),
    );
    let (code, told) = run(
        folder,
        &server,
        &[
            "train",
            "s3://bucket/work/f.parquet",
            "--labels=s3://bucket/work/genres.csv",
            "--split",
            "stratified",
            "--method",
            "k-nearest-neighbours",
            "--param",
            "n_neighbors=1",
            "--out",
            "s3://bucket/work/m.cdmodel",
            "--force",
        ],
    );
    assert_eq!(code, Some(0), "{told}");
    let model = "s3://bucket/work/m.cdmodel";
    let (code, of_audio) = run(
        folder,
        &server,
        &[
            "classify",
            "--model",
            model,
            "s3://bucket/music/",
            "--format",
            "csv",
        ],
    );
    assert_eq!(code, Some(0), "{of_audio}");
    let (_, of_files) = run(
        folder,
        &server,
        &["classify", "--model", model, "music", "--format", "csv"],
    );
    assert_eq!(of_audio, of_files);
    for i in 1..=3 {
        let shard = format!("{i}/3");
        run(
            folder,
            &server,
            &["manifest", "s3://bucket/music/", "--out", "m.parquet", "--force"],
        );
        let (code, told) = run(
            folder,
            &server,
            &[
                "classify",
                "--model",
                model,
                "--manifest",
                "m.parquet",
                "--shard",
                &shard,
                "--out",
                "s3://bucket/genres",
            ],
        );
        assert_eq!(code, Some(0), "{told}");
    }
    let (code, told) = run(
        folder,
        &server,
        &["parts", "s3://bucket/genres", "--manifest", "m.parquet"],
    );
    assert!(
        code == Some(0) && told.contains("8 rows and 0 failures of 8"),
        "{told}"
    );
    // Nothing is left of what was fetched or staged.
    let left = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| name.starts_with("cratedigger")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn shards_in_a_store_are_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, server) = (dir.path(), recordings(dir.path()));
    run(
        folder,
        &server,
        &[
            "manifest",
            "s3://bucket/music/",
            "--out",
            "s3://bucket/work/m.parquet",
        ],
    );
    let extract = |shard: &str| {
        let arguments = [
            "extract",
            "--manifest",
            "s3://bucket/work/m.parquet",
            "--shard",
            shard,
            "--out",
            "s3://bucket/parts",
        ];
        command(folder, &server, &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    // One of them twice at once.
    let all = ["1/3", "2/3", "2/3"]
        .map(extract)
        .map(|child| child.wait_with_output().unwrap());
    assert!(all.iter().all(|out| out.status.success()));
    let (code, told) = run(
        folder,
        &server,
        &[
            "parts",
            "s3://bucket/parts",
            "--manifest",
            "s3://bucket/work/m.parquet",
        ],
    );
    assert!(
        code == Some(1)
            && told.contains("shard 3/3 is missing; make it with: cratedigger extract --manifest s3://bucket/work/m.parquet --shard 3/3 --out s3://bucket/parts"),
        "{told}"
    );
    assert!(extract("3/3").wait_with_output().unwrap().status.success());
    let (code, told) = run(
        folder,
        &server,
        &[
            "parts",
            "s3://bucket/parts",
            "--manifest",
            "s3://bucket/work/m.parquet",
        ],
    );
    assert!(
        code == Some(0) && told.contains("3 of 3 parts, 8 rows and 0 failures of 8 recordings: whole"),
        "{told}"
    );
    let n_gets = server.gets.lock().unwrap().len();
    let again = extract("1/3").wait_with_output().unwrap();
    assert!(
        String::from_utf8(again.stdout)
            .unwrap()
            .contains("is there already")
    );
    let gets = server.gets.lock().unwrap();
    assert!(
        gets[n_gets..].iter().all(|key| !key.ends_with(".wav")),
        "no recording is read again"
    );
}
