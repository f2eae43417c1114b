#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::*;
use crate::data::train_set::TrainSet;
use crate::estimator::Method;
use crate::metrics::logits::PROBABILITY_FLOOR;
use crate::metrics::{decision_per_class, log_loss};
use crate::test_support::{assert_close, floats, golden, indices, scaling_cases, three_classes};

/// The golden cases against smoothed targets: what is wanted, true classes and logits.
fn smoothed_cases() -> Vec<(Value, Vec<usize>, Logits)> {
    let all = golden(include_str!("../../../tests/golden/temperature.json"));
    let cases = all["cases"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let y = indices(&case["y"]);
            let n_cols = case["n_cols"].as_u64().unwrap() as usize;
            let scores = ScoreMatrix::new(y.len(), n_cols, floats(&case["scores"])).unwrap();
            let logits = match case["kind"].as_str().unwrap() {
                "proba" => Logits::of_proba(&scores, PROBABILITY_FLOOR),
                _ => Logits::of_decision(&scores),
            };
            (case.clone(), y, logits)
        })
        .collect()
}

/// Mean cross entropy against the smoothed targets, from its definition.
fn smoothed_loss(logits: &Logits, y: &[usize], temperature: f64) -> f64 {
    let proba = TemperatureScaling { temperature }.proba(logits);
    let (n, n_classes) = (y.len() as f64, proba.n_cols() as f64);
    let of_row = |(p, &label): (&[f64], &usize)| -> f64 {
        let target = |class| (n * f64::from(u8::from(class == label)) + 2.0 / n_classes) / (n + 2.0);
        p.iter()
            .enumerate()
            .map(|(class, p)| -target(class) * p.ln())
            .sum()
    };
    proba.rows().zip(y).map(of_row).sum::<f64>() / n
}

#[test]
fn temperatures_equal_scipy() {
    for (case, y, logits) in smoothed_cases() {
        let name = &case["name"];
        let fit = TemperatureScaling::fit(&logits, &y).unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        let beta = inverse_temperature(logits.scores(), &y, 2.0);
        assert_close(&[beta], &[number("beta")], 1e-11 * beta.min(1.0));
        let used = number("used");
        assert_close(&[1.0 / fit.scaling.temperature], &[used], 1e-11 * used.min(1.0));
        assert_eq!(fit.n_wrong as f64, number("n_wrong"), "{name}");
        assert_eq!(
            (fit.n_rows, fit.limited),
            (y.len(), used < number("beta")),
            "{name}"
        );
        assert_close(
            fit.scaling.proba(&logits).as_slice(),
            &floats(&case["proba"]),
            1e-9,
        );
    }
}

#[test]
fn a_tree_that_is_always_sure_is_softened() {
    let data = three_classes();
    let train: Vec<usize> = (0..60).collect();
    let (train, test) = (
        data.take_rows(&train).unwrap(),
        data.take_rows(&(60..120).collect::<Vec<_>>()).unwrap(),
    );
    let rows = TrainSet::new(&train.x, &train.y, 3).unwrap();
    let tree = Method::DECISION_TREE.classifier(0).fit(&rows).unwrap();
    let proba = tree.predict_proba(&test.x).unwrap();
    assert!(proba.as_slice().iter().all(|&p| p == 0.0 || p == 1.0));
    let before = log_loss(&test.y, &proba).unwrap();
    let logits = Logits::of_proba(&proba, PROBABILITY_FLOOR);
    let scaled = TemperatureScaling::fit(&logits, &test.y)
        .unwrap()
        .scaling
        .proba(&logits);
    let after = log_loss(&test.y, &scaled).unwrap();
    // As sure as often as it is right, but for the smoothing: no less loss is possible with one probability for all.
    let right = tree
        .predict(&test.x)
        .unwrap()
        .iter()
        .zip(&test.y)
        .filter(|(a, b)| a == b)
        .count() as f64
        / 60.0;
    let least = -right * right.ln() - (1.0 - right) * ((1.0 - right) / 2.0).ln();
    assert!(
        before > 3.0 && least <= after && after < least + 0.01,
        "{before} {after} {least}"
    );
    assert_eq!(scaled.argmax(), proba.argmax());
    // Half of the rows by the temperature of the others.
    let parts: Vec<usize> = (0..60).map(|row| row % 2).collect();
    let (others, _) = cross_fit_temperature(&logits, &test.y, &parts).unwrap();
    assert!(log_loss(&test.y, &others).unwrap() < 1.1);
}

