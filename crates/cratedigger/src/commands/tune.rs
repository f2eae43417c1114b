//! `cratedigger tune`: the best parameters of a method, by cross-validation.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use cratedigger_learn::model::{HoldOutCard, Model, ModelCard, TuningCard, UnknownRows};
use cratedigger_learn::search::{Halving, Scoring, Search, SearchResult, Space, is_search_journal};
use cratedigger_learn::{ConfusionMatrix, Dataset, FittedPipeline, Fold, Method, Pipeline, Splitter};

use super::belonging::Belonging;
use super::data::DataArgs;
use super::fitting::{card, fit, keep_what_is_read};
use super::folds::FoldArgs;
use super::numbers::at_least_one;
use super::output::Out;
use super::unknown::UnknownArgs;
use crate::console;
use crate::interrupt;
use crate::progress::{Progress, Unit};

/// Search for the best parameters of a classifier by cross-validation, and fit the best on all rows
///
/// Every candidate is scored on the same folds, which keep artists apart unless told otherwise; --folds FILE takes them from
/// the file that `evaluate --folds` reads. With `--split official` the best is chosen by training on the dataset's training part
/// and scoring on its validation part, and fitted on both; the test part is not looked at, but for --score-test, once.
///
/// The score of the best of many candidates flatters it, also on folds of another seed: the choice knew all of these rows. Rows
/// that took no part in it say how good it is: the official test part, or other music (`evaluate --model`).
///
/// Finished fits are noted in OUT.journal, so that --resume goes on after an
/// interruption, with the same data, space, folds and seed only. The space is TOML: lists of values for a grid, ranges such
/// as `alpha = { min = 1e-5, max = 1.0, log = true }` for --random.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger tune fma_metadata --method mlp --genres top:3 --out best.cdmodel --table candidates.csv
  cratedigger tune fma_metadata --method linear-svc --random 30 --space space.toml --out best.cdmodel
  cratedigger tune fma_metadata --halving --out best.cdmodel        poor candidates see few rows
  cratedigger tune fma_metadata --out best.cdmodel --resume         after an interruption
  cratedigger tune fma_metadata --folds folds.json --out best.cdmodel
  cratedigger tune fma_metadata --split official --score-test --out best.cdmodel
  cratedigger tune features.parquet --labels genres.csv --method decision-tree --out best.cdmodel
  cratedigger tune . --method mlp --show-space > space.toml         the built-in space, to change it

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    #[command(flatten)]
    data: DataArgs,

    /// The classifier
    #[arg(long, value_name = "NAME", default_value_t = Method::MLP)]
    method: Method,

    /// Search this space instead of the built-in one
    #[arg(long, value_name = "FILE")]
    space: Option<PathBuf>,

    /// Print the space in TOML, and do nothing else
    #[arg(long)]
    show_space: bool,

    /// Try N random candidates instead of every combination
    #[arg(long, value_name = "N", value_parser = at_least_one::<usize>)]
    random: Option<usize>,

    /// Successive halving: all candidates on few rows, the best third on three times as many, and so on
    #[arg(long)]
    halving: bool,

    /// What is maximised: accuracy, balanced_accuracy, f1_macro
    #[arg(long, value_name = "NAME", default_value_t = Scoring::Accuracy)]
    scoring: Scoring,

    /// Preprocessing; default: `standard` for the methods that want it
    #[arg(long, value_name = "STEPS")]
    pipeline: Option<Pipeline>,

    #[command(flatten)]
    folds: FoldArgs,

    /// With --split official: score the best on the test part at the end, once
    ///
    /// `evaluate --model` finds the same rows later, too. A second choice after a look at them makes them a validation part.
    #[arg(long)]
    score_test: bool,

    #[command(flatten)]
    unknown: UnknownArgs,

    /// The model file to write: the best candidate, fitted on all rows (with --split official on all but the test part)
    #[arg(long, value_name = "FILE", required_unless_present = "show_space")]
    out: Option<PathBuf>,

    /// Write the scores of every candidate as CSV
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,

    /// Go on where an interrupted search for the same file stopped
    #[arg(long, conflicts_with = "restart")]
    resume: bool,

    /// Forget an interrupted search for the same file
    #[arg(long)]
    restart: bool,

    /// Replace the files if they are there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    let space = match &args.space {
        Some(path) => read_space(path)?,
        None => Space::default_of(args.method)?,
    };
    if args.show_space {
        console::data(toml::to_string(&space)?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(path) = &args.out else {
        bail!("name the model file with --out FILE");
    };
    args.folds.check()?;
    if args.score_test && args.folds.split != Splitter::Official {
        bail!(
            "--score-test is of --split official, whose test part takes no part in the search; other splits search all rows"
        );
    }
    let seed = args.folds.seed;
    let mut search = match args.random {
        Some(n) => Search::random(args.method, &space, n, seed)?,
        None => Search::grid(args.method, &space, seed)?,
    };
    search.scoring = args.scoring;
    search.halving = args.halving.then(Halving::default);
    search.n_jobs = args.data.n_jobs();
    if let Some(pipeline) = &args.pipeline {
        search.pipeline = pipeline.clone();
    }
    for params in &search.candidates {
        search.classifier(params)?;
    }
    let out = Out::open(path, args.force, args.data.paths())?;
    let table = match &args.table {
        Some(table) => Some(Out::open(table, args.force, args.data.paths())?),
        None => None,
    };
    let journal = journal_path(path);
    begin(&journal, args.resume, args.restart)?;
    interrupt::say(format!("no model was written; {}", args.data.kept()));

    let wanted = args.data.wanted(args.pipeline.as_ref(), &[args.method]);
    let mut training = args.data.load(&wanted, progress)?;
    keep_what_is_read(&*args.method.classifier(seed), &mut training.data)?;
    if args.pipeline.is_none() {
        search.pipeline = Pipeline::default_for(args.method, &training.data.feature_names);
    }
    let official = args.folds.folds.is_none() && args.folds.split == Splitter::Official;
    let test = match args.score_test {
        true => Some(HoldOutCard::official_test().fold(&training.data)?),
        false => None,
    };
    // Rows that the search and the fit must not know are not shown to them.
    let (plan, searched) = match official {
        true => {
            let (plan, rows) = args.folds.plan_without_test(&training.data)?;
            (plan, Some(training.data.take_rows(&rows)?))
        }
        false => (args.folds.plan(&training)?.keeping(args.data.group()), None),
    };
    let data = searched.as_ref().unwrap_or(&training.data);
    let folds = &plan.folds;
    progress.say(&format!(
        "{} candidates x {} of {} rows x {} features",
        search.candidates.len(),
        plan.in_words(),
        data.n_rows(),
        data.n_features(),
    ));
    // Before the search: a rate that so few rows cannot keep is refused at once.
    let unknown = args.unknown.fit(data, seed, args.data.n_jobs())?;
    let job = progress.job(format!("tuning {}", args.method), Unit::Steps);
    interrupt::say(format!(
        "finished fits are kept in {}; go on with --resume",
        journal.display()
    ));
    let result = search.run(data, folds, Some(&journal), &|step| {
        job.set(step.n_done, step.n_fits)
    })?;
    drop(job);
    if result.n_resumed > 0 {
        progress.say(&format!(
            "{} of {} fits are of the interrupted search",
            result.n_resumed, result.n_fits
        ));
    }
    if let Some(table) = table {
        let mut text = Vec::new();
        result.write_csv(&mut text)?;
        table.write(&text)?;
    }

    let best = result.best();
    let classifier = search.classifier(&best.params)?;
    let what = match official {
        true => "fitting the best on the training and the validation part",
        false => "fitting the best on all rows",
    };
    let job = progress.job(what, Unit::Steps);
    let fitted = fit(&*classifier, data, &search.pipeline, args.data.n_jobs(), None)?;
    drop(job);
    let mut card = card(&training, data);
    card.params.clone_from(&best.params);
    card.seed = seed;
    card.tuning = Some(TuningCard {
        n_candidates: search.candidates.len(),
        n_folds: folds.len(),
        scoring: result.scoring.clone(),
        mean: best.mean.unwrap_or_default(),
        sd: best.sd.unwrap_or_default(),
    });
    card.split = format!("{} (seed {seed})", plan.in_words());
    card.notes.extend(plan.belonging.cautions());
    card.notes.extend(plan.belonging.doubles());
    card.notes.push(
        match args.score_test {
            true => "the score of the tuning is that of the best of its candidates, which flatters; those of the test part do not",
            false => {
                "the score of the tuning is that of the best of its candidates, which flatters, and so do other folds of the same \
                 rows; score the model on rows that took no part before quoting it"
            }
        }
        .to_owned(),
    );
    if official {
        card.hold_out = Some(HoldOutCard::official_test());
    }
    if let Some(test) = &test {
        score_once(&fitted, &training.data, test, &mut card)?;
    }
    let mut model = Model::new(fitted, card)?;
    if let Some(novelty) = unknown {
        let measured = match &test {
            Some(fold) => UnknownRows::of(&novelty, &training.data.x.take_rows(&fold.test)?)?,
            None => UnknownRows::default(),
        };
        model = model.with_novelty(novelty, measured);
    }
    out.write(&model.to_bytes()?)?;
    if let Err(error) = std::fs::remove_file(&journal) {
        progress.say(&format!("cannot remove {}: {error}", journal.display()));
    }
    console::print(&format!(
        "{}\n{}\nwritten to {}\n",
        top(&result),
        model.card(),
        path.display()
    ))?;
    Ok(ExitCode::from(u8::from(training.lost.any_failed())))
}

/// Scores the model on the official test part, which took no part in anything before.
fn score_once(fitted: &FittedPipeline, data: &Dataset, fold: &Fold, card: &mut ModelCard) -> Result<()> {
    let test = data.take_rows(&fold.test)?;
    let confusion = ConfusionMatrix::from_predictions(&test.y, &fitted.predict(&test.x)?, &data.classes)?;
    card.set_scores(&confusion);
    card.split = format!(
        "official split: chosen on the validation part, fitted on the {} training and validation rows, scored on the {} test rows",
        fold.train.len(),
        fold.test.len()
    );
    let belonging = Belonging::of(data, std::slice::from_ref(fold));
    card.notes.extend(
        belonging
            .cautions()
            .into_iter()
            .map(|text| format!("of the test part: {text}")),
    );
    Ok(())
}

fn read_space(path: &Path) -> Result<Space> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| {
        format!(
            "{} is not a search space; expected TOML with a list of values for each parameter, as `--show-space` prints",
            path.display()
        )
    })
}

