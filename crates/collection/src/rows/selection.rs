//! Which tracks a study learns from, and what each choice costs in tracks.

use std::collections::{BTreeSet, HashMap};

use arrow::array::RecordBatch;
use cratedigger_catalog::feature_table::RowId;
use serde::{Deserialize, Serialize};

use super::genres::GenreTree;
use super::options::{DataOptions, GenreChoice, LabelRule};
use crate::error::{Error, Result};
use crate::table::{Table, list_at, list_some, text_at};

/// The columns of `tracks` that [`label_tracks`] reads.
pub const COLUMNS: [&str; 3] = ["track.genre_top", "track.genres", "track.genres_all"];

/// The finding `selection`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Selection {
    /// Which genres were asked for, as on the command line: `top:3`, `all` or names.
    pub genres_option: String,
    /// Where labels come from: `genre_top` or `unambiguous`.
    pub labels_option: String,
    /// Which features were asked for: `auto`, `all`, `echonest` or families.
    pub features_option: String,
    /// The selected genres, most tracks first (by `track.genre_top`), ties by name.
    pub genres: Vec<String>,
    /// From all tracks to those that can be learnt from, step by step.
    pub steps: Vec<Step>,
    /// The classes of the tracks that are left, sorted by name.
    pub classes: Vec<ClassCount>,
    /// The features of these tracks; `null` where there are none.
    pub features: Option<FeatureSource>,
    /// Selected tracks that have no row of features at all.
    pub without_features: LostTracks,
    /// Selected tracks whose row of features has empty cells.
    pub incomplete_features: LostTracks,
    /// Selected tracks with a value among their features that single precision cannot hold. Absent in findings written before
    /// these were told from missing values.
    #[serde(default)]
    pub out_of_range: OutOfRangeRows,
    /// Tracks that are left and whose artist is not known; each counts as an artist of its own.
    pub n_without_artist: u64,
    /// What else a reader should know about the selection.
    pub notes: Vec<String>,
}

/// A step of the selection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which tracks are left after the step.
    pub step: String,
    /// How many.
    pub n: u64,
    /// How many the step cost.
    pub n_lost: u64,
}

/// Tracks and artists of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassCount {
    /// The class.
    pub label: String,
    /// Its tracks.
    pub n_tracks: u64,
    /// Different artists of these tracks; a track without a known artist counts as one.
    pub n_artists: u64,
    /// `n_tracks` divided by all tracks that are left.
    pub share: f64,
}

/// Where the features come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureSource {
    /// The table: `features` or `echonest`.
    pub table: String,
    /// Features, which is the number of columns.
    pub n_features: u64,
    /// The families of these columns and how many each has, in the table's order.
    pub families: Vec<FamilyCount>,
}

/// Columns of a family of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyCount {
    /// The family, such as `mfcc`.
    pub family: String,
    /// Its columns.
    pub n_columns: u64,
}

/// Tracks that were lost, named so that nothing disappears silently.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LostTracks {
    /// How many.
    pub n: u64,
    /// Of these, tracks without a single value.
    pub n_without_any_value: u64,
    /// Their ids in the table's order, at most [`LostTracks::LISTED`].
    pub track_ids: Vec<i64>,
}

impl LostTracks {
    /// How many ids are listed.
    pub const LISTED: usize = 1_000;

    pub(crate) fn add(&mut self, track_id: i64, without_any_value: bool) {
        self.n += 1;
        self.n_without_any_value += u64::from(without_any_value);
        if self.track_ids.len() < Self::LISTED {
            self.track_ids.push(track_id);
        }
    }
}

/// Rows with a value that single precision, which models learn in, cannot hold: beyond 3.4e38, or infinite. They take no part,
/// even where a pipeline fills missing values: such a value is not missing, it is wrong.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OutOfRangeRows {
    /// How many.
    pub n: u64,
    /// The first such value of each, in the table's order, at most [`OutOfRangeRows::LISTED`].
    pub values: Vec<OutOfRangeValue>,
}

