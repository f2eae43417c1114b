//! Features that are used at once and not kept.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use cratedigger_features::{BatchOptions, Failure, Input, Limits, Order, batch};

use super::heard::{Heard, HeardFiles};
use super::inputs::Inputs;
use crate::embedding::{Analysed, Recording};
use crate::listener::{Listener, Unit};
use crate::objects::{Outage, Recordings};

/// Recordings that may wait for an earlier one, for each thread.
pub(super) const WINDOW: usize = 16;

/// The places of files, the largest file first, equal ones as they stand: the last ones to finish are short.
pub(crate) fn largest_first(sizes: impl Iterator<Item = u64>) -> Vec<usize> {
    let sizes: Vec<u64> = sizes.collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(sizes[at]), at));
    order
}

/// What `keep` makes of the values that `analyse` gives each file, in the order of the files; what was heard of each; and a
/// line for each input without them.
pub fn in_memory<T>(
    analyse: impl Fn(Recording<'_>) -> cratedigger_features::Result<Result<Analysed, Failure>> + Sync,
    inputs: Inputs,
    limits: &Limits,
    jobs: Option<NonZeroUsize>,
    what: &'static str,
    listener: &dyn Listener,
    keep: impl Fn(&[f64]) -> T,
) -> (Vec<(Input, T)>, HeardFiles, Vec<String>) {
    for told in inputs.told() {
        listener.say(&told);
    }
    let Inputs {
        files,
        unread,
        objects,
        ..
    } = inputs;
    let mut failures: Vec<String> = unread
        .iter()
        .map(|unread| format!("{}: {}", unread.path.display(), unread.reason))
        .collect();
    let job = listener.begin(what.into(), Unit::Steps);
    let order = largest_first(files.iter().map(|file| objects.state(&file.path).size));
    let pending: Vec<Input> = order.iter().map(|&at| files[at].clone()).collect();
    let recordings = Recordings::begin(&objects, &pending, limits);
    let options = BatchOptions::default().n_threads(jobs).order(Order::AsGiven);
    let mut outcomes: Vec<Option<Result<(T, Heard), String>>> = files.iter().map(|_| None).collect();
    let mut n_done = 0;
    let mut outage = Outage::default();
    let work = |path: &Path| recordings.with(path, |_, recording| analyse(recording));
    batch(&pending, options, WINDOW, work, |row| {
        let outcome = row.outcome.flatten();
        let ends = outage.ends_after(outcome.as_ref().err().map(|failure| failure.stage));
        outcomes[order[row.index]] = Some(match outcome {
            Ok(analysed) => Ok((keep(&analysed.values), analysed.info.into())),
            Err(failure) => Err(format!("{}: {}", failure.stage, failure.reason)),
        });
        n_done += 1;
        job.set(n_done, files.len() as u64);
        match ends {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
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
