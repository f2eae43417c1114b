//! Helpers that a file has ended.

/// Helpers that one file may end; then it has no features.
pub(super) const MAX_STRIKES: u32 = 2;

/// Helpers that a file has ended so far.
pub trait Strikes {
    /// How many.
    fn count(&self) -> u32;
    /// One more.
    fn add(&mut self);
}

impl Strikes for u32 {
    fn count(&self) -> u32 {
        *self
    }

    fn add(&mut self) {
        *self += 1;
    }
}
