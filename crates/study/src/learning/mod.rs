//! How well genres can be learnt.

pub mod genre_sets;
pub mod inspection;
pub mod method_pairs;
pub mod methods;
pub mod split;
pub mod treatment;
pub mod tuning;
