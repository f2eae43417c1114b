//! A network of `cratedigger-embed` as a describer.

use std::fmt;
use std::sync::Arc;

use cratedigger_embed::{Embedding, Error as EmbedError, Sound, musicnn, names_the_fma};
use cratedigger_features::{Failure, Limits};
use cratedigger_learn::model::EmbeddingCard;

use super::describer::{Describer, Description, Recording};
use crate::error::Result;

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
        limits: &Limits,
    ) -> std::result::Result<Description, Failure> {
        let sound = match recording {
            Recording::Path(path) => Sound::Path(path),
            Recording::Bytes(bytes) => Sound::Bytes(bytes),
        };
        match self.embedding.describe(sound, limits) {
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
