//! The methods, a folder or file each, and what only they share.

pub mod boosting;
pub(crate) mod by_name;
pub(crate) mod class_weight;
pub(crate) mod kernels;
pub(crate) mod lbfgs;
pub mod linear;
pub(crate) mod majority;
pub(crate) mod margins;
pub mod mlp;
pub mod neighbours;
#[cfg(feature = "deep")]
pub mod network;
pub mod random_forest;
mod registry;
pub mod stacking;
pub mod svc;
pub mod svm;
pub mod tree;

pub use boosting::GradientBoosting;
pub use class_weight::ClassWeight;
pub use linear::LogisticRegression;
pub use majority::Majority;
pub use mlp::MlpClassifier;
pub use neighbours::KNeighborsClassifier;
#[cfg(feature = "deep")]
pub use network::{CnnClassifier, CrnnClassifier, LstmClassifier};
pub use random_forest::RandomForest;
pub use stacking::StackingClassifier;
pub use svc::Svc;
pub use svm::LinearSvc;
pub use tree::DecisionTree;
