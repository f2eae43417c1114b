//! From the tables of a store to a matrix with labels, artists and the official split: what a classifier learns from.

use std::collections::{BTreeMap, HashMap};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_catalog::{Store, TableId};
use cratedigger_learn::{Dataset, Matrix};

use super::builder::DatasetBuilder;
use super::known::Known;
use super::options::{DataOptions, FeatureChoice, LabelRule};
use super::reader::{OutOfRange, Reader, StoreTable};
use super::selection::{
    ClassCount, FamilyCount, FeatureSource, Labels, LostTracks, Selection, Step, label_tracks,
};
pub use super::tables::{read_genres, read_some};
use crate::error::{Error, Result};
use crate::table::list_some;

/// The columns of Echonest's that are audio features.
pub const ECHONEST_AUDIO_FEATURES: &str = "echonest.audio_features.";

/// The tracks to learn from, and how they were chosen.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The choice and its costs.
    pub selection: Selection,
    /// Matrix, labels, artists and official parts; or one sentence that says why there is nothing to learn from.
    pub data: std::result::Result<Dataset, String>,
}

impl Assembled {
    /// The data set with its selection, for callers who cannot do without.
    ///
    /// # Errors
    /// `NothingToLearn` with the reason.
    pub fn into_data(self) -> Result<(Selection, Dataset)> {
        let data = self.data.map_err(|reason| Error::NothingToLearn { reason })?;
        Ok((self.selection, data))
    }
}

/// Chooses tracks, joins them with their features and keeps those that are complete (with
/// [`DataOptions::keep_incomplete`], all that have a row of features; empty cells are NaN).
///
/// Rows are in the order of the `tracks` table; classes are sorted by name; a class none of whose tracks is left is no
/// class. Tracks without a row of features, tracks with empty cells and tracks with a value that single precision cannot hold are
/// counted and named in the selection.
///
/// # Errors
/// `UnknownGenre`, `UnknownFeatures`, `MissingTable` (no genre tree for unambiguous labels), `ColumnType`,
/// `MissingColumn`, `Catalog`. An archive that simply has no labels or no features is no error: see [`Assembled::data`].
pub fn assemble(store: &Store, options: &DataOptions) -> Result<Assembled> {
    let known = Known::of_store(store)?;
    let genres = match options.labels {
        LabelRule::Unambiguous => read_genres(store)?,
        LabelRule::GenreTop => None,
    };
    let labels = label_tracks(&known.genres, genres.as_ref(), options)?;
    assemble_labelled(store, options, &known, &labels)
}

/// The same for tracks whose labels are known.
///
/// # Errors
/// As [`assemble`].
pub(crate) fn assemble_labelled(
    store: &Store,
    options: &DataOptions,
    known: &Known,
    labels: &Labels,
) -> Result<Assembled> {
    let mut selection = begin(options, labels);
    let selected: Vec<usize> = (0..known.ids.len())
        .filter(|&row| labels.class_of[row].is_some())
        .collect();

    let source = match feature_columns(store, &options.features)? {
        Ok(source) => source,
        Err(reason) => {
            return Ok(Assembled {
                selection,
                data: Err(reason),
            });
        }
    };
    selection.features = Some(source.finding());
    let position: HashMap<RowId, usize> = selected
        .iter()
        .enumerate()
        .map(|(k, &row)| (known.ids[row].clone(), k))
        .collect();
    let id_of = |row: usize| match known.ids[row] {
        RowId::Track(id) => id,
        RowId::Name(_) => 0,
    };
    let joined = source.read(store, &position, selected.len())?;

    let mut kept = Vec::with_capacity(selected.len());
    for (k, &row) in selected.iter().enumerate() {
        let values = joined.x.row(k);
        if !joined.has_row[k] {
            selection.without_features.add(id_of(row), true);
        } else if let Some(OutOfRange { at, value }) = joined.out_of_range.get(&k) {
            let feature = &source.columns[*at];
            selection.out_of_range.add(&known.ids[row], feature, *value);
        } else if options.keep_incomplete || values.iter().all(|value| value.is_finite()) {
            kept.push(k);
        } else {
            selection
                .incomplete_features
                .add(id_of(row), values.iter().all(|value| value.is_nan()));
        }
    }
    selection.step(
        "with a row of features",
        (selected.len() as u64) - selection.without_features.n,
    );
    if selection.out_of_range.n > 0 {
        let before = selection.steps.last().map_or(0, |step| step.n);
        selection.step("without values out of range", before - selection.out_of_range.n);
    }
    if !options.keep_incomplete {
        selection.step("with complete features", kept.len() as u64);
    }
    let x = if kept.len() == selected.len() {
        joined.x
    } else {
        joined.x.take_rows(&kept)?
    };
    let rows: Vec<usize> = kept.iter().map(|&k| selected[k]).collect();
    let ids: Vec<RowId> = rows.iter().map(|&row| known.ids[row].clone()).collect();
    let builder = DatasetBuilder { known, labels };
    let built = builder.build(&rows, x, source.columns, &ids)?;
    let data = built.data;
    let without = |name| format!("No track of {name} is left with complete features.");
    selection.notes.extend(built.emptied.into_iter().map(without));
    selection.n_without_artist = data.n_without_artist() as u64;
    let artists = data.artist_groups();
    let artists = artists.unwrap_or_else(|| (0..data.n_rows() as i64).collect());
    selection.classes = count_classes(&data.classes, &data.y, &artists);
    let n_classes = data.n_classes();
    if n_classes >= 2 {
        return Ok(Assembled {
            selection,
            data: Ok(data),
        });
    }
    Ok(Assembled {
        data: Err(too_few_classes(
            &selection,
            labels.n_labelled,
            data.classes.first(),
        )),
        selection,
    })
}

