//! What long jobs show: bars with rate and remaining time on a terminal, plain lines elsewhere, nothing with `--quiet`.

use std::borrow::Cow;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub(crate) use cratedigger_collection::Unit;
use cratedigger_collection::{Job as ListenedJob, Listener};
use indicatif::{ProgressBar, ProgressStyle};

use crate::console::note;

/// How often a job says how far it is where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Makes the jobs of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Quiet,
}

impl Progress {
    /// Bars where standard error is a terminal, lines elsewhere, nothing where `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let mode = if quiet {
            Mode::Quiet
        } else if std::io::stderr().is_terminal() {
            Mode::Bars
        } else {
            Mode::Lines
        };
        Self { mode }
    }

    /// Whether nothing but errors is said.
    #[cfg(feature = "server")]
    pub(crate) fn is_quiet(&self) -> bool {
        self.mode == Mode::Quiet
    }

    /// Begins a job; it ends when it is dropped.
    pub(crate) fn job(&self, what: impl Into<Cow<'static, str>>, unit: Unit) -> Job {
        let what = what.into();
        let bar = (self.mode == Mode::Bars).then(|| {
            let bar = ProgressBar::no_length().with_message(what.clone());
            bar.set_style(style(unit));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let now = Instant::now();
        Job {
            unit,
            bar,
            lines: (self.mode == Mode::Lines).then(|| {
                Mutex::new(Lines {
                    what,
                    start: now,
                    last: now,
                })
            }),
        }
    }

    /// Says something that is not an error.
    pub(crate) fn say(&self, line: &str) {
        if self.mode != Mode::Quiet {
            note(line);
        }
    }

    /// Says something about a job, above its bar where it has one.
    pub(crate) fn note(&self, job: &Job, line: &str) {
        match &job.bar {
            Some(bar) => bar.println(line),
            None => self.say(line),
        }
    }
}

impl Listener for Progress {
    fn say(&self, line: &str) {
        Progress::say(self, line);
    }

    fn failed(&self, line: &str) {
        note(&format!("cratedigger: {line}"));
    }

    fn begin(&self, what: Cow<'static, str>, unit: Unit) -> Box<dyn ListenedJob> {
        Box::new(self.job(what, unit))
    }
}

impl ListenedJob for Job {
    fn set(&self, done: u64, total: u64) {
        Job::set(self, done, total);
    }

    fn tell(&self, what: String) {
        Job::tell(self, what);
    }
}

fn style(unit: Unit) -> ProgressStyle {
    let template = match unit {
        Unit::Bytes => {
            "{msg:<28} [{bar:30}] {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec}, {eta} left"
        }
        Unit::Rows | Unit::Steps => "{msg:<28} [{bar:30}] {human_pos}/{human_len} {per_sec}, {eta} left",
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// One job that is under way.
pub(crate) struct Job {
    unit: Unit,
    bar: Option<ProgressBar>,
    lines: Option<Mutex<Lines>>,
}

struct Lines {
    what: Cow<'static, str>,
    start: Instant,
    last: Instant,
}

impl Job {
    /// `done` of `total` are done; may be called from any thread.
    pub(crate) fn set(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
        }
        let Some(lines) = &self.lines else { return };
        let Ok(mut lines) = lines.lock() else { return };
        if lines.last.elapsed() < LINE_EVERY {
            return;
        }
        lines.last = Instant::now();
        note(&line(&lines.what, self.unit, done, total, lines.start.elapsed()));
    }

    /// Changes what the job is called, for what cannot be told by an amount.
    pub(crate) fn tell(&self, what: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(what);
        } else if let Some(Ok(mut lines)) = self.lines.as_ref().map(Mutex::lock) {
            lines.what = what.into();
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `reading tracks.csv: 120 of 400 MB, 12 MB/s, 23 s left`.
fn line(what: &str, unit: Unit, done: u64, total: u64, elapsed: Duration) -> String {
    let (name, scale) = match unit {
        Unit::Bytes => ("MB", 1e-6),
        Unit::Rows => ("rows", 1.0),
        Unit::Steps => ("steps", 1.0),
    };
    let rate = done as f64 / elapsed.as_secs_f64().max(1e-9);
    let left = total.saturating_sub(done) as f64 / rate.max(1e-9);
    format!(
        "{what}: {:.0} of {:.0} {name}, {:.0} {name}/s, {left:.0} s left",
        done as f64 * scale,
        total as f64 * scale,
        rate * scale,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_amount_rate_and_remaining_time() {
        let text = line(
            "reading",
            Unit::Bytes,
            30_000_000,
            120_000_000,
            Duration::from_secs(3),
        );
        assert_eq!(text, "reading: 30 of 120 MB, 10 MB/s, 9 s left");
        let text = line("reading", Unit::Rows, 0, 10, Duration::from_secs(1));
        assert!(text.starts_with("reading: 0 of 10 rows, 0 rows/s"), "{text}");
    }
}
