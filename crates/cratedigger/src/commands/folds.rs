//! How rows are divided into those to fit on and those to score on, the same for `evaluate`, `tune` and `train`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cratedigger_catalog::feature_table::RowId;
use cratedigger_collection::rows::Labelled;
use cratedigger_learn::split::given_folds;
use cratedigger_learn::{Dataset, Fold, LearnError, Part, Splitter, official_fold};
use serde::Deserialize;

use super::belonging::Belonging;
use super::numbers::{at_least_one, part};

/// The options that divide rows into folds.
#[derive(clap::Args)]
pub(crate) struct FoldArgs {
    /// Cross-validate with K folds: every row is tested once
    ///
    /// The default, with 5 folds, unless --test-size, --split official or --folds say otherwise.
    #[arg(long, value_name = "K", value_parser = at_least_one::<usize>)]
    pub(crate) cv: Option<usize>,

    /// Hold out this share of the rows instead, and test on it once
    #[arg(long, value_name = "SHARE", conflicts_with = "cv", value_parser = part)]
    pub(crate) test_size: Option<f64>,

    /// How rows are divided: artist, artist-plain, official, stratified, random
    ///
    /// `artist` keeps the tracks of an artist on one side, with those of an album of several artists and with tracks that are
    /// there twice. `artist-plain` knows artists alone, as the literature does, and makes folds of equal size whatever their genres;
    /// `official` is the dataset's own hold-out. `stratified` and `random` keep nothing together, and flatter scores.
    #[arg(long, value_name = "KIND", default_value_t = Splitter::Artist)]
    pub(crate) split: Splitter,

    /// Take the folds from a JSON file instead: a list of lists of the ids to test on
    ///
    /// Ids are the data's own: track numbers, or the paths that name the rows of a file of features or of a folder. One list
    /// of ids is one fold. The other rows are those to fit on.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cv", "test_size", "split"])]
    pub(crate) folds: Option<PathBuf>,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// The folds and where they come from.
pub(crate) struct Plan {
    pub(crate) folds: Vec<Fold>,
    /// `cross-validation`, `hold-out`, `given folds` or `saved model`.
    pub(crate) validation: &'static str,
    /// The kind of split, or the file of the folds.
    pub(crate) split: String,
    pub(crate) test_size: Option<f64>,
    /// What belongs together, and what of it is on both sides.
    pub(crate) belonging: Belonging,
}

impl FoldArgs {
    /// Whether options contradict each other, before anything is read.
    pub(crate) fn check(&self) -> Result<()> {
        if self.split == Splitter::Official && self.cv.is_some() {
            bail!("--split official has one test part and no folds; leave out --cv, or use --split artist");
        }
        if self.split == Splitter::Official && self.test_size.is_some() {
            bail!(
                "--split official has a test part of its own; leave out --test-size, or use --split artist"
            );
        }
        Ok(())
    }

    /// How the command line wants rows to be divided.
    pub(crate) fn plan(&self, training: &Labelled) -> Result<Plan> {
        let Some(path) = &self.folds else {
            return self.plan_of(&training.data);
        };
        let folds = read_folds(path, training)?;
        Ok(Plan {
            belonging: Belonging::of(&training.data, &folds),
            folds,
            validation: "given folds",
            split: format!("given by {}", path.display()),
            test_size: None,
        })
    }

