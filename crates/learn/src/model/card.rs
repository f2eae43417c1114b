use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::hold_out::HoldOutCard;
use super::promises::{RiskCard, SetsCard, UnknownCard};
use super::styles::StylesCard;
use crate::data::dataset::Dataset;
use crate::data::groups::n_different;
use crate::metrics::{ConfusionMatrix, PROBABILITY_FLOOR, TemperatureFit};
use crate::params::Params;
use crate::selective::ConformalSets;

/// What a user must know about a model. Shown by its `Display`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelCard {
    /// Name of the method, such as `mlp`.
    pub method: String,
    /// Parameters that were set; the others had their defaults.
    pub params: Params,
    /// Seed of the fit.
    pub seed: u64,
    /// Preprocessing, as the text of a [`crate::Pipeline`].
    pub pipeline: String,
    /// Names of the classes, in the order of the probabilities.
    pub labels: Vec<String>,
    /// Names of the features, in the order of the columns.
    pub feature_names: Vec<String>,
    /// Version of the recipe that the features were computed by, such as `fma/1 librosa-0.5.0`; `None` where it is not
    /// known.
    pub recipe: Option<String>,
    /// Recipes of the frames that the model reads, beside or instead of features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<String>,
    /// The embeddings that features of it are of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub embeddings: Vec<EmbeddingCard>,
    /// The rows that the model was fitted on.
    pub data: DataCard,
    /// How the rows that the scores come from were told from those that the scored model was fitted on.
    pub split: String,
    /// The same as data, by which the rows are found again ([`ModelCard::seen`]); `None` where no rows were held out.
    pub hold_out: Option<HoldOutCard>,
    /// Scores by name.
    pub scores: BTreeMap<String, f64>,
    /// Scores of each class.
    pub per_class: Vec<ClassCard>,
    /// The search that found the parameters.
    pub tuning: Option<TuningCard>,
    /// Anything else to know, such as that the model was fitted again on all rows after it was scored.
    pub notes: Vec<String>,
    /// Probability below which no genre should be named.
    pub threshold: Option<f64>,
    /// The promise that the threshold keeps; `None` where a person chose it, or nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskCard>,
    /// How sets of genres are made; `None` where none were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sets: Option<SetsCard>,
    /// All genres that the model names beside the one; `None` where it learnt none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub styles: Option<StylesCard>,
    /// From which novelty on a row is unknown; `None` where nothing is. Filled in by the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<UnknownCard>,
    /// Temperature that the probabilities are scaled by (Guo et al. 2017); 1 changes nothing. For a method without
    /// probabilities, the one that makes some of its decision values.
    pub temperature: Option<f64>,
    /// What is added to the probabilities before their logarithms are divided by the temperature, so that 0 and 1 are softened
    /// too ([`crate::metrics::PROBABILITY_FLOOR`]). `None` in files written before there was any: nothing, so that they mean
    /// what they meant.
    pub probability_floor: Option<f64>,
    /// Version of cratedigger that made the model.
    pub cratedigger: String,
}

/// The rows that a model was fitted on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DataCard {
    /// Where they come from.
    pub source: String,
    /// [`Dataset::fingerprint`].
    pub fingerprint: String,
    /// Number of rows.
    pub n_rows: usize,
    /// Number of rows of each class, in the order of the labels.
    pub rows_per_class: Vec<usize>,
    /// Number of known artists; `None` where no artist is known.
    pub n_artists: Option<usize>,
    /// Rows whose artist is not known; `None` in files written before that was counted.
    pub n_without_artist: Option<usize>,
}

/// What sort of network an embedding is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmbeddingKind {
    /// One that others trained.
    #[default]
    Network,
    /// An autoencoder of one's own.
    Autoencoder,
}

/// A network whose numbers are among the features: one of others, as columns `embedding.NAME.001`, …, or an autoencoder, as columns
/// `autoencoder.mean.001`, ….
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmbeddingCard {
    /// Its name.
    pub name: String,
    /// Whose it is. Absent in files written before there were autoencoders.
    pub kind: EmbeddingKind,
    /// BLAKE3 of its file of weights, in hexadecimal digits.
    pub hash: String,
    /// What it hears and which of its outputs is taken. With another hash or other words, its numbers mean something else.
    pub contract: String,
    /// Number of its columns.
    pub n_columns: usize,
    /// The licence of its weights.
    pub licence: String,
    /// The data that it was trained on.
    pub pretrained_on: Vec<String>,
    /// Where the weights come from.
    pub source: String,
    /// Whether it was trained on the FMA: scores on the FMA's tracks then flatter.
    pub trained_on_fma: bool,
}

