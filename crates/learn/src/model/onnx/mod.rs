//! Export to ONNX, for runtimes in other languages.

pub(crate) mod graph;
mod proto;
pub(crate) mod steps;

use prost::Message;

use self::graph::{Element, Graph, ML_DOMAIN, Outputs};
use self::proto::{ModelProto, OperatorSetIdProto, StringStringEntryProto};
use self::steps::{preprocess, unsupported};
use super::error::ModelResult;
use super::file::Model;
use crate::estimator::Method;
use crate::preprocess::Step;
use crate::state::ModelState;

/// Version of the operators that are used.
const OPSET: i64 = 17;

/// Version of the operators for machine learning.
const ML_OPSET: i64 = 3;

impl Model {
    /// The model as an ONNX file: input `features` (float, rows x features), outputs `label` (string, one a row) and
    /// `probabilities` (float, rows x classes), or `decision_function` for a method without probabilities. The
    /// preprocessing is part of it.
    ///
    /// A network on frames takes `excerpts` (float, excerpts x frames x bands) of one recording, as many as cover it, evenly spaced,
    /// shorter ones filled up with the `band_means` of the metadata, and gives the mean over them as one row.
    ///
    /// The perceptron, the networks, logistic regression, the support vector machines (without `probability`), the random forest and
    /// stacks of these but the networks can be exported; of the preprocessing steps all but `encode` and `quantile`. Styles
    /// ([`Model::styles`]) are not exported; the metadata say so under `not_exported`.
    ///
    /// # Errors
    /// `Onnx` for another method or step; `Learn` where a weight is not finite.
    pub fn to_onnx(&self) -> ModelResult<Vec<u8>> {
        let method = self.pipeline().model().method();
        let state = self.pipeline().model().state()?;
        let n_features = self.card().feature_names.len();
        let mut graph = Graph::default();
        if !method.reads_frames() {
            graph.input("features", Element::Float, Some(n_features));
        }
        let mut values = "features".to_owned();
        let steps = self.pipeline().steps().parts();
        if let Some(encoder) = self.pipeline().steps().encoder() {
            let step = Step::Encode(encoder.encoding());
            return Err(unsupported(format!(
                "there is no operator for the preprocessing step `{step}`"
            )));
        }
        if !steps.is_empty() && !method.reads_frames() {
            values = graph.cast(&values, Element::Double);
            for step in steps {
                values = preprocess(&mut graph, step, &values)?;
            }
            values = graph.cast(&values, Element::Float);
        }
        let Some(export) = &method.entry().onnx else {
            return Err(unsupported(format!(
                "it is a {method}, and only {} are exported",
                exported()
            )));
        };
        let classes = state.indices("classes", self.card().labels.len())?;
        let outputs = (export.add)(&mut graph, &state, &values, n_features)?;
        if !export.probabilities && self.card().temperature.is_some() {
            return Err(unsupported(
                "its probabilities are made of decision values; train it without --calibrate".to_owned(),
            ));
        }
        self.outputs(&mut graph, &outputs, &classes, export.probabilities);
        let mut operators = vec![("", OPSET)];
        if graph.uses_ml() {
            operators.push((ML_DOMAIN, ML_OPSET));
        }
        let model = ModelProto {
            ir_version: 8,
            producer_name: "cratedigger".to_owned(),
            producer_version: self.card().cratedigger.clone(),
            graph: Some(graph.finish(method.name())),
            opset_import: operators
                .into_iter()
                .map(|(domain, version)| OperatorSetIdProto {
                    domain: domain.to_owned(),
                    version,
                })
                .collect(),
            metadata_props: self.metadata(&state),
        };
        Ok(model.encode_to_vec())
    }

