//! The model file in use: genres of features, with abstention and the share of each feature family in the answer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cratedigger_collection::explain::Families;
use cratedigger_collection::neighbours::{Near, Neighbours};
use cratedigger_collection::rows::source::Reading;
use cratedigger_features::{Family, Features, N_COLUMNS, Recipe, columns};
use cratedigger_learn::{Matrix, Model, ModelCard};

use crate::progress::Progress;

/// Without a word of the user or the model: name a genre where it is likelier than all others together.
const DEFAULT_THRESHOLD: f64 = 0.5;

/// A loaded model and what serving needs besides.
pub(crate) struct Classifier {
    model: Model,
    recipe: Recipe,
    id: String,
    threshold: f64,
    /// Where the model's features are among the 518 columns.
    columns: Vec<usize>,
    /// What the answers are explained by; `None` where the model does not know what is typical.
    families: Option<Families>,
    neighbours: Option<Neighbours>,
}

/// What the model says about a recording.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// The likeliest genre, an index into the labels.
    pub(crate) top: usize,
    /// Whether its probability is below the threshold.
    pub(crate) abstained: bool,
    /// Probability of each label.
    pub(crate) probabilities: Vec<f64>,
    /// By how much each family raised (above 0) or lowered the probability of the likeliest genre; `None` where the model
    /// does not know what is typical.
    pub(crate) families: Option<Vec<(Family, f64)>>,
    /// The tracks most alike, where there are data to look among.
    pub(crate) neighbours: Option<Vec<Near>>,
}

impl Classifier {
    /// Loads a model file. `threshold` replaces the model's own.
    pub(crate) fn load(path: &Path, threshold: Option<f64>) -> Result<Self> {
        let id = {
            let mut hasher = blake3::Hasher::new();
            let file =
                std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            hasher
                .update_reader(file)
                .with_context(|| format!("cannot read {}", path.display()))?;
            hasher.finalize().to_hex()[..16].to_owned()
        };
        Self::new(Model::load(path)?, id, threshold)
    }

    fn new(model: Model, id: String, threshold: Option<f64>) -> Result<Self> {
        let card = model.card();
        let recipe = match card.recipe.as_deref() {
            None => Recipe::default(),
            Some(version) => match Recipe::from_version(version) {
                Some(recipe) => recipe,
                None => bail!(
                    "the model was trained on features of recipe `{version}`, which this version does not compute; known: {}",
                    Recipe::ALL.map(Recipe::version).join(", ")
                ),
            },
        };
        let names: Vec<&str> = columns().iter().map(|c| c.name.as_str()).collect();
        let at = model
            .columns(&names)
            .context("the server computes the 518 audio features and the model wants others")?;
        let threshold = threshold.or(card.threshold).unwrap_or(DEFAULT_THRESHOLD);
        let classifier = Self {
            recipe,
            id,
            threshold,
            columns: at,
            families: Families::of(&model),
            neighbours: None,
            model,
        };
        // A model that knows margins only cannot say how sure it is.
        let zeros = Matrix::new(1, classifier.columns.len(), vec![0.0; classifier.columns.len()])?;
        if classifier.model.predict(&zeros)?.probabilities.is_none() {
            bail!(
                "the method `{}` of the model gives no probabilities, and serving needs them; train another, such as \
                 `logistic-regression` or `mlp`",
                classifier.card().method
            );
        }
        Ok(classifier)
    }

    /// Reads the tracks among which neighbours are looked for.
    pub(crate) fn look_among(&mut self, data: &Path, progress: Progress) -> Result<()> {
        let reading = Reading {
            cache: std::env::var_os("CRATEDIGGER_CACHE").map(PathBuf::from),
            ..Reading::default()
        };
        self.neighbours = Some(Neighbours::load(data, &self.model, &reading, &progress)?);
        Ok(())
    }

    /// Number of tracks among which neighbours are looked for.
    pub(crate) fn n_neighbours(&self) -> Option<usize> {
        self.neighbours.as_ref().map(Neighbours::len)
    }

    /// The model's card.
    pub(crate) fn card(&self) -> &ModelCard {
        self.model.card()
    }

    /// The recipe of the features that the model wants.
    pub(crate) fn recipe(&self) -> Recipe {
        self.recipe
    }

    /// First 16 hexadecimal digits of the file's BLAKE3 hash.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Probability below which no genre is named.
    pub(crate) fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The genres of a recording's features.
    pub(crate) fn classify(&self, features: &Features) -> Result<Verdict> {
        self.model.check_recipe(features.recipe().version())?;
        let values = features.values();
        debug_assert_eq!(values.len(), N_COLUMNS);
        let row: Vec<f32> = self.columns.iter().map(|&i| values[i] as f32).collect();
        self.classify_row(row)
    }

    fn classify_row(&self, row: Vec<f32>) -> Result<Verdict> {
        let seen = self
            .model
            .pipeline()
            .transform(&Matrix::new(1, row.len(), row)?)?;
        let Some(probabilities) = self.model.predict_seen(&seen)?.probabilities else {
            bail!("the model gives no probabilities");
        };
        let probabilities = probabilities.row(0).to_vec();
        let mut top = 0;
        for (i, p) in probabilities.iter().enumerate() {
            if *p > probabilities[top] {
                top = i;
            }
        }
        let families = match &self.families {
            Some(families) => Some(families.effects(&self.model, &seen, top, probabilities[top])?),
            None => None,
        };
        let neighbours = self.neighbours.as_ref().map(|data| data.nearest(seen.row(0)));
        Ok(Verdict {
            top,
            abstained: probabilities[top] < self.threshold,
            probabilities,
            families,
            neighbours,
        })
    }
}

#[cfg(test)]
#[path = "classifier_tests.rs"]
mod tests;