impl EmbeddingCard {
    /// How the names of its columns begin.
    pub fn prefix(&self) -> String {
        match self.kind {
            EmbeddingKind::Network => format!("embedding.{}.", self.name),
            EmbeddingKind::Autoencoder => "autoencoder.".to_owned(),
        }
    }

    /// Whether its numbers are those of `other`.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.name, &self.hash, &self.contract) == (&other.name, &other.hash, &other.contract)
    }

    /// The caution that belongs beside every score, where there is one to give.
    pub fn caution(&self) -> Option<String> {
        self.trained_on_fma.then(|| {
            format!(
                "the embedding {} was itself trained on the FMA ({}): scores on tracks of the FMA say nothing about other music",
                self.name,
                self.pretrained_on.join(", ")
            )
        })
    }
}

/// Scores of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassCard {
    /// The class.
    pub label: String,
    /// Share of the rows predicted as this class that are of it.
    pub precision: f64,
    /// Share of the class's rows that were predicted as it.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// The class's test rows.
    pub support: u64,
}

/// How the parameters were found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TuningCard {
    /// Candidates that were compared.
    pub n_candidates: usize,
    /// Folds of the cross-validation.
    pub n_folds: usize,
    /// What was maximised.
    pub scoring: String,
    /// Mean of the best candidate over the folds.
    pub mean: f64,
    /// Standard deviation over the folds.
    pub sd: f64,
}

impl ModelCard {
    /// A card with what the data tell: labels, names of the features, fingerprint and counts.
    pub fn of(data: &Dataset) -> Self {
        let artists = || (0..data.n_rows()).filter_map(|row| data.artist(row));
        let n_artists = artists().next().map(|_| n_different(artists()));
        Self {
            labels: data.classes.clone(),
            feature_names: data.feature_names.clone(),
            frames: recipes(data),
            data: DataCard {
                source: String::new(),
                fingerprint: data.fingerprint(),
                n_rows: data.n_rows(),
                rows_per_class: data.class_counts(),
                n_artists,
                n_without_artist: Some(data.n_without_artist()),
            },
            ..Self::default()
        }
    }

    /// Notes a temperature, and by which logits it was fitted. Where the rows did not say how sure the model may be, so does a
    /// note.
    pub fn set_temperature(&mut self, fit: &TemperatureFit) {
        self.temperature = Some(fit.scaling.temperature);
        self.probability_floor = Some(PROBABILITY_FLOOR);
        let n_rows = fit.n_rows;
        self.notes.push(format!(
            "the temperature was fitted on {n_rows} held-out rows that are not scored"
        ));
        if fit.separable() {
            self.notes.push(
                "none of them is wrong, so they do not say how sure the model may be: the temperature is a cautious one"
                    .to_owned(),
            );
        } else if fit.limited {
            let n_wrong = fit.n_wrong;
            self.notes.push(format!(
                "only {n_wrong} of them are wrong, too few for so low a temperature as they ask for: it is the least allowed"
            ));
        }
    }

    /// Notes the scores of test rows: accuracy, balanced accuracy, F1, and each class.
    pub fn set_scores(&mut self, confusion: &ConfusionMatrix) {
        self.scores = BTreeMap::from([
            ("accuracy".to_owned(), confusion.accuracy()),
            ("balanced_accuracy".to_owned(), confusion.balanced_accuracy()),
            ("f1_macro".to_owned(), confusion.macro_f1()),
            ("f1_weighted".to_owned(), confusion.weighted_f1()),
            ("n_test".to_owned(), confusion.n_rows() as f64),
        ]);
        self.per_class = confusion
            .per_class()
            .into_iter()
            .map(|score| ClassCard {
                label: score.label,
                precision: score.precision,
                recall: score.recall,
                f1: score.f1,
                support: score.support,
            })
            .collect();
    }
}

/// The recipes of the frames of a data set.
fn recipes(data: &Dataset) -> Vec<String> {
    let recordings = data.x.recordings().iter();
    recordings.map(|rows| rows.source().recipe().to_owned()).collect()
}

