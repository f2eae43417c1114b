//! What models are trained, tuned and scored on: the tables of the dataset, files of features, or audio, the latter two with
//! genres from elsewhere. The same for every command.

mod audio;
mod files;
mod fit_to;
mod labels;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Result, bail};
use cratedigger_catalog::feature_table::{FeatureFormat, RowId};
use cratedigger_collection::rows::source::{self, Kind, Reading};
use cratedigger_features::Recipe;
use cratedigger_learn::model::Model;
use cratedigger_learn::{Dataset, Pipeline};
use cratedigger_study::dataset::assemble;
use cratedigger_study::{DataOptions, FeatureChoice, GenreChoice, LabelRule};

use super::source::ReadArgs;
use crate::progress::Progress;

/// Rows with features and genres.
#[derive(clap::Args)]
pub(crate) struct DataArgs {
    /// A folder of the dataset's CSV files or a store; a file of features (.parquet, .csv); or audio with --labels FILE
    ///
    /// Audio: files, folders of them, patterns such as '*.mp3'; `-` reads a list of files from standard input. Features are
    /// computed anew each time unless --features-out keeps them.
    #[arg(value_name = "DATA", required = true)]
    data: Vec<PathBuf>,

    /// `all` columns of the features, families of them such as `mfcc,chroma_cens`, or `echonest`
    ///
    /// `auto` takes all features where the table is there, Echonest's audio features otherwise.
    #[arg(long, value_name = "CHOICE", default_value_t = FeatureChoice::Auto)]
    features: FeatureChoice,

    /// `all`, the `top:N` most frequent ones, or names with commas between them
    #[arg(long, value_name = "CHOICE", default_value_t = GenreChoice::All)]
    genres: GenreChoice,

    /// Where a track's genre is taken from: `genre_top`, `unambiguous`, or a file
    ///
    /// `unambiguous` takes the roots of all of a track's genres, and the tracks whose roots hold exactly one of the
    /// selected genres. With a file of features or audio: the dataset's tracks.csv, a store, or a CSV file with a column
    /// `genre`, a column `track_id`, `id` or `path` that names the rows, and if possible one `artist`, so that artists can be
    /// kept apart. A path is the one below the folder that is DATA, as `cratedigger extract` writes it.
    #[arg(long, value_name = "WHERE", default_value = "genre_top")]
    labels: LabelSource,

    /// The recipe of the features, where the file does not say it, or for audio: `fma` or `librosa`
    ///
    /// Audio is analysed by the recipe of the model that is scored, otherwise by `fma`.
    #[arg(long, value_name = "NAME")]
    recipe: Option<Recipe>,

    /// Keep the features of audio in this file (.parquet or .csv), which can be DATA the next time
    ///
    /// If the extraction is interrupted, the same command goes on with it. What gave no features is listed beside it.
    #[arg(long, value_name = "FILE")]
    features_out: Option<PathBuf>,

    /// Threads to use; the results do not depend on it
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    read: ReadArgs,
}

/// Where genres come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LabelSource {
    Rule(LabelRule),
    File(PathBuf),
}

impl FromStr for LabelSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(match text.parse() {
            Ok(rule) => Self::Rule(rule),
            Err(_) => Self::File(text.into()),
        })
    }
}

/// What the rows are for.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    /// Whether rows with missing features stay, since a pipeline fills them.
    pub(crate) keep_incomplete: bool,
    /// The saved model that they will be shown: its features and labels are what is read.
    pub(crate) model: Option<&'a Model>,
}

/// Rows with what is known of them, and what it cost to get them.
pub(crate) struct Training {
    pub(crate) data: Dataset,
    /// What each row is called.
    pub(crate) ids: Vec<RowId>,
    /// Version of the features' recipe, where it is known.
    pub(crate) recipe: Option<String>,
    /// Where the rows come from.
    pub(crate) source: String,
    pub(crate) lost: Lost,
}

/// What is not among the rows.
#[derive(Default)]
pub(crate) struct Lost {
    /// Selected tracks without a row of features.
    pub(crate) n_without_features: u64,
    /// Selected tracks whose features have gaps.
    pub(crate) n_incomplete: u64,
    /// Rows of each genre that the model does not know.
    pub(crate) unknown_labels: BTreeMap<String, u64>,
    /// Records of tables that could not be read.
    pub(crate) n_rejected: u64,
    /// Audio files that gave no features. They have been listed.
    pub(crate) n_failed: u64,
}

impl Lost {
    /// Whether some inputs failed: exit code 1.
    pub(crate) fn any_failed(&self) -> bool {
        self.n_rejected + self.n_failed > 0
    }
}

impl<'a> Wanted<'a> {
    /// Rows for a pipeline that is yet to be fitted.
    pub(crate) fn to_fit(pipeline: &Pipeline) -> Self {
        Self {
            keep_incomplete: pipeline.fills_missing(),
            model: None,
        }
    }

