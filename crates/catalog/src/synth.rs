//! A synthetic archive of the Free Music Archive's shape, of any size, from a seed.
//!
//! [`write`](fn@write) makes `tracks.csv`, `genres.csv` and, on request, `features.csv` and `echonest.csv` in the very formats of the
//! dataset, or the same tables as Parquet. The archive has what the real one has: artists with several albums, a genre tree
//! of which only 47 % of the tracks have one root, gaps that come in pairs, places around the world, features whose classes
//! overlap and whose artists give them away, silent tracks and absurd values. Everything in it is invented but the genre tree,
//! the cities and the proportions, and says so: a file `SYNTHETIC.json` lies beside the tables ([`marker`]).
//!
//! The same options give the same bytes, whatever the number of threads.
//!
//! [`clips::write`](fn@clips::write) makes an archive whose tracks can be played.

pub(crate) mod cells;
pub mod clips;
pub(crate) mod decimal;
mod dims;
mod echonest;
mod genres;
mod labels;
mod missing;
mod moments;
mod output;
mod places;
mod plan;
mod records;
mod sound;
mod stream;
mod text;

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::cells::Cell;
use self::clips::{ClipOptions, ClipPlan, ClipTables};
use self::decimal::Decimal11;
use self::echonest::Echonest;
use self::genres::GENRES;
use self::labels::{Labeller, Labels};
use self::output::{Piece, Table};
use self::plan::Plan;
use self::records::{AlbumRecord, ArtistRecord, TrackRecord, track_cells};
use self::sound::{Habits, Sound};
use crate::schema::{TableId, distributed_columns, feature_columns};

/// Version of the generator: another one gives another archive for the same seed.
pub const GENERATOR_VERSION: u32 = 1;
/// Name of the file that marks an archive as synthetic.
pub const MARKER_FILE: &str = "SYNTHETIC.json";
/// Most tracks of an archive.
const MOST_TRACKS: usize = 10_000_000;
/// Fewest tracks of an archive.
const FEWEST_TRACKS: usize = 10;

/// File format of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As the dataset is distributed.
    Csv,
    /// Parquet (zstd) with the schema that reading the CSV files gives.
    Parquet,
}

/// What archive to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthOptions {
    /// Number of tracks, 10 to 10 million; the real archive has 106,574.
    pub n_tracks: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Write the 518 audio features too (some 9 kB a track as CSV).
    pub with_features: bool,
    /// Write Echonest's features of some 12 % of the tracks too.
    pub with_echonest: bool,
    /// Format of the files.
    pub format: Format,
}

impl Default for SynthOptions {
    /// 2,000 tracks with all tables as CSV, seed 0.
    fn default() -> Self {
        Self {
            n_tracks: 2_000,
            seed: 0,
            with_features: true,
            with_echonest: true,
            format: Format::Csv,
        }
    }
}

/// How far the writing of a table is.
#[derive(Clone, Copy, Debug)]
pub struct SynthProgress {
    /// The table.
    pub table: TableId,
    /// Tracks (of genres: genres) looked at.
    pub done: u64,
    /// All of them.
    pub total: u64,
}

/// A file that was written.
#[derive(Clone, Debug, Serialize)]
pub struct SynthFile {
    /// Where.
    pub path: PathBuf,
    /// Rows, without header lines.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct SynthReport {
    /// Number of artists.
    pub n_artists: usize,
    /// Number of albums, without the tracks that have none.
    pub n_albums: usize,
    /// Number of tracks.
    pub n_tracks: usize,
    /// The tables' files.
    pub files: Vec<SynthFile>,
}

/// What [`MARKER_FILE`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthMarker {
    /// What made the archive.
    pub generator: String,
    /// [`GENERATOR_VERSION`] at that time.
    pub version: u32,
    /// A sentence for people.
    pub note: String,
    /// The options it was made with, seed included.
    pub options: SynthOptions,
    /// The options of its clips, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clips: Option<ClipOptions>,
    /// False while it is being written, and ever after if that was interrupted.
    pub complete: bool,
}