    /// The same for rows that have numbers alone, without folds out of a file.
    pub(crate) fn plan_of(&self, data: &Dataset) -> Result<Plan> {
        if self.folds.is_some() {
            bail!("--folds is for rows that have one genre each");
        }
        let split = self.split.name().to_owned();
        let (folds, validation, split) = if self.split == Splitter::Official || self.test_size.is_some() {
            let test_size = self.test_size.unwrap_or(0.25);
            let fold = self.split.hold_out(data, test_size, self.seed);
            (
                vec![fold.map_err(|error| advise(self.split, error))?],
                "hold-out",
                split,
            )
        } else {
            let folds = self.split.k_fold(data, self.cv.unwrap_or(5), self.seed);
            (
                folds.map_err(|error| advise(self.split, error))?,
                "cross-validation",
                split,
            )
        };
        Ok(Plan {
            belonging: Belonging::of(data, &folds),
            folds,
            validation,
            split,
            test_size: self.test_size,
        })
    }
}

impl FoldArgs {
    /// The official split without its test part: what is trained on, and what parameters are chosen on. Returns also the rows
    /// of both, by whose places in this list the fold names them.
    pub(crate) fn plan_without_test(&self, data: &Dataset) -> Result<(Plan, Vec<usize>)> {
        let fold = official_fold(data, &[Part::Training], Part::Validation).map_err(|error| {
            anyhow::Error::new(error)
                .context("parameters are chosen on the official validation part; --split artist needs none")
        })?;
        let mut rows: Vec<usize> = fold.train.iter().chain(&fold.test).copied().collect();
        rows.sort_unstable();
        let belonging = Belonging::of(data, std::slice::from_ref(&fold));
        let places = |side: &[usize]| {
            side.iter()
                .filter_map(|row| rows.binary_search(row).ok())
                .collect()
        };
        let fold = Fold {
            train: places(&fold.train),
            test: places(&fold.test),
        };
        let plan = Plan {
            folds: vec![fold],
            validation: "hold-out",
            split: "the official training part against its validation part".to_owned(),
            test_size: None,
            belonging,
        };
        Ok((plan, rows))
    }
}

impl Plan {
    /// Such as `5 folds, by artist` or `a hold-out of 25 %, by artist`.
    pub(crate) fn in_words(&self) -> String {
        let by = match self.split.as_str() {
            "artist" | "artist-plain" => self.belonging.by_artist(),
            other => other.to_owned(),
        };
        match (self.folds.len(), self.test_size) {
            (1, Some(share)) => format!("a hold-out of {} %, {by}", share * 100.0),
            (1, None) if self.validation == "hold-out" => format!("a hold-out, {by}"),
            (1, None) => format!("1 fold, {by}"),
            (n, _) => format!("{n} folds, {by}"),
        }
    }
}

/// The error with what to do about it: the split that asks for less, where there is one.
pub(crate) fn advise(asked: Splitter, error: LearnError) -> anyhow::Error {
    let too_little = matches!(
        error,
        LearnError::CannotSplit { .. } | LearnError::MissingForSplit { .. }
    );
    let hint = match asked {
        _ if !too_little => "",
        Splitter::Random => "",
        Splitter::Stratified => "; --split random does not look at genres",
        Splitter::Artist | Splitter::ArtistPlain => "; --split stratified needs no artists",
        Splitter::Official => "; --split artist makes a hold-out of its own",
    };
    anyhow::Error::new(error).context(format!("the rows cannot be divided as asked{hint}"))
}

/// Folds whose test rows a JSON file names by the ids of the data.
pub(crate) fn read_folds(path: &Path, training: &Labelled) -> Result<Vec<Fold>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let ids = match serde_json::from_slice(&text) {
        Ok(Ids::Folds(folds)) => folds,
        Ok(Ids::OneFold(fold)) => vec![fold],
        Err(error) => bail!(
            "{} is not a JSON list of lists of the ids to test on, such as [[2, 5], [10]] or [[\"a.mp3\"], [\"b/c.mp3\"]] ({error})",
            path.display()
        ),
    };
    if ids.is_empty() {
        bail!("{} has no folds", path.display());
    }
    let row_of: HashMap<&RowId, usize> = training
        .ids
        .iter()
        .enumerate()
        .map(|(row, id)| (id, row))
        .collect();
    let mut test_rows = Vec::with_capacity(ids.len());
    let mut fold_of: HashMap<RowId, usize> = HashMap::new();
    for (fold, ids) in ids.into_iter().enumerate() {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let id = RowId::from(id);
            let Some(&row) = row_of.get(&id) else {
                bail!(
                    "{} tests on {}, which is not among the {} selected tracks with complete features",
                    path.display(),
                    named(&id),
                    training.ids.len()
                );
            };
            rows.push(row);
            if let Some(other) = fold_of.insert(id.clone(), fold) {
                bail!(
                    "{} tests on {} twice, in folds {} and {}; a row can be tested once",
                    path.display(),
                    named(&id),
                    other + 1,
                    fold + 1
                );
            }
        }
        test_rows.push(rows);
    }
    given_folds(training.ids.len(), &test_rows).with_context(|| format!("the folds of {}", path.display()))
}

fn named(id: &RowId) -> String {
    match id {
        RowId::Track(id) => format!("track {id}"),
        RowId::Name(name) => format!("`{name}`"),
    }
}

/// What a file of folds holds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Ids {
    Folds(Vec<Vec<Id>>),
    OneFold(Vec<Id>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Track(i64),
    Name(String),
}

impl From<Id> for RowId {
    fn from(id: Id) -> Self {
        match id {
            Id::Track(id) => RowId::Track(id),
            Id::Name(name) => RowId::from(name.as_str()),
        }
    }
}
