//! What kind of track a row is besides its genre: from where, in which language, of which year, of which bit rate. Told, not learnt from.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use arrow::array::AsArray;
use arrow::compute::{DatePart, date_part};
use arrow::datatypes::Int32Type;
use cratedigger_catalog::feature_table::RowId;
use cratedigger_catalog::{Store, TableId};
use cratedigger_places::Atlas;

use super::inputs::located;
use crate::error::{Error, Result};
use crate::rows::tables::read_some;
use crate::table::{Table, text_at, value_at};

/// What stands for rows of which it is not known.
pub const NOT_KNOWN: &str = "not known";

/// Years that stand together.
const YEARS: i32 = 5;

/// Where bit rates are divided, in kbit/s.
const BIT_RATES: [u32; 4] = [128, 192, 256, 320];

/// A way to tell tracks apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackKind {
    /// The continent of the artist: of the coordinates, else of what the artist wrote.
    Continent,
    /// `track.language_code`.
    Language,
    /// The year of the album's release, else of the recording, five years together.
    Year,
    /// The bit rate of the file, in five bands.
    BitRate,
}

impl TrackKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Continent, Self::Language, Self::Year, Self::BitRate];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Continent => "continent",
            Self::Language => "language",
            Self::Year => "year",
            Self::BitRate => "bit_rate",
        }
    }

    /// The columns of `tracks` that tell it.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Continent => &["artist.latitude", "artist.longitude", "artist.location"],
            Self::Language => &["track.language_code"],
            Self::Year => &["album.date_released", "track.date_recorded"],
            Self::BitRate => &["track.bit_rate"],
        }
    }
}

impl fmt::Display for TrackKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TrackKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text.trim());
        found.ok_or_else(|| Error::InvalidOption {
            option: "--by",
            value: text.to_owned(),
            expected: "continent, language, year, bit_rate",
        })
    }
}

/// What is known of the tracks of a store, and in which order it is told.
pub struct TrackKinds {
    /// The kinds that some track has, in order, without those of which it is not known.
    labels: Vec<String>,
    of_track: HashMap<RowId, usize>,
}

impl TrackKinds {
    /// Reads what tells a kind.
    ///
    /// # Errors
    /// `MissingTable`, `ColumnType`, `Archive`.
    pub fn read(store: &Store, kind: TrackKind) -> Result<Self> {
        let columns: Vec<&str> = std::iter::once("track_id")
            .chain(kind.columns().iter().copied())
            .collect();
        let batch = read_some(store, TableId::Tracks, &columns)?;
        let table = Table::new("tracks", &batch);
        table.column("track_id")?;
        let ids = table.int64("track_id")?;
        // A rank before the label, by which labels are ordered.
        let found: Vec<Option<(i64, String)>> = match kind {
            TrackKind::Continent => continents(&table)?,
            TrackKind::Language => {
                let texts = table.text("track.language_code")?;
                let code = |row| {
                    let code = text_at(texts.as_ref(), row)?.trim().to_lowercase();
                    (!code.is_empty()).then_some((0, code))
                };
                (0..table.n_rows()).map(code).collect()
            }
            TrackKind::Year => years(&table)?,
            TrackKind::BitRate => {
                let rates = table.float64("track.bit_rate")?;
                (0..table.n_rows())
                    .map(|row| band(value_at(rates.as_ref(), row)?))
                    .collect()
            }
        };
        let mut labels: Vec<&(i64, String)> = found.iter().flatten().collect();
        labels.sort_unstable();
        labels.dedup();
        let mut of_track = HashMap::new();
        for (row, found) in found.iter().enumerate() {
            let at = found.as_ref().and_then(|found| labels.binary_search(&found).ok());
            if let (Some(at), Some(id)) = (at, value_at(ids.as_ref(), row)) {
                of_track.insert(RowId::Track(id), at);
            }
        }
        Ok(Self {
            labels: labels.into_iter().map(|(_, label)| label.clone()).collect(),
            of_track,
        })
    }

