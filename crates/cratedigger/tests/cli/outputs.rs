//! Outputs: what is there is not lost, what cannot be written is told before the work, and nothing panics.

use std::fs;
use std::process::Stdio;

use crate::desk::Desk;

/// A short sound.
fn wav(desk: &Desk, name: &str) {
    let n = 12_000_u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + n).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x22\x56\0\0\x01\0\x08\0data");
    bytes.extend(n.to_le_bytes());
    bytes.extend((0..n).map(|i| if i % 50 < 25 { 90_u8 } else { 160 }));
    fs::create_dir_all(desk.path(name).parent().unwrap()).unwrap();
    fs::write(desk.path(name), bytes).unwrap();
}

fn names(desk: &Desk, folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(desk.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(feature = "sql")]
#[test]
fn a_query_replaces_no_file_unasked_and_never_what_it_reads() {
    let desk = Desk::empty();
    desk.archive("archive", "20", &["--no-echonest", "--no-features"]);
    desk.ok(&["import", "archive", "--store", "store"]);
    let object = names(&desk, "store")
        .into_iter()
        .find(|name| name.starts_with("tracks-"))
        .unwrap();
    let object = format!("store/{object}");
    let sql = |out: &str, more: &[&str]| {
        desk.run(
            &[
                &[
                    "sql",
                    "--data",
                    "store",
                    "select 1 as x",
                    "--format",
                    "csv",
                    "--out",
                    out,
                ],
                more,
            ]
            .concat(),
        )
    };
    fs::write(desk.path("mine.csv"), "mine").unwrap();
    let run = sql("mine.csv", &[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("mine.csv is there already; replace it with --force"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read_to_string(desk.path("mine.csv")).unwrap(), "mine");
    assert_eq!(sql("mine.csv", &["--force"]).code, 0);
    assert_eq!(fs::read_to_string(desk.path("mine.csv")).unwrap(), "x\n1\n");
    for data in [object.as_str(), "archive/tracks.csv"] {
        let before = fs::read(desk.path(data)).unwrap();
        let run = sql(data, &["--force"]);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("is read, and would be replaced"),
            "{}",
            run.stderr
        );
        assert!(fs::read(desk.path(data)).unwrap() == before);
    }
    if cfg!(unix) {
        let run = sql("/dev/stdout", &[]);
        assert_eq!((run.code, run.stdout.as_str()), (0, "x\n1\n"), "{}", run.stderr);
        assert!(fs::symlink_metadata("/dev/stdout").unwrap().is_symlink());
    }
    assert!(
        !names(&desk, ".")
            .iter()
            .any(|name| name.starts_with(".cratedigger-"))
    );
}

#[test]
fn tables_beside_features_are_replaced_only_if_an_extraction_wrote_them() {
    let desk = Desk::empty();
    wav(&desk, "x/a.wav");
    for (name, text) in [
        ("p.failures.csv", "notes"),
        ("p.audio.csv", "notes"),
        ("p.csv.json", "notes"),
        ("p.csv.partial", "notes"),
    ] {
        fs::write(desk.path(name), text).unwrap();
        let run = desk.run(&["extract", "x", "--out", "p.csv", "--force", "--restart"]);
        assert_eq!(run.code, 2, "{name}: {}", run.stderr);
        assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
        assert_eq!(fs::read_to_string(desk.path(name)).unwrap(), text, "{name}");
        assert!(!desk.path("p.csv").exists());
        fs::remove_file(desk.path(name)).unwrap();
    }
    desk.ok(&["extract", "x", "--out", "p.csv"]);
    desk.ok(&["extract", "x", "--out", "p.csv", "--force"]);
    assert_eq!(names(&desk, "."), ["p.audio.csv", "p.csv", "p.csv.json", "x"]);
    #[cfg(unix)]
    {
        fs::write(desk.path("important"), "mine").unwrap();
        std::os::unix::fs::symlink("important", desk.path("q.csv.partial")).unwrap();
        let run = desk.run(&["extract", "x", "--out", "q.csv", "--restart"]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains("it is a link"), "{}", run.stderr);
        assert_eq!(fs::read_to_string(desk.path("important")).unwrap(), "mine");
    }
}

#[test]
fn a_study_replaces_a_study_and_no_files_of_others() {
    let desk = Desk::empty();
    let study = |more: &[&str]| {
        let quick = ["study", "--skip", "selection", "--tracks", "300", "--out", "out"];
        desk.run(&[&quick[..], more].concat())
    };
    fs::create_dir(desk.path("out")).unwrap();
    fs::write(desk.path("out/findings.json"), "mine").unwrap();
    let run = study(&[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("findings.json") && run.stderr.contains("--force"),
        "{}",
        run.stderr
    );
    assert_eq!(
        fs::read_to_string(desk.path("out/findings.json")).unwrap(),
        "mine"
    );
    assert!(
        names(&desk, "out") == ["findings.json"],
        "{:?}",
        names(&desk, "out")
    );
    assert_eq!(study(&["--force"]).code, 0);
    assert!(!names(&desk, "out/figures").is_empty());
    // The older study's pictures do not stay beside the newer one's.
    let every: Vec<&str> = cratedigger_study::section_ids().collect();
    fs::write(desk.path("out/notes.txt"), "mine").unwrap();
    let nothing = [
        "study",
        "--tracks",
        "300",
        "--out",
        "out",
        "--skip",
        &every.join(","),
    ];
    desk.ok(&nothing);
    let left = names(&desk, "out/figures");
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(fs::read_to_string(desk.path("out/notes.txt")).unwrap(), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn full_outputs_and_closed_pipes_are_told_by_the_exit_code() {
    let desk = Desk::empty();
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let run = desk
        .command(&["synth", "a", "--tracks", "20"])
        .stdout(full())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("No space left") && !said.contains("panicked"),
        "{said}"
    );
    for (out, err) in [(Stdio::null(), full()), (full(), full())] {
        let run = desk
            .command(&["model", "show", "nothing"])
            .stdout(out)
            .stderr(err)
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2));
    }
    let mut child = desk
        .command(&["synth", "b", "--tracks", "2000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = child.wait_with_output().unwrap();
    assert_eq!(run.status.code(), Some(141));
    assert!(run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_anything_is_read() {
    let desk = Desk::empty();
    // There is no such data either, and that would be told first if the output were opened last.
    for args in [
        &["train", ".", "--out", "none/x.cdmodel"][..],
        &["tune", ".", "--out", "none/x.cdmodel"],
        &["tune", ".", "--out", "x.cdmodel", "--table", "none/t.csv"],
        &[
            "classify",
            "--model",
            "none.cdmodel",
            "a.mp3",
            "--out",
            "none/x.csv",
        ],
        &["model", "export", "none.cdmodel", "--onnx", "none/x.onnx"],
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(
            run.stderr.contains("cannot write none/"),
            "{args:?}: {}",
            run.stderr
        );
    }
    fs::write(desk.path("file"), "mine").unwrap();
    let run = desk.run(&["study", "nowhere", "--out", "file"]);
    assert!(run.stderr.contains("cannot write file"), "{}", run.stderr);
    assert_eq!(names(&desk, "."), ["file"]);
}

#[test]
fn numbers_out_of_bounds_are_refused_with_what_is_wanted() {
    let desk = Desk::empty();
    for (args, wanted) in [
        (
            &["train", ".", "--out", "x", "--jobs", "1000000"][..],
            "threads from 1 to",
        ),
        (&["train", ".", "--out", "x", "--jobs", "0"], "threads from 1 to"),
        (
            &["extract", ".", "--out", "x.csv", "--jobs", "0"],
            "threads from 1 to",
        ),
        (
            &["classify", "--model", "m", "x", "--jobs", "1000000"],
            "threads from 1 to",
        ),
        (&["study", "--jobs", "0"], "threads from 1 to"),
        (
            &["synth", "x", "--clips", "8", "--jobs", "1000000"],
            "threads from 1 to",
        ),
        (
            &["extract", ".", "--out", "x.csv", "--max-duration=nan"],
            "above 0",
        ),
        (&["extract", ".", "--out", "x.csv", "--max-duration=0"], "above 0"),
        (
            &["extract", ".", "--out", "x.csv", "--max-duration=-1"],
            "above 0",
        ),
        (&["extract", ".", "--out", "x.csv", "--max-bytes=0"], "from 1 on"),
        (&["extract", ".", "--out", "x.csv", "--max-lost=nan"], "0 to 1"),
        (&["evaluate", ".", "--test-size=nan"], "above 0 and below 1"),
        (&["evaluate", ".", "--cv=0"], "from 1 on"),
        (
            &["train", ".", "--out", "x", "--test-size=1"],
            "above 0 and below 1",
        ),
        (
            &["train", ".", "--out", "x", "--threshold=nan"],
            "between 0 and 1",
        ),
        (&["tune", ".", "--out", "x", "--random=0"], "from 1 on"),
        (&["study", "--test-size=nan"], "above 0 and below 1"),
        (&["study", "--outlier-threshold=nan"], "above 0"),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains(wanted), "{args:?}: {}", run.stderr);
    }
    assert!(names(&desk, ".").is_empty());
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_what_is_kept_and_ends_as_a_signal_does() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    let desk = Desk::empty();
    for i in 0..300 {
        wav(&desk, &format!("music/{i}.wav"));
    }
    let mut child = desk
        .command(&["extract", "music", "--out", "f.csv", "--jobs", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !desk.path("f.csv.partial").exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let killed = std::process::Command::new("kill")
        // Not SIGINT, which is ignored by what a script starts in the background.
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let said: Vec<String> = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    let said = said.join("\n");
    assert_eq!(child.wait().unwrap().signal(), Some(15), "{said}");
    assert!(
        said.contains("f.csv.partial") && said.contains("--resume"),
        "{said}"
    );
    desk.ok(&["extract", "music", "--out", "f.csv", "--resume"]);
    assert_eq!(names(&desk, "."), ["f.audio.csv", "f.csv", "f.csv.json", "music"]);
}

/// Temporary files and folders in a folder and below it.
#[cfg(unix)]
fn temporaries(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            _ if entry.file_name().to_string_lossy().starts_with(".cratedigger-") => found.push(entry.path()),
            Ok(kind) if kind.is_dir() => found.extend(temporaries(&entry.path())),
            _ => {}
        }
    }
    found
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_temporary_files() {
    use std::os::unix::process::ExitStatusExt;
    let desk = Desk::empty();
    desk.ok(&["synth", "tables", "--tracks", "3000", "--quiet"]);
    fs::create_dir(desk.path("temporary")).unwrap();
    #[allow(unused_mut)]
    let mut commands = vec![
        &["synth", "archive", "--tracks", "60000"][..],
        &["synth", "music", "--clips", "500"],
        &["import", "tables", "--store", "store"],
        &["study"],
    ];
    #[cfg(feature = "deep")]
    {
        desk.ok(&["synth", "heard", "--clips", "48", "--seconds", "3", "--quiet"]);
        desk.ok(&["mel", "heard/clips", "--out", "frames", "--quiet"]);
        let small = [
            "--param",
            "max_epochs=1",
            "--param",
            "widths=[2,2]",
            "--param",
            "hidden=2",
        ];
        let train = [
            "train",
            "frames",
            "--labels",
            "heard/tracks.csv",
            "--genres",
            "all",
        ];
        let model = ["--method", "crnn", "--out", "model.cdmodel"];
        desk.ok(&[&train[..], &model, &small].concat());
        commands.push(&["classify", "heard/clips", "--model", "model.cdmodel"]);
    }
    for args in commands {
        // One that was done before the signal came says nothing.
        let ended = (0..20).any(|_| {
            let mut child = desk
                .command(args)
                .env("TMPDIR", desk.path("temporary"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            while temporaries(&desk.path(".")).is_empty() && child.try_wait().unwrap().is_none() {}
            let killed = std::process::Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .status();
            assert!(killed.unwrap().success());
            let signal = child.wait().unwrap().signal();
            let left = temporaries(&desk.path("."));
            assert!(left.is_empty(), "{args:?}: {left:?}");
            let _ = fs::remove_dir_all(desk.path("store"));
            signal == Some(15)
        });
        assert!(ended, "{args:?}");
    }
}

#[test]
fn names_of_others_give_no_orders_to_a_terminal() {
    let desk = Desk::empty();
    fs::create_dir(desk.path("music")).unwrap();
    if fs::write(desk.path("music/a\u{1b}]0;owned\u{7}\u{1b}[2J.mp3"), "no audio").is_err() {
        return;
    }
    let run = desk.run(&["extract", "music", "--out", "f.csv"]);
    let shown = format!("{}{}", run.stdout, run.stderr);
    assert!(!shown.replace('\n', "").contains(char::is_control), "{shown:?}");
    let run = desk.run(&["study", "\u{1b}[31mnone"]);
    assert!(
        !run.stderr.replace('\n', "").contains(char::is_control),
        "{:?}",
        run.stderr
    );
    assert!(run.stderr.contains("\\u{1b}[31mnone"), "{:?}", run.stderr);
}
