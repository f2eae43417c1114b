#![allow(clippy::unwrap_used)]
use cratedigger_learn::Method;

use super::*;
use crate::learning::training::tests::{data, fold};
use crate::learning::training::{baseline, train_and_test};

#[test]
fn the_best_method_is_looked_into() {
    let (mut data, fold) = (data(), fold());
    data.feature_names = vec!["mfcc.mean.01".into()];
    let least = baseline(&data, &fold, 0).unwrap();
    let trained: Vec<Trained> = [Method::MAJORITY, Method::LOGISTIC_REGRESSION]
        .map(|method| train_and_test(method, &data, &fold, &least, 0).unwrap())
        .into();
    let found = inspect(&trained, 1, &data, &fold, 0).unwrap();
    assert_eq!(found.method, "logistic-regression");
    let labels: Vec<&str> = found.roc.iter().map(|curve| curve.label.as_str()).collect();
    assert_eq!(labels, ["Folk", "Rock"]);
    assert_eq!(Some(found.roc[1].area), trained[1].finding.per_class[1].roc_auc);
    assert_eq!(
        Some(found.precision_recall[0].area),
        trained[1].finding.per_class[0].average_precision
    );
    for curve in &found.roc {
        assert_eq!((curve.x[0], curve.y[0]), (0.0, 0.0));
        assert_eq!((curve.x.last(), curve.y.last()), (Some(&1.0), Some(&1.0)));
    }
    // Guessing is the diagonal.
    let guess = &found.roc_by_method[0];
    assert_eq!((guess.label.as_str(), guess.area), ("majority", 0.5));
    assert!(guess.x.iter().zip(&guess.y).all(|(x, y)| (x - y).abs() < 1e-12));
    // The one feature is all there is; the one family is told by its column.
    assert_eq!(
        (found.importance.len(), found.importance[0].family.as_str()),
        (1, "mfcc.mean.01")
    );
    assert!(found.importance[0].mean > 0.2, "{found:?}");
    assert_eq!(found.importance_n, 20);
    let last = found.learning_curve.last().unwrap();
    assert_eq!(
        (last.n_train, last.n_artists, last.accuracy),
        (40, Some(20), trained[1].finding.accuracy)
    );
}

#[test]
fn families_have_names() {
    let named = |columns: &[&str]| {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        let groups = groups(&columns).into_iter();
        groups
            .map(|group| (group.name, group.columns.len()))
            .collect::<Vec<_>>()
    };
    let of = |names: &[(&str, usize)]| {
        let owned = |&(name, n): &(&str, usize)| (name.to_owned(), n);
        names.iter().map(owned).collect::<Vec<_>>()
    };
    assert_eq!(
        named(&["mfcc.mean.01", "zcr.mean.01", "mfcc.mean.02"]),
        of(&[("mfcc", 2), ("zcr", 1)])
    );
    assert_eq!(
        named(&["mfcc.mean.01", "mfcc.mean.02", "mfcc.std.01", "mfcc.std.02"]),
        of(&[("mfcc 01", 2), ("mfcc 02", 2)])
    );
    assert_eq!(
        named(&[
            "echonest.audio_features.energy",
            "echonest.audio_features.danceability"
        ]),
        of(&[("energy", 1), ("danceability", 1)])
    );
    assert_eq!(
        named(&["zcr.mean.01", "zcr.std.01"]),
        of(&[("zcr.mean.01", 1), ("zcr.std.01", 1)])
    );
}

#[test]
fn curves_keep_their_ends_and_their_shape() {
    let x: Vec<f64> = (0..=1000).map(|step| f64::from(step) / 1000.0).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sqrt()).collect();
    let curve = Curve::thinned("a", 0.5, &x, &y);
    assert!(curve.x.len() < 210, "{}", curve.x.len());
    assert_eq!((curve.x[0], *curve.x.last().unwrap()), (0.0, 1.0));
    let gap = |pair: &[f64]| pair[1] - pair[0];
    assert!(curve.x.windows(2).all(|pair| gap(pair) <= 0.02));
    // Of a jump the upper end.
    assert_eq!(
        interpolate(&[0.0, 0.0, 0.5, 1.0], &[0.0, 0.4, 0.4, 1.0], 0.0),
        0.4
    );
    assert!((interpolate(&[0.0, 0.0, 0.5, 1.0], &[0.0, 0.4, 0.4, 1.0], 0.75) - 0.7).abs() < 1e-12);
    assert_eq!(interpolate(&[0.0, 1.0], &[0.0, 1.0], 1.0), 1.0);
}
