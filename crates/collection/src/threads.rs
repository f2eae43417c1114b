//! How many threads may be asked for.

/// The most threads that any command or server starts when it is told how many: four for each processor, and 256 at least.
/// More only wait for each other, and take memory and minutes to start.
pub fn most_threads() -> usize {
    let n_processors = std::thread::available_parallelism().map_or(1, usize::from);
    n_processors.saturating_mul(4).max(256)
}
