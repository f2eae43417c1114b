//! What a study tells while it runs, and the time that it has.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::Result;

/// What a study tells while it runs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StudyEvent {
    /// A section begins.
    SectionStarted {
        /// What it does, such as `missing values` or `training mlp`.
        section: String,
    },
    /// A section is done.
    SectionDone {
        /// What it did.
        section: String,
        /// How long it took.
        seconds: f64,
    },
    /// Something that the reader of the terminal should know; the findings say it too.
    Note {
        /// One or two sentences.
        text: String,
    },
}

/// How long a section took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SectionTime {
    /// The section.
    pub section: String,
    /// Seconds.
    pub elapsed_seconds: f64,
}

/// The telling of a running study.
pub(crate) struct Progress<'a> {
    on_event: &'a (dyn Fn(StudyEvent) + Sync),
    started: Instant,
    budget_seconds: Option<f64>,
    /// The part that is under way.
    part: Option<(String, Instant)>,
    /// What is to be told when that part is done.
    notes: Vec<String>,
    /// The parts that are done.
    sections: Vec<SectionTime>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(on_event: &'a (dyn Fn(StudyEvent) + Sync), budget_seconds: Option<f64>) -> Self {
        Self {
            on_event,
            started: Instant::now(),
            budget_seconds,
            part: None,
            notes: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Tells that a part begins.
    pub(crate) fn begin(&mut self, title: &str) {
        (self.on_event)(StudyEvent::SectionStarted {
            section: title.to_owned(),
        });
        self.part = Some((title.to_owned(), Instant::now()));
    }

    /// Tells that the part is done, how long it took, and then what was noted during it.
    pub(crate) fn end(&mut self) {
        let Some((section, started)) = self.part.take() else {
            return;
        };
        let seconds = started.elapsed().as_secs_f64();
        self.sections.push(SectionTime {
            section: section.clone(),
            elapsed_seconds: seconds,
        });
        (self.on_event)(StudyEvent::SectionDone { section, seconds });
        for text in std::mem::take(&mut self.notes) {
            (self.on_event)(StudyEvent::Note { text });
        }
    }

    /// Runs a part, telling its beginning, its end and its time.
    pub(crate) fn part<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.begin(title);
        let result = work()?;
        self.end();
        Ok(result)
    }

    /// Something that the reader of the terminal should know: at once, or when the part that is under way is done.
    pub(crate) fn note(&mut self, text: String) {
        if self.part.is_some() {
            self.notes.push(text);
        } else {
            (self.on_event)(StudyEvent::Note { text });
        }
    }

    /// Whether the time is over after which nothing more is begun.
    pub(crate) fn time_is_spent(&self) -> bool {
        let spent = self.started.elapsed().as_secs_f64();
        self.budget_seconds.is_some_and(|budget| spent > budget)
    }

    /// The seconds since the beginning, and those of each part.
    pub(crate) fn times(self) -> (f64, Vec<SectionTime>) {
        (self.started.elapsed().as_secs_f64(), self.sections)
    }
}
