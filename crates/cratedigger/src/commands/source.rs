//! How the tables that a command names are read: the options of the command line.

use std::path::PathBuf;

use cratedigger_collection::rows::source::Reading;

/// The store that `import` writes and `sql` reads unless told otherwise.
pub(crate) const DEFAULT_STORE: &str = "cratedigger-store";

/// The share of a recording that may be lost unless told otherwise.
pub(crate) const DEFAULT_MAX_LOST: f64 = cratedigger_features::Limits::DEFAULT_MAX_LOST;

/// How a folder of CSV files is read.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ReadArgs {
    /// Import the records that are whole, list the others in the store, and end with exit code 1
    ///
    /// Without it, a file with one bad record is refused.
    #[arg(long)]
    pub(crate) lenient: bool,

    /// Where stores of folders that were given as CSV files are kept
    #[arg(long, value_name = "DIR", env = "CRATEDIGGER_CACHE", hide_env_values = true)]
    pub(crate) cache: Option<PathBuf>,
}

impl ReadArgs {
    /// The same as plain options.
    pub(crate) fn reading(&self) -> Reading {
        Reading {
            lenient: self.lenient,
            cache: self.cache.clone(),
            ..Reading::default()
        }
    }
}
