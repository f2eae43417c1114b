//! What is computed of a recording: the 518 features, and frames where the model hears time.

use std::time::{Duration, Instant};

use cratedigger_collection::frames::{extractor, rounded};
use cratedigger_collection::{Decoding, Extraction, FrameExtraction, HelperCommand};
use cratedigger_features::{AudioInfo, Features, FrameArray, Limits, Recipe};

use crate::error::Result;

/// What a recording is analysed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The model's answer: what it reads.
    Genres,
    /// The features themselves.
    Features,
}

/// The extractors of a model, whose decoders run in helpers where there are any.
pub(crate) struct Analyser {
    features: Extraction,
    /// Whether the model reads features.
    reads_features: bool,
    frames: Vec<FrameExtraction>,
}

/// What was computed of a recording.
pub(crate) struct Sound {
    pub(crate) info: AudioInfo,
    /// There, where they are asked for or the model reads them.
    pub(crate) features: Option<Features>,
    /// By each recipe of the model's card, in its order.
    pub(crate) frames: Vec<FrameArray>,
    /// What the model hears besides the features, where it does.
    pub(crate) embedding: Vec<f64>,
}

impl Analyser {
    /// Where decoders run.
    pub(crate) fn decoding(&self) -> &Decoding {
        self.features.decoding()
    }

    /// `recipes`: of the frames that the model reads; `helper`: the program in which audio is decoded, none for this process.
    pub(crate) fn new(
        recipe: Recipe,
        reads_features: bool,
        recipes: &[String],
        limits: Limits,
        helper: Option<&HelperCommand>,
    ) -> Result<Self> {
        let decoding = Decoding::new(limits, helper)?;
        let frames = recipes
            .iter()
            .map(|recipe| Ok(FrameExtraction::new(extractor(recipe)?, &decoding)));
        Ok(Self {
            features: Extraction::of(recipe, &decoding),
            reads_features,
            frames: frames.collect::<Result<_>>()?,
        })
    }

    /// Analyses the bytes of an audio file, until `deadline`.
    pub(crate) fn bytes(
        &self,
        bytes: &[u8],
        purpose: Purpose,
        deadline: Instant,
    ) -> cratedigger_features::Result<Sound> {
        self.sound(
            purpose,
            |features| features.bytes(bytes, left(deadline)),
            |frames| frames.bytes(bytes, left(deadline)),
        )
    }

    /// Analyses mono samples for the model's answer.
    pub(crate) fn samples(&self, samples: &[f32], sample_rate: u32) -> cratedigger_features::Result<Sound> {
        self.sound(
            Purpose::Genres,
            |features| features.extractor().extract_samples(samples, sample_rate),
            |frames| frames.extractor().samples(samples, sample_rate),
        )
    }

    fn sound(
        &self,
        purpose: Purpose,
        features: impl Fn(&Extraction) -> cratedigger_features::Result<Features>,
        frames: impl Fn(&FrameExtraction) -> cratedigger_features::Result<FrameArray>,
    ) -> cratedigger_features::Result<Sound> {
        let read = match purpose {
            Purpose::Genres => self.frames.as_slice(),
            Purpose::Features => &[],
        };
        let wanted = purpose == Purpose::Features || self.reads_features || read.is_empty();
        let features = wanted.then(|| features(&self.features)).transpose()?;
        let frames: Vec<FrameArray> = read
            .iter()
            .map(|of| frames(of).map(rounded))
            .collect::<cratedigger_features::Result<_>>()?;
        let info = match (&features, frames.first()) {
            (Some(features), _) => features.info(),
            (None, Some(frames)) => frames.info,
            (None, None) => unreachable!("features are wanted where there are no frames"),
        };
        Ok(Sound {
            info,
            features,
            frames,
            embedding: Vec::new(),
        })
    }
}

/// The time until then.
pub(crate) fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
