//! Which network describes audio: the options of the command line, the same for every command.

#[cfg(feature = "deep")]
use std::path::Path;
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
    /// Describe audio by this network too: FILE.onnx of others with its contract in FILE.toml, the name of an imported one, or an
    /// autoencoder, FILE.cdauto
    ///
    /// Its numbers are columns `embedding.NAME.001`, …, or `autoencoder.mean.001`, …, beside the 518 features; `--features embedding`
    /// or `autoencoder`, where a command has that, takes them alone. `cratedigger embedding list` names the imported ones; docs/embeddings.md tells what a contract is.
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) embedding: Option<String>,

    /// An entry of the network's contract, as in its TOML file; repeatable
    #[arg(long, value_name = "KEY=VALUE", requires = "embedding")]
    pub(crate) embedding_contract: Vec<String>,
}

impl EmbeddingArgs {
    /// Opens what was named, and says what its scores are worth.
    pub(crate) fn open(&self, progress: Progress) -> Result<Option<Arc<dyn Describer>>> {
        let Some(named) = &self.embedding else {
            return Ok(None);
        };
        #[cfg(feature = "deep")]
        if is_autoencoder(Path::new(named)) {
            if !self.embedding_contract.is_empty() {
                anyhow::bail!(
                    "--embedding-contract is of networks of others; an autoencoder knows what it reads"
                );
            }
            let open = cratedigger_collection::codes::OpenAutoencoder::open(Path::new(named))?;
            return Ok(Some(Arc::new(open)));
        }
        network(named, &self.embedding_contract, progress).map(Some)
    }
}

/// Whether a file is called as autoencoders are.
#[cfg(feature = "deep")]
pub(crate) fn is_autoencoder(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("cdauto"))
}

#[cfg(feature = "embed")]
fn network(named: &str, contract: &[String], progress: Progress) -> Result<Arc<dyn Describer>> {
    let embedding = cratedigger_collection::embedding::open(named, contract)?;
    if let Some(caution) = embedding.card().caution() {
        progress.say(&format!("warning: {caution}"));
    }
    Ok(embedding)
}

/// Says how to get a build that can.
#[cfg(not(feature = "embed"))]
fn network(_: &str, _: &[String], _: Progress) -> Result<Arc<dyn Describer>> {
    Err(super::lacking::part("runs no networks of others", "embed"))
}
