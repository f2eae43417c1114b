//! Rows with features and genres, what they are for, and what it cost to get them.

use std::collections::BTreeMap;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::model::{EmbeddingCard, Model};
use cratedigger_learn::{Dataset, Pipeline};

use super::selection::OutOfRangeRows;

/// What the rows are for.
#[derive(Default)]
pub struct Wanted<'a> {
    /// Whether rows with missing features stay, since a pipeline fills them.
    pub keep_incomplete: bool,
    /// The saved model that they will be shown: its features and labels are what is read.
    pub model: Option<&'a Model>,
}

/// Rows with what is known of them, and what it cost to get them.
pub struct Labelled {
    /// Features, genres, artists.
    pub data: Dataset,
    /// What each row is called.
    pub ids: Vec<RowId>,
    /// Version of the features' recipe, where it is known.
    pub recipe: Option<String>,
    /// The embeddings that some of the features are of.
    pub embeddings: Vec<EmbeddingCard>,
    /// Where the rows come from.
    pub source: String,
    /// What is not among them.
    pub lost: Lost,
}

/// What is not among the rows.
#[derive(Default)]
pub struct Lost {
    /// Selected tracks without a row of features.
    pub n_without_features: u64,
    /// Selected tracks whose features have gaps.
    pub n_incomplete: u64,
    /// Selected rows without frames, where a cache stands beside them.
    pub n_without_frames: u64,
    /// Rows with a value that single precision cannot hold.
    pub out_of_range: OutOfRangeRows,
    /// Rows of each genre that the model does not know.
    pub unknown_labels: BTreeMap<String, u64>,
    /// Records of tables that could not be read.
    pub n_rejected: u64,
    /// Audio files that gave no features. They have been listed.
    pub n_failed: u64,
}

impl Lost {
    /// Whether some inputs failed: exit code 1.
    pub fn any_failed(&self) -> bool {
        self.n_rejected + self.n_failed + self.out_of_range.n > 0
    }
}

impl<'a> Wanted<'a> {
    /// Rows for a pipeline that is yet to be fitted.
    pub fn to_fit(pipeline: &Pipeline) -> Self {
        Self {
            keep_incomplete: pipeline.fills_missing(),
            model: None,
        }
    }

    /// Rows for a saved model.
    pub fn by(model: &'a Model) -> Self {
        Self {
            keep_incomplete: model.pipeline().steps().pipeline().fills_missing(),
            model: Some(model),
        }
    }
}