    /// Rows for a saved model.
    pub(crate) fn by(model: &'a Model) -> Self {
        Self {
            keep_incomplete: model.pipeline().steps().pipeline().fills_missing(),
            model: Some(model),
        }
    }
}

impl DataArgs {
    /// Threads to use.
    pub(crate) fn n_jobs(&self) -> Option<usize> {
        self.jobs.map(NonZeroUsize::get)
    }

    /// How what is named is read.
    fn reading(&self) -> Reading {
        Reading {
            recipe: self.recipe,
            jobs: self.jobs,
            ..self.read.reading()
        }
    }

    /// What DATA is, as it was written.
    pub(crate) fn shown(&self) -> String {
        let shown: Vec<String> = self.data.iter().map(|path| path.display().to_string()).collect();
        shown.join(" ")
    }

    /// Reads the rows, and says which were left out.
    pub(crate) fn load(&self, wanted: &Wanted, progress: Progress) -> Result<Training> {
        let kind = self.kind()?;
        if self.features_out.is_some() && kind != Kind::Audio {
            bail!("--features-out is for audio; {} has features", self.shown());
        }
        let training = match kind {
            Kind::Tables => self.load_tables(&self.data[0], wanted, progress)?,
            Kind::Features => self.load_file(&self.data[0], wanted, progress)?,
            Kind::Audio => self.load_audio(wanted, progress)?,
        };
        match wanted.model {
            None => Ok(training),
            Some(model) => training.fit_to(model),
        }
    }

    /// What DATA is; one path unless it is audio.
    fn kind(&self) -> Result<Kind> {
        for path in &self.data {
            let named = path.to_string_lossy();
            if !path.exists() && named != "-" && !named.contains(['*', '?', '[']) {
                bail!("{}: there is no such file or folder", path.display());
            }
        }
        match self.data.iter().find(|path| source::kind(path) != Kind::Audio) {
            Some(table) if self.data.len() > 1 => bail!(
                "{} is one whole data set: several paths can be given for audio only",
                table.display()
            ),
            Some(table) => Ok(source::kind(table)),
            None => Ok(Kind::Audio),
        }
    }

    /// Which rows and columns are read.
    fn options(&self, wanted: &Wanted, labels: LabelRule) -> DataOptions {
        let (mut genres, mut features) = (self.genres.clone(), self.features.clone());
        if let Some(model) = wanted.model {
            features = fit_to::features_of(model);
            if genres == GenreChoice::All && labels == LabelRule::Unambiguous {
                genres = GenreChoice::Named(model.card().labels.clone());
            }
        }
        DataOptions {
            genres,
            labels,
            features,
            keep_incomplete: wanted.keep_incomplete,
        }
    }

    fn load_tables(&self, path: &Path, wanted: &Wanted, progress: Progress) -> Result<Training> {
        let LabelSource::Rule(labels) = self.labels else {
            bail!(
                "--labels FILE is for files of features and audio; the tables of {} have genres of their own",
                path.display()
            );
        };
        let (store, n_rejected) = source::open(path, &self.reading(), &progress)?;
        let (selection, data) = assemble(&store, &self.options(wanted, labels))?.into_data()?;
        let lost = Lost {
            n_without_features: selection.without_features.n,
            n_incomplete: selection.incomplete_features.n,
            n_rejected,
            ..Lost::default()
        };
        if lost.n_without_features + lost.n_incomplete > 0 {
            progress.say(&format!(
                "{} of the selected tracks have no row of features and {} have empty cells in it; they take no part",
                lost.n_without_features, lost.n_incomplete
            ));
        }
        let of_features = selection
            .features
            .is_some_and(|features| features.table == "features");
        Ok(Training {
            ids: data.row_ids.iter().map(|&id| RowId::Track(id)).collect(),
            data,
            recipe: of_features.then(|| self.recipe.unwrap_or(Recipe::Fma).version().to_owned()),
            source: name_of(path),
            lost,
        })
    }

    /// The file with the genres, which features and audio need.
    fn labels_file(&self) -> Result<&Path> {
        match &self.labels {
            LabelSource::File(path) => Ok(path),
            LabelSource::Rule(_) => bail!(
                "{} has no genres (it is neither a store nor a folder of the dataset's CSV files): name the dataset's tracks.csv, \
                 a store, or a CSV file with the columns path and genre by --labels FILE",
                self.shown()
            ),
        }
    }
}

/// The last part of a path, which tells where rows come from without telling about the machine.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// Refuses a name for a file of features that does not say how it is written.
fn format_of(path: &Path) -> Result<FeatureFormat> {
    match FeatureFormat::of(path) {
        Some(format) => Ok(format),
        None => bail!(
            "--features-out {}: the name must end in .parquet or .csv, which says how it is written",
            path.display()
        ),
    }
}

/// Refuses to replace a file that is there, unless asked to.
pub(crate) fn check_out(path: &Path, force: bool) -> Result<()> {
    if path.exists() && !force {
        bail!("{} is there already; replace it with --force", path.display());
    }
    Ok(())
}
