#![allow(clippy::unwrap_used)]
use super::*;
use crate::split::Splitter;
use crate::test_support::three_classes;

fn all(data: &Dataset, folds: &[Fold]) -> Vec<Evaluation> {
    let options = CvOptions::default();
    let one = |method: &Method| evaluate(&*method.classifier(0), data, folds, &options, 0).unwrap();
    Method::ALL.iter().map(one).collect()
}

#[test]
fn every_method_is_scored_and_compared_over_folds() {
    let mut data = three_classes();
    data.groups = Some((0..120).map(|row| row / 4).collect());
    let folds = Splitter::Artist.k_fold(&data, 5, 0).unwrap();
    let evaluations = all(&data, &folds);
    for found in &evaluations {
        let n_right = found
            .predictions
            .predicted
            .iter()
            .zip(&data.y)
            .filter(|(a, b)| a == b)
            .count();
        assert_eq!(found.summary.accuracy, n_right as f64 / 120.0);
        let (wilson, groups) = (found.summary.accuracy_interval, found.group_interval.unwrap());
        assert!(wilson.low < found.summary.accuracy && found.summary.accuracy < wilson.high);
        assert!(groups.low <= found.summary.accuracy && found.summary.accuracy <= groups.high);
        assert_eq!(
            (found.accuracy_interval(), found.n_groups),
            (Some(groups), Some(30))
        );
        let wider = found.accuracy_interval_at(&data, 0.99).unwrap().unwrap();
        assert!(wider.low < groups.low && wider.high >= groups.high);
        let share = |fold: &FoldResult| fold.n_test as f64 / fold.n_train as f64;
        let share = found.result.folds.iter().map(share).sum::<f64>() / 5.0;
        let want = fold_interval(&found.result.fold_accuracy, share, 0.95).unwrap();
        assert!((0.2..0.3).contains(&share) && found.fold_interval == Some(want));
        let folds = found.fold_interval.unwrap();
        assert!(folds.low <= found.result.mean_accuracy && found.result.mean_accuracy <= folds.high);
        assert_eq!(found.calibrated.as_ref().unwrap().temperatures.len(), 10);
        assert!(
            found
                .risk_coverage
                .as_ref()
                .is_some_and(|curve| curve.augrc <= curve.aurc)
        );
        assert!(found.predict_seconds() > 0.0);
    }
    let refs: Vec<&Evaluation> = evaluations.iter().collect();
    let tests = paired_tests(&refs, &data).unwrap();
    let n = Method::ALL.len();
    assert_eq!(tests.len(), n * (n - 1) / 2);
    assert_eq!(
        (tests[0].first, tests[0].second),
        (Method::ALL[0], Method::ALL[1])
    );
    for test in &tests {
        let accuracy = |method| {
            evaluations
                .iter()
                .find(|e| e.method == method)
                .unwrap()
                .summary
                .accuracy
        };
        let difference = accuracy(test.first) - accuracy(test.second);
        assert!((test.mcnemar.difference - difference).abs() < 1e-12);
        let clustered = test.clustered.unwrap();
        assert!(test.adjusted.ln() >= clustered.p.ln());
        assert_eq!(test.difference_interval(), clustered.interval);
        assert_eq!(test.t_test.unwrap().n_folds, 5);
    }
    // What learns is better than what does not, beyond chance.
    let last = tests
        .iter()
        .find(|t| t.first == Method::LINEAR_SVC && t.second == Method::MAJORITY)
        .unwrap();
    assert!(
        last.adjusted.value() < 1e-3 && last.mcnemar.difference > 0.2,
        "{last:?}"
    );
}

