#![allow(clippy::unwrap_used)]

mod resuming;

use serde_json::json;

use super::halving::order_of_rows;
use super::*;
use crate::error::LearnError;
use crate::evaluate::cross_validation::{CvOptions, cross_validate};
use crate::split::{Fold, Splitter};
use crate::test_support::{golden, indices};
use crate::{Dataset, Matrix, Method};
use cratedigger_stats::rng::SeededRng;

fn space(json: serde_json::Value) -> Space {
    serde_json::from_value(json).unwrap()
}

/// 150 rows in three classes that overlap, at different scales.
fn data() -> Dataset {
    let mut rng = SeededRng::new(3);
    let mut values = Vec::new();
    let y: Vec<usize> = (0..150).map(|row| row % 3).collect();
    for &class in &y {
        values.push((rng.uniform(-2.0, 2.0) + class as f64) as f32);
        values.push((rng.uniform(-200.0, 200.0) + 120.0 * ((class == 1) as u8 as f64)) as f32);
        values.push(rng.uniform(-1.0, 1.0) as f32);
    }
    let classes = vec!["Folk".into(), "Jazz".into(), "Rock".into()];
    Dataset::new(Matrix::new(150, 3, values).unwrap(), y, classes).unwrap()
}

fn folds(data: &Dataset) -> Vec<Fold> {
    Splitter::Stratified.k_fold(data, 3, 0).unwrap()
}

/// A small perceptron in which candidates share runs: `learning_rate` means nothing to adam, and 5 epochs are the
/// beginning of 40.
fn shared_space() -> Space {
    space(json!({
        "hidden_layer_sizes": [[4]],
        "solver": ["adam", "sgd"],
        "learning_rate": ["constant", "adaptive"],
        "learning_rate_init": [0.02],
        "tol": [0.003],
        "max_iter": [5, 40, 400],
    }))
}

/// All but the times.
fn timeless(mut result: SearchResult) -> SearchResult {
    result.n_resumed = 0;
    for row in &mut result.rows {
        (row.fit_seconds, row.fit_seconds_sd, row.score_seconds) = (0.0, 0.0, 0.0);
    }
    result
}

#[test]
fn a_grid_has_the_order_of_scikit_learn() {
    let golden = golden(include_str!("../../tests/golden/search.json"));
    let got = space(golden["grid"].clone()).grid().unwrap();
    assert_eq!(serde_json::to_value(&got).unwrap(), golden["combinations"]);
    assert_eq!(space(json!({})).grid().unwrap(), [Params::new()]);
    assert_eq!(space(json!({"alpha": 0.5, "b": [1, 2]})).grid().unwrap().len(), 2);
}

#[test]
fn ranks_are_those_of_scikit_learn() {
    let golden = golden(include_str!("../../tests/golden/search.json"));
    let means = golden["means"].as_array().unwrap();
    let search = Search::of(Method::MAJORITY, vec![Params::new(); means.len()], 0);
    let rows = means.iter().enumerate().map(|(candidate, mean)| {
        let mut row = CandidateRow::new(candidate, 0, 1, &Params::new(), std::iter::empty());
        row.mean = mean.as_f64();
        row
    });
    let result = SearchResult::new(&search, rows.collect(), 6, 0).unwrap();
    let ranks: Vec<usize> = result.rows.iter().map(|row| row.rank).collect();
    assert_eq!(ranks, indices(&golden["ranks"]));
    assert_eq!(result.best, 1, "of equal candidates the first");
}

#[test]
fn halving_has_the_rounds_of_scikit_learn() {
    let golden = golden(include_str!("../../tests/golden/search.json"));
    for case in golden["halving"].as_array().unwrap() {
        let number = |name: &str| case[name].as_u64().unwrap() as usize;
        let halving = Halving {
            factor: number("factor"),
        };
        let rounds = halving
            .rounds(
                number("n_candidates"),
                number("n_rows"),
                number("n_folds"),
                number("n_classes"),
            )
            .unwrap();
        let candidates: Vec<usize> = rounds.iter().map(|round| round.n_candidates).collect();
        let resources: Vec<usize> = rounds.iter().map(|round| round.n_resources).collect();
        assert_eq!(candidates, indices(&case["candidates"]), "{case}");
        assert_eq!(resources, indices(&case["resources"]), "{case}");
    }
}

