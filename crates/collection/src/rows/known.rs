//! What is known of rows besides their features: genre, artist, album and part of the official split, from the dataset's tracks, or from a CSV file of two columns or more.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use cratedigger_catalog::feature_table::RowId;
use cratedigger_catalog::{Store, TableId, is_missing};
use cratedigger_files::bounds::{BoundedRecords, MAX_COLUMNS, MAX_LABELS, MAX_NAME_CHARS};
use cratedigger_learn::Part;

use super::selection;
use super::source::{self, Reading};
use super::tables::read_some;
use crate::error::{Context, Error, Result, refuse};
use crate::listener::Listener;
use crate::table::{Table, text_at, value_at};

/// Names of the column that names the rows, of the one with the genre, of the one with the artist and of the one with the album.
const ID_COLUMNS: [&str; 3] = ["track_id", "id", "path"];
const GENRE_COLUMNS: [&str; 3] = ["genre", "genre_top", "label"];
const ARTIST_COLUMNS: [&str; 2] = ["artist", "artist_id"];
const ALBUM_COLUMNS: [&str; 2] = ["album", "album_id"];

/// The longest header line that is taken for one.
const MAX_LINE: u64 = 1 << 16;

/// What is known of rows; all lists are in the same order.
pub(crate) struct Known {
    /// What the rows are called.
    pub(crate) ids: Vec<RowId>,
    /// A column `track.genre_top`, and others that the selection of genres may read.
    pub(crate) genres: RecordBatch,
    pub(crate) artists: Vec<Option<i64>>,
    pub(crate) albums: Vec<Option<i64>>,
    pub(crate) parts: Vec<Option<Part>>,
}

impl Known {
    /// Reads a store, a folder of the dataset's CSV files, its `tracks.csv`, or a CSV file with a column `genre`. Returns
    /// also the number of records that could not be read.
    pub(crate) fn read(path: &Path, reading: &Reading, listener: &dyn Listener) -> Result<(Self, u64)> {
        if path.is_file() {
            if let Some(columns) = header(path)? {
                let (rows, n_words) = Self::of_csv(path, &columns)
                    .and_then(|read| read.0.places().map(|_| read))
                    .with_context(|| format!("cannot read labels from {}", path.display()))?;
                if n_words > 0 {
                    listener.say(&format!(
                        "{}: {n_words} genres are words for a missing value, such as NA, nan, None or null, and are taken for none",
                        path.display()
                    ));
                }
                return Ok((rows, 0));
            }
            if path.file_name().is_none_or(|name| name != "tracks.csv") {
                refuse!(
                    Labels,
                    "{} has no column `genre`; labels are read from a CSV file whose header names a column genre and a column \
                     path, id or track_id, from the dataset's tracks.csv, or from a store",
                    path.display()
                );
            }
        }
        let (store, n_rejected) = source::open(path, reading, listener)?;
        Ok((Self::of_store(&store)?, n_rejected))
    }

    /// What the tracks of a store are known by.
    pub(crate) fn of_store(store: &Store) -> Result<Self> {
        let columns: Vec<&str> = ["track_id", "artist.id", "album.id", "set.split"]
            .into_iter()
            .chain(selection::COLUMNS)
            .collect();
        let tracks = read_some(store, TableId::Tracks, &columns)?;
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
        Ok(Self {
            ids,
            artists: (0..n).map(|row| value_at(artists.as_ref(), row)).collect(),
            // The dataset's -1 is no album.
            albums: (0..n)
                .map(|row| value_at(albums.as_ref(), row).filter(|album| *album >= 1))
                .collect(),
            parts: (0..n).map(part).collect(),
            genres: tracks,
        })
    }

