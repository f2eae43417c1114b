//! The frames of many files: found, computed in parallel, appended to the cache in a fixed order. Killed at any moment, it goes on
//! where it stopped, and what comes out is the same, byte by byte.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::{BatchOptions, Error as AudioError, FrameRecipe, Input, Order, batch};
use cratedigger_files::csv::push_field;
use serde::Serialize;

use super::cache::FrameCache;
use super::folder::{
    ATTEMPTS_FILE, FAILURES_FILE, INDEX_FILE, RECIPE_FILE, TABLE_FILE, data_file, folder_name,
};
use super::half_precision;
use super::numbers::Numbers;
use super::record::{IndexHead, Stored};
use crate::embedding::Recording;
use crate::error::{Context, Error, Result};
use crate::extract::{
    FileState, Heard, Inputs, Journal, Noted, Outcome, Unread, largest_first, lock, refused, write_failures,
};
use crate::helper::{FrameExtraction, Pieces, Strikes};
use crate::listener::{Listener, Unit};
use crate::objects::{Outage, Recordings};
use crate::write::write_whole;

/// Files whose frames may wait for an earlier one, for each thread: an hour of sound is some 40 MB.
const WINDOW: usize = 4;

/// What is to be computed, and where to.
pub struct Job<'a> {
    /// The recipe and its limits, and where decoders run.
    pub extraction: &'a FrameExtraction,
    /// The files.
    pub inputs: Inputs,
    /// The folder of caches.
    pub out: &'a Path,
    /// Threads.
    pub batch: BatchOptions,
    /// Whether the numbers that are there are read and compared with their hashes first; what is damaged is done again.
    pub verify: bool,
}

/// What became of the files, and what the cache has now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The folder of the recipe.
    pub folder: PathBuf,
    /// Recordings that were computed.
    pub n_new: usize,
    /// Of them, those whose name another file had, or this one before it was changed.
    pub n_replaced: usize,
    /// Recordings that were there.
    pub n_kept: usize,
    /// Files without frames, by path.
    pub failed: Vec<Unread>,
    /// The table of the latter, where there are any.
    pub failures: Option<PathBuf>,
    /// Recordings of this job that lost some of their sound, no more than the limit.
    pub n_with_loss: usize,
    /// Recordings of the cache.
    pub n_recordings: usize,
    /// Their frames.
    pub n_frames: u64,
    /// Bytes of the files of numbers.
    pub bytes: u64,
    /// Bytes of them that no recording uses any more.
    pub unused_bytes: u64,
}

/// What is computed of one file.
struct Computed {
    bytes: Vec<u8>,
    n_frames: u64,
    digest: [u8; 32],
    heard: Heard,
}

