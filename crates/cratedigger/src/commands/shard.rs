//! A manifest in place of paths, and a shard of it: the options of the commands that take them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use cratedigger_collection::shards::{Manifest, Place, Shard};

/// Recordings of a manifest.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Many machines")]
pub(crate) struct ShardArgs {
    /// Take the recordings of this list, which `cratedigger manifest` made, in place of paths
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub(crate) manifest: Option<PathBuf>,

    /// Take the I-th of N shards of the manifest, balanced by bytes, and write it as one part into the folder or address OUT
    ///
    /// The part is called part-I-of-N-HASH.parquet, by a hash of its recordings and the recipe. If it is there, nothing is done; if
    /// another process makes it at the same time, one of the two parts is kept, and they are the same. What gave no row is listed
    /// beside it, and is no reason for another exit code than 0: the shard is done.
    ///
    /// auto/N takes I from the variable by which a service that runs many tasks tells each which it is: JOB_COMPLETION_INDEX
    /// (Kubernetes), SLURM_ARRAY_TASK_ID (an array from 1), AWS_BATCH_JOB_ARRAY_INDEX or BATCH_TASK_INDEX (Google Batch).
    #[arg(long, value_name = "I/N", requires = "manifest", value_parser = shard)]
    pub(crate) shard: Option<Shard>,

    /// Keep the journal of a shard in this folder until its part is there; default: the folder of temporary files
    ///
    /// A shard that was killed goes on where it stopped if it finds its journal.
    #[arg(long, value_name = "DIR", requires = "shard")]
    pub(crate) scratch: Option<PathBuf>,
}

/// Variables that tell a task which it is, and what the first one is told.
const TASK_VARIABLES: [(&str, u32); 4] = [
    ("JOB_COMPLETION_INDEX", 0),
    ("AWS_BATCH_JOB_ARRAY_INDEX", 0),
    ("BATCH_TASK_INDEX", 0),
    ("SLURM_ARRAY_TASK_ID", 1),
];

/// A shard by its number, or by the number of the task.
fn shard(text: &str) -> Result<Shard, String> {
    let parse = |text: &str| text.parse::<Shard>().map_err(|error| error.to_string());
    let Some(of) = text.strip_prefix("auto/") else {
        return parse(text);
    };
    let index = TASK_VARIABLES.iter().find_map(|(name, first)| {
        let told: u32 = std::env::var(name).ok()?.parse().ok()?;
        told.checked_add(1)?.checked_sub(*first)
    });
    match index {
        Some(index) => parse(&format!("{index}/{of}")),
        None => {
            let names = TASK_VARIABLES.map(|(name, _)| name).join(", ");
            Err(format!("none of {names} says which task this is"))
        }
    }
}

impl ShardArgs {
    /// The manifest and the shard, with the place of its part, where a shard is asked for.
    pub(crate) fn open(&self, out: Option<&Path>) -> Result<Option<(Manifest, Shard, Place)>> {
        let (Some(shard), Some(manifest)) = (self.shard, &self.manifest) else {
            return Ok(None);
        };
        let Some(out) = out else {
            bail!("--shard writes a part into a folder or below an address: name it with --out");
        };
        Ok(Some((Manifest::open(manifest)?, shard, Place::of(out)?)))
    }
}
