//! The rows of the tables, made of a plan.

use std::ops::Range;
use std::path::Path;

use cratedigger_catalog::TableId;
use cratedigger_catalog::pandas::{Cell, Decimal11, push_int};
use cratedigger_catalog::schema::{distributed_columns, feature_columns};
use rayon::prelude::*;

use super::echonest::{self, Echonest};
use super::genres::{self, GENRES};
use super::labels::{Labeller, Labels};
use super::output::{Piece, Table};
use super::plan::Plan;
use super::records::{AlbumRecord, ArtistRecord, TrackRecord, track_cells};
use super::sound::{Habits, Sound};
use crate::error::Error;
use crate::options::{SynthFile, SynthOptions, SynthProgress};

/// Tracks that can be heard: what their tables say comes from the sound.
pub(crate) trait Heard: Sync {
    /// The genres of a track.
    fn labels(&self, index: usize) -> Labels;

    /// Puts the truth about the file into a track's row.
    fn amend(&self, track: &mut TrackRecord);
}

/// Writes the tables of a plan.
pub(crate) fn write_tables(
    options: &SynthOptions,
    plan: &Plan,
    heard: Option<&dyn Heard>,
    dir: &Path,
    on_progress: &mut dyn FnMut(SynthProgress),
) -> Result<Vec<SynthFile>, Error> {
    let maker = Maker {
        plan,
        labeller: Labeller::new(plan),
        sound: Sound::new(plan),
        echonest: Echonest::new(),
        heard,
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

/// Makes rows of any range of tracks.
struct Maker<'a> {
    plan: &'a Plan,
    labeller: Labeller<'a>,
    sound: Sound<'a>,
    echonest: Echonest,
    heard: Option<&'a dyn Heard>,
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
        match self.heard {
            Some(heard) => heard.labels(index),
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
        if let Some(heard) = self.heard {
            heard.amend(&mut track);
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
                    push_int(out, id);
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
