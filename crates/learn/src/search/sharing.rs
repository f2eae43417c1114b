//! What several candidates have in common: fits that would be the same run are done once.

use std::collections::BTreeMap;

use super::space::Params;
use crate::classifier::Method;
use crate::params::ParamValue;

/// Candidates that one run serves: all parameters that matter are the same but the iteration limit.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    /// Iteration limits in ascending order, each with the candidates that have it.
    pub(super) limits: Vec<(Option<usize>, Vec<usize>)>,
}

/// Puts candidates together, in the order of the first of each group.
///
/// - Candidates with the same parameters are one.
/// - The perceptron's `learning_rate` schedule belongs to the solver `sgd`; the others do not look at it.
/// - The perceptron's run up to `max_iter` of 100 is the beginning of its run up to 200.
pub(super) fn groups(method: Method, candidates: &[(usize, &Params)]) -> Vec<Group> {
    let mut group_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<BTreeMap<Option<usize>, Vec<usize>>> = Vec::new();
    for &(index, params) in candidates {
        let mut same = params.clone();
        let mut limit = None;
        if method == Method::Mlp {
            let sgd = ParamValue::Text("sgd".to_owned());
            if same.get("solver") != Some(&sgd) {
                same.remove("learning_rate");
            }
            if let Some(ParamValue::Int(max_iter)) = same.get("max_iter") {
                limit = usize::try_from(*max_iter).ok();
            }
            if limit.is_some() {
                same.insert("max_iter".to_owned(), ParamValue::None);
            }
        }
        // A map's text is its identity: keys are in order and numbers are written one way.
        let key = serde_json::to_string(&same).unwrap_or_default();
        let at = *group_of.entry(key).or_insert_with(|| {
            groups.push(BTreeMap::new());
            groups.len() - 1
        });
        groups[at].entry(limit).or_default().push(index);
    }
    groups
        .into_iter()
        .map(|limits| Group {
            limits: limits.into_iter().collect(),
        })
        .collect()
}
