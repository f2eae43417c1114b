//! What a path of the command line holds, and where tables come from: a folder of CSV files or a store; the same for every
//! command.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cratedigger_catalog::feature_table::{FeatureFormat, FeatureTable};
use cratedigger_catalog::report::Outcome;
use cratedigger_catalog::store::MANIFEST_FILE;
use cratedigger_catalog::{ImportOptions, ImportReport, ProgressEvent, Store, TableId, open_or_import};
use cratedigger_features::{Change, Limits, Recipe};
use cratedigger_files::is_uri;
use cratedigger_learn::model::Model;
use etcetera::BaseStrategy;

use crate::embedding::Describer;
use crate::error::{Context, Error, Result, refuse};
use crate::frames::is_cache;
use crate::helper::{Decoding, Extraction, HelperCommand};
use crate::listener::{Job, Listener, Unit};

/// What a path holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of features.
    Features,
    /// A store, a folder of the dataset's CSV files, or its `tracks.csv`.
    Tables,
    /// A cache of frames.
    Frames,
    /// Anything else: audio, or nothing.
    Audio,
}

/// What a path holds, by its name and the names in it.
pub fn kind(path: &Path) -> Kind {
    let has = |name: &str| path.join(name).is_file();
    if path.is_dir() && (has(MANIFEST_FILE) || has("tracks.csv") || has("features.csv")) {
        return Kind::Tables;
    }
    if path.is_file() && path.file_name().is_some_and(|name| name == "tracks.csv") {
        return Kind::Tables;
    }
    if is_cache(path) {
        return Kind::Frames;
    }
    match path.is_file() && FeatureFormat::of(path).is_some() {
        true => Kind::Features,
        false => Kind::Audio,
    }
}

/// What all of these paths are, as they were named; one path unless they are audio, files of features, or caches of frames.
pub(crate) fn kind_of_all(data: &[PathBuf]) -> Result<Kind> {
    for path in data {
        let named = path.to_string_lossy();
        if !path.exists() && !is_uri(path) && named != "-" && !named.contains(['*', '?', '[']) {
            refuse!(Input, "{}: there is no such file or folder", path.display());
        }
    }
    for whole in [Kind::Features, Kind::Frames] {
        if data.iter().all(|path| kind(path) == whole) {
            return Ok(whole);
        }
    }
    match data.iter().find(|path| kind(path) != Kind::Audio) {
        Some(table) if data.len() > 1 => refuse!(
            Input,
            "{} is one whole data set: several paths can be given for audio only",
            table.display()
        ),
        Some(table) => Ok(kind(table)),
        None => Ok(Kind::Audio),
    }
}

/// The recipe that audio must be analysed by for a model.
pub fn recipe_of_audio(model: &Model, said: Option<Recipe>) -> Result<Recipe> {
    match (&model.card().recipe, said) {
        (Some(version), said) => {
            if let Some(said) = said {
                model.check_recipe(said.version())?;
            }
            Recipe::from_version(version).ok_or_else(|| {
                let known: Vec<&str> = Recipe::ALL.iter().map(|recipe| recipe.version()).collect();
                Error::Model(format!(
                    "the model was trained on features of recipe `{version}`, which this version of cratedigger does not \
                     compute (it computes {}); train the model again on features extracted now",
                    known.join(" and ")
                ))
            })
        }
        (None, Some(said)) => Ok(said),
        (None, None) => refuse!(
            Model,
            "the model does not say which recipe its features were computed by, so audio cannot be analysed for it; name the \
             recipe with --recipe"
        ),
    }
}

/// The recipe that a file of features or the request tells; they must not contradict each other.
pub(crate) fn recipe_of_file(table: &FeatureTable, said: Option<Recipe>) -> Result<Option<String>> {
    match (&table.recipe, said) {
        (Some(found), Some(said)) if found != said.version() => refuse!(
            Choice,
            "made by recipe `{found}`, and --recipe says `{}`",
            said.version()
        ),
        (Some(found), _) => Ok(Some(found.clone())),
        (None, said) => Ok(said.map(|recipe| recipe.version().to_owned())),
    }
}

/// The last part of a path, which tells where rows come from without telling about the machine.
pub fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// How what is named is read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The recipe of features that do not say theirs, and of audio.
    pub recipe: Option<Recipe>,
    /// Caches of frames that stand beside the rows.
    pub frames: Vec<PathBuf>,
    /// Threads that analyse audio; `None` for one for each processor.
    pub jobs: Option<NonZeroUsize>,
    /// Whether the records of a table that are whole are read where others are not.
    pub lenient: bool,
    /// Where stores of folders that were given as CSV files are kept; `None` for the user's cache folder.
    pub cache: Option<PathBuf>,
    /// The largest share of a recording that may be lost; `None` for the default of
    /// [`Limits`].
    pub max_lost: Option<f64>,
    /// The program in which audio is decoded; `None` for this process.
    pub helper: Option<HelperCommand>,
    /// What is changed in every recording before it is analysed.
    pub change: Option<Change>,
    /// Where audio is decoded, within its own limits, for who has that already; `helper` and `max_lost` then say nothing.
    pub decoding: Option<Decoding>,
    /// What describes audio beside the 518 features. A model that needs one finds an imported one by itself.
    pub embedding: Option<Arc<dyn Describer>>,
}

