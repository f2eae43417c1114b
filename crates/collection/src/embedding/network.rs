//! A network of `cratedigger-embed` as a describer.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cratedigger_embed::{Described, Embedding, Error as EmbedError, Sound, musicnn, names_the_fma};
use cratedigger_features::{AudioInfo, Failure};
use cratedigger_learn::model::EmbeddingCard;

use super::describer::{Describer, Description, Recording};
use crate::error::Result;
use crate::helper::{Decoding, Strikes};

struct Network {
    embedding: Embedding,
    card: EmbeddingCard,
    columns: Vec<String>,
}

/// Opens a file with its contract, or an imported network by its name; `said` are entries of the contract (`key=value`).
///
/// # Errors
/// `Embedding`.
pub fn open(named: &str, said: &[String]) -> Result<Arc<dyn Describer>> {
    let embedding = Embedding::open(named, said)?;
    let card = embedding.card();
    let card = EmbeddingCard {
        name: card.name.clone(),
        hash: card.hash.clone(),
        contract: card.contract.clone(),
        n_columns: card.n_columns,
        licence: card.licence.clone(),
        pretrained_on: card.pretrained_on.clone(),
        source: card.source.clone(),
        trained_on_fma: names_the_fma(&card.pretrained_on),
        ..EmbeddingCard::default()
    };
    Ok(Arc::new(Network {
        columns: embedding.columns(),
        card,
        embedding,
    }))
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Network").field(&self.card).finish()
    }
}

impl Describer for Network {
    fn card(&self) -> &EmbeddingCard {
        &self.card
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn tags(&self) -> &[String] {
        &self.embedding.contract().tags
    }

    fn genre_of(&self, tag: &str) -> Option<&'static str> {
        musicnn::tags::genre_of(tag)
    }

    fn describe(
        &self,
        recording: Recording<'_>,
        decoding: &Decoding,
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> std::result::Result<Description, Failure> {
        let sound = match recording {
            Recording::Path(path) => Sound::Path(path),
            Recording::Bytes(bytes) => Sound::Bytes(bytes),
        };
        let mut described = || -> std::result::Result<(Described, AudioInfo), EmbedError> {
            let begun = Instant::now();
            let (heard, info) = decoding.hear(self.embedding.front_end(), sound, time, strikes)?;
            let left = time.saturating_sub(begun.elapsed());
            Ok((self.embedding.describe_heard(&heard, left)?, info))
        };
        match described() {
            Ok((described, info)) => Ok(Description {
                values: described.values,
                tags: described.tags,
                info,
            }),
            Err(error) => Err(Failure {
                stage: match &error {
                    EmbedError::Audio(error) => error.stage(),
                    _ => "embedding",
                },
                reason: error.to_string(),
            }),
        }
    }
}