#[test]
fn every_score_is_that_of_a_lone_cross_validation() {
    let data = data();
    let folds = folds(&data);
    let search = Search::grid(Method::MLP, &shared_space(), 7).unwrap();
    let result = search.run(&data, &folds, None, &|_| {}).unwrap();
    assert_eq!(result.rows.len(), 12);
    for row in &result.rows {
        let classifier = search.classifier(&row.params).unwrap();
        let lone = cross_validate(&*classifier, &data, &folds, &CvOptions::default()).unwrap();
        let got: Vec<f64> = row.fold_scores.iter().map(|score| score.unwrap()).collect();
        assert_eq!(got, lone.fold_accuracy, "{:?}", row.params);
        let n_not_converged = lone.folds.iter().filter(|fold| !fold.converged).count();
        assert_eq!(row.n_not_converged, n_not_converged, "{:?}", row.params);
    }
    // The candidates differ, or the comparison would say little.
    let mut means: Vec<u64> = result
        .rows
        .iter()
        .map(|row| row.mean.unwrap().to_bits())
        .collect();
    means.sort_unstable();
    means.dedup();
    assert!(means.len() >= 4, "{means:?}");
}

/// How many candidates end each run of a search.
fn runs(method: Method, space: &Space) -> Vec<usize> {
    let search = Search::grid(method, space, 0).unwrap();
    let classifiers = search
        .candidates
        .iter()
        .map(|params| search.classifier(params).unwrap());
    let indexed: Vec<_> = classifiers.enumerate().collect();
    let groups = sharing::groups(&indexed);
    groups
        .iter()
        .map(|group| group.ends.iter().map(|end| end.1.len()).sum())
        .collect()
}

#[test]
fn candidates_that_differ_in_nothing_that_matters_share_a_run() {
    // adam, which has no learning rate schedule, and sgd, whose adaptive run begins as its constant one.
    assert_eq!(runs(Method::MLP, &shared_space()), [6, 6]);
    let invscaling =
        json!({"solver": "sgd", "learning_rate": ["constant", "invscaling"], "max_iter": [5, 9]});
    assert_eq!(runs(Method::MLP, &space(invscaling)), [2, 2]);
    // A default is the same whether it is named or not; other methods look at everything.
    assert_eq!(
        runs(
            Method::LINEAR_SVC,
            &space(json!({"C": [1.0, 2.0, 1], "tol": 1e-4}))
        ),
        [2, 1]
    );
    assert_eq!(
        runs(Method::MLP, &Space::default_of(Method::MLP).unwrap()).len(),
        12
    );
}

#[test]
fn the_table_does_not_depend_on_the_number_of_threads() {
    let data = data();
    let folds = folds(&data);
    let run = |n_jobs, halving| {
        let mut search = Search::grid(Method::MLP, &shared_space(), 1).unwrap();
        search.n_jobs = Some(n_jobs);
        search.halving = halving;
        timeless(search.run(&data, &folds, None, &|_| {}).unwrap())
    };
    for halving in [None, Some(Halving::default())] {
        let one = run(1, halving);
        assert_eq!(one, run(2, halving));
        assert_eq!(one, run(13, halving));
    }
}

#[test]
fn a_candidate_that_fails_is_last_and_says_why() {
    let data = data();
    let folds = folds(&data);
    let space = space(json!({
        "hidden_layer_sizes": [[3]], "solver": "sgd", "max_iter": [20], "learning_rate_init": [1e30, 0.01],
    }));
    let result = Search::grid(Method::MLP, &space, 0)
        .unwrap()
        .run(&data, &folds, None, &|_| {})
        .unwrap();
    assert_eq!(
        (result.best, result.rows[0].mean, result.rows[0].rank),
        (1, None, 2)
    );
    // What failed has not stopped at its limit.
    assert_eq!(result.rows[0].n_not_converged, 0);
    let reason = result.rows[0].error.as_deref().unwrap();
    assert!(reason.contains("learning_rate_init"), "{reason}");
    let one_class = Dataset {
        y: vec![0; 150],
        ..data
    };
    let error = Search::of(Method::LINEAR_SVC, vec![Params::new()], 0)
        .run(&one_class, &folds, None, &|_| {})
        .unwrap_err();
    assert!(
        matches!(error, LearnError::NoCandidate { n_candidates: 1, .. }),
        "{error}"
    );
}

#[test]
fn halving_keeps_the_best_and_gives_them_more_rows() {
    let data = data();
    let folds = folds(&data);
    let mut search = Search::grid(
        Method::DECISION_TREE,
        &space(json!({"max_depth": [1, 2, 3, 4, 5, 6, 7, 8, 9]})),
        0,
    )
    .unwrap();
    search.halving = Some(Halving::default());
    let result = search.run(&data, &folds, None, &|_| {}).unwrap();
    let of_round = |round: usize| {
        result
            .rows
            .iter()
            .filter(move |row| row.round == round)
            .collect::<Vec<_>>()
    };
    assert_eq!((of_round(0).len(), of_round(1).len()), (9, 3));
    let worst_kept = of_round(1)
        .iter()
        .map(|row| result.rows[row.candidate].mean.unwrap())
        .fold(f64::INFINITY, f64::min);
    let n_better = of_round(0)
        .iter()
        .filter(|row| row.mean.unwrap() > worst_kept)
        .count();
    assert!(n_better < 3, "{n_better}");
    assert_eq!(result.best().round, result.rows.last().unwrap().round);
    // Rows are drawn by class, and more rows contain the fewer.
    let order = order_of_rows(&folds[0].train, &data.y, 3, 0);
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, folds[0].train);
    let mut counts = [0; 3];
    order[..30].iter().for_each(|&row| counts[data.y[row]] += 1);
    assert_eq!(counts, [10; 3]);
    // One row among a hundred is in their middle, not at the front of every beginning.
    let y: Vec<usize> = (0..101).map(|row| usize::from(row == 40)).collect();
    let order = order_of_rows(&(0..101).collect::<Vec<_>>(), &y, 2, 0);
    let place = order.iter().position(|&row| row == 40).unwrap();
    assert!((45..56).contains(&place), "{place}");
}

