//! A stack as ONNX: its members beside each other, what they say put together, and the final estimator.

use super::state::{Facts, method};
use crate::estimator::{Method, OnnxExport};
use crate::model::error::ModelResult;
use crate::model::onnx::graph::{Element, Graph, Outputs};
use crate::model::onnx::steps::{preprocess, unsupported};
use crate::preprocess::{FittedSteps, Pipeline, Step};
use crate::state::ModelState;

/// Probabilities in double precision, one column for two classes.
///
/// # Errors
/// `Onnx` for a member or a preprocessing step that has no operators, by its name.
pub(super) fn stack(
    graph: &mut Graph,
    state: &ModelState,
    values: &str,
    n_features: usize,
) -> ModelResult<Outputs> {
    if state.fact::<Option<String>>("passthrough")?.is_some() {
        return Err(unsupported(
            "a stack with `passthrough` is not exported".to_owned(),
        ));
    }
    let facts: Vec<Facts> = state.fact("members")?;
    let mut said = Vec::with_capacity(facts.len());
    for (k, facts) in facts.iter().enumerate() {
        let prefix = format!("member.{k}.");
        let columns = state.indices(&format!("{prefix}columns"), n_features)?;
        let chosen = graph.indices(&columns);
        let values = graph.node("Gather", &[values, &chosen], &[("axis", 1)]);
        said.push(member(graph, state, (&prefix, facts), &values, columns.len())?);
    }
    let parts: Vec<&str> = said.iter().map(String::as_str).collect();
    let level = graph.node("Concat", &parts, &[("axis", 1)]);
    let last = method(&state.fact::<String>("final")?)?;
    let export = exported(last)?;
    if !export.probabilities {
        return Err(unsupported(format!(
            "its final estimator {last} gives no probabilities"
        )));
    }
    // The number of columns is that of the final estimator's weights; only linear models look at it.
    let n_classes = state.indices("classes", usize::MAX)?.len();
    let of_member = if n_classes == 2 { 1 } else { n_classes };
    (export.add)(graph, &below(state, "last."), &level, facts.len() * of_member)
}

/// What a member says, as the final estimator sees it: in single precision.
fn member(
    graph: &mut Graph,
    state: &ModelState,
    (prefix, facts): (&str, &Facts),
    values: &str,
    n_columns: usize,
) -> ModelResult<String> {
    let pipeline: Pipeline = facts.pipeline.parse()?;
    if let Some(step) = pipeline.steps.iter().find(|step| matches!(step, Step::Encode(_))) {
        return Err(unsupported(format!(
            "there is no operator for the preprocessing step `{step}` of its member `{}`",
            facts.text
        )));
    }
    let steps = FittedSteps::read(state, prefix, &pipeline, n_columns, 0)?;
    let mut values = values.to_owned();
    if !steps.is_empty() {
        values = graph.cast(&values, Element::Double);
        for step in steps.parts() {
            values = preprocess(graph, step, &values)?;
        }
        values = graph.cast(&values, Element::Float);
    }
    let export = exported(method(&facts.method)?)?;
    let own = below(state, prefix);
    let outputs = (export.add)(graph, &own, &values, n_columns)?.scores;
    let Some(temperature) = facts.temperature else {
        return Ok(graph.cast(&outputs, Element::Float));
    };
    // The softmax of margins; of two classes, with margins -d and d, its second column.
    let outputs = graph.cast(&outputs, Element::Double);
    let binary = own.indices("classes", usize::MAX)?.len() == 2;
    let scale = graph.doubles(&[1], &[if binary { 2.0 } else { 1.0 } / temperature]);
    let scaled = graph.node("Mul", &[&outputs, &scale], &[]);
    let proba = match binary {
        true => graph.node("Sigmoid", &[&scaled], &[]),
        false => graph.node("Softmax", &[&scaled], &[("axis", 1)]),
    };
    Ok(graph.cast(&proba, Element::Float))
}

fn exported(method: Method) -> ModelResult<&'static OnnxExport> {
    let export = method.entry().onnx.as_ref();
    export.ok_or_else(|| unsupported(format!("its member {method} is not exported")))
}

/// The state of the model below a prefix.
fn below(state: &ModelState, prefix: &str) -> ModelState {
    let mut own = ModelState::default();
    let model = format!("{prefix}model.");
    for (name, tensor) in &state.tensors {
        if let Some(name) = name.strip_prefix(&model) {
            own.tensors.insert(name.to_owned(), tensor.clone());
        }
    }
    for (name, fact) in &state.facts {
        if let Some(name) = name.strip_prefix(prefix) {
            own.facts.insert(name.to_owned(), fact.clone());
        }
    }
    own
}
