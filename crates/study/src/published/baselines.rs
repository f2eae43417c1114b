//! The scores that the dataset's authors published for simple methods, beside those of the same methods here.

use std::collections::{BTreeMap, BTreeSet};

use cratedigger_catalog::{Store, TableId};
use cratedigger_learn::{
    Dataset, FittedPipeline, Fold, Method, Part, Pipeline, Rows, official_fold, parse_param,
};

use super::list::{List, Stated};
use crate::dataset::{assemble, read_some};
use crate::error::Result;
use crate::options::{DataOptions, GenreChoice};
use crate::progress::Progress;
use crate::table::{Table, text_at};
use crate::words::sentence;

/// The published scores. Source: Defferrard et al. 2017, "FMA: A Dataset for Music Analysis", the executed notebook
/// `baselines.ipynb` of github.com/mdeff/fma (branch `outputs`).
const SCORES: &str = include_str!("../../data/fma-baselines.tsv");

/// A published score.
struct Baseline {
    /// Genres told apart: 16 top genres, or 151 of which a track may have several.
    n_genres: usize,
    features: &'static str,
    /// The method with the parameters that differ from the defaults.
    method: &'static str,
    score: f64,
}

fn baselines() -> impl Iterator<Item = Baseline> {
    let lines = SCORES.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Baseline {
            n_genres: cells.next()?.parse().ok()?,
            features: cells.next()?,
            method: cells.next()?,
            score: cells.next()?.parse().ok()?,
        })
    })
}

/// What there is to learn from, or why there is nothing.
pub(super) type Medium = std::result::Result<(Dataset, Fold), String>;

/// The subset `medium` with the dataset's own split, of which the training side trains and the test side tests.
pub(super) fn medium(store: &Store) -> Result<Medium> {
    let options = DataOptions {
        genres: GenreChoice::All,
        ..DataOptions::default()
    };
    let data = match assemble(store, &options)?.data {
        Ok(data) => data,
        Err(reason) => return Ok(Err(reason)),
    };
    let tracks = read_some(store, TableId::Tracks, &["track_id", "set.subset"])?;
    let table = Table::new("tracks", &tracks);
    let (ids, subset) = (table.int64("track_id")?, table.text("set.subset")?);
    let of_medium: BTreeSet<i64> = ids
        .iter()
        .flatten()
        .enumerate()
        .filter(|&(row, _)| matches!(text_at(subset.as_ref(), row), Some("small" | "medium")))
        .filter_map(|(_, id)| id)
        .collect();
    let rows: Vec<usize> = (0..data.n_rows())
        .filter(|&row| of_medium.contains(&data.row_ids[row]))
        .collect();
    if rows.is_empty() {
        return Ok(Err("no track is of the subset medium".to_owned()));
    }
    Ok(data
        .take_rows(&rows)
        .and_then(|data| {
            let fold = official_fold(&data, &[Part::Training], Part::Test)?;
            Ok((data, fold))
        })
        .map_err(|error| sentence(&error)))
}

/// Adds every published score with ours beside it: on `medium`, or not computable for this reason.
pub(super) fn add(list: &mut List, medium: &Medium, seed: u64, progress: &mut Progress<'_>) -> Result<()> {
    for baseline in baselines() {
        let name = match baseline.n_genres {
            16 => format!("{}: {}", baseline.features, baseline.method),
            n => format!("{n} genres, {}: {}", baseline.features, baseline.method),
        };
        let ours =
            match (medium, classifier(&baseline, seed)) {
                (Err(reason), _) => Err(reason.clone()),
                (_, Err(reason)) => Err(reason),
                (Ok(_), Ok(_)) if progress.time_is_spent() => Err("the time budget was spent".to_owned()),
                (Ok((data, fold)), Ok(classifier)) => progress.part(&format!("baseline {name}"), || {
                    match columns(data, baseline.features) {
                        Ok(columns) => Ok(
                            accuracy(data, fold, &columns, &*classifier).map_err(|error| sentence(&error))
                        ),
                        Err(reason) => Ok(Err(reason)),
                    }
                })?,
            };
        let ours = ours.as_ref().map(|score| *score).map_err(String::as_str);
        list.add(
            "baselines",
            name,
            "share",
            Stated::About(0.01),
            baseline.score,
            ours,
        );
    }
    Ok(())
}

type Boxed = Box<dyn cratedigger_learn::Classifier>;

/// The method of a published score, or why there is none.
fn classifier(baseline: &Baseline, seed: u64) -> std::result::Result<Boxed, String> {
    if baseline.n_genres != 16 {
        return Err(
            "the share of tracks whose set of genres is exactly right is not computed here".to_owned(),
        );
    }
    let (name, params) = baseline.method.split_once(' ').unwrap_or((baseline.method, ""));
    let method: Method = name
        .parse()
        .map_err(|_| format!("{name} is not among the methods"))?;
    let params = params.split_whitespace().map(parse_param);
    let built = params
        .collect::<cratedigger_learn::Result<BTreeMap<_, _>>>()
        .and_then(|params| method.classifier_with(&params, seed));
    built.map_err(|error| sentence(&error))
}

/// The columns of a published set of features, or which family is not there.
fn columns(data: &Dataset, features: &str) -> std::result::Result<Vec<usize>, String> {
    if features == "all" {
        return Ok((0..data.n_features()).collect());
    }
    let mut columns = BTreeSet::new();
    for family in features.split('/') {
        let family = match family {
            "contrast" => "spectral_contrast",
            "chroma" => "chroma_cens",
            "centroid" => "spectral_centroid",
            other => other,
        };
        let names = data.feature_names.iter().enumerate();
        let own: Vec<usize> = names
            .filter(|(_, name)| name.split('.').next() == Some(family))
            .map(|(column, _)| column)
            .collect();
        if own.is_empty() {
            return Err(format!("there are no features of {family}"));
        }
        columns.extend(own);
    }
    Ok(columns.into_iter().collect())
}

/// The accuracy of a method on the test side, with these features standardised on the training side.
fn accuracy(
    data: &Dataset,
    fold: &Fold,
    columns: &[usize],
    classifier: &dyn cratedigger_learn::Classifier,
) -> cratedigger_learn::Result<f64> {
    let data = data.take_cols(columns)?;
    let train = data.take_rows(&fold.train)?;
    let test = data.take_rows(&fold.test)?;
    let pipeline: Pipeline = "standard".parse()?;
    let model = FittedPipeline::fit_rows(classifier, Rows::of(&train), Some(&pipeline))?;
    let said = model.predict(&test.x)?;
    let n_right = said.iter().zip(&test.y).filter(|(a, b)| a == b).count();
    Ok(n_right as f64 / test.y.len() as f64)
}

#[cfg(test)]
mod tests;
