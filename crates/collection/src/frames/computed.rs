//! Frames of audio that a model is asked about: a cache that is deleted after use, so that memory does not grow with the files.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::{BatchOptions, FrameExtractor, FrameRecipe};
use cratedigger_files::TemporaryFolder;

use super::make::{Job, run};
use super::sets::{Checked, FrameSets};
use crate::error::{Context, Error, Result};
use crate::extract::{HeardFiles, Inputs};
use crate::helper::{Decoding, FrameExtraction};
use crate::listener::Listener;

/// Frames by each of a model's recipes.
pub(crate) struct ComputedFrames {
    sets: FrameSets,
    folder: Arc<TemporaryFolder>,
    /// One line for each input without frames.
    pub(crate) failures: Vec<String>,
}

impl ComputedFrames {
    /// Computes the frames of all files.
    ///
    /// # Errors
    /// `Model` for a recipe that this version does not know; the folder for temporary files cannot be written.
    pub(crate) fn new(
        recipes: &[String],
        inputs: &Inputs,
        decoding: &Decoding,
        jobs: Option<NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Result<Self> {
        let extractions: Vec<FrameExtraction> = recipes
            .iter()
            .map(|recipe| Ok(FrameExtraction::new(extractor(recipe)?, decoding)))
            .collect::<Result<_>>()?;
        let folder = TemporaryFolder::new().context("cannot make a folder for frames")?;
        let mut failures: Vec<String> = Vec::new();
        for extraction in &extractions {
            let job = Job {
                extraction,
                inputs: inputs.clone(),
                out: folder.path(),
                batch: BatchOptions::default().n_threads(jobs),
                verify: false,
            };
            for failed in run(&job, listener)?.failed {
                let line = format!("{}: {}: {}", failed.path.display(), failed.stage, failed.reason);
                if !failures.contains(&line) {
                    failures.push(line);
                }
            }
        }
        Ok(Self {
            sets: FrameSets::open(&[folder.path().to_owned()], Some(recipes), listener)?,
            folder: Arc::new(folder),
            failures,
        })
    }

    /// The frames.
    pub(crate) fn sets(&self) -> &FrameSets {
        &self.sets
    }

    /// The frames of a recording, and what keeps their files.
    pub(crate) fn of(&self, id: &RowId) -> Checked {
        self.sets.checked(id)
    }

    /// What must live as long as the frames are read.
    pub(crate) fn folder(&self) -> Arc<TemporaryFolder> {
        Arc::clone(&self.folder)
    }

    /// What was heard of each file.
    pub(crate) fn heard(&self, inputs: &Inputs) -> HeardFiles {
        let of_file = |path: &PathBuf, id: &str| Some((path.clone(), self.sets.heard(&RowId::from(id))?));
        let files = inputs.files.iter();
        files.filter_map(|file| of_file(&file.path, &file.id)).collect()
    }
}

/// The extractor of a recipe that a model's card names.
///
/// # Errors
/// `Model` where this version does not know it.
pub fn extractor(recipe: &str) -> Result<FrameExtractor> {
    let known = recipe.parse::<FrameRecipe>().and_then(FrameExtractor::new);
    known.map_err(|_| {
        Error::Model(format!(
            "the model reads frames by `{recipe}`, which this version of cratedigger does not compute; train it again on frames \
             computed now"
        ))
    })
}
