//! `cratedigger extract`, run as its users run it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use cratedigger_catalog::feature_table::{self, RowId};
use cratedigger_features::{Extractor, Recipe};

fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
    command.current_dir(dir);
    command
}

fn run(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    text(command(dir).args(args).output().unwrap())
}

fn text(out: Output) -> (Option<i32>, String, String) {
    (
        out.status.code(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

/// A stereo WAV file with a chord of its own.
fn wav(path: &Path, number: u32, seconds: f64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let rate = 22_050_u32;
    let n = (seconds * f64::from(rate)) as u32;
    let mut bytes = Vec::new();
    let chunk = |bytes: &mut Vec<u8>, name: &[u8], size: u32| {
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(&size.to_le_bytes());
    };
    chunk(&mut bytes, b"RIFF", 36 + 4 * n);
    bytes.extend_from_slice(b"WAVE");
    chunk(&mut bytes, b"fmt ", 16);
    for half in [1_u16, 2] {
        bytes.extend_from_slice(&half.to_le_bytes());
    }
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(4 * rate).to_le_bytes());
    for half in [4_u16, 16] {
        bytes.extend_from_slice(&half.to_le_bytes());
    }
    chunk(&mut bytes, b"data", 4 * n);
    for i in 0..n {
        let t = f64::from(i) / f64::from(rate);
        for channel in 1..=2 {
            let f = 100.0 + 7.0 * f64::from(number) + 50.0 * f64::from(channel);
            let x = (std::f64::consts::TAU * f * t).sin() + (std::f64::consts::TAU * 3.01 * f * t).sin();
            bytes.extend_from_slice(&((x * 9000.0) as i16).to_le_bytes());
        }
    }
    fs::write(path, bytes).unwrap();
}

fn clips(dir: &Path, n: u32) {
    for i in 1..=n {
        let seconds = 0.3 + f64::from(i % 5) * 0.2;
        wav(&dir.join(format!("{:03}/{i:06}.wav", i / 10)), i, seconds);
    }
}

#[test]
fn what_was_lost_is_told_and_too_much_of_it_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    clips(&dir.path().join("music"), 2);
    let whole = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../features/tests/data/audio/flac.flac"
    );
    let whole = fs::read(whole).unwrap();
    fs::write(dir.path().join("music/cut.flac"), &whole[..whole.len() * 7 / 10]).unwrap();
    let lines = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(dir.path().join(name)).unwrap();
        text.lines().map(str::to_owned).collect()
    };

    let (code, _, err) = run(dir.path(), &["extract", "music", "--out", "f.csv"]);
    assert_eq!(code, Some(1), "{err}");
    let failures = lines("f.failures.csv");
    assert_eq!(failures.len(), 2);
    assert!(failures[1].contains("cut.flac,decode,"), "{failures:?}");
    assert!(
        failures[1].contains("% of the sound is lost") && failures[1].contains("--max-lost"),
        "{failures:?}"
    );
    let heard = lines("f.audio.csv");
    assert!(
        heard[0].starts_with("id,sample_rate,n_channels,n_samples,"),
        "{heard:?}"
    );
    // 0.5 and 0.7 s.
    assert_eq!(
        heard[1..],
        [
            "1,22050,2,11025,0,0,0.0,0,11025",
            "2,22050,2,15434,0,0,0.0,0,15434"
        ]
    );

    let (code, _, err) = run(
        dir.path(),
        &["extract", "music", "--out", "g.csv", "--max-lost", "1"],
    );
    assert_eq!(code, Some(0), "{err}");
    assert!(
        err.contains("1 of the rows lost some") && err.contains("g.audio.csv"),
        "{err}"
    );
    assert!(!dir.path().join("g.failures.csv").exists());
    let cut: Vec<String> = lines("g.audio.csv")[3].split(',').map(str::to_owned).collect();
    let number = |at: usize| cut[at].parse::<u64>().unwrap();
    assert_eq!((cut[0].as_str(), number(8)), ("cut.flac", 4800));
    assert_eq!(number(3) + number(5), 4800);

    let (code, _, err) = run(
        dir.path(),
        &["extract", "music", "--out", "h.csv", "--max-lost", "2"],
    );
    assert!(code == Some(2) && err.contains("from 0 to 1"), "{err}");
}

