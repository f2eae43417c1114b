//! Genres of rows from the dataset's tracks, or from a CSV file of two columns or more.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use cratedigger_catalog::TableId;
use cratedigger_catalog::feature_table::RowId;
use cratedigger_collection::Listener;
use cratedigger_collection::rows::source::{self, Reading};
use cratedigger_learn::{Dataset, Matrix, Part};
use cratedigger_study::dataset::read_some;
use cratedigger_study::selection::{self, Labels};
use cratedigger_study::table::{Table, text_at, value_at};

/// Names of the column that names the rows, of the one with the genre and of the one with the artist.
const ID_COLUMNS: [&str; 3] = ["track_id", "id", "path"];
const GENRE_COLUMNS: [&str; 3] = ["genre", "genre_top", "label"];
const ARTIST_COLUMNS: [&str; 2] = ["artist", "artist_id"];

/// The longest header line that is taken for one.
const MAX_LINE: u64 = 1 << 16;

/// Rows with genres, and with artist and part of the official split where they are known.
pub(super) struct LabelledRows {
    /// Row of each id in what follows.
    pub(super) place: HashMap<RowId, usize>,
    /// A column `track.genre_top`, and others that the study's selection may read.
    pub(super) genres: RecordBatch,
    ids: Vec<RowId>,
    artists: Vec<Option<i64>>,
    albums: Vec<Option<i64>>,
    parts: Vec<Option<Part>>,
}

impl LabelledRows {
    /// Reads a store, a folder of the dataset's CSV files, its `tracks.csv`, or a CSV file with a column `genre`. Returns
    /// also the number of records that could not be read.
    pub(super) fn read(path: &Path, reading: &Reading, listener: &dyn Listener) -> Result<(Self, u64)> {
        if path.is_file() {
            if let Some(columns) = header(path)? {
                let rows = Self::of_csv(path, &columns)
                    .with_context(|| format!("cannot read labels from {}", path.display()))?;
                return Ok((rows, 0));
            }
            if path.file_name().is_none_or(|name| name != "tracks.csv") {
                bail!(
                    "{} has no column `genre`; labels are read from a CSV file whose header names a column genre and a column \
                     path, id or track_id, from the dataset's tracks.csv, or from a store",
                    path.display()
                );
            }
        }
        let (store, n_rejected) = source::open(path, reading, listener)?;
        let columns: Vec<&str> = ["track_id", "artist.id", "album.id", "set.split"]
            .into_iter()
            .chain(selection::COLUMNS)
            .collect();
        let tracks = read_some(&store, TableId::Tracks, &columns)?;
        Ok((Self::of_tracks(tracks)?, n_rejected))
    }

    fn of_tracks(tracks: RecordBatch) -> Result<Self> {
        let table = Table::new("tracks", &tracks);
        table.column("track_id")?;
        let ids = table.int64("track_id")?;
        let (artists, albums) = (table.int64("artist.id")?, table.int64("album.id")?);
        let split = table.text("set.split")?;
        let n = table.n_rows();
        let ids = (0..n)
            .map(|row| RowId::Track(value_at(ids.as_ref(), row).unwrap_or_default()))
            .collect();
        let part = |row| match text_at(split.as_ref(), row)? {
            "training" => Some(Part::Training),
            "validation" => Some(Part::Validation),
            "test" => Some(Part::Test),
            _ => None,
        };
        let artists = (0..n).map(|row| value_at(artists.as_ref(), row)).collect();
        let albums = (0..n).map(|row| value_at(albums.as_ref(), row)).collect();
        let parts = (0..n).map(part).collect();
        Self::new(ids, tracks, artists, albums, parts)
    }

