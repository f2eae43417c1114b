//! From the tables of a store to a matrix with labels, artists and the official split: what a classifier learns from.

use std::collections::HashMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use cratedigger_catalog::{Store, TableId};
use cratedigger_learn::{Dataset, Matrix, Part};

use super::genres::GenreTree;
use super::options::{DataOptions, FeatureChoice, LabelRule};
use super::selection::{
    self, ClassCount, FamilyCount, FeatureSource, Labels, LostTracks, Selection, Step, label_tracks,
};
use crate::error::{Error, Result};
use crate::table::{Table, list_some, text_at, value_at};

/// The columns of Echonest's that are audio features.
pub const ECHONEST_AUDIO_FEATURES: &str = "echonest.audio_features.";

/// Rows that are read at a time, which bounds the memory beside the matrix itself.
const BATCH_ROWS: usize = 4_096;

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
/// class. Tracks without a row of features and tracks with empty cells are counted and named in the selection.
///
/// # Errors
/// `UnknownGenre`, `UnknownFeatures`, `MissingTable` (no genre tree for unambiguous labels), `ColumnType`,
/// `MissingColumn`, `Catalog`. An archive that simply has no labels or no features is no error: see [`Assembled::data`].
pub fn assemble(store: &Store, options: &DataOptions) -> Result<Assembled> {
    let tracks = read_some(
        store,
        TableId::Tracks,
        &["track_id", "artist.id", "album.id", "set.split"]
            .into_iter()
            .chain(selection::COLUMNS)
            .collect::<Vec<_>>(),
    )?;
    let genres = match options.labels {
        LabelRule::Unambiguous => read_genres(store)?,
        LabelRule::GenreTop => None,
    };
    let labels = label_tracks(&tracks, genres.as_ref(), options)?;
    let table = Table::new("tracks", &tracks);
    table.column("track_id")?;
    let mut selection = begin(options, &labels);
    let selected: Vec<usize> = (0..table.n_rows())
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
    let ids = table.int64("track_id")?;
    let id_of = |row: usize| value_at(ids.as_ref(), row).unwrap_or_default();
    let position: HashMap<i64, usize> = selected
        .iter()
        .enumerate()
        .map(|(k, &row)| (id_of(row), k))
        .collect();
    let joined = source.read(store, &position, selected.len())?;

    let mut kept = Vec::with_capacity(selected.len());
    for (k, &row) in selected.iter().enumerate() {
        let values = joined.x.row(k);
        if !joined.has_row[k] {
            selection.without_features.add(id_of(row), true);
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
    if !options.keep_incomplete {
        selection.step("with complete features", kept.len() as u64);
    }
    let x = if kept.len() == selected.len() {
        joined.x
    } else {
        joined.x.take_rows(&kept)?
    };
    let rows: Vec<usize> = kept.iter().map(|&k| selected[k]).collect();
    let data = label(&table, &labels, &rows, x, source.columns, &mut selection)?;
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

/// The genre tree, where the store has the table.
///
/// # Errors
/// `Catalog`, or as [`GenreTree::read`].
pub fn read_genres(store: &Store) -> Result<Option<GenreTree>> {
    if !store.has(TableId::Genres) {
        return Ok(None);
    }
    let genres = store.read(TableId::Genres, None).map_err(Error::Archive)?;
    Ok(Some(GenreTree::read(&genres)?))
}

/// Those of the columns that the table has.
///
/// # Errors
/// `Catalog`.
pub fn read_some(store: &Store, table: TableId, columns: &[&str]) -> Result<RecordBatch> {
    let schema = store.schema(table).map_err(Error::Archive)?;
    let present: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|name| schema.column_with_name(name).is_some())
        .collect();
    store.read(table, Some(&present)).map_err(Error::Archive)
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
}

impl Source {
    fn finding(&self) -> FeatureSource {
        FeatureSource {
            table: self.table.name().to_owned(),
            n_features: self.columns.len() as u64,
            families: families(&self.columns),
        }
    }

    fn read(&self, store: &Store, position: &HashMap<i64, usize>, n_rows: usize) -> Result<Joined> {
        let n_columns = self.columns.len();
        let mut values = vec![f32::NAN; n_rows * n_columns];
        let mut has_row = vec![false; n_rows];
        let index = self.table.index_column();
        let columns: Vec<&str> = std::iter::once(index)
            .chain(self.columns.iter().map(String::as_str))
            .collect();
        let batches = store.read_batches(self.table, Some(&columns), BATCH_ROWS);
        for batch in batches.map_err(Error::Archive)? {
            let batch = batch.map_err(Error::Archive)?;
            let table = Table::new(self.table.name(), &batch);
            let ids = cast(table.column(index)?, &DataType::Int64)?;
            let target: Vec<Option<usize>> = ids
                .as_primitive::<Int64Type>()
                .iter()
                .map(|id| position.get(&id?).copied())
                .collect();
            for &row in target.iter().flatten() {
                has_row[row] = true;
            }
            for (column, name) in self.columns.iter().enumerate() {
                let Some(numbers) = table.float64(name)? else {
                    continue;
                };
                scatter(&numbers, &target, column, n_columns, &mut values);
            }
        }
        Ok(Joined {
            x: Matrix::new(n_rows, n_columns, values)?,
            has_row,
        })
    }
}

fn scatter(
    numbers: &arrow::array::PrimitiveArray<Float64Type>,
    target: &[Option<usize>],
    column: usize,
    n_columns: usize,
    values: &mut [f32],
) {
    for (row, target) in target.iter().enumerate() {
        if let (Some(target), Some(value)) = (target, value_at(Some(numbers), row)) {
            values[target * n_columns + column] = value as f32;
        }
    }
}

/// Labels, artists and parts of the official split of the rows that are left.
fn label(
    table: &Table<'_>,
    labels: &Labels,
    rows: &[usize],
    x: Matrix,
    feature_names: Vec<String>,
    selection: &mut Selection,
) -> Result<Dataset> {
    let ids = table.int64("track_id")?;
    let artists = table.int64("artist.id")?;
    let albums = table.int64("album.id")?;
    let split = table.text("set.split")?;

    // Classes that lost all of their tracks on the way are none.
    let mut counts = vec![0_u64; labels.classes.len()];
    for class in rows.iter().filter_map(|&row| labels.class_of[row]) {
        counts[class] += 1;
    }
    let mut new_index = vec![None; labels.classes.len()];
    let mut classes = Vec::new();
    for (class, name) in labels.classes.iter().enumerate() {
        if counts[class] > 0 {
            new_index[class] = Some(classes.len());
            classes.push(name.clone());
        } else {
            selection
                .notes
                .push(format!("No track of {name} is left with complete features."));
        }
    }
    let y: Vec<usize> = rows
        .iter()
        .filter_map(|&row| new_index[labels.class_of[row]?])
        .collect();

    let known: Vec<Option<i64>> = rows.iter().map(|&row| value_at(artists.as_ref(), row)).collect();
    selection.n_without_artist = known.iter().filter(|artist| artist.is_none()).count() as u64;
    let any_artist = known.iter().any(Option::is_some);
    // A track whose artist is not known is an artist of its own, with an id that no other has.
    let mut unused = known.iter().flatten().copied().min().unwrap_or(0).min(0);
    let groups: Vec<i64> = known
        .into_iter()
        .map(|artist| {
            artist.unwrap_or_else(|| {
                unused -= 1;
                unused
            })
        })
        .collect();
    let official: Option<Vec<Part>> = rows
        .iter()
        .map(|&row| part(text_at(split.as_ref(), row)?))
        .collect();

    selection.classes = count_classes(&classes, &y, &groups);
    let data = Dataset {
        x,
        y,
        classes,
        feature_names,
        row_ids: rows
            .iter()
            .map(|&row| value_at(ids.as_ref(), row).unwrap_or_default())
            .collect(),
        groups: any_artist.then_some(groups),
        albums: rows.iter().map(|&row| value_at(albums.as_ref(), row)).collect(),
        official: official.filter(|parts| !parts.is_empty()),
    };
    data.check()?;
    Ok(data)
}

fn part(text: &str) -> Option<Part> {
    match text {
        "training" => Some(Part::Training),
        "validation" => Some(Part::Validation),
        "test" => Some(Part::Test),
        _ => None,
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
