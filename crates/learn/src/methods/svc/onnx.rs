use super::fitted::{FittedSvc, Machine};
use super::pairs::pairs;
use super::parameters::SvcKernel;
use super::state;
use crate::model::error::ModelResult;
use crate::model::onnx::graph::{Element, Graph, Outputs};
use crate::model::onnx::steps::unsupported;
use crate::state::ModelState;

/// Decision values, one column for two classes; for more, votes beside them, which decide.
///
/// Written with plain operators in double precision: `SVMClassifier` of `ai.onnx.ml` computes in single precision.
pub(super) fn decision(
    graph: &mut Graph,
    state: &ModelState,
    values: &str,
    n_features: usize,
) -> ModelResult<Outputs> {
    if state.fact("probability")? {
        return Err(unsupported(
            "there is no operator for its probabilities; train it without probability=true".to_owned(),
        ));
    }
    let classes = state.indices("classes", usize::MAX)?;
    let model = state::read(state, n_features, classes.last().map_or(0, |last| last + 1))?;
    let k = classes.len();
    let sums = sums(graph, &model, values);
    if k == 2 {
        let negative = graph.node("Neg", &[&sums], &[]);
        return Ok(graph.cast(&negative, Element::Float).into());
    }
    // Each pair votes for one class, and its value speaks for one and against the other.
    let n_pairs = pairs(k).count();
    let (mut first, mut second, mut signs) = (
        vec![0.0; n_pairs * k],
        vec![0.0; n_pairs * k],
        vec![0.0; n_pairs * k],
    );
    for (at, (i, j)) in pairs(k).enumerate() {
        first[at * k + i] = 1.0;
        second[at * k + j] = 1.0;
        (signs[at * k + i], signs[at * k + j]) = (1.0, -1.0);
    }
    let zero = graph.doubles(&[1], &[0.0]);
    let is_first = graph.node("Greater", &[&sums, &zero], &[]);
    let is_second = graph.node("Not", &[&is_first], &[]);
    let mut votes = Vec::new();
    for (said, for_class) in [(is_first, first), (is_second, second)] {
        let said = graph.cast(&said, Element::Double);
        let for_class = graph.doubles(&[n_pairs, k], &for_class);
        votes.push(graph.node("MatMul", &[&said, &for_class], &[]));
    }
    let votes = graph.node("Add", &[&votes[0], &votes[1]], &[]);
    let signs = graph.doubles(&[n_pairs, k], &signs);
    let confidence = graph.node("MatMul", &[&sums, &signs], &[]);
    let (one, three) = (graph.doubles(&[1], &[1.0]), graph.doubles(&[1], &[3.0]));
    let size = graph.node("Abs", &[&confidence], &[]);
    let size = graph.node("Add", &[&size, &one], &[]);
    let size = graph.node("Mul", &[&size, &three], &[]);
    let share = graph.node("Div", &[&confidence, &size], &[]);
    let scores = graph.node("Add", &[&votes, &share], &[]);
    let by = if model.machine.break_ties { &scores } else { &votes };
    let by = graph.cast(by, Element::Float);
    Ok(Outputs {
        scores: graph.cast(&scores, Element::Float),
        label_by: Some(by),
    })
}

/// The values of all pairs [rows, pairs].
fn sums(graph: &mut Graph, model: &FittedSvc, values: &str) -> String {
    let Machine {
        support, kernel, rho, ..
    } = &model.machine;
    let (n, d) = (support.n_rows(), support.n_cols());
    let columns: Vec<f64> = support.to_columns().into_iter().map(f64::from).collect();
    let squared: Vec<f64> = support
        .rows()
        .map(|row| row.iter().map(|&value| f64::from(value) * f64::from(value)).sum())
        .collect();
    let values = graph.cast(values, Element::Double);
    let rows = graph.doubles(&[d, n], &columns);
    let products = graph.node("MatMul", &[&values, &rows], &[]);
    let gamma = |graph: &mut Graph| graph.doubles(&[1], &[kernel.gamma]);
    let shifted = |graph: &mut Graph| {
        let gamma = gamma(graph);
        let coef0 = graph.doubles(&[1], &[kernel.coef0]);
        let scaled = graph.node("Mul", &[&products, &gamma], &[]);
        graph.node("Add", &[&scaled, &coef0], &[])
    };
    let kernel = match kernel.kind {
        SvcKernel::Linear => products,
        SvcKernel::Poly => {
            let base = shifted(graph);
            let degree = graph.doubles(&[1], &[f64::from(kernel.degree)]);
            graph.node("Pow", &[&base, &degree], &[])
        }
        SvcKernel::Sigmoid => {
            // The operator Tanh takes single precision only in some runtimes: 2 / (1 + exp(-2 x)) - 1.
            let value = shifted(graph);
            let (one, two, minus_two) = (
                graph.doubles(&[1], &[1.0]),
                graph.doubles(&[1], &[2.0]),
                graph.doubles(&[1], &[-2.0]),
            );
            let power = graph.node("Mul", &[&value, &minus_two], &[]);
            let power = graph.node("Exp", &[&power], &[]);
            let sum = graph.node("Add", &[&power, &one], &[]);
            let ratio = graph.node("Div", &[&two, &sum], &[]);
            graph.node("Sub", &[&ratio, &one], &[])
        }
        SvcKernel::Rbf => {
            let squared = graph.doubles(&[1, n], &squared);
            let own = graph.node("Mul", &[&values, &values], &[]);
            let axis = graph.indices(&[1]);
            let own = graph.node("ReduceSum", &[&own, &axis], &[("keepdims", 1)]);
            let minus_two = graph.doubles(&[1], &[-2.0]);
            let gamma = gamma(graph);
            let minus_gamma = graph.node("Neg", &[&gamma], &[]);
            let twice = graph.node("Mul", &[&products, &minus_two], &[]);
            let distance = graph.node("Add", &[&twice, &own], &[]);
            let distance = graph.node("Add", &[&distance, &squared], &[]);
            let power = graph.node("Mul", &[&distance, &minus_gamma], &[]);
            graph.node("Exp", &[&power], &[])
        }
    };
    let k = model.classes.len();
    let mut coef = vec![0.0; n * rho.len()];
    let mut class_of = Vec::with_capacity(n);
    for (class, &n) in model.machine.n_support.iter().enumerate() {
        class_of.extend(std::iter::repeat_n(class, n));
    }
    for (at, (i, j)) in pairs(k).enumerate() {
        for (row, &class) in class_of.iter().enumerate() {
            let of_other = match class {
                _ if class == i => j - 1,
                _ if class == j => i,
                _ => continue,
            };
            coef[row * rho.len() + at] = model.machine.dual_coef[of_other * n + row];
        }
    }
    let coef = graph.doubles(&[n, rho.len()], &coef);
    let rho = graph.doubles(&[1, rho.len()], rho);
    let sums = graph.node("MatMul", &[&kernel, &coef], &[]);
    graph.node("Sub", &[&sums, &rho], &[])
}
