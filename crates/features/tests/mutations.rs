//! Damaged files of every format: features or an error, never a panic, never long, never much memory.
//!
//! The example `mutate` does the same for any number of inputs and measures memory.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/mutate.rs"]
#[allow(unreachable_pub)]
mod mutate;

use std::io::Cursor;
use std::time::{Duration, Instant};

use common::data;
use cratedigger_features::{Error, Extractor, Limits, Recipe};
use mutate::Mutator;

#[test]
fn two_thousand_damaged_files_give_features_or_an_error() {
    let mutator = Mutator::new(&data("audio"), 2026).unwrap();
    let extractors = Recipe::ALL.map(|r| Extractor::new(r).with_limits(Limits::default().in_memory_s(0.2)));
    let (mut n_done, mut n_failed, mut slowest) = (0, 0, Duration::ZERO);
    for i in 0..2000 {
        let mutant = mutator.mutant(i);
        let start = Instant::now();
        let recipe = Recipe::ALL[usize::from(i % 4 == 3)];
        match extractors[usize::from(i % 4 == 3)].extract_reader(Cursor::new(mutant.bytes)) {
            Ok(f) => {
                n_done += 1;
                let finite = f.values().iter().filter(|v| v.is_finite()).count();
                // Skewness and kurtosis of constant rows are undefined in the `librosa` recipe.
                let want = if recipe == Recipe::Fma { 518 } else { 518 - 2 * 74 };
                assert!(finite >= want, "{} {i}: {finite}", mutant.name);
            }
            Err(e) => {
                n_failed += 1;
                assert!(!matches!(e, Error::Panicked { .. }), "{} {i}: {e}", mutant.name);
                assert!(!e.to_string().is_empty());
            }
        }
        slowest = slowest.max(start.elapsed());
        assert!(
            slowest < Duration::from_secs(10),
            "{} {i}: {slowest:?}",
            mutant.name
        );
    }
    println!("{n_done} gave features, {n_failed} an error, slowest {slowest:?}");
    assert!(
        n_done > 400 && n_failed > 400,
        "{n_done} {n_failed}: the damage is too mild or too harsh"
    );
}

#[test]
fn damage_is_reproducible_and_of_every_file() {
    let a = Mutator::new(&data("audio"), 5).unwrap();
    let b = Mutator::new(&data("audio"), 6).unwrap();
    assert!(a.n_files() >= 30);
    let mut n_changed = 0;
    for i in 0..100 {
        let (x, y) = (a.mutant(i), a.mutant(i));
        assert_eq!(x.bytes, y.bytes);
        assert_ne!(x.bytes, b.mutant(i).bytes);
        n_changed += usize::from(x.bytes != std::fs::read(data("audio").join(&x.name)).unwrap());
    }
    assert!(n_changed > 90, "{n_changed}");
}
