//! The log: what was asked and how it ended, never what was in a file or what it was called.

mod lines;

use std::fmt;
use std::io::Write;

use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::error::{Context, Error, Result};

pub use self::lines::LogEnd;

/// How the log is written.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line of words and `name=value`.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Starts the log of this process, which is written to `to`, panics too. `quiet` leaves warnings and errors only.
///
/// Lines are written by a thread of their own. Where nobody reads them they are lost, and counted, rather than waited for. What is
/// returned waits for the last lines when it is dropped, for a second at most.
///
/// # Errors
/// The process has one already, or the thread does not start.
pub fn start(format: LogFormat, quiet: bool, to: impl Write + Send + 'static) -> Result<LogEnd> {
    let (lines, end) = lines::start(to).context("cannot start the thread of the log")?;
    let level = if quiet {
        LevelFilter::WARN
    } else {
        LevelFilter::INFO
    };
    let log = tracing_subscriber::fmt().with_writer(lines).with_max_level(level);
    let begun = match format {
        LogFormat::Text => {
            let log = log.with_target(false);
            tracing::subscriber::set_global_default(log.finish())
        }
        LogFormat::Json => tracing::subscriber::set_global_default(log.event_format(JsonLine).finish()),
    };
    begun.map_err(Error::Log)?;
    // The usual hook writes to standard error itself, and waits for who reads there.
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    Ok(end)
}

/// An event as one JSON object on one line.
struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let mut line = fields.0;
        line.insert("time".to_owned(), time.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        writeln!(writer, "{}", Value::Object(line))
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}
