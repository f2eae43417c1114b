//! Preprocessing as operators.

use super::graph::Graph;
use crate::model::error::{ModelError, ModelResult};
use crate::preprocess::{FittedStep, Step, Treatment};

/// Why a model is not exported.
pub(crate) fn unsupported(reason: String) -> ModelError {
    ModelError::Onnx { reason }
}

/// One step of the preprocessing, in double precision.
pub(crate) fn preprocess(graph: &mut Graph, fitted: &FittedStep, values: &str) -> ModelResult<String> {
    let row = |array: &Vec<f64>| [1, array.len()];
    Ok(match (fitted.step, fitted.arrays.as_slice()) {
        (Step::Impute(_), [fill]) => {
            let fill = graph.doubles(&row(fill), fill);
            let missing = graph.node("IsNaN", &[values], &[]);
            graph.node("Where", &[&missing, &fill, values], &[])
        }
        (
            Step::Outliers {
                treatment, threshold, ..
            },
            [center, spread, fill],
        ) => {
            if treatment == Treatment::Keep {
                return Ok(values.to_owned());
            }
            // A column without spread has no outliers.
            let bound = |sign: f64| -> Vec<f64> {
                center
                    .iter()
                    .zip(spread)
                    .map(|(center, &spread)| match spread > 0.0 {
                        true => center + sign * threshold * spread,
                        false => sign * f64::MAX,
                    })
                    .collect()
            };
            let (low, high) = (bound(-1.0), bound(1.0));
            let low = graph.doubles(&row(center), &low);
            let high = graph.doubles(&row(center), &high);
            let below = graph.node("Less", &[values, &low], &[]);
            let above = graph.node("Greater", &[values, &high], &[]);
            if treatment == Treatment::Clip {
                let raised = graph.node("Where", &[&below, &low, values], &[]);
                return Ok(graph.node("Where", &[&above, &high, &raised], &[]));
            }
            let fill = match treatment {
                Treatment::Nan => graph.doubles(&[1, 1], &[f64::NAN]),
                _ => graph.doubles(&row(fill), fill),
            };
            let out = graph.node("Or", &[&below, &above], &[]);
            graph.node("Where", &[&out, &fill, values], &[])
        }
        (Step::Log, _) => {
            let one = graph.doubles(&[1, 1], &[1.0]);
            let sign = graph.node("Sign", &[values], &[]);
            let magnitude = graph.node("Abs", &[values], &[]);
            let above_one = graph.node("Add", &[&magnitude, &one], &[]);
            let log = graph.node("Log", &[&above_one], &[]);
            graph.node("Mul", &[&sign, &log], &[])
        }
        (Step::Standard | Step::Robust, [center, scale]) => {
            let (center, scale) = (
                graph.doubles(&row(center), center),
                graph.doubles(&row(scale), scale),
            );
            let centred = graph.node("Sub", &[values, &center], &[]);
            graph.node("Div", &[&centred, &scale], &[])
        }
        (other, _) => {
            return Err(unsupported(format!(
                "there is no operator for the preprocessing step `{other}`"
            )));
        }
    })
}