    /// Also the number of genres that are words for a missing value.
    fn of_csv(path: &Path, columns: &[String]) -> Result<(Self, u64)> {
        if columns.len() > MAX_COLUMNS {
            refuse!(
                Labels,
                "its header has {} columns; at most {MAX_COLUMNS} are read",
                columns.len()
            );
        }
        let fields: Vec<Field> = columns
            .iter()
            .map(|name| Field::new(name, DataType::Utf8, true))
            .collect();
        let find = |names: &[&str]| {
            columns
                .iter()
                .position(|column| names.contains(&column.to_lowercase().as_str()))
        };
        let (Some(id), Some(genre)) = (find(&ID_COLUMNS), find(&GENRE_COLUMNS)) else {
            refuse!(
                Labels,
                "its header has no column that names the rows: path, id or track_id"
            );
        };
        let (artist, album) = (find(&ARTIST_COLUMNS), find(&ALBUM_COLUMNS));
        // The others take no memory.
        let mut wanted: Vec<usize> = [Some(id), Some(genre), artist, album]
            .into_iter()
            .flatten()
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let place = |column: usize| wanted.iter().position(|&at| at == column).unwrap_or(0);
        let (id, genre) = (place(id), place(genre));
        let (artist, album) = (artist.map(place), album.map(place));
        let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
            .with_header(true)
            .with_projection(wanted.clone())
            .build(BoundedRecords::new(File::open(path)?))
            .map_err(Error::Csv)?;
        let (mut ids, mut genres) = (Vec::new(), Vec::new());
        let (mut artists, mut albums) = (Vec::new(), Vec::new());
        let mut n_words = 0;
        for batch in reader {
            let batch = batch
                .map_err(Error::Csv)
                .with_context(|| format!("after record {}", ids.len()))?;
            let text = |column: usize, row: usize| {
                let cells = batch.column(column).as_string::<i32>();
                (cells.is_valid(row) && !cells.value(row).is_empty()).then(|| cells.value(row).to_owned())
            };
            if ids.len() + batch.num_rows() > MAX_LABELS {
                refuse!(Labels, "there are more than {MAX_LABELS} records");
            }
            for row in 0..batch.num_rows() {
                let Some(name) = text(id, row) else {
                    refuse!(Labels, "record {} does not name its row", ids.len() + 1);
                };
                ids.push(RowId::from(name.as_str()));
                let said = text(genre, row).map(|said| said.trim().to_owned());
                if let Some(n) = said
                    .as_ref()
                    .map(|said| said.chars().count())
                    .filter(|&n| n > MAX_NAME_CHARS)
                {
                    refuse!(
                        Labels,
                        "the genre of record {} has {n} characters; at most {MAX_NAME_CHARS} are read",
                        ids.len()
                    );
                }
                let known = said.clone().filter(|said| !is_missing(said.as_bytes()));
                n_words += u64::from(known.is_none() && said.is_some_and(|said| !said.is_empty()));
                genres.push(known);
                let name = |column: Option<usize>| compared(&text(column?, row)?);
                artists.push(name(artist));
                albums.push(name(album));
            }
        }
        let n = ids.len();
        let genres: ArrayRef = Arc::new(StringArray::from(genres));
        let genres = RecordBatch::try_from_iter([("track.genre_top", genres)]).map_err(Error::Csv)?;
        let known = Self {
            ids,
            genres,
            artists: numbered(&artists),
            albums: numbered(&albums),
            parts: vec![None; n],
        };
        Ok((known, n_words))
    }

    /// The row of each name.
    ///
    /// # Errors
    /// `Labels` where two rows have the same.
    pub(crate) fn places(&self) -> Result<HashMap<RowId, usize>> {
        let mut place = HashMap::with_capacity(self.ids.len());
        for (row, id) in self.ids.iter().enumerate() {
            if place.insert(id.clone(), row).is_some() {
                refuse!(
                    Labels,
                    "{id} has two rows among the labels; every row needs its own name"
                );
            }
        }
        Ok(place)
    }
}

