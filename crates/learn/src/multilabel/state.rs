//! A fitted model of several labels as named arrays.

use super::fit::{FittedLabels, Member, Members};
use crate::data::dataset::check_names;
use crate::data::hierarchy::Hierarchy;
use crate::error::Result;
use crate::estimator::{LabelModel, Method};
use crate::methods::mlp::LabelNetwork;
use crate::preprocess::{FittedSteps, Pipeline};
use crate::state::{ModelState, bad_state};

/// The most labels that a file may name.
const MAX_LABELS: usize = 10_000;

impl FittedLabels {
    /// Names, tree, preprocessing and, below `label.{k}.` or `all.`, what each model learnt.
    ///
    /// # Errors
    /// `BadState` where a weight is not finite; `Unsupported` for a model that cannot be saved.
    pub fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        state.put_fact("method", self.method.name());
        state.put_fact("pipeline", self.steps.pipeline().to_string());
        state.put_fact("labels", &self.names);
        state.put_fact("parents", self.tree.parents());
        self.steps.put(&mut state, "")?;
        match &self.members {
            Members::All(model) => state.put_part("all.", "all.", model.state()?),
            Members::Each(members) => {
                let always: Vec<Option<f64>> = members
                    .iter()
                    .map(|member| match member {
                        Member::Always(value) => Some(*value),
                        Member::Fitted(_) => None,
                    })
                    .collect();
                state.put_fact("always", always);
                for (label, member) in members.iter().enumerate() {
                    if let Member::Fitted(model) = member {
                        let prefix = format!("label.{label}.");
                        state.put_part(&prefix, &prefix, model.state()?);
                    }
                }
            }
        }
        Ok(state)
    }

    /// The model of a state.
    ///
    /// # Errors
    /// `BadState` where it is none; `UnknownMethod`.
    pub fn from_state(state: &ModelState, n_features: usize) -> Result<Self> {
        let method: Method = state.fact::<String>("method")?.parse()?;
        let text: String = state.fact("pipeline")?;
        let pipeline: Pipeline = text
            .parse()
            .map_err(|_| bad_state(format!("`{text}` is no pipeline")))?;
        let names: Vec<String> = state.fact("labels")?;
        if names.is_empty() || names.len() > MAX_LABELS {
            return Err(bad_state("a model of several labels has 1 to 10,000 of them"));
        }
        check_names("label", &names)?;
        let tree = Hierarchy::new(state.fact("parents")?)?;
        if tree.n_labels() != names.len() {
            return Err(bad_state("the tree has not as many labels as there are names"));
        }
        let steps = FittedSteps::read(state, "", &pipeline, n_features, 1)?;
        let members = match state.fact::<Option<Vec<Option<f64>>>>("always")? {
            None => {
                let of_all = state.part("all.", "all.");
                let model = LabelNetwork::read(&of_all, steps.n_outputs(), names.len())?;
                Members::All(Box::new(model) as Box<dyn LabelModel>)
            }
            Some(always) if always.len() != names.len() => {
                return Err(bad_state("there are not as many models as labels"));
            }
            Some(always) => Members::Each(
                always
                    .into_iter()
                    .enumerate()
                    .map(|(label, always)| match always {
                        Some(value) if value == 0.0 || value == 1.0 => Ok(Member::Always(value)),
                        Some(_) => Err(bad_state("a label that all rows have, or none, is at 0 or 1")),
                        None => {
                            let prefix = format!("label.{label}.");
                            let of_label = state.part(&prefix, &prefix);
                            method
                                .restore(&of_label, steps.n_outputs(), 2)
                                .map(Member::Fitted)
                        }
                    })
                    .collect::<Result<_>>()?,
            ),
        };
        Ok(Self {
            method,
            names,
            tree,
            steps,
            members,
        })
    }
}
