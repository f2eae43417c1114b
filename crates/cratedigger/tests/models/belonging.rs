//! What is said of artists that are not known, or on both sides, before scores are believed.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, number};

/// The ids of a synthetic archive's features.
fn ids(desk: &Desk) -> Vec<String> {
    let text = fs::read_to_string(desk.path("archive/features.csv")).unwrap();
    let first = text.lines().map(|line| line.split(',').next().unwrap());
    first
        .filter(|cell| cell.parse::<u64>().is_ok())
        .map(str::to_owned)
        .collect()
}

/// Labels of two genres, four rows of each after the other, with the artist that is given for the place of a row.
fn label(desk: &Desk, ids: &[String], artist: &dyn Fn(usize) -> String) {
    let mut text = "track_id,genre,artist\n".to_owned();
    for (at, id) in ids.iter().enumerate() {
        text += &format!("{id},{},{}\n", ["Folk", "Rock"][at / 4 % 2], artist(at));
    }
    fs::write(desk.path("labels.csv"), text).unwrap();
}

const DATA: [&str; 7] = [
    "archive/features.csv",
    "--labels",
    "labels.csv",
    "--features",
    "zcr",
    "--method",
    "majority",
];

#[test]
fn unknown_artists_are_told_of() {
    let desk = Desk::new();
    let ids = ids(&desk);
    let n = ids.len();
    assert!(n > 100);
    let two = |at: usize| if at < 2 { format!("a{at}") } else { String::new() };
    label(&desk, &ids, &two);
    let run = desk.ok(&[&["evaluate"], &DATA[..]].concat());
    let unknown = format!("the artist of {} of the {n} rows is not known", n - 2);
    assert!(run.stderr.contains(&unknown), "{}", run.stderr);
    let heading = format!("by artist where it is known (2 of {n} rows)");
    assert!(run.stdout.contains(&heading), "{}", run.stdout);
    assert!(run.stdout.contains("single rows of none"), "{}", run.stdout);
    let scores = desk.json(&[&["evaluate", "--json"], &DATA[..]].concat());
    assert_eq!(number(&scores["n_without_artist"]), (n - 2) as f64);
    desk.ok(&[&["train", "--out", "m.cdmodel"], &DATA[..]].concat());
    let card = desk.json(&["model", "show", "m.cdmodel", "--json"]);
    assert!(card["notes"].to_string().contains("is not known"), "{card}");
    assert!(number(&card["data"]["n_without_artist"]) > 0.0, "{card}");
}

#[test]
fn artists_on_both_sides_are_told_of() {
    let desk = Desk::new();
    let ids = ids(&desk);
    let n = ids.len();
    // Artists of four rows, each written in four ways: known throughout, and nothing to warn of.
    let written = |at: usize| {
        let artist = format!("The {}", at / 4);
        match at % 4 {
            0 => artist,
            1 => format!(" {artist} "),
            2 => artist.to_uppercase(),
            _ => artist.replace(' ', "  "),
        }
    };
    label(&desk, &ids, &written);
    let run = desk.ok(&[&["evaluate"], &DATA[..]].concat());
    assert!(
        !run.stderr.contains("known") && !run.stderr.contains("both"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("5 folds, by artist\n"), "{}", run.stdout);
    let scores = desk.json(&[&["evaluate", "--json"], &DATA[..]].concat());
    assert_eq!(number(&scores["n_groups"]), n.div_ceil(4) as f64);
    // Given folds that cut artists into halves.
    let test: Vec<u64> = ids.iter().step_by(2).map(|id| id.parse().unwrap()).collect();
    fs::write(desk.path("folds.json"), serde_json::to_string(&[test]).unwrap()).unwrap();
    for more in [
        &["evaluate", "--folds", "folds.json"][..],
        &["evaluate", "--split", "random"],
    ] {
        let run = desk.ok(&[more, &DATA[..]].concat());
        let told = "artists have rows both among";
        assert!(run.stderr.contains(told), "{more:?}: {}", run.stderr);
    }
    let given = desk.ok(&[&["evaluate", "--json", "--folds", "folds.json"], &DATA[..]].concat());
    let scores: Value = serde_json::from_str(&given.stdout).unwrap();
    assert_eq!(number(&scores["n_artists_on_both_sides"]), n.div_ceil(4) as f64);
    assert_eq!(number(&scores["n_tested_on_both_sides"]), n.div_ceil(2) as f64);
}

#[test]
fn less_is_kept_together_where_that_is_asked_for_and_a_model_remembers_it() {
    let desk = Desk::new();
    let scores = |group: &str| {
        desk.json(&[
            "evaluate", "archive", "--genres", "top:3", "--method", "majority", "--json", "--group", group,
        ])
    };
    let (artist, album, double) = (scores("artist"), scores("album"), scores("double"));
    assert_eq!(artist["split"], "artist");
    assert_eq!(
        (&album["split"], &double["split"]),
        (&"album".into(), &"double".into())
    );
    assert_eq!(number(&artist["n_artists_on_both_sides"]), 0.0);
    assert!(number(&album["n_artists_on_both_sides"]) > 0.0, "{album}");
    assert_eq!(number(&album["n_albums_on_both_sides"]), 0.0);
    assert!(number(&double["n_albums_on_both_sides"]) > 0.0, "{double}");
    let run = desk.ok(&[
        "evaluate", "archive", "--genres", "top:3", "--method", "majority", "--group", "album",
    ]);
    assert!(run.stdout.contains("5 folds, by album"), "{}", run.stdout);
    desk.train(
        "album.cdmodel",
        &["--method", "logistic-regression", "--group", "album"],
    );
    let again = desk.json(&[
        "evaluate",
        "archive",
        "--genres",
        "top:3",
        "--model",
        "album.cdmodel",
        "--json",
    ]);
    assert_eq!(again["model"]["rows"], "held out");
    desk.refused(
        &["evaluate", "archive", "--group", "genre"],
        &["artist, album, double"],
    );
}
