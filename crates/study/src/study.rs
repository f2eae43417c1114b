//! The study itself: its sections in their order, and what each takes from those before it.
//!
//! A new section is a line of [`SECTIONS`], a field of the findings, its file, and its page in the report.

use std::time::{SystemTime, UNIX_EPOCH};

use cratedigger_catalog::Store;
use cratedigger_learn::LearnError;

use crate::archive::{missingness, outliers, overview, sound};
use crate::continents::independence::continent_tests;
use crate::dataset::assemble;
use crate::draft::Draft;
use crate::error::{Result, StudyError, learn_error};
use crate::findings::{Findings, SCHEMA_VERSION};
use crate::learning::all_genres::all_genres;
use crate::learning::audit::audit;
#[cfg(feature = "deep")]
use crate::learning::deep::deep;
use crate::learning::genre_sets::genre_sets;
use crate::learning::imputation::imputation;
use crate::learning::inspection::inspect;
use crate::learning::method_pairs::{best, compare_methods};
use crate::learning::selective::selective;
use crate::learning::sources::sources;
use crate::learning::split::divide;
use crate::learning::training::train_all;
use crate::learning::treatment::treatments;
use crate::learning::tuning::{TUNED, tune};
use crate::learning::unknown::unknown;
use crate::options::StudyOptions;
use crate::places::{Atlas, count};
use crate::progress::{Progress, StudyEvent};
use crate::provenance::Provenance;
use crate::published::beside::{is_whole_dataset, published};
use crate::words::sentence;

