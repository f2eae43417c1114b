//! The second answer of a model: all genres of a track, along their tree, beside the one genre.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::hierarchy::Hierarchy;
use crate::data::label_matrix::LabelMatrix;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::Result;
use crate::multilabel::{FittedLabels, LabelEvaluation, Thresholds};
use crate::state::{ModelState, bad_state};

/// What stands before the names of everything that the styles learnt, in a model's file.
const PREFIX: &str = "styles.";

/// A model of several genres a row, with the probabilities from which on they are named.
#[derive(Debug)]
pub struct Styles {
    model: FittedLabels,
    thresholds: Thresholds,
}

/// What is said of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct StylePredictions {
    /// The probability of each genre (columns) for each row. They need not sum to one; none is larger than that of the genre above.
    pub probabilities: ScoreMatrix,
    /// The genres that are named of each row, each behind the one above it: indices into [`Styles::names`].
    pub named: Vec<Vec<usize>>,
}

/// What is to be known about the styles of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StylesCard {
    /// The method.
    pub method: String,
    /// Preprocessing, as the text of a [`crate::Pipeline`].
    pub pipeline: String,
    /// The column that the genres are of, with those above them: `genres_all`.
    pub labels: String,
    /// Rows that were fitted on.
    pub n_rows: usize,
    /// Their groups (artists); `None` where no artist is known.
    pub n_artists: Option<usize>,
    /// [`crate::Dataset::fingerprint`] of these rows.
    pub fingerprint: String,
    /// Rows that a genre had to have at least.
    pub min_support: usize,
    /// What the thresholds were chosen for, as the text of a [`crate::multilabel::ThresholdFor`].
    pub threshold_for: String,
    /// Each genre, in the order of the probabilities.
    pub genres: Vec<StyleCard>,
    /// Genres of too few rows or groups, which are not learnt; most rows first.
    pub left_out: Vec<LeftOutCard>,
    /// How the rows that the scores come from were told from those that were fitted on.
    pub split: String,
    /// Rows that were scored.
    pub n_test: usize,
    /// Scores by name.
    pub scores: BTreeMap<String, f64>,
}

/// A genre of a model's styles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StyleCard {
    /// The genre.
    pub genre: String,
    /// The genre above it, of those that are learnt.
    pub parent: Option<String>,
    /// Rows that have it, of those that were fitted on.
    pub n_rows: usize,
    /// The probability from which on it is named; `None` where it never is.
    pub threshold: Option<f64>,
    /// Scored rows that have it.
    pub n_test: usize,
    /// Area under the ROC curve; `None` where all scored rows or none have it.
    pub roc_auc: Option<f64>,
    /// Average precision; `None` where no scored row has it.
    pub average_precision: Option<f64>,
    /// Share of the scored rows of which it was named that have it; `None` where it was never named.
    pub precision: Option<f64>,
    /// Share of the scored rows that have it of which it was named; `None` where none has it.
    pub recall: Option<f64>,
}

/// A genre that is not learnt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftOutCard {
    /// The genre.
    pub genre: String,
    /// Rows that have it.
    pub n_rows: usize,
    /// Groups (artists) of these rows.
    pub n_artists: usize,
}

impl StylesCard {
    /// A card with what a fitted model and its scores on held-out rows tell. `fitted_on`: the labels of the rows that it was fitted on.
    /// The thresholds are those of the first claims' first fold.
    pub fn new(model: &FittedLabels, found: &LabelEvaluation, fitted_on: &LabelMatrix) -> Self {
        let (names, tree, ranking) = (model.names(), model.tree(), &found.ranking);
        let claims = &found.claims[0];
        let (support, claimed) = (fitted_on.support(), claims.claimed.support());
        let genre = |label: usize| {
            let (of_rows, said) = (found.labels.column(label), claims.claimed.column(label));
            let right = of_rows
                .iter()
                .zip(&said)
                .filter(|(has, said)| **has && **said)
                .count();
            let share = |whole: usize| (whole > 0).then(|| right as f64 / whole as f64);
            let score = &ranking.per_label[label];
            StyleCard {
                genre: names[label].clone(),
                parent: tree.parent(label).map(|parent| names[parent].clone()),
                n_rows: support[label],
                threshold: claims.thresholds[0].as_slice()[label],
                n_test: score.support,
                roc_auc: score.roc_auc,
                average_precision: score.average_precision,
                precision: share(claimed[label]),
                recall: share(score.support),
            }
        };
        let hierarchical = &claims.hierarchical;
        let scores = [
            ("roc_auc_macro", ranking.roc_auc.macro_average),
            ("roc_auc_weighted", ranking.roc_auc.weighted_average),
            ("average_precision_macro", ranking.average_precision.macro_average),
            (
                "average_precision_weighted",
                ranking.average_precision.weighted_average,
            ),
            (
                "label_ranking_average_precision",
                Some(ranking.label_ranking_average_precision),
            ),
            ("hierarchical_precision", Some(hierarchical.precision)),
            ("hierarchical_recall", Some(hierarchical.recall)),
            ("hierarchical_f1", Some(hierarchical.f1)),
        ];
        Self {
            n_rows: fitted_on.n_rows(),
            threshold_for: claims.threshold_for.to_string(),
            genres: (0..names.len()).map(genre).collect(),
            n_test: found.rows.len(),
            scores: scores
                .into_iter()
                .filter_map(|(name, score)| Some((name.to_owned(), score?)))
                .collect(),
            ..Self::default()
        }
    }
}