/// Computes the frames of all files of a job that the cache does not have yet.
///
/// # Errors
/// The cache is in use, of another layout, or cannot be written to. What was computed is then kept.
pub fn run(job: &Job<'_>, listener: &dyn Listener) -> Result<Report> {
    for told in job.inputs.told() {
        listener.say(&told);
    }
    let recipe = job.extraction.recipe();
    let folder = job.out.join(folder_name(recipe));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    describe(recipe, &folder)?;
    let damaged = damaged(&folder, job, listener);
    let mut there: HashMap<String, Stored> = HashMap::new();
    let mut ends: BTreeMap<u32, u64> = BTreeMap::new();
    let n_bands = recipe.n_bands();
    let mut journal = Journal::<Stored>::resume(
        &folder.join(INDEX_FILE),
        &IndexHead::of(&recipe.to_string()),
        &mut |record| match record.outcome {
            Outcome::Done(stored) => {
                let end = ends.entry(stored.file).or_default();
                *end = (*end).max(stored.extent(n_bands).map_or(0, |(_, end)| end));
                there.insert(record.id, stored);
            }
            Outcome::Failed { .. } => {
                there.remove(&record.id);
            }
            Outcome::Begun | Outcome::EndedHelper => {}
        },
    )?;
    let mut numbers = Numbers::open(&folder, &ends)?;

    let states: Vec<FileState> = job.inputs.files.iter().map(|f| job.inputs.state(f)).collect();
    let max_lost = job.extraction.decoding().limits().max_lost;
    let is_done = |i: usize| {
        let file = &job.inputs.files[i];
        let same = journal
            .entry(&file.id)
            .is_some_and(|entry| entry.is_of(&file.path, states[i]));
        let kept = there.get(&file.id).filter(|_| same);
        kept.is_some_and(|stored| stored.heard.lost_share() <= max_lost)
            && !damaged.contains(&RowId::from(file.id.as_str()))
    };
    let mut open: Vec<usize> = (0..states.len()).filter(|&i| !is_done(i)).collect();
    let mut report = Report {
        n_kept: states.len() - open.len(),
        ..Report::default()
    };
    let bar = listener.begin("computing frames".into(), Unit::Bytes);
    let total = open.iter().map(|&i| states[i].size).sum();
    let (mut n_files, mut done) = (report.n_kept, 0);
    let tell = |n_files: usize, done: u64| {
        bar.tell(format!("computing frames, {n_files} of {} files", states.len()));
        bar.set(done, total);
    };
    tell(n_files, done);
    let mut killers = Vec::new();
    let attempts = Journal::<Stored>::resume(
        &folder.join(ATTEMPTS_FILE),
        &IndexHead::of(&recipe.to_string()),
        &mut |_| {},
    )?;
    open.retain(|&i| {
        let (input, decoding) = (&job.inputs.files[i], job.extraction.decoding());
        let refused = refused(&attempts, input, states[i], decoding);
        killers.extend(refused.map(|reason| Unread {
            path: input.path.clone(),
            stage: "decode".to_owned(),
            reason: reason.to_owned(),
        }));
        refused.is_none()
    });
    if job.batch.order == Order::LargestFirst {
        let order = largest_first(open.iter().map(|&i| states[i].size));
        open = order.into_iter().map(|at| open[at]).collect();
    }
    let pending: Vec<Input> = open.iter().map(|&i| job.inputs.files[i].clone()).collect();
    let limits = job.extraction.decoding().limits();
    let recordings = Recordings::begin(&job.inputs.objects, &pending, limits);
    let mut failures: Vec<Unread> = [&job.inputs.unread[..], &killers].concat();
    let mut stopped = None;
    let attempts = Mutex::new(attempts);
    let work = |path: &Path| {
        recordings.with(path, |at, recording| {
            let decoding = job.extraction.decoding();
            let mut noted = Noted::begin(&attempts, &pending[at], states[open[at]], decoding);
            compute(job.extraction, recording, &mut noted).map(Ok)
        })
    };
    let mut outage = Outage::default();
    batch(&pending, job.batch.order(Order::AsGiven), WINDOW, work, |row| {
        let (input, state) = (&pending[row.index], states[open[row.index]]);
        let outcome = row.outcome.flatten();
        if outage.ends_after(outcome.as_ref().err().map(|failure| failure.stage)) {
            stopped = outcome.err().map(|failure| Error::Outage(failure.reason));
            return ControlFlow::Break(());
        }
        let kept = match outcome {
            Ok(computed) => {
                report.n_new += 1;
                report.n_replaced += usize::from(there.contains_key(&input.id));
                append(&mut numbers, &mut journal, input, state, computed)
            }
            Err(failure) => {
                failures.push(Unread {
                    path: input.path.clone(),
                    stage: failure.stage.to_owned(),
                    reason: failure.reason.clone(),
                });
                let failed = Outcome::Failed {
                    stage: failure.stage.to_owned(),
                    reason: failure.reason,
                };
                // It did not end this process.
                if !job.extraction.decoding().has_helpers() {
                    let _ = lock(&attempts).append(input, state, &failed);
                }
                // What another file of this name had given is not this one's.
                match there.contains_key(&input.id) {
                    true => journal.append(input, state, &failed),
                    false => Ok(()),
                }
            }
        };
        if let Err(error) = kept {
            stopped = Some(error);
            return ControlFlow::Break(());
        }
        n_files += 1;
        done += state.size;
        tell(n_files, done);
        ControlFlow::Continue(())
    });
    drop(bar);
    if let Some(error) = stopped {
        let what = match &error {
            Error::Outage(_) => {
                "what was computed before is kept: run the same command again when the store answers"
            }
            _ => "what was computed before is kept: free some space and run the same command again",
        };
        return Err(Error::Doing {
            what: what.to_owned(),
            source: Box::new(error),
        });
    }
    numbers.sync()?;
    drop(journal);
    attempts
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .remove()?;
    failures.sort_by(|a, b| (&a.path, &a.stage).cmp(&(&b.path, &b.stage)));
    report.failures = write_failures(&folder.join(FAILURES_FILE), &failures)?;
    report.failed = failures;
    finish(&folder, &job.inputs, numbers.bytes(), report)
}