    /// The rows of each kind, those of which it is not known last; kinds without a row are left out.
    pub fn parts<'a>(&self, ids: impl IntoIterator<Item = &'a RowId>) -> Vec<(String, Vec<usize>)> {
        let mut parts: Vec<(String, Vec<usize>)> = self
            .labels
            .iter()
            .map(String::as_str)
            .chain([NOT_KNOWN])
            .map(|label| (label.to_owned(), Vec::new()))
            .collect();
        for (row, id) in ids.into_iter().enumerate() {
            let at = self.of_track.get(id).copied().unwrap_or(self.labels.len());
            parts[at].1.push(row);
        }
        parts.retain(|(_, rows)| !rows.is_empty());
        parts
    }
}

fn continents(table: &Table<'_>) -> Result<Vec<Option<(i64, String)>>> {
    let atlas = Atlas::embedded().map_err(|error| Error::Input(error.to_string()))?;
    let found = located(table, &atlas)?.into_iter().map(|place| {
        let (country, region) = place?;
        let continent = match region {
            Some(region) => &atlas.region(region).continent,
            None => &atlas.countries()[country].continent,
        };
        Some((0, continent.clone()))
    });
    Ok(found.collect())
}

fn years(table: &Table<'_>) -> Result<Vec<Option<(i64, String)>>> {
    let mut found = vec![None; table.n_rows()];
    for column in TrackKind::Year.columns() {
        let Some(dates) = table.timestamps(column)? else {
            continue;
        };
        let years = date_part(&dates, DatePart::Year)?;
        for (found, year) in found.iter_mut().zip(years.as_primitive::<Int32Type>()) {
            if let (None, Some(year)) = (&found, year) {
                let first = year.div_euclid(YEARS) * YEARS;
                *found = Some((i64::from(first), format!("{first}-{}", first + YEARS - 1)));
            }
        }
    }
    Ok(found)
}

/// The band of a bit rate in bit/s; none of what is no rate.
fn band(rate: f64) -> Option<(i64, String)> {
    if !(rate.is_finite() && rate > 0.0) {
        return None;
    }
    let kbit_s = rate / 1000.0;
    let at = BIT_RATES.iter().filter(|&&end| kbit_s >= f64::from(end)).count();
    let label = match at {
        0 => format!("below {} kbit/s", BIT_RATES[0]),
        at if at == BIT_RATES.len() => format!("{} kbit/s and more", BIT_RATES[at - 1]),
        at => format!("{} to {} kbit/s", BIT_RATES[at - 1], BIT_RATES[at] - 1),
    };
    Some((at as i64, label))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bit_rates_are_in_bands() {
        let of = |rate: f64| band(rate).map(|(_, label)| label);
        assert_eq!(of(64_000.0).as_deref(), Some("below 128 kbit/s"));
        assert_eq!(of(128_000.0).as_deref(), Some("128 to 191 kbit/s"));
        assert_eq!(of(255_999.0).as_deref(), Some("192 to 255 kbit/s"));
        assert_eq!(of(320_000.0).as_deref(), Some("320 kbit/s and more"));
        assert_eq!((of(0.0), of(-1.0), of(f64::NAN)), (None, None, None));
    }

    #[test]
    fn rows_are_told_apart_and_those_not_known_come_last() {
        let kinds = TrackKinds {
            labels: vec!["2005-2009".into(), "2010-2014".into(), "2015-2019".into()],
            of_track: [(2, 1), (3, 0), (5, 1)]
                .map(|(id, at)| (RowId::Track(id), at))
                .into(),
        };
        let ids = [9, 2, 3, 5, 8].map(RowId::Track);
        assert_eq!(
            kinds.parts(&ids),
            [
                ("2005-2009".to_owned(), vec![2]),
                ("2010-2014".to_owned(), vec![1, 3]),
                (NOT_KNOWN.to_owned(), vec![0, 4])
            ]
        );
        assert_eq!("bit_rate".parse::<TrackKind>().unwrap(), TrackKind::BitRate);
        assert!("genre".parse::<TrackKind>().is_err());
    }
}