/// The artist of each row that a table knows, where it knows one: a number from 0 up, the same for all rows of an artist.
///
/// # Errors
/// As [`Known::read`], and `Labels` where two rows have the same name.
#[cfg(feature = "deep")]
pub(crate) fn artists_of(
    table: &Path,
    reading: &Reading,
    listener: &dyn Listener,
) -> Result<HashMap<RowId, Option<i64>>> {
    let (known, _) = Known::read(table, reading, listener)?;
    let places = known.places()?;
    let artist = |row: usize| known.artists[row].filter(|&artist| artist >= 0);
    Ok(places.into_iter().map(|(id, row)| (id, artist(row))).collect())
}

/// What names of artists and albums are compared by: blanks around them do not count, those inside are one space each, and
/// capitals are small letters (Unicode). Accents and spelling count. `None` for blanks alone and for words for a missing value.
fn compared(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_known = !words.is_empty() && !is_missing(name.trim().as_bytes());
    is_known.then(|| words.join(" ").to_lowercase())
}

/// Numbers from 1 in the order of the names, so that a split does not depend on the order of the file.
fn numbered(names: &[Option<String>]) -> Vec<Option<i64>> {
    let mut sorted: Vec<&String> = names.iter().flatten().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let number = |name: &Option<String>| {
        let at = sorted.binary_search(&name.as_ref()?).ok()?;
        Some(at as i64 + 1)
    };
    names.iter().map(number).collect()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::listener::Nobody;

    #[test]
    fn what_is_too_much_for_labels_is_told_and_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        let error = |text: String| {
            std::fs::write(&path, text).unwrap();
            let read = Known::read(&path, &Reading::default(), &Nobody);
            let text = read.map(|_| ()).unwrap_err().in_one_line();
            assert!(text.len() < 500, "{} bytes of message", text.len());
            text
        };
        let good = format!("path,genre\na,{}\n", "x".repeat(MAX_NAME_CHARS));
        std::fs::write(&path, &good).unwrap();
        Known::read(&path, &Reading::default(), &Nobody).unwrap();
        let long = format!("path,genre\na,Rock\nb,{}\n", "x".repeat(70_000));
        let said = error(long);
        assert!(
            said.contains("the genre of record 2 has 70000 characters"),
            "{said}"
        );
        let said = error(format!("path,genre\na,\"{}", "x".repeat(17 << 20)));
        assert!(said.contains("record 2 has more than 16777216 bytes"), "{said}");
        let said = error(format!("path,genre{}\n", ",c".repeat(20_000)));
        assert!(said.contains("20002 columns; at most 10000"), "{said}");
    }

    #[test]
    fn names_of_artists_and_albums_are_compared_as_people_read_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        let text = "path,genre,Artist,album\n\
            a,Rock,X,One\n\
            b,Rock ,X ,\n\
            c, Rock,\"  the  Y\u{a0}Z\",  \n\
            d,Jazz,The y z,One\n\
            e,Jazz,  ,Two\n\
            f,Jazz,,Élan\n\
            g, ,ÉRIC,élan\n\
            h,Jazz,Eric,\n\
            i,Jazz,éric,\n\
            j,Jazz, NA ,None\n";
        std::fs::write(&path, text).unwrap();
        let (known, _) = Known::read(&path, &Reading::default(), &Nobody).unwrap();
        let (x, yz, eric, accented) = (Some(3), Some(2), Some(1), Some(4));
        assert_eq!(
            known.artists,
            [x, x, yz, yz, None, None, accented, eric, accented, None]
        );
        let (one, two, elan) = (Some(1), Some(2), Some(3));
        assert_eq!(
            known.albums,
            [one, None, None, one, two, elan, elan, None, None, None]
        );
        let genres = known.genres.column(0).as_string::<i32>();
        let genres: Vec<Option<&str>> = genres.iter().collect();
        assert_eq!(genres[..3], [Some("Rock"); 3]);
        assert_eq!(genres[6], None);
    }
}