#[test]
fn rows_are_what_the_library_gives_in_order_in_both_formats_with_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    clips(&dir.path().join("music"), 12);
    let mut files = Vec::new();
    for (out, jobs) in [
        ("a.csv", "1"),
        ("b.csv", "3"),
        ("a.parquet", "1"),
        ("b.parquet", "3"),
    ] {
        let (code, said, err) = run(dir.path(), &["extract", "music", "--out", out, "--jobs", jobs]);
        assert_eq!(code, Some(0), "{err}");
        assert!(said.contains("12 rows of 518 features, recipe fma/1"), "{said}");
        files.push(fs::read(dir.path().join(out)).unwrap());
        assert!(!dir.path().join(format!("{out}.partial")).exists());
    }
    assert_eq!(files[0], files[1]);
    assert_eq!(files[2], files[3]);
    let extractor = Extractor::new(Recipe::Fma);
    for name in ["a.csv", "a.parquet"] {
        let table = feature_table::read(&dir.path().join(name)).unwrap();
        assert_eq!(table.ids, (1..=12).map(RowId::Track).collect::<Vec<_>>());
        assert_eq!(table.recipe.as_deref(), Some(Recipe::Fma.version()));
        let want = extractor
            .extract_path(dir.path().join("music/000/000007.wav"))
            .unwrap();
        assert_eq!(table.row(6), want.values());
    }
}

#[test]
fn bad_files_are_listed_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    clips(&dir.path().join("music"), 3);
    let music = dir.path().join("music");
    fs::write(music.join("empty.mp3"), "").unwrap();
    fs::write(music.join("text, \"quoted\".flac"), "no music at all").unwrap();
    wav(&music.join("short.wav"), 1, 0.001);
    let cut = fs::read(music.join("000/000003.wav")).unwrap();
    fs::write(music.join("cut.wav"), &cut[..cut.len() / 2]).unwrap();
    let (code, said, err) = run(dir.path(), &["extract", "music", "--out", "f.parquet"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(said.contains("4 rows"), "{said}");
    assert!(
        err.contains("3 of 7 inputs") && err.contains("f.failures.csv"),
        "{err}"
    );
    let failures = fs::read_to_string(dir.path().join("f.failures.csv")).unwrap();
    let lines: Vec<&str> = failures.lines().collect();
    assert_eq!(lines[0], "path,stage,reason");
    assert!(lines[1].starts_with("music/empty.mp3,") && lines[1].contains("0 bytes"));
    assert!(lines[2].starts_with("music/short.wav,features,") && lines[2].contains("too short"));
    assert!(lines[3].starts_with("\"music/text, \"\"quoted\"\".flac\",probe,"));
    assert_eq!(lines.len(), 4);
    let ids = feature_table::read(&dir.path().join("f.parquet")).unwrap().ids;
    assert_eq!(
        ids[3],
        RowId::Name("cut.wav".to_owned()),
        "what decodes has features"
    );

    // Without the bad ones the table of failures goes, too.
    let (code, _, err) = run(
        dir.path(),
        &["extract", "music/000", "--out", "f.parquet", "--force"],
    );
    assert_eq!(code, Some(0), "{err}");
    assert!(!dir.path().join("f.failures.csv").exists());

    let (code, _, err) = run(
        dir.path(),
        &["extract", "music/empty.mp3", "gone.mp3", "--out", "g.csv"],
    );
    assert_eq!(code, Some(2));
    assert!(err.contains("none of the files gave features"), "{err}");
    assert!(!dir.path().join("g.csv").exists() && dir.path().join("g.failures.csv").exists());
}

#[test]
fn a_list_on_standard_input_and_a_pattern_name_files() {
    let dir = tempfile::tempdir().unwrap();
    clips(&dir.path().join("music"), 4);
    let mut child = command(dir.path())
        .args(["extract", "-", "music/000/*3.wav", "--out", "list.csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let list = b"music/000/000001.wav\n\nmusic/000/000002.wav\nmusic/000/000003.wav\n";
    child.stdin.take().unwrap().write_all(list).unwrap();
    let (code, _, err) = text(child.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{err}");
    let ids = feature_table::read(&dir.path().join("list.csv")).unwrap().ids;
    assert_eq!(ids, [1, 2, 3].map(RowId::Track));
}

#[test]
fn what_macos_leaves_beside_files_is_passed_over_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    clips(&dir.path().join("[2020] One"), 2);
    for name in [
        "[2020] One/000/._000001.wav",
        "[2020] One/__MACOSX/000/._000002.wav",
    ] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "no sound").unwrap();
    }
    for (paths, n_passed_over) in [
        ("[2020] One", 2),
        ("[2020] One/**/*.wav", 2),
        ("[2020] One/000/*.wav", 1),
    ] {
        let (code, out, err) = run(dir.path(), &["extract", paths, "--out", "f.csv", "--force"]);
        assert_eq!(code, Some(0), "{paths}: {err}");
        assert!(out.contains("2 rows"), "{paths}: {out}");
        let told = format!("(`._*`, `__MACOSX`): {n_passed_over}\n");
        assert!(err.contains(&told), "{paths}: {err}");
    }
    let args = ["extract", "[2020] One/000/._000001.wav", "--out", "g.csv"];
    let (code, _, err) = run(dir.path(), &args);
    assert_eq!(code, Some(2), "a file that is named is tried: {err}");
}

#[test]
fn what_is_there_is_not_overwritten_and_mistakes_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    clips(&dir.path().join("music"), 1);
    let ok = run(dir.path(), &["extract", "music", "--out", "f.csv"]);
    assert_eq!(ok.0, Some(0));
    let before = fs::read(dir.path().join("f.csv")).unwrap();
    let refused = |args: &[&str], why: &str| {
        let (code, _, err) = run(dir.path(), &[&["extract"], args].concat());
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(why), "{err}");
    };
    refused(&["music", "--out", "f.csv"], "--force");
    refused(&["music", "--out", "f.txt"], ".parquet or .csv");
    refused(&["music", "--out", "f.csv", "--recipe", "mp7"], "mp7");
    fs::create_dir(dir.path().join("bare")).unwrap();
    refused(&["bare", "--out", "g.csv"], "no audio file found");
    fs::write(dir.path().join("h.csv.partial"), "").unwrap();
    refused(&["music", "--out", "h.csv"], "--resume");
    assert_eq!(fs::read(dir.path().join("f.csv")).unwrap(), before);
    let (code, _, err) = run(dir.path(), &["extract", "music", "--out", "f.csv", "--resume"]);
    assert_eq!(
        (code, err.contains("nothing to resume")),
        (Some(0), true),
        "{err}"
    );
    let (code, ..) = run(dir.path(), &["extract", "music", "--out", "h.csv", "--restart"]);
    assert_eq!(code, Some(0));
}

