//! Bit rates, and those that cannot be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::archive::quantiles::{Quantiles, present};
use crate::error::Result;
use crate::table::{Table, value_at};

/// Bit rates outside of this range (bits per second) are no MP3's: MPEG audio layer III knows 8 to 320 kbit/s
/// (ISO/IEC 11172-3 and 13818-3).
pub const PLAUSIBLE_BIT_RATES: (i64, i64) = (8_000, 320_000);

/// Bit rates, and those that cannot be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BitRates {
    /// The unit: `bit/s`.
    pub unit: String,
    /// Order statistics.
    pub quantiles: Quantiles,
    /// The most frequent values, at most ten; ties by the lower rate.
    pub common: Vec<BitRateCount>,
    /// The lowest plausible rate.
    pub lowest_plausible: i64,
    /// The highest plausible rate.
    pub highest_plausible: i64,
    /// Tracks below the lowest plausible rate.
    pub n_below: u64,
    /// Tracks above the highest plausible rate.
    pub n_above: u64,
    /// The most extreme of these tracks, at most ten: the lowest first, then the highest.
    pub implausible: Vec<TrackBitRate>,
}

/// How often a bit rate occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BitRateCount {
    /// The rate.
    pub bit_rate: i64,
    /// Tracks.
    pub n: u64,
}

/// A track's bit rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackBitRate {
    /// The track.
    pub track_id: i64,
    /// Its rate.
    pub bit_rate: i64,
}

pub(super) fn bit_rates(table: &Table<'_>) -> Result<Option<BitRates>> {
    const SHOWN: usize = 10;
    let (lowest, highest) = PLAUSIBLE_BIT_RATES;
    let Some(rates) = table.int64("track.bit_rate")? else {
        return Ok(None);
    };
    let ids = table.int64("track_id")?;
    let sorted = present(rates.iter().map(|rate| rate.map(|rate| rate as f64)));
    let Some(quantiles) = Quantiles::of_sorted(&sorted) else {
        return Ok(None);
    };
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for rate in rates.iter().flatten() {
        *counts.entry(rate).or_default() += 1;
    }
    let outside = |range: &dyn Fn(i64) -> bool| -> Vec<TrackBitRate> {
        (0..table.n_rows())
            .filter_map(|row| {
                let bit_rate = value_at(Some(&rates), row).filter(|&rate| range(rate))?;
                Some(TrackBitRate {
                    track_id: value_at(ids.as_ref(), row).unwrap_or(row as i64),
                    bit_rate,
                })
            })
            .collect()
    };
    let mut below = outside(&|rate| rate < lowest);
    let mut above = outside(&|rate| rate > highest);
    let (n_below, n_above) = (below.len() as u64, above.len() as u64);
    below.sort_by_key(|track| track.bit_rate);
    above.sort_by_key(|track| std::cmp::Reverse(track.bit_rate));
    // Half of the list for each side, or more where the other side has less.
    let n_first = below.len().min(SHOWN.saturating_sub(above.len()).max(SHOWN / 2));
    below.truncate(n_first);
    above.truncate(SHOWN - n_first);
    below.append(&mut above);

    let mut common: Vec<BitRateCount> = counts
        .into_iter()
        .map(|(bit_rate, n)| BitRateCount { bit_rate, n })
        .collect();
    common.sort_by_key(|count| std::cmp::Reverse(count.n));
    common.truncate(SHOWN);
    Ok(Some(BitRates {
        unit: "bit/s".to_owned(),
        quantiles,
        common,
        lowest_plausible: lowest,
        highest_plausible: highest,
        n_below,
        n_above,
        implausible: below,
    }))
}
