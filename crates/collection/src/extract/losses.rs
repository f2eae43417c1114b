//! What was lost of all recordings of a file of features, from the tables that an extraction leaves beside it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use cratedigger_files::bounds::BoundedRecords;
use serde::{Deserialize, Serialize};

use super::heard::{COLUMNS, heard_path};
use super::run::failures_path;
use crate::error::{Context, Error, Result, refuse};
use crate::listener::Listener;

/// Recordings that are named in [`Losses::most`].
const N_NAMED: usize = 20;

/// The longest record: a path, a reason, some numbers. As many as are read at once fit into 64 MiB.
const MAX_RECORD_BYTES: usize = 64 << 10;

/// Records that are read at once.
const BATCH_ROWS: usize = 1024;

/// What the reason of a failure ends with where more than the limit was lost, see `TooMuchLost` of the features' errors.
const BY_LIMIT: &str = "(--max-lost) to accept it";

/// What was lost of the recordings of a file of features.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Losses {
    /// Recordings that gave features.
    pub n_recordings: u64,
    /// What was decoded of them, in seconds.
    pub sound_s: f64,
    /// Recordings of which some sound was lost.
    pub n_with_loss: u64,
    /// What was lost of them, in seconds.
    pub lost_s: f64,
    /// Their damaged packets.
    pub n_bad_packets: u64,
    /// Those that lost most, the greatest share first, at most 20.
    pub most: Vec<RecordingLoss>,
    /// Inputs that gave no features.
    pub n_failed: u64,
    /// Those of them of which more was lost than `--max-lost` allows.
    pub n_failed_by_loss: u64,
}

/// What was lost of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingLoss {
    /// Its row in the file of features.
    pub id: String,
    /// What was decoded, in seconds.
    pub sound_s: f64,
    /// What was lost, in seconds.
    pub lost_s: f64,
    /// What was lost as a share of both, 0 to 1.
    pub lost_share: f64,
    /// Damaged packets.
    pub n_bad_packets: u64,
}

impl Losses {
    /// Reads `NAME.audio.csv` and `NAME.failures.csv` beside the file of features `NAME.csv` or `NAME.parquet`; nothing where the first
    /// is not there.
    ///
    /// # Errors
    /// One of the two cannot be read, or is no such table.
    pub fn beside(features: &Path) -> Result<Option<Self>> {
        let heard = heard_path(features);
        if !heard.is_file() {
            return Ok(None);
        }
        let mut losses = Self::default();
        for_each(&heard, &COLUMNS, |cells: [&str; COLUMNS.len()]| losses.add(cells))
            .with_context(|| format!("cannot read what was lost from {}", heard.display()))?;
        losses.keep_most();
        let failures = failures_path(features);
        if failures.is_file() {
            for_each(&failures, &["path", "stage", "reason"], |[_, stage, reason]| {
                losses.n_failed += 1;
                losses.n_failed_by_loss += u64::from(stage == "decode" && reason.ends_with(BY_LIMIT));
                Ok(())
            })
            .with_context(|| format!("cannot read what failed from {}", failures.display()))?;
        }
        Ok(Some(losses))
    }

    fn add(&mut self, [id, rate, _, n_samples, n_bad, n_lost, ..]: [&str; COLUMNS.len()]) -> Result<()> {
        let number = |text: &str| match text.parse::<u64>() {
            Ok(number) => Ok(number),
            Err(_) => refuse!(Input, "`{text}` of {id} is no whole number"),
        };
        let (n_samples, n_bad_packets, n_lost) = (number(n_samples)?, number(n_bad)?, number(n_lost)?);
        let rate = number(rate)?.max(1) as f64;
        let (sound_s, lost_s) = (n_samples as f64 / rate, n_lost as f64 / rate);
        self.n_recordings += 1;
        self.sound_s += sound_s;
        if n_lost > 0 || n_bad_packets > 0 {
            self.n_with_loss += 1;
            self.lost_s += lost_s;
            self.n_bad_packets += n_bad_packets;
            self.most.push(RecordingLoss {
                id: id.to_owned(),
                sound_s,
                lost_s,
                lost_share: n_lost as f64 / (n_samples as f64 + n_lost as f64).max(1.0),
                n_bad_packets,
            });
            if self.most.len() >= BATCH_ROWS {
                self.keep_most();
            }
        }
        Ok(())
    }

    /// Forgets all but those that lost most.
    fn keep_most(&mut self) {
        self.most.sort_by(|a, b| {
            b.lost_share
                .total_cmp(&a.lost_share)
                .then_with(|| a.id.cmp(&b.id))
        });
        self.most.truncate(N_NAMED);
    }
}

/// Says of how many rows of a file of features some sound was lost, where the table beside it tells.
pub(crate) fn tell_losses_beside(features: &Path, listener: &dyn Listener) {
    match Losses::beside(features) {
        Ok(Some(losses)) if losses.n_with_loss > 0 => listener.say(&format!(
            "{} of the recordings lost some of their sound when {} was made; {} says how much",
            losses.n_with_loss,
            features.display(),
            heard_path(features).display()
        )),
        Ok(_) => {}
        Err(error) => listener.say(&error.in_one_line()),
    }
}

