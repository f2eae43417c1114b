//! `cratedigger study`: from tables to findings and a report.

mod compared;
mod summary;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;
use cratedigger_catalog::Store;
use cratedigger_collection::Nobody;
use cratedigger_collection::frames::is_cache;
use cratedigger_collection::rows::{InputChoice, Reading, clips, open};
use cratedigger_files::TemporaryFolder;
use cratedigger_learn::{Method, Splitter};
use cratedigger_study::{
    DeepOptions, FeatureChoice, GenreChoice, LabelRule, StudyEvent, StudyOptions, section_ids,
};
use cratedigger_synth::{self as synth, SynthOptions};

use self::compared::compared;
use self::summary::summary;
use super::numbers::{above_zero, at_least_one, jobs, part};
use super::source::ReadArgs;
use crate::console;
use crate::interrupt;
use crate::progress::{Job, Progress, Unit};

/// Study a collection and write a report: what is missing, what a choice of genres costs, how well genres are told apart
///
/// Writes OUT/report.html, which opens offline, OUT/findings.json with every figure of it (schema: docs/findings.md),
/// OUT/tables/*.csv and OUT/figures/*.svg. Without DIR the study runs on a synthetic archive of 2,000 tracks, and the
/// report says so on every page.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger study
  cratedigger study fma_metadata --out fma
  cratedigger study fma_metadata --genres top:8 --split official
  cratedigger study fma_metadata --skip treatments,tuning,genre_sets
  cratedigger study fma_metadata --deep frames
  cratedigger study fma_metadata --boundaries counties.shp
  cratedigger study fma_metadata --genres Rock,Electronic,Experimental --labels unambiguous")]
pub(crate) struct Args {
    /// A folder of the dataset's CSV files, or a store; without it, a synthetic archive
    dir: Option<PathBuf>,

    /// The folder to write into
    ///
    /// An older study in it goes, other files stay.
    #[arg(long, value_name = "DIR", default_value = "cratedigger-study")]
    out: PathBuf,

    /// Replace files in it that have the report's names and that no study wrote
    #[arg(long)]
    force: bool,

    /// Which genres to tell apart: `top:N` most frequent ones, `all`, or names with commas between them
    #[arg(long, value_name = "CHOICE", default_value_t = GenreChoice::default())]
    genres: GenreChoice,

    /// Where a track's genre is taken from: `genre_top`, or `unambiguous`
    ///
    /// `unambiguous` takes the roots of all of a track's genres, and the tracks whose roots hold exactly one of the
    /// selected genres.
    #[arg(long, value_name = "RULE", default_value_t = LabelRule::default())]
    labels: LabelRule,

    /// `all` columns of the features table, families of it such as `mfcc,chroma_cens`, or `echonest`
    ///
    /// `auto` takes all features where the table is there, Echonest's audio features otherwise.
    #[arg(long, value_name = "CHOICE", default_value_t = FeatureChoice::default())]
    features: FeatureChoice,

    /// How training and test tracks are told apart: artist, official, random, stratified, artist-plain
    ///
    /// `artist` and `official` (the dataset's own) keep the tracks of an artist on one side; `random` flatters scores.
    #[arg(long, value_name = "KIND", default_value_t = Splitter::default())]
    split: Splitter,

    /// Share of the tracks to test on; the official split has its own
    #[arg(long, value_name = "SHARE", default_value_t = 0.25, value_parser = part)]
    test_size: f64,

    /// The classifiers, with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values_t = StudyOptions::default().methods)]
    methods: Vec<Method>,

