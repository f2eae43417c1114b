//! The verdict: what a model says of rows, and whether it is sure enough to name a genre. Decided here for every front end.

use cratedigger_features::Family;
use cratedigger_learn::novelty::is_unknown;
use cratedigger_learn::selective::{ConformalSets, SetKind};
use cratedigger_learn::{Matrix, Model};

use crate::error::{Result, refuse};
use crate::explain::Families;
use crate::neighbours::{Near, Neighbours};
use crate::styles::Styles;

/// The threshold of who needs one and was told none: a genre that is likelier than all others together.
pub const LIKELIER_THAN_NOT: f64 = 0.5;

/// The probability below which no genre is named: what a person says, else what the model says, else `otherwise`.
pub fn threshold(said: Option<f64>, model: &Model, otherwise: Option<f64>) -> Option<f64> {
    said.or(model.card().threshold).or(otherwise)
}

/// What is said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Said {
    /// This genre, an index into the labels.
    Genre(usize),
    /// No genre is likely enough to be named.
    Uncertain,
    /// It is unlike everything that the model has learnt, whatever the probabilities.
    Unknown,
}

impl Said {
    /// The genre that is named.
    pub fn genre(self) -> Option<usize> {
        match self {
            Self::Genre(class) => Some(class),
            Self::Uncertain | Self::Unknown => None,
        }
    }

    /// Whether styles are named beside it: those of an uncertain row are, by thresholds of their own, those of an unknown one are not.
    fn has_styles(self) -> bool {
        match self {
            Self::Genre(_) | Self::Uncertain => true,
            Self::Unknown => false,
        }
    }

    /// The word for it in outputs: `named`, `uncertain` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Genre(_) => "named",
            Self::Uncertain => "uncertain",
            Self::Unknown => "unknown",
        }
    }
}

/// Genres of which the true one is among as often as promised, for each row; indices into the labels, likeliest first.
#[derive(Clone, Debug, PartialEq)]
pub struct GenreSets {
    /// The promised share.
    pub coverage: f64,
    /// By a promise about all rows together.
    pub plain: Vec<Vec<usize>>,
    /// By a promise about each genre by itself.
    pub per_class: Vec<Vec<usize>>,
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
    /// Whether it is named.
    pub said: Vec<Said>,
    /// How far each row is from all that was learnt, over the distance from which on it is unknown; `None` where the model was not trained
    /// to tell.
    pub novelty: Option<Vec<f64>>,
    /// Sets of genres, where the model brings what makes them.
    pub sets: Option<GenreSets>,
    /// All genres, where the model learnt them.
    pub styles: Option<Styles>,
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
    let novelty = model.novelty().map(|novelty| novelty.scores(x)).transpose()?;
    let unlike = |row: usize| novelty.as_ref().is_some_and(|scores| is_unknown(scores[row]));
    let said: Vec<Said> = (0..predictions.classes.len())
        .map(|row| match threshold {
            _ if unlike(row) => Said::Unknown,
            Some(least) if best(row) < least => Said::Uncertain,
            _ => Said::Genre(predictions.classes[row]),
        })
        .collect();
    let sets = match &model.card().sets {
        Some(card) if are_probabilities => Some(genre_sets(&card.calibration, scores.chunks(n_labels))),
        _ => None,
    };
    let styles = match model.styles() {
        Some(styles) => Some(Styles::of(styles, x, |row| said[row].has_styles())?),
        None => None,
    };
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
        said,
        novelty,
        sets,
        styles,
        scores,
        are_probabilities,
        effects,
        neighbours,
    })
}

