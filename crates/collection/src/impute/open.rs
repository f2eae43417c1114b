//! Tracks with a genre and tracks that are open, in one data set: so that it is known which of them belong together.

use std::collections::{BTreeSet, HashMap};

use cratedigger_catalog::Store;
use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::Dataset;

use super::roots::roots;
use crate::error::Result;
use crate::rows::archive::assemble_labelled;
use crate::rows::known::Known;
use crate::rows::options::DataOptions;
use crate::rows::selection::label_tracks;
use crate::rows::tables::read_genres;
use crate::table::{Table, text_at};

/// The class of open tracks; no genre is called so.
const OPEN: &str = "(open)";

/// Tracks with a genre and tracks without a top genre.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenTracks {
    /// Tracks of the tables.
    pub n_tracks: usize,
    /// Open tracks with the titles of the roots of their genres, and their row of `data` where they have complete features.
    pub open: Vec<OpenTrack>,
    /// All that have complete features: tracks of the selected genres, and open ones, which are of [`OpenTracks::class`]. Groups are made
    /// of both.
    pub data: Dataset,
    /// The class of open tracks; the others are genres.
    pub class: usize,
    /// The roots of each row's genres.
    pub roots: Vec<BTreeSet<String>>,
}

/// A track without a top genre.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenTrack {
    /// The titles of the roots of its genres.
    pub roots: BTreeSet<String>,
    /// Its row, where it has complete features.
    pub row: Option<usize>,
}

/// Reads the tracks of a store that have one of the selected genres, and those that have neither a label nor a `track.genre_top`.
///
/// `Err` inside: why there is nothing to learn from, or that no track is open.
///
/// # Errors
/// As [`crate::rows::archive::assemble`].
pub fn open_tracks(store: &Store, options: &DataOptions) -> Result<std::result::Result<OpenTracks, String>> {
    let known = Known::of_store(store)?;
    let tree = read_genres(store)?;
    let roots = roots(&known, tree.as_ref())?;
    let mut labels = label_tracks(&known.genres, tree.as_ref(), options)?;
    let table = Table::new("tracks", &known.genres);
    let top = table.borrowed_text("track.genre_top")?;
    let class = labels.classes.len();
    labels.classes.push(OPEN.to_owned());
    let n_tracks = known.ids.len();
    let open: Vec<usize> = (0..n_tracks)
        .filter(|&row| labels.class_of[row].is_none() && text_at(top, row).is_none())
        .collect();
    open.iter().for_each(|&row| labels.class_of[row] = Some(class));
    let data = match assemble_labelled(store, options, &known, &labels)?.data {
        Ok(data) => data,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(class) = data.classes.iter().position(|class| class == OPEN) else {
        return Ok(Err(
            "Every track with complete features has a top genre.".to_owned()
        ));
    };
    let at: HashMap<i64, usize> = data.row_ids.iter().copied().zip(0..).collect();
    let row_of = |id: &RowId| match id {
        RowId::Track(id) => at.get(id).copied(),
        RowId::Name(_) => None,
    };
    let mut of_rows = vec![BTreeSet::new(); data.n_rows()];
    for (id, roots) in known.ids.iter().zip(&roots) {
        if let Some(row) = row_of(id) {
            of_rows[row].clone_from(roots);
        }
    }
    let open = open.into_iter().map(|track| OpenTrack {
        row: row_of(&known.ids[track]),
        roots: roots[track].clone(),
    });
    Ok(Ok(OpenTracks {
        n_tracks,
        open: open.collect(),
        data,
        class,
        roots: of_rows,
    }))
}
