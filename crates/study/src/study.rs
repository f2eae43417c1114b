//! The study itself: one section after the other, from a store to findings.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cratedigger_catalog::{Store, TableId};
use cratedigger_learn::{Dataset, Evaluation, Fold, LearnError, Method};

use crate::classify::{
    Baseline, ClassifierFinding, ClassifiersSkipped, MethodSkipped, Trained, baseline, sentence,
    train_and_test,
};
use crate::compare::{self, MethodComparison};
use crate::comparison::{compare, is_whole_dataset};
use crate::dataset::{assemble, read_genres, read_some};
use crate::differences::differences;
use crate::error::{Result, StudyError};
use crate::findings::{Findings, Provenance, SCHEMA_VERSION, SectionTime, TableSource};
use crate::genre_sets::{GenreSet, genre_set};
use crate::geography::{self, Geography, Located};
use crate::inspect::{Inspection, inspect};
use crate::missingness::{Counts, Missingness};
use crate::options::{DataOptions, LabelRule, StudyOptions};
use crate::outliers::outliers;
use crate::overview::{self, TableSize};
use crate::places::Atlas;
use crate::selection::{self, label_tracks};
use crate::split::{self, Split};
use crate::treatment::{Treatments, treatments};
use crate::tuning::{self, TUNED, Tuning};

/// Rows that are read at a time to count missing values: the tracks' texts need not fit into memory.
const BATCH_ROWS: usize = 32_768;

/// Tracks that a side of the split must have at least, for a score to say anything at all.
const FEWEST_TRACKS: usize = 20;

/// What a study tells while it runs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StudyEvent {
    /// A section begins.
    SectionStarted {
        /// What it does, such as `missing values` or `training mlp`.
        section: String,
    },
    /// A section is done.
    SectionDone {
        /// What it did.
        section: String,
        /// How long it took.
        seconds: f64,
    },
    /// Something that the reader of the terminal should know; the findings say it too.
    Note {
        /// One or two sentences.
        text: String,
    },
}

/// Studies the archive in `store`.
///
/// The same store, options and seed give the same findings, but for fields whose names end in `_seconds`. An archive that
/// lacks what classifiers need is studied as far as it goes; `classifiers_skipped` then says what is lacking.
///
/// # Errors
/// Those of [`assemble`], and `InvalidOption`; `Catalog` where a table cannot be read.
pub fn run(
    store: &Store,
    options: &StudyOptions,
    on_event: &(dyn Fn(StudyEvent) + Sync),
) -> Result<Findings> {
    options.check()?;
    match options.n_jobs {
        None => Study::new(store, options, on_event).run(),
        Some(n_jobs) => {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_jobs.max(1))
                .build()
                .map_err(|error| LearnError::Threads {
                    reason: error.to_string(),
                })?;
            pool.install(|| Study::new(store, options, on_event).run())
        }
    }
}

/// What a running study carries from section to section.
struct Study<'a> {
    store: &'a Store,
    options: &'a StudyOptions,
    on_event: &'a (dyn Fn(StudyEvent) + Sync),
    started: Instant,
    sections: Vec<SectionTime>,
}

/// What the classifiers' sections found.
#[derive(Default)]
struct Learnt {
    split: Option<Split>,
    treatments: Option<Treatments>,
    classifiers: Vec<ClassifierFinding>,
    methods_skipped: Vec<MethodSkipped>,
    skipped: Option<String>,
    method_comparison: Option<MethodComparison>,
    inspection: Option<Inspection>,
    genre_sets: Vec<GenreSet>,
    tuning: Option<Tuning>,
}

