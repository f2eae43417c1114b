//! Changes to a recording that do not change its genre: does what was learnt of it still hold?
//!
//! `kind` says which changes there are and how strong they can be, `filters`, `noise` and `codec` make them of samples, `recording`
//! changes what a decoder gives of a file. All is done in double precision on the mono mix that features are computed of, and the outcome
//! is a WAV file in memory, so that whatever analyses recordings analyses changed ones.

mod codec;
mod filters;
mod kind;
mod noise;
mod recording;

pub use kind::{Change, ChangeKind};
