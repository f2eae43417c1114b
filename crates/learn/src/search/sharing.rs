//! What several candidates have in common: fits that would be the same run are done once.

use std::collections::BTreeMap;

use crate::estimator::{Classifier, RunEnd};

/// Candidates that one run serves: they differ at most in where it ends.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    /// The ends in ascending order, each with the candidates that have it; `None` where the method has no such thing.
    pub(super) ends: Vec<(Option<RunEnd>, Vec<usize>)>,
}

/// Puts candidates together, in the order of the first of each group: those whose [`Run`](crate::estimator::Run) is the
/// same, defaults included.
pub(super) fn groups(candidates: &[(usize, Box<dyn Classifier>)]) -> Vec<Group> {
    let mut group_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<BTreeMap<Option<RunEnd>, Vec<usize>>> = Vec::new();
    for (index, classifier) in candidates {
        let run = classifier.run();
        // The text of the parameters is their identity: they are in order and numbers are written one way.
        let key = format!("{:?}", run.params);
        let at = *group_of.entry(key).or_insert_with(|| {
            groups.push(BTreeMap::new());
            groups.len() - 1
        });
        groups[at].entry(run.end).or_default().push(*index);
    }
    groups
        .into_iter()
        .map(|ends| Group {
            ends: ends.into_iter().collect(),
        })
        .collect()
}
