//! Many recordings to a table of features.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use cratedigger_collection::Extraction;
use cratedigger_features::{BatchOptions, Failure, Features, Input, Order, batch, columns};
use pyo3::prelude::*;

use crate::errors;
use crate::table::Table;
use crate::work::Stop;

/// What became of a recording, once it is known.
type Outcome = Option<Result<Features, Failure>>;

/// Recordings that may wait for an earlier one, for each thread.
pub(crate) const WINDOW: usize = 16;

/// Rows of a batch.
const BATCH_ROWS: usize = 4096;

/// The key of the recipe's version, as in files of features.
const RECIPE_KEY: &str = "cratedigger.recipe";

/// A number of threads as Python's libraries say it: `None` and -1 are all processors.
///
/// # Errors
/// Another number below 1.
pub(crate) fn jobs(n_jobs: Option<usize>) -> PyResult<Option<NonZeroUsize>> {
    match n_jobs {
        None => Ok(None),
        Some(n) => NonZeroUsize::new(n)
            .map(Some)
            .ok_or_else(|| errors::said("n_jobs is 0, expected 1 or more, or None or -1 for all processors")),
    }
}

/// Each recording by what it is called: its path.
pub(crate) fn inputs(uris: &[String]) -> Vec<Input> {
    let input = |uri: &String| Input {
        id: uri.clone(),
        path: uri.into(),
    };
    uris.iter().map(input).collect()
}

/// A failure in the words of a cell.
pub(crate) fn in_a_cell(failure: &Failure) -> String {
    format!("{}: {}", failure.stage, failure.reason)
}

/// The features of each recording.
pub(crate) fn features(
    extraction: &Extraction,
    uris: &[String],
    jobs: Option<NonZeroUsize>,
    stop: &Stop,
) -> PyResult<Table> {
    let inputs = inputs(uris);
    let mut outcomes: Vec<Option<Result<Features, Failure>>> = uris.iter().map(|_| None).collect();
    let options = BatchOptions::default().n_threads(jobs).order(Order::LargestFirst);
    batch(
        &inputs,
        options,
        WINDOW,
        |path| extraction.path(path, &mut 0),
        |row| {
            outcomes[row.index] = Some(row.outcome);
            match stop.is_set() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        },
    );
    let schema = schema(extraction.recipe().version());
    let of_chunk = |(uris, outcomes): (&[String], &mut [Outcome])| record_batch(&schema, uris, outcomes);
    let chunks = uris.chunks(BATCH_ROWS).zip(outcomes.chunks_mut(BATCH_ROWS));
    let batches = chunks.map(of_chunk).collect::<PyResult<_>>()?;
    Ok(Table::new(schema, batches))
}

/// `uri`, `failure`, what was heard, and the features.
fn schema(recipe: &str) -> SchemaRef {
    let mut fields = vec![
        Field::new("uri", DataType::Utf8, false),
        Field::new("failure", DataType::Utf8, true),
        Field::new("duration_s", DataType::Float64, true),
        Field::new("lost_share", DataType::Float64, true),
    ];
    let feature = |name: &str| Field::new(name, DataType::Float64, true);
    fields.extend(columns().iter().map(|column| feature(&column.name)));
    let metadata = [(RECIPE_KEY.to_owned(), recipe.to_owned())];
    Arc::new(Schema::new(fields).with_metadata(metadata.into()))
}

/// Some rows; the outcomes are taken out, so that they are not in memory twice.
fn record_batch(
    schema: &SchemaRef,
    uris: &[String],
    outcomes: &mut [Option<Result<Features, Failure>>],
) -> PyResult<RecordBatch> {
    let outcomes: Vec<Result<Features, Failure>> = outcomes
        .iter_mut()
        .map(|outcome| {
            outcome.take().unwrap_or_else(|| {
                Err(Failure {
                    stage: "internal",
                    reason: "the extraction ended early".to_owned(),
                })
            })
        })
        .collect();
    let of = |value: &dyn Fn(&Features) -> f64| -> ArrayRef {
        let cells = outcomes.iter().map(|outcome| {
            let value = outcome.as_ref().ok().map(value);
            // As in files of features, what is undefined is missing.
            value.filter(|value| !value.is_nan())
        });
        Arc::new(cells.collect::<Float64Array>())
    };
    let failures = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().err().map(in_a_cell));
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(uris)),
        Arc::new(failures.collect::<StringArray>()),
        of(&|features| features.info().duration_s()),
        of(&|features| features.info().lost_share()),
    ];
    arrays.extend((0..columns().len()).map(|at| of(&|features| features.values()[at])));
    RecordBatch::try_new(Arc::clone(schema), arrays).map_err(|error| errors::said(error.to_string()))
}
