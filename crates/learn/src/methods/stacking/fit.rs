//! The fit of a stack: members asked by folds, the final estimator on what they say, members on all rows.

use rayon::prelude::*;

use super::fitted::{FittedMember, FittedStacking};
use super::level::{Asked, Said, ask, beside};
use super::member::Member;
use crate::data::dataset::{class_counts, take};
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::methods::majority;
use crate::preprocess::{FittedPipeline, Pipeline, Rows};
use crate::split::Fold;

/// What is to be fitted.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) members: Vec<Member>,
    pub(super) last: Member,
    pub(super) passthrough: bool,
}

/// The training rows that have a weight.
#[derive(Debug)]
pub(super) struct Weighed {
    x: Option<Matrix>,
    y: Vec<usize>,
    groups: Option<Vec<i64>>,
    weights: Option<Vec<f64>>,
}

impl Weighed {
    /// # Errors
    /// `OneClass`.
    pub(super) fn of(train: &TrainSet<'_>) -> Result<Self> {
        let weights = train.sample_weight();
        let kept: Vec<usize> = (0..train.y().len())
            .filter(|&row| weights.is_none_or(|weights| weights[row] > 0.0))
            .collect();
        let y = take(train.y(), &kept);
        if y.iter().all(|&class| class == y[0]) {
            return Err(train.one_class(Method::STACKING.name(), y[0], y.len()));
        }
        Ok(Self {
            x: match kept.len() == train.y().len() {
                true => None,
                false => Some(train.x().take_rows(&kept)?),
            },
            y,
            groups: train.groups().map(|groups| take(groups, &kept)),
            weights: weights.map(|weights| take(weights, &kept)),
        })
    }

    pub(super) fn rows<'a>(&'a self, train: &TrainSet<'a>) -> Rows<'a> {
        Rows {
            x: self.x.as_ref().unwrap_or_else(|| train.x()),
            y: &self.y,
            n_classes: train.n_classes(),
            sample_weight: self.weights.as_deref(),
            groups: self.groups.as_deref(),
            class_names: train.class_names(),
            feature_names: train.feature_names(),
            watch: None,
        }
    }
}

impl Stack {
    /// `folds`: of the rows, each of which is tested once.
    pub(super) fn fit(&self, rows: &Rows<'_>, folds: &[Fold]) -> Result<FittedStacking> {
        let classes: Vec<usize> = (0..rows.n_classes)
            .filter(|class| rows.y.contains(class))
            .collect();
        let inputs: Vec<Input> = self
            .members
            .iter()
            .map(|member| Input::new(member, rows))
            .collect::<Result<_>>()?;
        // One fit of each member on each fold's training rows, and one on all rows; the longest are not kept waiting by others.
        let tasks: Vec<(usize, Option<&Fold>)> = (0..inputs.len())
            .flat_map(|member| {
                folds
                    .iter()
                    .map(Some)
                    .chain([None])
                    .map(move |fold| (member, fold))
            })
            .collect();
        let fits: Vec<Result<Fit>> = tasks
            .into_par_iter()
            .map(|(member, fold)| match fold {
                Some(fold) => inputs[member]
                    .ask(&self.members[member], rows, fold)
                    .map(Fit::Asked),
                None => inputs[member].fit(&self.members[member], rows).map(Fit::Whole),
            })
            .collect();
        let mut fits = fits.into_iter();
        let mut fitted = Vec::with_capacity(inputs.len());
        let mut level = Vec::with_capacity(inputs.len());
        for (input, member) in inputs.into_iter().zip(&self.members) {
            let (mut asked, mut whole) = (Vec::with_capacity(folds.len()), None);
            for fit in fits.by_ref().take(folds.len() + 1) {
                match fit? {
                    Fit::Asked(said) => asked.push(said),
                    Fit::Whole(pipeline) => whole = Some(pipeline),
                }
            }
            let asked = Asked::new(rows, folds, asked)?;
            level.push(asked.columns(&classes));
            if let Some(pipeline) = whole {
                fitted.push(FittedMember {
                    text: member.text.clone(),
                    columns: input.columns,
                    pipeline,
                    temperature: asked.temperature,
                });
            }
        }
        let (passed, seen) = match self.passthrough {
            false => (None, None),
            true => {
                let method = self.last.classifier.method();
                let pipeline = match rows.feature_names {
                    Some(names) => Pipeline::default_for(method, names),
                    None => Pipeline::default_of(method),
                };
                let (steps, seen) = pipeline.fit_transform(rows)?;
                (Some(steps), Some(seen))
            }
        };
        let level = beside(rows.x.n_rows(), &level, seen.as_ref())?;
        let said = Rows {
            x: &level,
            feature_names: None,
            ..*rows
        };
        let last = FittedPipeline::fit_rows(&*self.last.classifier, said, Some(&Pipeline::default()))?;
        Ok(FittedStacking {
            n_features: rows.x.n_cols(),
            n_classes: rows.n_classes,
            classes,
            members: fitted,
            passed,
            last,
        })
    }
}

/// What came of one fit.
enum Fit {
    Asked(Said),
    Whole(FittedPipeline),
}

/// The columns of one member.
struct Input {
    columns: Vec<usize>,
    /// `None` where they are all.
    x: Option<Matrix>,
    names: Option<Vec<String>>,
}

impl Input {
    fn new(member: &Member, rows: &Rows<'_>) -> Result<Self> {
        let columns = member.columns(rows.feature_names, rows.x.n_cols())?;
        let all = columns.len() == rows.x.n_cols();
        Ok(Self {
            x: match all {
                true => None,
                false => Some(rows.x.take_cols(&columns)?),
            },
            names: rows.feature_names.map(|names| take(names, &columns)),
            columns,
        })
    }

    fn x<'a>(&'a self, rows: &Rows<'a>) -> &'a Matrix {
        self.x.as_ref().unwrap_or(rows.x)
    }

    /// The member fitted to all rows.
    fn fit(&self, member: &Member, rows: &Rows<'_>) -> Result<FittedPipeline> {
        let rows = Rows {
            x: self.x(rows),
            feature_names: self.names.as_deref(),
            ..*rows
        };
        FittedPipeline::fit_rows(&*member.classifier, rows, member.pipeline.as_ref())
    }

    /// What the member says of the fold's test rows, fitted to its training rows.
    fn ask(&self, member: &Member, rows: &Rows<'_>, fold: &Fold) -> Result<Said> {
        let x = self.x(rows).take_rows(&fold.train)?;
        let y = take(rows.y, &fold.train);
        let weights = rows.sample_weight.map(|weights| take(weights, &fold.train));
        let groups = rows.groups.map(|groups| take(groups, &fold.train));
        let part = Rows {
            x: &x,
            y: &y,
            sample_weight: weights.as_deref(),
            groups: groups.as_deref(),
            feature_names: self.names.as_deref(),
            ..*rows
        };
        let tested = self.x(rows).take_rows(&fold.test)?;
        match FittedPipeline::fit_rows(&*member.classifier, part, member.pipeline.as_ref()) {
            Ok(pipeline) => ask(&pipeline, &tested),
            Err(LearnError::OneClass { .. }) => {
                // Nothing can be told there: what is known before any row is seen.
                let counts = class_counts(rows.y, rows.n_classes);
                let prior = majority::of_counts(tested.n_cols(), &counts);
                let filled = Matrix::new(
                    tested.n_rows(),
                    tested.n_cols(),
                    vec![0.0; tested.as_slice().len()],
                )?;
                Said::of(prior.scores(&filled)?)
            }
            Err(error) => Err(error),
        }
    }
}