/// Why an archive cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The number of tracks is out of range.
    #[error("cannot make an archive of {n_tracks} tracks; choose {FEWEST_TRACKS} to {MOST_TRACKS}")]
    TrackCount {
        /// The number asked for.
        n_tracks: usize,
    },
    /// The folder holds tables that are not synthetic, which must not be lost or mixed up.
    #[error("{} was not made by the synthetic generator (there is no {MARKER_FILE} beside it); write into another folder, or \
             move it away", path.display())]
    NotSynthetic {
        /// The file that is in the way.
        path: PathBuf,
    },
    /// A number that describes clips is out of range.
    #[error("cannot make {value} {what}; choose {low} to {high}")]
    ClipOption {
        /// What it counts.
        what: &'static str,
        /// The number asked for.
        value: u64,
        /// The smallest possible.
        low: u64,
        /// The largest possible.
        high: u64,
    },
    /// A clip cannot be encoded.
    #[error("cannot encode {}: {reason}", path.display())]
    Encode {
        /// The clip's file.
        path: PathBuf,
        /// What the encoder said.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A Parquet file cannot be written.
    #[error("cannot write a Parquet file: {0}")]
    Parquet(
        /// What the writer of tables said; it names the file.
        #[source]
        Box<crate::Error>,
    ),
    /// Arrow refused the columns of a table.
    #[error("cannot build a batch for {}: {source}", path.display())]
    Arrow {
        /// The file.
        path: PathBuf,
        /// What Arrow said.
        #[source]
        source: arrow::error::ArrowError,
    },
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Write { path, source } => Error::Write { path, source },
            other => Error::Parquet(Box::new(other)),
        }
    }
}

/// Writes a synthetic archive into `dir`, which is made if need be.
///
/// `on_progress` is called after every few thousand rows. Tables of an earlier synthetic archive in `dir` are replaced, all of
/// them; each file appears under its name when it is complete. Memory: some 40 bytes a track and a few thousand rows.
///
/// # Errors
///
/// [`Error::TrackCount`]; [`Error::NotSynthetic`] where `dir` holds a table without [`MARKER_FILE`], before anything is
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

/// Begins an archive of clips in `dir`: its tables and an incomplete marker. `keeps`: clips of the plan that are there stay.
fn write_clip_tables(
    options: &SynthOptions,
    clips: &ClipPlan,
    dir: &Path,
    keeps: bool,
) -> Result<Vec<SynthFile>, Error> {
    clear(dir, keeps.then_some(clips))?;
    write_marker(dir, options, Some(clips.options()), false)?;
    let tables = ClipTables::new(clips);
    write_tables(options, &tables.plan(), Some(&tables), dir, &mut |_| {})
}

/// Writes the tables of a plan.
fn write_tables(
    options: &SynthOptions,
    plan: &Plan,
    clips: Option<&ClipTables<'_>>,
    dir: &Path,
    on_progress: &mut dyn FnMut(SynthProgress),
) -> Result<Vec<SynthFile>, Error> {
    let maker = Maker {
        plan,
        labeller: Labeller::new(plan),
        sound: Sound::new(plan),
        echonest: Echonest::new(),
        clips,
    };
    let table =
        |id: TableId, columns: Vec<String>, first: &'static [&'static str], n_positions: usize| Table {
            id,
            columns,
            first,
            n_positions,
        };
    let n = plan.tracks.len();
    let format = options.format;
    let counts = maker.genre_counts();
    let mut files = vec![
        table(
            TableId::Genres,
            distributed_columns(TableId::Genres),
            &[],
            GENRES.len(),
        )
        .write(
            dir,
            format,
            |range, piece| genre_rows(&counts, range, piece),
            on_progress,
        )?,
        table(
            TableId::Tracks,
            distributed_columns(TableId::Tracks),
            &["", ""],
            n,
        )
        .write(
            dir,
            format,
            |range, piece| maker.track_rows(range, piece),
            on_progress,
        )?,
    ];
    if options.with_echonest {
        let echonest = table(TableId::Echonest, echonest::columns(), &["", "", ""], n);
        files.push(echonest.write(
            dir,
            format,
            |range, piece| maker.echonest_rows(range, piece),
            on_progress,
        )?);
    }
    if options.with_features {
        let features = table(
            TableId::Features,
            feature_columns(),
            &["feature", "statistics", "number"],
            n,
        );
        files.push(features.write(
            dir,
            format,
            |range, piece| maker.feature_rows(range, piece),
            on_progress,
        )?);
    }
    Ok(files)
}

