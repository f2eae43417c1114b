//! Whom long jobs tell how far they are: a terminal, a log, nobody.

use std::borrow::Cow;

/// What the amounts of a job count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Rows of a table.
    Rows,
    /// Steps of a plan.
    Steps,
}

/// Who is told what goes on. Every front end has its own.
pub trait Listener: Sync {
    /// Something that a person should know and that is no error.
    fn say(&self, line: &str);

    /// An input that gave nothing while the others go on: its name and the reason.
    fn failed(&self, line: &str);

    /// A job begins; it ends when what is returned is dropped.
    fn begin(&self, what: Cow<'static, str>, unit: Unit) -> Box<dyn Job>;
}

/// A job that is under way.
pub trait Job: Send + Sync {
    /// `done` of `total` are done; may be called from any thread.
    fn set(&self, done: u64, total: u64);

    /// Changes what the job is called, for what cannot be told by an amount.
    fn tell(&self, what: String);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Listener for Nobody {
    fn say(&self, _: &str) {}

    fn failed(&self, _: &str) {}

    fn begin(&self, _: Cow<'static, str>, _: Unit) -> Box<dyn Job> {
        Box::new(Nobody)
    }
}

impl Job for Nobody {
    fn set(&self, _: u64, _: u64) {}

    fn tell(&self, _: String) {}
}
