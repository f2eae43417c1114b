use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use cratedigger_files::{Existing, WholeFile};

use super::bytes;
use super::card::ModelCard;
use super::error::{ModelError, ModelResult};
use super::promises::{UnknownCard, UnknownRows};
use super::styles::{Styles, StylesCard};
use crate::data::columns::ColumnKind;
use crate::data::dataset::check_names;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::LearnError;
use crate::estimator::Method;
use crate::metrics::{Logits, TemperatureScaling};
use crate::multilabel::FittedLabels;
use crate::novelty::Novelty;
use crate::preprocess::Pipeline;
use crate::preprocess::fitted_pipeline::FittedPipeline;
use crate::state::{ModelState, bad_state, expect};

/// The largest file that is read: far above any model, far below the memory of a machine.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// What the names of all that is kept of [`Novelty`] begin with.
const NOVELTY: &str = "unknown.";

/// A fitted model with its preprocessing and its card.
#[derive(Debug)]
pub struct Model {
    card: ModelCard,
    pipeline: FittedPipeline,
    styles: Option<Styles>,
    novelty: Option<Novelty>,
}

/// What a model says about rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// The class of each row, an index into the labels.
    pub classes: Vec<usize>,
    /// Probability of each class (columns) for each row; `None` where the method knows margins only and no temperature was
    /// fitted to them.
    pub probabilities: Option<ScoreMatrix>,
    /// Signed distances from the decision boundary, where there are no probabilities.
    pub decision: Option<ScoreMatrix>,
}

impl Model {
    /// A model from what was fitted and what is to be known about it. Method, pipeline and version are filled in.
    ///
    /// # Errors
    /// `Learn` where the card has another number of labels or features than the model.
    pub fn new(pipeline: FittedPipeline, mut card: ModelCard) -> ModelResult<Self> {
        let model = pipeline.model();
        expect("labels", model.n_classes(), card.labels.len())?;
        expect(
            "names of features",
            pipeline.steps().n_features(),
            card.feature_names.len(),
        )?;
        expect("features", model.n_features(), pipeline.steps().n_outputs())?;
        if let Some(wrong) = wrong_scaling(&card) {
            return Err(bad_state(wrong).into());
        }
        if let Some((recipe, _)) = model.fewest_frames() {
            // Of the frames that the rows had it reads these.
            card.frames = vec![recipe.to_owned()];
        }
        card.method = model.method().name().to_owned();
        card.pipeline = pipeline.steps().pipeline().to_string();
        card.cratedigger = env!("CARGO_PKG_VERSION").to_owned();
        // They come with what was learnt of them.
        card.styles = None;
        card.unknown = None;
        Ok(Self {
            card,
            pipeline,
            styles: None,
            novelty: None,
        })
    }

    /// The model with a second answer: all genres of a row. They read the same features; their method and pipeline are filled in.
    ///
    /// # Errors
    /// `Learn` where the card has other genres than what was fitted, a threshold that is no probability, or another number of features.
    pub fn with_styles(mut self, model: FittedLabels, mut card: StylesCard) -> ModelResult<Self> {
        expect(
            "features of the styles",
            self.card.feature_names.len(),
            model.n_features(),
        )?;
        self.styles = Some(Styles::new(model, &mut card)?);
        self.card.styles = Some(card);
        Ok(self)
    }

    /// The same model, whose features are of this recipe.
    #[must_use]
    pub fn with_recipe(mut self, version: &str) -> Self {
        self.card.recipe = Some(version.to_owned());
        self
    }

    /// All genres of a row, where the model learnt them.
    pub fn styles(&self) -> Option<&Styles> {
        self.styles.as_ref()
    }

    /// The model with what tells rows that are unlike all that it has learnt; `test`: what came of it on the rows that are reported.
    ///
    /// `novelty`: fitted to rows of the model's features, in their order.
    pub fn with_novelty(mut self, novelty: Novelty, test: UnknownRows) -> Self {
        self.card.unknown = Some(UnknownCard {
            criterion: novelty.criterion().clone(),
            test,
        });
        self.novelty = Some(novelty);
        self
    }

    /// What tells rows that are unlike all that the model has learnt, where it was trained to.
    pub fn novelty(&self) -> Option<&Novelty> {
        self.novelty.as_ref()
    }

