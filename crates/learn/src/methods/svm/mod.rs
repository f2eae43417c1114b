//! The linear support vector machine.

mod coordinate;
mod dual;
mod newton;
mod parameters;
mod problem;

pub use parameters::{LinearSvc, SvmLoss, SvmPenalty, SvmSolver};

use rayon::prelude::*;
use serde_json::json;

use self::problem::{Problem, Solution};
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, OnnxExport};
use crate::methods::by_name;
use crate::methods::linear::{FittedLinear, Link, onnx};
use crate::params::words::{CLASS_WEIGHT, COUNT, POSITIVE, SEED, YES_NO, param};
use crate::params::{Param, ParamValue};
use cratedigger_stats::rng::SeededRng;

impl Method {
    /// Linear support vector machine, `linear-svc`.
    pub const LINEAR_SVC: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "linear-svc",
    title: "the linear support vector machine",
    wants_scaling: true,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "C": [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0],
            "class_weight": ["none", "balanced"],
        })
    },
    default: |seed| {
        Box::new(LinearSvc {
            seed,
            ..LinearSvc::default()
        })
    },
    build: by_name::build::<LinearSvc>,
    restore: |state, n_features, n_classes| {
        Ok(Box::new(FittedLinear::from_state(
            Method::LINEAR_SVC,
            Link::None,
            state,
            n_features,
            n_classes,
        )?))
    },
    onnx: Some(OnnxExport {
        add: onnx::decision,
        probabilities: false,
    }),
};

const PARAMS: &[Param] = &[
    param("penalty", "must be l1 or l2"),
    param("loss", "must be hinge or squared_hinge"),
    param("dual", "must be auto, true or false"),
    param("tol", POSITIVE),
    param("C", POSITIVE),
    param("fit_intercept", YES_NO),
    param("intercept_scaling", POSITIVE),
    param("class_weight", CLASS_WEIGHT),
    SEED,
    param("max_iter", COUNT),
];

impl Classifier for LinearSvc {
    fn method(&self) -> Method {
        Method::LINEAR_SVC
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [
            ("C", self.c),
            ("tol", self.tol),
            ("intercept_scaling", self.intercept_scaling),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(LearnError::parameter(name, value, "must be finite and above 0"));
            }
        }
        if self.max_iter == 0 {
            return Err(LearnError::parameter("max_iter", 0, "must be at least 1"));
        }
        if self.penalty == SvmPenalty::L1 && self.loss == SvmLoss::Hinge {
            return Err(LearnError::parameter(
                "loss",
                "hinge",
                "the l1 penalty needs loss=squared_hinge",
            ));
        }
        if self.penalty == SvmPenalty::L1 && self.solver == SvmSolver::Dual {
            return Err(LearnError::parameter(
                "dual",
                true,
                "the l1 penalty needs the primal problem: dual=false or auto",
            ));
        }
        if self.loss == SvmLoss::Hinge && self.solver == SvmSolver::Primal {
            return Err(LearnError::parameter(
                "dual",
                false,
                "the hinge loss needs the dual problem: dual=true or auto",
            ));
        }
        Ok(())
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        let classes = train.two_or_more_classes(Method::LINEAR_SVC.name())?;
        let class_weight = self.class_weight.weights(train.y(), train.n_classes())?;
        let x = train.x();
        let row_cost = |row: usize| self.c * train.sample_weight().map_or(1.0, |weights| weights[row]);
        let positive_classes = if classes.len() == 2 {
            &classes[1..]
        } else {
            &classes[..]
        };
        let problem = |&class: &usize| {
            let sign = train
                .y()
                .iter()
                .map(|&label| if label == class { 1.0 } else { -1.0 })
                .collect();
            let weight_of = |label: usize| match label == class || classes.len() == 2 {
                true => class_weight[label],
                false => 1.0,
            };
            let cost = train
                .y()
                .iter()
                .enumerate()
                .map(|(row, &label)| row_cost(row) * weight_of(label))
                .collect();
            Problem {
                x,
                extra: self.fit_intercept.then_some(self.intercept_scaling),
                sign,
                cost,
            }
        };
        let problems: Vec<Problem<'_>> = positive_classes.iter().map(problem).collect();
        let solutions: Vec<Solution> = if self.penalty == SvmPenalty::L1 {
            let columns = x.to_columns();
            let of_class = |(class, problem)| {
                let rng = SeededRng::stream(self.seed, class as u64);
                coordinate::solve(problem, &columns, self.tol, self.max_iter, rng)
            };
            problems.par_iter().enumerate().map(of_class).collect()
        } else if self.solve_primal(x) {
            let base: Vec<f64> = (0..x.n_rows()).map(row_cost).collect();
            let hessian = newton::Hessian::new(&problems[0], &base);
            problems
                .par_iter()
                .map(|problem| newton::solve(problem, hessian.clone(), self.tol, self.max_iter))
                .collect()
        } else {
            let dual = |(class, problem)| dual::solve(problem, self, class as u64);
            problems.par_iter().enumerate().map(dual).collect()
        };
        let intercept = |solution: &Solution| match self.fit_intercept {
            true => solution.w[x.n_cols()] * self.intercept_scaling,
            false => 0.0,
        };
        Ok(Box::new(FittedLinear {
            method: Method::LINEAR_SVC,
            link: Link::None,
            n_features: x.n_cols(),
            n_classes: train.n_classes(),
            intercept: solutions.iter().map(intercept).collect(),
            n_iter: solutions
                .iter()
                .map(|solution| solution.n_iter)
                .max()
                .unwrap_or(0),
            converged: solutions.iter().all(|solution| solution.converged),
            coef: solutions
                .into_iter()
                .map(|solution| solution.w[..x.n_cols()].to_vec())
                .collect(),
            classes,
        }))
    }
}

#[cfg(test)]
mod tests;
