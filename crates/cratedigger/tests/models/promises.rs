//! Models that promise: few wrong answers, sets that hold the genre.

use crate::desk::{Desk, number};

#[test]
fn a_promise_is_kept_on_artists_apart_and_classify_goes_by_it() {
    let desk = Desk::empty();
    desk.ok(&["synth", "archive", "--tracks", "3000"]);
    let promise = [
        "--method",
        "linear-svc",
        "--param",
        "C=0.0001",
        "--calibrate",
        "--max-risk",
        "0.5",
        "--coverage",
        "0.8",
        "--test-size",
        "0.5",
    ];
    desk.train("sure.cdmodel", &promise);
    let card = desk.json(&["model", "show", "sure.cdmodel", "--json"]);
    let (risk, sets) = (&card["risk"], &card["sets"]);
    assert_eq!(
        (number(&risk["max_risk"]), number(&risk["confidence"])),
        (0.5, 0.95)
    );
    assert!(number(&risk["bound"]) <= 0.5 && number(&risk["calibration"]["risk"]) < number(&risk["bound"]));
    assert_eq!(risk["threshold"], card["threshold"]);
    assert!(number(&risk["calibration"]["n_artists"]) >= 5.0);
    assert_eq!(number(&risk["test"]["n_rows"]), number(&card["scores"]["n_test"]));
    assert_eq!(number(&sets["calibration"]["coverage"]), 0.8);
    let shown = desk.ok(&["model", "show", "sure.cdmodel"]).stdout;
    assert!(
        shown.contains("at most 50 % of the answers wrong, with a confidence of 95 %"),
        "{shown}"
    );
    assert!(shown.contains("the true genre is in 80 % of them"), "{shown}");

    // The same rows again: what was measured comes out again.
    let found = desk.json(&["evaluate", "archive", "--model", "sure.cdmodel", "--json"]);
    assert_eq!(number(&found["answers"]["risk"]), number(&risk["test"]["risk"]));
    assert_eq!(
        number(&found["answers"]["coverage"]),
        number(&risk["test"]["coverage"])
    );
    assert_eq!(
        number(&found["sets"]["plain"]["coverage"]),
        number(&sets["test"]["coverage"])
    );
    assert_eq!(
        number(&found["sets"]["per_class"]["mean_size"]),
        number(&sets["test_per_class"]["mean_size"])
    );
    assert!(found["risk_coverage"]["accuracy_at"].as_array().unwrap().len() == 5);

    let said = desk.json(&[
        "classify",
        "--model",
        "sure.cdmodel",
        "archive",
        "--format",
        "json",
    ]);
    let threshold = number(&card["threshold"]);
    let quantile = number(&sets["calibration"]["quantile"]);
    let (mut named, mut uncertain) = (0, 0);
    for row in said.as_array().unwrap() {
        let sure = number(&row["probability"]) >= threshold;
        assert_eq!(row["verdict"], if sure { "named" } else { "uncertain" });
        assert_eq!(row["genre"].is_null(), !sure);
        *(if sure { &mut named } else { &mut uncertain }) += 1;
        let set: Vec<&str> = row["set"]["genres"]
            .as_array()
            .unwrap()
            .iter()
            .map(|genre| genre.as_str().unwrap())
            .collect();
        for (genre, p) in row["probabilities"].as_object().unwrap() {
            assert_eq!(
                set.contains(&genre.as_str()),
                1.0 - number(p) <= quantile,
                "{row}"
            );
        }
    }
    assert!(named > 0 && uncertain > 0, "{named} {uncertain}");
    let csv = desk
        .ok(&[
            "classify",
            "--model",
            "sure.cdmodel",
            "archive",
            "--format",
            "csv",
        ])
        .stdout;
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .ends_with(",verdict,set,set_per_class"),
        "{csv}"
    );
    let table = desk
        .ok(&["classify", "--model", "sure.cdmodel", "archive"])
        .stdout;
    assert!(table.contains("    set      80 %: "), "{table}");
}

#[test]
fn a_promise_that_cannot_be_kept_writes_no_model() {
    let desk = Desk::new();
    let train = |more: &[&'static str]| {
        let base = [
            "train",
            "archive",
            "--method",
            "linear-svc",
            "--out",
            "no.cdmodel",
        ];
        [&base, more].concat()
    };
    desk.refused(
        &train(&["--calibrate", "--max-risk", "0.0001"]),
        &["no probability is high enough", "--test-size"],
    );
    desk.refused(
        &train(&["--coverage", "0.9"]),
        &["no probabilities", "--calibrate"],
    );
    desk.refused(
        &train(&["--max-risk", "0.1", "--threshold", "0.5"]),
        &["--threshold"],
    );
    desk.refused(&train(&["--max-risk", "1"]), &["--max-risk"]);
    desk.refused(
        &train(&["--max-risk", "0.1", "--confidence", "0.5"]),
        &["--confidence"],
    );
    desk.refused(&train(&["--confidence", "0.9"]), &["--max-risk"]);
    assert!(!desk.path("no.cdmodel").exists());
}

#[test]
fn evaluate_measures_promises_of_every_method() {
    let desk = Desk::new();
    let one = [
        "evaluate",
        "archive",
        "--method",
        "logistic-regression",
        "--max-risk",
        "0.5",
        "--confidence",
        "0.8",
        "--coverage",
        "0.8",
    ];
    let found = desk.json(&[&one[..], &["--cv", "3", "--json"]].concat());
    assert_eq!(found["answers"]["thresholds"].as_array().unwrap().len(), 6);
    assert_eq!(found["calibrated"]["temperatures"].as_array().unwrap().len(), 6);
    let coverage = number(&found["sets"]["plain"]["coverage"]);
    assert!((0.65..0.95).contains(&coverage), "{coverage}");
    let all = &found["risk_coverage"]["accuracy_at"][4];
    assert!(
        (number(&all["accuracy"]) - number(&found["accuracy"])).abs() < 1e-12,
        "{all}"
    );
    assert_eq!(all["answered"], 1.0);
    let text = desk.ok(&one).stdout;
    for part in [
        "AURC",
        "answers for at most 50 % wrong, confidence 80 %",
        "by the rows of each genre",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let several = desk
        .ok(&[
            "evaluate",
            "archive",
            "--method",
            "majority,logistic-regression",
            "--coverage",
            "0.8",
            "--cv",
            "2",
        ])
        .stdout;
    assert!(several.contains("\n  majority:\n"), "{several}");
    let run = desk.json(&[
        "evaluate", "archive", "--method", "majority", "--cv", "2", "--json",
    ]);
    assert!(run["answers"].is_null() && run["sets"].is_null());
    assert!(run["risk_coverage"]["aurc"].is_number());
    desk.refused(
        &["evaluate", "archive", "--sources", "each", "--coverage", "0.8"],
        &["--coverage"],
    );
}
