#![allow(clippy::unwrap_used)]
use super::*;
use crate::learning::training::tests::{data, fold};
use crate::learning::training::{baseline, train_and_test};

#[test]
fn a_method_is_known_by_its_whole_name() {
    let (data, fold) = (data(), fold());
    let least = baseline(&data, &fold, 0).unwrap();
    let mut found = train_and_test(Method::DECISION_TREE, &data, &fold, &least, 0)
        .unwrap()
        .finding;
    // Other methods may have these words in their names some day.
    found.name = "extra-trees".to_owned();
    let mut findings = Findings {
        classifiers: vec![found.clone()],
        ..Findings::default()
    };
    assert!(
        METHODS
            .iter()
            .all(|&(_, method, ..)| classifier(&findings, method).is_err())
    );
    found.name = "decision-tree".to_owned();
    findings.classifiers.push(found);
    assert_eq!(
        classifier(&findings, Method::DECISION_TREE).unwrap().name,
        "decision-tree"
    );
}
