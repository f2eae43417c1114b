//! Genres that rows of features are looked up in, and the join of both.

use std::collections::{BTreeMap, HashMap};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::Matrix;

use super::builder::DatasetBuilder;
use super::genres::GenreTree;
use super::inputs::is_input;
use super::known::Known;
use super::labelled::{Labelled, Lost, Wanted};
use super::options::{DataOptions, FeatureChoice};
use super::reader::{OutOfRange, Reader};
use super::selection::{Labels, label_tracks};
use crate::error::{Error, Result, refuse};
use crate::extract::Inputs;

/// Genres that rows are looked up in.
pub(crate) struct Genres {
    known: Known,
    place: HashMap<RowId, usize>,
    /// The selected genres and the class of each row.
    pub(crate) found: Labels,
    options: DataOptions,
    /// Where they come from.
    pub(crate) shown: String,
    /// Records of the dataset's tables that could not be read.
    n_rejected: u64,
}

/// Rows that were joined, and how many had no genre.
pub(crate) struct Join {
    pub(crate) rows: Labelled,
    pub(crate) n_read: u64,
    pub(crate) n_unlabelled: u64,
}

impl Genres {
    /// The selected ones among what is known.
    pub(crate) fn new(
        known: Known,
        tree: Option<&GenreTree>,
        options: DataOptions,
        shown: String,
        n_rejected: u64,
    ) -> Result<Self> {
        Ok(Self {
            place: known.places()?,
            found: label_tracks(&known.genres, tree, &options)?,
            known,
            options,
            shown,
            n_rejected,
        })
    }

    /// The row of genres that belongs to a row of features, and its class, where it has one.
    pub(crate) fn class_of(&self, id: &RowId) -> Option<(usize, usize)> {
        let &row = self.place.get(id)?;
        Some((row, self.found.class_of[row]?))
    }

    /// Keeps the files whose genre is selected and, where a saved model is asked, known to it. Returns how many files have each
    /// of the genres that the model does not know.
    pub(crate) fn keep_known(&self, inputs: &mut Inputs, wanted: &Wanted<'_>) -> BTreeMap<String, u64> {
        let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
        inputs.files.retain(|file| {
            let Some((_, class)) = self.class_of(&RowId::from(file.id.as_str())) else {
                return false;
            };
            let label = &self.found.classes[class];
            let known = wanted
                .model
                .is_none_or(|model| model.card().labels.contains(label));
            if !known {
                *unknown.entry(label.clone()).or_default() += 1;
            }
            known
        });
        unknown
    }

    /// Why no row is left, by example.
    pub(crate) fn nothing_in_common(&self, id: Option<String>) -> String {
        format!(
            "no row has both features and one of the selected genres; ids are compared as they are written, for example `{}` here \
             and `{}` among the labels",
            id.unwrap_or_default(),
            self.known
                .ids
                .first()
                .map(ToString::to_string)
                .unwrap_or_default()
        )
    }

    /// The rows of features that have one of the selected genres, in the order of the features.
    pub(crate) fn join(&self, reader: &dyn Reader, wanted: &Wanted<'_>) -> Result<Join> {
        let Self { found, options, .. } = self;
        let names = reader.columns();
        let mut columns = match names {
            // Rows that have frames alone.
            [] => Vec::new(),
            names => chosen_columns(names, &options.features)?,
        };
        // What a model takes besides features stands in no family of theirs.
        if let Some(model) = wanted.model {
            let of_model =
                |at: &usize| is_input(&names[*at]) && model.card().feature_names.contains(&names[*at]);
            let more: Vec<usize> = (0..names.len())
                .filter(of_model)
                .filter(|at| !columns.contains(at))
                .collect();
            columns.extend(more);
        }
        let may_be_missing: Vec<bool> = columns.iter().map(|&at| is_input(&names[at])).collect();
        let mut values = Vec::new();
        let (mut rows, mut ids) = (Vec::new(), Vec::new());
        let mut lost = Lost {
            n_rejected: self.n_rejected,
            ..Lost::default()
        };
        let (mut n_read, mut n_unlabelled, mut first) = (0, 0, None);
        reader.read(&columns, &mut |of_row| {
            n_read += 1;
            if first.is_none() {
                first = Some(of_row.id.to_string());
            }
            let Some((row, _)) = self.class_of(&of_row.id) else {
                n_unlabelled += 1;
                return Ok(());
            };
            if let Some(OutOfRange { at, value }) = of_row.out_of_range {
                let feature = &reader.columns()[columns[at]];
                lost.out_of_range.add(&of_row.id, feature, value);
                return Ok(());
            }
            let lacks = |(value, may_be_missing): (&f32, &bool)| !value.is_finite() && !may_be_missing;
            if !options.keep_incomplete && of_row.values.iter().zip(&may_be_missing).any(lacks) {
                lost.n_incomplete += 1;
                return Ok(());
            }
            values.extend_from_slice(of_row.values);
            rows.push(row);
            ids.push(of_row.id);
            Ok(())
        })?;
        let n_selected = found.class_of.iter().flatten().count() as u64;
        lost.n_without_features = n_selected - rows.len() as u64 - lost.n_incomplete - lost.out_of_range.n;
        if let Some(wrong) = lost.out_of_range.sentence().filter(|_| rows.is_empty()) {
            return Err(Error::Labels(format!("no row is left to learn from: {wrong}")));
        }
        if rows.is_empty() {
            return Err(Error::Labels(self.nothing_in_common(first)));
        }
        let names = columns
            .iter()
            .map(|&column| reader.columns()[column].clone())
            .collect();
        let x = Matrix::new(rows.len(), columns.len(), values)?;
        let builder = DatasetBuilder {
            known: &self.known,
            labels: found,
        };
        let data = builder.build(&rows, x, names, &ids)?.data;
        // A saved model can be asked about rows of one genre; nothing can be learnt from them.
        if wanted.model.is_none() && data.n_classes() < 2 {
            refuse!(
                Labels,
                "a classifier needs at least two genres, and all {} rows are of {}",
                rows.len(),
                data.classes.join("")
            );
        }
        Ok(Join {
            rows: Labelled {
                data,
                ids,
                recipe: None,
                embeddings: Vec::new(),
                source: String::new(),
                lost,
            },
            n_read,
            n_unlabelled,
        })
    }
}

/// The columns that the choice means.
pub(crate) fn chosen_columns(names: &[String], choice: &FeatureChoice) -> Result<Vec<usize>> {
    let family = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let chosen: Vec<usize> = match choice {
        FeatureChoice::Auto | FeatureChoice::All => (0..names.len()).collect(),
        FeatureChoice::Echonest => refuse!(Choice, "these features are none of Echonest's"),
        FeatureChoice::Families(asked) => {
            let known: Vec<String> = names.iter().map(|name| family(name)).collect();
            if let Some(unknown) = asked.iter().find(|name| !known.contains(name)) {
                let mut valid = known;
                valid.dedup();
                refuse!(
                    Choice,
                    "there is no family of features called `{unknown}`; there are {}",
                    valid.join(", ")
                );
            }
            (0..names.len())
                .filter(|&at| asked.contains(&known[at]))
                .collect()
        }
    };
    match chosen.is_empty() {
        true => refuse!(Choice, "there is no column of features"),
        false => Ok(chosen),
    }
}