impl Reading {
    /// What makes features of audio.
    ///
    /// # Errors
    /// A helper cannot be started.
    pub fn extraction(&self, recipe: Recipe) -> Result<Extraction> {
        Ok(Extraction::of(recipe, &self.decoding()?))
    }

    /// Where audio is decoded.
    ///
    /// # Errors
    /// A helper cannot be started.
    pub fn decoding(&self) -> Result<Decoding> {
        let decoding = match &self.decoding {
            Some(decoding) => decoding.clone(),
            None => Decoding::new(self.limits(), self.helper.as_ref())?,
        };
        Ok(decoding.changing(self.change))
    }

    /// What is accepted of audio.
    pub fn limits(&self) -> Limits {
        if let Some(decoding) = &self.decoding {
            return *decoding.limits();
        }
        let limits = Limits::default();
        match self.max_lost {
            Some(share) => limits.max_lost(share),
            None => limits,
        }
    }
}

/// Opens `dir`: a store as it is, a folder of CSV files (or one `tracks.csv`) by importing it into the cache first.
///
/// Returns the store and the number of records that could not be read.
pub fn open(dir: &Path, reading: &Reading, listener: &dyn Listener) -> Result<(Store, u64)> {
    let cache = match &reading.cache {
        Some(dir) => dir.clone(),
        None => default_cache()?,
    };
    let options = import_options(reading.lenient);
    let jobs = ImportJobs::new(listener);
    let (store, report) = open_or_import(dir, &cache, &options, &|event| jobs.on(event))?;
    drop(jobs);
    if let Some(report) = &report {
        tell(report, listener);
    }
    Ok((store, report.map_or(0, |r| r.n_rejected())))
}

/// The options of an import from the command line's choices.
pub fn import_options(lenient: bool) -> ImportOptions {
    ImportOptions {
        lenient,
        ..ImportOptions::default()
    }
}

/// Says what an import found, unless nothing was read anew and nothing is wrong.
fn tell(report: &ImportReport, listener: &dyn Listener) {
    let fresh = report.tables.iter().any(|t| t.outcome == Outcome::Imported);
    if fresh || report.n_rejected() > 0 {
        listener.say(report.to_string().trim_end());
    }
}

fn default_cache() -> Result<PathBuf> {
    let base = etcetera::choose_base_strategy()
        .context("no home folder is known; name a folder for imported tables with --cache DIR")?;
    Ok(base.cache_dir().join("cratedigger"))
}

/// One progress job for each table that is being imported.
pub struct ImportJobs<'a> {
    listener: &'a dyn Listener,
    jobs: Mutex<BTreeMap<TableId, Box<dyn Job>>>,
}

impl<'a> ImportJobs<'a> {
    /// Jobs for this listener.
    pub fn new(listener: &'a dyn Listener) -> Self {
        Self {
            listener,
            jobs: Mutex::default(),
        }
    }

    /// Shows an event; may be called from any thread.
    pub fn on(&self, event: ProgressEvent) {
        let Ok(mut jobs) = self.jobs.lock() else { return };
        match event {
            ProgressEvent::Started { table, bytes } => {
                let job = self
                    .listener
                    .begin(format!("importing {}", table.file_name()).into(), Unit::Bytes);
                job.set(0, bytes);
                jobs.insert(table, job);
            }
            ProgressEvent::Advanced {
                table,
                bytes_done,
                bytes,
                ..
            } => {
                if let Some(job) = jobs.get(&table) {
                    job.set(bytes_done, bytes);
                }
            }
            ProgressEvent::Finished { table, .. } => {
                jobs.remove(&table);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        assert_eq!(kind(&file("features.PARQUET")), Kind::Features);
        assert_eq!(kind(&file("a.mp3")), Kind::Audio);
        assert_eq!(kind(&dir.path().join("none.csv")), Kind::Audio);
        assert_eq!(kind(file("music/a.flac").parent().unwrap()), Kind::Audio);
        let tracks = file("meta/tracks.csv");
        assert_eq!(
            (kind(&tracks), kind(tracks.parent().unwrap())),
            (Kind::Tables, Kind::Tables)
        );
        file("cache/mel-96-0/recipe.json");
        let index = file("cache/mel-96-0/index");
        let of_recipe = index.parent().unwrap();
        assert_eq!(
            (kind(of_recipe), kind(of_recipe.parent().unwrap())),
            (Kind::Frames, Kind::Frames)
        );
        assert_eq!(kind(file("store/store.json").parent().unwrap()), Kind::Tables);
    }
}