#[test]
fn random_candidates_lie_in_their_ranges() {
    let ranges = space(json!({
        "alpha": {"min": 1e-6, "max": 1.0, "log": true},
        "momentum": {"min": 0.25, "max": 0.75},
        "max_iter": {"min": 1, "max": 3},
        "batch_size": {"min": 10, "max": 1000, "log": true},
        "solver": ["adam", "sgd"],
    }));
    let drawn = ranges.random(600, 1).unwrap();
    assert_eq!(drawn, ranges.random(600, 1).unwrap());
    assert_ne!(drawn, ranges.random(600, 2).unwrap());
    let numbers = |name: &str| {
        drawn
            .iter()
            .map(|p| serde_json::to_value(&p[name]).unwrap().as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    let alpha = numbers("alpha");
    assert!(alpha.iter().all(|a| (1e-6..=1.0).contains(a)));
    // Half of the logarithms lie below the middle: 300 of 600, sd 12.
    let below = alpha.iter().filter(|&&a| a < 1e-3).count();
    assert!((250..350).contains(&below), "{below}");
    assert!(numbers("momentum").iter().all(|m| (0.25..0.75).contains(m)));
    for iter in [1.0, 2.0, 3.0] {
        let n = numbers("max_iter").iter().filter(|&&n| n == iter).count();
        assert!((150..250).contains(&n), "{n}");
    }
    assert!(
        drawn
            .iter()
            .all(|p| matches!(p["batch_size"], crate::ParamValue::Int(_)))
    );
    assert!(ranges.grid().unwrap_err().to_string().contains("--random"));

    let lists = space(json!({"a": [1, 2, 3], "b": [1, 2, 3]}));
    let some = lists.random(5, 0).unwrap();
    assert!((0..5).all(|at| !some[..at].contains(&some[at])));
    assert_eq!(lists.random(50, 0).unwrap(), lists.grid().unwrap());
}

#[test]
fn spaces_that_cannot_be_searched_are_refused() {
    for (bad, word) in [
        (json!({"alpha": []}), "empty"),
        (json!({"a": {"min": 2, "max": 1}}), "larger"),
        (json!({"a": {"min": 0.0, "max": 1.0, "log": true}}), "above 0"),
        (json!({"a": {"min": "x", "max": 1.0}}), "numbers"),
    ] {
        let error = space(bad).random(3, 0).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let huge: Vec<usize> = (0..400).collect();
    assert!(space(json!({"a": huge, "b": huge})).grid().is_err());
    let unknown = Search::grid(Method::MLP, &space(json!({"alhpa": [1.0]})), 0).unwrap();
    let error = unknown.run(&data(), &folds(&data()), None, &|_| {}).unwrap_err();
    assert!(error.to_string().contains("alhpa"), "{error}");
}

#[test]
fn the_built_in_spaces_can_be_searched() {
    for &method in Method::ALL {
        let search = Search::grid(method, &Space::default_of(method).unwrap(), 0).unwrap();
        for params in &search.candidates {
            search.classifier(params).unwrap();
        }
        let at_least = match method.name() {
            "mlp" => 24,
            "majority" => 1,
            _ => 8,
        };
        assert!(search.candidates.len() >= at_least, "{method}");
    }
}

#[test]
fn the_table_is_csv() {
    let data = data();
    let space = space(json!({"max_depth": [1, 3], "criterion": ["gini"]}));
    let result = Search::grid(Method::DECISION_TREE, &space, 0)
        .unwrap()
        .run(&data, &folds(&data), None, &|_| {})
        .unwrap();
    let mut out = Vec::new();
    result.write_csv(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{text}");
    let column = |name: &str| lines[0].iter().position(|field| *field == name).unwrap();
    let mean: f64 = lines[2][column("mean_test_score")].parse().unwrap();
    assert_eq!(Some(mean), result.rows[1].mean);
    let split: f64 = lines[2][column("split2_test_score")].parse().unwrap();
    assert_eq!(Some(split), result.rows[1].fold_scores[2]);
    assert_eq!(lines[2][column("param_max_depth")], "3");
    assert_eq!(lines[2][column("param_criterion")], "gini");
}