/// Why fewer than two classes are left.
fn too_few_classes(selection: &Selection, n_labelled: u64, only: Option<&String>) -> String {
    match only {
        Some(class) => format!(
            "A classifier needs at least two genres, and the tracks with complete features are all of one: {class}. Choose \
             other genres with --genres."
        ),
        None if n_labelled == 0 => {
            "No track has a genre (track.genre_top is empty throughout), so there is nothing to learn. \
             Try --labels unambiguous if track.genres is filled."
                .to_owned()
        }
        None => format!(
            "None of the {} tracks of the selected genres has complete features, so there is nothing to learn from.",
            selection.steps.get(2).map_or(0, |step| step.n)
        ),
    }
}

/// The selection as far as labels alone decide it.
fn begin(options: &DataOptions, labels: &Labels) -> Selection {
    let n_all = labels.class_of.len() as u64;
    let n_selected = labels.class_of.iter().flatten().count() as u64;
    let mut selection = Selection {
        genres_option: options.genres.to_string(),
        labels_option: options.labels.name().to_owned(),
        features_option: options.features.to_string(),
        genres: labels.by_frequency.clone(),
        notes: labels.notes.clone(),
        ..Selection::default()
    };
    selection.step("all tracks", n_all);
    selection.step("with a genre", labels.n_labelled);
    selection.step(
        match options.labels {
            LabelRule::GenreTop => "of a selected genre",
            LabelRule::Unambiguous => "of exactly one selected genre",
        },
        n_selected,
    );
    selection
}

impl Selection {
    fn step(&mut self, step: &str, n: u64) {
        let before = self.steps.last().map_or(n, |step| step.n);
        self.steps.push(Step {
            step: step.to_owned(),
            n,
            n_lost: before - n,
        });
    }
}

/// The columns to read, and from where.
struct Source {
    table: TableId,
    columns: Vec<String>,
}

/// Which columns the choice means; or why this archive has none of them.
fn feature_columns(store: &Store, choice: &FeatureChoice) -> Result<std::result::Result<Source, String>> {
    let echonest = match choice {
        FeatureChoice::Echonest => true,
        FeatureChoice::Auto => !store.has(TableId::Features) && store.has(TableId::Echonest),
        _ => false,
    };
    let table = if echonest {
        TableId::Echonest
    } else {
        TableId::Features
    };
    if !store.has(table) {
        let have: Vec<&str> = store.tables().iter().map(|table| table.name()).collect();
        return Ok(Err(format!(
            "The archive has no {} table ({} is missing; there are: {}), and a classifier learns from features.",
            table.name(),
            table.file_name(),
            have.join(", ")
        )));
    }
    let schema = store.schema(table).map_err(Error::Archive)?;
    let names = schema
        .fields()
        .iter()
        .map(|field| field.name())
        .filter(|name| *name != table.index_column());
    let mut columns: Vec<String> = match table {
        TableId::Echonest => names
            .filter(|name| name.starts_with(ECHONEST_AUDIO_FEATURES))
            .cloned()
            .collect(),
        _ => names.cloned().collect(),
    };
    if let FeatureChoice::Families(asked) = choice {
        let families = families(&columns);
        let known = |name: &String| families.iter().any(|entry| &entry.family == name);
        let unknown: Vec<String> = asked.iter().filter(|name| !known(name)).cloned().collect();
        if !unknown.is_empty() {
            let valid = list_some(families.into_iter().map(|entry| entry.family), 40);
            return Err(Error::UnknownFeatures { unknown, valid });
        }
        columns.retain(|column| asked.iter().any(|name| name == family(column)));
    }
    if columns.is_empty() {
        return Ok(Err(format!(
            "The {} table has no column of features.",
            table.name()
        )));
    }
    Ok(Ok(Source { table, columns }))
}

