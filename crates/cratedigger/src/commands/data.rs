//! The rows that models are trained, tuned and scored on: the options of the command line, the same for every command.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;
use cratedigger_collection::rows::options::{FeatureChoice, GenreChoice, GenreLists, LabelSource};
use cratedigger_collection::rows::{
    InputChoice, Labelled, Reading, Request, SeveralGenres, Wanted, for_learning, several_genres,
};
use cratedigger_features::Recipe;
use cratedigger_learn::{GroupBy, Method, Pipeline};

use super::decode_helper::HelperArgs;
use super::embedding_args::EmbeddingArgs;
use super::numbers::jobs;
use super::source::ReadArgs;
use crate::console;
use crate::progress::Progress;

/// Rows with features and genres.
#[derive(clap::Args)]
pub(crate) struct DataArgs {
    /// A folder of the dataset's CSV files or a store; files of features (.parquet, .csv), audio or a cache of frames (`cratedigger
    /// mel`) with --labels FILE
    ///
    /// Audio: files, folders of them, patterns such as '*.mp3'; `-` reads a list of files from standard input. A folder with
    /// audio and the dataset's tracks.csv but no features.csv has its genres from there. Features are computed anew each time
    /// unless --features-out keeps them.
    #[arg(value_name = "DATA", required = true)]
    data: Vec<PathBuf>,

    /// `all` columns of the features, families of them such as `mfcc,chroma_cens`, or `echonest`
    ///
    /// `auto` takes all features where the table is there, Echonest's audio features otherwise.
    #[arg(long, value_name = "CHOICE", default_value_t = FeatureChoice::Auto)]
    features: FeatureChoice,

    /// Besides the features: place, year, language, album, bit_rate, duration, echonest, coordinates, or files of features
    ///
    /// Names with commas between them, out of the dataset's tables (DATA, or --labels). `place` is the continent and
    /// first-level region of an artist's coordinates, else of what the artist wrote, `coordinates` are latitude and longitude as they
    /// are. A file's columns are joined by the names of the rows. What is not known of a row is missing, not a reason to leave it out:
    /// unless --pipeline says otherwise, categories are encoded by the genres of the training rows (`encode=target`), and missing
    /// numbers become the median.
    #[arg(long, value_name = "NAMES", default_value_t = InputChoice::default(), hide_default_value = true)]
    inputs: InputChoice,

    /// `all`, the `top:N` most frequent ones, or names with commas between them
    #[arg(long, value_name = "CHOICE", default_value_t = GenreChoice::All)]
    genres: GenreChoice,

    /// Where a track's genre is taken from: `genre_top`, `unambiguous`, or a file; `genres_all` or `genres` for all of them
    ///
    /// `unambiguous` takes the roots of all of a track's genres, and the tracks whose roots hold exactly one of the
    /// selected genres. With a file of features or audio: the dataset's tracks.csv, a store, or a CSV file with a column
    /// `genre`, a column `track_id`, `id` or `path` that names the rows, and if possible `artist` and `album`, so that those can
    /// be kept apart; their names are compared without regard to capitals and blanks. A path is the one below the folder that is
    /// DATA, as `cratedigger extract` writes it.
    ///
    /// `genres_all` takes all genres of a track and those above them in the tree of genres.csv, `genres` those that were chosen for
    /// it; `evaluate` scores how well they are named.
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

    /// Frames of the recordings, for methods that hear time: a cache that `cratedigger mel` made; repeatable
    ///
    /// Its recordings are joined with the rows by name, rows without frames take no part. As DATA, with --labels, such a cache is
    /// rows that have frames alone. All recipes in CACHE are taken, unless the folder of one is named.
    #[arg(long, value_name = "CACHE")]
    #[cfg_attr(not(feature = "deep"), arg(hide = true))]
    frames: Vec<PathBuf>,

    /// What is kept on one side of a split: artist, album or double
    ///
    /// `artist`: the tracks of an artist, with those of an album of several artists; `album`: those of an album alone, so that an
    /// artist's albums may be on both sides, which flatters scores; `double`: tracks that are there twice alone. Doubles, tracks that are
    /// equal in every feature, are kept on one side by all of them and by every --split but the official one. What is kept together is
    /// also what intervals and tests take for independent.
    #[arg(long, value_name = "WHAT", default_value_t = GroupBy::Artist)]
    group: GroupBy,

