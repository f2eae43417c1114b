//! Missing values of whole archives, against pandas.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::sync::Mutex;

use common::{here, options, shared, store, study};
use cratedigger_study::{Findings, StudyEvent, run};
use serde::Deserialize;

/// What scripts/check_missingness.py --golden prints.
#[derive(Deserialize)]
struct Golden {
    n_tracks: u64,
    columns: BTreeMap<String, (u64, f64)>,
    phi: Vec<(String, String, f64)>,
}

fn golden(name: &str) -> Golden {
    serde_json::from_str(&std::fs::read_to_string(here("golden").join(name)).unwrap()).unwrap()
}

fn check_missingness(findings: &Findings, golden: &Golden) {
    let found = &findings.missingness;
    assert_eq!(
        (found.n_tracks, found.columns.len()),
        (golden.n_tracks, golden.columns.len())
    );
    for column in &found.columns {
        let (n_missing, proportion) = golden.columns[&column.column];
        assert_eq!(
            (column.n, column.n_missing),
            (golden.n_tracks, n_missing),
            "{}",
            column.column
        );
        assert!(
            (column.proportion - proportion).abs() <= 1e-12,
            "{}",
            column.column
        );
    }
    assert_eq!(found.phi.len(), golden.phi.len());
    for (a, b, phi) in &golden.phi {
        let pair = found
            .phi
            .iter()
            .find(|pair| (&pair.a, &pair.b) == (a, b))
            .unwrap_or_else(|| panic!("{a} {b}"));
        assert!((pair.phi - phi).abs() <= 1e-12, "{a} {b}: {} {phi}", pair.phi);
    }
    assert!(found.phi.is_sorted_by(|left, right| left.phi >= right.phi));
}

#[test]
fn missing_values_are_those_of_pandas() {
    let (_folder, store) = store(&here("fixture"));
    check_missingness(&study(&store, &options()), &golden("fixture.json"));
}

#[test]
fn missing_values_of_the_real_excerpt_are_those_of_pandas() {
    let Some(dir) = shared("fma/metadata-excerpt") else {
        return;
    };
    let (_folder, store) = store(&dir);
    let events = Mutex::new(Vec::new());
    let findings = run(&store, &options(), &|event| events.lock().unwrap().push(event)).unwrap();
    check_missingness(&findings, &golden("metadata-excerpt.json"));
    // Without features there is no classifier, and it is said.
    assert!(findings.classifiers.is_empty() && findings.split.is_none());
    let reason = &findings.classifiers_skipped.as_ref().unwrap().reason;
    assert!(
        reason.contains("No classifier could be trained") && reason.contains("features.csv"),
        "{reason}"
    );
    assert!(
        events
            .into_inner()
            .unwrap()
            .contains(&StudyEvent::Note { text: reason.clone() })
    );
    let steps: Vec<u64> = findings.selection.steps.iter().map(|step| step.n).collect();
    assert_eq!(steps, [682, 631, 269 + 83 + 80]);
    assert_eq!(findings.selection.genres, ["Rock", "Experimental", "Folk"]);
}
