//! Novelty as named arrays and facts; the criterion stands in the card of the model.

use super::criterion::{Criterion, Novelty};
use super::detector::{Detector, DetectorKind, Place};
use super::mahalanobis::Mahalanobis;
use super::neighbours::{K, Near};
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::methods::linear::Cholesky;
use crate::preprocess::StandardScaler;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl Novelty {
    /// Columns and scaling; `rows` and, where distances are local, `own`; or `lower` and `means`.
    pub(crate) fn state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        state.put_indices("columns", &self.columns)?;
        state.put_fact("scaler", &self.detector.scaler);
        let n_cols = self.columns.len();
        match &self.detector.place {
            Place::Near(near) => {
                let values = TensorValues::F32(near.rows.as_slice().to_vec());
                state.put("rows", &[near.rows.n_rows(), n_cols], values)?;
                if let Some(own) = &near.own {
                    state.put("own", &[own.len()], TensorValues::F64(own.clone()))?;
                }
            }
            Place::Mahalanobis(classes) => {
                let lower = TensorValues::F64(classes.factor.lower());
                state.put("lower", &[n_cols, n_cols], lower)?;
                let shape = [classes.means.len() / n_cols, n_cols];
                state.put("means", &shape, TensorValues::F64(classes.means.clone()))?;
            }
        }
        Ok(state)
    }

    /// What a state holds of it, for a model of `n_features`.
    pub(crate) fn read(state: &ModelState, criterion: Criterion, n_features: usize) -> Result<Self> {
        let numbers = [criterion.threshold, criterion.false_alarm];
        if numbers.iter().any(|value| !(value.is_finite() && *value > 0.0)) {
            return Err(bad_state(
                "the threshold or the rate of the novelty is not above 0",
            ));
        }
        let columns = state.indices("columns", n_features)?;
        let n_cols = columns.len();
        if n_cols == 0 {
            return Err(bad_state("the novelty goes by no column"));
        }
        let scaler: StandardScaler = state.fact("scaler")?;
        expect("means of the novelty's scaling", n_cols, scaler.mean().len())?;
        expect(
            "deviations of the novelty's scaling",
            n_cols,
            scaler.scale().len(),
        )?;
        if scaler.mean().iter().any(|mean| !mean.is_finite())
            || scaler
                .scale()
                .iter()
                .any(|scale| !(scale.is_finite() && *scale > 0.0))
        {
            return Err(bad_state("the scaling of the novelty is none"));
        }
        let place = match criterion.detector {
            DetectorKind::Neighbours => Place::Near(near(state, n_cols, false)?),
            DetectorKind::LocalNeighbours => Place::Near(near(state, n_cols, true)?),
            DetectorKind::Mahalanobis => Place::Mahalanobis(mahalanobis(state, n_cols)?),
        };
        Ok(Self {
            detector: Detector { scaler, place },
            columns,
            criterion,
        })
    }
}

fn near(state: &ModelState, n_cols: usize, local: bool) -> Result<Near> {
    let (_, values) = state.f32("rows")?;
    let n_rows = values.len() / n_cols;
    expect("values of the novelty's rows", n_rows * n_cols, values.len())?;
    if n_rows <= K {
        return Err(bad_state("the novelty has too few rows"));
    }
    let own = match local {
        false => None,
        true => {
            let (_, own) = state.f64("own")?;
            expect("distances of the novelty's rows", n_rows, own.len())?;
            Some(own.to_vec())
        }
    };
    Ok(Near::of(Matrix::new(n_rows, n_cols, values.to_vec())?, own))
}

fn mahalanobis(state: &ModelState, n_cols: usize) -> Result<Mahalanobis> {
    let (_, lower) = state.f64("lower")?;
    let (_, means) = state.f64("means")?;
    let Some(factor) = Cholesky::from_lower(lower.to_vec(), n_cols) else {
        return Err(bad_state("`lower` of the novelty is no factor of a covariance"));
    };
    let n_means = means.len() / n_cols;
    expect("values of the novelty's means", n_means * n_cols, means.len())?;
    if n_means == 0 {
        return Err(bad_state("the novelty has no means"));
    }
    Ok(Mahalanobis {
        factor,
        means: means.to_vec(),
    })
}
