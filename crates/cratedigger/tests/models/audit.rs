//! `cratedigger audit`: doubtful labels and doubles, as the command tells them.

use std::fs;

use serde_json::Value;

use super::desk::Desk;

/// The records of a CSV file without commas in its first six fields, split at them.
fn records(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect()
}

/// The labels of the tones with some of them flipped.
fn flip(desk: &Desk, wrong: &[usize]) {
    let labels = fs::read_to_string(desk.path("labels.csv")).unwrap();
    let flipped: Vec<String> = labels
        .lines()
        .map(|line| {
            let is_wrong = wrong.iter().any(|i| line.starts_with(&format!("{i}.wav,")));
            match (is_wrong, line.contains(",Low,")) {
                (false, _) => line.to_owned(),
                (true, true) => line.replace(",Low,", ",High,"),
                (true, false) => line.replace(",High,", ",Low,"),
            }
        })
        .collect();
    fs::write(desk.path("flipped.csv"), flipped.join("\n") + "\n").unwrap();
}

#[test]
fn flipped_labels_come_first_whatever_the_threads_and_nothing_is_replaced_unasked() {
    let desk = Desk::empty();
    desk.tones();
    flip(&desk, &[5, 16]);
    desk.ok(&["extract", "music", "--out", "f.parquet"]);
    let audit = |out: &str, more: &[&str]| {
        let words = [
            "audit",
            "f.parquet",
            "--labels",
            "flipped.csv",
            "--method",
            "logistic-regression",
            "--out",
            out,
        ];
        desk.run(&[&words, more].concat())
    };
    let run = audit("list.csv", &["--jobs", "1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("24 tracks of 2 genres, judged by logistic-regression, 5 folds, by artist")
    );
    let list = fs::read_to_string(desk.path("list.csv")).unwrap();
    let found = records(&list);
    let mut first: Vec<&str> = found[..2].iter().map(|record| record[2]).collect();
    first.sort_unstable();
    assert_eq!(first, ["16.wav", "5.wav"], "{list}");
    for record in &found[..2] {
        assert_eq!(record[1], "track");
        assert_ne!(record[5], record[6], "another genre is suggested: {list}");
        assert!(record[7].parse::<f64>().unwrap() > 0.5, "{list}");
    }
    // The same bytes again, on other threads; a file that is there stays, and nothing is read after that is known.
    assert_eq!(audit("again.csv", &["--jobs", "2"]).code, 0);
    // Labels that nothing speaks against can be trained on at once, with artists apart.
    let run = audit("third.csv", &["--trusted", "trusted.csv"]);
    assert!(
        run.stderr.contains("nothing speaks against the labels of"),
        "{}",
        run.stderr
    );
    let trusted = fs::read_to_string(desk.path("trusted.csv")).unwrap();
    assert!(trusted.starts_with("id,genre,artist,album\n"), "{trusted}");
    let ids: Vec<&str> = trusted
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(ids.len(), 24 - found.len(), "{trusted}\n{list}");
    assert!(!ids.contains(&"5.wav") && !ids.contains(&"16.wav"));
    let model = desk.ok(&[
        "train",
        "f.parquet",
        "--labels",
        "trusted.csv",
        "--method",
        "decision-tree",
        "--out",
        "t.cdmodel",
    ]);
    assert!(!model.stderr.contains("artist is not known"), "{}", model.stderr);
    assert_eq!(fs::read_to_string(desk.path("again.csv")).unwrap(), list);
    let kept = audit("list.csv", &[]);
    assert_eq!(kept.code, 2);
    assert!(kept.stderr.contains("--force"), "{}", kept.stderr);
    assert_eq!(audit("list.csv", &["--force", "--all"]).code, 0);
    let all = fs::read_to_string(desk.path("list.csv")).unwrap();
    assert_eq!(
        records(&all).iter().filter(|record| record[1] == "track").count(),
        24
    );
    assert_eq!(audit("list.xls", &[]).code, 2);
    let json: Value = serde_json::from_str(
        &desk
            .ok(&[
                "audit",
                "f.parquet",
                "--labels",
                "flipped.csv",
                "--method",
                "logistic-regression",
                "--json",
            ])
            .stdout,
    )
    .unwrap();
    assert_eq!(json["n_rows"], 24);
    let joint: u64 = json["confident_joint"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(joint, 24);
    assert_eq!(json["entries"].as_array().unwrap().len(), found.len());
}

#[test]
fn the_same_sound_under_two_names_is_one_entry() {
    let desk = Desk::empty();
    desk.tones();
    fs::copy(desk.path("music/2.wav"), desk.path("music/copy.wav")).unwrap();
    let labels = fs::read_to_string(desk.path("labels.csv")).unwrap();
    fs::write(desk.path("labels.csv"), labels + "copy.wav,High,someone else\n").unwrap();
    desk.ok(&[
        "audit",
        "music",
        "--labels",
        "labels.csv",
        "--method",
        "logistic-regression",
        "--out",
        "list.csv",
    ]);
    let list = fs::read_to_string(desk.path("list.csv")).unwrap();
    let first = list.lines().nth(1).unwrap();
    assert!(
        first.starts_with("1,double,2.wav,2,2.wav; copy.wav,High / Low,,1.0,"),
        "{list}"
    );
    assert!(
        first.contains("every feature is equal; with different labels; under 2 artists"),
        "{list}"
    );
}

#[cfg(feature = "tags")]
#[test]
fn files_are_held_against_their_own_tags() {
    let desk = Desk::empty();
    desk.tones();
    desk.refused(
        &["audit", "music"],
        &["none of the 24 files has a genre in its tags"],
    );
    flip(&desk, &(0..24).collect::<Vec<_>>());
    for (labels, out) in [("labels.csv", "right.cdmodel"), ("flipped.csv", "wrong.cdmodel")] {
        desk.ok(&[
            "train",
            "music",
            "--labels",
            labels,
            "--method",
            "logistic-regression",
            "--out",
            out,
        ]);
    }
    let tag = ["classify", "--write-tags", "--format", "json", "--model"];
    desk.ok(&[&tag[..], &["right.cdmodel", "music"]].concat());
    desk.ok(&[&tag[..], &["wrong.cdmodel", "music/4.wav", "--overwrite-genre"]].concat());
    let run = desk.ok(&["audit", "music", "--model", "right.cdmodel", "--out", "list.csv"]);
    assert!(
        run.stdout.contains("judged by a saved logistic-regression"),
        "{}",
        run.stdout
    );
    let list = fs::read_to_string(desk.path("list.csv")).unwrap();
    assert!(
        list.lines()
            .nth(1)
            .unwrap()
            .starts_with("1,track,4.wav,1,4.wav,High,Low,"),
        "{list}"
    );
    assert!(list.contains("sounds like Low"), "{list}");
    // Without a model the files judge each other.
    let run = desk.ok(&[
        "audit",
        "music",
        "--method",
        "logistic-regression",
        "--out",
        "own.csv",
    ]);
    assert!(
        run.stderr.contains("no artist or album is known"),
        "{}",
        run.stderr
    );
    let list = fs::read_to_string(desk.path("own.csv")).unwrap();
    assert!(
        list.lines().nth(1).unwrap().starts_with("1,track,4.wav,"),
        "{list}"
    );
}
