//! Features that are used at once and not kept.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use cratedigger_features::{BatchOptions, Failure, Input, Order, batch};

use super::heard::{Heard, HeardFiles};
use super::inputs::Inputs;
use crate::embedding::Analysed;
use crate::listener::{Listener, Unit};

/// Recordings that may wait for an earlier one, for each thread.
pub(super) const WINDOW: usize = 16;

/// What `keep` makes of the values that `analyse` gives each file, in the order of the files; what was heard of each; and a
/// line for each input without them.
pub fn in_memory<T>(
    analyse: impl Fn(&Path) -> cratedigger_features::Result<Result<Analysed, Failure>> + Sync,
    inputs: Inputs,
    jobs: Option<NonZeroUsize>,
    what: &'static str,
    listener: &dyn Listener,
    keep: impl Fn(&[f64]) -> T,
) -> (Vec<(Input, T)>, HeardFiles, Vec<String>) {
    for told in inputs.told() {
        listener.say(&told);
    }
    let Inputs { files, unread, .. } = inputs;
    let mut failures: Vec<String> = unread
        .iter()
        .map(|unread| format!("{}: {}", unread.path.display(), unread.reason))
        .collect();
    let job = listener.begin(what.into(), Unit::Steps);
    let options = BatchOptions::default().n_threads(jobs).order(Order::LargestFirst);
    let mut outcomes: Vec<Option<Result<(T, Heard), String>>> = files.iter().map(|_| None).collect();
    let mut n_done = 0;
    batch(&files, options, WINDOW, analyse, |row| {
        outcomes[row.index] = Some(match row.outcome.flatten() {
            Ok(analysed) => Ok((keep(&analysed.values), analysed.info.into())),
            Err(failure) => Err(format!("{}: {}", failure.stage, failure.reason)),
        });
        n_done += 1;
        job.set(n_done, files.len() as u64);
        ControlFlow::Continue(())
    });
    drop(job);
    let mut rows = Vec::with_capacity(files.len());
    let mut heard = HeardFiles::new();
    for (file, outcome) in files.into_iter().zip(outcomes) {
        match outcome {
            Some(Ok((kept, of_file))) => {
                heard.insert(file.path.clone(), of_file);
                rows.push((file, kept));
            }
            Some(Err(reason)) => failures.push(format!("{}: {reason}", file.path.display())),
            None => failures.push(format!("{}: the extraction ended early", file.path.display())),
        }
    }
    (rows, heard, failures)
}
