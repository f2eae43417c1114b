//! The model file in use: genres of features, with abstention and the share of each feature family in the answer.

use std::path::Path;
use std::sync::Arc;

use cratedigger_collection::Listener;
use cratedigger_collection::classify::{
    self, Explained, GenreSets, LIKELIER_THAN_NOT, Question, Said, classify,
};
use cratedigger_collection::embedding::{Describer, for_model};
use cratedigger_collection::explain::Families;
use cratedigger_collection::frames::extractor;
use cratedigger_collection::neighbours::{Near, Neighbours};
use cratedigger_collection::rows::source::Reading;
use cratedigger_collection::styles::Styles;
use cratedigger_features::{Family, N_COLUMNS, Recipe, columns};
use cratedigger_learn::{FramesInMemory, Matrix, Model, ModelCard, Recordings};

use crate::analysis::Sound;
use crate::error::{Context, Result, refuse};

/// Frames of silence that a model is tried with.
const SILENT_FRAMES: usize = 1024;

/// A loaded model and what serving needs besides.
pub(crate) struct Classifier {
    model: Model,
    recipe: Recipe,
    id: String,
    threshold: f64,
    /// What the model hears besides the 518 features.
    embedding: Option<Arc<dyn Describer>>,
    /// Where the model's features are among the 518 columns and those of the embedding; `None` for what is not of the sound and is
    /// not known of an upload.
    columns: Vec<Option<usize>>,
    /// What the answers are explained by; `None` where the model does not know what is typical.
    families: Option<Families>,
    neighbours: Option<Neighbours>,
}

/// What the model says about a recording.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// The likeliest genre, an index into the labels.
    pub(crate) top: usize,
    /// Whether it is named.
    pub(crate) said: Said,
    /// How far it is from all that was learnt, where the model tells: above 1 it is unknown.
    pub(crate) novelty: Option<f64>,
    /// Sets of genres for this one row, where the model makes some.
    pub(crate) sets: Option<GenreSets>,
    /// All genres for this one row, where the model learnt them.
    pub(crate) styles: Option<Styles>,
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
    pub(crate) fn load(
        path: &Path,
        threshold: Option<f64>,
        embedding: Option<&Arc<dyn Describer>>,
    ) -> Result<Self> {
        let id = {
            let mut hasher = blake3::Hasher::new();
            let file =
                std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            hasher
                .update_reader(file)
                .with_context(|| format!("cannot read {}", path.display()))?;
            hasher.finalize().to_hex()[..16].to_owned()
        };
        Self::new(Model::load(path)?, id, threshold, embedding)
    }

    fn new(
        model: Model,
        id: String,
        threshold: Option<f64>,
        embedding: Option<&Arc<dyn Describer>>,
    ) -> Result<Self> {
        let card = model.card();
        let recipe = match card.recipe.as_deref() {
            None => Recipe::default(),
            Some(version) => match Recipe::from_version(version) {
                Some(recipe) => recipe,
                None => refuse!(
                    Model,
                    "the model was trained on features of recipe `{version}`, which this version does not compute; known: {}",
                    Recipe::ALL.map(Recipe::version).join(", ")
                ),
            },
        };
        let embedding = for_model(&model, embedding)?;
        let mut names: Vec<&str> = columns().iter().map(|c| c.name.as_str()).collect();
        if let Some(embedding) = &embedding {
            names.extend(embedding.columns().iter().map(String::as_str));
        }
        let at = model
            .columns_known(&names)
            .context("the server computes the 518 audio features and the model wants others")?;
        let threshold =
            classify::threshold(threshold, &model, Some(LIKELIER_THAN_NOT)).unwrap_or(LIKELIER_THAN_NOT);
        let classifier = Self {
            recipe,
            id,
            threshold,
            embedding,
            columns: at,
            families: Families::of(&model),
            neighbours: None,
            model,
        };
        // A model that knows margins only cannot say how sure it is.
        let mut zeros = Matrix::new(1, classifier.columns.len(), vec![0.0; classifier.columns.len()])?;
        for recipe in &classifier.card().frames {
            let n_bands = extractor(recipe)?.recipe().n_bands();
            zeros = beside(zeros, recipe, n_bands, vec![0.0; SILENT_FRAMES * n_bands])?;
        }
        if classifier.model.predict(&zeros)?.probabilities.is_none() {
            refuse!(
                Model,
                "the method `{}` of the model gives no probabilities, and serving needs them; train another, such as \
                 `logistic-regression` or `mlp`",
                classifier.card().method
            );
        }
        Ok(classifier)
    }

    /// Reads the tracks among which neighbours are looked for. `cache` is where tables of CSV files are kept; none for the
    /// user's cache folder.
    pub(crate) fn look_among(
        &mut self,
        data: &Path,
        cache: Option<&Path>,
        listener: &dyn Listener,
    ) -> Result<()> {
        let reading = Reading {
            cache: cache.map(Path::to_owned),
            embedding: self.embedding.clone(),
            ..Reading::default()
        };
        self.neighbours = Some(Neighbours::load(data, &self.model, &reading, listener)?);
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

    /// Whether the model reads features, beside frames or instead of them.
    pub(crate) fn reads_features(&self) -> bool {
        !self.columns.is_empty()
    }

    /// What the model hears besides the 518 features.
    pub(crate) fn embedding(&self) -> Option<&dyn Describer> {
        self.embedding.as_deref()
    }

    /// The genres of a recording.
    pub(crate) fn classify(&self, sound: &Sound) -> Result<Verdict> {
        let row: Vec<f32> = match &sound.features {
            Some(features) if self.reads_features() => {
                self.model.check_recipe(features.recipe().version())?;
                let values = features.values();
                debug_assert_eq!(values.len(), N_COLUMNS);
                let all = |at: usize| match at.checked_sub(N_COLUMNS) {
                    None => values[at],
                    Some(at) => sound.embedding.get(at).copied().unwrap_or(f64::NAN),
                };
                self.columns
                    .iter()
                    .map(|at| at.map_or(f32::NAN, |at| all(at) as f32))
                    .collect()
            }
            _ => Vec::new(),
        };
        let mut x = Matrix::new(1, row.len(), row)?;
        for (recipe, frames) in self.card().frames.iter().zip(&sound.frames) {
            x = beside(x, recipe, frames.n_bands, frames.values.clone())?;
        }
        self.classify_row(&x)
    }

    fn classify_row(&self, x: &Matrix) -> Result<Verdict> {
        let question = Question {
            threshold: Some(self.threshold),
            explain: self.families.as_ref().map(Some),
            neighbours: self.neighbours.as_ref(),
        };
        let said = classify(&self.model, x, question)?;
        Ok(Verdict {
            top: said.classes[0],
            said: said.said[0],
            novelty: said.novelty.map(|novelty| novelty[0]),
            sets: said.sets,
            styles: said.styles,
            probabilities: said.scores,
            families: match said.effects {
                Explained::Effects(mut effects) => effects.pop(),
                Explained::NotAsked | Explained::Impossible => None,
            },
            neighbours: said.neighbours.and_then(|mut near| near.pop()),
        })
    }
}

/// A row with the frames of its recording.
fn beside(x: Matrix, recipe: &str, n_bands: usize, frames: Vec<f32>) -> Result<Matrix> {
    let source = Arc::new(FramesInMemory::new(recipe, n_bands, vec![frames])?);
    Ok(x.with_recordings(Recordings::new(source, vec![0])?)?)
}

#[cfg(test)]
#[path = "classifier_tests.rs"]
mod tests;
