//! Genres as JSON, CSV and Parquet; as a table for people in `table.rs`.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::Result;
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use cratedigger_collection::classify::{Explained, GenreSets, Said, Verdicts};
use cratedigger_collection::extract::Heard;
use cratedigger_collection::neighbours::Near;
use cratedigger_collection::styles::Styles;
use cratedigger_features::Family;
use cratedigger_files::csv::field;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use serde_json::{Map, Value, json};

/// Genres and scores of recordings.
pub(super) struct Answer {
    /// What the recordings are called.
    pub(super) ids: Vec<String>,
    /// The class with the largest score.
    pub(super) classes: Vec<usize>,
    /// Whether it is named.
    pub(super) said: Vec<Said>,
    /// How far from all that was learnt, where the model tells: above 1 it is unknown.
    pub(super) novelty: Option<Vec<f64>>,
    /// Sets of genres, where the model makes some.
    pub(super) sets: Option<GenreSets>,
    /// All genres, where the model learnt them.
    pub(super) styles: Option<Styles>,
    /// A score for each label, row after row.
    pub(super) scores: Vec<f64>,
    pub(super) labels: Vec<String>,
    /// Whether the scores are probabilities; otherwise they are distances from the decision boundary.
    pub(super) are_probabilities: bool,
    /// Probability below which no genre is named.
    pub(super) threshold: Option<f64>,
    pub(super) effects: Explained,
    /// The tracks nearest to each recording, where they were asked for.
    pub(super) neighbours: Option<Vec<Vec<Near>>>,
    /// What was heard of each recording; `None` for a row of a table. Empty if nothing is known.
    pub(super) heard: Vec<Option<Heard>>,
    /// What came of the tags, where they were to be written.
    pub(super) tags: Option<Vec<TagCell>>,
    /// Whether the style is written into tags in place of the genre.
    pub(super) tag_style: bool,
    /// Inputs that gave no row.
    pub(super) n_failed: usize,
    /// Rows whose tag could not be written.
    pub(super) n_untagged: usize,
}

/// What came of a recording's tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagCell {
    /// `written`, `would-be-written`, `same`, `kept`, `unsure`, `unknown` or `failed`.
    pub(super) outcome: &'static str,
    /// The genre that the file had.
    pub(super) before: Option<String>,
}

/// A column besides those that every answer has.
enum Column {
    Texts(Vec<Option<String>>),
    Numbers(Vec<f64>),
}

impl Answer {
    /// What a model said of recordings, before any tag was written.
    pub(super) fn new(
        ids: Vec<String>,
        verdicts: Verdicts,
        labels: Vec<String>,
        threshold: Option<f64>,
        n_failed: usize,
    ) -> Self {
        Self {
            ids,
            classes: verdicts.classes,
            said: verdicts.said,
            novelty: verdicts.novelty,
            sets: verdicts.sets,
            styles: verdicts.styles,
            scores: verdicts.scores,
            labels,
            are_probabilities: verdicts.are_probabilities,
            threshold,
            effects: verdicts.effects,
            neighbours: verdicts.neighbours,
            heard: Vec::new(),
            tags: None,
            tag_style: false,
            n_failed,
            n_untagged: 0,
        }
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.scores[row * self.labels.len()..(row + 1) * self.labels.len()]
    }

    /// Labels of a row from the best to the worst; ties to the lowest.
    pub(super) fn ranked(&self, row: usize) -> Vec<(&str, f64)> {
        let mut ranked: Vec<(&str, f64)> = self
            .labels
            .iter()
            .map(String::as_str)
            .zip(self.row(row).iter().copied())
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }

    pub(super) fn genre(&self, row: usize) -> Option<&str> {
        self.said[row].genre().map(|class| self.labels[class].as_str())
    }

    /// What is written into a recording's tag: the genre that is named, or the likeliest style below it where that is wanted.
    pub(super) fn for_tag(&self, row: usize) -> Option<&str> {
        let genre = self.genre(row)?;
        let styles = self.styles.as_ref().filter(|_| self.tag_style);
        Some(
            styles
                .and_then(|styles| styles.best_below(row, genre))
                .unwrap_or(genre),
        )
    }

    /// Whether a genre may be withheld, so that it must be said why.
    fn has_verdicts(&self) -> bool {
        self.threshold.is_some() || self.novelty.is_some()
    }

    /// The labels of a set.
    pub(super) fn names(&self, set: &[usize]) -> Vec<&str> {
        set.iter().map(|&class| self.labels[class].as_str()).collect()
    }

