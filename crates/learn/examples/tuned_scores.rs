//! What a score of tuned parameters is worth: labels that are noise, so that the truth is 0.5 whatever is chosen.
//!
//! The best of many trees is chosen by cross-validation, then scored on folds of other seeds of the same rows, by a nested
//! cross-validation that chooses anew in every fold, and on rows that took no part.
//!
//!     cargo run --release -p cratedigger-learn --example tuned_scores -- [N_RUNS [N_ROWS]]

use std::error::Error;

use cratedigger_learn::search::{Search, Space};
use cratedigger_learn::{
    CvOptions, Dataset, Fold, LearnError, Matrix, Method, Splitter, cross_validate, hold_out_validate,
};
use cratedigger_stats::rng::SeededRng;

const N_FEATURES: usize = 20;
const N_FOLDS: usize = 5;
const N_OTHER_SEEDS: u64 = 5;
const N_NEW_ROWS: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<usize>());
    let n_runs = args.next().transpose()?.unwrap_or(200);
    let n_rows = args.next().transpose()?.unwrap_or(100);
    let names = ["best candidate", "other seeds", "nested", "new rows"];
    let mut scores: [Vec<f64>; 4] = Default::default();
    for run in 0..n_runs {
        for (all, score) in scores.iter_mut().zip(one(n_rows, run as u64)?) {
            all.push(score);
        }
    }
    println!(
        "{n_runs} runs, {n_rows} rows x {N_FEATURES} features of noise, {N_FOLDS} folds; the truth is 0.5"
    );
    for (name, scores) in names.iter().zip(&scores) {
        let n = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / n;
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (n - 1.0);
        println!(
            "{name:<15} {mean:.4}  standard error {:.4}",
            (variance / n).sqrt()
        );
    }
    Ok(())
}

/// The four scores of one data set.
fn one(n_rows: usize, seed: u64) -> Result<[f64; 4], Box<dyn Error>> {
    let data = noise(n_rows + N_NEW_ROWS, seed)?;
    let known: Vec<usize> = (0..n_rows).collect();
    let searched = data.take_rows(&known)?;
    let (search, best, mean) = choose(&searched, seed)?;
    let classifier = search.classifier(&search.candidates[best])?;
    let accuracy = |folds: &[Fold]| -> Result<f64, LearnError> {
        Ok(cross_validate(&*classifier, &searched, folds, &CvOptions::default())?.mean_accuracy)
    };
    let mut other = 0.0;
    for seed in (seed + 1..).map(|seed| seed * 1_000).take(N_OTHER_SEEDS as usize) {
        other += accuracy(&Splitter::Stratified.k_fold(&searched, N_FOLDS, seed)?)? / N_OTHER_SEEDS as f64;
    }
    let mut nested = 0.0;
    for fold in Splitter::Stratified.k_fold(&searched, N_FOLDS, seed)? {
        let (search, best, _) = choose(&searched.take_rows(&fold.train)?, seed)?;
        let classifier = search.classifier(&search.candidates[best])?;
        nested += hold_out_validate(&*classifier, &searched, &fold, None)?
            .1
            .accuracy
            / N_FOLDS as f64;
    }
    let new = Fold {
        train: known,
        test: (n_rows..data.n_rows()).collect(),
    };
    let new = hold_out_validate(&*classifier, &data, &new, None)?.1.accuracy;
    Ok([mean, other, nested, new])
}

/// The best of 48 decision trees by cross-validation, and its score.
fn choose(data: &Dataset, seed: u64) -> Result<(Search, usize, f64), Box<dyn Error>> {
    let space: Space = serde_json::from_str(
        r#"{ "max_depth": [1, 2, 3, 4, 6, 10], "min_samples_leaf": [1, 3, 5, 10], "criterion": ["gini", "entropy"] }"#,
    )?;
    let mut search = Search::grid(Method::DECISION_TREE, &space, seed)?;
    search.n_jobs = Some(1);
    let folds = Splitter::Stratified.k_fold(data, N_FOLDS, seed)?;
    let found = search.run(data, &folds, None, &|_| {})?;
    let best = found.best();
    let (candidate, mean) = (best.candidate, best.mean.unwrap_or_default());
    Ok((search, candidate, mean))
}

/// Half of the rows of either class, by labels that know nothing of the features.
fn noise(n_rows: usize, seed: u64) -> Result<Dataset, LearnError> {
    let mut rng = SeededRng::new(seed);
    let values = (0..n_rows * N_FEATURES).map(|_| rng.uniform(-1.0, 1.0) as f32);
    let x = Matrix::new(n_rows, N_FEATURES, values.collect())?;
    let y = (0..n_rows).map(|row| row % 2).collect();
    Dataset::new(x, y, vec!["Folk".into(), "Rock".into()])
}
