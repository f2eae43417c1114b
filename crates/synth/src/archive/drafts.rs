//! Albums before anything is numbered: how many tracks each has, whose they are, when they were made.

use super::genres::ARCHIVE_TRACKS;
use super::missing;
use crate::stream::Stream;

/// First and last second of uploads: 2008-11-26 01:44:45 and 2017-03-30 12:00:00.
pub(crate) const UPLOADS: (i64, i64) = (1_227_663_885, 1_490_875_200);
/// Artists and albums of the real archive.
const ARCHIVE_ARTISTS: f64 = 16_341.0;
const ARCHIVE_ALBUMS: f64 = 14_854.0;
/// Shares of the albums and of the artists that are compilations of many artists and artists of compilations only.
const COMPILATIONS: f64 = 0.046;
const GUESTS: f64 = 0.46;
/// Albums with 1, 2, ... 24 tracks, of all but compilations; longer ones have a tail.
const ALBUM_SIZES: [f64; 25] = [
    3000.0, 1150.0, 1000.0, 1180.0, 1260.0, 1120.0, 910.0, 890.0, 750.0, 770.0, 560.0, 510.0, 350.0, 260.0,
    200.0, 145.0, 115.0, 95.0, 70.0, 60.0, 40.0, 45.0, 33.0, 25.0, 180.0,
];

/// An album before anything is numbered.
pub(super) struct Draft {
    /// The artist of each track.
    pub(super) artists: Vec<u32>,
    pub(super) kind: Kind,
    pub(super) created: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Album,
    Compilation,
    NoAlbum,
}

/// Sizes and artists of all albums, in the order of their creation.
pub(super) fn draft_albums(s: &mut Stream, n_tracks: usize) -> Vec<Draft> {
    let n = n_tracks as f64;
    let n_none = (missing::NO_ALBUM * n).round() as usize;
    let n_albums = ((n * ARCHIVE_ALBUMS / ARCHIVE_TRACKS).round() as usize).clamp(1, n_tracks - n_none);
    let n_compilations = ((COMPILATIONS * n_albums as f64).round() as usize).min(n_albums - 1);
    let longest = (n / 50.0).max(8.0);
    let mut sizes: Vec<usize> = (0..n_albums)
        .map(|i| {
            let size = if i < n_compilations {
                s.log_normal(14.0, 0.75)
            } else {
                match s.weighted(ALBUM_SIZES.iter().copied()) {
                    24 => s.log_normal(32.0, 0.35),
                    size => (size + 1) as f64,
                }
            };
            size.min(longest).round().max(1.0) as usize
        })
        .collect();
    let mut total: usize = sizes.iter().sum();
    let target = n_tracks - n_none;
    while total != target {
        let size = &mut sizes[s.below(n_albums)];
        if total < target {
            *size += 1;
            total += 1;
        } else if *size > 1 {
            *size -= 1;
            total -= 1;
        }
    }

    let n_slots: usize = sizes[..n_compilations].iter().sum();
    let n_solo = n_albums - n_compilations;
    let n_artists = (n * ARCHIVE_ARTISTS / ARCHIVE_TRACKS).round().max(1.0) as usize;
    let n_guests = ((GUESTS * n_artists as f64).round() as usize).min(n_slots);
    let n_main = (n_artists - n_guests.min(n_artists - 1)).min(n_solo).max(1);
    // Few artists have many albums: weights with a Pareto tail, cut so that nobody owns a small archive.
    let heaviest = (0.045 * n_main as f64).clamp(3.0, 400.0);
    let mut reach = 0.0;
    let upto: Vec<f64> = (0..n_main)
        .map(|_| {
            reach += (1.0 / (1.0 - s.uniform())).min(heaviest);
            reach
        })
        .collect();
    let span = (UPLOADS.1 - UPLOADS.0) as f64;
    let starts: Vec<f64> = (0..n_main).map(|_| span * s.uniform()).collect();

    let mut drafts = Vec::with_capacity(n_albums + n_none);
    let (mut slot, mut guest) = (0, 0);
    for (i, &size) in sizes.iter().enumerate() {
        if i < n_compilations {
            let mut artists = Vec::with_capacity(size);
            for _ in 0..size {
                let is_guest = (slot + 1) * n_guests / n_slots > slot * n_guests / n_slots;
                slot += 1;
                artists.push(match artists.last() {
                    _ if is_guest => {
                        guest += 1;
                        (n_main + guest - 1) as u32
                    }
                    Some(&last) if s.chance(0.4) => last,
                    _ => s.below(n_main) as u32,
                });
            }
            let created = UPLOADS.0 + (span * s.uniform()) as i64;
            drafts.push(Draft {
                artists,
                kind: Kind::Compilation,
                created,
            });
            continue;
        }
        let own = i - n_compilations;
        let artist = if own < n_main {
            own
        } else {
            let u = reach * s.uniform();
            upto.partition_point(|&edge| edge <= u).min(n_main - 1)
        };
        drafts.push(Draft {
            artists: vec![artist as u32; size],
            kind: Kind::Album,
            created: later(s, starts[artist]),
        });
    }
    for _ in 0..n_none {
        let artist = s.below(n_main);
        drafts.push(Draft {
            artists: vec![artist as u32],
            kind: Kind::NoAlbum,
            created: later(s, starts[artist]),
        });
    }
    // A stable sort: albums of the same second stay in the order in which they were drawn.
    drafts.sort_by_key(|d| d.created);
    drafts
}

/// A time of upload after an artist's `start` (seconds after the first upload of all): most within a year or two.
fn later(s: &mut Stream, start: f64) -> i64 {
    let wait = -(1.0 - s.uniform()).ln() * 400.0 * 86_400.0;
    let left = (UPLOADS.1 - UPLOADS.0) as f64 - start;
    UPLOADS.0 + (start + wait % left.max(1.0)) as i64
}
