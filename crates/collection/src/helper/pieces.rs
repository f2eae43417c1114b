//! Numbers that come piece by piece.

/// Takes numbers piece by piece. They count only where no error follows.
pub trait Pieces {
    /// What was taken does not count; the same begins again.
    fn again(&mut self);
    /// The next ones.
    fn push(&mut self, values: &[f32]);
}

impl Pieces for Vec<f32> {
    fn again(&mut self) {
        self.clear();
    }

    fn push(&mut self, values: &[f32]) {
        self.extend_from_slice(values);
    }
}
