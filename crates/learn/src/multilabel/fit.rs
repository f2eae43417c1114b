//! One method fitted to all labels: each against all rows without it, or all at once where the method can.

use rayon::prelude::*;

use crate::data::hierarchy::Hierarchy;
use crate::data::label_matrix::LabelMatrix;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result, same_length};
use crate::estimator::{Classifier, FittedClassifier, LabelModel, Method};
use crate::preprocess::{FittedSteps, Pipeline, Rows};

/// Names of the two classes that a label's own model tells apart.
const WITHOUT_AND_WITH: [&str; 2] = ["without", "with"];

/// Rows with several labels.
#[derive(Debug, Clone, Copy)]
pub struct LabelRows<'a> {
    /// Features, groups and names; the classes are what rows are told apart by where some are set aside.
    pub rows: Rows<'a>,
    /// The labels of each row.
    pub labels: &'a LabelMatrix,
    /// The tree that the labels stand in.
    pub tree: &'a Hierarchy,
}

/// A fitted model of several labels a row, with the preprocessing that was fitted on the same rows.
#[derive(Debug)]
pub struct FittedLabels {
    pub(super) method: Method,
    pub(super) names: Vec<String>,
    pub(super) tree: Hierarchy,
    pub(super) steps: FittedSteps,
    pub(super) members: Members,
}

/// What gives the probabilities.
#[derive(Debug)]
pub(super) enum Members {
    /// A model for each label.
    Each(Vec<Member>),
    /// One model for all.
    All(Box<dyn LabelModel>),
}

/// The model of one label.
#[derive(Debug)]
pub(super) enum Member {
    /// It tells rows with the label from those without.
    Fitted(Box<dyn FittedClassifier>),
    /// All training rows had the label (1), or none (0).
    Always(f64),
}

/// Fits a method to every label.
///
/// `pipeline`: the preprocessing; `None` for what the method gets unless told otherwise. It is fitted once, and sees no label.
///
/// Source of the way by single labels: scikit-learn 1.9, `OneVsRestClassifier`.
///
/// # Errors
/// Whatever the fits return; `Unsupported` for a method without probabilities; `ShapeMismatch`.
pub fn fit_labels(
    classifier: &dyn Classifier,
    train: &LabelRows<'_>,
    pipeline: Option<&Pipeline>,
) -> Result<FittedLabels> {
    let LabelRows { rows, labels, tree } = train;
    same_length("rows of labels", rows.x.n_rows(), labels.n_rows())?;
    same_length("labels of the tree", labels.n_labels(), tree.n_labels())?;
    classifier.check()?;
    let default = match rows.feature_names {
        Some(names) => Pipeline::default_for(classifier.method(), names),
        None => Pipeline::default_of(classifier.method()),
    };
    let (steps, seen) = pipeline.unwrap_or(&default).fit_transform(rows)?;
    let names = rows.feature_names.map(|names| steps.output_names(names));
    Ok(FittedLabels {
        method: classifier.method(),
        names: labels.names().to_vec(),
        tree: (*tree).clone(),
        members: fit_members(classifier, train, &seen, names.as_deref())?,
        steps,
    })
}

/// Fits to rows as the method sees them.
fn fit_members(
    classifier: &dyn Classifier,
    LabelRows { rows, labels, .. }: &LabelRows<'_>,
    seen: &Matrix,
    names: Option<&[String]>,
) -> Result<Members> {
    let mut at_once = TrainSet::unprepared(seen, rows.y, rows.n_classes)?;
    if let Some(groups) = rows.groups {
        at_once = at_once.with_groups(groups)?;
    }
    if let Some(weights) = rows.sample_weight {
        at_once = at_once.with_sample_weight(weights)?;
    }
    if let Some(model) = classifier.fit_labels(&at_once, labels) {
        seen.check_finite()?;
        return model.map(Members::All);
    }
    let words = WITHOUT_AND_WITH.map(str::to_owned);
    let fit = |label: usize| {
        let y: Vec<usize> = labels.column(label).into_iter().map(usize::from).collect();
        let n_with: usize = y.iter().sum();
        if n_with == 0 || n_with == y.len() {
            return Ok(Member::Always(if n_with == 0 { 0.0 } else { 1.0 }));
        }
        let rows = Rows {
            y: &y,
            n_classes: 2,
            class_names: Some(&words),
            watch: None,
            ..*rows
        };
        rows.fit_seen(classifier, seen, names).map(Member::Fitted)
    };
    (0..labels.n_labels())
        .into_par_iter()
        .map(fit)
        .collect::<Result<_>>()
        .map(Members::Each)
}

impl FittedLabels {
    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Features of a row.
    pub fn n_features(&self) -> usize {
        self.steps.n_features()
    }

    /// The preprocessing.
    pub fn pipeline(&self) -> Pipeline {
        self.steps.pipeline()
    }

    /// Names of the labels.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The tree that they stand in.
    pub fn tree(&self) -> &Hierarchy {
        &self.tree
    }

    /// The probability of each label (columns) for each row. Rows need not sum to one; no label is likelier than the one above
    /// it in the tree ([`Hierarchy::cohere`]).
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of features is another one; `NotFinite` where a value is missing after the last step.
    pub fn proba(&self, x: &Matrix) -> Result<ScoreMatrix> {
        let mut proba = self.own_proba(x)?;
        for row in 0..proba.n_rows() {
            self.tree.cohere(proba.row_mut(row));
        }
        Ok(proba)
    }

    /// The probabilities as the models give them, each label by itself.
    fn own_proba(&self, x: &Matrix) -> Result<ScoreMatrix> {
        let seen = match self.steps.is_empty() {
            true => None,
            false => Some(self.steps.transform(x)?),
        };
        let seen = seen.as_ref().unwrap_or(x);
        let members = match &self.members {
            Members::All(model) => return model.proba(seen),
            Members::Each(members) => members,
        };
        let columns: Vec<Vec<f64>> = members
            .par_iter()
            .map(|member| member.proba(seen))
            .collect::<Result<_>>()?;
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.names.len());
        for row in 0..x.n_rows() {
            let values = proba.row_mut(row).iter_mut().zip(&columns);
            values.for_each(|(value, column)| *value = column[row]);
        }
        Ok(proba)
    }

    /// `false` where an optimisation stopped at its iteration limit before it converged.
    pub fn converged(&self) -> bool {
        match &self.members {
            Members::All(model) => model.converged(),
            Members::Each(members) => members.iter().all(|member| match member {
                Member::Fitted(model) => model.converged(),
                Member::Always(_) => true,
            }),
        }
    }
}

impl Member {
    fn proba(&self, seen: &Matrix) -> Result<Vec<f64>> {
        match self {
            Self::Always(value) => Ok(vec![*value; seen.n_rows()]),
            Self::Fitted(model) => match model.scores(seen)?.probabilities {
                Some(proba) => Ok(proba.rows().map(|row| row[1]).collect()),
                None => Err(LearnError::Unsupported {
                    method: model.method().name(),
                    what: "probabilities, which several labels a row need",
                }),
            },
        }
    }
}
