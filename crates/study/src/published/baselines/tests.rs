#![allow(clippy::unwrap_used)]
use super::*;
use crate::published::verdicts::Verdict;
use cratedigger_learn::Matrix;

#[test]
fn every_published_score_is_there() {
    let all: Vec<Baseline> = baselines().collect();
    assert_eq!(all.len(), 243);
    let sets: BTreeSet<&str> = all.iter().map(|baseline| baseline.features).collect();
    assert_eq!(sets.len(), 18);
    let of_16: Vec<&Baseline> = all.iter().filter(|baseline| baseline.n_genres == 16).collect();
    let methods: BTreeSet<&str> = of_16.iter().map(|baseline| baseline.method).collect();
    assert_eq!((of_16.len(), methods.len()), (18 * 13, 13));
    let best = of_16.iter().map(|baseline| baseline.score).fold(0.0, f64::max);
    assert_eq!(best, 0.6339);
    // Ten of the thirteen methods are here, with the parameters that were published.
    let (here, not): (Vec<&Baseline>, Vec<&Baseline>) =
        of_16.iter().partition(|baseline| classifier(baseline, 0).is_ok());
    assert_eq!(here.len(), 18 * 10);
    let not: BTreeSet<String> = not
        .iter()
        .map(|baseline| classifier(baseline, 0).unwrap_err())
        .collect();
    assert_eq!(
        not.into_iter().collect::<Vec<_>>(),
        [
            "adaboost is not among the methods",
            "naive-bayes is not among the methods",
            "qda is not among the methods"
        ]
    );
}

/// 120 rows of two families, of which `zcr` tells the class; the test side is every third row.
fn data() -> (Dataset, Fold) {
    let y: Vec<usize> = (0..120).map(|row| row % 2).collect();
    let values = (0..120 * 3).map(|at| match at % 3 {
        0 => ((at * 7919) % 101) as f32,
        _ => (at / 3 % 2) as f32 * 3.0 + ((at * 31) % 7) as f32 * 0.1,
    });
    let x = Matrix::new(120, 3, values.collect()).unwrap();
    let mut data = Dataset::new(x, y, vec!["Folk".into(), "Rock".into()]).unwrap();
    data.feature_names = ["mfcc.mean.01", "zcr.mean.01", "zcr.std.01"]
        .map(str::to_owned)
        .to_vec();
    let (test, train) = (0..120).partition(|row| row % 3 == 0);
    (data, Fold { train, test })
}

#[test]
fn ours_stand_beside_those_whose_features_and_methods_are_there() {
    let nothing = |_| ();
    let mut progress = Progress::new(&nothing, None);
    let mut list = List { figures: Vec::new() };
    add(&mut list, &Ok(data()), 0, &mut progress).unwrap();
    assert_eq!(list.figures.len(), 243);
    let find = |name: &str| list.figures.iter().find(|figure| figure.figure == name).unwrap();
    let zcr = find("zcr: decision-tree max_depth=5");
    assert_eq!(zcr.ours, Some(1.0));
    assert_eq!(zcr.verdict, Verdict::Different);
    let forest = find("zcr: random-forest max_depth=5 n_estimators=10 max_features=1");
    assert_eq!(forest.ours, Some(1.0));
    assert!(find("mfcc: svc kernel=rbf").ours.is_some_and(|ours| ours < 0.9));
    // 200 neighbours of 80 rows.
    for (name, reason) in [
        ("zcr: k-nearest-neighbours n_neighbors=200", "n_neighbors"),
        ("tonnetz: linear-svc", "tonnetz"),
        ("zcr: adaboost n_estimators=10", "adaboost"),
        ("mfcc/contrast: svc kernel=linear", "spectral_contrast"),
        ("151 genres, mfcc: mlp max_iter=700", "set of genres"),
    ] {
        let figure = find(name);
        assert_eq!(
            (figure.ours, figure.verdict),
            (None, Verdict::NotComputable),
            "{name}"
        );
        assert!(figure.note.contains(reason), "{}", figure.note);
    }
}

#[test]
fn without_the_dataset_every_score_says_why_there_is_none_beside_it() {
    let nothing = |_| ();
    let mut list = List { figures: Vec::new() };
    add(
        &mut list,
        &Err("no data".into()),
        0,
        &mut Progress::new(&nothing, None),
    )
    .unwrap();
    assert!(
        list.figures
            .iter()
            .all(|figure| figure.verdict == Verdict::NotComputable && figure.note == "no data")
    );
}
