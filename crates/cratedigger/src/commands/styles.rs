//! `train --styles`: all genres of a track beside the one, in the same model.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use cratedigger_collection::rows::{Labelled, SeveralGenres};
use cratedigger_learn::model::{HoldOutCard, LeftOutCard, ModelCard, Parts, StylesCard};
use cratedigger_learn::multilabel::{FittedLabels, LabelRows, ThresholdFor, fit_labels, hold_out_labels};
use cratedigger_learn::split::follow;
use cratedigger_learn::{Classifier, CvOptions, Dataset, Fold, Pipeline, Rows, with_threads};

use super::data::DataArgs;
use super::numbers::at_least_one;
use crate::progress::{Progress, Unit};

/// All genres of a track.
#[derive(clap::Args)]
pub(crate) struct StyleArgs {
    /// Learn all genres of a track too (`genres_all`), so that the model names its genre and its styles
    ///
    /// DATA are the dataset's tables with genres.csv. Every track with a genre takes part, those without `genre_top` too; the artists that the
    /// split holds out are held out here as well. The same method is fitted to each genre against all tracks without it (mlp: to all at
    /// once), to the same features. No genre is likelier than the one above it, and each is named from a probability on that is chosen
    /// on artists that were not fitted on (--threshold-for).
    #[arg(long)]
    styles: bool,

    /// With --styles: tracks with features that a genre must have at least to be learnt; it must be of five artists, too
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one::<usize>, requires = "styles")]
    min_support: usize,

    /// With --styles: from which probability on a genre is named: `f1`, or `precision:0.8`
    ///
    /// `f1` is the one with the largest F1, `precision:0.8` the lowest from which on 80 % of what is named is right; where there is none, the
    /// genre is never named. Both are chosen on artists that were not fitted on.
    #[arg(long, value_name = "WHAT", default_value_t = ThresholdFor::F1, requires = "styles")]
    threshold_for: ThresholdFor,
}

/// What the styles share with the model of the one genre.
pub(crate) struct Beside<'a> {
    /// The rows with one genre.
    pub(crate) training: &'a Labelled,
    /// Their parts.
    pub(crate) parts: &'a Parts,
    /// How these were chosen.
    pub(crate) hold_out: &'a HoldOutCard,
    /// The method.
    pub(crate) classifier: &'a dyn Classifier,
    /// Its preprocessing.
    pub(crate) pipeline: &'a Pipeline,
    /// Whether the model is fitted again on all rows after it was scored.
    pub(crate) refit: bool,
    /// The seed of everything random.
    pub(crate) seed: u64,
}

impl StyleArgs {
    /// Refuses what cannot be, before anything is read.
    pub(crate) fn check(&self, classifier: &dyn Classifier) -> Result<()> {
        if self.styles && (classifier.method().reads_frames() || classifier.reads_recordings()) {
            bail!(
                "--styles needs a method that reads features, and {} reads frames",
                classifier.method()
            );
        }
        Ok(())
    }

    /// Fits the styles and scores them on artists that are held out from the one genre too; `None` where they were not asked for.
    pub(crate) fn learn(
        &self,
        data: &DataArgs,
        beside: &Beside<'_>,
        progress: Progress,
    ) -> Result<Option<(FittedLabels, StylesCard)>> {
        if !self.styles {
            return Ok(None);
        }
        let rows = data.load_styles(self.min_support, progress)?;
        if rows.data.feature_names != beside.training.data.feature_names {
            bail!("--styles reads the features of the tables, and the model would read others");
        }
        let fold = fold(&rows.data, beside)?;
        let options = CvOptions {
            pipeline: Some(beside.pipeline.clone()),
            n_jobs: data.n_jobs(),
        };
        let method = beside.classifier.method();
        let what = format!("training {method} on {} genres", rows.labels.n_labels());
        let _job = progress.job(what, Unit::Steps);
        let (mut model, found) = hold_out_labels(
            beside.classifier,
            &rows.data,
            (&rows.labels, &rows.tree),
            &fold,
            &options,
            self.threshold_for,
            beside.seed,
        )?;
        let mut fitted_on = rows.labels.take_rows(&fold.train);
        let mut of_rows = rows.data.take_rows(&fold.train)?;
        let mut split = format!(
            "{} split, the same tracks held out as for the genre: fitted on {} rows, scored on {} others",
            beside.hold_out.kind,
            fold.train.len(),
            fold.test.len()
        );
        if beside.refit {
            let all = LabelRows {
                rows: Rows::of(&rows.data),
                labels: &rows.labels,
                tree: &rows.tree,
            };
            model = with_threads(options.n_jobs, || {
                fit_labels(beside.classifier, &all, Some(beside.pipeline))
            })?;
            split += &format!("; then fitted again on all {}", rows.data.n_rows());
            (fitted_on, of_rows) = (rows.labels.clone(), rows.data.clone());
        }
        let known = ModelCard::of(&of_rows).data;
        let card = StylesCard {
            labels: "genres_all".to_owned(),
            n_artists: known.n_artists,
            fingerprint: known.fingerprint,
            min_support: self.min_support,
            left_out: left_out(&rows),
            split,
            ..StylesCard::new(&model, &found, &fitted_on)
        };
        Ok(Some((model, card)))
    }
}

/// The rows to fit on and those to score: those of the one genre on their sides, and all others with the artists they are of.
fn fold(data: &Dataset, beside: &Beside<'_>) -> Result<Fold> {
    let ids = &beside.training.data.row_ids;
    let sides = [
        (&beside.parts.train, false),
        (&beside.parts.calibration, true),
        (&beside.parts.test, true),
    ];
    let held_out: BTreeMap<i64, bool> = sides
        .into_iter()
        .flat_map(|(rows, side)| rows.iter().map(move |&row| (ids[row], side)))
        .collect();
    let HoldOutCard {
        kind,
        test_size,
        seed,
        ..
    } = beside.hold_out;
    let fold = follow(data, &held_out, kind.parse().ok(), *test_size, *seed)?;
    if fold.train.is_empty() || fold.test.is_empty() {
        bail!("--styles: no track with features and genres is left on one side of the split");
    }
    Ok(fold)
}

fn left_out(rows: &SeveralGenres) -> Vec<LeftOutCard> {
    let genres = rows.left_out.iter();
    genres
        .map(|genre| LeftOutCard {
            genre: genre.name.clone(),
            n_rows: genre.n_rows,
            n_artists: genre.n_groups,
        })
        .collect()
}
