//! What models are trained, tuned and scored on: tables of the dataset, files of features, or audio, the latter two with
//! genres from elsewhere, or from tables beside the audio. The same for every front end.

use std::io::Read;
use std::path::{Path, PathBuf};

use cratedigger_catalog::Store;
use cratedigger_catalog::feature_table::{self, RowId};
use cratedigger_features::Recipe;

use super::archive::assemble;
use super::audio::{self, AnalysedAudio};
use super::clips;
use super::fit_to::features_of;
use super::frames::{self, FramesOnly};
use super::inputs::choice::InputChoice;
use super::inputs::{InputColumns, check_files};
use super::join::{Genres, chosen_columns};
use super::known::Known;
use super::labelled::{Labelled, Lost, Wanted};
use super::options::{DataOptions, FeatureChoice, GenreChoice, LabelRule, LabelSource};
use super::source::{self, Kind, Reading};
use super::tables::read_genres;
use super::union::union;
use crate::embedding::{self, Analyser};
use crate::error::{Context, Result, refuse};
use crate::extract::{Inputs, tell_losses_beside};
use crate::listener::Listener;

/// What is to be learnt from, and which part of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// A folder of the dataset's CSV files, a store, or a folder of audio with tables beside it; files of features; caches of
    /// frames; or audio.
    pub data: Vec<PathBuf>,
    /// Which columns.
    pub features: FeatureChoice,
    /// Which genres.
    pub genres: GenreChoice,
    /// Where genres come from.
    pub labels: LabelSource,
    /// What rows are told apart by besides their features.
    pub inputs: InputChoice,
    /// The file that features of audio are kept in.
    pub features_out: Option<PathBuf>,
    /// How all that is read.
    pub reading: Reading,
}

/// Reads the rows, and tells the listener which were left out. `list` is what `-` among the data stands for.
///
/// # Errors
/// What was named is not there or is no whole data set, cannot be read, has no genres, or has fewer than two of them.
pub fn for_learning(
    request: &Request,
    wanted: &Wanted<'_>,
    list: &mut dyn Read,
    listener: &dyn Listener,
) -> Result<Labelled> {
    if let Some(lists) = request.labels.lists() {
        refuse!(
            Choice,
            "--labels {lists} gives a track several genres, and here each has one: `cratedigger evaluate` takes them, and `cratedigger train \
             --styles` learns them beside the one"
        );
    }
    let work = Work {
        request,
        wanted,
        listener,
    };
    let kind = source::kind_of_all(&request.data)?;
    check_files(&request.inputs)?;
    let beside = match kind {
        Kind::Frames => None,
        _ => frames::beside(&request.reading, wanted, listener)?,
    };
    let mut rows = match kind {
        Kind::Tables => work.tables(&request.data[0])?,
        Kind::Features => work.files()?,
        Kind::Frames => work.frames()?,
        Kind::Audio => {
            work.check_labels()?;
            work.audio(None, list)?
        }
    };
    if let Some(wrong) = rows.lost.out_of_range.sentence() {
        listener.failed(&wrong);
    }
    let inputs = work.inputs(kind, &rows.data.feature_names)?;
    inputs.add_to(&mut rows, listener)?;
    let rows = match beside {
        None => rows,
        Some(sets) => rows.with_frames(&sets, wanted, &request.reading, listener)?,
    };
    match wanted.model {
        None => Ok(rows),
        Some(model) => rows.fit_to(model),
    }
}

/// What is on the way from one function to the next.
struct Work<'a> {
    request: &'a Request,
    wanted: &'a Wanted<'a>,
    listener: &'a dyn Listener,
}

/// Audio that was found beside its tables.
struct Beside {
    store: Store,
    n_rejected: u64,
    inputs: Inputs,
}

