//! A cache that is there, as a source of frames.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::FrameRecipe;
use cratedigger_learn::{FrameSource, LearnError};

use super::folder::{INDEX_FILE, data_file, recipes_in};
use super::half_precision;
use super::positioned::read_at;
use super::record::{IndexHead, Stored};
use crate::error::{Result, refuse};
use crate::extract::{Heard, Outcome, look};
use crate::listener::{Listener, Unit};

/// Frames that are read at a time where all of a recording are.
const FRAMES_AT_A_TIME: usize = 4096;

/// The frames of recordings by one recipe.
pub struct FrameCache {
    folder: PathBuf,
    recipe: String,
    n_bands: usize,
    recordings: Vec<Recording>,
    places: HashMap<RowId, usize>,
    files: Vec<Option<File>>,
    unusable: Vec<Unusable>,
    n_behind: u64,
}

/// One recording.
struct Recording {
    id: RowId,
    stored: Stored,
    n_frames: usize,
}

/// A recording of the index that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// What it is called.
    pub id: RowId,
    /// Why.
    pub reason: String,
}

impl FrameCache {
    /// Opens the frames of `recipe`, or those of the only recipe that is there. Checksums of the index and lengths of the files
    /// of numbers are looked at; the numbers themselves by [`FrameCache::verify`].
    ///
    /// # Errors
    /// `Input` where there is none, or several to choose from; `Journal` where the index is none. One recording that cannot be
    /// used is in [`FrameCache::unusable`].
    pub fn open(path: &Path, recipe: Option<&str>) -> Result<Self> {
        let folders = recipes_in(path)?;
        if folders.is_empty() {
            refuse!(
                Input,
                "{} is no cache of frames: `cratedigger mel PATH --out CACHE` makes one",
                path.display()
            );
        }
        if let (None, [_, _, ..]) = (recipe, folders.as_slice()) {
            let names: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
            refuse!(
                Input,
                "{} has frames of {} recipes; name one of {}",
                path.display(),
                folders.len(),
                names.join(", ")
            );
        }
        let mut others = Vec::new();
        for folder in &folders {
            let cache = Self::open_folder(folder)?;
            if recipe.is_none_or(|recipe| recipe == cache.recipe) {
                return Ok(cache);
            }
            others.push(format!("`{}`", cache.recipe));
        }
        refuse!(
            Input,
            "{} has frames by {}, not by `{}`; compute them by `cratedigger mel` with its parameters",
            path.display(),
            others.join(" and "),
            recipe.unwrap_or_default()
        )
    }

    fn open_folder(folder: &Path) -> Result<Self> {
        let index = folder.join(INDEX_FILE);
        let mut last: HashMap<String, Option<Stored>> = HashMap::new();
        let (head, n_behind) = look::<IndexHead, Stored>(&index, &mut |record| {
            let stored = match record.outcome {
                Outcome::Done(stored) => Some(stored),
                Outcome::Failed { .. } => None,
                Outcome::Begun | Outcome::EndedHelper => return,
            };
            last.insert(record.id, stored);
        })?;
        let recipe = match head.recipe.parse::<FrameRecipe>() {
            Ok(recipe) if head.is_known() => recipe,
            _ => refuse!(
                Input,
                "{} has frames by `{}`, which this version of cratedigger does not know",
                folder.display(),
                head.recipe
            ),
        };
        let mut cache = Self {
            folder: folder.to_owned(),
            n_bands: recipe.n_bands(),
            recipe: head.recipe,
            recordings: Vec::new(),
            places: HashMap::new(),
            files: Vec::new(),
            unusable: Vec::new(),
            n_behind,
        };
        let mut stored: Vec<(RowId, Stored)> = last
            .into_iter()
            .filter_map(|(id, stored)| Some((RowId::from(id.as_str()), stored?)))
            .collect();
        stored.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut lengths: BTreeMap<u32, u64> = BTreeMap::new();
        for (id, stored) in stored {
            let length = *lengths.entry(stored.file).or_insert_with(|| {
                let path = data_file(folder, stored.file);
                std::fs::metadata(path).map_or(0, |metadata| metadata.len())
            });
            match usable(&stored, cache.n_bands, length) {
                Ok(n_frames) => cache.recordings.push(Recording { id, stored, n_frames }),
                Err(reason) => cache.unusable.push(Unusable { id, reason }),
            }
        }
        let n_files = lengths.last_key_value().map_or(0, |(&last, _)| last as usize + 1);
        cache.files.resize_with(n_files.min(1 << 20), || None);
        for &number in lengths.keys() {
            if let Some(slot) = cache.files.get_mut(number as usize) {
                *slot = File::open(data_file(folder, number)).ok();
            }
        }
        let places = cache.recordings.iter().enumerate();
        cache.places = places.map(|(at, recording)| (recording.id.clone(), at)).collect();
        Ok(cache)
    }

