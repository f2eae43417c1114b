//! The arguments of `cratedigger embedding`.

use std::path::PathBuf;

use clap::Subcommand;

/// Import, list or show networks of others that describe audio
///
/// `--embedding NAME` of other commands uses them. They are kept in the user's folder of data, or in the folder that the variable
/// CRATEDIGGER_EMBEDDINGS names. The guide is docs/embeddings.md.
#[derive(clap::Args)]
#[cfg_attr(not(feature = "embed"), command(about = "Import, list or show networks of others (not in this build, which lacks the feature `embed`)", long_about = None))]
#[command(after_help = "\
Examples:
  pip download --no-deps musicnn==0.1.0
  cratedigger embedding import musicnn-0.1.0-py3-none-any.whl
  cratedigger embedding list
  cratedigger classify --embedding musicnn song.mp3            its genre and tags, without a model of your own
  cratedigger embedding show nmp.onnx --embedding-contract input=waveform --embedding-contract sample_rate=22050 …")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Subcommand)]
pub(super) enum Action {
    /// Take musicnn's networks out of its Python package, which `pip download --no-deps musicnn==0.1.0` brings
    ///
    /// The package's TensorFlow checkpoints are read here; neither Python nor TensorFlow is needed. Each network is run once
    /// before it is kept, as safetensors with its licence and source.
    Import {
        /// The wheel
        #[arg(value_name = "WHEEL")]
        wheel: PathBuf,
        /// Keep them in this folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// The networks that were imported
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Write an imported network as ONNX for other runtimes, with its contract beside it
    Export {
        /// Name of an imported one, or its file
        #[arg(value_name = "NAME")]
        embedding: String,
        /// The ONNX file to write; FILE.toml beside it says what it hears
        #[arg(long, value_name = "FILE")]
        onnx: PathBuf,
        /// Replace the files if they are there
        #[arg(long)]
        force: bool,
    },
    /// What a network is: its contract, hash, licence, the data that it was trained on
    Show {
        /// Name of an imported one, or FILE.onnx
        #[arg(value_name = "FILE|NAME")]
        embedding: String,
        /// An entry of the network's contract, as in its TOML file; repeatable
        #[arg(long, value_name = "KEY=VALUE")]
        embedding_contract: Vec<String>,
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
}