/// The family of a feature: `mfcc` of `mfcc.mean.01`; `audio_features` of Echonest's.
pub fn family(column: &str) -> &str {
    let column = column.strip_prefix("echonest.").unwrap_or(column);
    column.split_once('.').map_or(column, |(family, _)| family)
}

fn families(columns: &[String]) -> Vec<FamilyCount> {
    let mut counts: Vec<FamilyCount> = Vec::new();
    for column in columns {
        let family = family(column);
        match counts.iter_mut().find(|count| count.family == family) {
            Some(count) => count.n_columns += 1,
            None => counts.push(FamilyCount {
                family: family.to_owned(),
                n_columns: 1,
            }),
        }
    }
    counts
}

/// Features of the selected tracks, in their order; NaN where a cell is empty or the track has no row.
struct Joined {
    x: Matrix,
    has_row: Vec<bool>,
    /// By row, the first value that single precision cannot hold.
    out_of_range: BTreeMap<usize, OutOfRange>,
}

impl Source {
    fn finding(&self) -> FeatureSource {
        FeatureSource {
            table: self.table.name().to_owned(),
            n_features: self.columns.len() as u64,
            families: families(&self.columns),
        }
    }

    fn read(&self, store: &Store, position: &HashMap<RowId, usize>, n_rows: usize) -> Result<Joined> {
        let reader = StoreTable::open(store, self.table)?;
        let place: HashMap<&str, usize> = reader
            .columns()
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), at))
            .collect();
        let columns: Vec<usize> = self.columns.iter().map(|name| place[name.as_str()]).collect();
        let n_columns = columns.len();
        let mut values = vec![f32::NAN; n_rows * n_columns];
        let mut has_row = vec![false; n_rows];
        let mut out_of_range = BTreeMap::new();
        reader
            .read(&columns, &mut |row| {
                if let Some(&at) = position.get(&row.id) {
                    has_row[at] = true;
                    out_of_range.extend(row.out_of_range.map(|found| (at, found)));
                    values[at * n_columns..(at + 1) * n_columns].copy_from_slice(row.values);
                }
                Ok(())
            })
            .map_err(|error| match error {
                Error::Table(source) => Error::Archive(source),
                other => other,
            })?;
        Ok(Joined {
            x: Matrix::new(n_rows, n_columns, values)?,
            has_row,
            out_of_range,
        })
    }
}

fn count_classes(classes: &[String], y: &[usize], groups: &[i64]) -> Vec<ClassCount> {
    let mut artists = vec![Vec::new(); classes.len()];
    for (&class, &artist) in y.iter().zip(groups) {
        artists[class].push(artist);
    }
    classes
        .iter()
        .zip(artists)
        .map(|(label, mut artists)| {
            let n_tracks = artists.len() as u64;
            artists.sort_unstable();
            artists.dedup();
            ClassCount {
                label: label.clone(),
                n_tracks,
                n_artists: artists.len() as u64,
                share: n_tracks as f64 / y.len() as f64,
            }
        })
        .collect()
}

/// Track ids of a [`LostTracks`] as a sentence's end: `2, 5, 10 and 7 more`.
pub fn name_tracks(lost: &LostTracks, limit: usize) -> String {
    let shown: Vec<String> = lost.track_ids.iter().take(limit).map(i64::to_string).collect();
    match lost.n.saturating_sub(shown.len() as u64) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