impl<'a> Study<'a> {
    fn new(store: &'a Store, options: &'a StudyOptions, on_event: &'a (dyn Fn(StudyEvent) + Sync)) -> Self {
        Self {
            store,
            options,
            on_event,
            started: Instant::now(),
            sections: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Findings> {
        let began = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        // Before anything is waited for: a file that is not what it should be is told at once.
        let atlas = match &self.options.boundaries {
            Some(path) => Atlas::read(path)?,
            None => Atlas::embedded()?,
        };
        let missingness = self.section("missing values", |study| study.missingness())?;
        let overview = self.section("overview", |study| study.overview(&missingness))?;
        let assembled = self.section("selection", |study| {
            Ok(assemble(study.store, &study.options.data)?)
        })?;
        let compare_asked = self.options.compare;
        let placed = self.section("places", |study| study.geography(&atlas))?;
        let differences = match &placed {
            Some((geography, located)) => self.section("differences between continents", |study| {
                Ok(differences(geography, located, &atlas, study.options.seed))
            })?,
            None => None,
        };
        let outliers = self.section("outliers", |study| {
            outliers(study.store, study.options.outlier_threshold)
        })?;
        let learnt = match &assembled.data {
            Ok(data) => self.learn(data)?,
            Err(reason) => Learnt::nothing(reason.clone()),
        };
        let classifiers_skipped = learnt.skipped.map(|reason| ClassifiersSkipped {
            reason: format!("No classifier could be trained. {reason}"),
        });
        if let Some(skipped) = &classifiers_skipped {
            self.note(&skipped.reason);
        }
        let mut findings = Findings {
            schema_version: SCHEMA_VERSION,
            overview,
            missingness,
            selection: assembled.selection,
            geography: placed.map(|(geography, _)| geography),
            differences,
            outliers,
            treatments: learnt.treatments,
            comparison: None,
            split: learnt.split,
            classifiers: learnt.classifiers,
            classifiers_skipped,
            methods_skipped: learnt.methods_skipped,
            method_comparison: learnt.method_comparison,
            inspection: learnt.inspection,
            genre_sets: learnt.genre_sets,
            tuning: learnt.tuning,
            provenance: self.provenance(began),
        };
        if compare_asked || is_whole_dataset(&findings) {
            findings.comparison = Some(compare(&findings));
        }
        Ok(findings)
    }

    /// Runs a section, telling its beginning, its end and its time.
    fn section<T>(&mut self, section: &str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        (self.on_event)(StudyEvent::SectionStarted {
            section: section.to_owned(),
        });
        let started = Instant::now();
        let result = work(self)?;
        let seconds = started.elapsed().as_secs_f64();
        self.sections.push(SectionTime {
            section: section.to_owned(),
            elapsed_seconds: seconds,
        });
        (self.on_event)(StudyEvent::SectionDone {
            section: section.to_owned(),
            seconds,
        });
        Ok(result)
    }

    fn note(&self, text: &str) {
        (self.on_event)(StudyEvent::Note {
            text: text.to_owned(),
        });
    }

    fn missingness(&self) -> Result<Missingness> {
        let mut counts: Option<Counts> = None;
        for batch in self.store.read_batches(TableId::Tracks, None, BATCH_ROWS)? {
            let batch = batch?;
            counts
                .get_or_insert_with(|| Counts::new(&batch.schema()))
                .push(&batch);
        }
        let counts = match counts {
            Some(counts) => counts,
            None => Counts::new(self.store.schema(TableId::Tracks)?.as_ref()),
        };
        Ok(counts.finish())
    }

    fn overview(&self, missingness: &Missingness) -> Result<overview::Overview> {
        let tracks = read_some(self.store, TableId::Tracks, &overview::COLUMNS)?;
        let genres = read_genres(self.store)?;
        let tables = self.store.tables().into_iter().map(|table| {
            Ok(TableSize {
                table: table.name().to_owned(),
                n_rows: self.store.n_rows(table)?,
                n_columns: self.store.schema(table)?.fields().len().saturating_sub(1) as u64,
            })
        });
        overview::overview(
            &tracks,
            genres.as_ref(),
            missingness,
            tables.collect::<Result<_>>()?,
        )
    }

    fn geography(&self, atlas: &Atlas) -> Result<Option<(Geography, Located)>> {
        let columns: Vec<&str> = geography::COLUMNS.into_iter().chain(selection::COLUMNS).collect();
        let tracks = read_some(self.store, TableId::Tracks, &columns)?;
        let genres = match self.options.data.labels {
            LabelRule::Unambiguous => read_genres(self.store)?,
            LabelRule::GenreTop => None,
        };
        let labels = label_tracks(&tracks, genres.as_ref(), &self.options.data)?;
        geography::geography(&tracks, &labels, atlas)
    }

    fn learn(&mut self, data: &Dataset) -> Result<Learnt> {
        let StudyOptions {
            split: splitter,
            test_size,
            seed,
            ..
        } = *self.options;
        if let Some(reason) = split::obstacle(data, splitter) {
            return Ok(Learnt::nothing(reason));
        }
        if data.n_rows() < 2 * FEWEST_TRACKS {
            return Ok(Learnt::nothing(format!(
                "{} tracks are left to learn from, and fewer than {} say nothing about genres.",
                data.n_rows(),
                2 * FEWEST_TRACKS
            )));
        }
        let fold = match splitter.hold_out(data, test_size, seed) {
            Ok(fold) => fold,
            Err(error) => return Ok(Learnt::nothing(sentence(&error))),
        };
        let split = split::describe(data, splitter, &fold, test_size, seed);
        if split.classes.iter().filter(|class| class.n_train > 0).count() < 2 {
            return Ok(Learnt {
                split: Some(split),
                ..Learnt::nothing(
                    "After the split the training tracks are all of one genre, since too few artists stand behind the others. \
                     Try another seed, other genres, or --split random."
                        .to_owned(),
                )
            });
        }
        let mut learnt = Learnt {
            split: Some(split),
            ..Learnt::default()
        };
        let least = baseline(data, &fold, seed)?;
        let mut trained = Vec::new();
        for &method in &self.options.methods {
            trained.extend(self.train(method, data, &fold, &least, &mut learnt)?);
        }
        if !trained.is_empty() {
            learnt.treatments = self.treatments(data, &fold)?;
        }
        if trained.is_empty() {
            let reasons: Vec<&str> = learnt
                .methods_skipped
                .iter()
                .map(|skipped| skipped.reason.as_str())
                .collect();
            learnt.skipped = Some(if reasons.is_empty() {
                "No method was asked for.".to_owned()
            } else {
                reasons.join(" ")
            });
            return Ok(learnt);
        }
        self.look_into(&trained, data, &fold, &mut learnt)?;
        learnt.classifiers = trained.into_iter().map(|trained| trained.finding).collect();
        learnt.genre_sets = self.genre_sets(data, &fold)?;
        Ok(learnt)
    }

    /// Trains one method, unless the time is spent; `None` where there is nothing to show.
    fn train(
        &mut self,
        method: Method,
        data: &Dataset,
        fold: &Fold,
        least: &Baseline,
        learnt: &mut Learnt,
    ) -> Result<Option<Trained>> {
        let seed = self.options.seed;
        let name = method.name().to_owned();
        if self.time_is_spent() {
            let budget = self.options.time_budget_seconds.unwrap_or_default();
            let reason = format!("{name} was not begun, since the time budget of {budget} s was spent.");
            self.note(&reason);
            learnt.methods_skipped.push(MethodSkipped { name, reason });
            return Ok(None);
        }
        let trained = self.section(&format!("training {name}"), |_| {
            // One method that fails does not end the study.
            learn_error(train_and_test(method, data, fold, least, seed))
        })?;
        match trained {
            Ok(trained) => Ok(Some(trained)),
            Err(error) => {
                let reason = format!("{name} failed: {}", sentence(&error));
                self.note(&reason);
                learnt.methods_skipped.push(MethodSkipped { name, reason });
                Ok(None)
            }
        }
    }

    /// What the methods have in common, what the best one relies on, and what tuning brings.
    fn look_into(
        &mut self,
        trained: &[Trained],
        data: &Dataset,
        fold: &Fold,
        learnt: &mut Learnt,
    ) -> Result<()> {
        let StudyOptions {
            seed, n_jobs, tune, ..
        } = *self.options;
        let evaluations: Vec<&Evaluation> = trained.iter().map(|trained| &trained.evaluation).collect();
        learnt.method_comparison = self.section("comparing methods", |_| {
            compare::compare_methods(&evaluations, data)
        })?;
        if let Some(best) = compare::best(&evaluations)
            && !self.time_is_spent()
        {
            let inspection = self.section("importance and learning curve", |_| {
                inspect(trained, best, data, fold, seed)
            })?;
            learnt.inspection = Some(inspection);
        }
        let default = trained.iter().find(|trained| trained.evaluation.method == TUNED);
        if let Some(default) = default.filter(|_| tune && !self.time_is_spent()) {
            let tuned = self.section("tuning", |_| {
                learn_error(tuning::tune(default, data, fold, seed, n_jobs))
            })?;
            match tuned {
                Ok(tuned) => learnt.tuning = Some(tuned),
                Err(error) => self.note(&format!("{TUNED} was not tuned: {}", sentence(&error))),
            }
        }
        Ok(())
    }

    /// The effect of outlier treatments, where there is time left.
    fn treatments(&mut self, data: &Dataset, fold: &cratedigger_learn::Fold) -> Result<Option<Treatments>> {
        if self.time_is_spent() {
            return Ok(None);
        }
        let (threshold, seed) = (self.options.outlier_threshold, self.options.seed);
        let found = self.section("treatments of outliers", |_| {
            treatments(data, fold, threshold, seed)
        })?;
        Ok(found
            .inspect_err(|error| {
                self.note(&format!(
                    "Treatments of outliers were not compared: {}",
                    sentence(error)
                ))
            })
            .ok())
    }

    /// All methods on each choice of genres; a choice that comes to the genres of one before is left out.
    fn genre_sets(&mut self, data: &Dataset, fold: &Fold) -> Result<Vec<GenreSet>> {
        let StudyOptions {
            split,
            test_size,
            seed,
            ..
        } = *self.options;
        let options = self.options;
        let methods = &options.methods;
        let mut sets: Vec<GenreSet> = Vec::new();
        for choice in &options.genre_sets {
            if self.time_is_spent() {
                break;
            }
            let set = self.section(&format!("genres {choice}"), |study| {
                let name = choice.to_string();
                let made = |data: &Dataset| sets.iter().any(|set: &GenreSet| set.genres == data.classes);
                if *choice == options.data.genres {
                    return match made(data) {
                        true => Ok(Ok(None)),
                        false => learn_error(genre_set(&name, data, fold, methods, seed).map(Some)),
                    };
                }
                let choice = DataOptions {
                    genres: choice.clone(),
                    ..options.data.clone()
                };
                let Ok(other) = assemble(study.store, &choice)?.data else {
                    return Ok(Err(LearnError::Empty {
                        what: "the list of tracks of these genres",
                    }));
                };
                if made(&other) {
                    return Ok(Ok(None));
                }
                let fold = match split.hold_out(&other, test_size, seed) {
                    Ok(fold) => fold,
                    Err(error) => return Ok(Err(error)),
                };
                learn_error(genre_set(&name, &other, &fold, methods, seed).map(Some))
            })?;
            match set {
                Ok(set) => sets.extend(set),
                Err(error) => self.note(&format!(
                    "The genres {choice} were not compared: {}",
                    sentence(&error)
                )),
            }
        }
        Ok(sets)
    }

    fn time_is_spent(&self) -> bool {
        let spent = self.started.elapsed().as_secs_f64();
        self.options
            .time_budget_seconds
            .is_some_and(|budget| spent > budget)
    }

    fn provenance(self, began: u64) -> Provenance {
        let tables: Vec<TableSource> = self
            .store
            .manifest()
            .tables
            .iter()
            .map(|(table, entry)| TableSource {
                table: table.name().to_owned(),
                n_rows: entry.report.rows,
                n_rejected: entry.report.rejected,
                n_bytes: entry.source.size,
                blake3: entry.source.blake3.clone(),
            })
            .collect();
        let mut fingerprint = blake3::Hasher::new();
        for table in &tables {
            fingerprint.update(format!("{} {}\n", table.table, table.blake3).as_bytes());
        }
        Provenance {
            program: "cratedigger".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command_line: self.options.command_line.clone(),
            seed: self.options.seed,
            data_source: self.options.data_source.clone(),
            data_fingerprint: fingerprint.finalize().to_hex().to_string(),
            tables,
            synthetic: self.options.synthetic.clone(),
            time_budget_seconds: self.options.time_budget_seconds,
            generated_unix_seconds: began,
            total_seconds: self.started.elapsed().as_secs_f64(),
            sections: self.sections,
        }
    }
}

/// An error of a method apart from all others.
fn learn_error<T>(result: Result<T>) -> Result<std::result::Result<T, LearnError>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(StudyError::Learn(error)) => Ok(Err(error)),
        Err(error) => Err(error),
    }
}

impl Learnt {
    fn nothing(reason: String) -> Self {
        Self {
            skipped: Some(reason),
            ..Self::default()
        }
    }
}
