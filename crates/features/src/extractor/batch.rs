//! Many files: parallel over files, in a reproducible order, with bounded memory, and no file ends the batch.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex};
use std::thread;

use crate::audio::inputs::Input;
use crate::audio::panics::panic_message;
use crate::error::Error;
use crate::extractor::extract::Extractor;
use crate::frames::Features;
use crate::lock::lock;

/// The order in which files are begun and rows are handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Largest file first, equal sizes as given: the last files to finish are short ones, so no processor idles long.
    #[default]
    LargestFirst,
    /// As given.
    AsGiven,
}

/// How a batch runs.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct BatchOptions {
    /// Number of threads; default: one for each processor.
    pub n_threads: Option<NonZeroUsize>,
    /// Order of files and rows.
    pub order: Order,
}

impl BatchOptions {
    /// Sets the number of threads; `None` is one for each processor.
    pub fn n_threads(mut self, n_threads: Option<NonZeroUsize>) -> Self {
        self.n_threads = n_threads;
        self
    }

    /// Sets the order of files and rows.
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }
}

/// Why a file gave no features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `open`, `probe`, `decode`, `features` or `internal`.
    pub stage: &'static str,
    /// The error in words.
    pub reason: String,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T = Features> {
    /// Index in the list of inputs.
    pub index: usize,
    /// Features, or what else was made of it, or why there is nothing.
    pub outcome: Result<T, Failure>,
}

/// How a batch ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files with features.
    pub n_done: usize,
    /// Files without.
    pub n_failed: usize,
    /// Whether the sink asked to stop before the last file.
    pub stopped: bool,
}

/// Files that may be finished or under way beyond the one that is handed out next, for each thread.
const WINDOW_PER_THREAD: usize = 16;

/// Extracts all `inputs` and hands their rows to `sink`, on the calling thread, in the order of `options`.
///
/// The rows and their order do not depend on the number of threads. At most 16 rows for each thread wait for an earlier
/// one. A file that cannot be read, decoded or analysed, even one on which a decoder panics, becomes a row with a
/// [`Failure`]. When `sink` breaks, no further file is begun and no further row handed out.
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use cratedigger_features::{BatchOptions, Extractor, Recipe, extract_batch, find_audio};
///
/// let inputs = find_audio("fma_small".as_ref())?;
/// let extractor = Extractor::new(Recipe::Fma);
/// let summary = extract_batch(&extractor, &inputs, BatchOptions::default(), |row| {
///     match row.outcome {
///         Ok(features) => println!("{} {:?}", inputs[row.index].id, features.values()),
///         Err(failure) => eprintln!("{} {}: {}", inputs[row.index].id, failure.stage, failure.reason),
///     }
///     ControlFlow::Continue(())
/// });
/// println!("{summary:?}");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn extract_batch(
    extractor: &Extractor,
    inputs: &[Input],
    options: BatchOptions,
    sink: impl FnMut(Row) -> ControlFlow<()>,
) -> Summary {
    let window = WINDOW_PER_THREAD;
    batch(inputs, options, window, |path| extractor.extract_path(path), sink)
}

/// Does `work` on all `inputs` and hands what it gives to `sink`, as [`extract_batch`] does with features.
///
/// At most `window` outcomes for each thread wait for an earlier one, which bounds their memory.
pub fn batch<T: Send>(
    inputs: &[Input],
    options: BatchOptions,
    window: usize,
    work: impl Fn(&Path) -> Result<T, Error> + Sync,
    sink: impl FnMut(Row<T>) -> ControlFlow<()>,
) -> Summary {
    let order = schedule(inputs, options.order);
    run(
        &order,
        options.n_threads,
        window,
        |index| attempt(|| work(&inputs[index].path)),
        sink,
    )
}

fn schedule(inputs: &[Input], order: Order) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..inputs.len()).collect();
    if order == Order::LargestFirst {
        let size = |i: usize| std::fs::metadata(&inputs[i].path).map_or(0, |m| m.len());
        indices.sort_by_cached_key(|i| (std::cmp::Reverse(size(*i)), *i));
    }
    indices
}