    pub(super) fn score_name(&self) -> &'static str {
        match self.are_probabilities {
            true => "probability",
            false => "decision",
        }
    }

    /// What there is besides: whether a genre is named, sets of genres, styles, effects of the families, identifiers of the neighbours, tags.
    fn more(&self) -> Vec<(String, Column)> {
        let mut out = Vec::new();
        if self.has_verdicts() {
            let words = self.said.iter().map(|said| Some(said.word().to_owned()));
            out.push(("verdict".to_owned(), Column::Texts(words.collect())));
        }
        if let Some(novelty) = &self.novelty {
            out.push(("novelty".to_owned(), Column::Numbers(novelty.clone())));
        }
        if let Some(sets) = &self.sets {
            for (name, rows) in [("set", &sets.plain), ("set_per_class", &sets.per_class)] {
                let names = rows.iter().map(|set| Some(self.names(set).join(";")));
                out.push((name.to_owned(), Column::Texts(names.collect())));
            }
        }
        if let Some(styles) = &self.styles {
            let names = |named: &Vec<usize>| {
                let names: Vec<&str> = named.iter().map(|&style| styles.names[style].as_str()).collect();
                Some(names.join(";"))
            };
            let named = styles.named.iter().map(names).collect();
            out.push(("styles".to_owned(), Column::Texts(named)));
            for (at, name) in styles.names.iter().enumerate() {
                let of_rows = (0..self.ids.len()).map(|row| styles.row(row)[at]).collect();
                out.push((format!("style.{name}"), Column::Numbers(of_rows)));
            }
        }
        if let Explained::Effects(rows) = &self.effects
            && let Some(first) = rows.first()
        {
            let mut families: Vec<Family> = first.iter().map(|(family, _)| *family).collect();
            families.sort_unstable();
            for family in families {
                let effect = |row: &Vec<(Family, f64)>| {
                    let found = row.iter().find(|(of, _)| *of == family);
                    found.map_or(f64::NAN, |(_, effect)| *effect)
                };
                let name = format!("effect.{family}");
                out.push((name, Column::Numbers(rows.iter().map(effect).collect())));
            }
        }
        if let Some(rows) = &self.neighbours {
            let ids = |row: &Vec<Near>| {
                let ids: Vec<&str> = row.iter().map(|near| near.track.id.as_str()).collect();
                Some(ids.join(";"))
            };
            out.push((
                "neighbours".to_owned(),
                Column::Texts(rows.iter().map(ids).collect()),
            ));
        }
        if let Some(tags) = &self.tags {
            let outcomes = tags.iter().map(|tag| Some(tag.outcome.to_owned())).collect();
            out.push(("tag".to_owned(), Column::Texts(outcomes)));
            let before = tags.iter().map(|tag| tag.before.clone()).collect();
            out.push(("tag_before".to_owned(), Column::Texts(before)));
        }
        out
    }

    /// An array of objects: `id`, `genre` (null where none is named), its score, the scores of all labels, and, of audio,
    /// what was heard of it.
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
            let mut object = json!({
                "id": self.ids[row],
                "genre": self.genre(row),
                self.score_name(): self.row(row)[self.classes[row]],
                plural: all,
            });
            if self.has_verdicts() {
                object["verdict"] = json!(self.said[row].word());
            }
            if let Some(novelty) = &self.novelty {
                object["novelty"] = json!(novelty[row]);
            }
            if let Some(sets) = &self.sets {
                object["set"] = json!({
                    "coverage": sets.coverage,
                    "genres": self.names(&sets.plain[row]),
                    "genres_per_class": self.names(&sets.per_class[row]),
                });
            }
            if let Some(styles) = &self.styles {
                let proba = styles.row(row);
                let style = |&at: &usize| json!({"genre": styles.names[at], "parent": styles.parent(at), "probability": proba[at]});
                object["styles"] = styles.named[row].iter().map(style).collect();
                let all = styles.names.iter().cloned().zip(proba.iter().map(|&p| json!(p)));
                object["style_probabilities"] = Value::Object(all.collect());
            }
            match &self.effects {
                Explained::NotAsked => {}
                Explained::Impossible => object["families"] = Value::Null,
                Explained::Effects(rows) => {
                    let effect =
                        |(family, effect): &(Family, f64)| json!({"family": family.name(), "effect": effect});
                    object["families"] = rows[row].iter().map(effect).collect();
                }
            }
            if let Some(neighbours) = &self.neighbours {
                object["neighbours"] = json!(neighbours[row]);
            }
            if let Some(heard) = self.heard.get(row).copied().flatten() {
                object["audio"] = json!(heard);
                object["audio"]["lost_share"] = json!(heard.lost_share());
            }
            if let Some(tags) = &self.tags {
                object["tag"] = json!({"outcome": tags[row].outcome, "before": tags[row].before});
            }
            object
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
        let more = self.more();
        for (name, _) in &more {
            let _ = write!(text, ",{}", field(name));
        }
        text.push('\n');
        for (row, id) in self.ids.iter().enumerate() {
            let genre = self.genre(row).unwrap_or_default();
            let best = self.row(row)[self.classes[row]];
            let _ = write!(text, "{},{},{best:?}", field(id), field(genre));
            for score in self.row(row) {
                let _ = write!(text, ",{score:?}");
            }
            for (_, column) in &more {
                let _ = match column {
                    Column::Numbers(values) => write!(text, ",{:?}", values[row]),
                    Column::Texts(texts) => {
                        write!(text, ",{}", field(texts[row].as_deref().unwrap_or_default()))
                    }
                };
            }
            text.push('\n');
        }
        text
    }

    /// The columns of the CSV file.
    pub(super) fn parquet(&self, note: Option<(&str, String)>) -> Result<Vec<u8>> {
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
        for (name, column) in self.more() {
            let (values, nullable): (ArrayRef, bool) = match column {
                Column::Numbers(values) => (Arc::new(Float64Array::from(values)), false),
                Column::Texts(texts) => (Arc::new(StringArray::from(texts)), true),
            };
            columns.push((name, values, nullable));
        }
        let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
        writer.write(&batch)?;
        if let Some((key, text)) = note {
            writer.append_key_value_metadata(KeyValue::new(key.to_owned(), text));
        }
        writer.close()?;
        Ok(bytes)
    }
}

#[cfg(test)]
pub(super) mod tests;
