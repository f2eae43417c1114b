//! Files of features, and the join of features with genres.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cratedigger_catalog::feature_table::{self, FeatureTable, RowId};
use cratedigger_features::Recipe;
use cratedigger_learn::Matrix;
use cratedigger_study::selection::{Labels, label_tracks};
use cratedigger_study::{DataOptions, FeatureChoice, LabelRule};

use super::labels::LabelledRows;
use super::{DataArgs, Lost, Training, Wanted, name_of};
use crate::progress::Progress;

/// Genres that rows are looked up in.
pub(super) struct Genres {
    pub(super) rows: LabelledRows,
    /// The selected genres and the class of each row.
    pub(super) found: Labels,
    pub(super) options: DataOptions,
    /// The file that they come from.
    pub(super) shown: String,
    /// Records of the dataset's tables that could not be read.
    n_rejected: u64,
}

impl DataArgs {
    /// Reads the file of genres.
    pub(super) fn read_genres(&self, wanted: &Wanted, progress: Progress) -> Result<Genres> {
        let path = self.labels_file()?;
        let (rows, n_rejected) = LabelledRows::read(path, &self.reading(), &progress)?;
        let options = self.options(wanted, LabelRule::GenreTop);
        Ok(Genres {
            found: label_tracks(&rows.genres, None, &options)?,
            rows,
            options,
            shown: path.display().to_string(),
            n_rejected,
        })
    }

    pub(super) fn load_file(&self, path: &Path, wanted: &Wanted, progress: Progress) -> Result<Training> {
        self.labels_file()?;
        let table = feature_table::read(path)?;
        let recipe = recipe_of(&table, self.recipe).with_context(|| path.display().to_string())?;
        // Told before the labels are read, and instead of what the labels may lack.
        if let (Some(model), Some(found)) = (wanted.model, &recipe) {
            model
                .check_recipe(found)
                .with_context(|| path.display().to_string())?;
        }
        let genres = self.read_genres(wanted, progress)?;
        let (training, n_unlabelled) = genres
            .join(&table, wanted)
            .with_context(|| format!("{} with the genres of {}", path.display(), genres.shown))?;
        let lost = &training.lost;
        if n_unlabelled + lost.n_incomplete + lost.n_without_features > 0 {
            progress.say(&format!(
                "{n_unlabelled} of {} rows have none of the selected genres, {} have missing features, and {} of those with a \
                 genre have no row of features: they take no part",
                table.ids.len(),
                lost.n_incomplete,
                lost.n_without_features
            ));
        }
        Ok(Training {
            recipe,
            source: name_of(path),
            ..training
        })
    }
}

impl Genres {
    /// The row of genres that belongs to a row of features, and its class, where it has one.
    pub(super) fn class_of(&self, id: &RowId) -> Option<(usize, usize)> {
        let &row = self.rows.place.get(id)?;
        Some((row, self.found.class_of[row]?))
    }

    /// Why no row is left, by example.
    pub(super) fn nothing_in_common(&self, id: Option<String>) -> String {
        format!(
            "no row has both features and one of the selected genres; ids are compared as they are written, for example `{}` here \
             and `{}` among the labels",
            id.unwrap_or_default(),
            self.rows.first_id()
        )
    }

    /// The rows of features that have one of the selected genres, in the order of the features.
    ///
    /// Returns also the number of rows that have none.
    pub(super) fn join(&self, table: &FeatureTable, wanted: &Wanted) -> Result<(Training, u64)> {
        let Self { found, options, .. } = self;
        let columns = chosen_columns(&table.columns, &options.features)?;
        let mut values = Vec::new();
        let mut rows = Vec::new();
        let mut lost = Lost {
            n_rejected: self.n_rejected,
            ..Lost::default()
        };
        let mut n_unlabelled = 0;
        for (at, id) in table.ids.iter().enumerate() {
            let Some((row, class)) = self.class_of(id) else {
                n_unlabelled += 1;
                continue;
            };
            let of_row = table.row(at);
            let start = values.len();
            values.extend(columns.iter().map(|&column| of_row[column] as f32));
            if !options.keep_incomplete && values[start..].iter().any(|value| !value.is_finite()) {
                values.truncate(start);
                lost.n_incomplete += 1;
                continue;
            }
            rows.push((at, row, class));
        }
        let n_selected = found.class_of.iter().flatten().count() as u64;
        lost.n_without_features = n_selected - rows.len() as u64 - lost.n_incomplete;
        if rows.is_empty() {
            bail!(self.nothing_in_common(table.ids.first().map(ToString::to_string)));
        }
        let names = columns
            .iter()
            .map(|&column| table.columns[column].clone())
            .collect();
        let ids: Vec<RowId> = rows.iter().map(|&(at, ..)| table.ids[at].clone()).collect();
        let x = Matrix::new(rows.len(), columns.len(), values)?;
        // A saved model can be asked about rows of one genre; nothing can be learnt from them.
        let least = if wanted.model.is_some() { 1 } else { 2 };
        let training = Training {
            data: self.rows.dataset(&rows, x, found, names, &ids, least)?,
            ids,
            recipe: table.recipe.clone(),
            source: String::new(),
            lost,
        };
        Ok((training, n_unlabelled))
    }
}

/// The recipe that the file or the command line tells; they must not contradict each other.
fn recipe_of(table: &FeatureTable, said: Option<Recipe>) -> Result<Option<String>> {
    match (&table.recipe, said) {
        (Some(found), Some(said)) if found != said.version() => {
            bail!("made by recipe `{found}`, and --recipe says `{}`", said.version())
        }
        (Some(found), _) => Ok(Some(found.clone())),
        (None, said) => Ok(said.map(|recipe| recipe.version().to_owned())),
    }
}

/// The columns that the choice means.
fn chosen_columns(names: &[String], choice: &FeatureChoice) -> Result<Vec<usize>> {
    let family = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let chosen: Vec<usize> = match choice {
        FeatureChoice::Auto | FeatureChoice::All => (0..names.len()).collect(),
        FeatureChoice::Echonest => bail!("these features are none of Echonest's"),
        FeatureChoice::Families(asked) => {
            let known: Vec<String> = names.iter().map(|name| family(name)).collect();
            if let Some(unknown) = asked.iter().find(|name| !known.contains(name)) {
                let mut valid = known;
                valid.dedup();
                bail!(
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
        true => bail!("there is no column of features"),
        false => Ok(chosen),
    }
}
