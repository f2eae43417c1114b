//! Recordings that are changed and answered again; scores by kinds of track.

use serde_json::Value;

use crate::desk::{Desk, number, timeless};

/// What was found of a change.
fn change<'a>(scores: &'a Value, name: &str, strength: Option<f64>) -> &'a Value {
    let changes = scores["perturbed"]["changes"].as_array().unwrap();
    let found = changes
        .iter()
        .find(|of| of["change"] == name && of["strength"].as_f64() == strength);
    found.unwrap_or_else(|| panic!("{name} {strength:?} in {changes:?}"))
}

/// Whether the counts of a change add up.
fn adds_up(of: &Value, n: f64) {
    let found = &of["found"];
    assert_eq!(number(&found["n"]), n, "{of}");
    let sum = |of: &Value, field: &str| -> f64 {
        of.as_array()
            .unwrap()
            .iter()
            .map(|entry| number(&entry[field]))
            .sum()
    };
    let classes = &found["per_class"];
    assert_eq!(sum(classes, "n"), n);
    assert_eq!(sum(classes, "n_flipped"), number(&found["n_flipped"]));
    assert_eq!(sum(&found["flips"], "n"), number(&found["n_flipped"]));
    let difference = sum(classes, "n_right_after") - sum(classes, "n_right_before");
    assert_eq!(
        difference,
        number(&found["n_gained"]) - number(&found["n_lost"]),
        "{of}"
    );
    assert!((difference / n - number(&found["difference"])).abs() < 1e-12);
    let after = number(&found["accuracy_after"]) - number(&found["accuracy_before"]);
    assert!((after - number(&found["difference"])).abs() < 1e-12);
    let interval = &found["interval"];
    let inside = number(&interval["low"]) <= after && after <= number(&interval["high"]);
    assert!(inside, "{of}");
}

#[test]
fn changed_recordings_are_answered_again_by_the_models_of_their_folds() {
    let desk = Desk::empty();
    desk.tones();
    let base = [
        "evaluate",
        "music",
        "--labels",
        "labels.csv",
        "--method",
        "logistic-regression,decision-tree",
        "--cv",
        "4",
        "--json",
    ];
    let changes = "none,gain:-6,noise:0,resample:8000,excerpt:0.5,excerpt:0.001,codec:16";
    let both = desk.json(&[&base[..], &["--perturb", changes]].concat());
    let plain = desk.json(&base);
    for (scores, plain) in both["methods"]
        .as_array()
        .unwrap()
        .iter()
        .zip(plain["methods"].as_array().unwrap())
    {
        assert_eq!(
            (
                scores["perturbed"]["n_recordings"].as_u64(),
                scores["perturbed"]["n_tested"].as_u64()
            ),
            (Some(24), Some(24))
        );
        let none = change(scores, "none", None);
        adds_up(none, 24.0);
        assert_eq!(
            (number(&none["found"]["n_flipped"]), number(&none["n_failed"])),
            (0.0, 0.0)
        );
        assert_eq!(none["found"]["accuracy_before"], plain["accuracy"]);
        for (name, strength) in [
            ("gain", -6.0),
            ("noise", 0.0),
            ("resample", 8000.0),
            ("excerpt", 0.5),
            ("codec", 16.0),
        ] {
            adds_up(change(scores, name, Some(strength)), 24.0);
        }
        // What is too short for features is counted, and takes no part.
        let too_short = change(scores, "excerpt", Some(0.001));
        assert_eq!(number(&too_short["n_failed"]), 24.0);
        assert!(too_short["found"].is_null());
        // Without the changes, all is as it was.
        let mut rest = timeless(scores.clone());
        rest["perturbed"] = Value::Null;
        assert_eq!(rest, timeless(plain.clone()));
    }
    // As loud as the tone, noise is another sound.
    let trees = change(&both["methods"][1], "noise", Some(0.0));
    assert!(number(&trees["found"]["n_flipped"]) > 0.0, "{trees}");

    // One thread, and no helpers: the same.
    let one = desk.json(
        &[
            &base[..],
            &["--perturb", "noise:0,codec:16", "--jobs", "1", "--in-process"],
        ]
        .concat(),
    );
    for (name, strength) in [("noise", 0.0), ("codec", 16.0)] {
        for method in 0..2 {
            let found =
                |all: &Value| change(&all["methods"][method], name, Some(strength))["found"]["flips"].clone();
            assert_eq!(found(&one), found(&both), "{name}");
        }
    }
}