    /// Label and scores from the outputs of the model, of which there is one for two classes.
    fn outputs(&self, graph: &mut Graph, outputs: &Outputs, classes: &[usize], has_probabilities: bool) {
        let Outputs {
            scores: outputs,
            label_by,
        } = outputs;
        let n_classes = self.card().labels.len();
        let labels: Vec<&str> = classes
            .iter()
            .map(|&class| self.card().labels[class].as_str())
            .collect();
        let labels = graph.strings(&labels);
        let binary = classes.len() == 2;
        // One column for each class of `classes`.
        let mut scores = outputs.clone();
        if has_probabilities {
            scores = self.probabilities(graph, outputs, binary);
        } else if binary {
            let other = graph.node("Neg", &[outputs], &[]);
            scores = graph.node("Concat", &[&other, outputs], &[("axis", 1)]);
        }
        let by = label_by.as_ref().unwrap_or(&scores);
        let best = graph.node("ArgMax", &[by], &[("axis", 1), ("keepdims", 0)]);
        let label = graph.node("Gather", &[&labels, &best], &[("axis", 0)]);
        graph.output(&label, "label", Element::String, None);
        if !has_probabilities && n_classes == 2 {
            graph.output(outputs, "decision_function", Element::Float, Some(1));
            return;
        }
        if classes.len() < n_classes {
            // Classes without training rows get probability 0, or a decision value below all others.
            let mut selection = vec![0.0; classes.len() * n_classes];
            let mut rest = vec![if has_probabilities { 0.0 } else { f32::MIN }; n_classes];
            for (at, &class) in classes.iter().enumerate() {
                selection[at * n_classes + class] = 1.0;
                rest[class] = 0.0;
            }
            let selection = graph.floats(&[classes.len(), n_classes], &selection);
            let rest = graph.floats(&[n_classes], &rest);
            scores = graph.node("MatMul", &[&scores, &selection], &[]);
            scores = graph.node("Add", &[&scores, &rest], &[]);
        }
        let name = match has_probabilities {
            true => "probabilities",
            false => "decision_function",
        };
        graph.output(&scores, name, Element::Float, Some(n_classes));
    }

    /// Probabilities as the model gives them, from those of the method: calculated in double precision as there, since a
    /// temperature makes much of very small ones. The logits are those of [`Logits::of_proba`].
    ///
    /// [`Logits::of_proba`]: crate::metrics::Logits::of_proba
    fn probabilities(&self, graph: &mut Graph, outputs: &str, binary: bool) -> String {
        let mut scores = graph.cast(outputs, Element::Double);
        if binary {
            let one = graph.doubles(&[1], &[1.0]);
            let other = graph.node("Sub", &[&one, &scores], &[]);
            scores = graph.node("Concat", &[&other, &scores], &[("axis", 1)]);
        }
        if let Some(temperature) = self.card().temperature.filter(|&t| t != 1.0) {
            let floor = graph.doubles(&[1], &[self.card().probability_floor.unwrap_or(0.0)]);
            let inverse = graph.doubles(&[1], &[1.0 / temperature]);
            let raised = graph.node("Add", &[&scores, &floor], &[]);
            let logits = graph.node("Log", &[&raised], &[]);
            let scaled = graph.node("Mul", &[&logits, &inverse], &[]);
            scores = graph.node("Softmax", &[&scaled], &[("axis", 1)]);
        }
        graph.cast(&scores, Element::Float)
    }

    /// What a user of the file must know.
    fn metadata(&self, state: &ModelState) -> Vec<StringStringEntryProto> {
        let json = |names: &[String]| serde_json::to_string(names).unwrap_or_default();
        let mut entries = vec![
            ("method", self.card().method.clone()),
            ("pipeline", self.card().pipeline.clone()),
            ("recipe", self.card().recipe.clone().unwrap_or_default()),
            ("labels", json(&self.card().labels)),
            ("feature_names", json(&self.card().feature_names)),
        ];
        if let (false, Ok((_, means))) = (self.card().frames.is_empty(), state.f32("bands.mean")) {
            entries.push(("frames", json(&self.card().frames)));
            entries.push(("band_means", serde_json::to_string(means).unwrap_or_default()));
        }
        if self.styles().is_some() {
            entries.push(("not_exported", "styles".to_owned()));
        }
        entries
            .into_iter()
            .map(|(key, value)| StringStringEntryProto {
                key: key.to_owned(),
                value,
            })
            .collect()
    }
}

/// The methods that can be exported, in words.
fn exported() -> String {
    let mut names: Vec<&str> = Method::every()
        .filter(|method| method.entry().onnx.is_some())
        .map(|method| method.name())
        .collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    match names.split_last() {
        Some((last, names)) => format!("{} and {last}", names.join(", ")),
        None => "none".to_owned(),
    }
}
