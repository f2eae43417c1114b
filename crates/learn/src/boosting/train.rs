use forust_ml::binning::{BinnedData, TiledBins, bin_matrix};
use forust_ml::constraints::ConstraintMap;
use forust_ml::gradientbooster::GrowPolicy;
use forust_ml::sampler::SampleMethod;
use forust_ml::splitter::MissingImputerSplitter;
use forust_ml::tree::Tree;
use rayon::prelude::*;

use super::GradientBoosting;
use super::fitted::FittedBoosting;
use super::forest::Forest;
use super::objective::{CrossEntropy, Derivatives};
use crate::classifier::{Method, TrainSet};
use crate::dataset::take;
use crate::error::{LearnError, Result};
use crate::matrix::Matrix;
use crate::rng::SeededRng;
use crate::split::stratified_hold_out;

/// Fits the trees to the classes in `classes` (two or more, in order).
pub(super) fn fit(
    parameters: &GradientBoosting,
    train: &TrainSet<'_>,
    classes: Vec<usize>,
    class_weight: &[f64],
) -> Result<FittedBoosting> {
    let weight =
        |row: usize| class_weight[train.y()[row]] * train.sample_weight().map_or(1.0, |weights| weights[row]);
    // Rows without weight would only cost time, and a validation row without weight says nothing.
    let rows: Vec<usize> = (0..train.x().n_rows()).filter(|&row| weight(row) > 0.0).collect();
    // A class may have lost all its rows: it is as one that never had any.
    let classes: Vec<usize> = {
        let mut counts = vec![0usize; train.n_classes()];
        rows.iter().for_each(|&row| counts[train.y()[row]] += 1);
        classes.into_iter().filter(|&class| counts[class] > 0).collect()
    };
    if classes.len() < 2 {
        return Err(LearnError::OneClass {
            method: Method::GradientBoosting.name(),
            class: classes.first().copied().unwrap_or(0),
            n_rows: rows.len(),
        });
    }
    let mut compact = vec![0; train.n_classes()];
    for (at, &class) in classes.iter().enumerate() {
        compact[class] = at;
    }
    let labels: Vec<usize> = rows.iter().map(|&row| compact[train.y()[row]]).collect();
    let (fit_rows, validation_rows) = match parameters.early_stopping_rounds {
        None => ((0..rows.len()).collect(), Vec::new()),
        Some(_) => {
            let fraction = parameters.validation_fraction;
            let fold = stratified_hold_out(&labels, classes.len(), fraction, parameters.seed)?;
            (fold.train, fold.test)
        }
    };
    let n_outputs = if classes.len() == 2 { 1 } else { classes.len() };
    let part = |which: &[usize]| -> Result<Part> {
        let indices = take(&rows, which);
        Ok(Part {
            x: train.x().take_rows(&indices)?,
            y: take(&labels, which),
            weights: indices.iter().map(|&row| weight(row)).collect(),
        })
    };
    let (base_margins, forest) = rounds(parameters, &part(&fit_rows)?, &part(&validation_rows)?, n_outputs)?;
    Ok(FittedBoosting {
        n_features: train.x().n_cols(),
        n_classes: train.n_classes(),
        classes,
        base_margins,
        forest,
    })
}

/// Rows with their compact labels and weights.
struct Part {
    x: Matrix,
    y: Vec<usize>,
    weights: Vec<f64>,
}

impl Part {
    fn loss(&self, n_outputs: usize) -> CrossEntropy<'_> {
        CrossEntropy {
            y: &self.y,
            weights: &self.weights,
            n_outputs,
        }
    }
}