    /// The folder of the recipe.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What each recording is called, in the order of names.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &RowId> {
        self.recordings.iter().map(|recording| &recording.id)
    }

    /// The recording that is called so.
    pub fn place(&self, id: &RowId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Name, place and bytes of each recording.
    pub(super) fn table(&self) -> impl Iterator<Item = (&RowId, &Stored, u64)> {
        self.recordings.iter().map(|recording| {
            let bytes = 2 * (recording.n_frames * self.n_bands) as u64;
            (&recording.id, &recording.stored, bytes)
        })
    }

    /// The audio file of a recording, as it was named.
    pub fn path(&self, recording: usize) -> &Path {
        Path::new(&self.recordings[recording].stored.path)
    }

    /// What was heard of a recording.
    pub fn heard(&self, recording: usize) -> Heard {
        self.recordings[recording].stored.heard
    }

    /// Recordings of the index whose numbers are not all there.
    pub fn unusable(&self) -> &[Unusable] {
        &self.unusable
    }

    /// What a person should know of a cache that is not whole; `None` where it is.
    pub fn damage(&self) -> Option<String> {
        let folder = self.folder.display();
        match (self.unusable.first(), self.n_behind) {
            (None, 0) => None,
            (Some(first), _) => Some(format!(
                "{folder}: {} of the recordings cannot be used ({}: {}); `cratedigger mel` with the same parameters computes them again",
                self.unusable.len(),
                first.id,
                first.reason
            )),
            (None, n) => Some(format!(
                "{folder}: the index ends with {n} bytes that are no record, as an interruption leaves them; \
                 `cratedigger mel` with the same parameters goes on"
            )),
        }
    }

    /// Reads the numbers of these recordings, by several threads, and compares them with their hashes. Returns those that are not
    /// what they were, which must not be used.
    pub fn verify(
        &self,
        recordings: &[usize],
        jobs: Option<NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Vec<Unusable> {
        let n_threads = jobs
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get);
        let bytes = |&at: &usize| 2 * (self.recordings[at].n_frames * self.n_bands) as u64;
        let total = recordings.iter().map(bytes).sum();
        let job = listener.begin("checking frames".into(), Unit::Bytes);
        let (next, done) = (AtomicUsize::new(0), Mutex::new((0, Vec::new())));
        std::thread::scope(|scope| {
            for _ in 0..n_threads.min(recordings.len()) {
                scope.spawn(|| {
                    while let Some(at) = recordings.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let wrong = self.wrong(*at);
                        let Ok(mut done) = done.lock() else { return };
                        done.0 += bytes(at);
                        done.1.extend(wrong);
                        job.set(done.0, total);
                    }
                });
            }
        });
        let mut wrong = done.into_inner().map(|done| done.1).unwrap_or_default();
        wrong.sort_by(|a: &Unusable, b| a.id.cmp(&b.id));
        wrong
    }

    /// The same, where none may be wrong.
    ///
    /// # Errors
    /// `Input` with the first that is.
    pub fn whole(
        &self,
        recordings: &[usize],
        jobs: Option<NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Result<()> {
        let wrong = self.verify(recordings, jobs, listener);
        if let Some(first) = wrong.first() {
            refuse!(
                Input,
                "{}: {} of {} recordings are damaged ({}: {}); `cratedigger mel` with the same parameters and --check computes them \
                 again",
                self.folder.display(),
                wrong.len(),
                recordings.len(),
                first.id,
                first.reason
            );
        }
        Ok(())
    }

    /// The same of one recording.
    pub(super) fn wrong(&self, at: usize) -> Option<Unusable> {
        let recording = &self.recordings[at];
        let mut hash = blake3::Hasher::new();
        let mut bytes = Vec::new();
        let mut frames = vec![0.0; FRAMES_AT_A_TIME.min(recording.n_frames) * self.n_bands];
        let reason = (0..recording.n_frames)
            .step_by(FRAMES_AT_A_TIME)
            .find_map(|first| {
                let n = FRAMES_AT_A_TIME.min(recording.n_frames - first);
                let frames = &mut frames[..n * self.n_bands];
                if let Err(error) = self.read(at, first, frames) {
                    return Some(error.to_string());
                }
                bytes.clear();
                bytes.extend(frames.iter().flat_map(|value| value.to_le_bytes()));
                hash.update(&bytes);
                None
            });
        let reason = reason.or_else(|| {
            let same = *hash.finalize().as_bytes() == recording.stored.digest;
            (!same).then(|| "its numbers do not have the checksum that they had".to_owned())
        });
        reason.map(|reason| Unusable {
            id: recording.id.clone(),
            reason,
        })
    }
}

