//! The features of many files: found, extracted in parallel, kept in a journal until all are there, then sorted and
//! written. Killed at any moment, it goes on where it stopped, and what comes out is the same, byte by byte.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::attempts::{Noted, lock, refused};
use super::beside::Beside;
use super::failures;
use super::file_state::FileState;
use super::heard::{self, Heard, heard_path};
use super::inputs::{Inputs, Unread};
use super::journal::Journal;
use super::record::{Entry, Outcome};
use super::values::{Job as JournalJob, Values};
use crate::error::{Error, Result, refuse};
use crate::listener::{Listener, Unit};
use cratedigger_catalog::feature_table::{FeatureFormat, FeatureNotes, FeatureWriter, RowId};
use cratedigger_features::{BatchOptions, Input, Order, batch};

use super::in_memory::{WINDOW, largest_first};
use crate::embedding::{self, Analyser, Describer};
use crate::helper::Extraction;
use crate::objects::{OUTAGE, Outage, Recordings};

/// What is to be extracted, and where to.
pub struct Job<'a> {
    /// The recipe and its limits, and where decoders run.
    pub extraction: &'a Extraction,
    /// What describes the recordings beside the 518 features.
    pub embedding: Option<Arc<dyn Describer>>,
    /// The files.
    pub inputs: Inputs,
    /// The file of features.
    pub out: &'a Path,
    /// Its format.
    pub format: FeatureFormat,
    /// Threads.
    pub batch: BatchOptions,
    /// What to do with a journal that is there.
    pub journal: Begin,
    /// Whether this is a part of a larger set of rows.
    pub part: Option<PartOf>,
}

/// What must be the same in all parts of a set of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// Whether every row of the set is called by a track number.
    pub tracks_only: bool,
    /// What the part says of itself, as JSON; the number of its rows and failures is added.
    pub about: serde_json::Map<String, serde_json::Value>,
}

/// How to begin where an earlier run was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// There must be no interrupted run.
    New,
    /// Go on with it.
    Resume,
    /// Forget it.
    Over,
}

/// How far an extraction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    /// Files that are done, those of an interrupted run included.
    n_files: usize,
    /// All files.
    n_total: usize,
    /// Bytes of the files that this run has done.
    done: u64,
    /// Bytes of all files that this run has to do.
    total: u64,
}

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows of features.
    pub n_done: usize,
    /// Of them, rows that an interrupted run had made.
    pub n_resumed: usize,
    /// Files without features.
    pub n_failed: usize,
    /// The table of the latter, where there are any.
    pub failures: Option<PathBuf>,
    /// Rows of recordings that lost some of their sound, no more than the limit.
    pub n_with_loss: usize,
    /// The table of what was heard of each row, where there are rows.
    pub heard: Option<PathBuf>,
}

/// Extracts all files of a job, with a progress bar, and writes the file of features and that of failures.
///
/// With not one row of features no file of features is written.
///
/// # Errors
/// The journal of another run stands in the way, or the files cannot be written, which is found out before anything is extracted
/// as far as it can. What was extracted is kept.
pub fn run(job: Job<'_>, listener: &dyn Listener) -> Result<Report> {
    for told in job.inputs.told() {
        listener.say(&told);
    }
    let bar = listener.begin("extracting".into(), Unit::Bytes);
    run_steps(job, &mut |step| {
        bar.tell(format!("extracting, {} of {} files", step.n_files, step.n_total));
        bar.set(step.done, step.total);
    })
}