/// A section of the study.
struct Section {
    /// The field of the findings that it fills.
    id: &'static str,
    /// The section that it cannot do without.
    needs: Option<&'static str>,
    /// What is told while it runs; `None` where it tells of its parts itself, or takes no time.
    title: Option<&'static str>,
    /// Whether there is what it needs.
    ready: fn(&Draft<'_>) -> bool,
    /// Adds to the findings.
    run: fn(&mut Draft<'_>) -> Result<()>,
}

/// The sections in the order in which they run; each finds in the draft what those before it left.
const SECTIONS: [Section; 22] = [
    section("missingness", None, Some("missing values"), always, |draft| {
        draft.findings.missingness = missingness::of_store(draft.store)?;
        Ok(())
    }),
    section(
        "overview",
        Some("missingness"),
        Some("overview"),
        always,
        |draft| {
            draft.findings.overview = overview::of_store(draft.store, &draft.findings.missingness)?;
            Ok(())
        },
    ),
    section("sound", None, None, always, |draft| {
        draft.findings.sound = sound::of_store(draft.store)?;
        Ok(())
    }),
    section("selection", None, Some("selection"), always, select),
    section("geography", None, Some("places"), always, place),
    section(
        "differences",
        Some("geography"),
        Some("differences between continents"),
        |draft| draft.located.is_some(),
        test_continents,
    ),
    section("outliers", None, Some("outliers"), always, |draft| {
        draft.findings.outliers = outliers::outliers(draft.store, draft.options.outlier_threshold)?;
        Ok(())
    }),
    section(
        "split",
        Some("selection"),
        None,
        |draft| draft.data.is_some(),
        split,
    ),
    section(
        "classifiers",
        Some("split"),
        None,
        |draft| draft.fold.is_some(),
        train,
    ),
    section(
        "treatments",
        Some("classifiers"),
        Some("treatments of outliers"),
        in_time,
        treat,
    ),
    section(
        "method_comparison",
        Some("classifiers"),
        Some("comparing methods"),
        trained,
        |draft| {
            let Some((data, _)) = draft.sides() else {
                return Ok(());
            };
            draft.findings.method_comparison = compare_methods(&draft.evaluations(), data)?;
            Ok(())
        },
    ),
    section("selective", Some("classifiers"), None, trained, trust),
    section(
        "inspection",
        Some("classifiers"),
        Some("importance and learning curve"),
        in_time,
        look_into,
    ),
    section(
        "tuning",
        Some("classifiers"),
        Some("tuning"),
        |draft| draft.options.tune && draft.to_tune().is_some() && in_time(draft),
        search,
    ),
    section(
        "genre_sets",
        Some("classifiers"),
        None,
        trained,
        compare_genre_sets,
    ),
    section(
        "sources",
        Some("split"),
        Some("what each source adds"),
        |draft| draft.fold.is_some() && !draft.options.inputs.is_empty() && !draft.progress.time_is_spent(),
        add_sources,
    ),
    section(
        "all_genres",
        None,
        Some("all genres of a track"),
        |draft| draft.options.all_genres && !draft.progress.time_is_spent(),
        name_all_genres,
    ),
    section(
        "deep",
        Some("classifiers"),
        None,
        |draft| draft.options.deep.is_some() && !draft.trained.is_empty() && !draft.progress.time_is_spent(),
        listen,
    ),
    section(
        "audit",
        Some("selection"),
        Some("labels to listen to"),
        |draft| draft.data.is_some() && !draft.progress.time_is_spent(),
        doubt,
    ),
    section(
        "unknown",
        Some("split"),
        Some("what was never heard"),
        |draft| draft.fold.is_some() && !draft.progress.time_is_spent(),
        leave_out,
    ),
    section(
        "imputation",
        Some("split"),
        Some("tracks without a genre"),
        |draft| draft.fold.is_some() && !draft.progress.time_is_spent(),
        fill,
    ),
    section(
        "comparison",
        None,
        None,
        |draft| draft.options.compare || is_whole_dataset(draft.store, &draft.findings).unwrap_or(false),
        |draft| {
            let options = (draft.options.compare, draft.options.seed);
            let comparison = published(&draft.findings, draft.store, options, &mut draft.progress)?;
            draft.findings.comparison = Some(comparison);
            Ok(())
        },
    ),
];

const fn section(
    id: &'static str,
    needs: Option<&'static str>,
    title: Option<&'static str>,
    ready: fn(&Draft<'_>) -> bool,
    run: fn(&mut Draft<'_>) -> Result<()>,
) -> Section {
    Section {
        id,
        needs,
        title,
        ready,
        run,
    }
}

/// The names of the study's sections, in their order: each is the field of [`Findings`] that the section fills.
pub fn section_ids() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|section| section.id)
}

/// Studies the archive in `store`.
///
/// The same store, options and seed give the same findings, but for fields whose names end in `_seconds`. An archive that
/// lacks what classifiers need is studied as far as it goes; `classifiers_skipped` then says what is lacking.
///
/// # Errors
/// Those of [`assemble`], `InvalidOption` and `UnknownSection`; `Catalog` where a table cannot be read.
pub fn run(
    store: &Store,
    options: &StudyOptions,
    on_event: &(dyn Fn(StudyEvent) + Sync),
) -> Result<Findings> {
    options.check()?;
    if let Some(name) = options
        .skip
        .iter()
        .find(|name| !section_ids().any(|id| id == *name))
    {
        return Err(StudyError::UnknownSection {
            name: name.clone(),
            valid: section_ids().collect::<Vec<_>>().join(", "),
        });
    }
    match options.n_jobs {
        None => study(store, options, on_event),
        Some(n_jobs) => {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_jobs.max(1))
                .build()
                .map_err(|error| LearnError::Threads {
                    reason: error.to_string(),
                })?;
            pool.install(|| study(store, options, on_event))
        }
    }
}

fn study(store: &Store, options: &StudyOptions, on_event: &(dyn Fn(StudyEvent) + Sync)) -> Result<Findings> {
    let progress = Progress::new(on_event, options.time_budget_seconds);
    let began = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    // Before anything is waited for: a file that is not what it should be is told at once.
    let atlas = match &options.boundaries {
        Some(path) => Atlas::read(path)?,
        None => Atlas::embedded()?,
    };
    let mut draft = Draft {
        store,
        options,
        atlas,
        progress,
        findings: Findings {
            schema_version: SCHEMA_VERSION,
            provenance: Provenance::new(store, options, began),
            ..Findings::default()
        },
        located: None,
        data: None,
        fold: None,
        trained: Vec::new(),
    };
    for section in SECTIONS.iter() {
        if draft.leave_out(section.id, section.needs) || !(section.ready)(&draft) {
            continue;
        }
        if let Some(title) = section.title {
            draft.progress.begin(title);
        }
        (section.run)(&mut draft)?;
        draft.progress.end();
    }
    let Draft {
        mut findings,
        mut progress,
        ..
    } = draft;
    if let Some(skipped) = &findings.classifiers_skipped {
        progress.note(skipped.reason.clone());
    }
    let made = &mut findings.provenance;
    (made.total_seconds, made.sections) = progress.times();
    Ok(findings)
}

fn always(_: &Draft<'_>) -> bool {
    true
}

fn trained(draft: &Draft<'_>) -> bool {
    !draft.trained.is_empty()
}

fn in_time(draft: &Draft<'_>) -> bool {
    trained(draft) && !draft.progress.time_is_spent()
}

fn select(draft: &mut Draft<'_>) -> Result<()> {
    let assembled = assemble(draft.store, &draft.options.data)?;
    draft.findings.selection = assembled.selection;
    match assembled.data {
        Ok(data) => draft.data = Some(data),
        Err(reason) => draft.skip_classifiers(&reason),
    }
    Ok(())
}

fn place(draft: &mut Draft<'_>) -> Result<()> {
    if let Some((geography, located)) = count::of_store(draft.store, &draft.options.data, &draft.atlas)? {
        draft.findings.geography = Some(geography);
        draft.located = Some(located);
    }
    Ok(())
}

fn test_continents(draft: &mut Draft<'_>) -> Result<()> {
    if let (Some(geography), Some(located)) = (&draft.findings.geography, &draft.located) {
        draft.findings.differences = continent_tests(geography, located, &draft.atlas, draft.options.seed);
    }
    Ok(())
}

fn split(draft: &mut Draft<'_>) -> Result<()> {
    let Some(data) = &draft.data else { return Ok(()) };
    match divide(data, draft.options) {
        Ok((fold, split)) => {
            draft.fold = Some(fold);
            draft.findings.split = Some(split);
        }
        Err(undivided) => {
            draft.findings.split = undivided.split.map(|split| *split);
            draft.skip_classifiers(&undivided.reason);
        }
    }
    Ok(())
}

fn train(draft: &mut Draft<'_>) -> Result<()> {
    let (Some(data), Some(fold)) = (&draft.data, &draft.fold) else {
        return Ok(());
    };
    let (trained, skipped) = train_all(draft.options, data, fold, &mut draft.progress)?;
    if trained.is_empty() {
        let reasons: Vec<&str> = skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
        draft.skip_classifiers(&if reasons.is_empty() {
            "No method was asked for.".to_owned()
        } else {
            reasons.join(" ")
        });
    }
    draft.findings.classifiers = trained.iter().map(|trained| trained.finding.clone()).collect();
    draft.findings.methods_skipped = skipped;
    draft.trained = trained;
    Ok(())
}

fn treat(draft: &mut Draft<'_>) -> Result<()> {
    let Some((data, fold)) = draft.sides() else {
        return Ok(());
    };
    match treatments(data, fold, draft.options.outlier_threshold, draft.options.seed) {
        Ok(found) => draft.findings.treatments = Some(found),
        Err(error) => draft.progress.note(format!(
            "Treatments of outliers were not compared: {}",
            sentence(&error)
        )),
    }
    Ok(())
}

fn trust(draft: &mut Draft<'_>) -> Result<()> {
    if let Some((data, _)) = draft.sides() {
        let places = draft.located.as_ref().zip(Some(&draft.atlas));
        draft.findings.selective = selective(&draft.evaluations(), data, places, Some(draft.store))?;
    }
    Ok(())
}

fn look_into(draft: &mut Draft<'_>) -> Result<()> {
    let (Some((data, fold)), Some(best)) = (draft.sides(), best(&draft.evaluations())) else {
        return Ok(());
    };
    draft.findings.inspection = Some(inspect(&draft.trained, best, data, fold, draft.options.seed)?);
    Ok(())
}

fn search(draft: &mut Draft<'_>) -> Result<()> {
    let StudyOptions { seed, n_jobs, .. } = *draft.options;
    let (Some((data, fold)), Some(default)) = (draft.sides(), draft.to_tune()) else {
        return Ok(());
    };
    match learn_error(tune(default, data, fold, seed, n_jobs))? {
        Ok(tuned) => draft.findings.tuning = Some(tuned),
        Err(error) => draft
            .progress
            .note(format!("{TUNED} was not tuned: {}", sentence(&error))),
    }
    Ok(())
}

fn add_sources(draft: &mut Draft<'_>) -> Result<()> {
    let Some((data, fold)) = draft.sides() else {
        return Ok(());
    };
    match learn_error(sources(draft.store, draft.options, data, fold))? {
        Ok(found) => draft.findings.sources = Some(found),
        Err(error) => draft.progress.note(format!(
            "What each source adds was not told: {}",
            sentence(&error)
        )),
    }
    Ok(())
}

fn name_all_genres(draft: &mut Draft<'_>) -> Result<()> {
    match all_genres(draft.store, draft.options) {
        Ok(found) => draft.findings.all_genres = Some(found),
        // What lacks for this need not lack for the rest.
        Err(error) => draft
            .progress
            .note(format!("All genres of a track were not learnt: {error}.")),
    }
    Ok(())
}

fn doubt(draft: &mut Draft<'_>) -> Result<()> {
    let Some(data) = &draft.data else { return Ok(()) };
    match learn_error(audit(draft.options, data, draft.fold.as_ref()))? {
        Ok(found) => draft.findings.audit = Some(found),
        Err(error) => draft
            .progress
            .note(format!("Labels were not audited: {}", sentence(&error))),
    }
    Ok(())
}

fn leave_out(draft: &mut Draft<'_>) -> Result<()> {
    let Some((data, fold)) = draft.sides() else {
        return Ok(());
    };
    match learn_error(unknown(draft.options, data, fold))? {
        Ok(found) => draft.findings.unknown = Some(found),
        Err(error) => draft
            .progress
            .note(format!("Genres were not left out: {}", sentence(&error))),
    }
    Ok(())
}

fn fill(draft: &mut Draft<'_>) -> Result<()> {
    let Some(sides) = draft.sides() else { return Ok(()) };
    let found = learn_error(imputation(draft.store, draft.options, sides))?;
    match found.map_err(|error| sentence(&error)).and_then(|found| found) {
        Ok(found) => draft.findings.imputation = Some(found),
        Err(reason) => draft
            .progress
            .note(format!("Tracks without a genre were not named: {reason}")),
    }
    Ok(())
}

#[cfg(feature = "deep")]
fn listen(draft: &mut Draft<'_>) -> Result<()> {
    let best = best(&draft.evaluations()).map(|best| draft.trained[best].evaluation.method);
    let (Some(asked), Some(best)) = (&draft.options.deep, best) else {
        return Ok(());
    };
    let (Some(data), Some(fold)) = (&draft.data, &draft.fold) else {
        return Ok(());
    };
    // A cache that holds none of the tracks does not end the study.
    match deep(draft.options, asked, (data, fold, best), &mut draft.progress) {
        Ok(found) => draft.findings.deep = Some(found),
        Err(error) => draft.progress.note(format!(
            "Networks on frames were not trained: {}",
            with_causes(&error)
        )),
    }
    Ok(())
}

#[cfg(feature = "deep")]
fn with_causes(error: &StudyError) -> String {
    match error {
        StudyError::Learn(error) => sentence(error),
        error => format!("{error}."),
    }
}

/// Without networks there is nothing to do.
#[cfg(not(feature = "deep"))]
fn listen(_: &mut Draft<'_>) -> Result<()> {
    Ok(())
}

fn compare_genre_sets(draft: &mut Draft<'_>) -> Result<()> {
    let (Some(data), Some(fold)) = (&draft.data, &draft.fold) else {
        return Ok(());
    };
    draft.findings.genre_sets = genre_sets(draft.store, draft.options, data, fold, &mut draft.progress)?;
    Ok(())
}

#[cfg(test)]
mod tests;