    /// Numbers of most frequent genres on which all methods are compared, `all` for every genre; or `none`
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        default_value = "3,8,all"
    )]
    genre_sets: Vec<String>,

    /// Sections to leave out, with commas between them, and with them those that need one of them
    ///
    /// `selection` alone leaves out all that is learnt. The report and findings.json (`sections_skipped`) say what was left out.
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(section_ids())
    )]
    skip: Vec<String>,

    /// Leave out the search for better parameters of the perceptron: the same as `--skip tuning`
    #[arg(long)]
    no_tune: bool,

    /// What places, years and the like add to the features: names as `evaluate --inputs` has them
    ///
    /// Fits a logistic regression to the features, with each of them beside, and with all, by folds, and says what each adds.
    #[arg(long, value_name = "NAMES", default_value_t = InputChoice::default(), hide_default_value = true)]
    inputs: InputChoice,

    /// Learn all genres of a track too, along the tree of genres.csv: which can be named, and how well
    ///
    /// Fits a perceptron with an output for each genre of 20 tracks and five artists or more, in three folds by the study's split.
    #[arg(long)]
    all_genres: bool,

    /// Networks on frames of the recordings beside the features: a cache that `cratedigger mel` made; repeatable
    ///
    /// Trains the networks of --deep-methods and an autoencoder on the study's training tracks that have frames, compares them with
    /// the best method on the features of the same tracks, and shows how they learnt and what they attended to. It takes as long as
    /// docs/deep.md says.
    #[arg(long, value_name = "CACHE")]
    deep: Vec<PathBuf>,

    /// The networks of --deep, with commas between them: cnn, crnn, lstm
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "crnn",
        requires = "deep"
    )]
    deep_methods: Vec<String>,

    /// The most epochs of each network and of the autoencoder; default: their own number, 60
    #[arg(long, value_name = "N", value_parser = at_least_one::<usize>, requires = "deep")]
    deep_epochs: Option<usize>,

    /// A shapefile or GeoJSON file of boundaries (EPSG:4326), instead of the embedded ones of Natural Earth
    #[arg(long, value_name = "FILE")]
    boundaries: Option<PathBuf>,

    /// Standard deviations from the mean beyond which a feature's value counts as an outlier
    #[arg(long, value_name = "Z", default_value_t = StudyOptions::default().outlier_threshold, value_parser = above_zero)]
    outlier_threshold: f64,

    /// Set the figures of the published study beside these, and print them all
    ///
    /// Without it they are there when the whole dataset of 106,574 tracks is studied. With it and the whole dataset the baselines that
    /// the dataset's authors published are computed too: 180 fits on the subset medium.
    #[arg(long)]
    compare: bool,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Tracks of the synthetic archive, where no DIR is given
    #[arg(long, value_name = "N", default_value_t = 2_000, conflicts_with = "dir")]
    tracks: usize,

    /// Threads to use; the findings do not depend on it
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    let mut options = StudyOptions::default();
    options.data.genres = args.genres.clone();
    options.data.labels = args.labels;
    options.data.features = args.features.clone();
    options.inputs = args.inputs.clone();
    options.deep = deep(args)?;
    options.split = args.split;
    options.test_size = args.test_size;
    options.methods = args.methods.clone();
    options.genre_sets = match args.genre_sets.as_slice() {
        [none] if none.trim() == "none" => Vec::new(),
        sets => {
            let choice = |set: &String| match set.trim() {
                "all" => "all".parse(),
                n => format!("top:{n}").parse::<GenreChoice>(),
            };
            let parsed = sets.iter().map(choice).collect::<Result<_, _>>();
            parsed.context(
                "--genre-sets takes numbers of 2 or more and `all` with commas between them, or `none`",
            )?
        }
    };
    options.skip = args.skip.clone();
    options.tune = !args.no_tune;
    options.boundaries = args.boundaries.clone();
    options.outlier_threshold = args.outlier_threshold;
    options.all_genres = args.all_genres;
    options.compare = args.compare;
    options.seed = args.seed;
    options.n_jobs = args.jobs.map(NonZeroUsize::get);
    options.command_line = std::env::args_os()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    options.check()?;
    interrupt::say(format!(
        "nothing was written to {}; the same command begins anew",
        args.out.display()
    ));
    let folder = cratedigger_report::Folder::open(&args.out, args.force)?;

    let mut n_rejected = 0;
    // lives until the study is done
    let synthetic;
    let store = match &args.dir {
        Some(dir) => {
            let (store, n) = open(dir, &args.read.reading(), &progress)?;
            n_rejected = n;
            if let Some(inputs) = clips::beside(dir, &store, &args.features)? {
                progress.say(&format!(
                    "{dir} has {n} audio files but no features.csv, and classifiers learn from features. To have them in the \
                     study: cratedigger extract {dir} --out {out}, then cratedigger study {dir}",
                    dir = dir.display(),
                    n = inputs.files.len(),
                    out = dir.join("features.csv").display()
                ));
            }
            options.data_source = dir.display().to_string();
            store
        }
        None => {
            synthetic = TemporaryFolder::new().context("cannot make a folder for the synthetic archive")?;
            options.data_source = format!("a synthetic archive (seed {})", args.seed);
            synthesise(synthetic.path(), args, progress)?
        }
    };
    options.synthetic = store
        .manifest()
        .synthetic
        .as_ref()
        .map(|marker| marker.note.clone());

    let findings = {
        let sections = Sections::new(progress);
        cratedigger_study::run(&store, &options, &|event| sections.on(event))?
    };
    let job = progress.job("writing the report", Unit::Steps);
    folder.write_report(&findings)?;
    drop(job);
    let beside = findings.comparison.as_ref().filter(|_| args.compare);
    console::print(&format!(
        "{}{}\n{}\n",
        beside.map_or_else(String::new, compared),
        summary(&findings),
        args.out.join("report.html").display()
    ))?;
    Ok(ExitCode::from(u8::from(
        n_rejected + findings.selection.out_of_range.n > 0,
    )))
}