fn run_steps(job: Job<'_>, on_step: &mut dyn FnMut(Step)) -> Result<Report> {
    let partial = partial_path(job.out);
    let (failures_table, heard_table) = (failures_path(job.out), heard_path(job.out));
    let heard_header = heard::header();
    let tables = [
        Beside::new(&failures_table, failures::HEADER)?,
        Beside::new(&heard_table, &heard_header)?,
    ];
    let analyser = Analyser::new(job.extraction, job.embedding.as_ref());
    // Made to see that it can be, and dropped.
    writer(&job, &analyser, false, (0, 0))?;
    let limits = job.extraction.limits();
    let about = JournalJob {
        recipe: job.extraction.recipe().version().to_owned(),
        max_duration_s: limits.max_duration_s,
        max_bytes: limits.max_bytes,
        max_lost: limits.max_lost,
        embedding: match analyser.cards() {
            [card, ..] => format!("{} {} {}", card.name, card.hash, card.contract),
            [] => String::new(),
        },
    };
    let mut journal = match job.journal {
        Begin::New if partial.exists() => {
            refuse!(
                Journal,
                "{} is left of an extraction that was interrupted. Go on with --resume, or begin again with --restart",
                partial.display()
            );
        }
        Begin::New | Begin::Over => Journal::create(&partial, &about)?,
        Begin::Resume => Journal::resume(&partial, &about, &mut |_| {})?,
    };

    let states: Vec<FileState> = job.inputs.files.iter().map(|f| job.inputs.state(f)).collect();
    let is_done = |i: usize| {
        journal
            .entry(&job.inputs.files[i].id)
            .is_some_and(|entry| entry.is_of(&job.inputs.files[i].path, states[i]))
    };
    let mut open: Vec<usize> = (0..states.len()).filter(|&i| !is_done(i)).collect();
    let n_before = states.len() - open.len();
    refuse_killers(&job, &mut journal, &states, &mut open)?;
    let total = open.iter().map(|&i| states[i].size).sum();
    let mut step = Step {
        n_files: states.len() - open.len(),
        n_total: states.len(),
        done: 0,
        total,
    };
    on_step(step);
    if job.batch.order == Order::LargestFirst {
        let order = largest_first(open.iter().map(|&i| states[i].size));
        open = order.into_iter().map(|at| open[at]).collect();
    }
    let pending: Vec<Input> = open.iter().map(|&i| job.inputs.files[i].clone()).collect();
    let recordings = Recordings::begin(&job.inputs.objects, &pending, limits);
    let mut failed = None;
    let journal = Mutex::new(journal);
    let work = |path: &Path| {
        recordings.with(path, |at, recording| {
            let mut noted = Noted::begin(
                &journal,
                &pending[at],
                states[open[at]],
                job.extraction.decoding(),
            );
            analyser.analyse(recording, &mut noted)
        })
    };
    let mut outage = Outage::default();
    // Not to be had, which another run may find otherwise: in the journal when all are through, so that a run that ends before tries
    // them again.
    let mut not_had: Vec<(usize, Outcome<Values>)> = Vec::new();
    let batch_options = job.batch.order(Order::AsGiven);
    batch(&pending, batch_options, WINDOW, work, |row| {
        let state = states[open[row.index]];
        let outcome = row.outcome.flatten();
        let stage = outcome.as_ref().err().map(|failure| failure.stage);
        if outage.ends_after(stage) {
            failed = outcome.err().map(|failure| Error::Outage(failure.reason));
            return ControlFlow::Break(());
        }
        let outcome = match outcome {
            Ok(analysed) => Outcome::Done(Values {
                values: analysed.values,
                heard: analysed.info.into(),
            }),
            Err(failure) => Outcome::Failed {
                stage: failure.stage.to_owned(),
                reason: failure.reason,
            },
        };
        let outcome = (row.index, outcome);
        if stage == Some(OUTAGE) {
            not_had.push(outcome);
        } else if let Err(error) = append_all(&journal, &pending, &open, &states, &mut vec![outcome]) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        step.n_files += 1;
        step.done += state.size;
        on_step(step);
        ControlFlow::Continue(())
    });
    if failed.is_none() {
        failed = append_all(&journal, &pending, &open, &states, &mut not_had).err();
    }
    if let Some(error) = failed {
        let again = match &job.part {
            Some(_) => "give the same command again",
            None => "go on with --resume",
        };
        let what = match &error {
            Error::Outage(_) => {
                format!("what was extracted before is kept: {again} when the store answers again")
            }
            _ => format!("what was extracted before is kept: free some space and {again}"),
        };
        return Err(Error::Doing {
            what,
            source: Box::new(error),
        });
    }
    let mut journal = journal.into_inner().unwrap_or_else(PoisonError::into_inner);
    let report = write(&job, &analyser, tables, &mut journal, n_before)?;
    journal.remove()?;
    Ok(report)
}