#[test]
fn the_accuracy_is_inside_its_interval_whatever_the_folds() {
    // Folds of 3 and of 117 rows: the mean over the folds may be anywhere, and is not what the interval is of.
    let mut data = three_classes();
    data.groups = Some((0..120).map(|row| row / 4).collect());
    for small in [[0, 1, 2], [57, 58, 59], [110, 113, 119]] {
        let others = (0..120).filter(|row| !small.contains(row)).collect::<Vec<_>>();
        let folds = [
            Fold {
                train: others.clone(),
                test: small.to_vec(),
            },
            Fold {
                train: small
                    .iter()
                    .copied()
                    .chain(others[..60].iter().copied())
                    .collect(),
                test: others[60..].to_vec(),
            },
        ];
        for found in all(&data, &folds) {
            let interval = found.accuracy_interval().unwrap();
            let accuracy = found.summary.accuracy;
            assert!(
                interval.low <= accuracy && accuracy <= interval.high,
                "{}",
                found.method
            );
        }
    }
}

#[test]
fn a_class_that_training_rows_lack_is_a_miss_and_no_error() {
    // The last rows are of a class that no fold but its own has.
    let mut data = three_classes();
    data.classes.push("Spoken".into());
    data.y[116..].fill(3);
    let folds = [(0, 60), (60, 116), (116, 120)].map(|(from, to)| Fold {
        train: (0..120).filter(|row| !(from..to).contains(row)).collect(),
        test: (from..to).collect(),
    });
    for found in all(&data, &folds) {
        let method = found.method;
        let spoken = &found.summary.per_class[3];
        assert_eq!((spoken.support, spoken.recall), (4, 0.0), "{method}");
        let calibrated = found.calibrated.as_ref().unwrap();
        assert!(calibrated.scores.log_loss.is_finite(), "{method}");
        // Decision values say that it is impossible, and no temperature changes that.
        for row in (116..120).filter(|_| found.predictions.proba.is_none()) {
            assert_eq!(calibrated.proba.row(row)[3], 0.0, "{method}");
        }
    }
}

#[test]
fn a_hold_out_is_one_fold_and_rows_without_groups_are_their_own() {
    let data = three_classes();
    let fold = Splitter::Stratified.hold_out(&data, 0.5, 0).unwrap();
    let evaluations = all(&data, std::slice::from_ref(&fold));
    let found = &evaluations[0];
    let classifier = found.method.classifier(0);
    let (pipeline, same) = evaluate_hold_out(&*classifier, &data, &fold, None, 0).unwrap();
    assert_eq!(
        (&same.summary, &same.predictions),
        (&found.summary, &found.predictions)
    );
    assert_eq!(pipeline.model().method(), found.method);
    assert_eq!((found.fold_interval, found.group_interval), (None, None));
    let wilson = Some(found.summary.accuracy_interval);
    assert_eq!(found.accuracy_interval(), wilson);
    assert_eq!(found.accuracy_interval_at(&data, 0.95).unwrap(), wilson);
    assert_eq!(found.calibrated.as_ref().unwrap().temperatures.len(), 2);
    let refs: Vec<&Evaluation> = evaluations.iter().collect();
    let tests = paired_tests(&refs, &data).unwrap();
    assert!(
        tests
            .iter()
            .all(|test| test.clustered.is_none() && test.t_test.is_none())
    );
    assert_eq!(tests[0].difference_interval(), tests[0].mcnemar.interval);
    // Of one artist alone nothing is independent: no test over artists, no calibration by halves, but no error.
    let mut alone = data.clone();
    alone.groups = Some(vec![7; 120]);
    let of_one = all(&alone, std::slice::from_ref(&fold));
    let refs: Vec<&Evaluation> = of_one.iter().collect();
    let tests = paired_tests(&refs, &alone).unwrap();
    assert!(tests.iter().all(|test| test.clustered.is_none()));
    assert!(of_one.iter().all(|found| found.calibrated.is_none()));
    // Once an interval without any width.
    assert!(
        of_one
            .iter()
            .all(|found| found.accuracy_interval().is_none() && found.n_groups == Some(1))
    );
    let other = Splitter::Stratified.hold_out(&data, 0.5, 1).unwrap();
    let options = CvOptions::default();
    let elsewhere = evaluate(&*Method::MAJORITY.classifier(0), &data, &[other], &options, 0).unwrap();
    assert!(paired_tests(&[found, &elsewhere], &data).is_err());
}
