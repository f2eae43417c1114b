//! The list as a file: CSV, Parquet, JSON.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, UInt64Array};
use cratedigger_collection::audit::Entry;
use cratedigger_files::csv::field;
use cratedigger_learn::Dataset;
use cratedigger_learn::audit::Review;
use parquet::arrow::ArrowWriter;
use serde_json::json;

use super::summary::By;

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Parquet,
    Json,
}

impl Format {
    /// By the ending of a file's name.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        Ok(match ending.as_deref() {
            Some("csv") => Self::Csv,
            Some("parquet") => Self::Parquet,
            Some("json") => Self::Json,
            _ => bail!(
                "{}: the list is written as .csv, .parquet or .json",
                path.display()
            ),
        })
    }

    pub(super) fn bytes(self, entries: &[Entry]) -> Result<Vec<u8>> {
        match self {
            Self::Csv => Ok(csv(entries).into_bytes()),
            Self::Parquet => parquet(entries),
            Self::Json => {
                let mut bytes = serde_json::to_vec_pretty(entries)?;
                bytes.push(b'\n');
                Ok(bytes)
            }
        }
    }
}

/// What stands between the ids and between the reasons of an entry.
const BETWEEN: &str = "; ";

/// Numbers read back to the same bits; what there is none of is empty.
fn csv(entries: &[Entry]) -> String {
    let mut text =
        "rank,kind,id,n_tracks,ids,genre,suggested,doubt,probability,margin,issue,reasons\n".to_owned();
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:?}"));
    for (at, entry) in entries.iter().enumerate() {
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{:?},{},{},{},{}",
            at + 1,
            entry.kind.name(),
            field(&entry.ids[0]),
            entry.ids.len(),
            field(&entry.ids.join(BETWEEN)),
            field(&entry.genre),
            field(entry.suggested.as_deref().unwrap_or_default()),
            entry.doubt,
            number(entry.probability),
            number(entry.margin),
            entry.issue,
            field(&entry.reasons.join(BETWEEN)),
        );
    }
    text
}

fn parquet(entries: &[Entry]) -> Result<Vec<u8>> {
    let texts = |of: &dyn Fn(&Entry) -> Option<String>| -> ArrayRef {
        Arc::new(entries.iter().map(of).collect::<StringArray>())
    };
    let numbers = |of: &dyn Fn(&Entry) -> Option<f64>| -> ArrayRef {
        Arc::new(entries.iter().map(of).collect::<Float64Array>())
    };
    let rank: ArrayRef = Arc::new(UInt64Array::from_iter_values(1..=entries.len() as u64));
    let n_tracks: ArrayRef = Arc::new(UInt64Array::from_iter_values(
        entries.iter().map(|entry| entry.ids.len() as u64),
    ));
    let issue: ArrayRef = Arc::new(BooleanArray::from_iter(
        entries.iter().map(|entry| Some(entry.issue)),
    ));
    let columns = [
        ("rank", rank, false),
        ("kind", texts(&|entry| Some(entry.kind.name().to_owned())), false),
        ("id", texts(&|entry| Some(entry.ids[0].clone())), false),
        ("n_tracks", n_tracks, false),
        ("ids", texts(&|entry| Some(entry.ids.join(BETWEEN))), false),
        ("genre", texts(&|entry| Some(entry.genre.clone())), false),
        ("suggested", texts(&|entry| entry.suggested.clone()), true),
        ("doubt", numbers(&|entry| Some(entry.doubt)), false),
        ("probability", numbers(&|entry| entry.probability), true),
        ("margin", numbers(&|entry| entry.margin), true),
        ("issue", issue, false),
        (
            "reasons",
            texts(&|entry| Some(entry.reasons.join(BETWEEN))),
            false,
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

/// One object on one line.
pub(super) fn json(data: &Dataset, by: &By, review: &Review, entries: &[Entry]) -> Result<String> {
    let joint = &review.joint;
    Ok(serde_json::to_string(&json!({
        "n_rows": data.n_rows(),
        "classes": data.classes,
        "judged_by": by.in_words(),
        "n_doubtful": review.n_doubtful(),
        "n_issues": review.n_issues(),
        "noise_rate": joint.noise_rate(),
        "thresholds": joint.thresholds,
        "confident_joint": joint.calibrated,
        "n_albums": review.albums.len(),
        "n_double_groups": review.doubles.len(),
        "n_double_rows": review.doubles.iter().map(|double| double.rows.len()).sum::<usize>(),
        "near_doubles_by": review.near.measures.iter().map(|measure| json!({
            "columns": measure.columns, "typical": measure.typical, "threshold": measure.threshold,
        })).collect::<Vec<_>>(),
        "entries": entries,
    }))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_collection::audit::Kind;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

    fn entries() -> Vec<Entry> {
        vec![
            Entry {
                kind: Kind::Double,
                ids: vec!["a,b.mp3".into(), "7".into()],
                genre: "Folk / Rock".into(),
                suggested: None,
                doubt: 1.0,
                probability: None,
                margin: None,
                issue: false,
                reasons: vec!["one".into(), "two".into()],
            },
            Entry {
                kind: Kind::Track,
                ids: vec!["8".into()],
                genre: "Rock".into(),
                suggested: Some("Folk".into()),
                doubt: 0.1 + 0.2,
                probability: Some(0.25),
                margin: Some(0.5),
                issue: true,
                reasons: Vec::new(),
            },
        ]
    }

    #[test]
    fn files_hold_what_was_found() {
        assert_eq!(
            csv(&entries()),
            "rank,kind,id,n_tracks,ids,genre,suggested,doubt,probability,margin,issue,reasons\n\
             1,double,\"a,b.mp3\",2,\"a,b.mp3; 7\",Folk / Rock,,1.0,,,false,one; two\n\
             2,track,8,1,8,Rock,Folk,0.30000000000000004,0.25,0.5,true,\n"
        );
        let bytes = Format::Parquet.bytes(&entries()).unwrap();
        let mut reader = ParquetRecordBatchReader::try_new(bytes::Bytes::from(bytes), 10).unwrap();
        let batch = reader.next().unwrap().unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 12));
        let back: Vec<Entry> = serde_json::from_slice(&Format::Json.bytes(&entries()).unwrap()).unwrap();
        assert_eq!(back, entries());
        assert!(Format::of("a.xls".as_ref()).is_err() && Format::of("a".as_ref()).is_err());
        assert_eq!(Format::of("a.PARQUET".as_ref()).unwrap(), Format::Parquet);
    }
}