/// Notes what became of files.
fn append_all(
    journal: &Mutex<Journal<Values>>,
    pending: &[Input],
    open: &[usize],
    states: &[FileState],
    outcomes: &mut Vec<(usize, Outcome<Values>)>,
) -> Result<()> {
    let mut journal = lock(journal);
    for (at, outcome) in outcomes.drain(..) {
        journal.append(&pending[at], states[open[at]], &outcome)?;
    }
    Ok(())
}

/// Notes the failure of files that are not tried any more.
fn refuse_killers(
    job: &Job<'_>,
    journal: &mut Journal<Values>,
    states: &[FileState],
    open: &mut Vec<usize>,
) -> Result<()> {
    let mut kept = Vec::with_capacity(open.len());
    for &i in open.iter() {
        let input = &job.inputs.files[i];
        match refused(journal, input, states[i], job.extraction.decoding()) {
            None => kept.push(i),
            Some(reason) => {
                let failure = Outcome::Failed {
                    stage: "decode".to_owned(),
                    reason: reason.to_owned(),
                };
                journal.append(input, states[i], &failure)?;
            }
        }
    }
    *open = kept;
    Ok(())
}

/// Rows in the order of their ids, and failures in that of paths.
fn write(
    job: &Job<'_>,
    analyser: &Analyser<'_>,
    [failures_table, heard_table]: [Beside<'_>; 2],
    journal: &mut Journal<Values>,
    n_before: usize,
) -> Result<Report> {
    let mut rows: Vec<(RowId, Entry)> = Vec::new();
    let mut failures: Vec<Unread> = job.inputs.unread.clone();
    for file in &job.inputs.files {
        let Some(entry) = journal.entry(&file.id) else {
            continue;
        };
        if entry.is_failure() {
            let Outcome::Failed { stage, reason } = journal.read(entry)? else {
                continue;
            };
            failures.push(Unread {
                path: file.path.clone(),
                stage,
                reason,
            });
        } else {
            rows.push((RowId::from(file.id.as_str()), entry));
        }
    }
    rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    failures.sort_by(|a, b| (&a.path, &a.stage).cmp(&(&b.path, &b.stage)));

    let mut heard: Vec<(RowId, Heard)> = Vec::with_capacity(rows.len());
    if !rows.is_empty() || job.part.is_some() {
        let tracks_only = match &job.part {
            Some(part) => part.tracks_only,
            None => rows.iter().all(|(id, _)| matches!(id, RowId::Track(_))),
        };
        let mut writer = writer(job, analyser, tracks_only, (rows.len(), failures.len()))?;
        for (id, entry) in &rows {
            match journal.read(*entry)? {
                Outcome::Done(Values {
                    values,
                    heard: of_row,
                }) => {
                    writer.push(id, &values)?;
                    heard.push((id.clone(), of_row));
                }
                Outcome::Failed { .. } | Outcome::Begun | Outcome::EndedHelper => {}
            }
        }
        writer.finish()?;
    }
    heard_table.replace(&heard::table(&heard))?;
    failures_table.replace(&failures::lines(&failures))?;
    Ok(Report {
        n_done: rows.len(),
        n_resumed: n_before.min(rows.len()),
        n_failed: failures.len(),
        failures: (!failures.is_empty()).then(|| failures_path(job.out)),
        n_with_loss: heard.iter().filter(|(_, heard)| heard.loss().is_some()).count(),
        heard: (!heard.is_empty()).then(|| heard_path(job.out)),
    })
}

/// A file of features for rows of this job.
fn writer(
    job: &Job<'_>,
    analyser: &Analyser<'_>,
    tracks_only: bool,
    (n_rows, n_failed): (usize, usize),
) -> Result<FeatureWriter> {
    let names = analyser.columns();
    let embeddings = embedding::write(analyser.cards())?;
    let part = job.part.as_ref().map(|part| {
        let mut about = part.about.clone();
        about.insert("n_rows".to_owned(), n_rows.into());
        about.insert("n_failed".to_owned(), n_failed.into());
        serde_json::Value::Object(about).to_string()
    });
    let notes = FeatureNotes {
        recipe: job.extraction.recipe().version(),
        embeddings: embeddings.as_deref(),
        part: part.as_deref(),
    };
    Ok(FeatureWriter::with_notes(
        job.out,
        job.format,
        &names,
        notes,
        tracks_only,
    )?)
}

/// `clips.failures.csv` beside `clips.parquet`.
pub fn failures_path(out: &Path) -> PathBuf {
    out.with_extension("failures.csv")
}

/// The journal of an extraction into `out`.
pub fn partial_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_audio::wav;
    use cratedigger_catalog::feature_table;
    use cratedigger_features::{Extractor, N_COLUMNS, Recipe};

    #[test]
    fn rows_of_an_interrupted_run_are_kept_unless_their_file_changed() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("f.csv");
        wav(&dir.path().join("000001.wav"), 50, 12_000);
        wav(&dir.path().join("000002.wav"), 60, 12_000);
        let extractor = Extractor::new(Recipe::Fma);
        let inputs = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
        let about = JournalJob {
            recipe: Recipe::Fma.version().to_owned(),
            max_duration_s: extractor.limits().max_duration_s,
            max_bytes: extractor.limits().max_bytes,
            max_lost: extractor.limits().max_lost,
            embedding: String::new(),
        };
        // What a run that was killed before its last step left, with values that no sound has.
        let mut journal = Journal::create(&partial_path(&out), &about).unwrap();
        for file in &inputs.files {
            journal
                .append(
                    file,
                    FileState::of(&file.path),
                    &Outcome::Done(Values {
                        values: vec![7.0; N_COLUMNS],
                        heard: Heard {
                            sample_rate: 8000,
                            n_channels: 1,
                            n_samples: 100,
                            n_bad_packets: 1,
                            n_lost: 1,
                            n_trimmed: 0,
                            n_told: None,
                        },
                    }),
                )
                .unwrap();
        }
        drop(journal);
        std::thread::sleep(std::time::Duration::from_millis(20));
        wav(&dir.path().join("000001.wav"), 70, 12_000);

        let mut steps = Vec::new();
        let report = run_steps(
            Job {
                extraction: &Extraction::in_process(extractor),
                embedding: None,
                inputs,
                out: &out,
                format: FeatureFormat::Csv,
                batch: BatchOptions::default(),
                journal: Begin::Resume,
                part: None,
            },
            &mut |step| steps.push((step.n_files, step.n_total, step.done == step.total)),
        )
        .unwrap();
        assert_eq!((report.n_done, report.n_resumed, report.n_failed), (2, 1, 0));
        assert_eq!(steps, [(1, 2, false), (2, 2, true)]);
        let table = feature_table::read(&out).unwrap();
        let fresh = Extractor::new(Recipe::Fma)
            .extract_path(dir.path().join("000001.wav"))
            .unwrap();
        assert_eq!(table.row(0), fresh.values());
        assert_eq!(table.row(1), vec![7.0; N_COLUMNS]);
        assert_eq!(report.n_with_loss, 1);
        let heard = std::fs::read_to_string(report.heard.unwrap()).unwrap();
        assert!(
            heard.contains("\n1,22050,1,12000,0,0,0.0,0,12000\n2,8000,1,100,1,1,"),
            "{heard}"
        );
    }
}
