//! An autoencoder of one's own as a describer: audio becomes the frames that it reads, and these its code.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cratedigger_features::{Failure, FrameArray, FrameExtractor};
use cratedigger_learn::autoencoder::Autoencoder;
use cratedigger_learn::model::{EmbeddingCard, EmbeddingKind};
use cratedigger_learn::{FramesInMemory, Recordings};

use crate::embedding::{Describer, Description, Recording};
use crate::error::{Context, Result};
use crate::frames::{extractor, rounded};
use crate::helper::{Decoding, FrameExtraction, Strikes};

/// An autoencoder that was read from a file, and what files of features and models know it by.
pub struct OpenAutoencoder {
    autoencoder: Autoencoder,
    card: EmbeddingCard,
    columns: Vec<String>,
    extractor: FrameExtractor,
}

impl OpenAutoencoder {
    /// Reads a file that `cratedigger autoencoder train` wrote.
    ///
    /// # Errors
    /// `Fit` where it is none; `Model` where this version does not compute the frames that it reads.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = || path.display().to_string();
        let bytes = std::fs::read(path).with_context(shown)?;
        let autoencoder = Autoencoder::from_bytes(&bytes).with_context(shown)?;
        let columns = autoencoder.columns();
        let known = autoencoder.card();
        let card = EmbeddingCard {
            name: "autoencoder".to_owned(),
            kind: EmbeddingKind::Autoencoder,
            hash: blake3::hash(&bytes).to_hex().to_string(),
            contract: known.frames.clone(),
            n_columns: columns.len(),
            licence: "its maker's".to_owned(),
            pretrained_on: vec![format!("{} recordings of {}", known.n_recordings, known.source)],
            source: "cratedigger autoencoder train".to_owned(),
            trained_on_fma: false,
        };
        Ok(Self {
            extractor: extractor(&known.frames)?,
            card,
            columns,
            autoencoder,
        })
    }

    /// The autoencoder itself.
    pub fn autoencoder(&self) -> &Autoencoder {
        &self.autoencoder
    }
}

impl fmt::Debug for OpenAutoencoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenAutoencoder").field(&self.card).finish()
    }
}

impl Describer for OpenAutoencoder {
    fn card(&self) -> &EmbeddingCard {
        &self.card
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn tags(&self) -> &[String] {
        &[]
    }

    fn genre_of(&self, _: &str) -> Option<&'static str> {
        None
    }

    fn describe(
        &self,
        recording: Recording<'_>,
        decoding: &Decoding,
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> Result<Description, Failure> {
        let extraction = FrameExtraction::new(self.extractor.limited(*decoding.limits()), decoding);
        let frames = match recording {
            Recording::Path(path) => {
                let mut values = Vec::new();
                extraction
                    .path(path, strikes, &mut values)
                    .map(|info| FrameArray {
                        info,
                        values,
                        n_bands: extraction.recipe().n_bands(),
                    })
            }
            Recording::Bytes(bytes) => extraction.bytes(bytes, time),
        };
        let frames = rounded(frames.map_err(|error| Failure {
            stage: error.stage(),
            reason: error.to_string(),
        })?);
        let info = frames.info;
        let code = FramesInMemory::new(self.card.contract.clone(), frames.n_bands, vec![frames.values])
            .and_then(|frames| Recordings::new(Arc::new(frames), vec![0]))
            .and_then(|rows| self.autoencoder.encode(&rows));
        match code {
            Ok(code) => Ok(Description {
                values: code.into_iter().map(f64::from).collect(),
                tags: Vec::new(),
                info,
            }),
            Err(error) => Err(Failure {
                stage: "embedding",
                reason: error.to_string(),
            }),
        }
    }
}
