//! What was heard of each file: its length, and what of its sound was left out or lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::AudioInfo;
use cratedigger_files::csv::push_field;
use serde::Serialize;

/// Numbers of a record, see [`Heard::numbers`].
pub(super) const N_NUMBERS: usize = 7;

/// The columns of the table beside a file of features.
pub(super) const COLUMNS: [&str; 9] = [
    "id",
    "sample_rate",
    "n_channels",
    "n_samples",
    "n_bad_packets",
    "n_lost",
    "lost_share",
    "n_trimmed",
    "n_told",
];

/// What was decoded of a file, in samples of one channel at its own rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// Rate in Hz.
    pub sample_rate: u32,
    /// Number of channels.
    pub n_channels: u64,
    /// Samples that the features are of.
    pub n_samples: u64,
    /// Packets that were damaged.
    pub n_bad_packets: u64,
    /// Samples that are known to be missing or damaged.
    pub n_lost: u64,
    /// Samples that belong to no recording: the encoder's delay and padding.
    pub n_trimmed: u64,
    /// Samples that the container counts, by another way than decoding.
    pub n_told: Option<u64>,
}

impl From<AudioInfo> for Heard {
    fn from(info: AudioInfo) -> Self {
        Self {
            sample_rate: info.sample_rate,
            n_channels: info.n_channels as u64,
            n_samples: info.n_samples,
            n_bad_packets: info.n_bad_packets,
            n_lost: info.n_lost,
            n_trimmed: info.n_trimmed,
            n_told: info.n_told,
        }
    }
}

impl Heard {
    /// Share of the recording that was lost, 0 to 1.
    pub fn lost_share(&self) -> f64 {
        match self.n_lost {
            0 => 0.0,
            n => n as f64 / (self.n_samples as f64 + n as f64),
        }
    }

    /// What was lost, in words; none if nothing was.
    pub fn loss(&self) -> Option<String> {
        let seconds = self.n_lost as f64 / f64::from(self.sample_rate.max(1));
        (self.n_lost > 0 || self.n_bad_packets > 0).then(|| {
            format!(
                "{:.2} % of the sound was lost ({seconds:.2} s; damaged packets: {})",
                100.0 * self.lost_share(),
                self.n_bad_packets
            )
        })
    }

    /// Names of [`Heard::fields`].
    pub(crate) const FIELDS: &'static str =
        "sample_rate,n_channels,n_samples,n_bad_packets,n_lost,lost_share,n_trimmed,n_told";

    /// Its fields in a line of CSV.
    pub(crate) fn fields(&self) -> String {
        let told = self.n_told.map_or(String::new(), |n| n.to_string());
        format!(
            "{},{},{},{},{},{:?},{},{told}",
            self.sample_rate,
            self.n_channels,
            self.n_samples,
            self.n_bad_packets,
            self.n_lost,
            self.lost_share(),
            self.n_trimmed,
        )
    }

    /// For the journal; a length that is not told is the largest number.
    pub(super) fn numbers(&self) -> [u64; N_NUMBERS] {
        [
            u64::from(self.sample_rate),
            self.n_channels,
            self.n_samples,
            self.n_bad_packets,
            self.n_lost,
            self.n_trimmed,
            self.n_told.unwrap_or(u64::MAX),
        ]
    }

    /// The reverse of [`Self::numbers`].
    pub(super) fn of_numbers(numbers: [u64; N_NUMBERS]) -> Option<Self> {
        let [
            rate,
            n_channels,
            n_samples,
            n_bad_packets,
            n_lost,
            n_trimmed,
            told,
        ] = numbers;
        Some(Self {
            sample_rate: u32::try_from(rate).ok()?,
            n_channels,
            n_samples,
            n_bad_packets,
            n_lost,
            n_trimmed,
            n_told: Some(told).filter(|n| *n < u64::MAX),
        })
    }
}

/// The first line of [`table`].
pub(super) fn header() -> Vec<u8> {
    format!("{}\n", COLUMNS.join(",")).into_bytes()
}

/// The table beside a file of features, as CSV without its [`header`]: a line for each row, in the order of the rows.
pub(super) fn table(rows: &[(RowId, Heard)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (id, heard) in rows {
        push_field(&mut text, &id.to_string());
        text.push(b',');
        text.extend(heard.fields().into_bytes());
        text.push(b'\n');
    }
    text
}

/// `clips.audio.csv` beside `clips.parquet`.
pub fn heard_path(out: &Path) -> PathBuf {
    out.with_extension("audio.csv")
}

/// What was heard, by file.
pub type HeardFiles = BTreeMap<PathBuf, Heard>;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_tells_what_was_lost() {
        let heard = Heard {
            sample_rate: 44_100,
            n_channels: 2,
            n_samples: 2_999_000,
            n_bad_packets: 3,
            n_lost: 1000,
            n_trimmed: 1105,
            n_told: Some(3_000_000),
        };
        let whole = Heard {
            n_bad_packets: 0,
            n_lost: 0,
            n_told: None,
            ..heard
        };
        let text = table(&[(RowId::from("7"), heard), (RowId::from("a,b.mp3"), whole)]);
        let text = String::from_utf8([header(), text].concat()).unwrap();
        assert_eq!(
            text,
            "id,sample_rate,n_channels,n_samples,n_bad_packets,n_lost,lost_share,n_trimmed,n_told\n\
             7,44100,2,2999000,3,1000,0.0003333333333333333,1105,3000000\n\
             \"a,b.mp3\",44100,2,2999000,0,0,0.0,1105,\n"
        );
        assert_eq!(
            heard.loss().unwrap(),
            "0.03 % of the sound was lost (0.02 s; damaged packets: 3)"
        );
        assert_eq!(whole.loss(), None);
        for h in [heard, whole] {
            assert_eq!(Heard::of_numbers(h.numbers()), Some(h));
        }
        assert_eq!(heard_path(Path::new("a/f.parquet")), Path::new("a/f.audio.csv"));
    }
}
