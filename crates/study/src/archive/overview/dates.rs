//! When tracks, albums and artists came.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::compute::{DatePart, date_part, max, min};
use arrow::datatypes::Int32Type;
use arrow::temporal_conversions::timestamp_us_to_datetime;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::table::Table;

const DATES: [&str; 7] = [
    "album.date_created",
    "album.date_released",
    "artist.active_year_begin",
    "artist.active_year_end",
    "artist.date_created",
    "track.date_created",
    "track.date_recorded",
];

/// First and last date of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DateRange {
    /// The column.
    pub column: String,
    /// Rows with a date.
    pub n: u64,
    /// The first day, such as `2008-11-26`.
    pub first: String,
    /// The last day.
    pub last: String,
}

/// Tracks of a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct YearCount {
    /// The year.
    pub year: i32,
    /// Tracks.
    pub n: u64,
}

pub(super) fn date_ranges(table: &Table<'_>) -> Result<Vec<DateRange>> {
    let day = |micros: i64| {
        timestamp_us_to_datetime(micros).map_or_else(
            || "out of range".to_owned(),
            |time| time.format("%Y-%m-%d").to_string(),
        )
    };
    let mut ranges = Vec::new();
    for column in DATES {
        let Some(dates) = table.timestamps(column)? else {
            continue;
        };
        if let (Some(first), Some(last)) = (min(&dates), max(&dates)) {
            ranges.push(DateRange {
                column: column.to_owned(),
                n: (dates.len() - dates.null_count()) as u64,
                first: day(first),
                last: day(last),
            });
        }
    }
    Ok(ranges)
}

pub(super) fn tracks_by_year(table: &Table<'_>) -> Result<Vec<YearCount>> {
    let Some(dates) = table.timestamps("track.date_created")? else {
        return Ok(Vec::new());
    };
    let years = date_part(&dates, DatePart::Year)?;
    let years = years.as_primitive::<Int32Type>();
    let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
    for year in years.iter().flatten() {
        *counts.entry(year).or_default() += 1;
    }
    Ok(counts
        .into_iter()
        .map(|(year, n)| YearCount { year, n })
        .collect())
}
