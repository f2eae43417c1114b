//! How well genres can be learnt.

pub(crate) mod all_genres;
pub(crate) mod audit;
pub(crate) mod deep;
mod deep_pictures;
mod genre_sets;
pub(crate) mod imputation;
mod in_words;
mod inspection;
mod method_names;
mod method_pairs;
pub(crate) mod methods;
mod probabilities;
mod scores;
pub(crate) mod selective;
pub(crate) mod sources;
pub(crate) mod split;
pub(crate) mod treatment;
mod tuning;
pub(crate) mod unknown;
