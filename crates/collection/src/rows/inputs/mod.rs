//! What rows can be told apart by besides the sound: places, years, languages and the like, and more files of features.
//!
//! Every column is called `FAMILY.….category` (codes of categories) or `FAMILY.….optional` (numbers that may be missing), which says
//! how a pipeline takes it ([`cratedigger_learn::data::ColumnKind`]). Nothing here is computed from genres: that is done by the
//! pipeline, on the training rows of each fold.

pub mod choice;
mod sets;
mod tables;

use std::collections::HashMap;
use std::path::PathBuf;

use cratedigger_catalog::Store;
use cratedigger_catalog::feature_table::{self, RowId};
use cratedigger_learn::data::ColumnKind;
use cratedigger_learn::model::{EmbeddingCard, Model};
use cratedigger_learn::{Dataset, Matrix};

use super::labelled::Labelled;
use super::reader::{OutOfRange, Reader, Row};
use super::source::{self, Reading};
use crate::embedding;
use crate::error::{Context, Result, refuse};
use crate::listener::Listener;
use choice::InputChoice;

pub use sets::each_input;
pub(super) use tables::located;

/// Columns beside the features, with the values of each row that they are known of.
#[derive(Default)]
pub(crate) struct InputColumns {
    names: Vec<String>,
    /// By source: where its columns begin, and its rows.
    sources: Vec<(usize, HashMap<RowId, Vec<f32>>)>,
    /// What must be known of embeddings among them.
    embeddings: Vec<EmbeddingCard>,
}

impl InputColumns {
    /// What is chosen. `store`: the tables of the rows, where there are some.
    ///
    /// # Errors
    /// `Choice` for a family without tables; what the tables and files lack.
    pub(crate) fn read(choice: &InputChoice, store: Option<&Store>) -> Result<Self> {
        let mut inputs = Self::default();
        for &family in &choice.families {
            let Some(store) = store else {
                refuse!(
                    Choice,
                    "--inputs {} is read from the dataset's tables, and there are none: name tracks.csv or a store by --labels, or give \
                     the columns in a file of features",
                    family.name()
                );
            };
            let columns = tables::read(store, family)?;
            inputs.sources.push((inputs.names.len(), columns.rows));
            inputs.names.extend(columns.names);
        }
        for path in &choice.files {
            let table = feature_table::read(path)?;
            let cards = embedding::read(table.embeddings.as_deref());
            inputs
                .embeddings
                .extend(cards.with_context(|| path.display().to_string())?);
            let rows = (0..table.ids.len()).map(|at| {
                let finite = |value: &f64| {
                    let value = *value as f32;
                    if value.is_finite() { value } else { f32::NAN }
                };
                (table.ids[at].clone(), table.row(at).iter().map(finite).collect())
            });
            inputs.sources.push((inputs.names.len(), rows.collect()));
            let named = |name: &String| match ColumnKind::of(name) {
                ColumnKind::Number => format!("{name}.optional"),
                ColumnKind::Optional | ColumnKind::Category => name.clone(),
            };
            inputs.names.extend(table.columns.iter().map(named));
        }
        let mut sorted = inputs.names.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => refuse!(Choice, "two of the --inputs have a column `{}`", twice[0]),
            None => Ok(inputs),
        }
    }

    /// What is chosen, or what a model learnt from; `tables`: a store, or the dataset's CSV files.
    pub(crate) fn find(
        choice: &InputChoice,
        (model, present): (Option<&Model>, &[String]),
        tables: Option<&PathBuf>,
        reading: &Reading,
        listener: &dyn Listener,
    ) -> Result<Self> {
        let of_model = |model: &Model| model.card().feature_names.iter().any(|name| is_input(name));
        if choice.is_empty() && !model.is_some_and(of_model) {
            return Ok(Self::default());
        }
        let store = match tables {
            Some(path) => Some(source::open(path, reading, listener)?.0),
            None => None,
        };
        match model {
            Some(model) => Self::of_model(model, choice, store.as_ref(), present),
            None => Self::read(choice, store.as_ref()),
        }
    }

    /// Those that a model learnt from, as far as these tables and files know them; all others are missing in every row.
    /// `present`: the columns that the rows have already.
    pub(crate) fn of_model(
        model: &Model,
        choice: &InputChoice,
        store: Option<&Store>,
        present: &[String],
    ) -> Result<Self> {
        let names = model.card().feature_names.iter();
        let lacks = |name: &&String| is_input(name) && !present.contains(*name);
        let wanted: Vec<String> = names.filter(lacks).cloned().collect();
        let mut choice = InputChoice {
            files: choice.files.clone(),
            ..InputChoice::of_columns(wanted.iter().map(String::as_str))
        };
        if store.is_none() {
            choice.families.clear();
        }
        let mut inputs = Self::read(&choice, store)?;
        for name in wanted {
            if !inputs.names.contains(&name) {
                inputs.names.push(name);
            }
        }
        Ok(inputs)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The values of a row.
    fn of(&self, id: &RowId) -> Vec<f32> {
        let mut values = vec![f32::NAN; self.names.len()];
        for (start, rows) in &self.sources {
            if let Some(known) = rows.get(id) {
                values[*start..start + known.len()].copy_from_slice(known);
            }
        }
        values
    }

    /// Puts the columns behind those of the rows, with what must be known of embeddings among them, and says of how many rows each family is known.
    pub(crate) fn add_to(&self, rows: &mut Labelled, listener: &dyn Listener) -> Result<()> {
        let n = rows.data.n_rows();
        for card in &self.embeddings {
            if !rows.embeddings.contains(card) {
                rows.embeddings.push(card.clone());
            }
        }
        for (family, n_known) in self.add(&mut rows.data, &rows.ids)? {
            listener.say(&format!("{family} is known of {n_known} of {n} rows"));
        }
        Ok(())
    }

    /// The same for rows with these names; returns the families and of how many rows each is known.
    fn add(&self, data: &mut Dataset, ids: &[RowId]) -> Result<Vec<(String, u64)>> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(twice) = self.names.iter().find(|name| data.feature_names.contains(name)) {
            refuse!(Choice, "the features have a column `{twice}` of --inputs already");
        }
        let families = self.families();
        let mut n_known = vec![0_u64; families.len()];
        let mut values = Vec::with_capacity(data.n_rows() * (data.n_features() + self.names.len()));
        for (row, id) in data.x.rows().zip(ids) {
            let own = self.of(id);
            for (n, (_, columns)) in n_known.iter_mut().zip(&families) {
                *n += u64::from(own[columns.clone()].iter().any(|value| !value.is_nan()));
            }
            values.extend_from_slice(row);
            values.extend(own);
        }
        let recordings = data.x.recordings().to_vec();
        data.x = Matrix::new(data.n_rows(), data.n_features() + self.names.len(), values)?;
        for recordings in recordings {
            data.x = std::mem::take(&mut data.x).with_recordings(recordings)?;
        }
        data.feature_names.extend(self.names.iter().cloned());
        let families = families.into_iter().map(|(family, _)| family.to_owned());
        Ok(families.zip(n_known).collect())
    }

    /// The first parts of the names, with their columns.
    fn families(&self) -> Vec<(&str, std::ops::Range<usize>)> {
        let mut families: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
        for (at, name) in self.names.iter().enumerate() {
            let first = name.split('.').next().unwrap_or_default();
            match families.last_mut() {
                Some((last, columns)) if *last == first => columns.end = at + 1,
                _ => families.push((first, at..at + 1)),
            }
        }
        families
    }
}