/// A value that single precision cannot hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutOfRangeValue {
    /// The track's id, or the row's name.
    pub row: String,
    /// The column.
    pub feature: String,
    /// The value, as text, since JSON has no infinity: `1e39`, `-inf`.
    pub value: String,
}

impl OutOfRangeRows {
    /// How many are listed.
    pub const LISTED: usize = 1_000;

    pub(crate) fn add(&mut self, row: &RowId, feature: &str, value: f64) {
        self.n += 1;
        if self.values.len() < Self::LISTED {
            self.values.push(OutOfRangeValue {
                row: row.to_string(),
                feature: feature.to_owned(),
                value: format!("{value:?}"),
            });
        }
    }

    /// All in one sentence that names the first of them; `None` without any.
    pub fn sentence(&self) -> Option<String> {
        let first = self.values.iter().take(5);
        let named: Vec<String> = first
            .map(|value| format!("{} of {} is {}", value.feature, value.row, value.value))
            .collect();
        let more = match self.n.saturating_sub(named.len() as u64) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        (self.n > 0).then(|| {
            format!(
                "{} a value that no model can take, since single precision ends at 3.4e38, and {} left out: {}{more}.",
                if self.n == 1 { "1 row of features has".to_owned() } else { format!("{} rows of features have", self.n) },
                if self.n == 1 { "is" } else { "are" },
                named.join(", ")
            )
        })
    }
}

/// The label of every track, and how they came about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    /// The selected genres, sorted by name: the classes.
    pub classes: Vec<String>,
    /// The same genres, most tracks first, ties by name.
    pub by_frequency: Vec<String>,
    /// For each track, its class as an index into `classes`; `None` where it has none of them.
    pub class_of: Vec<Option<usize>>,
    /// Tracks with any label.
    pub n_labelled: u64,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Labels the tracks of a table.
///
/// `tracks`: the columns [`COLUMNS`], as far as they are there; `genres`: the genre tree, which `unambiguous` needs.
/// Genres are ranked by tracks with that `track.genre_top`, ties by name; where no track has one, by tracks under each
/// root. An archive without any label gives no classes and no error, unless genres were asked for by name.
///
/// # Errors
/// `UnknownGenre` with the genres that there are; `MissingTable` where `unambiguous` lacks the genre table; `ColumnType`.
pub fn label_tracks(
    tracks: &RecordBatch,
    genres: Option<&GenreTree>,
    options: &DataOptions,
) -> Result<Labels> {
    let table = Table::new("tracks", tracks);
    let by_top = top_genres(&table)?;
    let by_root = match options.labels {
        LabelRule::GenreTop => None,
        LabelRule::Unambiguous => {
            let tree = genres.ok_or_else(|| Error::MissingTable {
                table: "genres",
                present: "tracks, but unambiguous labels are found along the genre tree (genres.csv)"
                    .to_owned(),
            })?;
            Some(root_genres(&table, tree)?)
        }
    };
    let candidates = by_root.as_ref().unwrap_or(&by_top);
    let found = candidates.ranked();
    let mut ranked = by_top.ranked();
    if ranked.is_empty() {
        ranked = found.clone();
    }
    let mut notes = Vec::new();
    let by_frequency: Vec<&str> = match &options.genres {
        GenreChoice::All => found,
        GenreChoice::Top(n) => {
            if ranked.len() < *n {
                notes.push(format!(
                    "{n} genres were asked for, and {} are there.",
                    ranked.len()
                ));
            }
            ranked.into_iter().take(*n).collect()
        }
        GenreChoice::Named(names) => choose(&found, names)?,
    };
    let mut classes = by_frequency.clone();
    classes.sort_unstable();
    let class_of_genre: Vec<Option<usize>> = candidates
        .names
        .iter()
        .map(|name| classes.binary_search(name).ok())
        .collect();
    let class_of = candidates.rows().map(|genres| {
        let mut selected = genres.iter().filter_map(|&genre| class_of_genre[genre as usize]);
        let first = selected.next();
        // More than one of the selected genres is ambiguous.
        first.filter(|_| selected.next().is_none())
    });
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Ok(Labels {
        class_of: class_of.collect(),
        n_labelled: candidates.rows().filter(|genres| !genres.is_empty()).count() as u64,
        classes: owned(&classes),
        by_frequency: owned(&by_frequency),
        notes,
    })
}

