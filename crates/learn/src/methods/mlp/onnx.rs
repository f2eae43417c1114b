use super::parameters::Activation;
use crate::model::error::ModelResult;
use crate::model::onnx::graph::{Graph, Outputs};
use crate::state::ModelState;

/// Outputs of the last layer, one column for two classes.
pub(super) fn perceptron(
    graph: &mut Graph,
    state: &ModelState,
    values: &str,
    _n_features: usize,
) -> ModelResult<Outputs> {
    let n_layers: usize = state.fact("n_layers")?;
    let activation = match state.fact("activation")? {
        Activation::Relu => "Relu",
        Activation::Tanh => "Tanh",
        Activation::Logistic => "Sigmoid",
    };
    let mut values = values.to_owned();
    for layer in 0..n_layers {
        let (shape, weights) = state.f32(&format!("weights.{layer}"))?;
        let (_, biases) = state.f32(&format!("biases.{layer}"))?;
        let weights = graph.floats(shape, weights);
        let bias = graph.floats(&[1, biases.len()], biases);
        let products = graph.node("MatMul", &[&values, &weights], &[]);
        let sums = graph.node("Add", &[&products, &bias], &[]);
        values = match (layer + 1 == n_layers, biases.len()) {
            (false, _) => graph.node(activation, &[&sums], &[]),
            (true, 1) => graph.node("Sigmoid", &[&sums], &[]),
            (true, _) => graph.node("Softmax", &[&sums], &[("axis", 1)]),
        };
    }
    Ok(values.into())
}
