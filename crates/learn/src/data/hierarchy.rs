//! The tree that labels stand in.

use crate::error::{LearnError, Result, same_length};

/// The tree that labels stand in: each has one parent or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    parent: Vec<Option<usize>>,
    /// Labels, each behind its parent.
    order: Vec<usize>,
    /// Steps up to the root: 0 for a root.
    level: Vec<usize>,
}

impl Hierarchy {
    /// A tree from the parent of each label.
    ///
    /// # Errors
    /// `BadHierarchy` where a parent is no label, or a label is among its own ancestors.
    pub fn new(parent: Vec<Option<usize>>) -> Result<Self> {
        let n_labels = parent.len();
        let mut level = vec![0; n_labels];
        for (label, steps) in level.iter_mut().enumerate() {
            let mut at = label;
            while let Some(above) = parent[at] {
                if above >= n_labels || *steps == n_labels {
                    return Err(LearnError::BadHierarchy { label });
                }
                (at, *steps) = (above, *steps + 1);
            }
        }
        let mut order: Vec<usize> = (0..n_labels).collect();
        order.sort_by_key(|&label| level[label]);
        Ok(Self { parent, order, level })
    }

    /// Labels without any tree: each is a root.
    pub fn flat(n_labels: usize) -> Self {
        Self {
            parent: vec![None; n_labels],
            order: (0..n_labels).collect(),
            level: vec![0; n_labels],
        }
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.parent.len()
    }

    /// The parent of a label.
    pub fn parent(&self, label: usize) -> Option<usize> {
        self.parent[label]
    }

    /// The parent of each label.
    pub fn parents(&self) -> &[Option<usize>] {
        &self.parent
    }

    /// Steps from a label up to its root; 0 for a root.
    pub fn level(&self, label: usize) -> usize {
        self.level[label]
    }

    /// Labels in an order in which every one comes behind its parent.
    pub fn top_down(&self) -> &[usize] {
        &self.order
    }

    /// Labels, each right before those below it; those beside each other in the order that they are listed in.
    pub fn depth_first(&self) -> Vec<usize> {
        let below = |parent: Option<usize>| {
            (0..self.n_labels())
                .rev()
                .filter(move |&label| self.parent[label] == parent)
        };
        let mut labels = Vec::with_capacity(self.n_labels());
        let mut open: Vec<usize> = below(None).collect();
        while let Some(label) = open.pop() {
            labels.push(label);
            open.extend(below(Some(label)));
        }
        labels
    }

    /// Adds to a row's labels all that stand above them.
    pub fn add_ancestors(&self, row: &mut [bool]) {
        for &label in self.order.iter().rev() {
            if let Some(parent) = self.parent[label]
                && row[label]
            {
                row[parent] = true;
            }
        }
    }

    /// Makes a row's probabilities keep to the tree: from the roots down, each becomes the smaller one of its own and its
    /// parent's, so that no genre is likelier than the genre above it. A root's is never changed.
    pub fn cohere(&self, row: &mut [f64]) {
        for &label in &self.order {
            if let Some(parent) = self.parent[label] {
                row[label] = row[label].min(row[parent]);
            }
        }
    }

    /// The tree of a selection of labels: what lost its parent hangs below the next one above that is still there.
    ///
    /// # Errors
    /// `ShapeMismatch` where an index is not below [`Hierarchy::n_labels`].
    pub fn take_labels(&self, indices: &[usize]) -> Result<Self> {
        let mut place = vec![None; self.n_labels()];
        for (at, &label) in indices.iter().enumerate() {
            match place.get_mut(label) {
                Some(place) => *place = Some(at),
                None => {
                    return same_length("labels of a tree", self.n_labels(), label + 1)
                        .map(|()| self.clone());
                }
            }
        }
        let above = |&label: &usize| {
            let mut at = self.parent[label];
            while let Some(parent) = at {
                if place[parent].is_some() {
                    return place[parent];
                }
                at = self.parent[parent];
            }
            None
        };
        Self::new(indices.iter().map(above).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 0 Rock, 1 Punk below it, 2 Post-Punk below that, 3 Folk.
    fn tree() -> Hierarchy {
        Hierarchy::new(vec![None, Some(0), Some(1), None]).unwrap()
    }

    #[test]
    fn no_label_is_likelier_than_the_one_above_it() {
        let tree = tree();
        let mut row = [0.5, 0.7, 0.6, 0.9];
        tree.cohere(&mut row);
        assert_eq!(row, [0.5, 0.5, 0.5, 0.9]);
        // What keeps to the tree already stays as it is.
        let mut row = [0.5, 0.4, 0.3, 0.0];
        tree.cohere(&mut row);
        assert_eq!(row, [0.5, 0.4, 0.3, 0.0]);
        // Parents may stand behind their children in the list.
        let upside_down = Hierarchy::new(vec![Some(1), Some(2), None]).unwrap();
        let mut row = [0.9, 0.8, 0.1];
        upside_down.cohere(&mut row);
        assert_eq!(row, [0.1; 3]);
        assert_eq!(
            (upside_down.level(0), upside_down.top_down()),
            (2, &[2, 1, 0][..])
        );
    }

    #[test]
    fn labels_bring_those_above_them() {
        let mut row = [false, false, true, false];
        tree().add_ancestors(&mut row);
        assert_eq!(row, [true, true, true, false]);
    }

    #[test]
    fn a_selection_hangs_below_what_is_left() {
        let without_punk = tree().take_labels(&[2, 3, 0]).unwrap();
        assert_eq!(without_punk.parents(), [Some(2), None, None]);
        assert!(tree().take_labels(&[4]).is_err());
    }

    #[test]
    fn circles_are_refused() {
        assert_eq!(
            Hierarchy::new(vec![None, Some(2), Some(1)]).unwrap_err(),
            LearnError::BadHierarchy { label: 1 }
        );
        assert!(Hierarchy::new(vec![Some(0)]).is_err());
        assert!(Hierarchy::new(vec![Some(7)]).is_err());
    }
}
