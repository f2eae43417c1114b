//! The verdict: what a model says of rows, and whether it is sure enough to name a genre. Decided here for every front end.

use cratedigger_features::Family;
use cratedigger_learn::{Matrix, Model};

use crate::error::{Result, refuse};
use crate::explain::Families;
use crate::neighbours::{Near, Neighbours};

/// The threshold of who needs one and was told none: a genre that is likelier than all others together.
pub const LIKELIER_THAN_NOT: f64 = 0.5;

/// The probability below which no genre is named: what a person says, else what the model says, else `otherwise`.
pub fn threshold(said: Option<f64>, model: &Model, otherwise: Option<f64>) -> Option<f64> {
    said.or(model.card().threshold).or(otherwise)
}

/// What is asked besides the scores.
#[derive(Clone, Copy, Default)]
pub struct Question<'a> {
    /// The probability below which no genre is named; `None` to always name one.
    pub threshold: Option<f64>,
    /// Whether it is asked why, and the model's families, where it knows what is typical.
    pub explain: Option<Option<&'a Families>>,
    /// The tracks among which the nearest are looked for.
    pub neighbours: Option<&'a Neighbours>,
}

/// What a model says of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    /// The class with the largest score.
    pub classes: Vec<usize>,
    /// The same, or `None` where its probability is below the threshold.
    pub genres: Vec<Option<usize>>,
    /// A score for each label of the model, row after row.
    pub scores: Vec<f64>,
    /// Whether the scores are probabilities; otherwise they are distances from the decision boundary.
    pub are_probabilities: bool,
    /// Why.
    pub effects: Explained,
    /// The tracks nearest to each row, where they were asked for.
    pub neighbours: Option<Vec<Vec<Near>>>,
}

/// What spoke for and against each row's likeliest genre.
#[derive(Clone, Debug, PartialEq)]
pub enum Explained {
    /// It was not asked.
    NotAsked,
    /// The model does not know what a typical track is.
    Impossible,
    /// By family, from the largest down.
    Effects(Vec<Vec<(Family, f64)>>),
}

/// The verdict on each row of the model's features, in its order.
///
/// # Errors
/// `Model` where probabilities are needed and the model has none.
pub fn classify(model: &Model, x: &Matrix, question: Question<'_>) -> Result<Verdicts> {
    let Question {
        threshold,
        explain,
        neighbours,
    } = question;
    let seen = model.pipeline().transform(x)?;
    let predictions = model.predict_seen(&seen)?;
    let n_labels = model.card().labels.len();
    let (scores, are_probabilities) = match (predictions.probabilities, predictions.decision) {
        (Some(probabilities), _) => (probabilities.as_slice().to_vec(), true),
        (None, Some(decision)) if decision.n_cols() == 1 => (
            // One distance tells two classes apart: each gets its own.
            decision.as_slice().iter().flat_map(|&d| [-d, d]).collect(),
            false,
        ),
        (None, Some(decision)) => (decision.as_slice().to_vec(), false),
        (None, None) => refuse!(Model, "the model gives no scores"),
    };
    if !are_probabilities && (threshold.is_some() || explain.is_some()) {
        refuse!(
            Model,
            "a {} has no probabilities, so {} nothing to it; train it with --calibrate",
            model.card().method,
            if explain.is_some() {
                "--explain means"
            } else {
                "--threshold and --write-tags mean"
            }
        );
    }
    let best = |row: usize| scores[row * n_labels + predictions.classes[row]];
    let genres = (0..predictions.classes.len())
        .map(|row| {
            threshold
                .is_none_or(|least| best(row) >= least)
                .then_some(predictions.classes[row])
        })
        .collect();
    let effects = match explain {
        None => Explained::NotAsked,
        Some(None) => Explained::Impossible,
        Some(Some(families)) => {
            let of_row = |row: usize| {
                let one = seen.take_rows(&[row])?;
                families.effects(model, &one, predictions.classes[row], best(row))
            };
            Explained::Effects((0..seen.n_rows()).map(of_row).collect::<Result<_>>()?)
        }
    };
    let neighbours = neighbours.map(|data| seen.rows().map(|row| data.nearest(row)).collect());
    Ok(Verdicts {
        classes: predictions.classes,
        genres,
        scores,
        are_probabilities,
        effects,
        neighbours,
    })
}
