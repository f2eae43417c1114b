//! Genres as table, JSON, CSV and Parquet.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::Result;
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use serde_json::{Map, Value, json};

/// Genres and scores of recordings.
pub(super) struct Answer {
    /// What the recordings are called.
    pub(super) ids: Vec<String>,
    /// The class with the largest score.
    pub(super) classes: Vec<usize>,
    /// The same, or `None` where its probability is below the threshold.
    pub(super) genres: Vec<Option<usize>>,
    /// A score for each label, row after row.
    pub(super) scores: Vec<f64>,
    pub(super) labels: Vec<String>,
    /// Whether the scores are probabilities; otherwise they are distances from the decision boundary.
    pub(super) are_probabilities: bool,
    pub(super) n_failed: usize,
}

/// What a table shows.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// Genres for each recording.
    pub(super) top: usize,
    /// Whether probabilities are drawn.
    pub(super) bars: bool,
}

/// Width of a bar, in characters.
const BAR: usize = 20;

/// What is shown where no genre is named.
const NONE: &str = "-";

impl Answer {
    fn row(&self, row: usize) -> &[f64] {
        &self.scores[row * self.labels.len()..(row + 1) * self.labels.len()]
    }

    /// Labels of a row from the best to the worst; ties to the lowest.
    fn ranked(&self, row: usize) -> Vec<(&str, f64)> {
        let mut ranked: Vec<(&str, f64)> = self
            .labels
            .iter()
            .map(String::as_str)
            .zip(self.row(row).iter().copied())
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }

    fn genre(&self, row: usize) -> Option<&str> {
        self.genres[row].map(|class| self.labels[class].as_str())
    }

    fn score_name(&self) -> &'static str {
        match self.are_probabilities {
            true => "probability",
            false => "decision",
        }
    }

    /// Lines for people.
    pub(super) fn table(&self, shown: Shown) -> String {
        let width =
            |texts: &mut dyn Iterator<Item = usize>, least: usize| texts.max().unwrap_or(0).max(least);
        let id_width = width(&mut self.ids.iter().map(|id| id.chars().count()), 2).min(60);
        let genre_width = width(&mut self.labels.iter().map(|label| label.chars().count()), 5);
        let mut text = format!(
            "{:<id_width$}  {:<genre_width$}  {}\n",
            "id",
            "genre",
            self.score_name()
        );
        for (row, id) in self.ids.iter().enumerate() {
            let best = self.row(row)[self.classes[row]];
            let genre = self.genre(row).unwrap_or(NONE);
            let _ = write!(text, "{id:<id_width$}  {genre:<genre_width$}  {best:>11.4}");
            if shown.bars && self.are_probabilities {
                let full = (best * BAR as f64).round() as usize;
                let _ = write!(
                    text,
                    "  {}{}",
                    "█".repeat(full.min(BAR)),
                    "░".repeat(BAR - full.min(BAR))
                );
            }
            let named = self.genres[row].is_some();
            let others: Vec<String> = self
                .ranked(row)
                .into_iter()
                .take(shown.top)
                .skip(usize::from(named))
                .map(|(label, score)| format!("{label} {score:.2}"))
                .collect();
            if !others.is_empty() {
                let _ = write!(text, "  {}", others.join(", "));
            }
            text.push('\n');
        }
        text
    }

    /// An array of objects: `id`, `genre` (null where none is named), its score, and the scores of all labels.
    pub(super) fn json(&self) -> Result<Vec<u8>> {
        let of_row = |row: usize| {
            let all: Map<String, Value> = self
                .labels
                .iter()
                .cloned()
                .zip(self.row(row).iter().map(|&score| json!(score)))
                .collect();
            let plural = match self.are_probabilities {
                true => "probabilities",
                false => "decisions",
            };
            json!({
                "id": self.ids[row],
                "genre": self.genre(row),
                self.score_name(): self.row(row)[self.classes[row]],
                plural: all,
            })
        };
        let rows: Vec<Value> = (0..self.ids.len()).map(of_row).collect();
        let mut bytes = serde_json::to_vec_pretty(&rows)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// `id,genre,probability` and a column for each label; numbers read back to the same bits.
    pub(super) fn csv(&self) -> String {
        let mut text = format!("id,genre,{}", self.score_name());
        for label in &self.labels {
            let _ = write!(text, ",{}", field(label));
        }
        text.push('\n');
        for (row, id) in self.ids.iter().enumerate() {
            let genre = self.genre(row).unwrap_or_default();
            let best = self.row(row)[self.classes[row]];
            let _ = write!(text, "{},{},{best:?}", field(id), field(genre));
            for score in self.row(row) {
                let _ = write!(text, ",{score:?}");
            }
            text.push('\n');
        }
        text
    }

    /// The columns of the CSV file.
    pub(super) fn parquet(&self) -> Result<Vec<u8>> {
        let n = self.ids.len();
        let best = (0..n).map(|row| self.row(row)[self.classes[row]]);
        let mut columns: Vec<(String, ArrayRef, bool)> = vec![
            (
                "id".to_owned(),
                Arc::new(StringArray::from(self.ids.clone())),
                false,
            ),
            (
                "genre".to_owned(),
                Arc::new((0..n).map(|row| self.genre(row)).collect::<StringArray>()),
                true,
            ),
            (
                self.score_name().to_owned(),
                Arc::new(Float64Array::from_iter_values(best)),
                false,
            ),
        ];
        for (at, label) in self.labels.iter().enumerate() {
            let scores = (0..n).map(|row| self.row(row)[at]);
            columns.push((
                label.clone(),
                Arc::new(Float64Array::from_iter_values(scores)),
                false,
            ));
        }
        let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(bytes)
    }
}

fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn answer() -> Answer {
        Answer {
            ids: vec!["a,b.mp3".into(), "7".into()],
            classes: vec![1, 0],
            genres: vec![Some(1), None],
            scores: vec![0.25, 0.75, 0.1 + 0.2, 0.3],
            labels: vec!["Folk".into(), "Rock".into()],
            are_probabilities: true,
            n_failed: 0,
        }
    }

    #[test]
    fn a_table_names_the_best_and_the_next() {
        let text = answer().table(Shown { top: 2, bars: true });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "id       genre  probability");
        assert_eq!(
            lines[1],
            "a,b.mp3  Rock        0.7500  ███████████████░░░░░  Folk 0.25"
        );
        assert_eq!(
            lines[2],
            "7        -           0.3000  ██████░░░░░░░░░░░░░░  Folk 0.30, Rock 0.30"
        );
        let plain = answer().table(Shown { top: 1, bars: false });
        assert_eq!(plain.lines().nth(1).unwrap(), "a,b.mp3  Rock        0.7500");
    }

    #[test]
    fn csv_and_json_keep_every_bit() {
        let text = answer().csv();
        assert_eq!(
            text,
            "id,genre,probability,Folk,Rock\n\"a,b.mp3\",Rock,0.75,0.25,0.75\n7,,0.30000000000000004,0.30000000000000004,0.3\n"
        );
        let rows: Value = serde_json::from_slice(&answer().json().unwrap()).unwrap();
        assert_eq!(rows[1]["genre"], Value::Null);
        assert_eq!(
            rows[1]["probabilities"]["Folk"].as_f64().unwrap().to_bits(),
            (0.1f64 + 0.2).to_bits()
        );
        assert_eq!(rows[0]["probability"], 0.75);
    }
}
