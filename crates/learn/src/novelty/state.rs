//! Novelty as named arrays and facts; the criterion stands in the card of the model.

use super::criterion::{Criterion, Novelty};
use super::detector::{Detector, DetectorKind, Place};
use super::families::{Families, Part, Shape};
use super::mahalanobis::Mahalanobis;
use super::neighbours::{K, Near};
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::methods::linear::Cholesky;
use crate::preprocess::StandardScaler;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl Novelty {
    /// Columns and scaling; `rows` and, where distances are local, `own`; or `lower` and `means`; or `centre`, `spread` and, of each part,
    /// `part.K.columns`, `.usual`, `.means` and `.lower`. `lower`: [`Cholesky::packed`], of each class one.
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
                let lower = TensorValues::F64(classes.factor.packed());
                state.put("lower", &[n_cols * (n_cols + 1) / 2], lower)?;
                let shape = [classes.means.len() / n_cols, n_cols];
                state.put("means", &shape, TensorValues::F64(classes.means.clone()))?;
            }
            Place::Families(families) => put_families(&mut state, families)?,
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
            DetectorKind::Families => Place::Families(families(state, n_cols)?),
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
    let Some(factor) = Cholesky::from_packed(lower, n_cols) else {
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

fn put_families(state: &mut ModelState, families: &Families) -> Result<()> {
    let n_cols = families.centre.len();
    state.put("centre", &[n_cols], TensorValues::F64(families.centre.clone()))?;
    state.put("spread", &[n_cols], TensorValues::F64(families.spread.clone()))?;
    state.put_fact("parts", families.parts.len());
    for (k, part) in families.parts.iter().enumerate() {
        let (n, n_classes) = (part.columns.len(), part.classes.len());
        state.put_indices(&format!("part.{k}.columns"), &part.columns)?;
        state.put(
            &format!("part.{k}.usual"),
            &[1],
            TensorValues::F64(vec![part.usual]),
        )?;
        let means = part
            .classes
            .iter()
            .flat_map(|class| class.mean.iter().copied())
            .collect();
        state.put(
            &format!("part.{k}.means"),
            &[n_classes, n],
            TensorValues::F64(means),
        )?;
        let packed = part.classes.iter().flat_map(|class| class.factor.packed());
        let shape = [n_classes, n * (n + 1) / 2];
        state.put(
            &format!("part.{k}.lower"),
            &shape,
            TensorValues::F64(packed.collect()),
        )?;
    }
    Ok(())
}

fn families(state: &ModelState, n_cols: usize) -> Result<Families> {
    let column = |name: &str, least: f64| -> Result<Vec<f64>> {
        let (_, values) = state.f64(name)?;
        expect("columns of the novelty", n_cols, values.len())?;
        match values.iter().all(|value| value.is_finite() && *value > least) {
            true => Ok(values.to_vec()),
            false => Err(bad_state(format!("`{name}` of the novelty is no scale"))),
        }
    };
    let n_parts: usize = state.fact("parts")?;
    if n_parts == 0 || n_parts > n_cols {
        return Err(bad_state(format!(
            "the novelty has {n_parts} parts of {n_cols} columns"
        )));
    }
    Ok(Families {
        centre: column("centre", f64::MIN)?,
        spread: column("spread", 0.0)?,
        parts: (0..n_parts)
            .map(|k| part(state, k, n_cols))
            .collect::<Result<_>>()?,
    })
}

fn part(state: &ModelState, k: usize, n_cols: usize) -> Result<Part> {
    let columns = state.indices(&format!("part.{k}.columns"), n_cols)?;
    let n = columns.len();
    let (_, usual) = state.f64(&format!("part.{k}.usual"))?;
    let (_, means) = state.f64(&format!("part.{k}.means"))?;
    let (_, packed) = state.f64(&format!("part.{k}.lower"))?;
    let usual = match usual {
        [usual] if usual.is_finite() && *usual > 0.0 => *usual,
        _ => return Err(bad_state("what is usual in a part of the novelty is not above 0")),
    };
    if n == 0 || means.is_empty() {
        return Err(bad_state("a part of the novelty has no columns or no classes"));
    }
    let n_classes = means.len() / n;
    let size = n * (n + 1) / 2;
    expect(
        "values of the means of a part of the novelty",
        n_classes * n,
        means.len(),
    )?;
    expect(
        "values of the factors of a part of the novelty",
        n_classes * size,
        packed.len(),
    )?;
    let shape = |(mean, packed): (&[f64], &[f64])| {
        let factor = Cholesky::from_packed(packed, n).ok_or_else(|| {
            bad_state(format!(
                "`part.{k}.lower` of the novelty is no factor of a covariance"
            ))
        })?;
        Ok(Shape {
            factor,
            mean: mean.to_vec(),
        })
    };
    Ok(Part {
        classes: means
            .chunks_exact(n)
            .zip(packed.chunks_exact(size))
            .map(shape)
            .collect::<Result<_>>()?,
        columns,
        usual,
    })
}