/// What is asked of frames.
fn deep(args: &Args) -> Result<Option<DeepOptions>> {
    if args.deep.is_empty() {
        return Ok(None);
    }
    if cfg!(not(feature = "deep")) {
        return Err(super::lacking::part("trains no networks on frames", "deep"));
    }
    if let Some(none) = args.deep.iter().find(|path| !is_cache(path)) {
        bail!(
            "--deep {}: it is no cache of frames; `cratedigger mel PATH --out CACHE` makes one",
            none.display()
        );
    }
    let method = |name: &String| match name.trim().parse::<Method>() {
        Ok(method) if method.reads_frames() => Ok(method),
        Ok(method) => bail!("--deep-methods {method}: it reads no frames; cnn, crnn and lstm do"),
        Err(error) => Err(error.into()),
    };
    Ok(Some(DeepOptions {
        frames: args.deep.clone(),
        methods: args.deep_methods.iter().map(method).collect::<Result<_>>()?,
        max_epochs: args.deep_epochs,
    }))
}

/// One progress job for the section that is under way.
struct Sections {
    progress: Progress,
    job: Mutex<Option<Job>>,
}

impl Sections {
    fn new(progress: Progress) -> Self {
        Self {
            progress,
            job: Mutex::default(),
        }
    }

    fn on(&self, event: StudyEvent) {
        let Ok(mut job) = self.job.lock() else { return };
        match event {
            StudyEvent::SectionStarted { section } => {
                *job = Some(self.progress.job(section, Unit::Steps));
            }
            StudyEvent::SectionDone { section, seconds } => {
                *job = None;
                self.progress.say(&format!("{section}: {seconds:.1} s"));
            }
            // the summary says it too
            _ => {}
        }
    }
}

/// A synthetic archive in `dir`, imported into a store in it.
fn synthesise(dir: &Path, args: &Args, progress: Progress) -> Result<Store> {
    let options = SynthOptions {
        n_tracks: args.tracks,
        seed: args.seed,
        ..SynthOptions::default()
    };
    let job = progress.job("making a synthetic archive", Unit::Rows);
    synth::write(&options, dir, &mut |event| job.set(event.done, event.total))?;
    drop(job);
    let reading = Reading {
        cache: Some(dir.join("cache")),
        ..Reading::default()
    };
    // what an import found is no news about data that were just made
    Ok(open(dir, &reading, &Nobody)?.0)
}