impl fmt::Display for ModelCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, value: &dyn fmt::Display| writeln!(f, "{name:<12} {value}");
        line("method", &self.method)?;
        let params: Vec<String> = self.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
        match params.is_empty() {
            true => line("parameters", &"defaults")?,
            false => line("parameters", &params.join(" "))?,
        }
        line("seed", &self.seed)?;
        line("pipeline", &self.pipeline)?;
        line("features", &features(&self.feature_names))?;
        line(
            "recipe",
            &self
                .recipe
                .as_deref()
                .unwrap_or("not known; features are matched by name"),
        )?;
        for embedding in &self.embeddings {
            let hash = embedding.hash.get(..16).unwrap_or(&embedding.hash);
            line(
                "embedding",
                &format_args!(
                    "{}: blake3 {hash}…, trained on {}, licence {}",
                    embedding.name,
                    embedding.pretrained_on.join(", "),
                    embedding.licence
                ),
            )?;
        }
        line("labels", &self.labels.join(", "))?;
        for frames in &self.frames {
            line("frames", frames)?;
        }
        let source = match self.data.source.as_str() {
            "" => String::new(),
            source => format!(" of {source}"),
        };
        let artists = match (self.data.n_artists, self.data.n_without_artist) {
            (None, _) => String::new(),
            (Some(n), None | Some(0)) => format!(" by {n} artists"),
            (Some(n), Some(unknown)) => {
                format!(" by {n} artists, and {unknown} of them by artists that are not known,")
            }
        };
        line(
            "fitted on",
            &format_args!("{} rows{artists}{source}", self.data.n_rows),
        )?;
        line("data", &format_args!("blake3 {}", self.data.fingerprint))?;
        if let Some(tuning) = &self.tuning {
            line(
                "tuned",
                &format_args!(
                    "best of {} candidates, {} folds: {} {:.4} (sd {:.4})",
                    tuning.n_candidates, tuning.n_folds, tuning.scoring, tuning.mean, tuning.sd
                ),
            )?;
        }
        if let Some(temperature) = self.temperature {
            line("temperature", &temperature)?;
        }
        if let Some(threshold) = self.threshold {
            line("threshold", &threshold)?;
        }
        if let Some(risk) = &self.risk {
            line("promise", risk)?;
            line("", &format_args!("chosen on {}", risk.calibration))?;
            line("", &format_args!("reported on {}", risk.test))?;
        }
        if let Some(sets) = &self.sets {
            let ConformalSets { coverage, n_rows, .. } = &sets.calibration;
            let promised = (1e6 * coverage).round() / 1e4;
            line(
                "sets",
                &format_args!("the true genre is in {promised} % of them, by {n_rows} calibrating rows"),
            )?;
            line("", &format_args!("reported: {}", sets.test))?;
            line(
                "",
                &format_args!("for each genre by itself: {}", sets.test_per_class),
            )?;
        }
        if let Some(unknown) = &self.unknown {
            for (at, text) in unknown.to_string().lines().enumerate() {
                line(if at == 0 { "unknown" } else { "" }, &text)?;
            }
        }
        line("made by", &format_args!("cratedigger {}", self.cratedigger))?;
        if !self.split.is_empty() {
            line("scored by", &self.split)?;
        }
        for (name, score) in self.scores.iter().filter(|(name, _)| *name != "n_test") {
            line("", &format_args!("{name:<18} {score:.4}"))?;
        }
        for note in &self.notes {
            line("note", note)?;
        }
        if !self.per_class.is_empty() {
            let longest = self
                .per_class
                .iter()
                .map(|class| class.label.chars().count())
                .max();
            let width = longest.unwrap_or(0).max(5);
            writeln!(f, "\n{:<width$}  precision  recall      F1  test rows", "class")?;
            for class in &self.per_class {
                writeln!(
                    f,
                    "{:<width$}  {:>9.4}  {:>6.4}  {:>6.4}  {:>9}",
                    class.label, class.precision, class.recall, class.f1, class.support
                )?;
            }
        }
        if let Some(styles) = &self.styles {
            write!(f, "\n{styles}")?;
        }
        Ok(())
    }
}

/// `518: chroma_cens.kurtosis.01 … zcr.std.01`.
fn features(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        [first] => format!("1: {first}"),
        [first, .., last] => format!("{}: {first} … {last}", names.len()),
    }
}