/// The journal of a search that will write this model.
fn journal_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

/// An interrupted search is neither continued nor forgotten without being asked.
fn begin(journal: &Path, resume: bool, restart: bool) -> Result<()> {
    match (journal.exists(), resume, restart) {
        (true, false, false) => Err(anyhow!(
            "{} is of an interrupted search; go on with --resume, or begin anew with --restart",
            journal.display()
        )),
        (true, _, true) if !is_search_journal(journal) => Err(anyhow!(
            "{} is no journal of a search, so it is not replaced; move it away, or choose another --out",
            journal.display()
        )),
        (true, _, true) => {
            std::fs::remove_file(journal).with_context(|| format!("cannot remove {}", journal.display()))
        }
        _ => Ok(()),
    }
}

/// The best candidates for people.
fn top(result: &SearchResult) -> String {
    use std::fmt::Write;
    let mut order: Vec<usize> = (0..result.rows.len()).collect();
    order.sort_by_key(|&at| (at != result.best, result.rows[at].rank, at));
    let mut text = format!("rank  {:<18}  sd      fit s  parameters\n", result.scoring);
    for row in order.iter().take(10).map(|&at| &result.rows[at]) {
        let params: Vec<String> = row
            .params
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let _ = match (row.mean, row.sd) {
            (Some(mean), Some(sd)) => writeln!(
                text,
                "{:>4}  {mean:<18.4}  {sd:.4}  {:>5.2}  {}",
                row.rank,
                row.fit_seconds,
                params.join(" ")
            ),
            _ => writeln!(text, "{:>4}  {:<33}  {}", row.rank, "failed", params.join(" ")),
        };
    }
    if result.rows.len() > 10 {
        let _ = writeln!(
            text,
            "      and {} more; --table FILE has all",
            result.rows.len() - 10
        );
    }
    text
}
