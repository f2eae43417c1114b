//! Frames of many recordings in a folder: computed once, kept at half precision, read in any order.
//!
//! ```text
//! files ──make: in parallel, in a fixed order──> CACHE/mel-96-0123456789abcdef/
//!                                                  recipe.json        what the numbers are
//!                                                  index              a record for each recording, behind checksums
//!                                                  frames-000.f16 …   numbers, a gigabyte a file
//!                                                  recordings.csv     the index for people and other programs
//! folder ──cache: checked──> FrameSource of cratedigger-learn, beside the rows of a data set
//! ```
//!
//! The index is a journal: numbers are appended first, then the record that says where they are, and a record that is cut or does
//! not match its checksum ends it. So a folder is a whole cache at any moment, with fewer recordings, and the next run goes on.
//!
//! | to change | look into |
//! |---|---|
//! | what a record holds | `record` |
//! | names in the folder, how a cache is told from other folders | `folder` |
//! | which recordings are done again | `make` |
//! | how large the files of numbers are, what an interruption leaves | `numbers` |
//! | what is checked before a cache is used | `cache` |
//! | which caches stand beside rows | `sets`; beside rows that are classified, also `mixed`, `computed` and `in_memory` |
//! | how numbers are rounded | `half_precision` |

mod cache;
mod computed;
mod folder;
mod half_precision;
mod in_memory;
mod make;
mod mixed;
mod numbers;
mod positioned;
mod record;
mod sets;

pub use cache::{FrameCache, Unusable};
pub(crate) use computed::ComputedFrames;
pub use computed::extractor;
pub use folder::{folder_name, is_cache, recipes_in};
pub use in_memory::rounded;
pub use make::{Job, Report, run};
pub(crate) use mixed::Mixed;
pub(crate) use sets::Checked;
pub use sets::FrameSets;

#[cfg(test)]
mod tests;
