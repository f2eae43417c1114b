//! Models that know what they have never heard.

use crate::desk::{Desk, number};

/// Two seconds by a rule for each moment, a number and the seconds.
fn sound(of: impl Fn(u32, f32) -> f32) -> Vec<i16> {
    let sample = |i: u32| (of(i, i as f32 / 22_050.0).clamp(-1.0, 1.0) * 32_000.0) as i16;
    (0..44_100).map(sample).collect()
}

/// As random as noise must be.
fn noise(i: u32) -> f32 {
    let mut x = i.wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B;
    for _ in 0..3 {
        x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D);
    }
    x as f32 / u32::MAX as f32 - 0.5
}

fn verdicts(found: &serde_json::Value) -> Vec<&str> {
    let rows = found.as_array().unwrap();
    rows.iter().map(|row| row["verdict"].as_str().unwrap()).collect()
}

#[test]
fn silence_noise_tones_and_speech_are_unknown_to_a_model_of_music() {
    let desk = Desk::empty();
    let clips = ["--seconds", "2", "--sample-rate", "22050", "--channels", "mono"];
    desk.ok(&[&["synth", "music", "--clips", "400", "--seed", "1"], &clips[..]].concat());
    let train = [
        "train",
        "music.parquet",
        "--labels",
        "music/tracks.csv",
        "--genres",
        "Electronic,Rock,Folk,Classical,Hip-Hop,Jazz",
        "--method",
        "logistic-regression",
        "--unknown",
        "0.05",
        "--out",
        "music.cdmodel",
    ];
    desk.ok(&["extract", "music/clips", "--out", "music.parquet"]);
    desk.ok(&train);
    let tau = std::f32::consts::TAU;
    let odd = [
        ("silence", sound(|_, _| 0.0)),
        ("noise", sound(|i, _| 0.6 * noise(i))),
        ("hiss", sound(|i, _| 0.02 * noise(i))),
        ("low tone", sound(|_, t| 0.5 * (tau * 110.0 * t).sin())),
        ("tone", sound(|_, t| 0.5 * (tau * 440.0 * t).sin())),
        ("high tone", sound(|_, t| 0.3 * (tau * 5000.0 * t).sin())),
        ("buzz", sound(|_, t| 0.3 * (tau * 220.0 * t).sin().signum())),
        ("clicks", sound(|i, _| f32::from(u8::from(i % 5512 == 0)))),
    ];
    for (name, samples) in &odd {
        desk.wav(&format!("odd/{name}.wav"), samples);
    }
    let said = |data: &str, more: &[&str]| {
        let base = ["classify", "--model", "music.cdmodel", data, "--format", "json"];
        desk.json(&[&base[..], more].concat())
    };
    // However sure the model is.
    let found = said("odd", &["--threshold", "0"]);
    assert_eq!(verdicts(&found), ["unknown"; 8], "{found:#}");
    for row in found.as_array().unwrap() {
        assert!(row["genre"].is_null() && number(&row["novelty"]) > 1.0, "{row}");
    }
    // Nobody talked in what it learnt: what is unlike music in one family of the features alone is found by families.
    let all = said("music.parquet", &[]);
    let labels = std::fs::read_to_string(desk.path("music/tracks.csv")).unwrap();
    // A field in quotes may have several lines.
    let mut quoted = false;
    let ends = |c: char| {
        quoted ^= c == '"';
        c == '\n' && !quoted
    };
    let spoken: Vec<&str> = labels
        .split(ends)
        .filter(|line| line.contains(",Spoken,"))
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(spoken.len(), 50, "clips take turns in eight styles");
    let (mut n_spoken, mut n_others) = (0, 0);
    for row in all.as_array().unwrap() {
        if row["verdict"] == "unknown" {
            let is_spoken = spoken.contains(&row["id"].to_string().trim_matches('"'));
            *(if is_spoken { &mut n_spoken } else { &mut n_others }) += 1;
        }
    }
    assert!(n_spoken >= 40, "{n_spoken} of 50");
    // Six genres that were learnt, and one more of music that was not.
    assert!(n_others <= 15 + 50, "{n_others} of 350");

    let card = desk.json(&["model", "show", "music.cdmodel", "--json"]);
    let criterion = &card["unknown"]["criterion"];
    assert_eq!(number(&criterion["false_alarm"]), 0.05);
    assert_eq!(
        (
            &criterion["by_artist"],
            criterion["trials"].as_array().unwrap().len()
        ),
        (&true.into(), 4)
    );
    let tested = &card["unknown"]["test"];
    assert_eq!(number(&tested["n_rows"]), number(&card["scores"]["n_test"]));
    assert!(
        number(&tested["n_unknown"]) <= 0.25 * number(&tested["n_rows"]),
        "{tested}"
    );
    let shown = desk.ok(&["model", "show", "music.cdmodel"]).stdout;
    assert!(
        shown.contains("AUROC of genres left out, families: mean "),
        "{shown}"
    );
    let csv = ["classify", "--model", "music.cdmodel", "odd", "--format", "csv"];
    let csv = desk.ok(&csv).stdout;
    assert!(csv.lines().next().unwrap().ends_with(",verdict,novelty"), "{csv}");
    let table = desk.ok(&["classify", "--model", "music.cdmodel", "odd"]).stdout;
    assert_eq!(
        table.matches("unlike all that was learnt; likeliest: ").count(),
        8,
        "{table}"
    );
    if cfg!(feature = "tags") {
        let found = said("odd", &["--write-tags"]);
        assert!(
            found
                .as_array()
                .unwrap()
                .iter()
                .all(|row| row["tag"]["outcome"] == "unknown"),
            "{found}"
        );
        assert_eq!(
            std::fs::read_dir(desk.path("odd")).unwrap().count(),
            8,
            "no backups"
        );
    }
}

