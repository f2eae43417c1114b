//! An archive of tables, from options to files.

use std::path::Path;

use super::plan::Plan;
use super::tables::write_tables;
use crate::error::{Error, FEWEST_TRACKS, MOST_TRACKS};
use crate::folder::clear;
use crate::marker::write_marker;
use crate::options::{SynthOptions, SynthProgress, SynthReport};

/// Writes a synthetic archive into `dir`, which is made if need be.
///
/// `on_progress` is called after every few thousand rows. Tables of an earlier synthetic archive in `dir` are replaced, all of
/// them; each file appears under its name when it is complete. Memory: some 40 bytes a track and a few thousand rows.
///
/// # Errors
///
/// [`Error::TrackCount`]; [`Error::NotSynthetic`] where `dir` holds a table without [`MARKER_FILE`](crate::MARKER_FILE), before anything is
/// written; [`Error::Write`], [`Error::Parquet`] and [`Error::Arrow`] where a file cannot be written.
pub fn write(
    options: &SynthOptions,
    dir: &Path,
    on_progress: &mut dyn FnMut(SynthProgress),
) -> Result<SynthReport, Error> {
    if !(FEWEST_TRACKS..=MOST_TRACKS).contains(&options.n_tracks) {
        return Err(Error::TrackCount {
            n_tracks: options.n_tracks,
        });
    }
    clear(dir, None)?;
    write_marker(dir, options, None, false)?;
    let plan = Plan::new(options.n_tracks, options.seed);
    let files = write_tables(options, &plan, None, dir, on_progress)?;
    write_marker(dir, options, None, true)?;
    Ok(SynthReport {
        n_artists: plan.artists.len(),
        n_albums: plan.albums.iter().filter(|a| a.id >= 0).count(),
        n_tracks: plan.tracks.len(),
        files,
    })
}
