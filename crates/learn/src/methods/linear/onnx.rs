use crate::model::error::ModelResult;
use crate::model::onnx::graph::{Element, Graph, Outputs};
use crate::state::ModelState;

/// Decision values, one column for two classes.
pub(crate) fn decision(
    graph: &mut Graph,
    state: &ModelState,
    values: &str,
    n_features: usize,
) -> ModelResult<Outputs> {
    let scores = scores(graph, state, values, n_features)?;
    Ok(graph.cast(&scores, Element::Float).into())
}

/// Probabilities in double precision, one column for two classes.
pub(super) fn probabilities(
    graph: &mut Graph,
    state: &ModelState,
    values: &str,
    n_features: usize,
) -> ModelResult<Outputs> {
    let scores = scores(graph, state, values, n_features)?;
    let probabilities = match state.f64("intercept")?.1.len() {
        1 => graph.node("Sigmoid", &[&scores], &[]),
        _ => graph.node("Softmax", &[&scores], &[("axis", 1)]),
    };
    Ok(probabilities.into())
}

/// Decision values in double precision, as the model takes them.
fn scores(graph: &mut Graph, state: &ModelState, values: &str, n_features: usize) -> ModelResult<String> {
    let (_, coef) = state.f64("coef")?;
    let (_, intercept) = state.f64("intercept")?;
    let n = intercept.len();
    let mut transposed = vec![0.0; coef.len()];
    for (plane, weights) in coef.chunks_exact(n_features).enumerate() {
        for (feature, weight) in weights.iter().enumerate() {
            transposed[feature * n + plane] = *weight;
        }
    }
    let values = graph.cast(values, Element::Double);
    let coef = graph.doubles(&[n_features, n], &transposed);
    let intercept = graph.doubles(&[1, n], intercept);
    let products = graph.node("MatMul", &[&values, &coef], &[]);
    Ok(graph.node("Add", &[&products, &intercept], &[]))
}
