//! Rows of recordings that were changed: the same features, computed again of the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::{Change, Recipe};
use cratedigger_learn::Model;

use super::audio::{AnalysedAudio, find};
use super::inputs::is_input;
use super::labelled::Labelled;
use super::reader::Reader;
use super::source::{self, Reading};
use crate::embedding::{self, Analyser, Describer};
use crate::error::{Result, refuse};
use crate::extract::Inputs;
use crate::helper::{Decoding, Extraction};
use crate::listener::Listener;

/// The recordings of rows.
pub struct Recordings<'a> {
    rows: &'a Labelled,
    inputs: Inputs,
    /// The row of each name.
    place: BTreeMap<RowId, usize>,
    n_rows: usize,
    decoding: Decoding,
    recipe: Recipe,
    embedding: Option<Arc<dyn Describer>>,
    /// Places among the columns of the analysis of those columns of the rows that are features, and their places in the rows.
    columns: Vec<(usize, usize)>,
    jobs: Option<NonZeroUsize>,
}

/// Rows of recordings that were changed.
pub struct ChangedRows {
    /// Places of the rows among those that were read, rising.
    pub rows: Vec<usize>,
    /// The columns of each of these rows; what is no feature of the recording is as it was.
    pub values: Vec<f32>,
    /// A line for each recording that gives no features after the change.
    pub failures: Vec<String>,
}

impl<'a> Recordings<'a> {
    /// The recordings of some of the rows (`wanted`, places), among the audio in `paths`. `model`: the model that the rows are for.
    ///
    /// # Errors
    /// There are none; columns of the rows are not computed of audio; a helper cannot be started.
    pub fn of_rows(
        rows: &'a Labelled,
        wanted: &BTreeSet<usize>,
        paths: &[PathBuf],
        model: Option<&Model>,
        reading: &Reading,
        list: &mut dyn Read,
    ) -> Result<Self> {
        if !rows.data.x.recordings().is_empty() {
            refuse!(
                Choice,
                "changes are heard by way of features, and these rows have frames of recordings"
            );
        }
        let recipe = match (model, rows.recipe.as_deref().and_then(Recipe::from_version)) {
            (Some(model), _) => source::recipe_of_audio(model, reading.recipe)?,
            (None, found) => found.or(reading.recipe).unwrap_or(Recipe::Fma),
        };
        let embedding = match (model, rows.embeddings.is_empty()) {
            (Some(model), _) => embedding::for_model(model, reading.embedding.as_ref())?,
            (None, true) => None,
            (None, false) => reading.embedding.clone(),
        };
        let decoding = reading.decoding()?;
        let all = Analyser::new(&Extraction::of(recipe, &decoding), embedding.as_ref()).columns();
        let mut columns = Vec::new();
        for (at, name) in rows.data.feature_names.iter().enumerate() {
            match all.iter().position(|column| column == name) {
                Some(from) => columns.push((from, at)),
                None if is_input(name) => {}
                None => refuse!(
                    Choice,
                    "`{name}` is not computed of audio, so it cannot be computed again after a change"
                ),
            }
        }
        if columns.is_empty() {
            refuse!(Choice, "none of the columns is computed of audio");
        }
        let place: BTreeMap<RowId, usize> = wanted.iter().map(|&row| (rows.ids[row].clone(), row)).collect();
        let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let mut inputs = find(paths, &shown.join(" "), list)?;
        let first = inputs
            .files
            .first()
            .map(|file| file.id.clone())
            .unwrap_or_default();
        inputs
            .files
            .retain(|file| place.contains_key(&RowId::from(file.id.as_str())));
        inputs.unread.clear();
        if inputs.files.is_empty() {
            refuse!(
                Input,
                "{}: none of its recordings is one of the tested rows; names are compared as they are written, for example `{first}` here \
                 and `{}` among the rows",
                shown.join(" "),
                place.keys().next().map(ToString::to_string).unwrap_or_default()
            );
        }
        Ok(Self {
            rows,
            n_rows: wanted.len(),
            inputs,
            place,
            decoding,
            recipe,
            embedding,
            columns,
            jobs: reading.jobs,
        })
    }

    /// Rows that have a recording, and all that were wanted.
    pub fn n_found(&self) -> (usize, usize) {
        (self.inputs.files.len(), self.n_rows)
    }

    /// The rows, with every recording changed.
    ///
    /// # Errors
    /// None but those of rows whose columns disagree.
    pub fn changed(&self, change: Change, listener: &dyn Listener) -> Result<ChangedRows> {
        let decoding = self.decoding.changing(Some(change));
        let extraction = Extraction::of(self.recipe, &decoding);
        let analyser = Analyser::new(&extraction, self.embedding.as_ref());
        let keep: Vec<usize> = self.columns.iter().map(|&(from, _)| from).collect();
        let (audio, failures) = AnalysedAudio::new(
            &analyser,
            self.inputs.clone(),
            &keep,
            self.jobs,
            "changing the recordings",
            listener,
        );
        let mut found: BTreeMap<usize, Vec<f32>> = BTreeMap::new();
        let places: Vec<usize> = (0..keep.len()).collect();
        audio.read(&places, &mut |row| {
            if let Some(&at) = self.place.get(&row.id) {
                let mut values = self.rows.data.x.row(at).to_vec();
                for (&(_, to), &value) in self.columns.iter().zip(row.values) {
                    values[to] = value;
                }
                found.insert(at, values);
            }
            Ok(())
        })?;
        Ok(ChangedRows {
            rows: found.keys().copied().collect(),
            values: found.into_values().flatten().collect(),
            failures,
        })
    }
}