/// The rounds of boosting: where the sums start, and the trees, those of a round side by side.
fn rounds(
    parameters: &GradientBoosting,
    fit: &Part,
    validation: &Part,
    n_outputs: usize,
) -> Result<(Vec<f64>, Forest)> {
    let n_rows = fit.x.n_rows();
    let binned = Binned::new(parameters, fit)?;
    let loss = fit.loss(n_outputs);
    let base = loss.base_margins();
    let mut margins = base.repeat(n_rows);
    let mut validation_margins = base.repeat(validation.y.len());
    let mut rng = SeededRng::new(parameters.seed);
    let mut forest = Forest::default();
    let mut best = (f64::INFINITY, 0);
    for round in 0..parameters.n_estimators {
        let sample = draw(&mut rng, n_rows, parameters.subsample);
        let columns: Vec<Vec<usize>> = (0..n_outputs)
            .map(|_| {
                let share = parameters.colsample_bytree;
                if share >= 1.0 {
                    return (0..fit.x.n_cols()).collect();
                }
                let mut columns = rng.permutation(fit.x.n_cols());
                columns.truncate(((share * columns.len() as f64) as usize).max(1));
                columns.sort_unstable();
                columns
            })
            .collect();
        let derivatives = loss.derivatives(&margins);
        let changes: Vec<(Tree, Vec<(usize, f64)>)> = derivatives
            .par_iter()
            .zip(&columns)
            .map(|(derivatives, columns)| {
                binned.grow(parameters, derivatives, columns, sample.as_deref(), &fit.x)
            })
            .collect();
        for (output, (tree, changes)) in changes.iter().enumerate() {
            forest.push(tree);
            for &(row, value) in changes {
                margins[row * n_outputs + output] += value;
            }
        }
        let Some(patience) = parameters.early_stopping_rounds else {
            continue;
        };
        for (margins, row) in validation_margins
            .chunks_exact_mut(n_outputs)
            .zip(validation.x.rows())
        {
            for (output, margin) in margins.iter_mut().enumerate() {
                *margin += forest.value(round * n_outputs + output, row);
            }
        }
        let loss = validation.loss(n_outputs).mean_loss(&validation_margins);
        if loss < best.0 {
            best = (loss, round);
        } else if round - best.1 >= patience {
            break;
        }
    }
    if parameters.early_stopping_rounds.is_some() {
        forest.truncate((best.1 + 1) * n_outputs);
    }
    Ok((base, forest))
}

/// The rows of a round, in order; `None` for all. At least one is drawn.
fn draw(rng: &mut SeededRng, n_rows: usize, share: f64) -> Option<Vec<usize>> {
    if share >= 1.0 {
        return None;
    }
    let drawn: Vec<usize> = (0..n_rows).filter(|_| rng.unit() < share).collect();
    Some(if drawn.is_empty() {
        vec![rng.below(n_rows)]
    } else {
        drawn
    })
}

/// The columns in bins.
struct Binned {
    data: BinnedData<f64>,
    tiles: TiledBins,
    n_rows: usize,
    n_cols: usize,
}

impl Binned {
    fn new(parameters: &GradientBoosting, fit: &Part) -> Result<Self> {
        let (n_rows, n_cols) = (fit.x.n_rows(), fit.x.n_cols());
        // -0.0 and 0.0 are one value.
        let values: Vec<f64> = fit
            .x
            .to_columns()
            .into_iter()
            .map(|value| f64::from(value + 0.0))
            .collect();
        let columns = forust_ml::Matrix::new(&values, n_rows, n_cols);
        let n_bins = parameters.max_bin as u16;
        let data = bin_matrix(&columns, &fit.weights, n_bins, f64::NAN, true).map_err(|error| {
            LearnError::Library {
                method: Method::GradientBoosting.name(),
                reason: error.to_string(),
            }
        })?;
        let bins = forust_ml::Matrix::new(&data.binned_data, n_rows, n_cols);
        let tiles = TiledBins::new(&bins, &data.cuts, true);
        Ok(Self {
            data,
            tiles,
            n_rows,
            n_cols,
        })
    }

    /// One tree, and by how much it changes the sum of each row.
    fn grow(
        &self,
        parameters: &GradientBoosting,
        derivatives: &Derivatives,
        columns: &[usize],
        sample: Option<&[usize]>,
        x: &Matrix,
    ) -> (Tree, Vec<(usize, f64)>) {
        let bins = forust_ml::Matrix::new(&self.data.binned_data, self.n_rows, self.n_cols);
        let splitter = MissingImputerSplitter::new(
            parameters.reg_alpha as f32,
            parameters.reg_lambda as f32,
            parameters.max_delta_step as f32,
            parameters.gamma as f32,
            parameters.min_child_weight as f32,
            parameters.learning_rate as f32,
            false,
            ConstraintMap::new(),
        );
        let no_limit = |limit: usize| if limit == 0 { usize::MAX } else { limit };
        let (index, method) = match sample {
            None => ((0..self.n_rows).collect(), SampleMethod::None),
            Some(rows) => (rows.to_vec(), SampleMethod::Random),
        };
        let mut tree = Tree::new();
        let rows = tree.fit_with_tiles(
            &bins,
            index,
            columns,
            &self.data.cuts,
            &derivatives.gradient,
            &derivatives.hessian,
            &splitter,
            no_limit(parameters.max_leaves),
            no_limit(parameters.max_depth),
            true,
            &method,
            &GrowPolicy::DepthWise,
            Some(&self.tiles),
        );
        if let (Some(rows), None) = (&rows, sample) {
            let changes = rows
                .leaves(&tree)
                .flat_map(|(rows, value)| rows.iter().map(move |&row| (row, value)))
                .collect();
            return (tree, changes);
        }
        let mut alone = Forest::default();
        alone.push(&tree);
        let changes = (0..self.n_rows)
            .into_par_iter()
            .map(|row| (row, alone.value(0, x.row(row))))
            .collect();
        (tree, changes)
    }
}
