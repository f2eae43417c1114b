//! Audio beside the tables that tell its genres, several files of features, and neighbours among audio.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, anonymous};

/// 24 clips of two seconds in `music/clips`, with `music/tracks.csv`.
fn clips() -> Desk {
    let desk = Desk::empty();
    let synth = [
        "synth",
        "music",
        "--clips",
        "24",
        "--seconds",
        "2",
        "--sample-rate",
        "22050",
    ];
    desk.ok(&synth);
    desk
}

#[test]
fn clips_beside_their_tables_are_learnt_from_as_their_features_are() {
    let desk = clips();
    desk.ok(&["extract", "music/clips", "--out", "f.csv"]);
    let method = [
        "--method",
        "decision-tree",
        "--split",
        "stratified",
        "--cv",
        "2",
        "--json",
    ];
    let evaluate = |data: &[&str]| {
        let run = desk.ok(&[&["evaluate"], data, &method[..]].concat());
        (
            anonymous(serde_json::from_str::<Value>(&run.stdout).unwrap()),
            run.stderr,
        )
    };
    let (want, _) = evaluate(&["f.csv", "--labels", "music/tracks.csv"]);
    let (found, said) = evaluate(&["music"]);
    assert_eq!(found, want);
    assert!(
        said.contains("music has no features.csv")
            && said.contains("24 audio files")
            && said.contains("--features-out"),
        "{said}"
    );
    // Where the genres may come from, and where the features are kept.
    fs::write(
        desk.path("own.csv"),
        fs::read_to_string(desk.path("f.csv"))
            .unwrap()
            .lines()
            .skip(4)
            .enumerate()
            .fold("track_id,genre\n".to_owned(), |text, (at, line)| {
                let id = line.split(',').next().unwrap();
                text + id + if at % 2 == 0 { ",Even\n" } else { ",Odd\n" }
            }),
    )
    .unwrap();
    let (own, _) = evaluate(&["music", "--labels", "own.csv"]);
    assert_eq!(own["classes"], serde_json::json!(["Even", "Odd"]));
    let (rooted, _) = evaluate(&["music", "--labels", "unambiguous"]);
    assert_eq!(rooted["n_rows"], 24);

    let train = [
        "train",
        "music",
        "--method",
        "logistic-regression",
        "--split",
        "stratified",
        "--test-size",
        "0.4",
    ];
    let kept = ["--features-out", "music/features.csv", "--out", "m.cdmodel"];
    desk.ok(&[&train[..], &kept].concat());
    // Now the folder has its features like any other archive.
    let (later, said) = evaluate(&["music"]);
    assert_eq!(later, want);
    assert!(!said.contains("audio files"), "{said}");
    fs::remove_file(desk.path("music/features.csv")).unwrap();
    let classify = ["classify", "--model", "m.cdmodel", "--format", "csv"];
    let of_table = desk.ok(&[&classify[..], &["f.csv"]].concat()).stdout;
    let of_folder = desk.ok(&[&classify[..], &["music"]].concat()).stdout;
    assert_eq!(of_folder, of_table);
    // Neighbours among audio have the tables' names where there are any.
    let near = |data: &str| {
        let args = [
            &classify[..3],
            &["f.csv", "--format", "json", "--neighbours", data],
        ]
        .concat();
        serde_json::from_str::<Value>(&desk.ok(&args).stdout).unwrap()
    };
    let (of_folder, of_clips) = (near("music"), near("music/clips"));
    let mut n_named = 0;
    for (row, same) in of_folder
        .as_array()
        .unwrap()
        .iter()
        .zip(of_clips.as_array().unwrap())
    {
        let (named, bare) = (&row["neighbours"][0], &same["neighbours"][0]);
        assert_eq!((&named["id"], &named["distance"]), (&row["id"], &0.0.into()));
        assert_eq!((&bare["id"], &bare["title"]), (&row["id"], &Value::Null));
        n_named += usize::from(named["genre"].is_string());
    }
    assert_eq!(n_named, 24);
    let run = desk.ok(&[
        "study",
        "music",
        "--methods",
        "majority",
        "--genre-sets",
        "none",
        "--no-tune",
    ]);
    for part in [
        "cratedigger extract music --out music/features.csv",
        "cratedigger study music",
    ] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}

#[test]
fn several_files_of_features_are_one_data_set() {
    let desk = Desk::empty();
    desk.tones();
    for name in ["low", "high"] {
        fs::create_dir(desk.path(name)).unwrap();
    }
    for i in 0..24 {
        let folder = if i < 11 { "low" } else { "high" };
        let name = format!("{i}.wav");
        fs::copy(desk.path("music").join(&name), desk.path(folder).join(&name)).unwrap();
    }
    for name in ["music", "low", "high"] {
        desk.ok(&["extract", name, "--out", &format!("{name}.parquet")]);
    }
    let evaluate = |data: &[&str]| {
        let more = ["--labels", "labels.csv", "--method", "majority", "--json"];
        anonymous(desk.json(&[&["evaluate"], data, &more[..]].concat()))
    };
    assert_eq!(evaluate(&["low.parquet", "high.parquet"])["n_tested"], 24);
    let labels = ["--labels", "labels.csv"];
    desk.refused(
        &[&["evaluate", "low.parquet", "music.parquet"], &labels[..]].concat(),
        &["two rows of features"],
    );
    desk.ok(&["extract", "low", "--recipe", "librosa", "--out", "l.parquet"]);
    desk.refused(
        &[&["evaluate", "high.parquet", "l.parquet"], &labels[..]].concat(),
        &["l.parquet", "recipe"],
    );
    desk.refused(
        &[&["evaluate", "high.parquet", "low"], &labels[..]].concat(),
        &["one whole data set"],
    );
}
