//! What the dataset's tables know of tracks besides their sound, as columns.

use std::collections::HashMap;

use arrow::array::AsArray;
use arrow::compute::{DatePart, date_part};
use arrow::datatypes::Int32Type;
use cratedigger_catalog::feature_table::RowId;
use cratedigger_catalog::{Store, TableId};
use cratedigger_learn::data::category_code;
use cratedigger_places::{Atlas, Gazetteer, TextPlace};

use super::choice::Family;
use crate::error::{Error, Result};
use crate::rows::reader::{Reader, StoreTable};
use crate::rows::tables::read_some;
use crate::table::{Table, text_at, value_at};

/// Columns of one family, and the values of each track; a track that is not among them has none.
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) rows: HashMap<RowId, Vec<f32>>,
}

/// The columns of `tracks` that hold numbers of a family, as they are.
const NUMBERS: [(Family, &str, &str); 5] = [
    (
        Family::Coordinates,
        "artist.latitude",
        "coordinates.latitude.optional",
    ),
    (
        Family::Coordinates,
        "artist.longitude",
        "coordinates.longitude.optional",
    ),
    (Family::Album, "album.tracks", "album.tracks.optional"),
    (Family::BitRate, "track.bit_rate", "bit_rate.optional"),
    (Family::Duration, "track.duration", "duration.optional"),
];

/// Dates of which the year is taken.
const DATES: [(&str, &str); 3] = [
    ("album.date_released", "year.released.optional"),
    ("track.date_recorded", "year.recorded.optional"),
    ("artist.active_year_begin", "year.artist_began.optional"),
];

/// Texts that are categories.
const TEXTS: [(Family, &str, &str); 2] = [
    (Family::Language, "track.language_code", "language.category"),
    (Family::Album, "album.type", "album.type.category"),
];

/// Groups of Echonest's columns that are numbers.
const ECHONEST: [&str; 3] = [
    "echonest.audio_features.",
    "echonest.social_features.",
    "echonest.temporal_features.",
];

/// The columns of a family.
///
/// # Errors
/// `MissingTable`, `ColumnType`, `Archive`.
pub(super) fn read(store: &Store, family: Family) -> Result<Columns> {
    if family == Family::Echonest {
        return echonest(store);
    }
    let wanted: Vec<&str> = match family {
        Family::Place => vec!["artist.latitude", "artist.longitude", "artist.location"],
        Family::Year => DATES.iter().map(|(column, _)| *column).collect(),
        _ => {
            let numbers = NUMBERS.iter().chain(&TEXTS);
            let of_family = numbers.filter(|(of, _, _)| *of == family);
            of_family.map(|(_, column, _)| *column).collect()
        }
    };
    let columns: Vec<&str> = std::iter::once("track_id").chain(wanted).collect();
    let batch = read_some(store, TableId::Tracks, &columns)?;
    let table = Table::new("tracks", &batch);
    table.column("track_id")?;
    let ids = table.int64("track_id")?;
    let columns = match family {
        Family::Place => places(&table)?,
        Family::Year => years(&table)?,
        _ => numbers_and_texts(&table, family)?,
    };
    let mut rows = HashMap::with_capacity(table.n_rows());
    for row in 0..table.n_rows() {
        let id = RowId::Track(value_at(ids.as_ref(), row).unwrap_or_default());
        rows.insert(id, columns.iter().map(|(_, values)| values[row]).collect());
    }
    Ok(Columns {
        names: columns.into_iter().map(|(name, _)| name.to_owned()).collect(),
        rows,
    })
}

