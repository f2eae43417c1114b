//! How well genres can be learnt: who trains and who tests, the methods, what tells them apart, and what the best relies on.

pub mod all_genres;
pub mod audit;
pub mod deep;
pub mod genre_sets;
pub mod imputation;
pub mod inspection;
pub mod method_pairs;
pub mod methods;
pub mod selective;
pub mod sources;
pub mod split;
pub mod training;
pub mod treatment;
pub mod tuning;
pub mod unknown;