#[test]
fn rows_that_are_all_right_give_no_certainty() {
    // 150 rows, all right, and 300 others with as large margins of which every sixth is wrong.
    let margin = |row: usize| 0.05 + (row * 37 % 100) as f64 / 200.0;
    let proba = |n: usize, right: &dyn Fn(usize) -> bool| {
        let p = (0..n).flat_map(|row| {
            let high = 1.0 / (1.0 + (-margin(row)).exp());
            if right(row) {
                [high, 1.0 - high]
            } else {
                [1.0 - high, high]
            }
        });
        ScoreMatrix::new(n, 2, p.collect()).unwrap()
    };
    let fitted = Logits::of_proba(&proba(150, &|_| true), PROBABILITY_FLOOR);
    let fit = TemperatureScaling::fit(&fitted, &[0; 150]).unwrap();
    assert!(fit.separable() && fit.limited);
    assert_eq!(fit.scaling.temperature, 0.5);
    let other = proba(300, &|row| row % 6 != 0);
    let (y, logits) = (vec![0; 300], Logits::of_proba(&other, PROBABILITY_FLOOR));
    let before = log_loss(&y, &other).unwrap();
    let after = log_loss(&y, &fit.scaling.proba(&logits)).unwrap();
    assert!(after <= 2.0 * before, "{before} {after}");
    // Without smoothing and limit.
    let plain = TemperatureScaling {
        temperature: 1.0 / inverse_temperature(fitted.scores(), &[0; 150], 0.0),
    };
    assert!(log_loss(&y, &plain.proba(&logits)).unwrap() > 5.0 * before);
}

#[test]
fn the_log_loss_stays_within_its_bounds() {
    for (case, y, logits) in smoothed_cases() {
        let fit = TemperatureScaling::fit(&logits, &y).unwrap();
        let (n, n_classes) = (y.len() as f64, logits.scores().n_cols());
        let beta = 1.0 / fit.scaling.temperature;
        let one = TemperatureScaling { temperature: 1.0 }.proba(&logits);
        let scaled = fit.scaling.proba(&logits);
        // Any row of any class.
        for (before, after) in one.as_slice().iter().zip(scaled.as_slice()) {
            let bound = beta * -before.ln() + (1.0 - beta).max(0.0) * (n_classes as f64).ln();
            assert!(-after.ln() <= bound + 1e-9, "{} {before} {after}", case["name"]);
        }
        // The rows of the fit.
        let spread = -one.as_slice().iter().map(|p| p.ln()).sum::<f64>() / one.as_slice().len() as f64;
        let more = if beta > 1.0 {
            0.0
        } else {
            2.0 / n * (spread - (n_classes as f64).ln())
        };
        let loss = |proba: &ScoreMatrix| log_loss(&y, proba).unwrap();
        assert!(loss(&scaled) <= loss(&one) + more + 1e-12, "{}", case["name"]);
        if logits.of_probabilities() {
            assert!(beta <= 1.0 / TemperatureFit::least_temperature(fit.n_wrong) * (1.0 + 1e-15));
        }
    }
}

#[test]
fn temperatures_equal_scikit_learn() {
    for (case, y, decision) in scaling_cases() {
        // scikit-learn's has no smoothing.
        let logits = Logits::of_decision(&decision);
        let scaling = TemperatureScaling {
            temperature: 1.0 / inverse_temperature(logits.scores(), &y, 0.0),
        };
        // scikit-learn searches the minimum itself, which is flat: half of the digits.
        let beta = case["beta"].as_f64().unwrap();
        assert_close(&[1.0 / scaling.temperature], &[beta], 1e-6 * beta.min(1.0));
        assert_close(
            scaling.proba(&logits).as_slice(),
            &floats(&case["temperature_proba"]),
            1e-6,
        );
        // The root of the derivative, found by brentq.
        let exact = case["exact_beta"].as_f64().unwrap();
        assert_close(&[1.0 / scaling.temperature], &[exact], 1e-12 * exact.min(1.0));
    }
}

#[test]
fn no_other_temperature_has_less_loss() {
    for (_, y, decision) in scaling_cases() {
        let logits = Logits::of_decision(&decision);
        let best = TemperatureScaling::fit(&logits, &y).unwrap().scaling;
        let loss = |temperature: f64| smoothed_loss(&logits, &y, temperature);
        for factor in [0.5, 0.9, 0.999, 1.001, 1.1, 2.0] {
            assert!(
                loss(best.temperature) <= loss(best.temperature * factor),
                "{factor}"
            );
        }
        let predicted = logits.scores().argmax();
        assert_eq!(best.proba(&logits).argmax(), predicted, "the predictions stay");
        // Decision values have no scale: a hundredth of them has a hundredth of the temperature.
        let mut small = decision.clone();
        for row in 0..small.n_rows() {
            small.row_mut(row).iter_mut().for_each(|d| *d /= 100.0);
        }
        let small = TemperatureScaling::fit(&Logits::of_decision(&small), &y)
            .unwrap()
            .scaling;
        assert_close(&[100.0 * small.temperature], &[best.temperature], 1e-10);
    }
}