#[test]
fn a_saved_model_is_held_against_changed_recordings_of_its_held_out_rows() {
    let desk = Desk::empty();
    desk.tones();
    let data = ["music", "--labels", "labels.csv"];
    desk.ok(&["extract", "music", "--out", "tones.parquet"]);
    let train = ["--method", "logistic-regression", "--out", "tones.cdmodel"];
    desk.ok(&[&["train"], &data[..], &train].concat());
    let found = desk.json(
        &[
            &["evaluate"],
            &data[..],
            &[
                "--model",
                "tones.cdmodel",
                "--perturb",
                "none,lowpass:1000",
                "--json",
            ],
        ]
        .concat(),
    );
    let n = number(&found["n_tested"]);
    assert_eq!(found["model"]["rows"], "held out");
    adds_up(change(&found, "none", None), n);
    adds_up(change(&found, "lowpass", Some(1000.0)), n);
    assert_eq!(number(&change(&found, "none", None)["found"]["n_flipped"]), 0.0);

    // The same rows out of a file of features, with the recordings beside it: a control goes before.
    let table = [
        "evaluate",
        "tones.parquet",
        "--labels",
        "labels.csv",
        "--model",
        "tones.cdmodel",
    ];
    let beside = desk.json(
        &[
            &table[..],
            &["--perturb", "lowpass:1000", "--audio", "music", "--json"],
        ]
        .concat(),
    );
    assert_eq!(beside["perturbed"], found["perturbed"]);
    let text = desk
        .ok(&[&table[..], &["--perturb", "lowpass:1000", "--audio", "music"]].concat())
        .stdout;
    for words in [
        "recordings, changed",
        "lowpass 1000 Hz",
        "None of the changes changes the genre",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    desk.refused(&[&table[..], &["--perturb", "gain"]].concat(), &["tones.parquet"]);
    desk.refused(
        &[&table[..], &["--perturb", "loud"]].concat(),
        &["--perturb", "lowpass"],
    );
    desk.refused(
        &[&table[..], &["--perturb", "codec:1"]].concat(),
        &["from 6 to 510"],
    );
    desk.refused(&[&table[..], &["--audio", "music"]].concat(), &["--perturb"]);
    desk.tone("others/a.wav", 100.0);
    desk.refused(
        &[&table[..], &["--perturb", "gain", "--audio", "others"]].concat(),
        &["none of its recordings", "a.wav"],
    );
}

#[test]
fn scores_by_kinds_of_track_add_up_and_name_what_is_not_known() {
    let desk = Desk::new();
    let base = [
        "evaluate",
        "archive",
        "--genres",
        "top:3",
        "--method",
        "logistic-regression",
    ];
    let promises = ["--max-risk", "0.6", "--coverage", "0.8"];
    let by = ["--by", "continent,language,year,bit_rate"];
    let found = desk.json(&[&base[..], &promises, &by, &["--json"]].concat());
    for kind in ["continent", "language", "year", "bit_rate"] {
        let parts = found["by"][kind].as_array().unwrap();
        let sum = |of: &dyn Fn(&Value) -> f64| parts.iter().map(of).sum::<f64>();
        let n = number(&found["n_tested"]);
        assert_eq!(sum(&|part| number(&part["n"])), n, "{kind}");
        let right = sum(&|part| (number(&part["accuracy"]) * number(&part["n"])).round());
        assert_eq!(right, (number(&found["accuracy"]) * n).round(), "{kind}");
        let answered = sum(&|part| number(&part["answers"]["n_answered"]));
        assert_eq!(answered, number(&found["answers"]["n_answered"]), "{kind}");
        let held = |sets: &Value| (number(&sets["plain"]["coverage"]) * number(&sets["plain"]["n"])).round();
        assert_eq!(sum(&|part| held(&part["sets"])), held(&found["sets"]), "{kind}");
        let known = parts.iter().filter(|part| part["label"] != "not known").count();
        assert!(known > 1, "{kind}: {parts:?}");
        for part in parts {
            let few = number(&part["n_artists"]) < 5.0;
            assert_eq!(part["accuracy_interval"].is_null(), few, "{kind}: {part}");
        }
    }
    let languages = found["by"]["language"].as_array().unwrap();
    assert_eq!(languages.last().unwrap()["label"], "not known");
    let text = desk.ok(&[&base[..], &promises, &by].concat()).stdout;
    for words in [
        "by continent",
        "by bit rate",
        "not known",
        "wrong of these",
        "sets hold it",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    // Without promises there are no such columns; without tables there is nothing to tell rows apart by.
    let text = desk.ok(&[&base[..], &["--by", "year"]].concat()).stdout;
    assert!(
        text.contains("by year") && !text.contains("sets hold it"),
        "{text}"
    );
    desk.refused(&[&base[..], &["--by", "genre"]].concat(), &["--by", "continent"]);
    desk.tones();
    desk.refused(
        &[
            "evaluate",
            "music",
            "--labels",
            "labels.csv",
            "--by",
            "year",
            "--method",
            "decision-tree",
        ],
        &["--by", "tables"],
    );
}
