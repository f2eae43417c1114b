//! How well genres can be learnt.

pub(crate) mod all_genres;
pub(crate) mod deep;
mod deep_pictures;
mod genre_sets;
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
