/// A node of the finished tree. Children come after their parent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Split and children; `None` for a leaf.
    pub(super) split: Option<Split>,
    /// Weight of each class.
    pub(super) weights: Vec<f64>,
    pub(super) impurity: f64,
}

/// Rows with `value <= threshold` go to `left`, the others to `right`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) threshold: f64,
    pub(super) left: usize,
    pub(super) right: usize,
}