/// The recordings of the cache whose numbers are not what they were, or not all there; none where there is no cache yet.
fn damaged(folder: &Path, job: &Job<'_>, listener: &dyn Listener) -> HashSet<RowId> {
    let Ok(cache) = FrameCache::open(folder, None) else {
        return HashSet::new();
    };
    let mut damaged: HashSet<RowId> = cache.unusable().iter().map(|wrong| wrong.id.clone()).collect();
    if job.verify {
        let all: Vec<usize> = (0..cache.ids().len()).collect();
        let wrong = cache.verify(&all, job.batch.n_threads, listener);
        damaged.extend(wrong.into_iter().map(|wrong| wrong.id));
    }
    if !damaged.is_empty() {
        listener.say(&format!(
            "{}: {} recordings are damaged; those among the inputs are computed again",
            folder.display(),
            damaged.len()
        ));
    }
    damaged
}

fn compute(
    extraction: &FrameExtraction,
    recording: Recording<'_>,
    strikes: &mut dyn Strikes,
) -> std::result::Result<Computed, AudioError> {
    let mut kept = Keeping::default();
    let info = match recording {
        Recording::Path(path) => extraction.path(path, strikes, &mut kept)?,
        Recording::Bytes(bytes) => extraction.bytes_into(bytes, strikes, &mut kept)?,
    };
    Ok(Computed {
        bytes: kept.bytes,
        n_frames: (kept.n_values / extraction.recipe().n_bands()) as u64,
        digest: *kept.hash.finalize().as_bytes(),
        heard: info.into(),
    })
}

/// Frames as they are kept.
#[derive(Default)]
struct Keeping {
    bytes: Vec<u8>,
    hash: blake3::Hasher,
    single: Vec<u8>,
    n_values: usize,
}

impl Pieces for Keeping {
    fn again(&mut self) {
        *self = Self::default();
    }

    fn push(&mut self, values: &[f32]) {
        half_precision::push(values, &mut self.bytes);
        self.single.clear();
        self.single.extend(
            values
                .iter()
                .flat_map(|&value| half_precision::round(value).to_le_bytes()),
        );
        self.hash.update(&self.single);
        self.n_values += values.len();
    }
}

/// Numbers first, then the record that says where they are.
fn append(
    numbers: &mut Numbers,
    journal: &mut Journal<Stored>,
    input: &Input,
    state: FileState,
    computed: Computed,
) -> Result<()> {
    let (file, offset) = numbers.append(&computed.bytes)?;
    let stored = Stored {
        path: input.path.to_string_lossy().into_owned(),
        file,
        offset,
        n_frames: computed.n_frames,
        digest: computed.digest,
        heard: computed.heard,
    };
    journal.append(input, state, &Outcome::Done(stored))
}

/// Says beside the numbers what they are.
fn describe(recipe: &FrameRecipe, folder: &Path) -> Result<()> {
    #[derive(Serialize)]
    struct Description<'a> {
        note: &'a str,
        recipe: &'a str,
        kind: &'a str,
        n_bands: usize,
        dtype: &'a str,
    }
    let mut text = serde_json::to_vec_pretty(&Description {
        note: "Frames of recordings, one recording behind the other, one frame behind the other, n_bands numbers each; \
               recordings.csv tells where each begins.",
        recipe: &recipe.to_string(),
        kind: recipe.kind(),
        n_bands: recipe.n_bands(),
        dtype: "<f2",
    })?;
    text.push(b'\n');
    let path = folder.join(RECIPE_FILE);
    match std::fs::read(&path).is_ok_and(|found| found == text) {
        true => Ok(()),
        false => write_whole(&path, &text),
    }
}

/// Reads the cache as others will, writes the table of its recordings, and counts.
fn finish(folder: &Path, inputs: &Inputs, bytes: u64, mut report: Report) -> Result<Report> {
    let cache = FrameCache::open(folder, None)?;
    let rows = cache.table();
    let mut text = format!("id,path,file,offset,n_frames,blake3,{}\n", Heard::FIELDS).into_bytes();
    let mut used = 0;
    for (id, stored, length) in rows {
        push_field(&mut text, &id.to_string());
        text.push(b',');
        push_field(&mut text, &stored.path);
        let file = data_file(Path::new(""), stored.file);
        let digest = blake3::Hash::from_bytes(stored.digest).to_hex();
        let rest = format!(
            ",{},{},{},{digest},{}\n",
            file.display(),
            stored.offset,
            stored.n_frames,
            stored.heard.fields()
        );
        text.extend(rest.into_bytes());
        used += length;
        report.n_recordings += 1;
        report.n_frames += stored.n_frames;
    }
    write_whole(&folder.join(TABLE_FILE), &text)?;
    let of_job = inputs
        .files
        .iter()
        .filter_map(|file| cache.place(&RowId::from(file.id.as_str())));
    report.n_with_loss = of_job.filter(|&at| cache.heard(at).loss().is_some()).count();
    report.folder = folder.to_owned();
    report.bytes = bytes;
    report.unused_bytes = bytes.saturating_sub(used);
    Ok(report)
}