/// What is known of inputs that were put behind features.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KnownInputs {
    /// The families, with the number of tracks of which each is known.
    pub families: Vec<(String, u64)>,
    /// The embeddings among them.
    pub embeddings: Vec<EmbeddingCard>,
}

/// Puts columns of inputs behind those of a store's tracks.
///
/// # Errors
/// As the tables lack, or a file.
pub fn add_inputs(store: &Store, choice: &InputChoice, data: &mut Dataset) -> Result<KnownInputs> {
    let ids: Vec<RowId> = data.row_ids.iter().map(|&id| RowId::Track(id)).collect();
    let inputs = InputColumns::read(choice, Some(store))?;
    Ok(KnownInputs {
        families: inputs.add(data, &ids)?,
        embeddings: inputs.embeddings,
    })
}

/// Whether a column of this name is an input, not a feature of the sound.
pub(crate) fn is_input(name: &str) -> bool {
    ColumnKind::of(name) != ColumnKind::Number
}

/// Features with inputs behind them.
pub(crate) struct WithInputs<'a> {
    base: &'a dyn Reader,
    inputs: &'a InputColumns,
    columns: Vec<String>,
}

impl<'a> WithInputs<'a> {
    pub(crate) fn new(base: &'a dyn Reader, inputs: &'a InputColumns) -> Self {
        Self {
            columns: base.columns().iter().chain(&inputs.names).cloned().collect(),
            base,
            inputs,
        }
    }
}

impl Reader for WithInputs<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&self, columns: &[usize], row: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        let n_base = self.base.columns().len();
        let of_base: Vec<usize> = columns.iter().copied().filter(|&at| at < n_base).collect();
        let place = |asked: usize| {
            columns
                .iter()
                .position(|&at| at == of_base[asked])
                .unwrap_or(asked)
        };
        let mut values = Vec::with_capacity(columns.len());
        self.base.read(&of_base, &mut |base| {
            let own = self.inputs.of(&base.id);
            let mut next = base.values.iter();
            values.clear();
            for &at in columns {
                values.push(match at.checked_sub(n_base) {
                    Some(at) => own[at],
                    None => next.next().copied().unwrap_or(f32::NAN),
                });
            }
            row(Row {
                id: base.id,
                path: base.path,
                values: &values,
                out_of_range: base.out_of_range.map(|found| OutOfRange {
                    at: place(found.at),
                    ..found
                }),
            })
        })
    }
}

/// A file of inputs that is not there, told with its name.
pub(crate) fn check_files(choice: &InputChoice) -> Result<()> {
    for path in &choice.files {
        std::fs::metadata(path).with_context(|| format!("--inputs {}", path.display()))?;
    }
    Ok(())
}
