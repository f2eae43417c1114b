use super::node::{Node, Split};

/// Minimal cost-complexity pruning: the weakest link is cut as long as the decrease of impurity it brings per leaf is
/// at most `alpha`.
///
/// Source: Breiman et al. 1984, section 3.3; scikit-learn, `ccp_alpha`. Ties go to the node nearest to the root.
pub(super) fn prune(mut nodes: Vec<Node>, alpha: f64) -> Vec<Node> {
    let total: f64 = nodes[0].weights.iter().sum();
    let risk: Vec<f64> = nodes
        .iter()
        .map(|node| node.impurity * node.weights.iter().sum::<f64>() / total)
        .collect();
    loop {
        // Children come after their parents, so the leaves below a node are known when the node is reached.
        let mut leaves = vec![(0.0, 0usize); nodes.len()];
        let mut weakest: Option<(f64, usize)> = None;
        for (index, node) in nodes.iter().enumerate().rev() {
            let Some(split) = node.split else {
                leaves[index] = (risk[index], 1);
                continue;
            };
            let (left, right) = (leaves[split.left], leaves[split.right]);
            leaves[index] = (left.0 + right.0, left.1 + right.1);
            let link = (risk[index] - leaves[index].0) / (leaves[index].1 - 1) as f64;
            if weakest.is_none_or(|(best, _)| link <= best) {
                weakest = Some((link, index));
            }
        }
        match weakest {
            // Below a node that was cut nothing is reached, but its links were looked at: cut nodes lose their split.
            Some((link, index)) if link <= alpha => cut(&mut nodes, index),
            _ => return compact(&nodes),
        }
    }
}

/// Makes a node a leaf, and every node below it too.
fn cut(nodes: &mut [Node], index: usize) {
    let mut below = vec![index];
    while let Some(index) = below.pop() {
        if let Some(split) = nodes[index].split.take() {
            below.extend([split.left, split.right]);
        }
    }
}

/// The nodes that are still reached, in order.
fn compact(nodes: &[Node]) -> Vec<Node> {
    let mut new_index = vec![0; nodes.len()];
    let mut kept = vec![0];
    let mut at = 0;
    while at < kept.len() {
        if let Some(split) = nodes[kept[at]].split {
            for child in [split.left, split.right] {
                new_index[child] = kept.len();
                kept.push(child);
            }
        }
        at += 1;
    }
    let moved = |split: Split| Split {
        left: new_index[split.left],
        right: new_index[split.right],
        ..split
    };
    kept.iter()
        .map(|&index| Node {
            split: nodes[index].split.map(moved),
            ..nodes[index].clone()
        })
        .collect()
}
