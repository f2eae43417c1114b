//! What can be learnt.

pub(crate) mod inspection;
pub(crate) mod method_pairs;
pub(crate) mod methods;
pub(crate) mod probabilities;
pub(crate) mod scores;
pub(crate) mod split;