#[test]
fn evaluate_tells_the_share_unknown_and_tune_carries_the_option() {
    let desk = Desk::new();
    desk.train("plain.cdmodel", &["--method", "logistic-regression"]);
    desk.train(
        "careful.cdmodel",
        &["--method", "logistic-regression", "--unknown", "0.1"],
    );
    let card = |model: &str| desk.json(&["model", "show", model, "--json"]);
    let scored = |model: &str| desk.json(&["evaluate", "archive", "--model", model, "--json"]);
    // The rows that the model's own split held out are those that its card reports.
    let found = scored("careful.cdmodel");
    assert_eq!(found["model"]["rows"], "held out");
    assert_eq!(
        found["model"]["unknown"],
        card("careful.cdmodel")["unknown"]["test"]
    );
    assert!(number(&found["model"]["unknown"]["n_rows"]) > 0.0, "{found}");
    let plain = scored("plain.cdmodel");
    assert!(plain["model"]["unknown"].is_null(), "{plain}");
    assert_eq!(
        plain["accuracy"], found["accuracy"],
        "unknown rows are scored too"
    );
    let line = "unlike all that it has learnt (unknown): ";
    let text = |model: &str| desk.ok(&["evaluate", "archive", "--model", model]).stdout;
    assert!(text("careful.cdmodel").contains(line));
    assert!(!text("plain.cdmodel").contains(line));

    let space = desk.path("space.toml");
    std::fs::write(space, "max_depth = [2, 4]\n").unwrap();
    let tune = [
        "tune",
        "archive",
        "--method",
        "decision-tree",
        "--space",
        "space.toml",
        "--cv",
        "3",
        "--out",
        "tuned.cdmodel",
    ];
    desk.refused(
        &[&tune[..], &["--unknown", "0.0001"]].concat(),
        &["--unknown", "9999 training rows"],
    );
    assert!(!desk.path("tuned.cdmodel").exists());
    desk.ok(&[&tune[..], &["--unknown", "0.1", "--restart"]].concat());
    let tuned = card("tuned.cdmodel");
    let unknown = &tuned["unknown"];
    assert_eq!(unknown["criterion"]["n_rows"], tuned["data"]["n_rows"]);
    assert_eq!(
        number(&unknown["test"]["n_rows"]),
        0.0,
        "no rows were left to report"
    );
    let shown = desk.ok(&["model", "show", "tuned.cdmodel"]).stdout;
    assert!(
        shown.contains("what is farther from all training rows") && !shown.contains("reported: "),
        "{shown}"
    );
    let said = [
        "classify",
        "--model",
        "tuned.cdmodel",
        "archive",
        "--format",
        "json",
    ];
    let said = desk.json(&said);
    assert!(
        said.as_array()
            .unwrap()
            .iter()
            .all(|row| row["novelty"].is_number()),
        "{said}"
    );
}

#[test]
fn a_rate_that_cannot_be_kept_is_refused_and_a_second_fit_is_told() {
    let desk = Desk::new();
    let base = [
        "train",
        "archive",
        "--method",
        "logistic-regression",
        "--out",
        "x.cdmodel",
    ];
    let train = |more: &[&'static str]| [&base, more].concat();
    desk.refused(&train(&["--unknown", "0"]), &["--unknown"]);
    desk.refused(&train(&["--unknown", "1.5"]), &["--unknown"]);
    desk.refused(
        &train(&["--unknown", "0.0001"]),
        &["--unknown", "9999 training rows"],
    );
    assert!(!desk.path("x.cdmodel").exists());
    desk.ok(&train(&["--unknown", "0.1", "--refit"]));
    let card = desk.json(&["model", "show", "x.cdmodel", "--json"]);
    assert_eq!(card["unknown"]["criterion"]["n_rows"], card["data"]["n_rows"]);
    assert!(
        card["notes"]
            .to_string()
            .contains("unknown was measured by the first fit"),
        "{card}"
    );
    desk.ok(&train(&["--force"]));
    let card = desk.json(&["model", "show", "x.cdmodel", "--json"]);
    assert!(card.get("unknown").is_none());
}