/// Does the work on one file; errors and panics become failures.
fn attempt<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Failure> {
    // A panic drops the buffers that the call had borrowed, so that nothing half-done is used again.
    let error = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(features)) => return Ok(features),
        Ok(Err(e)) => e,
        Err(panic) => Error::Panicked {
            message: panic_message(panic.as_ref()),
        },
    };
    // The path has its own column: the reason goes without it.
    let reason = match &error {
        Error::File { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    Err(Failure {
        stage: error.stage(),
        reason,
    })
}

struct Progress {
    next: usize,
    n_delivered: usize,
    stop: bool,
}

fn run<T: Send>(
    order: &[usize],
    n_threads: Option<NonZeroUsize>,
    window: usize,
    work: impl Fn(usize) -> Result<T, Failure> + Sync,
    mut sink: impl FnMut(Row<T>) -> ControlFlow<()>,
) -> Summary {
    let n_threads = n_threads
        .or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
        .min(order.len().max(1));
    let window = window.max(1) * n_threads;
    let progress = Mutex::new(Progress {
        next: 0,
        n_delivered: 0,
        stop: false,
    });
    let delivered = Condvar::new();
    let mut summary = Summary::default();
    thread::scope(|scope| {
        let (send, receive) = sync_channel(window);
        for _ in 0..n_threads {
            let (send, progress, delivered, work) = (send.clone(), &progress, &delivered, &work);
            scope.spawn(move || {
                loop {
                    let position = {
                        let mut p = lock(progress);
                        while !p.stop && p.next < order.len() && p.next >= p.n_delivered + window {
                            p = delivered
                                .wait(p)
                                .unwrap_or_else(std::sync::PoisonError::into_inner);
                        }
                        if p.stop || p.next >= order.len() {
                            return;
                        }
                        p.next += 1;
                        p.next - 1
                    };
                    let outcome = work(order[position]);
                    if send.send((position, outcome)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut n_delivered = 0;
        for (position, outcome) in receive {
            waiting.insert(position, outcome);
            while let Some(outcome) = waiting.remove(&n_delivered) {
                if summary.stopped {
                    break;
                }
                match &outcome {
                    Ok(_) => summary.n_done += 1,
                    Err(_) => summary.n_failed += 1,
                }
                summary.stopped = sink(Row {
                    index: order[n_delivered],
                    outcome,
                })
                .is_break();
                n_delivered += 1;
                let mut p = lock(&progress);
                p.n_delivered = n_delivered;
                p.stop = summary.stopped;
                delivered.notify_all();
            }
        }
    });
    summary.stopped &= summary.n_done + summary.n_failed < order.len();
    summary
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::recipe::Recipe;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn some_features() -> Features {
        let tone: Vec<f32> = (0..4000).map(|i| (i as f32 * 0.1).sin()).collect();
        Extractor::new(Recipe::Fma)
            .extract_samples(&tone, 22_050)
            .unwrap()
    }

    fn threads(n: usize) -> Option<NonZeroUsize> {
        NonZeroUsize::new(n)
    }

    #[test]
    fn rows_come_in_order_and_few_wait_whatever_the_number_of_threads() {
        let features = some_features();
        let order: Vec<usize> = (0..200).rev().collect();
        for n in [1, 2, 7] {
            let (begun, mut got) = (AtomicUsize::new(0), Vec::new());
            let work = |i: usize| {
                begun.fetch_add(1, Ordering::SeqCst);
                if i % 40 == 39 {
                    // A slow file holds the others up.
                    thread::sleep(std::time::Duration::from_millis(20));
                }
                if i % 10 == 3 {
                    Err(Failure {
                        stage: "decode",
                        reason: i.to_string(),
                    })
                } else {
                    Ok(features.clone())
                }
            };
            let summary = run(&order, threads(n), WINDOW_PER_THREAD, work, |row| {
                assert!(begun.load(Ordering::SeqCst) <= got.len() + WINDOW_PER_THREAD * n + n);
                got.push(row.index);
                ControlFlow::Continue(())
            });
            assert_eq!(got, order);
            assert_eq!(
                summary,
                Summary {
                    n_done: 180,
                    n_failed: 20,
                    stopped: false
                }
            );
        }
    }

    #[test]
    fn a_sink_that_breaks_ends_the_batch() {
        let features = some_features();
        let order: Vec<usize> = (0..500).collect();
        let begun = AtomicUsize::new(0);
        let mut n = 0;
        let work = |_| {
            begun.fetch_add(1, Ordering::SeqCst);
            Ok(features.clone())
        };
        let summary = run(&order, threads(3), WINDOW_PER_THREAD, work, |_| {
            n += 1;
            if n == 10 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((n, summary.n_done, summary.stopped), (10, 10, true));
        assert!(begun.load(Ordering::SeqCst) < 200);
        assert_eq!(
            run(&[], None, 1, |_| Ok(features.clone()), |_| panic!("no rows")),
            Summary::default()
        );
    }

    #[test]
    fn a_panic_is_a_failure_of_one_file() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let failure = attempt::<()>(|| panic!("index {} out of range", 5)).unwrap_err();
        let fixed = attempt::<()>(|| panic!("fixed")).unwrap_err();
        std::panic::set_hook(hook);
        assert_eq!(
            failure,
            Failure {
                stage: "internal",
                reason: "internal error: index 5 out of range".to_owned()
            }
        );
        assert_eq!(fixed.reason, "internal error: fixed");
    }
}
