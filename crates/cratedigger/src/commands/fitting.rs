//! What `train` and `tune` do alike: fit on all rows of a data set, and begin the card of the model.

use anyhow::Result;
use cratedigger_collection::rows::Labelled;
use cratedigger_learn::model::{EmbeddingCard, ModelCard};
use cratedigger_learn::{Classifier, Dataset, FittedPipeline, Pipeline, Rows, Watch, with_threads};

/// Fits on all rows of a data set, with the threads that were asked for; `watch` is told how a long fit goes.
pub(crate) fn fit(
    classifier: &dyn Classifier,
    data: &Dataset,
    pipeline: &Pipeline,
    n_jobs: Option<usize>,
    watch: Option<&dyn Watch>,
) -> Result<FittedPipeline> {
    let rows = Rows {
        watch,
        ..Rows::of(data)
    };
    let fit = || FittedPipeline::fit_rows(classifier, rows, Some(pipeline));
    Ok(with_threads(n_jobs, fit)?)
}

/// Leaves out what a method does not read, so that its model does not ask for it: columns for a network, recordings for others.
pub(crate) fn keep_what_is_read(classifier: &dyn Classifier, data: &mut Dataset) -> Result<()> {
    if classifier.method().reads_frames() {
        *data = data.take_cols(&[])?;
    } else if !classifier.reads_recordings() {
        data.x = std::mem::take(&mut data.x).without_recordings();
    }
    Ok(())
}

/// The card of a model that is fitted on these rows.
pub(crate) fn card(training: &Labelled, fitted_on: &Dataset) -> ModelCard {
    let mut card = ModelCard::of(fitted_on);
    card.recipe.clone_from(&training.recipe);
    card.embeddings.clone_from(&training.embeddings);
    card.notes
        .extend(training.embeddings.iter().filter_map(EmbeddingCard::caution));
    card.data.source.clone_from(&training.source);
    card
}
