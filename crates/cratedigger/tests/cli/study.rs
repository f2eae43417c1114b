//! Studies, help, and what is said of wrong input.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::desk::{Desk, json};

/// A folder of the real data, or `None` with a message.
fn real(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("CRATEDIGGER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let dir = shared.join("fma").join(name);
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("SKIPPED: {} is not here, so nothing real was read", dir.display());
    None
}

#[test]
fn a_study_without_data_writes_a_report_that_says_it_is_synthetic() {
    let desk = Desk::empty();
    let quick = ["--methods", "mlp,linear-svc", "--genre-sets", "3,5"];
    let run = desk.ok(&[&["study", "--tracks", "600", "--out", "out"], &quick[..]].concat());
    assert!(run.stdout.contains("report.html"), "{}", run.stdout);
    let findings = json(&desk.path("out/findings.json"));
    assert_eq!(findings["overview"]["n_tracks"], 600);
    assert!(findings["provenance"]["synthetic"].is_string());
    let classifier = &findings["classifiers"][0];
    assert_eq!(classifier["name"], "mlp");
    let counts = classifier["confusion"]["counts"].as_array().unwrap();
    let n_tested: u64 = counts
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(n_tested, findings["split"]["n_test"].as_u64().unwrap());
    assert_eq!(findings["split"]["n_artists_shared"], 0);
    let report = fs::read_to_string(desk.path("out/report.html")).unwrap();
    assert!(report.to_lowercase().contains("synthetic"));
    // outside of the scripts' text, which holds addresses that are never asked for
    let markup: String = report
        .split("</script>")
        .map(|part| {
            part.find("<script")
                .map_or(part, |at| &part[..at + part[at..].find('>').unwrap_or(0)])
        })
        .collect();
    for address in ["src=", "<link rel=\"stylesheet", "@import", "url(http", "<iframe"] {
        assert!(!markup.contains(address), "the report loads something: {address}");
    }
}

#[test]
fn the_same_seed_gives_the_same_findings_with_any_number_of_threads() {
    let desk = Desk::empty();
    desk.archive("archive", "400", &[]);
    let findings = |out: &str, jobs: &str| {
        let methods = "linear-svc,mlp,decision-tree";
        desk.ok(&[
            "study",
            "archive",
            "--out",
            out,
            "--jobs",
            jobs,
            "--methods",
            methods,
        ]);
        let mut findings = json(&desk.path(out).join("findings.json"));
        forget_times(&mut findings);
        findings["provenance"]["command_line"] = Value::Null;
        findings
    };
    let (one, two) = (findings("one", "1"), findings("two", "2"));
    assert_eq!(one, two);
    assert!(!one["classifiers"].as_array().unwrap().is_empty());
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_seconds"));
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

#[test]
fn sections_can_be_left_out_and_that_is_said() {
    let desk = Desk::empty();
    let study = |skip: &str, out: &str| {
        let methods = ["--methods", "majority", "--genre-sets", "3", "--tracks", "900"];
        let run = desk.ok(&[
            &["study", "--skip", skip, "--compare", "--out", out],
            &methods[..],
        ]
        .concat());
        let html = fs::read_to_string(desk.path(out).join("report.html")).unwrap();
        let page = html
            .split("<script type=\"application/json\"")
            .next()
            .unwrap()
            .to_owned();
        (run, json(&desk.path(out).join("findings.json")), page)
    };
    let names = |findings: &Value| -> Vec<String> {
        let skipped = findings["sections_skipped"].as_array().unwrap().iter();
        skipped
            .map(|skipped| skipped["section"].as_str().unwrap().to_owned())
            .collect()
    };
    let (run, findings, page) = study("treatments,inspection", "out");
    assert_eq!(names(&findings), ["treatments", "inspection"]);
    assert!(findings["treatments"].is_null() && findings["inspection"].is_null());
    // Every published figure is printed with what it is beside.
    for words in [
        "published figures: ",
        "published baselines: ",
        "published times: ",
        "mfcc: svc kernel=rbf",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(!findings["method_comparison"].is_null());
    assert!(!run.stderr.contains("treatments of outliers"), "{}", run.stderr);
    for name in ["treatments", "inspection"] {
        assert!(
            page.contains(&format!("The section `{name}` was left out (--skip).")),
            "{name}"
        );
    }
    // What needs a section goes with it.
    let (_, findings, page) = study("selection", "unselected");
    assert_eq!(names(&findings).len(), 14, "{}", findings["sections_skipped"]);
    let reason = findings["classifiers_skipped"]["reason"].as_str().unwrap();
    assert!(reason.contains("`selection` was left out"), "{reason}");
    assert!(page.contains("needs `classifiers`, which was left out"));
    let help = desk.ok(&["study", "--help"]).stdout;
    let every: Vec<&str> = cratedigger_study::section_ids().collect();
    assert!(every.iter().all(|name| help.contains(name)), "{help}");
    let (run, findings, page) = study(&every.join(","), "nothing");
    assert_eq!(names(&findings), every);
    assert!(!run.stdout.contains("0 tracks"), "{}", run.stdout);
    assert!(page.contains("tracks not counted"));
    let wrong = desk.run(&["study", "--skip", "tunning"]);
    assert_eq!(wrong.code, 2);
    for name in every {
        assert!(wrong.stderr.contains(name), "{name}: {}", wrong.stderr);
    }
}

#[cfg(feature = "sql")]
#[test]
fn what_cannot_be_done_ends_with_2_and_one_clear_message() {
    let desk = Desk::empty();
    for (args, expected) in [
        (&["study", "nowhere"][..], "nowhere"),
        (&["import", "nowhere"], "nowhere"),
        (&["sql", "select 1"], "cratedigger-store"),
        (&["study", "--genres", "top:1"], "top:N"),
        (&["study", "--genre-sets", "3,1"], "--genre-sets takes numbers"),
        (&["evaluate", ".", "--method", "oracle"], "mlp"),
        (&["synth", "x", "--tracks", "1"], "1 tracks"),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(expected), "{args:?}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{args:?}: {}", run.stderr);
    }
    assert!(!desk.path("cratedigger-store").exists());
}

#[test]
fn help_teaches_every_command() {
    let desk = Desk::empty();
    let run = desk.ok(&["--help"]);
    let commands = [
        "study", "extract", "evaluate", "train", "tune", "classify", "model", "serve", "import", "sql",
        "synth", "download",
    ];
    for command in commands {
        assert!(run.stdout.contains(command), "{}", run.stdout);
        let help = desk.ok(&[command, "--help"]).stdout;
        for part in [
            "Usage: cratedigger",
            "Examples:",
            &format!("\n  cratedigger {command} "),
        ] {
            assert!(help.contains(part), "{command}: {part} in\n{help}");
        }
    }
}

#[test]
fn the_real_excerpt_is_studied_without_features_and_says_so() {
    let Some(dir) = real("metadata-excerpt") else {
        return;
    };
    let desk = Desk::empty();
    let run = desk.ok(&["study", dir.to_str().unwrap(), "--out", "out"]);
    assert!(
        run.stdout.contains("No classifier could be trained"),
        "{}",
        run.stdout
    );
    let findings = json(&desk.path("out/findings.json"));
    assert_eq!(findings["overview"]["n_tracks"], 682);
    assert_eq!(findings["classifiers"], Value::Array(vec![]));
    let reason = findings["classifiers_skipped"]["reason"].as_str().unwrap();
    assert!(reason.contains("features.csv"), "{reason}");
    assert!(findings["provenance"]["synthetic"].is_null());
}

#[test]
fn a_file_that_was_cut_off_is_refused_and_read_leniently() {
    let Some(dir) = real("metadata-excerpt") else {
        return;
    };
    let file = dir.join("tracks-cut-off.csv");
    let file = file.to_str().unwrap();
    let desk = Desk::empty();
    let run = desk.run(&["import", file, "--store", "store"]);
    assert_eq!(run.code, 2);
    for part in ["tracks-cut-off.csv", "record 683", "byte", "quote", "--lenient"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(!desk.path("store/store.json").exists());
    let run = desk.run(&["import", file, "--store", "store", "--lenient"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("682 rows"), "{}", run.stdout);
    assert!(desk.path("store/rejected-tracks.csv").exists());
}

#[test]
fn ten_real_tracks_without_features_are_reported() {
    let Some(dir) = real("mfcc-2000") else { return };
    let desk = Desk::empty();
    let run = desk.ok(&[
        "evaluate",
        dir.to_str().unwrap(),
        "--method",
        "majority",
        "--features",
        "mfcc",
        "--split",
        "stratified",
        "--json",
    ]);
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(scores["n_rows"], 1990);
    assert_eq!(scores["n_features"], 140);
    assert_eq!(
        scores["n_incomplete_features"].as_u64().unwrap() + scores["n_without_features"].as_u64().unwrap(),
        10
    );
}
