//! The bounded run: each target gets its seeds, whole and cut, and a number of damaged ones that is the same every time.
//!
//! `CRATEDIGGER_FUZZ_CASES=20000 CRATEDIGGER_FUZZ_SEED=7` asks for more, and for other ones.

#![allow(clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use cratedigger_fuzz::{TARGETS, Target, find};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Numbers that readers do not expect where they read a length.
const EXTREMES: [u64; 8] = [0, 1, 255, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// One to four changes: a byte, a bit, a number, a piece that is gone, doubled or another seed's.
fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) {
    for _ in 0..random.random_range(1..5) {
        let n = bytes.len();
        if n < 2 {
            return;
        }
        // half of it at the beginning, where headers are
        let reach = if random.random() { n.min(256) } else { n };
        let at = random.random_range(0..reach);
        match random.random_range(0..7) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => {
                let width = [1, 2, 4, 8][random.random_range(0..4)].min(n - at);
                let number = EXTREMES[random.random_range(0..EXTREMES.len())].to_le_bytes();
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            3 => bytes.truncate(at),
            4 => {
                let end = (at + random.random_range(1..64)).min(n);
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + random.random_range(1..64)).min(n);
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let from = random.random_range(0..other.len().max(1));
                let to = (from + random.random_range(1..64)).min(other.len());
                if from < to {
                    let end = (at + to - from).min(n);
                    bytes.splice(at..end, other[from..to].iter().copied());
                }
            }
        }
    }
}

/// Runs the input and keeps it where it brings a panic.
fn try_one(target: &Target, bytes: &[u8], what: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).unwrap_or_else(|_| {
        let kept = std::env::temp_dir().join(format!("cratedigger-fuzz-{}.bin", target.name));
        std::fs::write(&kept, bytes).unwrap();
        panic!("{}: {what}: kept as {}", target.name, kept.display());
    })
}

fn replay(name: &str) {
    let target = find(name).unwrap();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    let (start, mut unexpected) = (Instant::now(), Vec::new());
    for seed in &seeds {
        assert!(
            seed.bytes.len() <= target.max_len,
            "{name}: {} is too long",
            seed.name
        );
        let is_whole = try_one(target, &seed.bytes, &seed.name);
        if is_whole == seed.refused {
            unexpected.push(&seed.name);
        }
        try_one(target, &seed.bytes[..seed.bytes.len() / 2], &seed.name);
    }
    assert!(
        unexpected.is_empty(),
        "{name}: not taken as they should be: {unexpected:?}"
    );
    try_one(target, &[], "nothing");
    let n_cases = number("CRATEDIGGER_FUZZ_CASES").unwrap_or(target.n_cases);
    let mut slowest = std::time::Duration::ZERO;
    for case in 0..n_cases {
        // each by itself, so that one can be run alone
        let mut random = ChaCha8Rng::seed_from_u64(number("CRATEDIGGER_FUZZ_SEED").unwrap_or(2026));
        random.set_stream(case);
        let seed = &seeds[random.next_u64() as usize % seeds.len()];
        let other = &seeds[random.next_u64() as usize % seeds.len()];
        let mut bytes = seed.bytes.clone();
        damage(&mut bytes, &other.bytes, &mut random);
        bytes.truncate(target.max_len);
        let begun = Instant::now();
        try_one(target, &bytes, &format!("{} damaged, case {case}", seed.name));
        slowest = slowest.max(begun.elapsed());
    }
    println!(
        "{name}: {} seeds, {n_cases} damaged inputs in {:.1} s, the slowest {:.2} s",
        seeds.len(),
        start.elapsed().as_secs_f64(),
        slowest.as_secs_f64()
    );
}

macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })+

        #[test]
        fn each_target_has_its_test() {
            let tested = [$(stringify!($name)),+];
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, tested);
        }
    };
}

tests!(
    audio,
    tags,
    csv,
    features,
    store,
    boundaries,
    model,
    autoencoder,
    contract,
    onnx,
    checkpoint,
    package,
    journal,
    losses,
    frames,
    wire,
    settings,
    http,
);
