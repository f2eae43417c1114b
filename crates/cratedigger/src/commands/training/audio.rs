//! Audio with genres from a file: found, matched, analysed, then joined like any other features.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cratedigger_catalog::feature_table::{self, FeatureTable, RowId};
use cratedigger_collection::extract::{self, Begin, Inputs, in_memory, partial_path};
use cratedigger_collection::rows::source;
use cratedigger_features::{AUDIO_EXTENSIONS, BatchOptions, Extractor, Recipe, columns};

use super::files::Genres;
use super::{DataArgs, Training, Wanted, format_of, name_of};
use crate::progress::Progress;

impl DataArgs {
    /// Features of the audio files that have a genre; the others are counted and not analysed.
    pub(super) fn load_audio(&self, wanted: &Wanted, progress: Progress) -> Result<Training> {
        self.labels_file()?;
        if let Some(out) = &self.features_out {
            check_features_out(out)?;
        }
        let recipe = match wanted.model {
            Some(model) => source::recipe_of_audio(model, self.recipe)?,
            None => self.recipe.unwrap_or(Recipe::Fma),
        };
        let mut inputs = Inputs::find(&self.data, &mut std::io::stdin().lock())?;
        if inputs.files.is_empty() && inputs.unread.is_empty() {
            bail!(
                "{}: no audio file found; folders are searched for names that end in {}",
                self.shown(),
                AUDIO_EXTENSIONS.join(", ")
            );
        }
        let genres = self.read_genres(wanted, progress)?;
        let first = inputs.files.first().map(|file| file.id.clone());
        let n_found = inputs.files.len();
        let unknown_labels = keep_known(&mut inputs, &genres, wanted);
        let n_unknown: u64 = unknown_labels.values().sum();
        let n_unlabelled = n_found as u64 - inputs.files.len() as u64 - n_unknown;
        if n_unlabelled > 0 {
            progress.say(&format!(
                "{n_unlabelled} of {n_found} files have none of the selected genres; they are not analysed"
            ));
        }
        if inputs.files.is_empty() {
            bail!(
                "{} with the genres of {}: {}",
                self.shown(),
                genres.shown,
                genres.nothing_in_common(first)
            );
        }
        let (table, n_failed) = self.analyse(inputs, recipe, progress)?;
        let (mut training, _) = genres
            .join(&table, wanted)
            .with_context(|| format!("{} with the genres of {}", self.shown(), genres.shown))?;
        let lost = &mut training.lost;
        lost.n_failed = n_failed;
        lost.n_without_features -= n_unknown;
        lost.unknown_labels = unknown_labels;
        if lost.n_without_features > n_failed || lost.n_incomplete > 0 {
            progress.say(&format!(
                "{} rows of {} name no file that could be analysed, and {} files have missing features: they take no part",
                lost.n_without_features, genres.shown, lost.n_incomplete
            ));
        }
        let names: Vec<String> = self.data.iter().map(|path| name_of(path)).collect();
        training.source = match names.as_slice() {
            [first, _, ..] => format!("{first} and {} more", names.len() - 1),
            names => names.concat(),
        };
        Ok(training)
    }

    /// Features of all files, and the number of inputs that gave none, which have been listed.
    fn analyse(&self, inputs: Inputs, recipe: Recipe, progress: Progress) -> Result<(FeatureTable, u64)> {
        let extractor = Extractor::new(recipe);
        if let Some(out) = &self.features_out {
            return self.analyse_into(out, inputs, &extractor, progress);
        }
        let (rows, failures) = in_memory(
            &extractor,
            inputs,
            self.jobs,
            "extracting",
            &progress,
            <[f64]>::to_vec,
        );
        for failure in &failures {
            eprintln!("cratedigger: {failure}");
        }
        if rows.is_empty() {
            bail!("none of the files gave features");
        }
        let rows = rows
            .into_iter()
            .map(|(file, values)| (RowId::from(file.id.as_str()), values))
            .collect();
        let names = columns().iter().map(|column| column.name.clone()).collect();
        let table = FeatureTable::from_rows(names, rows, Some(recipe.version().to_owned()));
        Ok((table, failures.len() as u64))
    }

    /// The same through a file that is kept.
    fn analyse_into(
        &self,
        out: &Path,
        inputs: Inputs,
        extractor: &Extractor,
        progress: Progress,
    ) -> Result<(FeatureTable, u64)> {
        let journal = match partial_path(out).exists() {
            true => Begin::Resume,
            false => Begin::New,
        };
        let report = extract::run(
            extract::Job {
                extractor,
                inputs,
                out,
                format: format_of(out)?,
                batch: BatchOptions::default().n_threads(self.jobs),
                journal,
            },
            &progress,
        )?;
        if let Some(failures) = &report.failures {
            eprintln!(
                "cratedigger: {} inputs gave no features; they are listed in {}",
                report.n_failed,
                failures.display()
            );
        }
        if report.n_done == 0 {
            bail!("none of the files gave features");
        }
        progress.say(&format!("{}: {} rows of features", out.display(), report.n_done));
        Ok((feature_table::read(out)?, report.n_failed as u64))
    }
}

/// A name that is not taken, before hours are spent.
fn check_features_out(out: &Path) -> Result<()> {
    format_of(out)?;
    if out.exists() {
        bail!(
            "{} is there already: to use its features, name it as DATA; to compute them anew, delete it",
            out.display()
        );
    }
    Ok(())
}

/// Keeps the files whose genre is selected and, where a saved model is asked, known to it. Returns how many files have each
/// of the genres that the model does not know.
fn keep_known(inputs: &mut Inputs, genres: &Genres, wanted: &Wanted) -> BTreeMap<String, u64> {
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    inputs.files.retain(|file| {
        let Some((_, class)) = genres.class_of(&RowId::from(file.id.as_str())) else {
            return false;
        };
        let label = &genres.found.classes[class];
        let known = wanted
            .model
            .is_none_or(|model| model.card().labels.contains(label));
        if !known {
            *unknown.entry(label.clone()).or_default() += 1;
        }
        known
    });
    unknown
}
