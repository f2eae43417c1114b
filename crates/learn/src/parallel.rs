//! Work divided over threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{LearnError, Result};

/// Does one piece of work on a pool of `n_jobs` threads, or of as many as there are cores.
///
/// # Errors
/// `InvalidParameter` for no thread at all, `Threads` where the system gives none; those of the work.
pub fn with_threads<T: Send>(n_jobs: Option<usize>, work: impl Fn() -> Result<T> + Sync) -> Result<T> {
    let mut done = in_parallel(1, n_jobs, |_| work())?;
    Ok(done.remove(0))
}

/// Runs `n_tasks` on `n_jobs` threads in all; each task sees a thread pool of its own share of them. Results are in
/// the order of the tasks; of several errors the one of the lowest task is returned.
pub(crate) fn in_parallel<T: Send>(
    n_tasks: usize,
    n_jobs: Option<usize>,
    task: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let n_jobs = match n_jobs {
        Some(0) => return Err(LearnError::parameter("n_jobs", 0, "must be at least 1")),
        Some(n) => n,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let n_workers = n_jobs.min(n_tasks).max(1);
    let threads_per_worker = (n_jobs / n_workers).max(1);
    let pools = (0..n_workers)
        .map(|_| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads_per_worker)
                .build()
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| LearnError::Threads {
            reason: error.to_string(),
        })?;
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Option<Result<T>>>> = (0..n_tasks).map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for pool in &pools {
            let (next, slots, task) = (&next, &slots, &task);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n_tasks {
                        break;
                    }
                    let result = pool.install(|| task(index));
                    if let Ok(mut slot) = slots[index].lock() {
                        *slot = Some(result);
                    }
                }
            });
        }
    });
    slots
        .into_iter()
        .map(|slot| match slot.into_inner() {
            Ok(Some(result)) => result,
            _ => Err(LearnError::Threads {
                reason: "a worker ended without a result".into(),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn work_is_done_on_as_many_threads_as_asked_for() {
        for n in [1, 3] {
            assert_eq!(
                with_threads(Some(n), || Ok(rayon::current_num_threads())).unwrap(),
                n
            );
        }
        assert!(with_threads(Some(0), || Ok(())).is_err());
        let failed = with_threads(Some(2), || Err::<(), _>(LearnError::Empty { what: "it" }));
        assert!(matches!(failed, Err(LearnError::Empty { what: "it" })));
    }
}
