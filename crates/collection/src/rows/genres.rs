//! The genre tree: titles, and the root that a genre belongs to.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;

use crate::error::Result;
use crate::table::{Table, text_at, value_at};

/// The `genres` table as a tree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GenreTree {
    titles: BTreeMap<i64, String>,
    roots: BTreeMap<i64, i64>,
    /// The genre above, where the table lists it.
    parents: BTreeMap<i64, i64>,
}

impl GenreTree {
    /// Reads `genre_id`, `title`, `top_level` and `parent`. A genre without `top_level` is followed up its parents; a
    /// genre whose root cannot be found is its own.
    ///
    /// # Errors
    /// `MissingColumn` without `genre_id` or `title`, `ColumnType`.
    pub fn read(genres: &RecordBatch) -> Result<Self> {
        let table = Table::new("genres", genres);
        table.column("genre_id")?;
        table.column("title")?;
        let ids = table.int64("genre_id")?;
        let titles = table.text("title")?;
        let top_level = table.int64("top_level")?;
        let parents = table.int64("parent")?;
        let mut tree = Self::default();
        let mut parent_of = BTreeMap::new();
        let mut top_of = BTreeMap::new();
        for row in 0..table.n_rows() {
            let Some(id) = value_at(ids.as_ref(), row) else {
                continue;
            };
            let title = text_at(titles.as_ref(), row).map_or_else(|| format!("genre {id}"), str::to_owned);
            tree.titles.insert(id, title);
            if let Some(parent) = value_at(parents.as_ref(), row).filter(|&parent| parent != 0) {
                parent_of.insert(id, parent);
            }
            if let Some(top) = value_at(top_level.as_ref(), row).filter(|&top| top != 0) {
                top_of.insert(id, top);
            }
        }
        parent_of.retain(|id, parent| id != parent && tree.titles.contains_key(parent));
        for &id in tree.titles.keys() {
            let mut root = id;
            let mut seen = BTreeSet::new();
            while seen.insert(root) {
                if let Some(&top) = top_of.get(&root) {
                    root = top;
                    break;
                }
                match parent_of.get(&root) {
                    Some(parent) if tree.titles.contains_key(parent) => root = *parent,
                    _ => break,
                }
            }
            let root = if tree.titles.contains_key(&root) { root } else { id };
            tree.roots.insert(id, root);
        }
        tree.parents = without_circles(parent_of);
        Ok(tree)
    }

    /// How many genres the table lists.
    pub fn n_genres(&self) -> usize {
        self.titles.len()
    }

    /// The root of a genre; `None` for an id that the table does not list.
    pub fn root(&self, genre_id: i64) -> Option<i64> {
        self.roots.get(&genre_id).copied()
    }

    /// The title of a genre.
    pub fn title(&self, genre_id: i64) -> Option<&str> {
        self.titles.get(&genre_id).map(String::as_str)
    }

    /// The genre above a genre; `None` for a root.
    pub fn parent(&self, genre_id: i64) -> Option<i64> {
        self.parents.get(&genre_id).copied()
    }

    /// The ids of all genres, in order.
    pub fn ids(&self) -> impl Iterator<Item = i64> + '_ {
        self.titles.keys().copied()
    }

    /// The ids of the genres that are their own root, in order.
    pub fn root_ids(&self) -> impl Iterator<Item = i64> + '_ {
        self.roots
            .iter()
            .filter(|(id, root)| id == root)
            .map(|(&id, _)| id)
    }
}

/// The parents of those genres whose ancestors end at a root; genres that are their own ancestors have none.
fn without_circles(parents: BTreeMap<i64, i64>) -> BTreeMap<i64, i64> {
    let ends = |&id: &i64| {
        let mut seen = BTreeSet::from([id]);
        let mut at = id;
        while let Some(&parent) = parents.get(&at) {
            if !seen.insert(parent) {
                return parent != id;
            }
            at = parent;
        }
        true
    };
    parents
        .iter()
        .filter(|(id, _)| ends(id))
        .map(|(&id, &parent)| (id, parent))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    #[test]
    fn roots_come_from_top_level_or_up_the_parents() {
        let ids = Int64Array::from(vec![12, 25, 89, 3, 7, 8, 50]);
        let parents = Int64Array::from(vec![0, 12, 25, 0, 8, 7, 999]);
        // 12 Rock and 25 Punk say so themselves; 89 is followed; 7 and 8 are each other's parents; 50's is unknown.
        let tops = Int64Array::from(vec![Some(12), Some(12), None, None, None, None, None]);
        let titles = StringArray::from(vec!["Rock", "Punk", "Post-Punk", "Blues", "A", "B", "Lost"]);
        let batch = RecordBatch::try_from_iter([
            ("genre_id", Arc::new(ids) as ArrayRef),
            ("parent", Arc::new(parents)),
            ("title", Arc::new(titles)),
            ("top_level", Arc::new(tops)),
        ])
        .unwrap();
        let tree = GenreTree::read(&batch).unwrap();
        assert_eq!(tree.n_genres(), 7);
        let roots: Vec<Option<i64>> = [12, 25, 89, 3, 50, 1000]
            .iter()
            .map(|&id| tree.root(id))
            .collect();
        assert_eq!(roots, [Some(12), Some(12), Some(12), Some(3), Some(50), None]);
        assert!(tree.root(7).is_some());
        assert_eq!(
            [89, 25, 12, 7, 8, 50].map(|id| tree.parent(id)),
            [Some(25), Some(12), None, None, None, None]
        );
        assert_eq!(tree.ids().count(), 7);
        assert_eq!(tree.title(89), Some("Post-Punk"));
        let without_title = batch.project(&[0, 1]).unwrap();
        let error = GenreTree::read(&without_title).unwrap_err().to_string();
        assert!(error.contains("`genres`") && error.contains("`title`"), "{error}");
    }
}
