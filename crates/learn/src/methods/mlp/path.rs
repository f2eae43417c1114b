use crate::estimator::RunEnd;

/// Where a fit ends on the way of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PathEnd {
    /// The iteration limit, `max_iter`.
    pub(super) max_iter: usize,
    /// Whether the learning rate is lowered when the score stalls (`learning_rate="adaptive"`); a fit with a constant one
    /// ends there.
    pub(super) adaptive: bool,
}

impl From<PathEnd> for RunEnd {
    fn from(end: PathEnd) -> Self {
        Self::new([end.max_iter, usize::from(end.adaptive)])
    }
}

impl PathEnd {
    /// The end that was made into this; `None` for that of another method.
    pub(super) fn of(end: &RunEnd) -> Option<Self> {
        match *end.numbers() {
            [max_iter, adaptive] => Some(Self {
                max_iter,
                adaptive: adaptive == 1,
            }),
            _ => None,
        }
    }
}