impl Styles {
    /// A model with the thresholds of its card. Method and pipeline are filled in.
    ///
    /// # Errors
    /// `BadState` where the card has other genres or another tree than the model, or a threshold that is no probability.
    pub(super) fn new(model: FittedLabels, card: &mut StylesCard) -> Result<Self> {
        let names = model.names();
        let above = |label| model.tree().parent(label).map(|parent| &names[parent]);
        let same =
            card.genres.len() == names.len()
                && card.genres.iter().enumerate().all(|(label, genre)| {
                    genre.genre == names[label] && genre.parent.as_ref() == above(label)
                });
        if !same {
            return Err(bad_state(
                "the card names other styles than the model, or another tree",
            ));
        }
        let thresholds: Vec<Option<f64>> = card.genres.iter().map(|genre| genre.threshold).collect();
        if let Some(bad) = thresholds.iter().flatten().find(|t| !(0.0..=1.0).contains(*t)) {
            return Err(bad_state(format!(
                "the threshold {bad} of a style is not between 0 and 1"
            )));
        }
        card.method = model.method().name().to_owned();
        card.pipeline = model.pipeline().to_string();
        Ok(Self {
            thresholds: Thresholds::new(thresholds),
            model,
        })
    }

    /// Adds all to the state of a model.
    pub(super) fn put(&self, state: &mut ModelState) -> Result<()> {
        state.put_part(PREFIX, PREFIX, self.model.to_state()?);
        Ok(())
    }

    /// The styles of a model's state.
    ///
    /// # Errors
    /// `BadState` where there are none, or others than the card says.
    pub(super) fn read(state: &ModelState, n_features: usize, card: &mut StylesCard) -> Result<Self> {
        Self::new(
            FittedLabels::from_state(&state.part(PREFIX, PREFIX), n_features)?,
            card,
        )
    }

    /// Names of the genres.
    pub fn names(&self) -> &[String] {
        self.model.names()
    }

    /// The tree that they stand in.
    pub fn tree(&self) -> &Hierarchy {
        self.model.tree()
    }

    /// The probability from which on each genre is named.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// The genres of rows whose columns are the model's features, in their order.
    ///
    /// # Errors
    /// As [`FittedLabels::proba`].
    pub fn predict(&self, x: &Matrix) -> Result<StylePredictions> {
        let probabilities = self.model.proba(x)?;
        let tree = self.tree();
        let order = tree.depth_first();
        let named = probabilities
            .rows()
            .map(|row| {
                let claimed = self.thresholds.claim(tree, row);
                order.iter().copied().filter(|&label| claimed[label]).collect()
            })
            .collect();
        Ok(StylePredictions { probabilities, named })
    }
}

impl fmt::Display for StylesCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, value: &dyn fmt::Display| writeln!(f, "{name:<12} {value}");
        let artists = self
            .n_artists
            .map_or_else(String::new, |n| format!(" by {n} artists"));
        line(
            "styles",
            &format_args!(
                "{} genres of {} by {} after {}, fitted on {} rows{artists}",
                self.genres.len(),
                self.labels,
                self.method,
                self.pipeline,
                self.n_rows
            ),
        )?;
        if !self.left_out.is_empty() {
            line(
                "",
                &format_args!(
                    "{} more have fewer than {} rows, or are of too few artists: not learnt",
                    self.left_out.len(),
                    self.min_support
                ),
            )?;
        }
        let named = self
            .genres
            .iter()
            .filter(|genre| genre.threshold.is_some())
            .count();
        let wanted = &self.threshold_for;
        line(
            "",
            &format_args!("{named} of them are named, from the probability on that was chosen for {wanted}"),
        )?;
        if !self.split.is_empty() {
            line("", &format_args!("scored by {}", self.split))?;
        }
        for (name, score) in &self.scores {
            line("", &format_args!("{name:<31} {score:.4}"))?;
        }
        let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
        let names = self.in_tree();
        let width = names.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0).max(5);
        writeln!(
            f,
            "\n{:<width$}  threshold  precision  recall  average precision  fitted rows  test rows",
            "style"
        )?;
        for (name, genre) in names {
            writeln!(
                f,
                "{name:<width$}  {:>9}  {:>9}  {:>6}  {:>17}  {:>11}  {:>9}",
                shown(genre.threshold),
                shown(genre.precision),
                shown(genre.recall),
                shown(genre.average_precision),
                genre.n_rows,
                genre.n_test
            )?;
        }
        Ok(())
    }
}

impl StylesCard {
    /// The genres as a tree, each below the one above it, indented.
    fn in_tree(&self) -> Vec<(String, &StyleCard)> {
        let place: BTreeMap<&str, usize> = self.genres.iter().map(|g| g.genre.as_str()).zip(0..).collect();
        let parents = self
            .genres
            .iter()
            .map(|genre| place.get(genre.parent.as_deref()?).copied());
        let Ok(tree) = Hierarchy::new(parents.collect()) else {
            return self
                .genres
                .iter()
                .map(|genre| (genre.genre.clone(), genre))
                .collect();
        };
        let indented = |label: usize| {
            let genre = &self.genres[label];
            let indent = (2 * tree.level(label)).min(30);
            (format!("{:indent$}{}", "", genre.genre), genre)
        };
        tree.depth_first().into_iter().map(indented).collect()
    }
}
