//! The forest as named arrays, tree after tree.

use super::fitted::FittedForest;
use super::nodes::{LEAF, Node, Tree};
use crate::error::Result;
use crate::estimator::FittedClassifier;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl FittedForest {
    /// `n_nodes` (of each tree); of each node `child` (left, of a leaf 0), `feature` and `threshold`; of each leaf `n_shares`;
    /// `share_class` (places in `classes`) and `share`; `importance`, `classes`; the out-of-bag accuracy as a fact.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let nodes = || self.trees.iter().flat_map(|tree| &tree.nodes);
        let of_split = |of: fn(&Node) -> u32| -> Vec<usize> {
            nodes()
                .map(|node| {
                    if node.feature == LEAF {
                        0
                    } else {
                        of(node) as usize
                    }
                })
                .collect()
        };
        let n_nodes: Vec<usize> = self.trees.iter().map(|tree| tree.nodes.len()).collect();
        state.put_indices("n_nodes", &n_nodes)?;
        state.put_indices("child", &of_split(|node| node.child))?;
        state.put_indices("feature", &of_split(|node| node.feature))?;
        let threshold: Vec<f64> = nodes().map(|node| node.threshold).collect();
        state.put("threshold", &[threshold.len()], TensorValues::F64(threshold))?;
        // Leaves in the order of their nodes.
        let (mut n_shares, mut classes, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for tree in &self.trees {
            for node in tree.nodes.iter().filter(|node| node.feature == LEAF) {
                let of_leaf = tree.shares_of(node.child as usize);
                n_shares.push(of_leaf.len());
                classes.extend(of_leaf.iter().map(|&(class, _)| class as usize));
                shares.extend(of_leaf.iter().map(|&(_, share)| share));
            }
        }
        state.put_indices("n_shares", &n_shares)?;
        state.put_indices("share_class", &classes)?;
        state.put("share", &[shares.len()], TensorValues::F64(shares))?;
        let importance = TensorValues::F64(self.importance.clone());
        state.put("importance", &[self.importance.len()], importance)?;
        state.put_indices("classes", &self.classes)?;
        state.put_fact("out_of_bag", self.out_of_bag);
        Ok(state)
    }
}

/// The forest of a state. Children come after their parent, so that every path ends.
pub(super) fn read(state: &ModelState, n_features: usize, n_classes: usize) -> Result<FittedForest> {
    let classes = state.classes(n_classes, 2)?;
    let (_, threshold) = state.f64("threshold")?;
    let (_, share) = state.f64("share")?;
    let (_, importance) = state.f64("importance")?;
    expect("importances", n_features, importance.len())?;
    let n = threshold.len();
    let child = state.indices("child", n)?;
    let feature = state.indices("feature", n_features)?;
    expect("children", n, child.len())?;
    expect("features", n, feature.len())?;
    let n_nodes = state.indices("n_nodes", n + 1)?;
    let share_class = state.indices("share_class", classes.len())?;
    expect("classes of shares", share.len(), share_class.len())?;
    let mut n_shares = state.indices("n_shares", share.len() + 1)?.into_iter();
    let (mut first, mut first_share) = (0usize, 0usize);
    let mut trees = Vec::new();
    for &n_nodes in &n_nodes {
        let end = first.saturating_add(n_nodes);
        if n_nodes == 0 || end > n {
            return Err(bad_state("a tree has no node, or more than there are"));
        }
        let mut tree = Tree::default();
        for at in first..end {
            let of_tree = at - first;
            if child[at] > 0 {
                if child[at] <= of_tree || child[at] + 1 >= n_nodes {
                    return Err(bad_state(format!("node {at} does not come before its children")));
                }
                tree.nodes.push(Node {
                    feature: feature[at] as u32,
                    child: child[at] as u32,
                    threshold: threshold[at],
                });
                continue;
            }
            let n_shares = n_shares.next().unwrap_or(0);
            let end_share = first_share.saturating_add(n_shares);
            if n_shares == 0 || end_share > share.len() {
                return Err(bad_state(format!("the leaf {at} has no shares")));
            }
            let of_leaf = first_share..end_share;
            tree.nodes.push(Node {
                feature: LEAF,
                child: tree.ends.len() as u32,
                threshold: 0.0,
            });
            let shares = share_class[of_leaf.clone()].iter().zip(&share[of_leaf]);
            for (&class, &share) in shares {
                if !(0.0..=1.0).contains(&share) {
                    return Err(bad_state(format!("the leaf {at} has a share of {share}")));
                }
                tree.shares.push((class as u32, share));
            }
            tree.ends.push(tree.shares.len() as u32);
            first_share = end_share;
        }
        trees.push(tree);
        first = end;
    }
    if trees.is_empty() || first != n || first_share != share.len() {
        return Err(bad_state("there are nodes or shares of no tree, or no trees"));
    }
    Ok(FittedForest {
        trees,
        importance: importance.to_vec(),
        out_of_bag: state.fact("out_of_bag")?,
        classes,
        n_classes,
    })
}

/// The model of a state.
pub(super) fn from_state(
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    Ok(Box::new(read(state, n_features, n_classes)?))
}
