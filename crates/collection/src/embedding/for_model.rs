//! Which describer a model needs.

use std::sync::Arc;

use cratedigger_learn::Model;

use super::cards::{check, needed};
use super::describer::Describer;
use crate::error::{Result, refuse};

/// The describer that a model needs: the one that was named, or one of the imported networks; none where it needs none.
///
/// # Errors
/// `Model` where the model needs another, or one that is not here.
pub fn for_model(model: &Model, named: Option<&Arc<dyn Describer>>) -> Result<Option<Arc<dyn Describer>>> {
    let wanted = needed(model.card());
    if wanted.len() > 1 {
        refuse!(
            Model,
            "the model was trained on several embeddings, and audio is described by one; give it files of features"
        );
    }
    let Some(card) = wanted.first() else {
        return Ok(None);
    };
    if let Some(named) = named {
        check(model.card(), std::slice::from_ref(named.card()))?;
        return Ok(Some(Arc::clone(named)));
    }
    #[cfg(feature = "embed")]
    if let Ok(found) = super::network::open(&card.name, &[])
        && found.card().is_same(card)
    {
        return Ok(Some(found));
    }
    refuse!(
        Model,
        "the model was trained on the embedding `{}` (blake3 {}; {}), and it is not among the imported ones: name its file \
         with --embedding",
        card.name,
        card.hash,
        card.source
    )
}
