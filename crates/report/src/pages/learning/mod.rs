//! How well genres can be learnt.

pub(crate) mod audit;
mod genre_sets;
mod in_words;
mod inspection;
mod method_names;
mod method_pairs;
pub(crate) mod methods;
mod probabilities;
mod scores;
pub(crate) mod sources;
pub(crate) mod split;
pub(crate) mod treatment;
mod tuning;
