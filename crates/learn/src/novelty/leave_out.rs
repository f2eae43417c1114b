//! How well a detector tells a class that it never saw: each class is left out once.

use serde::{Deserialize, Serialize};

use super::detector::{Detector, DetectorKind};
use crate::data::dataset::Dataset;
use crate::error::Result;
use crate::metrics::roc_curve;
use crate::parallel::in_parallel;
use crate::split::Fold;

/// A class that was left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftOut {
    /// The class.
    pub label: String,
    /// Its tested rows.
    pub n_rows: usize,
    /// How often a row of it is stranger than a row of the others, both of groups that were not learnt from; one half is chance. The mean
    /// over the folds that test rows of both; `None` where none does.
    pub auroc: Option<f64>,
}

/// Fits detectors without each class in turn on the training rows of each fold, and scores its test rows: with folds by artist, a row is
/// known by its class and not by its artist.
///
/// # Errors
/// `IndexOutOfRange`; whatever a fit returns.
pub fn leave_one_class_out(
    data: &Dataset,
    folds: &[Fold],
    kind: DetectorKind,
    seed: u64,
    n_jobs: Option<usize>,
) -> Result<Vec<LeftOut>> {
    let n_classes = data.n_classes();
    let areas = in_parallel(n_classes * folds.len(), n_jobs, |task| {
        let (class, fold) = (task / folds.len(), &folds[task % folds.len()]);
        let others = fold.train.iter().copied().filter(|&row| data.y[row] != class);
        let train: Vec<usize> = others.collect();
        let unknown: Vec<bool> = fold.test.iter().map(|&row| data.y[row] == class).collect();
        if train.is_empty() || unknown.iter().all(|&one| one == unknown[0]) {
            return Ok(None);
        }
        let detector = Detector::fit(kind, &data.take_rows(&train)?, seed)?;
        let scores = detector.scores(&data.x.take_rows(&fold.test)?)?;
        Ok(Some(roc_curve(&unknown, &scores)?.auc()))
    })?;
    let left_out = |class: usize| {
        let of_folds = &areas[class * folds.len()..][..folds.len()];
        let found: Vec<f64> = of_folds.iter().flatten().copied().collect();
        let tested = folds.iter().flat_map(|fold| &fold.test);
        LeftOut {
            label: data.classes[class].clone(),
            n_rows: tested.filter(|&&row| data.y[row] == class).count(),
            auroc: (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64),
        }
    };
    Ok((0..n_classes).map(left_out).collect())
}
