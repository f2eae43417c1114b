//! What several candidates have in common: fits that would be the same run are done once.

use std::collections::BTreeMap;

use crate::estimator::{Classifier, Method, PathEnd};
use crate::params::ParamValue;

/// Candidates that one run serves: they differ at most in where it ends.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    /// The ends in ascending order, each with the candidates that have it; `None` where the method has no such thing.
    pub(super) ends: Vec<(Option<PathEnd>, Vec<usize>)>,
}

/// Puts candidates together, in the order of the first of each group.
///
/// - Candidates whose parameters are the same, defaults included, are one.
/// - The perceptron's `learning_rate` schedule belongs to the solver `sgd`; the others do not look at it.
/// - The perceptron's run up to `max_iter` of 100 is the beginning of its run up to 200, and a run with a constant learning
///   rate is the beginning of one with an adaptive rate, up to where the score first stalls.
pub(super) fn groups(candidates: &[(usize, Box<dyn Classifier>)]) -> Vec<Group> {
    let mut group_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<BTreeMap<Option<PathEnd>, Vec<usize>>> = Vec::new();
    for (index, classifier) in candidates {
        let mut same: BTreeMap<&str, ParamValue> = classifier.params().into_iter().collect();
        let end = match classifier.method() {
            Method::Mlp => end_of(&mut same),
            _ => None,
        };
        // The text of the parameters is their identity: they are in order and numbers are written one way.
        let key = format!("{same:?}");
        let at = *group_of.entry(key).or_insert_with(|| {
            groups.push(BTreeMap::new());
            groups.len() - 1
        });
        groups[at].entry(end).or_default().push(*index);
    }
    groups
        .into_iter()
        .map(|ends| Group {
            ends: ends.into_iter().collect(),
        })
        .collect()
}

/// Takes out of a perceptron's parameters what only decides where its run ends.
fn end_of(params: &mut BTreeMap<&str, ParamValue>) -> Option<PathEnd> {
    let word = |params: &BTreeMap<&str, ParamValue>, name: &str| params.get(name).map(ToString::to_string);
    let sgd = word(params, "solver").as_deref() == Some("sgd");
    let schedule = word(params, "learning_rate");
    let adaptive = sgd && schedule.as_deref() == Some("adaptive");
    if !sgd || adaptive || schedule.as_deref() == Some("constant") {
        params.remove("learning_rate");
    }
    match params.remove("max_iter") {
        Some(ParamValue::Int(max_iter)) => Some(PathEnd {
            max_iter: usize::try_from(max_iter).ok()?,
            adaptive,
        }),
        _ => None,
    }
}
