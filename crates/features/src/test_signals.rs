//! Signals and golden arrays for the tests inside the crate; see tests/data/make_golden.py.

#[path = "../tests/common/mod.rs"]
mod common;

pub(crate) use common::{Noise, signals};

/// Signal, stage, frame and values of every golden array.
pub(crate) fn stages() -> Vec<(String, String, usize, Vec<f64>)> {
    include_str!("../tests/data/fma_stages.csv")
        .lines()
        .filter_map(|l| {
            let f: Vec<&str> = l.split(',').collect();
            let values = f[3..].iter().filter_map(|v| v.parse().ok()).collect();
            Some((f[0].to_owned(), f[1].to_owned(), f[2].parse().ok()?, values))
        })
        .collect()
}

/// Noise in [-1, 1).
pub(crate) fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut noise = Noise(seed);
    (0..n).map(|_| noise.sample() as f32).collect()
}
