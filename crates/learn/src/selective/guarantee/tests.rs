#![allow(clippy::unwrap_used)]
use super::*;
use crate::test_support::{floats, golden};
use cratedigger_stats::rng::SeededRng;
use cratedigger_stats::{binomial_upper, cluster_interval};

const TARGET: RiskTarget = RiskTarget {
    max_risk: 0.1,
    confidence: 0.9,
};

#[test]
fn thresholds_and_bounds_equal_the_reference() {
    let golden = golden(include_str!("../../../tests/golden/selective.json"));
    let cases = golden["guarantee"].as_array().unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let right: Vec<bool> = floats(&case["wrong"]).iter().map(|&wrong| wrong == 0.0).collect();
        let groups: Option<Vec<i64>> = case["groups"]
            .as_array()
            .map(|groups| groups.iter().map(|group| group.as_i64().unwrap()).collect());
        let target = RiskTarget {
            max_risk: case["max_risk"].as_f64().unwrap(),
            confidence: case["level"].as_f64().unwrap(),
        };
        let choice =
            choose_threshold(&floats(&case["confidence"]), &right, groups.as_deref(), target).unwrap();
        match (choice, case["threshold"].as_f64()) {
            (Choice::Kept(kept), Some(threshold)) => {
                assert_eq!(kept.threshold, threshold);
                assert!(
                    (kept.bound - case["bound"].as_f64().unwrap()).abs() < 1e-9,
                    "{case}"
                );
                assert_eq!(kept.n_answered, case["n_answered"].as_u64().unwrap());
                assert_eq!(kept.n_wrong, case["n_wrong"].as_u64().unwrap());
            }
            (Choice::TooMuch { least_bound }, None) => {
                assert!(
                    (least_bound - case["bound"].as_f64().unwrap()).abs() < 1e-9,
                    "{case}"
                );
            }
            (choice, wanted) => panic!("{choice:?}, wanted {wanted:?}"),
        }
    }
}

/// Every step is looked at by hand with the same share of the doubt: what is kept is the largest that holds where bounds only rise.
#[test]
fn nothing_larger_keeps_the_promise() {
    let confidence: Vec<f64> = (0..600).map(|row| 1.0 - f64::from(row) / 600.0).collect();
    let right: Vec<bool> = (0..600).map(|row| row < 200 || row % 3 != 0).collect();
    let kept = *choose_threshold(&confidence, &right, None, TARGET)
        .unwrap()
        .kept()
        .unwrap();
    let level = 1.0 - 0.1 / 10.0;
    let holds = |n: usize| {
        let n_wrong = right[..n].iter().filter(|right| !**right).count() as u64;
        binomial_upper(n_wrong, n as u64, level).unwrap() <= 0.1
    };
    assert!(holds(kept.n_answered as usize) && kept.n_answered > 200);
    assert!((kept.n_answered as usize + 1..=600).all(|n| !holds(n)));
    assert_eq!((kept.n_rows, kept.n_groups), (600, None));
}

#[test]
fn rows_of_equal_confidence_are_answered_together() {
    // The surest half is right, but the last of it stands with a hundred that are wrong.
    let confidence: Vec<f64> = (0..400).map(|row| if row < 199 { 0.9 } else { 0.5 }).collect();
    let right: Vec<bool> = (0..400).map(|row| !(200..300).contains(&row)).collect();
    let kept = *choose_threshold(&confidence, &right, None, TARGET)
        .unwrap()
        .kept()
        .unwrap();
    assert_eq!((kept.threshold, kept.n_answered, kept.n_wrong), (0.9, 199, 0));
}

#[test]
fn artists_whose_tracks_are_alike_allow_less_and_few_allow_nothing() {
    let target = RiskTarget {
        max_risk: 0.25,
        ..TARGET
    };
    let mut rng = SeededRng::new(5);
    let (mut confidence, mut right, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for artist in 0..60 {
        let hard = rng.unit() < 0.25;
        for _ in 0..20 {
            let p = rng.uniform(0.5, 1.0);
            confidence.push(p);
            right.push(rng.unit() < if hard { p - 0.3 } else { p.sqrt() });
            groups.push(artist);
        }
    }
    let single = choose_threshold(&confidence, &right, None, target).unwrap();
    let grouped = choose_threshold(&confidence, &right, Some(&groups), target).unwrap();
    assert!(grouped.threshold() > single.threshold(), "{grouped:?} {single:?}");
    let kept = *grouped.kept().unwrap();
    let rows: Vec<usize> = (0..1200)
        .filter(|&row| confidence[row] >= kept.threshold)
        .collect();
    let wrong: Vec<bool> = rows.iter().map(|&row| !right[row]).collect();
    let of: Vec<i64> = rows.iter().map(|&row| groups[row]).collect();
    let level = 1.0 - 2.0 * 0.1 / 11.0;
    let ends = cluster_interval(&wrong, &of, level).unwrap().unwrap();
    assert!((ends.high - kept.bound).abs() < 1e-9 && kept.bound <= 0.25);
    assert_eq!(kept.n_groups, Some(60));
    let four: Vec<i64> = groups.iter().map(|group| group % 4).collect();
    let none = choose_threshold(&confidence, &[true; 1200], Some(&four), target).unwrap();
    assert_eq!(none, Choice::TooMuch { least_bound: 1.0 });
    assert_eq!(none.threshold(), f64::INFINITY);
}

/// 300 draws of 40 artists, whose tracks are right or wrong together for the most part, with probabilities that do not know it: how often
/// the risk above the chosen threshold, known here, is higher than promised. Of 300 draws, 0.1 has a standard error of 0.017.
#[test]
fn the_promise_is_kept_as_often_as_said() {
    let risk_above = |threshold: f64| 0.5 * (1.0 - threshold);
    let target = RiskTarget {
        max_risk: 0.25,
        ..TARGET
    };
    let mut broken = [0, 0];
    let mut answered = 0;
    for draw in 0..300 {
        let mut rng = SeededRng::new(draw);
        let (mut confidence, mut right, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for artist in 0..40 {
            let first = rng.unit();
            for _ in 0..1 + rng.below(60) {
                let p = rng.unit();
                confidence.push(p);
                let luck = if rng.unit() < 0.9 { first } else { rng.unit() };
                right.push(luck < p);
                groups.push(artist);
            }
        }
        for (broken, groups) in broken.iter_mut().zip([Some(&groups[..]), None]) {
            let choice = choose_threshold(&confidence, &right, groups, target).unwrap();
            answered += u32::from(groups.is_some() && choice.kept().is_some());
            *broken += u32::from(
                choice
                    .kept()
                    .is_some_and(|kept| risk_above(kept.threshold) > 0.25),
            );
        }
    }
    // As if tracks were independent the promise is broken far more often than said.
    assert!(
        broken[0] <= 30 && broken[1] > 40 && answered > 200,
        "{broken:?} {answered}"
    );
}

#[test]
fn nonsense_is_refused() {
    let choose =
        |max_risk, confidence| choose_threshold(&[0.5], &[true], None, RiskTarget { max_risk, confidence });
    assert!(choose(0.0, 0.9).is_err() && choose(1.0, 0.9).is_err());
    assert!(choose(0.1, 0.5).is_err() && choose(0.1, 1.0).is_err());
    assert!(choose_threshold(&[], &[], None, TARGET).is_err());
    assert!(choose_threshold(&[0.5], &[true], Some(&[]), TARGET).is_err());
}