/// The genres of each row, as indices into a list of different names.
#[derive(Default)]
struct RowGenres<'a> {
    names: Vec<&'a str>,
    /// The genres of row `k` are `items[ends[k - 1]..ends[k]]`, each once.
    items: Vec<u32>,
    ends: Vec<usize>,
}

impl<'a> RowGenres<'a> {
    fn rows(&self) -> impl Iterator<Item = &[u32]> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&end| &self.items[std::mem::replace(&mut start, end)..end])
    }

    fn end_row(&mut self) {
        self.ends.push(self.items.len());
    }

    /// The names by the number of their rows, most first, ties by name; names without rows are left out.
    fn ranked(&self) -> Vec<&'a str> {
        let mut counts = vec![0_u64; self.names.len()];
        for &genre in &self.items {
            counts[genre as usize] += 1;
        }
        let mut ranked: Vec<(&str, u64)> = self
            .names
            .iter()
            .copied()
            .zip(counts)
            .filter(|&(_, count)| count > 0)
            .collect();
        ranked.sort_unstable_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
        ranked.into_iter().map(|(name, _)| name).collect()
    }
}

/// For each track its `genre_top`, if it has one.
fn top_genres<'a>(table: &Table<'a>) -> Result<RowGenres<'a>> {
    let text = table.borrowed_text("track.genre_top")?;
    let mut genres = RowGenres::default();
    let mut index = HashMap::new();
    for row in 0..table.n_rows() {
        if let Some(name) = text_at(text, row) {
            let next = genres.names.len() as u32;
            let genre = *index.entry(name).or_insert(next);
            if genre == next {
                genres.names.push(name);
            }
            genres.items.push(genre);
        }
        genres.end_row();
    }
    Ok(genres)
}

/// For each track the roots of its genres.
fn root_genres<'t>(table: &Table<'_>, tree: &'t GenreTree) -> Result<RowGenres<'t>> {
    let genres_all = table.int64_lists("track.genres_all")?;
    let lists = table.int64_lists("track.genres")?;
    let mut genres = RowGenres::default();
    let mut index = HashMap::new();
    for (position, root) in tree.root_ids().enumerate() {
        genres.names.push(tree.title(root).unwrap_or_default());
        index.insert(root, position as u32);
    }
    for row in 0..table.n_rows() {
        let ids = list_at(genres_all.as_ref(), row)
            .or_else(|| list_at(lists.as_ref(), row))
            .unwrap_or_default();
        let mut roots: Vec<u32> = ids
            .iter()
            .filter_map(|&id| index.get(&tree.root(id)?).copied())
            .collect();
        roots.sort_unstable();
        roots.dedup();
        genres.items.append(&mut roots);
        genres.end_row();
    }
    Ok(genres)
}

/// The genres that are asked for, each once, in the order of `ranked`; upper and lower case do not matter where that is
/// unique.
fn choose<'a>(ranked: &[&'a str], asked: &[String]) -> Result<Vec<&'a str>> {
    let mut chosen = BTreeSet::new();
    let mut unknown = Vec::new();
    for name in asked {
        let exact = ranked.iter().position(|known| known == name);
        let similar = || {
            let mut found = ranked
                .iter()
                .enumerate()
                .filter(|(_, known)| known.to_lowercase() == name.to_lowercase());
            found
                .next()
                .filter(|_| found.next().is_none())
                .map(|(rank, _)| rank)
        };
        match exact.or_else(similar) {
            Some(rank) => _ = chosen.insert(rank),
            None => unknown.push(name.clone()),
        }
    }
    if unknown.is_empty() {
        return Ok(chosen.into_iter().map(|rank| ranked[rank]).collect());
    }
    Err(Error::UnknownGenre {
        unknown,
        valid: list_some(ranked.iter().map(|&name| name.to_owned()), 40),
    })
}

#[cfg(test)]
mod tests;
