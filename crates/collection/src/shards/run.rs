//! A shard: its recordings are extracted into a part, which appears whole or not at all, and only once.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cratedigger_catalog::feature_table::FeatureFormat;
use cratedigger_features::BatchOptions;
use cratedigger_files::open_kept;
use tempfile::TempDir;

use super::begun::{Beginning, Begun};
use super::manifest::Manifest;
use super::naming::{PartName, Recipe};
use super::parts;
use super::place::{Named, Place};
use super::share::Shard;
use crate::embedding::Describer;
use crate::error::{Context, Result};
use crate::extract::{self, Begin, Job, Losses, PartOf, Report, failures_path, heard_path, partial_path};
use crate::helper::Extraction;
use crate::listener::Listener;

/// What a shard is, and where its part goes.
pub struct ShardJob<'a> {
    /// The recipe and its limits, and where decoders run.
    pub extraction: &'a Extraction,
    /// What describes the recordings beside the 518 features.
    pub embedding: Option<Arc<dyn Describer>>,
    /// All recordings.
    pub manifest: &'a Manifest,
    /// Which of them.
    pub shard: Shard,
    /// Where parts go.
    pub place: &'a Place,
    /// Where the journal is meanwhile; `None` for the folder of temporary files.
    pub scratch: Option<&'a Path>,
    /// Threads.
    pub batch: BatchOptions,
}

/// What became of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its part is there now.
    Made(PartName, Report),
    /// It was there before, and nothing was done.
    WasThere(PartName),
    /// Another process made it meanwhile; what this one made is dropped.
    MadeMeanwhile(PartName),
}

/// Makes the part of a shard unless it is there. Killed, the same call goes on where it stopped, on a machine that has the journal.
///
/// # Errors
/// Those of an extraction; the place cannot be written to.
pub fn run(job: &ShardJob<'_>, listener: &dyn Listener) -> Result<Outcome> {
    let with = match &job.embedding {
        Some(embedding) => {
            let card = embedding.card();
            format!("{} {} {}", card.name, card.hash, card.contract)
        }
        None => String::new(),
    };
    let limits = job.extraction.limits();
    let recipe = Recipe::new("features", job.extraction.recipe().version(), with, limits);
    let mut begun = match Begun::look(job.manifest, job.shard, job.place, &recipe)? {
        Beginning::WasThere(name) => return Ok(Outcome::WasThere(name)),
        Beginning::Begun(begun) => begun,
    };
    let file_name = begun.name.to_string();
    let scratch = Scratch::open(job.scratch, &file_name)?;
    let out = scratch.folder().join(&file_name);
    let report = match made_before(scratch.folder(), &file_name)? {
        Some(report) => report,
        None => extract::run(
            Job {
                extraction: job.extraction,
                embedding: job.embedding.clone(),
                inputs: std::mem::take(&mut begun.inputs),
                out: &out,
                format: FeatureFormat::Parquet,
                batch: job.batch,
                journal: Begin::Resume,
                part: Some(PartOf {
                    tracks_only: job.manifest.tracks_only(),
                    about: begun.about_map(),
                }),
            },
            listener,
        )?,
    };
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let mut beside = Vec::new();
    for path in [failures_path(&out), heard_path(&out)] {
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            beside.push((name.to_string_lossy().into_owned(), read(&path)?));
        }
    }
    let named = begun.put(job.place, read(&out)?, beside)?;
    scratch.remove();
    Ok(match named {
        Named::New => Outcome::Made(begun.name, report),
        Named::WasThere => Outcome::MadeMeanwhile(begun.name),
    })
}

/// What a run left that had all recordings behind it and could not put the part: the part, what belongs beside it, and no journal.
fn made_before(folder: &Path, name: &str) -> Result<Option<Report>> {
    let out = folder.join(name);
    if !out.is_file() || partial_path(&out).exists() {
        return Ok(None);
    }
    let Ok((about, _)) = parts::read(&Place::Folder(folder.to_owned()), name, &mut HashSet::new()) else {
        return Ok(None);
    };
    let beside = |path: PathBuf, n: u64| path.is_file().then_some(path).filter(|_| n > 0);
    let report = Report {
        n_done: about.n_rows as usize,
        n_resumed: about.n_rows as usize,
        n_failed: about.n_failed as usize,
        failures: beside(failures_path(&out), about.n_failed),
        n_with_loss: Losses::beside(&out)?.map_or(0, |losses| losses.n_with_loss as usize),
        heard: beside(heard_path(&out), about.n_rows),
    };
    let is_whole =
        report.failures.is_some() == (about.n_failed > 0) && report.heard.is_some() == (about.n_rows > 0);
    Ok(is_whole.then_some(report))
}

/// The folder of a shard's journal, which is locked; one of its own where another process has that.
enum Scratch {
    Kept { folder: PathBuf, lock: File },
    Own(TempDir),
}

impl Scratch {
    fn open(base: Option<&Path>, name: &str) -> Result<Self> {
        let base = match base {
            Some(base) => base.to_owned(),
            None => std::env::temp_dir(),
        };
        let folder = base.join(format!("cratedigger-{}", name.trim_end_matches(".parquet")));
        let cannot = || {
            format!(
                "cannot write to {}; name another folder with --scratch",
                folder.display()
            )
        };
        std::fs::create_dir_all(&folder).with_context(cannot)?;
        let at = folder.join("lock");
        // Another process of this shard may be at work there, or about to remove it.
        match open_kept(&at) {
            Ok(lock) if lock.try_lock().is_ok() && at.exists() => Ok(Self::Kept { folder, lock }),
            _ => Ok(Self::Own(
                TempDir::with_prefix_in("cratedigger-part-", base).with_context(cannot)?,
            )),
        }
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Kept { folder, .. } => folder,
            Self::Own(folder) => folder.path(),
        }
    }

    /// Nothing of it is needed any more. What cannot be removed stays in a folder of temporary files.
    fn remove(self) {
        if let Self::Kept { folder, lock } = self {
            let _ = std::fs::remove_dir_all(folder);
            let _ = lock.unlock();
        }
    }
}
