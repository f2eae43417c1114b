//! A fitted stack as named arrays: its members below `member.{k}.`, the final estimator below `last.`.

use serde::{Deserialize, Serialize};

use super::fitted::{FittedMember, FittedStacking};
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method};
use crate::preprocess::{FittedPipeline, FittedSteps, Pipeline};
use crate::state::{ModelState, bad_state};

/// What is known of a member besides its arrays.
#[derive(Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) text: String,
    pub(super) method: String,
    pub(super) pipeline: String,
    pub(super) temperature: Option<f64>,
}

/// The most members that a file may name.
const MAX_MEMBERS: usize = 1000;

impl FittedStacking {
    /// `classes`, `member.{k}.columns` and what belongs to each member, the final estimator and the columns passed through.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        state.put_indices("classes", &self.classes)?;
        let mut facts = Vec::with_capacity(self.members.len());
        for (k, member) in self.members.iter().enumerate() {
            let prefix = format!("member.{k}.");
            state.put_indices(&format!("{prefix}columns"), &member.columns)?;
            member.pipeline.put(&mut state, &prefix)?;
            facts.push(Facts {
                text: member.text.clone(),
                method: member.pipeline.model().method().name().to_owned(),
                pipeline: member.pipeline.steps().pipeline().to_string(),
                temperature: member.temperature,
            });
        }
        state.put_fact("members", facts);
        self.last.put(&mut state, "last.")?;
        state.put_fact("final", self.last.model().method().name());
        if let Some(steps) = &self.passed {
            steps.put(&mut state, "passed.")?;
            state.put_fact("passthrough", steps.pipeline().to_string());
        }
        Ok(state)
    }
}

/// The model of a state.
pub(super) fn from_state(
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    let classes = state.classes(n_classes, 2)?;
    let facts: Vec<Facts> = state.fact("members")?;
    if facts.is_empty() || facts.len() > MAX_MEMBERS {
        return Err(bad_state("a stack has 1 to 1000 members"));
    }
    let mut members = Vec::with_capacity(facts.len());
    for (k, facts) in facts.into_iter().enumerate() {
        let prefix = format!("member.{k}.");
        let columns = state.indices(&format!("{prefix}columns"), n_features)?;
        if columns.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(bad_state("a member's columns must be in ascending order"));
        }
        let parts = (method(&facts.method)?, &read(&facts.pipeline)?);
        if facts.temperature.is_some_and(|t| !(t.is_finite() && t > 0.0)) {
            return Err(bad_state("a temperature is not above 0"));
        }
        members.push(FittedMember {
            pipeline: FittedPipeline::read(state, &prefix, parts, columns.len(), n_classes)?,
            columns,
            text: facts.text,
            temperature: facts.temperature,
        });
    }
    let passed = match state.fact::<Option<String>>("passthrough")? {
        Some(pipeline) => Some(FittedSteps::read(
            state,
            "passed.",
            &read(&pipeline)?,
            n_features,
            n_classes,
        )?),
        None => None,
    };
    let of_member = if classes.len() == 2 { 1 } else { classes.len() };
    let n_seen = members.len() * of_member + passed.as_ref().map_or(0, FittedSteps::n_outputs);
    let parts = (method(&state.fact::<String>("final")?)?, &Pipeline::default());
    let last = FittedPipeline::read(state, "last.", parts, n_seen, n_classes)?;
    Ok(Box::new(FittedStacking {
        n_features,
        n_classes,
        classes,
        members,
        passed,
        last,
    }))
}

/// A method that can be a member: not a stack, so that files cannot nest them without end.
pub(super) fn method(name: &str) -> Result<Method> {
    match name.parse::<Method>() {
        Ok(method) if method != Method::STACKING => Ok(method),
        _ => Err(bad_state(format!("`{name}` is no method of a member"))),
    }
}

fn read(pipeline: &str) -> Result<Pipeline> {
    pipeline
        .parse()
        .map_err(|_| bad_state(format!("`{pipeline}` is no pipeline")))
}