#[test]
fn scores_without_a_minimum_stay_within_bounds() {
    let fit = |logits: &Logits, y: &[usize]| TemperatureScaling::fit(logits, y).unwrap();
    // All rows right: the target is 3 of 4, so that exp(2 / T) = 3. All rows wrong: the hotter the better.
    let decision = ScoreMatrix::new(2, 2, vec![1.0, -1.0, -1.0, 1.0]).unwrap();
    let logits = Logits::of_decision(&decision);
    let (cold, hot) = (fit(&logits, &[0, 1]), fit(&logits, &[1, 0]));
    assert_close(&[cold.scaling.temperature], &[2.0 / 3f64.ln()], 1e-12);
    assert!(cold.separable() && !cold.limited && hot.n_wrong == 2 && !hot.separable());
    assert!(
        (1e3..f64::exp(10.1)).contains(&hot.scaling.temperature),
        "{hot:?}"
    );
    let flat = Logits::of_decision(&ScoreMatrix::zeros(2, 3));
    assert_eq!(fit(&flat, &[0, 1]).scaling.temperature, 1.0);
    let huge = ScoreMatrix::new(2, 2, vec![1e300, -1e300, -1e300, 1e300]).unwrap();
    let huge = Logits::of_decision(&huge);
    let proba = fit(&huge, &[0, 0]).scaling.proba(&huge);
    assert!(proba.as_slice().iter().all(|p| p.is_finite()));
}

#[test]
fn impossible_classes_stay_impossible_and_tell_nothing() {
    let (_, y, decision) = scaling_cases()
        .into_iter()
        .find(|case| case.2.n_cols() > 2)
        .unwrap();
    let n_cols = decision.n_cols();
    let fit = TemperatureScaling::fit(&Logits::of_decision(&decision), &y).unwrap();
    let scaling = fit.scaling;
    // One more class without training rows, and a row that is of it.
    let with_more = |last: &[f64]| {
        let rows = decision.rows().chain(std::iter::once(last));
        let values = rows.flat_map(|row| row.iter().copied().chain([f64::NEG_INFINITY]));
        ScoreMatrix::new(y.len() + 1, n_cols + 1, values.collect()).unwrap()
    };
    let scores = with_more(&vec![0.3; n_cols]);
    let logits = Logits::of_decision(&scores);
    let labels: Vec<usize> = y.iter().copied().chain([n_cols]).collect();
    let more = TemperatureScaling::fit(&logits, &labels).unwrap();
    assert_eq!((more.n_rows, more.n_wrong), (fit.n_rows, fit.n_wrong));
    let more = more.scaling;
    assert_close(&[more.temperature], &[scaling.temperature], 1e-12);
    let (proba, plain) = (
        more.proba(&logits),
        scaling.proba(&Logits::of_decision(&decision)),
    );
    for (row, want) in plain.rows().enumerate() {
        assert_close(&proba.row(row)[..n_cols], want, 1e-12);
        assert_eq!(proba.row(row)[n_cols], 0.0);
    }
    assert!(log_loss(&labels, &proba).unwrap().is_finite());
    for bad in [f64::NAN, f64::INFINITY] {
        let mut scores = scores.clone();
        scores.row_mut(3)[1] = bad;
        let error = TemperatureScaling::fit(&Logits::of_decision(&scores), &labels);
        assert!(matches!(
            error,
            Err(LearnError::NotFinite {
                row: 3,
                column: 1,
                ..
            })
        ));
    }
}

#[test]
fn a_part_is_scaled_by_the_others() {
    let (_, y, decision) = scaling_cases().remove(0);
    let logits = Logits::of_decision(&decision);
    assert_eq!(logits.scores(), &decision_per_class(&decision));
    let groups: Vec<i64> = (0..y.len() as i64).map(|row| row / 3).collect();
    let parts = parts_of_groups(&groups, 2, 5).unwrap();
    assert!(
        (0..y.len()).all(|row| parts[row] == parts[row / 3 * 3]),
        "groups stay whole"
    );
    let (proba, temperatures) = cross_fit_temperature(&logits, &y, &parts).unwrap();
    for part in 0..2 {
        let others: Vec<usize> = (0..y.len()).filter(|&row| parts[row] != part).collect();
        let other_y: Vec<usize> = others.iter().map(|&row| y[row]).collect();
        let by_others = TemperatureScaling::fit(&logits.take_rows(&others), &other_y)
            .unwrap()
            .scaling;
        assert_eq!(temperatures[part], by_others.temperature);
        let all = by_others.proba(&logits);
        for row in (0..y.len()).filter(|&row| parts[row] == part) {
            assert_eq!(proba.row(row), all.row(row));
        }
    }
    assert!(cross_fit_temperature(&logits, &y, &vec![0; y.len()]).is_err());
    assert!(parts_of_groups(&[1, 1, 1], 2, 0).is_err());
}

#[test]
fn as_many_groups_as_parts_are_enough() {
    let mut parts = parts_of_groups(&[4, -1, 9], 3, 0).unwrap();
    parts.sort_unstable();
    assert_eq!(parts, [0, 1, 2]);
    assert!(parts_of_groups(&[4, -1, 9], 4, 0).is_err());
}
