//! Tables and the types of their columns.

use std::fmt;

use arrow::datatypes::{DataType, Field, TimeUnit};
use serde::{Deserialize, Serialize};

/// The tables of the dataset, one CSV file each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TableId {
    /// `tracks.csv`: one row per track with its album, artist and split; 52 columns under two header lines.
    Tracks,
    /// `genres.csv`: the genre tree.
    Genres,
    /// `features.csv`: 518 audio features (or a subset of their columns) under three header lines.
    Features,
    /// `echonest.csv`: Echonest's features (or a subset of their columns) under three header lines.
    Echonest,
    /// `raw_tracks.csv`: tracks as the archive's web interface gave them.
    RawTracks,
    /// `raw_albums.csv`: albums as the archive's web interface gave them.
    RawAlbums,
    /// `raw_artists.csv`: artists as the archive's web interface gave them.
    RawArtists,
    /// `raw_genres.csv`: genres as the archive's web interface gave them.
    RawGenres,
    /// `raw_echonest.csv`: the Echonest table before cleaning; the layout of `echonest.csv`.
    RawEchonest,
}

impl TableId {
    /// Every table, in the order in which they are imported and listed.
    pub const ALL: [TableId; 9] = [
        TableId::Tracks,
        TableId::Genres,
        TableId::Features,
        TableId::Echonest,
        TableId::RawTracks,
        TableId::RawAlbums,
        TableId::RawArtists,
        TableId::RawGenres,
        TableId::RawEchonest,
    ];

    /// The table's name in SQL, file names and reports: `tracks`, `raw_albums`, ...
    pub fn name(self) -> &'static str {
        match self {
            TableId::Tracks => "tracks",
            TableId::Genres => "genres",
            TableId::Features => "features",
            TableId::Echonest => "echonest",
            TableId::RawTracks => "raw_tracks",
            TableId::RawAlbums => "raw_albums",
            TableId::RawArtists => "raw_artists",
            TableId::RawGenres => "raw_genres",
            TableId::RawEchonest => "raw_echonest",
        }
    }

    /// The name of the table's file in the distributed archive: `tracks.csv`, ...
    pub fn file_name(self) -> &'static str {
        match self {
            TableId::Tracks => "tracks.csv",
            TableId::Genres => "genres.csv",
            TableId::Features => "features.csv",
            TableId::Echonest => "echonest.csv",
            TableId::RawTracks => "raw_tracks.csv",
            TableId::RawAlbums => "raw_albums.csv",
            TableId::RawArtists => "raw_artists.csv",
            TableId::RawGenres => "raw_genres.csv",
            TableId::RawEchonest => "raw_echonest.csv",
        }
    }

    /// The table of this [name](Self::name), `None` for another text.
    pub fn from_name(name: &str) -> Option<TableId> {
        TableId::ALL.into_iter().find(|t| t.name() == name)
    }

    /// The index column: its values are whole, present and unique.
    pub fn index_column(self) -> &'static str {
        match self {
            TableId::Tracks | TableId::Features | TableId::Echonest => "track_id",
            TableId::RawTracks | TableId::RawEchonest => "track_id",
            TableId::Genres | TableId::RawGenres => "genre_id",
            TableId::RawAlbums => "album_id",
            TableId::RawArtists => "artist_id",
        }
    }

    /// How many header lines name the columns; with more than one, a further line names the index.
    pub fn header_levels(self) -> usize {
        match self {
            TableId::Tracks => 2,
            TableId::Features | TableId::Echonest | TableId::RawEchonest => 3,
            _ => 1,
        }
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// Whole numbers; `256000.0`, as pandas writes whole numbers beside missing ones, counts as whole.
    Int64,
    /// Numbers, each the double nearest to its decimal text.
    Float64,
    /// `True` or `False`.
    Boolean,
    /// A date or a date with time, without time zone, kept in microseconds.
    Timestamp,
    /// Text.
    Text,
    /// One of a few texts, from the least to the greatest.
    Category(&'static [&'static str]),
    /// A list of whole numbers written `[21, 45]`.
    IntList,
    /// A list of texts written `['noise', "don't"]`.
    TextList,
}

impl ColumnType {
    /// The Arrow type that the column is kept as.
    pub fn arrow_type(self) -> DataType {
        match self {
            ColumnType::Int64 => DataType::Int64,
            ColumnType::Float64 => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            ColumnType::Text | ColumnType::Category(_) => DataType::Utf8,
            ColumnType::IntList => DataType::new_list(DataType::Int64, true),
            ColumnType::TextList => DataType::new_list(DataType::Utf8, true),
        }
    }

    /// What a message tells the reader to write in such a cell.
    pub fn expected(self) -> &'static str {
        match self {
            ColumnType::Int64 => "a whole number",
            ColumnType::Float64 => "a number",
            ColumnType::Boolean => "True or False",
            ColumnType::Timestamp => "a date such as 2008-11-26 or 2008-11-26 01:48:12",
            ColumnType::Text => "text",
            ColumnType::Category(_) => "one of the column's categories",
            ColumnType::IntList => "a list of whole numbers such as [21, 45]",
            ColumnType::TextList => "a list of quoted texts such as ['noise', 'lo-fi']",
        }
    }
}

/// A column of a table: its flattened name and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name with its header levels joined by dots.
    pub name: String,
    /// What its cells hold.
    pub kind: ColumnType,
}

impl Column {
    /// The Arrow field: nullable but for the index; ordered categories stand in the metadata under `categories`, joined
    /// with commas from the least to the greatest.
    pub fn field(&self, is_index: bool) -> Field {
        let field = Field::new(&self.name, self.kind.arrow_type(), !is_index);
        match self.kind {
            ColumnType::Category(values) => field.with_metadata(
                [("categories".to_string(), values.join(","))]
                    .into_iter()
                    .collect(),
            ),
            _ => field,
        }
    }
}

/// How sure the dataset's documentation is of a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// A cell of another type is an error.
    Always(ColumnType),
    /// Kept as text, with a note, when one cell is of another type (the `raw_*` tables, which nobody cleaned).
    Usually(ColumnType),
    /// Not a column of the dataset: the type is taken from the cells.
    Never,
}
