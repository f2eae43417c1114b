//! Queries in SQL over the tables of a store, answered by DataFusion.
//!
//! Column names hold periods (`track.genre_top`, `mfcc.mean.01`), which plain SQL would read as `table.column`. A dotted
//! name that is a column of a registered table is therefore taken as that column, with or without quotes:
//! `select track.genre_top, avg(mfcc.mean.01) from tracks join features using (track_id) group by 1`.

mod operators;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::context::{SQLOptions, SessionConfig};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer, Word};
use futures::StreamExt;

/// The longest query, in bytes. Each operator of a chain such as `1+1+1` is a level of the plan, and plans are walked by functions
/// that call themselves.
const MAX_QUERY: usize = 64 << 10;

/// Memory for the calls of whoever plans a query of that length; it is used only where it is needed.
const PLANNER_STACK: usize = 1 << 30;

/// The same for whoever computes what the plan says.
const WORKER_STACK: usize = 256 << 20;

use self::operators::{MAX_OPERATORS, n_operators};

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An aligned table for people, of at most this many rows.
    Table {
        /// Rows shown; the rest is counted only.
        max_rows: usize,
    },
    /// Comma-separated values with one header line; lists are written as `[21, 45]`.
    Csv,
    /// One JSON array of objects; a missing value is a missing key.
    Json,
    /// A Parquet file, zstd.
    Parquet,
}

