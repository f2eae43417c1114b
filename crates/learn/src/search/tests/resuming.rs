//! Searches that were killed, and journals that belong to others.

use std::fs;
use std::sync::Mutex;

use super::*;
use crate::search::record::FitRecord;

#[test]
fn a_killed_search_goes_on_without_repeating_a_fit() {
    let data = data();
    let folds = folds(&data);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("search.journal");
    let mut search = Search::grid(Method::MLP, &shared_space(), 7).unwrap();
    search.halving = Some(Halving::default());
    let whole = search.run(&data, &folds, Some(&path), &|_| {}).unwrap();
    assert_eq!(whole.n_resumed, 0);
    assert_eq!(
        timeless(search.run(&data, &folds, None, &|_| {}).unwrap()),
        timeless(whole.clone())
    );

    // As a kill would leave it: some lines, and the beginning of one more. A fit's time tells whether it is repeated.
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let marked = lines[1].replace("\"fit_seconds\":", "\"fit_seconds\":4321");
    let torn = format!(
        "{}\n{marked}\n{}\n{}",
        lines[0],
        lines[2],
        &lines[3][..lines[3].len() / 2]
    );
    fs::write(&path, &torn).unwrap();
    let seen = Mutex::new(Vec::new());
    let resumed = search
        .run(&data, &folds, Some(&path), &|progress| {
            seen.lock().unwrap().push(progress)
        })
        .unwrap();
    assert_eq!(resumed.n_resumed, 2);
    assert_eq!(timeless(resumed.clone()), timeless(whole.clone()));
    assert!(resumed.rows.iter().any(|row| row.fit_seconds > 1000.0));
    let last = seen.lock().unwrap().iter().map(|p| p.n_done).max();
    assert_eq!(last, Some(resumed.n_fits));
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), lines.len());

    // A finished one is only read.
    let again = search.run(&data, &folds, Some(&path), &|_| {}).unwrap();
    assert_eq!(again.n_resumed, again.n_fits);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), lines.len());

    // Another seed, other folds, other data: not this search's journal.
    let other = Search {
        seed: 8,
        ..search.clone()
    };
    let error = other.run(&data, &folds, Some(&path), &|_| {}).unwrap_err();
    assert!(error.to_string().contains("another search"), "{error}");
    assert!(search.run(&data, &folds[..2], Some(&path), &|_| {}).is_err());
    let mut changed = data.clone();
    changed.y.swap(0, 1);
    assert!(search.run(&changed, &folds, Some(&path), &|_| {}).is_err());
    // Either side of a fold counts, and so do the preprocessing and what is maximised.
    let refused = |search: &Search, folds: &[Fold]| {
        let error = search.run(&data, folds, Some(&path), &|_| {}).unwrap_err();
        assert!(error.to_string().contains("another search"), "{error}");
    };
    let mut fewer = folds.clone();
    fewer[1].train.pop();
    refused(&search, &fewer);
    let mut fewer = folds.clone();
    fewer[1].test.pop();
    refused(&search, &fewer);
    let mut other = search.clone();
    other.pipeline = "robust".parse().unwrap();
    refused(&other, &folds);
    let mut other = search.clone();
    other.scoring = Scoring::BalancedAccuracy;
    refused(&other, &folds);
    let newer = lines[0].replace("\"cratedigger_search\":1", "\"cratedigger_search\":2");
    assert_ne!(newer, lines[0]);
    fs::write(&path, format!("{newer}\n{}\n", lines[1])).unwrap();
    refused(&search, &folds);
    fs::write(&path, format!("{}\nnonsense\n{}\n", lines[0], lines[1])).unwrap();
    let error = search.run(&data, &folds, Some(&path), &|_| {}).unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn the_best_is_of_the_last_round_whatever_few_rows_said() {
    let row = |candidate: usize, round: usize, score: f64| {
        let record = FitRecord {
            score: Some(score),
            error: None,
            fit_seconds: 0.0,
            score_seconds: 0.0,
            converged: true,
        };
        CandidateRow::new(candidate, round, 10, &Params::new(), [Some(&record)].into_iter())
    };
    let search = Search::of(Method::MAJORITY, vec![Params::new(); 2], 0);
    let rows = vec![row(0, 0, 0.9), row(1, 0, 0.95), row(0, 1, 0.7), row(1, 1, 0.8)];
    let result = SearchResult::new(&search, rows, 4, 0).unwrap();
    assert_eq!(result.best, 3);
    let ranks: Vec<usize> = result.rows.iter().map(|row| row.rank).collect();
    assert_eq!(ranks, [2, 1, 4, 3]);
}
