//! All genres of a track: `evaluate --labels genres_all`.

use serde_json::Value;

use crate::desk::{Desk, number, timeless};

fn evaluate(desk: &Desk, labels: &str, more: &[&str]) -> Value {
    let args = [
        "evaluate",
        "archive",
        "--labels",
        labels,
        "--min-support",
        "12",
        "--json",
    ];
    let mut found = desk.json(&[&args[..], more].concat());
    for method in found["methods"].as_array_mut().unwrap() {
        *method = timeless(method.take());
    }
    found
}

#[test]
fn all_genres_of_a_track_are_named_along_their_tree() {
    let desk = Desk::new();
    let methods = [
        "--method",
        "logistic-regression,gradient-boosting,mlp",
        "--cv",
        "3",
    ];
    let found = evaluate(&desk, "genres_all", &methods);
    let genres = found["genres"].as_array().unwrap();
    let parents = found["parents"].as_array().unwrap();
    assert!(
        genres.len() > 5 && parents.iter().any(|parent| parent.is_number()),
        "{genres:?}"
    );
    assert!(!found["left_out"].as_array().unwrap().is_empty());
    for left_out in found["left_out"].as_array().unwrap() {
        assert!(
            number(&left_out["n_rows"]) < 12.0 || number(&left_out["n_groups"]) < 5.0,
            "{left_out}"
        );
    }
    for method in found["methods"].as_array().unwrap() {
        let of_genres = method["genres"].as_array().unwrap();
        assert_eq!(of_genres.len(), genres.len());
        // Means and levels by hand from the genres.
        let mean = |of: &dyn Fn(&&Value) -> bool| {
            let chosen: Vec<f64> = of_genres
                .iter()
                .filter(of)
                .map(|genre| number(&genre["average_precision"]))
                .collect();
            chosen.iter().sum::<f64>() / chosen.len() as f64
        };
        let near = |got: &Value, want: f64| assert!((number(got) - want).abs() < 1e-12, "{got} {want}");
        near(&method["average_precision"]["macro"], mean(&|_| true));
        near(
            &method["average_precision_by_level"][0]["macro"],
            mean(&|genre| genre["level"] == 0),
        );
        let chance = of_genres
            .iter()
            .map(|genre| number(&genre["prevalence"]))
            .sum::<f64>()
            / of_genres.len() as f64;
        assert!(
            number(&method["average_precision"]["macro"]) > chance + 0.02,
            "{method}"
        );
        assert!(number(&method["roc_auc"]["macro"]) > 0.52, "{method}");
        assert_eq!(of_genres[0]["thresholds"].as_array().unwrap().len(), 3);
    }
    assert_eq!(
        found,
        evaluate(&desk, "genres_all", &[&methods[..], &["--jobs", "1"]].concat())
    );
    // What was chosen for a track, without a tree.
    let own = evaluate(
        &desk,
        "genres",
        &["--method", "logistic-regression", "--split", "official"],
    );
    assert!(own["parents"].as_array().unwrap().iter().all(Value::is_null));
    assert_eq!(own["n_folds"], 1);
    let shown = desk.ok(&[
        "evaluate",
        "archive",
        "--labels",
        "genres_all",
        "--method",
        "logistic-regression",
    ]);
    for words in ["label ranking", "hierarchical", "average precision of chance"] {
        assert!(shown.stdout.contains(words), "{words} in\n{}", shown.stdout);
    }
    assert!(shown.stderr.contains("are not learnt"), "{}", shown.stderr);
}

#[test]
fn several_genres_are_refused_where_a_track_has_one() {
    let desk = Desk::new();
    desk.refused(
        &["train", "archive", "--labels", "genres_all", "--out", "m.cdmodel"],
        &["several genres"],
    );
    let evaluate = ["evaluate", "archive", "--labels", "genres_all"];
    let with = |more: &[&'static str]| [&evaluate[..], more].concat();
    desk.refused(&with(&["--min-support", "1000"]), &["none of the", "1000 rows"]);
    desk.refused(&with(&["--genres", "top:3"]), &["--genres"]);
    desk.refused(
        &with(&["--method", "linear-svc"]),
        &["linear-svc", "probabilities"],
    );
    desk.refused(&with(&["--min-support", "0"]), &["--min-support"]);
    desk.tones();
    desk.refused(
        &["evaluate", "music", "--labels", "genres_all"],
        &["dataset's tables"],
    );
}