/// The number of frames of a recording whose numbers are all there.
fn usable(stored: &Stored, n_bands: usize, file_length: u64) -> std::result::Result<usize, String> {
    let n_frames = usize::try_from(stored.n_frames).ok();
    match (stored.extent(n_bands), n_frames) {
        (Some((_, end)), Some(n_frames)) if end <= file_length => Ok(n_frames),
        (Some((_, end)), _) => Err(format!(
            "file {} has {file_length} bytes, and its numbers end at {end}",
            stored.file
        )),
        (None, _) => Err("its numbers would end beyond any file".to_owned()),
    }
}

impl fmt::Debug for FrameCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameCache({}, {})", self.recipe, self.recordings.len())
    }
}

impl FrameSource for FrameCache {
    fn recipe(&self) -> &str {
        &self.recipe
    }

    fn n_bands(&self) -> usize {
        self.n_bands
    }

    fn n_recordings(&self) -> usize {
        self.recordings.len()
    }

    fn n_frames(&self, recording: usize) -> usize {
        self.recordings
            .get(recording)
            .map_or(0, |recording| recording.n_frames)
    }

    fn read(&self, recording: usize, first: usize, out: &mut [f32]) -> cratedigger_learn::Result<()> {
        let n_bands = self.n_bands;
        let missing = || {
            LearnError::frames(format!(
                "{}: recording {recording} has {} frames of {n_bands} numbers; {} numbers from frame {first} on were asked for",
                self.folder.display(),
                self.n_frames(recording),
                out.len()
            ))
        };
        let found = self.recordings.get(recording).ok_or_else(missing)?;
        let n = out.len() / n_bands;
        if n * n_bands != out.len() || first.checked_add(n).is_none_or(|end| end > found.n_frames) {
            return Err(missing());
        }
        let cannot_read = |reason: String| {
            let file = data_file(&self.folder, found.stored.file);
            LearnError::frames(format!("{} of {}: {reason}", found.id, file.display()))
        };
        let file = self
            .files
            .get(found.stored.file as usize)
            .and_then(Option::as_ref);
        let file = file.ok_or_else(|| cannot_read("the file cannot be opened".to_owned()))?;
        let mut bytes = vec![0; 2 * out.len()];
        let offset = found.stored.offset + 2 * (first * n_bands) as u64;
        read_at(file, &mut bytes, offset).map_err(|error| cannot_read(error.to_string()))?;
        half_precision::read(&bytes, out);
        Ok(())
    }

    fn digest(&self, recording: usize) -> [u8; 32] {
        self.recordings[recording].stored.digest
    }
}