    /// Threads to use; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    helper: HelperArgs,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    embedding: EmbeddingArgs,
}

impl DataArgs {
    /// Threads to use.
    pub(crate) fn n_jobs(&self) -> Option<usize> {
        self.jobs.map(NonZeroUsize::get)
    }

    /// What is read.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.data
    }

    /// What is kept if the reading is interrupted, in words: none of it, but for features in a file of their own.
    pub(crate) fn kept(&self) -> String {
        match &self.features_out {
            Some(out) => format!(
                "features that were extracted are kept ({}.partial), and the same command goes on with them",
                out.display()
            ),
            None => "the same command begins anew".to_owned(),
        }
    }

    /// Whether genres are taken from a file.
    pub(crate) fn labels_file(&self) -> Option<&Path> {
        match &self.labels {
            LabelSource::File(path) => Some(path),
            LabelSource::Rule(_) | LabelSource::Lists(_) => None,
        }
    }

    /// What is kept on one side of a split.
    pub(crate) fn group(&self) -> GroupBy {
        self.group
    }

    /// What the inputs are.
    pub(crate) fn inputs(&self) -> &InputChoice {
        &self.inputs
    }

    /// The rows that these methods can be fitted to by this pipeline; `None` for what each gets unless told otherwise.
    pub(crate) fn wanted(&self, pipeline: Option<&Pipeline>, methods: &[Method]) -> Wanted<'static> {
        let prepares = |method: &Method| method.classifier(0).prepares_rows();
        Wanted {
            keep_incomplete: match pipeline {
                Some(pipeline) => pipeline.fills_missing(),
                None => self.inputs.may_be_missing() && !methods.iter().any(prepares),
            },
            model: None,
        }
    }

    /// The list of genres of a track, where several are asked for instead of one.
    pub(crate) fn lists(&self) -> Option<GenreLists> {
        self.labels.lists()
    }

    /// Reads the rows, and says which were left out.
    pub(crate) fn load(&self, wanted: &Wanted<'_>, progress: Progress) -> Result<Labelled> {
        self.load_labelled(wanted, &self.labels, progress)
    }

    /// The same with genres from elsewhere.
    pub(crate) fn load_labelled(
        &self,
        wanted: &Wanted<'_>,
        labels: &LabelSource,
        progress: Progress,
    ) -> Result<Labelled> {
        let request = self.request(labels, progress)?;
        let mut rows = for_learning(&request, wanted, &mut std::io::stdin().lock(), &progress)?;
        if self.group != GroupBy::Artist {
            rows.data.unite_groups_by(self.group);
        }
        Ok(rows)
    }

    /// Reads the rows with all of their genres.
    pub(crate) fn load_several(
        &self,
        lists: GenreLists,
        min_support: usize,
        progress: Progress,
    ) -> Result<SeveralGenres> {
        let request = self.request(&self.labels, progress)?;
        let mut rows = several_genres(&request, lists, min_support, &progress)?;
        if rows.n_without_features > 0 {
            console::note(&format!(
                "{} tracks with genres have no complete row of features; they take no part",
                rows.n_without_features
            ));
        }
        if self.group != GroupBy::Artist {
            rows.data.unite_groups_by(self.group);
        }
        Ok(rows)
    }

    /// How all that is named is read.
    pub(crate) fn reading(&self, progress: Progress) -> Result<Reading> {
        Ok(Reading {
            recipe: self.recipe,
            frames: self.frames.clone(),
            jobs: self.jobs,
            helper: self.helper.command()?,
            embedding: self.embedding.open(progress)?,
            ..self.read.reading()
        })
    }

    fn request(&self, labels: &LabelSource, progress: Progress) -> Result<Request> {
        Ok(Request {
            data: self.data.clone(),
            features: self.features.clone(),
            genres: self.genres.clone(),
            labels: labels.clone(),
            inputs: self.inputs.clone(),
            features_out: self.features_out.clone(),
            reading: self.reading(progress)?,
        })
    }
}
