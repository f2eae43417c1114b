//! Audio as rows: found, analysed, then read like any other features.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cratedigger_catalog::feature_table::{self, FeatureFormat, FeatureTable, RowId};
use cratedigger_features::BatchOptions;

use super::reader::{OutOfRange, Reader, Row};
use crate::embedding::{Analyser, Describer};
use crate::error::{Result, refuse};
use crate::extract::{self, Begin, HeardFiles, Inputs, in_memory, partial_path};
use crate::helper::Extraction;
use crate::listener::Listener;

/// Features of audio files.
pub(crate) struct AnalysedAudio {
    columns: Vec<String>,
    rows: Vec<(RowId, PathBuf, Vec<f32>)>,
    heard: HeardFiles,
}

impl AnalysedAudio {
    /// Some of the columns of all files, in the order of the files, and a line for each input that gave none.
    pub(crate) fn new(
        analyser: &Analyser<'_>,
        inputs: Inputs,
        keep: &[usize],
        jobs: Option<NonZeroUsize>,
        what: &'static str,
        listener: &dyn Listener,
    ) -> (Self, Vec<String>) {
        let all = analyser.columns();
        let analyser = analyser.clone().for_columns(keep);
        let (rows, heard, failures) = in_memory(
            |recording| analyser.analyse(recording, &mut 0),
            inputs,
            analyser.extraction().limits(),
            jobs,
            what,
            listener,
            |values| keep.iter().map(|&at| values[at] as f32).collect::<Vec<f32>>(),
        );
        let rows = rows
            .into_iter()
            .map(|(file, values)| (RowId::from(file.id.as_str()), file.path, values))
            .collect();
        let names = keep.iter().map(|&at| all[at].clone()).collect();
        let audio = Self {
            columns: names,
            rows,
            heard,
        };
        (audio, failures)
    }

    /// The same in the order of the rows' names, in which files of features are written.
    pub(crate) fn sorted(mut self) -> Self {
        self.rows.sort_by(|a, b| a.0.cmp(&b.0));
        self
    }

    /// What was heard of each file.
    pub(crate) fn heard(&self) -> &HeardFiles {
        &self.heard
    }

    /// Says of how many files some sound was lost.
    pub(crate) fn tell_losses(&self, listener: &dyn Listener) {
        let n = self.heard.values().filter(|heard| heard.loss().is_some()).count();
        if n > 0 {
            listener.say(&format!("{n} of the recordings lost some of their sound"));
        }
    }

    /// Whether no file gave features.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Reader for AnalysedAudio {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&self, columns: &[usize], row: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        let mut values = Vec::with_capacity(columns.len());
        for (id, path, all) in &self.rows {
            values.clear();
            values.extend(columns.iter().map(|&column| all[column]));
            row(Row {
                id: id.clone(),
                path: Some(path),
                values: &values,
                out_of_range: OutOfRange::first(values.iter().map(|&value| f64::from(value))),
            })?;
        }
        Ok(())
    }
}

/// Features of all files through a file that is kept, and the number of inputs that gave none, which are listed beside it.
pub(crate) fn analyse_into(
    out: &Path,
    inputs: Inputs,
    extraction: &Extraction,
    embedding: Option<&Arc<dyn Describer>>,
    jobs: Option<NonZeroUsize>,
    listener: &dyn Listener,
) -> Result<(FeatureTable, u64)> {
    let journal = match partial_path(out).exists() {
        true => Begin::Resume,
        false => Begin::New,
    };
    let report = extract::run(
        extract::Job {
            extraction,
            embedding: embedding.cloned(),
            inputs,
            out,
            format: format_of(out)?,
            batch: BatchOptions::default().n_threads(jobs),
            journal,
            part: None,
        },
        listener,
    )?;
    if let Some(failures) = &report.failures {
        listener.failed(&format!(
            "{} inputs gave no features; they are listed in {}",
            report.n_failed,
            failures.display()
        ));
    }
    if report.n_done == 0 {
        refuse!(Input, "none of the files gave features");
    }
    if let Some(heard) = report.heard.as_ref().filter(|_| report.n_with_loss > 0) {
        listener.say(&format!(
            "{} of the recordings lost some of their sound; {} says how much",
            report.n_with_loss,
            heard.display()
        ));
    }
    listener.say(&format!("{}: {} rows of features", out.display(), report.n_done));
    Ok((feature_table::read(out)?, report.n_failed as u64))
}

/// Files of audio, at least one or one that is not there.
pub(crate) fn find(paths: &[PathBuf], shown: &str, list: &mut dyn std::io::Read) -> Result<Inputs> {
    let inputs = Inputs::find(paths, list)?;
    match inputs.nothing() {
        Some(reason) => refuse!(Input, "{shown}: {reason}"),
        None => Ok(inputs),
    }
}

/// A name that is not taken, before hours are spent.
pub(crate) fn check_features_out(out: &Path) -> Result<()> {
    format_of(out)?;
    if out.exists() {
        refuse!(
            Choice,
            "{} is there already: to use its features, name it as DATA; to compute them anew, delete it",
            out.display()
        );
    }
    Ok(())
}

/// Refuses a name for a file of features that does not say how it is written.
fn format_of(path: &Path) -> Result<FeatureFormat> {
    match FeatureFormat::of(path) {
        Some(format) => Ok(format),
        None => refuse!(
            Choice,
            "--features-out {}: the name must end in .parquet or .csv, which says how it is written",
            path.display()
        ),
    }
}
