use super::nodes::LEAF;
use super::state;
use crate::model::error::ModelResult;
use crate::model::onnx::graph::{Attribute, Graph, Outputs};
use crate::state::ModelState;

/// Probabilities, one column for two classes, by the operator `TreeEnsembleClassifier` of `ai.onnx.ml`, which compares and adds
/// up in single precision: thresholds are rounded down, so that every row takes the same path.
pub(super) fn probabilities(
    graph: &mut Graph,
    state: &ModelState,
    values: &str,
    n_features: usize,
) -> ModelResult<Outputs> {
    let classes = state.indices("classes", usize::MAX)?;
    let forest = state::read(state, n_features, classes.last().map_or(0, |last| last + 1))?;
    let n_trees = forest.trees.len() as f64;
    let mut nodes = Nodes::default();
    let mut shares = Shares::default();
    for (tree, grown) in forest.trees.iter().enumerate() {
        for (at, node) in grown.nodes.iter().enumerate() {
            nodes.tree.push(tree as i64);
            nodes.node.push(at as i64);
            if node.feature != LEAF {
                nodes.feature.push(i64::from(node.feature));
                nodes.threshold.push(rounded_down(node.threshold));
                nodes.mode.push("BRANCH_LEQ");
                nodes.left.push(i64::from(node.child));
                nodes.right.push(i64::from(node.child) + 1);
                continue;
            }
            nodes.feature.push(0);
            nodes.threshold.push(0.0);
            nodes.mode.push("LEAF");
            nodes.left.push(0);
            nodes.right.push(0);
            for &(class, share) in grown.shares_of(node.child as usize) {
                shares.tree.push(tree as i64);
                shares.node.push(at as i64);
                shares.class.push(i64::from(class));
                shares.share.push((share / n_trees) as f32);
            }
            // Of two classes onnxruntime takes the second for the first where no leaf names it.
            if classes.len() == 2
                && grown
                    .shares_of(node.child as usize)
                    .iter()
                    .all(|&(class, _)| class == 0)
            {
                shares.tree.push(tree as i64);
                shares.node.push(at as i64);
                shares.class.push(1);
                shares.share.push(0.0);
            }
        }
    }
    let strings = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
    let outputs = graph.ml_node(
        "TreeEnsembleClassifier",
        values,
        &[
            ("nodes_treeids", Attribute::Ints(nodes.tree)),
            ("nodes_nodeids", Attribute::Ints(nodes.node)),
            ("nodes_featureids", Attribute::Ints(nodes.feature)),
            ("nodes_values", Attribute::Floats(nodes.threshold)),
            ("nodes_modes", Attribute::Strings(strings(nodes.mode))),
            ("nodes_truenodeids", Attribute::Ints(nodes.left)),
            ("nodes_falsenodeids", Attribute::Ints(nodes.right)),
            ("class_treeids", Attribute::Ints(shares.tree)),
            ("class_nodeids", Attribute::Ints(shares.node)),
            ("class_ids", Attribute::Ints(shares.class)),
            ("class_weights", Attribute::Floats(shares.share)),
            (
                "classlabels_int64s",
                Attribute::Ints((0..classes.len() as i64).collect()),
            ),
            ("post_transform", Attribute::String("NONE".to_owned())),
        ],
        2,
    );
    let probabilities = outputs[1].clone();
    if classes.len() > 2 {
        return Ok(probabilities.into());
    }
    let second = graph.indices(&[1]);
    let column = graph.node("Gather", &[&probabilities, &second], &[("axis", 1)]);
    Ok(column.into())
}

/// What the operator wants to know of each node.
#[derive(Default)]
struct Nodes {
    tree: Vec<i64>,
    node: Vec<i64>,
    feature: Vec<i64>,
    threshold: Vec<f32>,
    mode: Vec<&'static str>,
    left: Vec<i64>,
    right: Vec<i64>,
}

/// What it wants to know of each share of a leaf.
#[derive(Default)]
struct Shares {
    tree: Vec<i64>,
    node: Vec<i64>,
    class: Vec<i64>,
    share: Vec<f32>,
}

/// The largest `f32` that is not above the number.
fn rounded_down(value: f64) -> f32 {
    let nearest = value as f32;
    match f64::from(nearest) > value {
        true => nearest.next_down(),
        false => nearest,
    }
}