impl Work<'_> {
    /// What the data are, as they were named.
    fn shown(&self) -> String {
        let shown: Vec<String> = self
            .request
            .data
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        shown.join(" ")
    }

    /// What is known besides the features: of the tables that are the data, or that genres come from.
    fn inputs(&self, kind: Kind, present: &[String]) -> Result<InputColumns> {
        let (choice, reading) = (&self.request.inputs, &self.request.reading);
        let tables = match (kind, &self.request.labels) {
            (Kind::Tables, _) => Some(&self.request.data[0]),
            (_, LabelSource::File(path)) if source::kind(path) == Kind::Tables => Some(path),
            _ => None,
        };
        let model = (self.wanted.model, present);
        InputColumns::find(choice, model, tables, reading, self.listener)
    }

    /// Which rows and columns are read.
    fn options(&self, labels: LabelRule) -> DataOptions {
        let (mut genres, mut features) = (self.request.genres.clone(), self.request.features.clone());
        if let Some(model) = self.wanted.model {
            features = features_of(model);
            if genres == GenreChoice::All && labels == LabelRule::Unambiguous {
                genres = GenreChoice::Named(model.card().labels.clone());
            }
        }
        DataOptions {
            genres,
            labels,
            features,
            keep_incomplete: self.wanted.keep_incomplete,
        }
    }

    /// The recordings of caches that have a genre.
    fn frames(&self) -> Result<Labelled> {
        self.no_features_out()?;
        self.check_labels()?;
        let Request { data, reading, .. } = self.request;
        let sets = frames::named(data, reading, self.wanted, self.listener)?;
        let genres = self.genres(None)?;
        let join = genres
            .join(&FramesOnly::of(&sets), self.wanted)
            .with_context(|| format!("{} with the genres of {}", self.shown(), genres.shown))?;
        let mut rows = join.rows;
        rows.lost.n_without_frames = std::mem::take(&mut rows.lost.n_without_features);
        if join.n_unlabelled + rows.lost.n_without_frames > 0 {
            self.listener.say(&format!(
                "{} of {} recordings have none of the selected genres, and {} rows with a genre have no frames: they take no part",
                join.n_unlabelled, join.n_read, rows.lost.n_without_frames
            ));
        }
        rows.source = self.source();
        rows.with_frames(&sets, self.wanted, reading, self.listener)
    }

    fn no_features_out(&self) -> Result<()> {
        if self.request.features_out.is_some() {
            refuse!(
                Choice,
                "--features-out is for audio; {} has features",
                self.shown()
            );
        }
        if self.request.reading.embedding.is_some() {
            refuse!(
                Choice,
                "--embedding describes audio; {} has features, with or without columns of an embedding",
                self.shown()
            );
        }
        Ok(())
    }

    /// Tables with features; or audio beside tables without.
    fn tables(&self, path: &Path) -> Result<Labelled> {
        let may_be_clips = clips::may_be(path);
        if !may_be_clips {
            self.no_features_out()?;
        }
        let labels = match self.request.labels {
            LabelSource::Rule(labels) => labels,
            LabelSource::File(_) if may_be_clips => LabelRule::GenreTop,
            LabelSource::Lists(_) | LabelSource::File(_) => refuse!(
                Choice,
                "--labels FILE is for files of features and audio; the tables of {} have genres of their own",
                path.display()
            ),
        };
        let (store, n_rejected) = source::open(path, &self.request.reading, self.listener)?;
        let options = self.options(labels);
        if let Some(inputs) = clips::beside(path, &store, &options.features)? {
            self.listener.say(&format!(
                "{} has no features.csv; the features of the {} audio files in it are computed{}",
                path.display(),
                inputs.files.len(),
                match self.request.features_out {
                    Some(_) => "",
                    None => ", and kept only with --features-out FILE",
                }
            ));
            let beside = Beside {
                store,
                n_rejected,
                inputs,
            };
            return self.audio(Some(beside), &mut std::io::empty());
        }
        self.no_features_out()?;
        let (selection, data) = assemble(&store, &options)?.into_data()?;
        let lost = Lost {
            n_without_features: selection.without_features.n,
            n_incomplete: selection.incomplete_features.n,
            out_of_range: selection.out_of_range,
            n_rejected,
            ..Lost::default()
        };
        if lost.n_without_features + lost.n_incomplete > 0 {
            self.listener.say(&format!(
                "{} of the selected tracks have no row of features and {} have empty cells in it; they take no part",
                lost.n_without_features, lost.n_incomplete
            ));
        }
        let of_features = selection
            .features
            .is_some_and(|features| features.table == "features");
        let recipe = self.request.reading.recipe.unwrap_or(Recipe::Fma);
        Ok(Labelled {
            ids: data.row_ids.iter().map(|&id| RowId::Track(id)).collect(),
            data,
            recipe: of_features.then(|| recipe.version().to_owned()),
            embeddings: Vec::new(),
            source: source::name_of(path),
            lost,
        })
    }

    /// Refuses features and audio without a file of genres.
    fn check_labels(&self) -> Result<&Path> {
        match &self.request.labels {
            LabelSource::File(path) => Ok(path),
            LabelSource::Rule(_) | LabelSource::Lists(_) => refuse!(
                Choice,
                "{} has no genres (it is neither a store nor a folder of the dataset's CSV files): name the dataset's tracks.csv, \
                 a store, or a CSV file with the columns path and genre by --labels FILE",
                self.shown()
            ),
        }
    }

    /// Reads the file of genres, or takes those of tables beside audio.
    fn genres(&self, beside: Option<(Store, u64)>) -> Result<Genres> {
        match (&self.request.labels, beside) {
            (LabelSource::Rule(rule), Some((store, n_rejected))) => {
                let tree = match rule {
                    LabelRule::Unambiguous => read_genres(&store)?,
                    LabelRule::GenreTop => None,
                };
                let known = Known::of_store(&store)?;
                Genres::new(
                    known,
                    tree.as_ref(),
                    self.options(*rule),
                    self.shown(),
                    n_rejected,
                )
            }
            _ => {
                let path = self.check_labels()?;
                let (known, n_rejected) = Known::read(path, &self.request.reading, self.listener)?;
                let options = self.options(LabelRule::GenreTop);
                Genres::new(known, None, options, path.display().to_string(), n_rejected)
            }
        }
    }

    fn files(&self) -> Result<Labelled> {
        self.no_features_out()?;
        self.check_labels()?;
        let mut tables = Vec::new();
        for path in &self.request.data {
            let table = feature_table::read(path)?;
            tell_losses_beside(path, self.listener);
            let recipe = source::recipe_of_file(&table, self.request.reading.recipe)
                .with_context(|| path.display().to_string())?;
            // Told before the labels are read, and instead of what the labels may lack.
            if let (Some(model), Some(found)) = (self.wanted.model, &recipe) {
                model
                    .check_recipe(found)
                    .with_context(|| path.display().to_string())?;
            }
            tables.push((path.as_path(), table, recipe));
        }
        let (table, recipe) = union(tables)?;
        let embeddings = embedding::read(table.embeddings.as_deref()).with_context(|| self.shown())?;
        let genres = self.genres(None)?;
        let join = genres
            .join(&table, self.wanted)
            .with_context(|| format!("{} with the genres of {}", self.shown(), genres.shown))?;
        let lost = &join.rows.lost;
        if join.n_unlabelled + lost.n_incomplete + lost.n_without_features > 0 {
            self.listener.say(&format!(
                "{} of {} rows have none of the selected genres, {} have missing features, and {} of those with a genre have no \
                 row of features: they take no part",
                join.n_unlabelled, join.n_read, lost.n_incomplete, lost.n_without_features
            ));
        }
        Ok(Labelled {
            recipe,
            embeddings: embedding::of_columns(&embeddings, &join.rows.data.feature_names),
            source: self.source(),
            ..join.rows
        })
    }

    /// Features of the audio files that have a genre; the others are counted and not analysed.
    fn audio(&self, beside: Option<Beside>, list: &mut dyn Read) -> Result<Labelled> {
        let Self {
            request, listener, ..
        } = self;
        if let Some(out) = &request.features_out {
            audio::check_features_out(out)?;
        }
        let recipe = match self.wanted.model {
            Some(model) => source::recipe_of_audio(model, request.reading.recipe)?,
            None => request.reading.recipe.unwrap_or(Recipe::Fma),
        };
        let (mut inputs, tables) = match beside {
            Some(beside) => (beside.inputs, Some((beside.store, beside.n_rejected))),
            None => (audio::find(&request.data, &self.shown(), list)?, None),
        };
        let genres = self.genres(tables)?;
        let first = inputs.files.first().map(|file| file.id.clone());
        let n_found = inputs.files.len();
        let unknown_labels = genres.keep_known(&mut inputs, self.wanted);
        let n_unknown: u64 = unknown_labels.values().sum();
        let n_unlabelled = n_found as u64 - inputs.files.len() as u64 - n_unknown;
        if n_unlabelled > 0 {
            listener.say(&format!(
                "{n_unlabelled} of {n_found} files have none of the selected genres; they are not analysed"
            ));
        }
        if inputs.files.is_empty() {
            refuse!(
                Labels,
                "{} with the genres of {}: {}",
                self.shown(),
                genres.shown,
                genres.nothing_in_common(first)
            );
        }
        let what = || format!("{} with the genres of {}", self.shown(), genres.shown);
        let extraction = request.reading.extraction(recipe)?;
        let named = request.reading.embedding.as_ref();
        let embedding = match self.wanted.model {
            Some(model) => embedding::for_model(model, named)?,
            None => named.cloned(),
        };
        let analyser = Analyser::new(&extraction, embedding.as_ref());
        let jobs = request.reading.jobs;
        let (join, n_failed) = match &request.features_out {
            Some(out) => {
                let (table, n_failed) =
                    audio::analyse_into(out, inputs, &extraction, embedding.as_ref(), jobs, *listener)?;
                (genres.join(&table, self.wanted).with_context(what)?, n_failed)
            }
            None => {
                let features = self.options(LabelRule::GenreTop).features;
                let keep = chosen_columns(&analyser.columns(), &features).with_context(what)?;
                let (audio, failures) =
                    AnalysedAudio::new(&analyser, inputs, &keep, jobs, "extracting", *listener);
                failures.iter().for_each(|failure| listener.failed(failure));
                audio.tell_losses(*listener);
                if audio.is_empty() {
                    refuse!(Input, "none of the files gave features");
                }
                let join = genres.join(&audio.sorted(), self.wanted).with_context(what)?;
                (join, failures.len() as u64)
            }
        };
        let mut rows = join.rows;
        rows.recipe = Some(recipe.version().to_owned());
        rows.embeddings = embedding::of_columns(analyser.cards(), &rows.data.feature_names);
        rows.source = self.source();
        let lost = &mut rows.lost;
        lost.n_failed = n_failed;
        lost.n_without_features -= n_unknown;
        lost.unknown_labels = unknown_labels;
        if lost.n_without_features > n_failed || lost.n_incomplete > 0 {
            listener.say(&format!(
                "{} rows of {} name no file that could be analysed, and {} files have missing features: they take no part",
                lost.n_without_features, genres.shown, lost.n_incomplete
            ));
        }
        Ok(rows)
    }

    /// What the data are called in a model's card.
    fn source(&self) -> String {
        let names: Vec<String> = self
            .request
            .data
            .iter()
            .map(|path| source::name_of(path))
            .collect();
        match names.as_slice() {
            [first, _, ..] => format!("{first} and {} more", names.len() - 1),
            names => names.concat(),
        }
    }
}
