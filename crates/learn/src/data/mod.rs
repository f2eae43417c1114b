//! The rows: features, labels and what is known of each row.

pub(crate) mod columns;
pub(crate) mod dataset;
pub(crate) mod fingerprint;
pub(crate) mod groups;
pub(crate) mod hierarchy;
pub(crate) mod label_matrix;
pub(crate) mod matrix;
pub(crate) mod recordings;
pub(crate) mod score_matrix;
pub(crate) mod train_set;

pub use columns::{ColumnKind, category_code, columns_of, is_of_family};
pub use dataset::{Dataset, Part};
pub use groups::Grouping;
pub use hierarchy::Hierarchy;
pub use label_matrix::LabelMatrix;
pub use matrix::Matrix;
pub use recordings::{FrameSource, FramesInMemory, Recordings};
pub use score_matrix::ScoreMatrix;
pub use train_set::TrainSet;
