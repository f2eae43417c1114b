//! Streams of random numbers, one for each thing that is drawn, so that what is drawn depends on the seed, the epoch and the step alone:
//! a training that goes on needs no more than those.

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// The first weights.
    Weights,
    /// The groups that are held out.
    Holdout,
    /// The order of an epoch.
    Order { epoch: usize },
    /// Places, masks and mixtures of a batch.
    Batch { epoch: usize, step: usize },
    /// What a layer leaves out.
    Dropout { epoch: usize, step: usize, layer: usize },
}

impl Stream {
    /// Its number: 4 bits of what, 20 of the epoch, 28 of the step, 8 of the layer.
    pub(crate) fn number(self) -> u64 {
        let of = |what: u64, epoch: usize, step: usize, layer: usize| {
            (what << 60)
                | ((epoch as u64 & 0xF_FFFF) << 36)
                | ((step as u64 & 0xFFF_FFFF) << 8)
                | (layer as u64 & 0xFF)
        };
        match self {
            Self::Weights => of(0, 0, 0, 0),
            Self::Holdout => of(1, 0, 0, 0),
            Self::Order { epoch } => of(2, epoch, 0, 0),
            Self::Batch { epoch, step } => of(3, epoch, step, 0),
            Self::Dropout { epoch, step, layer } => of(4, epoch, step, layer),
        }
    }
}
