//! Circles of arrows.

use std::collections::{BTreeMap, BTreeSet};

/// Who points at whom, by name.
pub(crate) type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The groups of names that reach each other, each in order.
pub(crate) fn all(arrows: &Arrows) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = arrows
        .keys()
        .map(|name| (name, reachable(arrows, name)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut groups = Vec::new();
    for name in arrows.keys() {
        if seen.contains(name) || !reached[name].contains(name) {
            continue;
        }
        let group: Vec<String> = reached[name]
            .iter()
            .filter(|other| reached.get(**other).is_some_and(|back| back.contains(name)))
            .map(|other| (*other).clone())
            .collect();
        seen.extend(group.iter().cloned());
        groups.push(group);
    }
    groups
}

/// The first group, if there is one.
pub(crate) fn first(arrows: &Arrows) -> Option<Vec<String>> {
    all(arrows).into_iter().next()
}

/// Whatever can be reached by one arrow or more.
fn reachable<'a>(arrows: &'a Arrows, from: &str) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = vec![from];
    while let Some(name) = open.pop() {
        for next in arrows.get(name).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}
