//! All columns of a recording: the 518 features, those of an embedding, or both.

use std::sync::Arc;

use cratedigger_features::{AudioInfo, Failure, N_COLUMNS, columns};
use cratedigger_learn::model::EmbeddingCard;

use super::describer::{Describer, Recording};
use crate::helper::{Extraction, Strikes};

/// What is computed of each recording.
#[derive(Clone)]
pub struct Analyser<'a> {
    extraction: &'a Extraction,
    embedding: Option<Arc<dyn Describer>>,
    /// Whether the 518 are computed; otherwise they are missing.
    with_features: bool,
}

/// All columns of a recording, and what was decoded of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysed {
    /// A value for each of [`Analyser::columns`].
    pub values: Vec<f64>,
    /// What was decoded.
    pub info: AudioInfo,
}

impl<'a> Analyser<'a> {
    /// The 518 features, followed by an embedding's columns where one is given.
    pub fn new(extraction: &'a Extraction, embedding: Option<&Arc<dyn Describer>>) -> Self {
        Self {
            extraction,
            embedding: embedding.cloned(),
            with_features: true,
        }
    }

    /// Computes only what these places among the columns need.
    pub(crate) fn for_columns(mut self, wanted: &[usize]) -> Self {
        self.with_features = wanted.iter().any(|&at| at < N_COLUMNS);
        if wanted.iter().all(|&at| at < N_COLUMNS) {
            self.embedding = None;
        }
        self
    }

    /// Where the 518 come from.
    pub fn extraction(&self) -> &'a Extraction {
        self.extraction
    }

    /// What must be known of the embedding, where there is one.
    pub fn cards(&self) -> &[EmbeddingCard] {
        match &self.embedding {
            Some(embedding) => std::slice::from_ref(embedding.card()),
            None => &[],
        }
    }

    /// Names of all columns.
    pub fn columns(&self) -> Vec<String> {
        let features = columns().iter().map(|column| column.name.clone());
        let more = self
            .embedding
            .iter()
            .flat_map(|embedding| embedding.columns().iter().cloned());
        features.chain(more).collect()
    }

    /// Analyses a recording. What fails on the way of the 518 features is an error as theirs, the rest a [`Failure`]. `strikes` knows of
    /// the helpers that the file has ended.
    ///
    /// # Errors
    /// As [`Extraction::path`].
    pub fn analyse(
        &self,
        recording: Recording<'_>,
        strikes: &mut dyn Strikes,
    ) -> cratedigger_features::Result<Result<Analysed, Failure>> {
        let decoding = self.extraction.decoding();
        let features = match (self.with_features, recording) {
            (true, Recording::Path(path)) => Some(self.extraction.path(path, strikes)?),
            (true, Recording::Bytes(bytes)) => {
                Some(self.extraction.bytes_noted(bytes, decoding.time(), strikes)?)
            }
            (false, _) => None,
        };
        let described = match &self.embedding {
            Some(embedding) => match embedding.describe(recording, decoding, decoding.time(), strikes) {
                Ok(described) => Some(described),
                Err(failure) => return Ok(Err(failure)),
            },
            None => None,
        };
        let info = features.as_ref().map(|features| features.info());
        let Some(info) = info.or(described.as_ref().map(|described| described.info)) else {
            return Ok(Err(Failure {
                stage: "features",
                reason: "nothing was asked for".to_owned(),
            }));
        };
        let mut values = match features {
            Some(features) => features.values().to_vec(),
            None => vec![f64::NAN; N_COLUMNS],
        };
        values.extend(described.into_iter().flat_map(|described| described.values));
        Ok(Ok(Analysed { values, info }))
    }
}
