//! The extension module of the wheel `cratedig`: what its Python sources (`python/cratedig`) call.
//!
//! ```text
//!  Python: Extractor, Model, cratedig.sklearn ──arrays, bytes, paths──> this crate ──> collection, features, learn
//!                                             <──arrays, Arrow's C data interface──
//!  decoders run in helpers of the command `cratedigger`, which the wheel brings with it
//! ```
//!
//! Nothing is decided here: values are converted, the interpreter's lock is let go, signals are looked at, and errors become
//! exceptions with the same words. What people see, with its documentation, is in the Python sources.
//!
//! | to change | look into |
//! |---|---|
//! | how Ctrl-C ends a job | `work.rs` |
//! | what a forked child does with the helpers of its parent | `of_process.rs` |
//! | columns of the table of features, or of genres | `many.rs`, `verdicts.rs` |
//! | how Arrow takes a table without a copy | `table.rs` |
//! | how a parameter comes from Python | `params.rs` |

mod arrays;
mod errors;
mod extraction;
mod fitting;
mod many;
mod model;
mod of_process;
mod params;
mod table;
mod verdicts;
mod wave;
mod work;

use pyo3::prelude::*;

/// The extension module; `cratedig/_native.pyi` has its signatures.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::extraction::{
        Extraction, descriptors_recipe, feature_names, frame_names, mel_recipe, recipe_version,
    };
    #[pymodule_export]
    use crate::fitting::{fit, methods};
    #[pymodule_export]
    use crate::model::Model;
    #[pymodule_export]
    use crate::table::Table;
}
