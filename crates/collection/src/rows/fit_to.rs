//! Rows as a saved model knows them: its features in its order, its labels as classes.

use cratedigger_learn::Dataset;
use cratedigger_learn::model::Model;

use super::builder::row_ids;
use super::inputs::is_input;
use super::labelled::Labelled;
use super::options::FeatureChoice;
use crate::embedding;
use crate::error::{Result, refuse};

/// The features that hold those of the model.
pub(crate) fn features_of(model: &Model) -> FeatureChoice {
    let names = || model.card().feature_names.iter().filter(|name| !is_input(name));
    if names().next().is_none() {
        return FeatureChoice::Auto;
    }
    if names().all(|name| name.starts_with("echonest.")) {
        return FeatureChoice::Echonest;
    }
    let mut families: Vec<String> = Vec::new();
    for name in names() {
        let family = name.split('.').next().unwrap_or_default();
        if !families.iter().any(|known| known == family) {
            families.push(family.to_owned());
        }
    }
    FeatureChoice::Families(families)
}

impl Labelled {
    /// The columns of the model and the rows whose genre it knows; those of other genres are counted.
    pub(crate) fn fit_to(mut self, model: &Model) -> Result<Self> {
        let card = model.card();
        if let Some(recipe) = &self.recipe {
            model.check_recipe(recipe)?;
        }
        embedding::check(card, &self.embeddings)?;
        let columns = model.columns(&self.data.feature_names)?;
        let label_of: Vec<Option<usize>> = self
            .data
            .classes
            .iter()
            .map(|class| card.labels.iter().position(|label| label == class))
            .collect();
        let mut kept = Vec::with_capacity(self.data.n_rows());
        for (row, &class) in self.data.y.iter().enumerate() {
            if label_of[class].is_some() {
                kept.push(row);
            } else {
                let count = &mut self.lost.unknown_labels;
                *count.entry(self.data.classes[class].clone()).or_default() += 1;
            }
        }
        if kept.is_empty() {
            refuse!(
                Labels,
                "none of the rows has a genre that the model knows: it knows {}, and here are {}",
                card.labels.join(", "),
                self.data.classes.join(", ")
            );
        }
        let data = self.data.take_rows(&kept)?;
        let data = match columns.iter().copied().eq(0..data.n_features()) {
            true => data,
            false => data.take_cols(&columns)?,
        };
        self.ids = kept.iter().map(|&row| self.ids[row].clone()).collect();
        self.data = Dataset {
            row_ids: row_ids(&self.ids),
            y: data.y.iter().filter_map(|&class| label_of[class]).collect(),
            classes: card.labels.clone(),
            ..data
        };
        // As they were when the model was trained, without the rows and columns that it does not know.
        self.data.unite_groups();
        Ok(self)
    }
}