/// Gives the cells of every line of a CSV file with just these columns.
fn for_each<const N: usize>(
    path: &Path,
    columns: &[&str; N],
    mut line: impl FnMut([&str; N]) -> Result<()>,
) -> Result<()> {
    let named = columns.join(",");
    let text = BoundedRecords::of_at_most(File::open(path)?, MAX_RECORD_BYTES);
    let fields: Vec<Field> = columns
        .iter()
        .map(|name| Field::new(*name, DataType::Utf8, true))
        .collect();
    let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
        .with_batch_size(BATCH_ROWS)
        .build(text)
        .map_err(Error::Csv)?;
    let mut is_header = true;
    for batch in reader {
        let batch = batch.map_err(Error::Csv)?;
        let cells: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| column.as_string::<i32>())
            .collect();
        for row in 0..batch.num_rows() {
            let cells: [&str; N] = std::array::from_fn(|at| match cells[at].is_valid(row) {
                true => cells[at].value(row),
                false => "",
            });
            if !is_header {
                line(cells)?;
            } else if cells != *columns {
                refuse!(Input, "its columns are not {named}");
            }
            is_header = false;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_features::Error as FeaturesError;

    const HEADER: &str =
        "id,sample_rate,n_channels,n_samples,n_bad_packets,n_lost,lost_share,n_trimmed,n_told\n";

    fn beside(audio: &str, failures: Option<&str>) -> Result<Option<Losses>> {
        let folder = tempfile::tempdir().unwrap();
        let features = folder.path().join("f.csv");
        std::fs::write(folder.path().join("f.audio.csv"), audio).unwrap();
        if let Some(text) = failures {
            std::fs::write(folder.path().join("f.failures.csv"), text).unwrap();
        }
        Losses::beside(&features)
    }

    #[test]
    fn losses_are_summed_and_the_greatest_share_is_first() {
        let too_much = FeaturesError::TooMuchLost {
            n_lost: 50,
            n_samples: 50,
            n_bad_packets: 1,
            share: 0.5,
            limit: 0.01,
        };
        let failures =
            format!("path,stage,reason\n\"a,b.mp3\",decode,\"{too_much}\"\nc.txt,probe,no audio\n");
        let audio = format!(
            "{HEADER}2,1000,2,10000,0,0,0.0,0,\n\"x, \"\"y\"\".mp3\",1000,1,9000,2,1000,0.1,0,10000\n7,2000,1,2000,0,2000,0.5,0,4000\n\
             8,100,1,100,1,0,0.0,0,\n"
        );
        let found = beside(&audio, Some(&failures)).unwrap().unwrap();
        assert_eq!((found.n_recordings, found.n_with_loss), (4, 3));
        assert_eq!((found.sound_s, found.lost_s, found.n_bad_packets), (21.0, 2.0, 3));
        assert_eq!((found.n_failed, found.n_failed_by_loss), (2, 1));
        let most: Vec<_> = found
            .most
            .iter()
            .map(|loss| (loss.id.as_str(), loss.lost_share))
            .collect();
        assert_eq!(most, [("7", 0.5), ("x, \"y\".mp3", 0.1), ("8", 0.0)]);
    }

    #[test]
    fn few_are_named_and_all_are_counted() {
        let n = 3 * BATCH_ROWS;
        let lines: String = (0..n)
            .map(|i| format!("{i},1000,1,1000,0,{},0.0,0,\n", i * 7 % n))
            .collect();
        let found = beside(&format!("{HEADER}{lines}"), None).unwrap().unwrap();
        assert_eq!((found.n_recordings, found.n_with_loss), (n as u64, n as u64 - 1));
        let lost: Vec<f64> = found.most.iter().map(|loss| loss.lost_s).collect();
        let want: Vec<f64> = (1..=N_NAMED).map(|i| (n - i) as f64 / 1000.0).collect();
        assert_eq!(lost, want);
        assert_eq!((found.n_failed, found.n_failed_by_loss), (0, 0));
    }

    #[test]
    fn another_table_is_no_table_of_losses() {
        assert!(beside("id,rate\n1,2\n", None).is_err());
        let wrong = format!("{HEADER}1,1000,1,many,0,0,0.0,0,\n");
        let error = beside(&wrong, None).unwrap_err().in_one_line();
        assert!(error.contains("f.audio.csv") && error.contains("many"), "{error}");
        assert_eq!(beside(HEADER, None).unwrap(), Some(Losses::default()));
        // Quotation marks that nothing closes, and a line that never ends.
        for text in ["\"x\n".repeat(50_000), "1,".repeat(50_000), "x".repeat(100_000)] {
            for long in [format!("{HEADER}{text}"), text] {
                assert!(beside(&long, None).is_err());
            }
        }
        assert_eq!(Losses::beside(Path::new("none/f.csv")).unwrap(), None);
    }
}