type Named = Vec<(&'static str, Vec<f32>)>;

fn numbers_and_texts(table: &Table<'_>, family: Family) -> Result<Named> {
    let mut columns = Vec::new();
    for (_, column, name) in TEXTS.into_iter().filter(|(of, _, _)| *of == family) {
        let texts = table.text(column)?;
        let code = |row| {
            let text = text_at(texts.as_ref(), row).map(|text| text.trim().to_lowercase());
            text.filter(|text| !text.is_empty())
                .map_or(f32::NAN, |text| category_code(&text))
        };
        columns.push((name, (0..table.n_rows()).map(code).collect()));
    }
    for (_, column, name) in NUMBERS.into_iter().filter(|(of, _, _)| *of == family) {
        let numbers = table.float64(column)?;
        // Beyond single precision is as good as not known.
        let number = |row| {
            let value = value_at(numbers.as_ref(), row).map(|value| value as f32);
            value.filter(|value| value.is_finite()).unwrap_or(f32::NAN)
        };
        columns.push((name, (0..table.n_rows()).map(number).collect()));
    }
    Ok(columns)
}

fn years(table: &Table<'_>) -> Result<Named> {
    let mut columns = Vec::new();
    for (column, name) in DATES {
        let mut values = vec![f32::NAN; table.n_rows()];
        if let Some(dates) = table.timestamps(column)? {
            let years = date_part(&dates, DatePart::Year)?;
            for (value, year) in values.iter_mut().zip(years.as_primitive::<Int32Type>()) {
                if let Some(year) = year {
                    *value = year as f32;
                }
            }
        }
        columns.push((name, values));
    }
    Ok(columns)
}

/// A country and, where that is known, a region of it, by their places in the atlas.
type Located = (usize, Option<usize>);

/// The country and the region of each track's artist, by the coordinates, else by what the artist wrote; a text that names a country alone
/// gives no region.
pub(in crate::rows) fn located(table: &Table<'_>, atlas: &Atlas) -> Result<Vec<Option<Located>>> {
    let gazetteer = Gazetteer::new(atlas);
    let (latitudes, longitudes) = (
        table.float64("artist.latitude")?,
        table.float64("artist.longitude")?,
    );
    let texts = table.text("artist.location")?;
    let mut known_texts: HashMap<&str, TextPlace> = HashMap::new();
    let mut found = Vec::with_capacity(table.n_rows());
    for row in 0..table.n_rows() {
        let point = value_at(latitudes.as_ref(), row).zip(value_at(longitudes.as_ref(), row));
        let by_point = point.and_then(|(latitude, longitude)| atlas.locate(latitude, longitude).region());
        found.push(match (by_point, text_at(texts.as_ref(), row)) {
            (Some(region), _) => Some((atlas.region(region).country, Some(region))),
            (None, Some(text)) => match *known_texts.entry(text).or_insert_with(|| gazetteer.find(text)) {
                TextPlace::Found { country, region } => Some((country, region)),
                TextPlace::Ambiguous | TextPlace::Unknown => None,
            },
            (None, None) => None,
        });
    }
    Ok(found)
}

/// Continent and region.
fn places(table: &Table<'_>) -> Result<Named> {
    let atlas = Atlas::embedded().map_err(|error| Error::Input(error.to_string()))?;
    let n = table.n_rows();
    let (mut continents, mut regions) = (vec![f32::NAN; n], vec![f32::NAN; n]);
    for (row, place) in located(table, &atlas)?.into_iter().enumerate() {
        let Some((country, region)) = place else { continue };
        let country = &atlas.countries()[country];
        continents[row] = match region {
            Some(region) => category_code(&atlas.region(region).continent),
            None => category_code(&country.continent),
        };
        if let Some(region) = region {
            regions[row] = category_code(&format!("{}, {}", country.code, atlas.region(region).name));
        }
    }
    Ok(vec![
        ("place.continent.category", continents),
        ("place.region.category", regions),
    ])
}

fn echonest(store: &Store) -> Result<Columns> {
    if !store.has(TableId::Echonest) {
        let present: Vec<&str> = store.tables().iter().map(|table| table.name()).collect();
        return Err(Error::MissingTable {
            table: "echonest",
            present: present.join(", "),
        });
    }
    let reader = StoreTable::open(store, TableId::Echonest)?;
    let chosen: Vec<usize> = (0..reader.columns().len())
        .filter(|&at| {
            ECHONEST
                .iter()
                .any(|group| reader.columns()[at].starts_with(group))
        })
        .collect();
    let mut rows = HashMap::new();
    reader.read(&chosen, &mut |row| {
        let finite = row
            .values
            .iter()
            .map(|value| if value.is_finite() { *value } else { f32::NAN });
        rows.insert(row.id, finite.collect());
        Ok(())
    })?;
    let name = |&at: &usize| format!("{}.optional", reader.columns()[at]);
    Ok(Columns {
        names: chosen.iter().map(name).collect(),
        rows,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_two_regions_countries_or_languages_share_a_code() {
        let atlas = Atlas::embedded().unwrap();
        let mut names: Vec<String> = atlas
            .countries()
            .iter()
            .map(|country| country.code.clone())
            .collect();
        for region in atlas.regions() {
            names.push(format!(
                "{}, {}",
                atlas.countries()[region.country].code,
                region.name
            ));
            names.push(region.continent.clone());
        }
        for a in b'a'..=b'z' {
            names.extend((b'a'..=b'z').map(|b| String::from_utf8(vec![a, b]).unwrap()));
        }
        names.sort_unstable();
        names.dedup();
        let n = names.len();
        let mut codes: Vec<(u32, String)> = names
            .into_iter()
            .map(|name| (category_code(&name) as u32, name))
            .collect();
        codes.sort_unstable();
        let shared: Vec<_> = codes.windows(2).filter(|pair| pair[0].0 == pair[1].0).collect();
        assert!(n > 4_000 && shared.is_empty(), "{n} names: {shared:?}");
    }
}
