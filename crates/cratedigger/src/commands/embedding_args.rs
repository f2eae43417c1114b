//! Which network of others describes audio: the options of the command line, the same for every command.

use std::sync::Arc;

use anyhow::Result;
use cratedigger_collection::embedding::Describer;

use crate::progress::Progress;

/// An embedding beside the 518 features.
#[derive(clap::Args, Clone, Debug, Default)]
#[cfg_attr(feature = "embed", command(next_help_heading = "Embedding"))]
#[cfg_attr(
    not(feature = "embed"),
    command(next_help_heading = "Embedding (not in this build, which lacks the feature `embed`)")
)]
pub(crate) struct EmbeddingArgs {
    /// Describe audio by this network of others too: FILE.onnx with its contract in FILE.toml, or the name of an imported one
    ///
    /// Its numbers are columns `embedding.NAME.001`, …, beside the 518 features; `--features embedding`, where a command has
    /// that, takes them alone. `cratedigger embedding list` names the imported ones; docs/embeddings.md tells what a contract is.
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) embedding: Option<String>,

    /// An entry of the network's contract, as in its TOML file; repeatable
    #[arg(long, value_name = "KEY=VALUE", requires = "embedding")]
    pub(crate) embedding_contract: Vec<String>,
}

impl EmbeddingArgs {
    /// Opens what was named, and says what its scores are worth.
    #[cfg(feature = "embed")]
    pub(crate) fn open(&self, progress: Progress) -> Result<Option<Arc<dyn Describer>>> {
        let Some(named) = &self.embedding else {
            return Ok(None);
        };
        let embedding = cratedigger_collection::embedding::open(named, &self.embedding_contract)?;
        if let Some(caution) = embedding.card().caution() {
            progress.say(&format!("warning: {caution}"));
        }
        Ok(Some(embedding))
    }

    /// Says how to get a build that can.
    #[cfg(not(feature = "embed"))]
    pub(crate) fn open(&self, _: Progress) -> Result<Option<Arc<dyn Describer>>> {
        match &self.embedding {
            None => Ok(None),
            Some(_) => Err(super::lacking::part("runs no networks of others", "embed")),
        }
    }
}
