use super::histogram::Cell;

/// A way to divide the rows of a node: those whose bin of `feature` is at most `bin` go left.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Split {
    /// What the children lower the loss by, less what their parent did, doubled; 0 where there is no split.
    pub(super) gain: f32,
    pub(super) feature: u32,
    pub(super) bin: u32,
    /// Sums of the left child.
    pub(super) left: Cell,
}