/// The sets of rows of probabilities.
fn genre_sets<'a>(by: &ConformalSets, rows: impl Iterator<Item = &'a [f64]>) -> GenreSets {
    let set = |kind: SetKind, row: &[f64]| {
        let inside = by.set(kind, row);
        let mut genres: Vec<usize> = (0..row.len()).filter(|&class| inside[class]).collect();
        genres.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        genres
    };
    let (plain, per_class) = rows
        .map(|row| (set(SetKind::Plain, row), set(SetKind::PerClass, row)))
        .unzip();
    GenreSets {
        coverage: by.coverage,
        plain,
        per_class,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_learn::model::{SetsCard, UnknownRows};
    use cratedigger_learn::novelty::Novelty;
    use cratedigger_learn::{Dataset, FittedPipeline, Method, ModelCard, Rows};

    #[test]
    fn what_is_uncertain_is_not_named_and_sets_are_the_models() {
        let x = Matrix::new(6, 1, vec![-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]).unwrap();
        let data = Dataset::new(x, vec![0, 0, 0, 1, 1, 1], vec!["Folk".into(), "Rock".into()]).unwrap();
        let fitted =
            FittedPipeline::fit_rows(&*Method::LOGISTIC_REGRESSION.classifier(0), Rows::of(&data), None)
                .unwrap();
        let mut card = ModelCard::of(&data);
        let calibration = ConformalSets {
            coverage: 0.8,
            quantile: Some(0.45),
            class_quantiles: vec![None, Some(0.3)],
            ..ConformalSets::default()
        };
        card.sets = Some(SetsCard {
            calibration,
            ..SetsCard::default()
        });
        let model = Model::new(fitted, card).unwrap();
        let rows = Matrix::new(3, 1, vec![-3.0, 0.05, 3.0]).unwrap();
        let question = Question {
            threshold: Some(0.6),
            ..Question::default()
        };
        let found = classify(&model, &rows, question).unwrap();
        assert_eq!(found.said, [Said::Genre(0), Said::Uncertain, Said::Genre(1)]);
        assert_eq!(
            found.said.iter().map(|said| said.word()).collect::<Vec<_>>(),
            ["named", "uncertain", "named"]
        );
        let sets = found.sets.unwrap();
        assert_eq!((sets.coverage, sets.plain), (0.8, vec![vec![0], vec![], vec![1]]));
        // Nothing leaves the first genre out of the sets by genre; the likeliest stands first.
        assert_eq!(sets.per_class[2], [1, 0]);
        assert_eq!(sets.per_class[1], [0]);
        let all = classify(&model, &rows, Question::default()).unwrap();
        assert!(all.said.iter().all(|said| said.genre().is_some()));
    }

    #[test]
    fn what_is_unlike_everything_learnt_is_unknown_however_sure_the_model_is() {
        let values: Vec<f32> = (0..60)
            .map(|row| if row % 2 == 0 { -2.0 } else { 2.0 } + (row * 7 % 11) as f32 / 11.0)
            .collect();
        let y = (0..60).map(|row| row % 2).collect();
        let data = Dataset::new(
            Matrix::new(60, 1, values).unwrap(),
            y,
            vec!["Folk".into(), "Rock".into()],
        )
        .unwrap();
        let fitted =
            FittedPipeline::fit_rows(&*Method::LOGISTIC_REGRESSION.classifier(0), Rows::of(&data), None)
                .unwrap();
        let novelty = Novelty::fit(&data, 0.05, 0, None).unwrap();
        let model = Model::new(fitted, ModelCard::of(&data))
            .unwrap()
            .with_novelty(novelty, UnknownRows::default());
        let rows = Matrix::new(3, 1, vec![2.4, 400.0, 0.0]).unwrap();
        let question = Question {
            threshold: Some(0.9),
            ..Question::default()
        };
        let found = classify(&model, &rows, question).unwrap();
        assert_eq!(found.said[..2], [Said::Genre(1), Said::Unknown]);
        assert_ne!(found.said[2], Said::Genre(0));
        assert!(
            found.scores[3] > 0.99,
            "the model alone is sure: {:?}",
            found.scores
        );
        assert_eq!((found.said[1].word(), found.said[1].genre()), ("unknown", None));
        let novelty = found.novelty.unwrap();
        assert!(novelty[0] <= 1.0 && novelty[1] > 1.0, "{novelty:?}");
    }
}
