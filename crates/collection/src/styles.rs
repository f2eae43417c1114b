//! All genres of rows, along their tree: what a model with styles says beside the one genre. The same for every front end.

use cratedigger_learn::model::Styles as Model;
use cratedigger_learn::{Hierarchy, Matrix};

use crate::error::Result;

/// What stands between a genre and the one below it, where both are told in one line.
const BELOW: &str = " › ";

/// All genres of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Styles {
    /// Names of the genres.
    pub names: Vec<String>,
    /// The tree that they stand in.
    pub tree: Hierarchy,
    /// The probability of each genre, row after row; they need not sum to one, and none is larger than that of the genre above.
    pub probabilities: Vec<f64>,
    /// The genres that are named of each row, each behind the one above it; indices into the names.
    pub named: Vec<Vec<usize>>,
}

impl Styles {
    /// What a model says of rows of its features. `may_be_named`: of which rows anything is named at all.
    ///
    /// # Errors
    /// `Model` where a value is missing that its preprocessing does not fill.
    pub fn of(model: &Model, x: &Matrix, may_be_named: impl Fn(usize) -> bool) -> Result<Self> {
        let said = model.predict(x)?;
        let named = said.named.into_iter().enumerate();
        Ok(Self {
            names: model.names().to_vec(),
            tree: model.tree().clone(),
            probabilities: said.probabilities.as_slice().to_vec(),
            named: named
                .map(|(row, named)| if may_be_named(row) { named } else { Vec::new() })
                .collect(),
        })
    }

    /// The probabilities of a row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.probabilities[row * self.names.len()..(row + 1) * self.names.len()]
    }

    /// The name of the genre above one.
    pub fn parent(&self, label: usize) -> Option<&str> {
        self.tree.parent(label).map(|parent| self.names[parent].as_str())
    }

    /// Genres of a row from the likeliest down; of equal ones that above first.
    pub fn ranked(&self, row: usize) -> Vec<usize> {
        let mut ranked = self.tree.depth_first();
        let row = self.row(row);
        ranked.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        ranked
    }

    /// The likeliest named genre of a row below `genre` that no other named one is below of; of equal ones the first of the tree.
    pub fn best_below(&self, row: usize, genre: &str) -> Option<&str> {
        let top = self.names.iter().position(|name| name == genre)?;
        let is_below = |label: usize| {
            let mut above = self.tree.parent(label);
            while above.is_some_and(|at| at != top) {
                above = above.and_then(|at| self.tree.parent(at));
            }
            above.is_some()
        };
        let p = self.row(row);
        let mut best: Option<usize> = None;
        for label in self.last(row).filter(|&label| is_below(label)) {
            if best.is_none_or(|best| p[label] > p[best]) {
                best = Some(label);
            }
        }
        best.map(|label| self.names[label].as_str())
    }

    /// The named genres of a row that no other named one is below of.
    fn last(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let named = &self.named[row];
        let has_other = move |label: usize| named.iter().any(|&other| self.tree.parent(other) == Some(label));
        named.iter().copied().filter(move |&label| !has_other(label))
    }

    /// The named genres of a row that no other one is below of, each with those above it in front (`Rock › Punk`), and its probability.
    pub fn paths(&self, row: usize) -> Vec<(String, f64)> {
        let path = |label: usize| {
            let mut names = vec![self.names[label].as_str()];
            let mut at = label;
            while let Some(parent) = self.tree.parent(at) {
                names.push(&self.names[parent]);
                at = parent;
            }
            names.reverse();
            (names.join(BELOW), self.row(row)[label])
        };
        self.last(row).map(path).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn genres_are_told_with_those_above_them() {
        let styles = Styles {
            names: ["Folk", "Punk", "Rock", "Post-Punk", "Noise"]
                .map(str::to_owned)
                .to_vec(),
            tree: Hierarchy::new(vec![None, Some(2), None, Some(1), None]).unwrap(),
            probabilities: vec![0.3, 0.5, 0.75, 0.5, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0],
            named: vec![vec![0, 2, 1, 3], vec![]],
        };
        let paths = styles.paths(0);
        assert_eq!(
            paths,
            [
                ("Folk".to_owned(), 0.3),
                ("Rock › Punk › Post-Punk".to_owned(), 0.5)
            ]
        );
        assert!(styles.paths(1).is_empty());
        assert_eq!(styles.best_below(0, "Rock"), Some("Post-Punk"));
        for (row, genre) in [
            (0, "Folk"),
            (0, "Noise"),
            (0, "Post-Punk"),
            (0, "Polka"),
            (1, "Rock"),
        ] {
            assert_eq!(styles.best_below(row, genre), None, "{genre}");
        }
        assert_eq!(styles.ranked(0), [2, 1, 3, 0, 4]);
        assert_eq!((styles.parent(3), styles.parent(0)), (Some("Punk"), None));
        assert_eq!(styles.row(1), [0.0; 5]);
    }
}
