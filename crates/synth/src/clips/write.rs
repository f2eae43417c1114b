//! An archive that can be played, from options to files.

use std::path::Path;

use super::files;
use super::options::{ClipOptions, ClipProgress, ClipReport};
use super::plan::{CLIP_FOLDER, ClipPlan};
use super::tables::ClipTables;
use crate::archive::write_tables;
use crate::error::Error;
use crate::folder::clear;
use crate::marker::{GENERATOR_VERSION, marker, write_marker};
use crate::options::{SynthFile, SynthOptions};

/// Writes an archive whose tracks can be played into `dir`: tables, and a clip for each track.
///
/// Each file appears under its name when it is complete. If the job is interrupted, the same call goes on where it stopped;
/// with another number of clips it adds or removes what differs, and a `features.csv` that was extracted into `dir` stays.
/// Clips of other options are replaced, all of them, and such a file goes with them.
/// `on_progress` is called on this thread after each clip.
///
/// ```
/// use cratedigger_synth::clips::{self, ClipOptions};
///
/// # let dir = tempfile::tempdir()?;
/// let options = ClipOptions { n_clips: 8, seconds: 1, sample_rate: 22_050, ..ClipOptions::default() };
/// let report = clips::write(&options, dir.path(), &mut |_| {})?;
/// assert_eq!(report.n_made, 8);
/// assert!(dir.path().join("tracks.csv").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::ClipOption`] for a number out of range; [`Error::NotSynthetic`] where `dir` holds tables or clips of other origin,
/// before anything is written; [`Error::Write`], [`Error::Encode`] and those of [`crate::write`](fn@crate::write) where a file
/// cannot be written. The first error ends the work; what was made stays.
pub fn write(
    options: &ClipOptions,
    dir: &Path,
    on_progress: &mut dyn FnMut(ClipProgress),
) -> Result<ClipReport, Error> {
    let plan = ClipPlan::new(options)?;
    let keeps = marker(dir).is_some_and(|marker| {
        marker.version == GENERATOR_VERSION && marker.clips.is_some_and(|old| old.sounds_like(options))
    });
    let tables = begin(&options.of_tables(), &plan, dir, keeps)?;
    let written = files::write(&plan, dir, on_progress)?;
    write_marker(dir, &options.of_tables(), Some(options), true)?;
    Ok(ClipReport {
        n_made: written.n_made,
        n_kept: plan.clips().len() - written.n_made,
        n_artists: plan.n_artists(),
        bytes: written.bytes,
        folder: dir.join(CLIP_FOLDER),
        tables,
    })
}

/// Begins an archive of clips in `dir`: its tables and an incomplete marker. `keeps`: clips of the plan that are there stay.
fn begin(options: &SynthOptions, clips: &ClipPlan, dir: &Path, keeps: bool) -> Result<Vec<SynthFile>, Error> {
    let kept: Vec<_> = clips.clips().iter().map(|clip| dir.join(clip.path())).collect();
    clear(dir, keeps.then_some(kept))?;
    write_marker(dir, options, Some(clips.options()), false)?;
    let tables = ClipTables::new(clips);
    write_tables(options, &tables.plan(), Some(&tables), dir, &mut |_| {})
}