    /// What is to be known about the model.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The fitted preprocessing and model.
    pub fn pipeline(&self) -> &FittedPipeline {
        &self.pipeline
    }

    /// The fitted preprocessing and model, and what is to be known about it; without its styles.
    pub fn into_parts(self) -> (FittedPipeline, ModelCard) {
        (self.pipeline, self.card)
    }

    /// Classes and probabilities of rows whose columns are the model's features, in their order.
    ///
    /// # Errors
    /// As [`crate::FittedClassifier::predict`].
    pub fn predict(&self, x: &Matrix) -> ModelResult<Predictions> {
        self.predict_seen(&self.pipeline.transform(x)?)
    }

    /// The same of rows that went through the pipeline's preprocessing already ([`FittedPipeline::transform`]), for who
    /// changes something in between.
    ///
    /// # Errors
    /// As [`crate::FittedClassifier::predict`].
    pub fn predict_seen(&self, seen: &Matrix) -> ModelResult<Predictions> {
        let model = self.pipeline.model();
        let scores = model.scores(seen)?;
        let (probabilities, decision) = self.calibrated(scores.probabilities, scores.decision);
        Ok(Predictions {
            classes: scores.class,
            probabilities,
            decision,
        })
    }

    /// Probabilities, and decision values where there are none: the softmax of the logits divided by the card's temperature, by
    /// which decision values become probabilities too. As they are without a temperature.
    pub(crate) fn calibrated(
        &self,
        probabilities: Option<ScoreMatrix>,
        decision: Option<ScoreMatrix>,
    ) -> (Option<ScoreMatrix>, Option<ScoreMatrix>) {
        let card = &self.card;
        let scaled = card
            .temperature
            .filter(|&t| t != 1.0 || probabilities.is_none())
            .and_then(|temperature| {
                let floor = card.probability_floor.unwrap_or(0.0);
                let logits = Logits::of(probabilities.as_ref(), decision.as_ref(), floor)?;
                let logits = logits.without_unseen(&card.data.rows_per_class);
                Some(TemperatureScaling { temperature }.proba(&logits))
            });
        match scaled.or(probabilities) {
            Some(probabilities) => (Some(probabilities), None),
            None => (None, decision),
        }
    }

    /// Where the model's features are among these names.
    ///
    /// # Errors
    /// `MissingFeatures`.
    pub fn columns(&self, names: &[impl AsRef<str>]) -> ModelResult<Vec<usize>> {
        self.columns_but(names, |_| true)
            .map(|columns| columns.into_iter().flatten().collect())
    }

    /// The same, with `None` for a feature that is not there and may be missing in any row, since its name says so
    /// ([`ColumnKind`]).
    ///
    /// # Errors
    /// `MissingFeatures` for another one.
    pub fn columns_known(&self, names: &[impl AsRef<str>]) -> ModelResult<Vec<Option<usize>>> {
        self.columns_but(names, |name| ColumnKind::of(name) == ColumnKind::Number)
    }

    fn columns_but(
        &self,
        names: &[impl AsRef<str>],
        needed: impl Fn(&str) -> bool,
    ) -> ModelResult<Vec<Option<usize>>> {
        let place: std::collections::HashMap<&str, usize> = names
            .iter()
            .enumerate()
            .rev()
            .map(|(at, name)| (name.as_ref(), at))
            .collect();
        let wanted = &self.card.feature_names;
        let missing: Vec<&str> = wanted
            .iter()
            .map(String::as_str)
            .filter(|name| !place.contains_key(name) && needed(name))
            .collect();
        if missing.is_empty() {
            return Ok(wanted
                .iter()
                .map(|name| place.get(name.as_str()).copied())
                .collect());
        }
        let more = if missing.len() > 5 { ", …" } else { "" };
        Err(ModelError::MissingFeatures {
            n_features: wanted.len(),
            n_missing: missing.len(),
            missing: format!("{}{more}", missing[..missing.len().min(5)].join(", ")),
        })
    }

