//! Times decoding alone and extraction of the same files, one thread, best of several runs. On Linux the time is that
//! of the processor, so that a busy machine disturbs it less.
//!
//! ```sh
//! cargo run --release -p cratedigger-features --example profile -- [--recipe librosa] [--runs 5] a.mp3 b.mp3
//! ```

use std::path::Path;
use std::time::Instant;

use cratedigger_features::{Decoder, Extractor, Limits, Recipe};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut recipe, mut n_runs, mut files) = (Recipe::Fma, 5, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--recipe" => recipe = args.next().ok_or("--recipe needs a name")?.parse()?,
            "--runs" => n_runs = args.next().ok_or("--runs needs a number")?.parse()?,
            _ => files.push(arg),
        }
    }
    let extractor = Extractor::new(recipe);
    println!("file                       audio_s  decode_ms  features_ms  extract_ms  ratio");
    for file in &files {
        let (mut decode, mut features, mut extract, mut audio_s) =
            (f64::INFINITY, f64::INFINITY, f64::INFINITY, 0.0);
        let (samples, rate) = decode_all(Path::new(file))?;
        for _ in 0..n_runs.max(1) {
            let start = Clock::now();
            for _ in 0..AT_ONCE {
                decode_only(Path::new(file))?;
            }
            decode = decode.min(start.elapsed_s() / f64::from(AT_ONCE));
            let start = Clock::now();
            for _ in 0..AT_ONCE {
                extractor.extract_samples(&samples, rate)?;
            }
            features = features.min(start.elapsed_s() / f64::from(AT_ONCE));
            let start = Clock::now();
            for _ in 0..AT_ONCE {
                audio_s = extractor.extract_path(file)?.info().duration_s();
            }
            extract = extract.min(start.elapsed_s() / f64::from(AT_ONCE));
        }
        let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
        println!(
            "{name:26} {audio_s:7.2}  {:9.2}  {:11.2}  {:10.2}  {:5.2}",
            decode * 1e3,
            features * 1e3,
            extract * 1e3,
            extract / decode
        );
    }
    Ok(())
}

/// Repetitions of each measurement: the system counts processor time in steps of up to 4 ms.
const AT_ONCE: u32 = 10;

fn decode_only(path: &Path) -> Result<(), cratedigger_features::Error> {
    let mut decoder = Decoder::open(path, &Limits::default())?;
    let mut samples = Vec::new();
    while decoder.next_samples(&mut samples)? {
        samples.clear();
    }
    Ok(())
}

fn decode_all(path: &Path) -> Result<(Vec<f32>, u32), cratedigger_features::Error> {
    let mut decoder = Decoder::open(path, &Limits::default())?;
    let mut samples = Vec::new();
    while decoder.next_samples(&mut samples)? {}
    Ok((samples, decoder.sample_rate().unwrap_or(0)))
}

/// Time that this thread has run, or wall-clock time where the system does not tell.
struct Clock(Instant, Option<u64>);

impl Clock {
    fn now() -> Self {
        Self(Instant::now(), Self::processor_ns())
    }

    fn processor_ns() -> Option<u64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse().ok()
    }

    fn elapsed_s(&self) -> f64 {
        match (self.1, Self::processor_ns()) {
            (Some(start), Some(end)) => (end - start) as f64 * 1e-9,
            _ => self.0.elapsed().as_secs_f64(),
        }
    }
}
