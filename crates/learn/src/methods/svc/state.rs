//! The machine as named arrays.

use super::fitted::{FittedSvc, Machine};
use super::platt::Sigmoid;
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::estimator::FittedClassifier;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl FittedSvc {
    /// `support` [rows, features], `n_support` (rows of each class), `dual_coef` [classes - 1, rows], `rho` (one per pair),
    /// `sigmoids` [pairs, 2] where there are probabilities, `classes`; the kernel and the rest as facts.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let machine = &self.machine;
        let (n, d) = (machine.support.n_rows(), machine.support.n_cols());
        let support = machine.support.as_slice().to_vec();
        state.put("support", &[n, d], TensorValues::F32(support))?;
        state.put_indices("n_support", &machine.n_support)?;
        let dual_coef = TensorValues::F64(machine.dual_coef.clone());
        state.put("dual_coef", &[self.classes.len() - 1, n], dual_coef)?;
        let n_pairs = machine.rho.len();
        state.put("rho", &[n_pairs], TensorValues::F64(machine.rho.clone()))?;
        if let Some(sigmoids) = &machine.sigmoids {
            let numbers = sigmoids.iter().flat_map(|s| [s.slope, s.offset]).collect();
            state.put("sigmoids", &[n_pairs, 2], TensorValues::F64(numbers))?;
        }
        state.put_indices("classes", &self.classes)?;
        state.put_fact("kernel", machine.kernel);
        state.put_fact("probability", machine.sigmoids.is_some());
        state.put_fact("break_ties", machine.break_ties);
        state.put_fact("n_iter", machine.n_iter);
        state.put_fact("converged", machine.converged);
        Ok(state)
    }
}

/// The machine of a state.
pub(super) fn read(state: &ModelState, n_features: usize, n_classes: usize) -> Result<FittedSvc> {
    let classes = state.classes(n_classes, 2)?;
    let (_, support) = state.f32("support")?;
    if n_features == 0 || support.len() % n_features != 0 {
        return Err(bad_state(
            "`support` has not as many columns as there are features",
        ));
    }
    let n = support.len() / n_features;
    let n_support = state.indices("n_support", n + 1)?;
    expect("classes with rows that support", classes.len(), n_support.len())?;
    let total = n_support.iter().fold(0usize, |sum, &n| sum.saturating_add(n));
    expect("rows that support", n, total)?;
    let (_, dual_coef) = state.f64("dual_coef")?;
    let n_coef = n.saturating_mul(classes.len() - 1);
    expect("coefficients", n_coef, dual_coef.len())?;
    let (_, rho) = state.f64("rho")?;
    let n_pairs = classes.len() * (classes.len() - 1) / 2;
    expect("pairs of classes", n_pairs, rho.len())?;
    let sigmoids = match state.fact::<bool>("probability")? {
        false => None,
        true => {
            let (_, numbers) = state.f64("sigmoids")?;
            expect("numbers of sigmoids", 2 * n_pairs, numbers.len())?;
            let sigmoids = numbers.chunks_exact(2).map(|numbers| Sigmoid {
                slope: numbers[0],
                offset: numbers[1],
            });
            Some(sigmoids.collect())
        }
    };
    let machine = Machine {
        kernel: state.fact("kernel")?,
        support: Matrix::new(n, n_features, support.to_vec())?,
        n_support,
        dual_coef: dual_coef.to_vec(),
        rho: rho.to_vec(),
        sigmoids,
        break_ties: state.fact("break_ties")?,
        n_iter: state.fact("n_iter")?,
        converged: state.fact("converged")?,
    };
    Ok(FittedSvc::new(machine, classes, n_classes))
}

/// The model of a state.
pub(super) fn from_state(
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    Ok(Box::new(read(state, n_features, n_classes)?))
}
