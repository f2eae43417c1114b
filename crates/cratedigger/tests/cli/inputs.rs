//! What is set beside the features, what it adds, and ensembles of both.

use cratedigger_catalog::feature_table::{FeatureFormat, FeatureWriter, RowId};
use cratedigger_learn::model::EmbeddingCard;
use serde_json::Value;

use crate::desk::Desk;

const INPUTS: [&str; 8] = [
    "archive",
    "--genres",
    "top:3",
    "--features",
    "mfcc",
    "--inputs",
    "place,year,language",
    "--jobs=2",
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn inputs_stand_beside_the_features_and_a_stack_takes_them_apart() {
    let desk = Desk::empty();
    desk.archive("archive", "500", &["--no-echonest"]);
    let stack = "estimators=logistic-regression@518; logistic-regression(C=0.1)@place,year,language";
    let common = [
        &["evaluate"],
        &INPUTS[..],
        &["--cv", "3", "--json", "--method", "stacking", "--param", stack],
    ]
    .concat();
    let run = desk.ok(&common);
    assert!(run.stderr.contains("place is known of "), "{}", run.stderr);
    let scores = json(&run.stdout);
    // 140 statistics, two places, three years, a language.
    assert_eq!(scores["n_features"], 146);
    assert!(scores["top_2_accuracy"].as_f64().unwrap() > 0.5, "{scores}");
    // Every method takes the same columns.
    let run = desk.ok(&[
        &["evaluate"],
        &INPUTS[..],
        &["--cv", "2", "--json", "--method", "decision-tree"],
    ]
    .concat());
    assert_eq!(json(&run.stdout)["n_features"], 146);
    let run = desk.run(&["evaluate", "archive", "--inputs", "places"]);
    assert!(run.code == 2 && run.stderr.contains("bit_rate"), "{}", run.stderr);
    let unknown = "estimators=mlp@rhythm";
    let run = desk.run(
        &[
            &["evaluate"],
            &INPUTS[..],
            &["--method", "stacking", "--param", unknown],
        ]
        .concat(),
    );
    assert!(run.code == 2 && run.stderr.contains("`rhythm`"), "{}", run.stderr);
}

#[test]
fn a_model_of_inputs_classifies_tables_and_files_that_know_none() {
    let desk = Desk::empty();
    desk.archive("archive", "500", &["--no-echonest"]);
    let stack = "estimators=logistic-regression@518; decision-tree(max_depth=4)@place,year,language";
    for (name, method) in [
        ("plain.cdmodel", vec!["logistic-regression"]),
        ("stack.cdmodel", vec!["stacking", "--param", stack]),
    ] {
        let train = [
            &["train"],
            &INPUTS[..],
            &["--out", name, "--calibrate", "--method"],
            &method[..],
        ]
        .concat();
        desk.ok(&train);
        let score = desk.ok(&["evaluate", "archive", "--model", name, "--json"]);
        assert_eq!(
            json(&score.stdout)["model"]["rows"],
            "held out",
            "{}",
            score.stdout
        );
        let tables = desk.ok(&["classify", "archive", "--model", name, "--format", "csv"]);
        // The same rows as a file of features, which knows neither places nor years.
        let alone = desk.ok(&[
            "classify",
            "archive/features.csv",
            "--model",
            name,
            "--format",
            "csv",
        ]);
        assert_eq!(tables.stdout.lines().count(), alone.stdout.lines().count());
        assert_ne!(tables.stdout, alone.stdout, "what is known of a track has a say");
        // With the tables for labels it knows them again.
        let labelled = [
            "evaluate",
            "archive/features.csv",
            "--labels",
            "archive",
            "--model",
            name,
            "--json",
        ];
        let again = desk.ok(&labelled);
        assert_eq!(json(&again.stdout)["accuracy"], json(&score.stdout)["accuracy"]);
    }
}

#[test]
fn sources_are_compared_with_the_first_set() {
    let desk = Desk::empty();
    desk.archive("archive", "500", &["--no-echonest"]);
    let common = [
        &["evaluate"],
        &INPUTS[..],
        &["--cv", "3", "--method", "logistic-regression"],
    ]
    .concat();
    let each = [&common[..], &["--sources", "each"]].concat();
    let run = desk.ok(&each);
    for line in ["features+place", "features+place+year+language", "  to features"] {
        assert!(run.stdout.contains(line), "{}", run.stdout);
    }
    let verdicts = [
        "adds to it",
        "makes it worse",
        "adds nothing that can be told from chance",
    ];
    let told = |set: &str| {
        let line = run
            .stdout
            .lines()
            .find(|line| line.starts_with(&format!("  {set} ")) && line.ends_with("(by accuracy)."));
        line.is_some_and(|line| verdicts.iter().any(|verdict| line.contains(verdict)))
    };
    assert!(
        told("features+place") && told("features+language"),
        "{}",
        run.stdout
    );
    let found = json(&desk.ok(&[&each[..], &["--json"]].concat()).stdout);
    let sources = found["sources"].as_array().unwrap();
    assert_eq!((sources.len(), sources[0]["gain"].is_null()), (5, true));
    let gain = sources[1]["accuracy"].as_f64().unwrap() - sources[0]["accuracy"].as_f64().unwrap();
    let told = sources[1]["gain"]["accuracy"]["difference"].as_f64().unwrap();
    assert!((gain - told).abs() < 1e-12);
    let sets = [&common[..], &["--sources", "518; 518+place", "--json"]].concat();
    assert_eq!(json(&desk.ok(&sets).stdout)["sources"][1]["families"][1], "place");
    assert_eq!(
        desk.run(&[&common[..], &["--sources", "518; 518+sea"]].concat())
            .code,
        2
    );
}

#[test]
fn a_model_says_of_which_embedding_its_inputs_are() {
    let desk = Desk::empty();
    desk.archive("archive", "300", &["--no-echonest"]);
    let features = std::fs::read_to_string(desk.path("archive/features.csv")).unwrap();
    let ids: Vec<i64> = features
        .lines()
        .filter_map(|line| line.split(',').next()?.parse().ok())
        .collect();
    assert!(ids.len() > 200);
    let write = |name: &str, hash: &str| {
        let card = EmbeddingCard {
            name: "own".to_owned(),
            hash: hash.to_owned(),
            n_columns: 1,
            licence: "CC-BY-4.0".to_owned(),
            pretrained_on: vec!["FMA".to_owned()],
            trained_on_fma: true,
            ..EmbeddingCard::default()
        };
        let cards = cratedigger_collection::embedding::write(&[card]).unwrap();
        let columns = ["embedding.own.001".to_owned()];
        let (path, format) = (desk.path(name), FeatureFormat::Parquet);
        let mut file =
            FeatureWriter::with_embeddings(&path, format, &columns, "fma", cards.as_deref(), true).unwrap();
        for &id in &ids[..200] {
            file.push(&RowId::Track(id), &[(id * 7_919 % 13) as f64]).unwrap();
        }
        file.finish().unwrap();
    };
    write("own.parquet", "abc");
    write("other.parquet", "def");
    let common = ["archive", "--genres", "top:3", "--features", "mfcc", "--jobs=2"];
    let train = [
        "--inputs",
        "own.parquet",
        "--method",
        "decision-tree",
        "--out",
        "own.cdmodel",
    ];
    let told = desk.ok(&[&["train"], &common[..], &train].concat());
    assert!(
        told.stdout.contains("itself trained on the FMA"),
        "{}",
        told.stdout
    );
    let card = json(&desk.ok(&["model", "show", "own.cdmodel", "--json"]).stdout);
    let embedding = &card["embeddings"][0];
    assert_eq!(
        (&embedding["hash"], &embedding["licence"]),
        (&"abc".into(), &"CC-BY-4.0".into())
    );
    assert_eq!(embedding["pretrained_on"], serde_json::json!(["FMA"]));
    let score = ["--model", "own.cdmodel", "--json"];
    // the same, and none: what is set beside features may be missing
    let same = desk.ok(&[&["evaluate", "archive", "--inputs", "own.parquet"], &score[..]].concat());
    assert!(
        same.stderr.contains("itself trained on the FMA"),
        "{}",
        same.stderr
    );
    assert_eq!(json(&same.stdout)["embeddings"][0]["hash"], "abc");
    desk.ok(&[&["evaluate", "archive"], &score[..]].concat());
    let other = desk.run(&[&["evaluate", "archive", "--inputs", "other.parquet"], &score[..]].concat());
    assert!(
        other.code == 2 && other.stderr.contains("different things"),
        "{}",
        other.stderr
    );
}
