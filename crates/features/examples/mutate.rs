//! Feeds damaged files to the extractor and reports panics, slow inputs and memory.
//!
//! ```sh
//! cargo run --release -p cratedigger-features --example mutate -- [--count 100000] [--seed 1] [--max-mb 512] [FOLDER]
//! ```
//!
//! FOLDER holds the files to damage; without it, those of tests/data/audio. The exit code is 1 if an input panicked,
//! took more than 10 s, gave a value that is not a number, or pushed the process beyond the memory limit. On Linux the
//! memory is the peak of the resident set during each input; run it under `ulimit -v` to catch what is reserved and
//! never used, too.

#[path = "../tests/common/mutate.rs"]
#[allow(dead_code, unreachable_pub)]
mod mutate;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cratedigger_features::{Error, Extractor, Limits, Recipe};
use mutate::Mutator;

const MAX_TIME: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut count, mut seed, mut max_mb) = (100_000, 1, 512.0);
    let mut folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/audio");
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--count" => count = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            "--max-mb" => max_mb = value()?.parse()?,
            _ => folder = PathBuf::from(arg),
        }
    }
    let mutator = Mutator::new(&folder, seed)?;
    let extractors = Recipe::ALL.map(|r| Extractor::new(r).with_limits(Limits::default().in_memory_s(0.2)));
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    let (mut slowest, mut largest) = ((Duration::ZERO, 0), (0.0, 0));
    let mut n_bad = 0u64;
    let begin = Instant::now();
    for i in 0..count {
        let mutant = mutator.mutant(i);
        let extractor = &extractors[usize::from(i % 4 == 3)];
        start_peak();
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| {
            extractor.extract_reader(Cursor::new(mutant.bytes.as_slice()))
        }));
        let took = start.elapsed();
        let peak = peak_mb();
        let mut bad = |what: String| {
            n_bad += 1;
            println!("input {i} ({}): {what}", mutant.name);
        };
        let outcome = match &result {
            Ok(Ok(features)) => {
                if extractor.recipe() == Recipe::Fma && !features.values().iter().all(|v| v.is_finite()) {
                    bad("a value is not a number".to_owned());
                }
                "features".to_owned()
            }
            Ok(Err(e @ Error::DecoderPanicked { .. })) => {
                println!("input {i} ({}): {e}", mutant.name);
                "decode, the decoder panicked".to_owned()
            }
            Ok(Err(e)) => e.stage().to_owned(),
            Err(_) => {
                bad("panic".to_owned());
                "panic".to_owned()
            }
        };
        if took > MAX_TIME {
            bad(format!("took {took:?}"));
        }
        if peak > max_mb {
            bad(format!("{peak:.0} MB"));
        }
        *outcomes.entry(outcome).or_default() += 1;
        slowest = slowest.max((took, i));
        if peak > largest.0 {
            largest = (peak, i);
        }
        if (i + 1) % 10_000 == 0 {
            println!("{} inputs in {:.0} s", i + 1, begin.elapsed().as_secs_f64());
        }
    }
    for (outcome, n) in &outcomes {
        println!("{n:>8} {outcome}");
    }
    println!("slowest: {:.2?} (input {})", slowest.0, slowest.1);
    println!("largest peak: {:.0} MB (input {})", largest.0, largest.1);
    if n_bad > 0 {
        return Err(format!("{n_bad} inputs were not dealt with as they should be").into());
    }
    Ok(())
}

/// Forgets the peak of the resident set (Linux; elsewhere nothing is measured).
fn start_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Peak of the resident set since then, in MB; 0 where it is not known.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kb = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
