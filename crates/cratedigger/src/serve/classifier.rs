//! The model file in use: genres of features, with abstention and the share of each feature family in the answer.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cratedigger_features::{Family, Features, N_COLUMNS, Recipe, columns};
use cratedigger_learn::preprocess::Step;
use cratedigger_learn::{Matrix, Model, ModelCard};

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
    /// For each family that the model uses, its columns in the model's order.
    families: Vec<(Family, Vec<usize>)>,
    /// Whether 0 is the typical value of every column after the model's preprocessing.
    centred: bool,
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
        let families = Family::ALL
            .into_iter()
            .filter_map(|family| {
                let of_family: Vec<usize> = (0..at.len())
                    .filter(|&i| columns()[at[i]].family == family)
                    .collect();
                (!of_family.is_empty()).then_some((family, of_family))
            })
            .collect();
        let steps = model.pipeline().steps().pipeline().steps;
        let centred = matches!(steps.last(), Some(Step::Standard | Step::Robust));
        let threshold = threshold.or(card.threshold).unwrap_or(DEFAULT_THRESHOLD);
        let classifier = Self {
            recipe,
            id,
            threshold,
            columns: at,
            families,
            centred,
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
        let x = Matrix::new(1, row.len(), row)?;
        let Some(probabilities) = self.model.predict(&x)?.probabilities else {
            bail!("the model gives no probabilities");
        };
        let probabilities = probabilities.row(0).to_vec();
        let mut top = 0;
        for (i, p) in probabilities.iter().enumerate() {
            if *p > probabilities[top] {
                top = i;
            }
        }
        let families = match self.centred {
            true => Some(self.families(&x, top, probabilities[top])?),
            false => None,
        };
        Ok(Verdict {
            top,
            abstained: probabilities[top] < self.threshold,
            probabilities,
            families,
        })
    }

    /// For each family, the probability of `top` minus what it is where the family's columns are those of a typical track:
    /// 0 after scaling, the training rows' mean (`standard`) or median (`robust`).
    fn families(&self, x: &Matrix, top: usize, probability: f64) -> Result<Vec<(Family, f64)>> {
        let seen = self.model.pipeline().transform(x)?;
        let n_cols = seen.n_cols();
        let mut rows = Vec::with_capacity(self.families.len() * n_cols);
        for (_, of_family) in &self.families {
            let start = rows.len();
            rows.extend_from_slice(seen.row(0));
            for &column in of_family {
                rows[start + column] = 0.0;
            }
        }
        let rows = Matrix::new(self.families.len(), n_cols, rows)?;
        let without = self.model.pipeline().model().predict_proba(&rows)?;
        let temperature = self.card().temperature.unwrap_or(1.0);
        let mut out: Vec<(Family, f64)> = self
            .families
            .iter()
            .zip(without.rows())
            .map(|((family, _), row)| (*family, probability - tempered(row, temperature)[top]))
            .collect();
        // Stable: equal ones stay in the order of the columns.
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(out)
    }
}

/// `p^(1 / T)`, normalised: as the model's own answers are scaled (Guo et al. 2017, equation 9).
fn tempered(row: &[f64], temperature: f64) -> Vec<f64> {
    if temperature == 1.0 {
        return row.to_vec();
    }
    let largest = row.iter().copied().fold(0.0, f64::max);
    let powers: Vec<f64> = row
        .iter()
        .map(|p| ((p / largest).ln() / temperature).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| p / sum).collect()
}

#[cfg(test)]
#[path = "classifier_tests.rs"]
mod tests;