/// What went wrong with a query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The query is not one that can be answered: syntax, unknown names, wrong types.
    #[error("{message}\n{hint}")]
    Query {
        /// What DataFusion says.
        message: String,
        /// The tables there are, and how to see their columns.
        hint: String,
    },
    /// Reading the store or running the plan failed.
    #[error("the query could not be run: {0}")]
    Run(#[source] datafusion::error::DataFusionError),
    /// The result could not be written.
    #[error("the result could not be written: {0}")]
    Write(#[source] std::io::Error),
    /// The result could not be brought into the format.
    #[error("the result could not be written: {0}")]
    Format(#[from] arrow::error::ArrowError),
    /// The result could not be written as Parquet.
    #[error("the result could not be written as Parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
}

/// A read-only SQL session over Parquet tables.
pub struct Session {
    ctx: SessionContext,
    runtime: tokio::runtime::Runtime,
    tables: Vec<String>,
    columns: BTreeSet<String>,
}

impl Session {
    /// Opens a session over `tables`: pairs of a name and a Parquet file.
    ///
    /// # Errors
    /// [`Error::Run`] where a file cannot be read as Parquet.
    pub fn open<'a>(tables: impl IntoIterator<Item = (&'a str, &'a Path)>) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_stack_size(WORKER_STACK)
            .enable_all()
            .build()
            .map_err(|e| Error::Run(e.into()))?;
        let config = SessionConfig::new().with_information_schema(true);
        let ctx = SessionContext::new_with_state(reading_state(config));
        let mut names = Vec::new();
        let mut columns = BTreeSet::new();
        for (name, path) in tables {
            let schema = runtime.block_on(async {
                let path = path.to_string_lossy();
                ctx.register_parquet(name, path, ParquetReadOptions::default())
                    .await?;
                Ok(ctx.table(name).await?.schema().as_arrow().clone())
            });
            let schema = schema.map_err(Error::Run)?;
            columns.extend(schema.fields().iter().map(|f| f.name().clone()));
            names.push(name.to_owned());
        }
        Ok(Self {
            ctx,
            runtime,
            tables: names,
            columns,
        })
    }

    /// Answers `query` and writes the result to `out`; returns the number of rows.
    ///
    /// Only queries are answered: statements that create, change or delete anything are refused. CSV, JSON and Parquet
    /// are written batch by batch as the rows come, in bounded memory.
    ///
    /// # Errors
    /// [`Error::Query`] where the query is wrong, the others where reading or writing fails.
    pub fn run(&self, query: &str, format: Format, out: &mut (dyn Write + Send)) -> Result<u64, Error> {
        if query.len() > MAX_QUERY {
            return Err(Error::Query {
                message: format!(
                    "the query has {} bytes; at most {MAX_QUERY} are taken",
                    query.len()
                ),
                hint: "Long lists of values can be a table of their own: `… in (select …)`.".to_owned(),
            });
        }
        std::thread::scope(|scope| {
            let planner = std::thread::Builder::new().stack_size(PLANNER_STACK);
            let planner = planner.spawn_scoped(scope, || self.answer(query, format, out));
            let planner = planner.map_err(|e| Error::Run(e.into()))?;
            planner
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn answer(&self, query: &str, format: Format, out: &mut (dyn Write + Send)) -> Result<u64, Error> {
        let n = n_operators(query);
        if n > MAX_OPERATORS {
            return Err(Error::Query {
                message: format!("the query has {n} operators; at most {MAX_OPERATORS} are planned"),
                hint: "A list of values is shorter with `in (…)`.".to_owned(),
            });
        }
        let query = quote_dotted_names(query, &self.columns);
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        self.runtime.block_on(async {
            let frame = self
                .ctx
                .sql_with_options(&query, options)
                .await
                .map_err(|e| self.query_error(&e))?;
            let mut sink = Sink::new(format, frame.schema().as_arrow(), out)?;
            let mut stream = frame.execute_stream().await.map_err(|e| self.query_error(&e))?;
            let mut n_rows = 0;
            while let Some(batch) = stream.next().await {
                let batch = batch.map_err(Error::Run)?;
                n_rows += batch.num_rows() as u64;
                sink.write(batch)?;
            }
            sink.finish(n_rows)?;
            Ok(n_rows)
        })
    }

    fn query_error(&self, error: &datafusion::error::DataFusionError) -> Error {
        Error::Query {
            message: error.strip_backtrace(),
            hint: format!(
                "tables: {}; `describe tracks` lists the columns of one",
                self.tables.join(", ")
            ),
        }
    }
}

/// All of DataFusion's functions, none of its file formats and table factories: they serve statements that write or create,
/// which are refused, and make the binary larger.
fn reading_state(config: SessionConfig) -> SessionState {
    SessionStateBuilder::new()
        .with_config(config)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_higher_order_functions(SessionStateDefaults::default_higher_order_functions())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions())
        .with_table_function_list(SessionStateDefaults::default_table_functions())
        .build()
}

/// Takes each dotted run of names that is a known column as that column, by quoting it.
///
/// The longest run that names a column wins, counted from its right end, so that `t.track.title` stays column
/// `track.title` of `t`. A text that cannot be cut into tokens is left as it is: the parser then explains it.
fn quote_dotted_names(query: &str, columns: &BTreeSet<String>) -> String {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, query).tokenize() else {
        return query.to_owned();
    };
    let mut out = String::with_capacity(query.len() + 16);
    let mut i = 0;
    while i < tokens.len() {
        match column_at(&tokens[i..], columns) {
            Some((name, n_tokens)) if n_tokens > 1 => {
                out.push('"');
                out.push_str(&name);
                out.push('"');
                i += n_tokens;
            }
            _ => {
                out.push_str(&tokens[i].to_string());
                i += 1;
            }
        }
    }
    out
}

/// The longest known column that the tokens begin with, and the number of tokens it takes.
fn column_at(tokens: &[Token], columns: &BTreeSet<String>) -> Option<(String, usize)> {
    let mut name = match &tokens[0] {
        Token::Word(w) => bare(w)?,
        _ => return None,
    };
    let mut found = None;
    let mut i = 1;
    while i < tokens.len() {
        match (&tokens[i], tokens.get(i + 1)) {
            // `.01` behind a name is one token
            (Token::Number(digits, false), _) if digits.starts_with('.') => {
                name.push_str(digits);
                i += 1;
            }
            (Token::Period, Some(Token::Word(w))) => {
                let Some(part) = bare(w) else { break };
                name.push('.');
                name.push_str(&part);
                i += 2;
            }
            _ => break,
        }
        if columns.contains(&name) {
            found = Some((name.clone(), i));
        }
    }
    found
}

fn bare(word: &Word) -> Option<String> {
    word.quote_style
        .is_none()
        .then(|| word.value.to_ascii_lowercase())
}

/// Where result batches go.
enum Sink<'a> {
    Table {
        batches: Vec<RecordBatch>,
        held: usize,
        max_rows: usize,
        schema: SchemaRef,
        out: &'a mut (dyn Write + Send),
    },
    Csv(Box<arrow::csv::Writer<&'a mut (dyn Write + Send)>>, SchemaRef),
    Json(arrow::json::ArrayWriter<&'a mut (dyn Write + Send)>),
    Parquet(Box<parquet::arrow::ArrowWriter<&'a mut (dyn Write + Send)>>),
}

impl<'a> Sink<'a> {
    fn new(format: Format, schema: &Schema, out: &'a mut (dyn Write + Send)) -> Result<Self, Error> {
        let schema = Arc::new(schema.clone());
        Ok(match format {
            Format::Table { max_rows } => Self::Table {
                batches: Vec::new(),
                held: 0,
                max_rows,
                schema,
                out,
            },
            Format::Csv => {
                let flat = flat_schema(&schema);
                let mut writer = arrow::csv::WriterBuilder::new()
                    .with_header(true)
                    .with_timestamp_format("%Y-%m-%d %H:%M:%S%.f".to_owned())
                    .build(out);
                // the header also where there are no rows
                writer.write(&RecordBatch::new_empty(flat.clone()))?;
                Self::Csv(Box::new(writer), flat)
            }
            Format::Json => Self::Json(arrow::json::ArrayWriter::new(out)),
            Format::Parquet => {
                let properties = parquet::file::properties::WriterProperties::builder()
                    .set_compression(parquet::basic::Compression::ZSTD(Default::default()))
                    .build();
                Self::Parquet(Box::new(parquet::arrow::ArrowWriter::try_new(
                    out,
                    schema,
                    Some(properties),
                )?))
            }
        })
    }

    fn write(&mut self, batch: RecordBatch) -> Result<(), Error> {
        match self {
            Self::Table {
                batches,
                held,
                max_rows,
                ..
            } => {
                let room = max_rows.saturating_sub(*held).min(batch.num_rows());
                if room > 0 {
                    batches.push(batch.slice(0, room));
                    *held += room;
                }
            }
            Self::Csv(writer, flat) => writer.write(&flat_batch(&batch, flat)?)?,
            Self::Json(writer) => writer.write(&batch)?,
            Self::Parquet(writer) => writer.write(&batch)?,
        }
        Ok(())
    }

    fn finish(self, n_rows: u64) -> Result<(), Error> {
        match self {
            Self::Table {
                batches,
                held,
                schema,
                out,
                ..
            } => {
                let text = arrow::util::pretty::pretty_format_batches_with_schema(schema, &batches)?;
                writeln!(out, "{text}").map_err(Error::Write)?;
                let hidden = n_rows - held as u64;
                if hidden > 0 {
                    writeln!(out, "… and {hidden} rows more").map_err(Error::Write)?;
                }
                Ok(())
            }
            Self::Csv(writer, _) => writer.into_inner().flush().map_err(Error::Write),
            Self::Json(mut writer) => {
                writer.finish()?;
                writeln!(writer.into_inner()).map_err(Error::Write)
            }
            Self::Parquet(writer) => {
                writer.close()?;
                Ok(())
            }
        }
    }
}

/// The schema with every nested column as text, since a CSV cell holds no list.
fn flat_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|f| {
        if f.data_type().is_nested() {
            Arc::new(Field::new(f.name(), DataType::Utf8, true))
        } else {
            Arc::clone(f)
        }
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn flat_batch(batch: &RecordBatch, flat: &SchemaRef) -> Result<RecordBatch, Error> {
    let options = FormatOptions::new();
    let columns = batch.columns().iter().map(|column| -> Result<ArrayRef, Error> {
        if !column.data_type().is_nested() {
            return Ok(Arc::clone(column));
        }
        let formatter = ArrayFormatter::try_new(column, &options)?;
        let texts = (0..column.len()).map(|i| (!column.is_null(i)).then(|| formatter.value(i).to_string()));
        Ok(Arc::new(texts.collect::<StringArray>()))
    });
    Ok(RecordBatch::try_new(
        Arc::clone(flat),
        columns.collect::<Result<_, _>>()?,
    )?)
}

#[cfg(test)]
mod tests;