/// What [`MARKER_FILE`] in `dir` says; `None` where there is none.
///
/// A marker that cannot be understood counts as one, so that a damaged file never makes synthetic data look real.
pub fn marker(dir: &Path) -> Option<SynthMarker> {
    let path = dir.join(MARKER_FILE);
    match fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap_or_else(|e| SynthMarker {
            generator: "unknown".to_string(),
            version: 0,
            note: format!("synthetic data; {} cannot be understood: {e}", path.display()),
            options: SynthOptions {
                n_tracks: 0,
                ..SynthOptions::default()
            },
            clips: None,
            complete: false,
        })),
        Err(_) => None,
    }
}

/// Makes `dir` and removes an earlier synthetic archive from it, but for the clips that `keep` has.
fn clear(dir: &Path, keep: Option<&ClipPlan>) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Write { path, source }
    };
    fs::create_dir_all(dir).map_err(failed(dir))?;
    let is_synthetic = dir.join(MARKER_FILE).exists();
    let mut old = Vec::new();
    for id in TableId::ALL {
        // Features beside clips that stay were extracted from these.
        if keep.is_some() && id == TableId::Features {
            continue;
        }
        for format in [Format::Csv, Format::Parquet] {
            let path = output::path_of(dir, id, format);
            if path.exists() {
                if !is_synthetic {
                    return Err(Error::NotSynthetic { path });
                }
                old.push(path);
            }
        }
    }
    let clips = dir.join(clips::CLIP_FOLDER);
    if clips.exists() && !is_synthetic {
        return Err(Error::NotSynthetic { path: clips });
    }
    old.iter()
        .try_for_each(|path| fs::remove_file(path).map_err(failed(path)))?;
    if is_synthetic {
        clips::discard(dir, keep)?;
    }
    Ok(())
}

fn write_marker(
    dir: &Path,
    options: &SynthOptions,
    clips: Option<&ClipOptions>,
    complete: bool,
) -> Result<(), Error> {
    let path = dir.join(MARKER_FILE);
    let marker = SynthMarker {
        generator: "cratedigger synth".to_string(),
        version: GENERATOR_VERSION,
        note: "Synthetic data: every artist, album, track and number here is invented. Do not draw conclusions about music \
               from them."
            .to_string(),
        options: options.clone(),
        clips: clips.cloned(),
        complete,
    };
    let failed = |source| Error::Write {
        path: path.clone(),
        source,
    };
    let mut text = serde_json::to_vec_pretty(&marker).map_err(|e| failed(e.into()))?;
    text.push(b'\n');
    let mut file = crate::store::temporary_file(dir).map_err(failed)?;
    file.write_all(&text).map_err(failed)?;
    output::persist(file, &path).map(|_| ())
}

/// Makes rows of any range of tracks.
struct Maker<'a> {
    plan: &'a Plan,
    labeller: Labeller<'a>,
    sound: Sound<'a>,
    echonest: Echonest,
    clips: Option<&'a ClipTables<'a>>,
}