    /// `Ok` where features of this recipe are those that the model learnt from.
    ///
    /// # Errors
    /// `Recipe` with both.
    pub fn check_recipe(&self, version: &str) -> ModelResult<()> {
        match &self.card.recipe {
            Some(model) if model != version => Err(ModelError::Recipe {
                model: model.clone(),
                found: version.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// The bytes of the model's file; the same model gives the same bytes.
    ///
    /// # Errors
    /// `Learn` where a weight is not finite.
    pub fn to_bytes(&self) -> ModelResult<Vec<u8>> {
        let mut state = ModelState::default();
        self.pipeline.put(&mut state, "")?;
        if let Some(styles) = &self.styles {
            styles.put(&mut state)?;
        }
        if let Some(novelty) = &self.novelty {
            state.put_part(NOVELTY, NOVELTY, novelty.state()?);
        }
        bytes::write(bytes::MODEL, &state, &self.card)
    }

    /// The model of a file's bytes.
    ///
    /// # Errors
    /// `NotAModel`, `Newer`, `Checksum`, `Damaged`. Bytes of any content give an error or a model, never a panic, and
    /// take no more memory than a few times their length.
    pub fn from_bytes(bytes: &[u8]) -> ModelResult<Self> {
        let (state, header) = bytes::read::<ModelCard>(bytes::MODEL, bytes)?;
        let mut card = header.card;
        let damaged = |error: LearnError| ModelError::damaged(error.to_string());
        let method: Method = card.method.parse().map_err(damaged)?;
        let n_features = card.feature_names.len();
        if (n_features == 0 && card.frames.is_empty()) || card.labels.is_empty() {
            return Err(ModelError::damaged("it names no features or no labels"));
        }
        check_names("class", &card.labels).map_err(damaged)?;
        check_names("feature", &card.feature_names).map_err(damaged)?;
        let pipeline: Pipeline = card.pipeline.parse().map_err(damaged)?;
        let pipeline = FittedPipeline::read(&state, "", (method, &pipeline), n_features, card.labels.len())
            .map_err(damaged)?;
        if let Some(wrong) = wrong_scaling(&card) {
            return Err(ModelError::damaged(wrong));
        }
        let read = |card| Styles::read(&state, n_features, card).map_err(damaged);
        let styles = card.styles.as_mut().map(read).transpose()?;
        let novelty = match &card.unknown {
            None => None,
            Some(unknown) => {
                let part = state.part(NOVELTY, NOVELTY);
                Some(Novelty::read(&part, unknown.criterion.clone(), n_features).map_err(damaged)?)
            }
        };
        Ok(Self {
            card,
            pipeline,
            styles,
            novelty,
        })
    }

    /// Writes the model's file, through a temporary name beside it: the file is whole or not there.
    ///
    /// # Errors
    /// `File` with the reason.
    pub fn save(&self, path: impl AsRef<Path>) -> ModelResult<()> {
        let path = path.as_ref();
        let write = || -> ModelResult<()> {
            let mut file = WholeFile::create(path, Existing::Replace)?;
            file.write_all(&self.to_bytes()?)?;
            file.finish()?;
            Ok(())
        };
        write().map_err(|error| error.in_file(path))
    }

    /// Reads a model's file.
    ///
    /// # Errors
    /// `File` with the reason: as [`Model::from_bytes`], or that it cannot be read.
    pub fn load(path: impl AsRef<Path>) -> ModelResult<Self> {
        let path = path.as_ref();
        let read = || -> ModelResult<Self> {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            if length > MAX_FILE_BYTES {
                return Err(ModelError::NotAModel {
                    reason: format!("it has {length} bytes"),
                });
            }
            let mut bytes = Vec::with_capacity(length as usize);
            file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
            Self::from_bytes(&bytes)
        };
        read().map_err(|error| error.in_file(path))
    }
}

/// What is wrong with the temperature of a card, with what is added to probabilities, or with what makes its sets.
fn wrong_scaling(card: &ModelCard) -> Option<String> {
    if let Some(wrong) = card
        .sets
        .as_ref()
        .and_then(|sets| sets.calibration.wrong(card.labels.len()))
    {
        return Some(wrong);
    }
    if let Some(bad) = card.temperature.filter(|t| !(t.is_finite() && *t > 0.0)) {
        return Some(format!("temperature {bad} is not above 0"));
    }
    let bad = card
        .probability_floor
        .filter(|floor| !(0.0..=1e-3).contains(floor))?;
    Some(format!("probability floor {bad} is not between 0 and 0.001"))
}
