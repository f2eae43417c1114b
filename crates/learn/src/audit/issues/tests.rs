#![allow(clippy::unwrap_used)]

use cratedigger_stats::rng::SeededRng;

use super::*;
use crate::error::LearnError;
use crate::test_support::{assert_close, floats, golden, indices};

fn counts(value: &serde_json::Value) -> Vec<Vec<u64>> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn joints_issues_and_ranks_equal_cleanlab() {
    let golden = golden(include_str!("../../../tests/golden/confident.json"));
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for (at, case) in cases.iter().enumerate() {
        let y = indices(&case["y"]);
        let n_classes = case["n_classes"].as_u64().unwrap() as usize;
        let proba = ScoreMatrix::new(y.len(), n_classes, floats(&case["proba"])).unwrap();
        let joint = ConfidentJoint::new(&y, &proba).unwrap();
        assert_close(&joint.thresholds, &floats(&case["thresholds"]), 1e-12);
        assert_eq!(joint.counts, counts(&case["counts"]), "case {at}");
        assert_eq!(joint.calibrated, counts(&case["calibrated"]), "case {at}");
        for (name, filter) in [
            ("prune_by_noise_rate", IssueFilter::PruneByNoiseRate),
            ("prune_by_class", IssueFilter::PruneByClass),
            ("both", IssueFilter::Both),
            ("confident_learning", IssueFilter::ConfidentLearning),
        ] {
            let found = find_label_issues(&y, &proba, filter).unwrap();
            let rows: Vec<usize> = (0..y.len()).filter(|&row| found[row]).collect();
            assert_eq!(rows, indices(&case[name]), "case {at}: {name}");
        }
        let ranked = |scores: Vec<f64>| {
            let found = find_label_issues(&y, &proba, IssueFilter::PruneByNoiseRate).unwrap();
            let mut rows: Vec<usize> = (0..y.len()).filter(|&row| found[row]).collect();
            rows.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            rows
        };
        let (own, margin) = (
            self_confidence(&y, &proba).unwrap(),
            normalized_margin(&y, &proba).unwrap(),
        );
        assert_close(&own, &floats(&case["self_confidence"]), 1e-12);
        assert_close(&margin, &floats(&case["normalized_margin"]), 1e-12);
        assert_eq!(ranked(own), indices(&case["by_self_confidence"]), "case {at}");
        assert_eq!(
            ranked(margin),
            indices(&case["by_normalized_margin"]),
            "case {at}"
        );
    }
}

/// The definitions, row by row and class by class.
#[test]
fn joints_equal_their_definition() {
    for seed in 0..20 {
        let mut rng = SeededRng::new(seed);
        let (n, k) = (40 + rng.below(60), 2 + rng.below(4));
        let y: Vec<usize> = (0..n).map(|_| rng.below(k)).collect();
        let values: Vec<f64> = (0..n)
            .flat_map(|_| {
                let raw: Vec<f64> = (0..k).map(|_| rng.unit() + 1e-3).collect();
                let sum: f64 = raw.iter().sum();
                raw.into_iter().map(move |value| value / sum)
            })
            .collect();
        let proba = ScoreMatrix::new(n, k, values).unwrap();
        let joint = ConfidentJoint::new(&y, &proba).unwrap();
        for given in 0..k {
            let of_given: Vec<usize> = (0..n).filter(|&row| y[row] == given).collect();
            for class in 0..k {
                let threshold = |class: usize| {
                    let own: Vec<f64> = (0..n)
                        .filter(|&row| y[row] == class)
                        .map(|row| proba.row(row)[class])
                        .collect();
                    own.iter().sum::<f64>() / own.len() as f64
                };
                let confident = |row: usize| {
                    (0..k)
                        .filter(|&c| proba.row(row)[c] >= threshold(c) - 1e-6)
                        .collect::<Vec<_>>()
                };
                let counted = of_given.iter().filter(|&&row| match confident(row).as_slice() {
                    [] => false,
                    [one] => *one == class,
                    _ => (0..k).all(|c| proba.row(row)[c] <= proba.row(row)[class]),
                });
                let want = counted.count().max(usize::from(given == class));
                assert_eq!(joint.counts[given][class], want as u64, "seed {seed}");
            }
            let sum: u64 = joint.calibrated[given].iter().sum();
            assert_eq!(sum, of_given.len() as u64, "seed {seed}");
        }
        let all: u64 = joint.calibrated.iter().flatten().sum();
        let wrong = all - (0..k).map(|c| joint.calibrated[c][c]).sum::<u64>();
        assert_eq!(joint.noise_rate(), wrong as f64 / n as f64);
    }
}

#[test]
fn what_is_no_probability_is_refused_and_one_class_has_no_issues() {
    let one = ScoreMatrix::new(3, 1, vec![1.0; 3]).unwrap();
    assert_eq!(
        find_label_issues(&[0; 3], &one, IssueFilter::Both).unwrap(),
        [false; 3]
    );
    assert_eq!(normalized_margin(&[0; 3], &one).unwrap(), [1.0; 3]);
    for bad in [f64::NAN, -0.1, 1.5] {
        let proba = ScoreMatrix::new(2, 2, vec![0.5, 0.5, bad, 0.5]).unwrap();
        let error = ConfidentJoint::new(&[0, 1], &proba).unwrap_err();
        assert!(matches!(
            error,
            LearnError::InvalidParameter { name: "proba", .. }
        ));
    }
    assert!(ConfidentJoint::new(&[0, 1], &one).is_err());
    assert!(ConfidentJoint::new(&[0, 1, 0], &one).is_err());
    assert!(ConfidentJoint::new(&[], &ScoreMatrix::new(0, 2, Vec::new()).unwrap()).is_err());
}