    fn of_csv(path: &Path, columns: &[String]) -> Result<Self> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|name| Field::new(name, DataType::Utf8, true))
            .collect();
        let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
            .with_header(true)
            .build(File::open(path)?)?;
        let find = |names: &[&str]| {
            columns
                .iter()
                .position(|column| names.contains(&column.to_lowercase().as_str()))
        };
        let (Some(id), Some(genre)) = (find(&ID_COLUMNS), find(&GENRE_COLUMNS)) else {
            bail!("its header has no column that names the rows: path, id or track_id");
        };
        let artist = find(&ARTIST_COLUMNS);
        let (mut ids, mut genres, mut artists) = (Vec::new(), Vec::new(), Vec::new());
        for batch in reader {
            let batch = batch.with_context(|| format!("after record {}", ids.len()))?;
            let text = |column: usize, row: usize| {
                let cells = batch.column(column).as_string::<i32>();
                (cells.is_valid(row) && !cells.value(row).is_empty()).then(|| cells.value(row).to_owned())
            };
            for row in 0..batch.num_rows() {
                let Some(name) = text(id, row) else {
                    bail!("record {} does not name its row", ids.len() + 1);
                };
                ids.push(RowId::from(name.as_str()));
                genres.push(text(genre, row));
                artists.push(artist.and_then(|column| text(column, row)));
            }
        }
        // Numbers in the order of the names, so that a split does not depend on that of the file.
        let mut names: Vec<&String> = artists.iter().flatten().collect();
        names.sort_unstable();
        names.dedup();
        let number = |artist: &Option<String>| {
            let at = names.binary_search(&artist.as_ref()?).ok()?;
            Some(at as i64)
        };
        let artists = artists.iter().map(number).collect();
        let n = ids.len();
        let genres: ArrayRef = Arc::new(StringArray::from(genres));
        let genres = RecordBatch::try_from_iter([("track.genre_top", genres)])?;
        Self::new(ids, genres, artists, vec![None; n], vec![None; n])
    }

    fn new(
        ids: Vec<RowId>,
        genres: RecordBatch,
        artists: Vec<Option<i64>>,
        albums: Vec<Option<i64>>,
        parts: Vec<Option<Part>>,
    ) -> Result<Self> {
        let mut place = HashMap::with_capacity(ids.len());
        for (row, id) in ids.iter().enumerate() {
            if place.insert(id.clone(), row).is_some() {
                bail!("{id} has two rows among the labels; every row needs its own name");
            }
        }
        Ok(Self {
            place,
            genres,
            ids,
            artists,
            albums,
            parts,
        })
    }

    /// The name of the first row, for messages.
    pub(super) fn first_id(&self) -> String {
        self.ids.first().map(ToString::to_string).unwrap_or_default()
    }

    /// Features of rows with what is known of them, of at least so many genres. `rows`: row of features, row of labels, class;
    /// `ids`: what each of them is called.
    pub(super) fn dataset(
        &self,
        rows: &[(usize, usize, usize)],
        x: Matrix,
        labels: &Labels,
        feature_names: Vec<String>,
        ids: &[RowId],
        least: usize,
    ) -> Result<Dataset> {
        // Classes without a row are none.
        let mut new_index = vec![None; labels.classes.len()];
        let mut classes = Vec::new();
        for (class, name) in labels.classes.iter().enumerate() {
            if rows.iter().any(|row| row.2 == class) {
                new_index[class] = Some(classes.len());
                classes.push(name.clone());
            }
        }
        if classes.len() < least {
            bail!(
                "a classifier needs at least two genres, and all {} rows are of {}",
                rows.len(),
                classes.join("")
            );
        }
        let known: Vec<Option<i64>> = rows.iter().map(|&(_, row, _)| self.artists[row]).collect();
        let any_artist = known.iter().any(Option::is_some);
        // A row whose artist is not known is an artist of its own, with a number that no other has.
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
        let data = Dataset {
            x,
            y: rows.iter().filter_map(|row| new_index[row.2]).collect(),
            classes,
            feature_names,
            row_ids: row_ids(ids),
            groups: any_artist.then_some(groups),
            albums: rows.iter().map(|&(_, row, _)| self.albums[row]).collect(),
            official: rows.iter().map(|&(_, row, _)| self.parts[row]).collect(),
        };
        data.check()?;
        Ok(data)
    }
}

/// Numbers of rows that are called so: the track, or the place where rows have names. They do not depend on rows that were
/// left out before, so that the same rows are the same data.
pub(super) fn row_ids(ids: &[RowId]) -> Vec<i64> {
    let number = |(at, id): (usize, &RowId)| match id {
        RowId::Track(id) => *id,
        RowId::Name(_) => at as i64,
    };
    ids.iter().enumerate().map(number).collect()
}

/// The columns of a CSV file whose header names a genre; `None` for any other file.
fn header(path: &Path) -> Result<Option<Vec<String>>> {
    let read = || -> std::io::Result<String> {
        let mut line = Vec::new();
        BufReader::new(File::open(path)?)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    };
    let line = read().with_context(|| format!("cannot read {}", path.display()))?;
    let columns: Vec<String> = line
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\n', '\r'])
        .split(',')
        .map(|cell| cell.trim().trim_matches('"').to_owned())
        .collect();
    let has_genre = columns
        .iter()
        .any(|column| GENRE_COLUMNS.contains(&column.to_lowercase().as_str()));
    Ok(has_genre.then_some(columns))
}