#[test]
fn killed_again_and_again_it_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let n = 160;
    clips(&dir.path().join("music"), n);
    fs::write(dir.path().join("music/bad.mp3"), "no music").unwrap();
    let (code, _, err) = run(dir.path(), &["extract", "music", "--out", "whole.parquet"]);
    assert_eq!(code, Some(1), "{err}");

    let partial = dir.path().join("killed.parquet.partial");
    let size = || fs::metadata(&partial).map_or(0, |m| m.len());
    let mut n_kills = 0;
    for part in 1..=6 {
        let mut child = command(dir.path())
            .args([
                "extract",
                "music",
                "--out",
                "killed.parquet",
                "--resume",
                "--jobs",
                "2",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A record has a bit more than 4144 bytes.
        let enough = u64::from(n) * 4144 * part / 8;
        let start = Instant::now();
        while size() < enough
            && child.try_wait().unwrap().is_none()
            && start.elapsed() < Duration::from_secs(60)
        {
            std::thread::sleep(Duration::from_micros(300));
        }
        n_kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(n_kills >= 3, "only {n_kills} runs were killed under way");
    assert!(size() > 0 && !dir.path().join("killed.parquet").exists());
    let (code, _, err) = run(
        dir.path(),
        &["extract", "music", "--out", "killed.parquet", "--resume"],
    );
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("of the interrupted extraction"), "{err}");
    for (whole, killed) in [
        ("whole.parquet", "killed.parquet"),
        ("whole.failures.csv", "killed.failures.csv"),
    ] {
        let same = fs::read(dir.path().join(whole)).unwrap() == fs::read(dir.path().join(killed)).unwrap();
        assert!(same, "{whole} and {killed} differ");
    }
    assert!(!partial.exists());
}
