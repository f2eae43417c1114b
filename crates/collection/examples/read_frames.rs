//! How fast random excerpts are read from a cache of frames.
//!
//! ```sh
//! cargo run --release -p cratedigger-collection --example read_frames -- CACHE [FRAMES] [THREADS]
//! ```

use std::error::Error;
use std::time::Instant;

use cratedigger_collection::Nobody;
use cratedigger_collection::frames::FrameCache;
use cratedigger_learn::FrameSource;

/// Excerpts that each thread reads.
const N: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [path, rest @ ..] = args.as_slice() else {
        return Err("usage: read_frames CACHE [FRAMES] [THREADS]".into());
    };
    let number = |at: usize, default: usize| rest.get(at).map_or(Ok(default), |text| text.parse());
    let (n_frames, n_threads) = (number(0, 187)?, number(1, 1)?);
    let started = Instant::now();
    let cache = FrameCache::open(path.as_ref(), None)?;
    println!(
        "opened {} recordings in {:.1} ms",
        cache.n_recordings(),
        1e3 * started.elapsed().as_secs_f64()
    );
    let all: Vec<usize> = (0..cache.n_recordings()).collect();
    let bytes: usize = all
        .iter()
        .map(|&at| 2 * cache.n_frames(at) * cache.n_bands())
        .sum();
    let started = Instant::now();
    let n_wrong = cache.verify(&all, None, &Nobody).len();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "checked {:.0} MB in {seconds:.2} s ({:.2} GB/s), {n_wrong} wrong",
        bytes as f64 * 1e-6,
        bytes as f64 * 1e-9 / seconds
    );
    let long: Vec<usize> = all
        .into_iter()
        .filter(|&at| cache.n_frames(at) >= n_frames)
        .collect();
    if long.is_empty() {
        return Err("no recording has as many frames".into());
    }
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..n_threads {
            let (cache, long) = (&cache, &long);
            scope.spawn(move || {
                let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(thread as u64 + 1);
                let mut below = |n: usize| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    (state % n as u64) as usize
                };
                let mut out = vec![0.0; n_frames * cache.n_bands()];
                for _ in 0..N {
                    let at = long[below(long.len())];
                    let first = below(cache.n_frames(at) - n_frames + 1);
                    if let Err(error) = cache.read(at, first, &mut out) {
                        println!("{error}");
                    }
                }
            });
        }
    });
    let rate = (N * n_threads) as f64 / started.elapsed().as_secs_f64();
    println!(
        "{n_threads} threads: {rate:.0} excerpts of {n_frames} frames a second, {:.0} MB/s of the file",
        rate * (2 * n_frames * cache.n_bands()) as f64 * 1e-6
    );
    Ok(())
}
