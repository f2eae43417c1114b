//! How long the tracks are.

use serde::{Deserialize, Serialize};

use crate::archive::quantiles::Quantiles;

/// How long the tracks are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// The unit of the quantiles: `s`.
    pub unit: String,
    /// Order statistics.
    pub quantiles: Quantiles,
    /// All durations together, in hours.
    pub total_hours: f64,
    /// Tracks whose duration is given as 0 or less.
    pub n_not_positive: u64,
    /// Tracks by minutes: 0 to 1, ..., 14 to 15, and 15 or more.
    pub by_minute: Vec<MinuteCount>,
}

/// Tracks of a duration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinuteCount {
    /// At least these minutes.
    pub from: u64,
    /// Less than these minutes; `null` for the last class, which has no end.
    pub to: Option<u64>,
    /// Tracks.
    pub n: u64,
}

/// Durations in seconds, sorted; `None` without any.
pub(super) fn durations(sorted: &[f64]) -> Option<Durations> {
    const LAST: usize = 15;
    let quantiles = Quantiles::of_sorted(sorted)?;
    let mut by_minute = [0_u64; LAST + 1];
    for &seconds in sorted.iter().filter(|&&seconds| seconds >= 0.0) {
        by_minute[((seconds / 60.0) as usize).min(LAST)] += 1;
    }
    Some(Durations {
        unit: "s".to_owned(),
        quantiles,
        total_hours: sorted.iter().filter(|&&seconds| seconds > 0.0).sum::<f64>() / 3600.0,
        n_not_positive: sorted.iter().filter(|&&seconds| seconds <= 0.0).count() as u64,
        by_minute: by_minute
            .into_iter()
            .enumerate()
            .map(|(from, n)| MinuteCount {
                from: from as u64,
                to: (from < LAST).then_some(from as u64 + 1),
                n,
            })
            .collect(),
    })
}