/// The artist and album of the last track; tracks of one album follow each other.
#[derive(Default)]
struct Records {
    artist: Option<(u32, ArtistRecord)>,
    album: Option<(u32, AlbumRecord)>,
}

impl Maker<'_> {
    /// The genres of a track.
    fn labels(&self, index: usize) -> Labels {
        match self.clips {
            Some(clips) => clips.labels(index),
            None => self.labeller.labels(index),
        }
    }

    /// Tracks of each genre, those of the genres below it included.
    fn genre_counts(&self) -> Vec<i64> {
        let zero = || vec![0i64; GENRES.len()];
        (0..self.plan.tracks.len())
            .into_par_iter()
            .fold(zero, |mut counts, index| {
                for id in self.labels(index).ids_all() {
                    if let Some(g) = genres::index_of(id) {
                        counts[g] += 1;
                    }
                }
                counts
            })
            .reduce(zero, |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                a
            })
    }

    fn with_track<T>(
        &self,
        index: usize,
        with_prose: bool,
        records: &mut Records,
        use_it: impl FnOnce(&Labels, &ArtistRecord, &AlbumRecord, &TrackRecord) -> T,
    ) -> T {
        let planned = &self.plan.tracks[index];
        let labels = self.labels(index);
        let artist = match records.artist.take() {
            Some((of, artist)) if of == planned.artist => artist,
            _ => ArtistRecord::new(self.plan, planned.artist as usize, with_prose),
        };
        let album = match records.album.take() {
            Some((of, album)) if of == planned.album => album,
            _ => AlbumRecord::new(self.plan, planned.album as usize),
        };
        let mut track = TrackRecord::new(self.plan, index, &labels, &artist, &album);
        if let Some(clips) = self.clips {
            clips.amend(&mut track);
        }
        let result = use_it(&labels, &artist, &album, &track);
        records.artist = Some((planned.artist, artist));
        records.album = Some((planned.album, album));
        result
    }

    fn track_rows(&self, range: Range<usize>, piece: &mut Piece) {
        let mut records = Records::default();
        for index in range {
            let id = i64::from(self.plan.tracks[index].id);
            self.with_track(index, true, &mut records, |labels, artist, album, track| {
                piece.push(id, &track_cells(album, artist, track, labels));
            });
        }
    }

    fn echonest_rows(&self, range: Range<usize>, piece: &mut Piece) {
        let mut records = Records::default();
        let mut habits = Habits::default();
        for index in range {
            let planned = &self.plan.tracks[index];
            if !planned.in_echonest {
                continue;
            }
            self.with_track(index, false, &mut records, |labels, artist, album, track| {
                let x = self.sound.latent(index, labels, &mut habits);
                let record = self.echonest.record(self.plan, index, &x, artist, album, track);
                piece.push(i64::from(planned.id), &record.cells());
            });
        }
    }

    fn feature_rows(&self, range: Range<usize>, piece: &mut Piece) {
        let mut habits = Habits::default();
        for index in range {
            let id = i64::from(self.plan.tracks[index].id);
            let row = self.sound.features(index, &self.labels(index), &mut habits);
            match piece {
                Piece::Csv(out) => {
                    decimal::push_int(out, id);
                    for x in row {
                        out.push(b',');
                        Decimal11::of(x).write(out);
                    }
                    out.push(b'\n');
                }
                Piece::Parquet(_) => {
                    let cells: Vec<Cell<'_>> = row
                        .iter()
                        .map(|&x| Cell::Float(Decimal11::of(x).value()))
                        .collect();
                    piece.push(id, &cells);
                }
            }
        }
    }
}

fn genre_rows(counts: &[i64], range: Range<usize>, piece: &mut Piece) {
    for i in range {
        let g = &GENRES[i];
        piece.push(
            g.id,
            &[
                Cell::Int(counts[i]),
                Cell::Int(g.parent),
                Cell::Text(g.title),
                Cell::Int(g.top_level),
            ],
        );
    }
}
