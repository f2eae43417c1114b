//! One place that numbers classes and puts together what belongs together: from rows with what is known of them to a data set.

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::{Dataset, Matrix};

use super::known::Known;
use super::selection::Labels;
use crate::error::Result;

/// What a data set is built with.
pub(crate) struct DatasetBuilder<'a> {
    /// What is known of the rows.
    pub(crate) known: &'a Known,
    /// The class of each of them.
    pub(crate) labels: &'a Labels,
}

/// A data set, and what came up while it was built.
pub(crate) struct Built {
    pub(crate) data: Dataset,
    /// Selected genres without a row; they are no classes.
    pub(crate) emptied: Vec<String>,
}

impl DatasetBuilder<'_> {
    /// A data set of features and names of rows. `rows` are their places in what is known; each has a class.
    ///
    /// # Errors
    /// `Learn` where the parts do not fit together.
    pub(crate) fn build(
        &self,
        rows: &[usize],
        x: Matrix,
        feature_names: Vec<String>,
        ids: &[RowId],
    ) -> Result<Built> {
        let Self { known, labels } = self;
        let mut counts = vec![0_u64; labels.classes.len()];
        for class in rows.iter().filter_map(|&row| labels.class_of[row]) {
            counts[class] += 1;
        }
        // Classes that have no row, or lost all of theirs on the way, are none.
        let mut new_index = vec![None; labels.classes.len()];
        let (mut classes, mut emptied) = (Vec::new(), Vec::new());
        for (class, name) in labels.classes.iter().enumerate() {
            if counts[class] > 0 {
                new_index[class] = Some(classes.len());
                classes.push(name.clone());
            } else {
                emptied.push(name.clone());
            }
        }
        // Of no row known is not known at all.
        let of_rows = |known: &[Option<i64>]| {
            let known: Vec<Option<i64>> = rows.iter().map(|&row| known[row]).collect();
            known.iter().any(Option::is_some).then_some(known)
        };
        let official: Option<Vec<_>> = rows.iter().map(|&row| known.parts[row]).collect();
        let mut data = Dataset {
            x,
            y: rows
                .iter()
                .filter_map(|&row| new_index[labels.class_of[row]?])
                .collect(),
            classes,
            feature_names,
            row_ids: row_ids(ids),
            groups: None,
            artists: of_rows(&known.artists),
            albums: of_rows(&known.albums),
            official: official.filter(|parts| !parts.is_empty()),
        };
        data.check()?;
        data.unite_groups();
        Ok(Built { data, emptied })
    }
}

/// Numbers of rows that are called so: the track, or the place where rows have names. They do not depend on rows that were
/// left out before, so that the same rows are the same data.
pub(crate) fn row_ids(ids: &[RowId]) -> Vec<i64> {
    let number = |(at, id): (usize, &RowId)| match id {
        RowId::Track(id) => *id,
        RowId::Name(_) => at as i64,
    };
    ids.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow::array::RecordBatch;
    use arrow::datatypes::Schema;

    use super::*;

    #[test]
    fn classes_without_rows_are_none_and_rows_of_an_album_belong_together() {
        let known = Known {
            ids: (10..14).map(RowId::Track).collect(),
            genres: RecordBatch::new_empty(Schema::empty().into()),
            artists: vec![Some(7), None, Some(-3), None],
            albums: vec![Some(1), None, None, Some(1)],
            parts: vec![None; 4],
        };
        let labels = Labels {
            classes: ["Folk", "Jazz", "Rock"].map(str::to_owned).to_vec(),
            class_of: vec![Some(2), Some(0), Some(1), Some(2)],
            ..Labels::default()
        };
        let builder = DatasetBuilder {
            known: &known,
            labels: &labels,
        };
        let rows = [3, 0, 1];
        let ids: Vec<RowId> = rows.iter().map(|&row| known.ids[row].clone()).collect();
        let x = Matrix::new(3, 1, vec![0.5; 3]).unwrap();
        let built = builder.build(&rows, x, vec!["zcr".to_owned()], &ids).unwrap();
        assert_eq!(built.data.classes, ["Folk", "Rock"]);
        assert_eq!(built.data.y, [1, 1, 0]);
        assert_eq!(built.emptied, ["Jazz"]);
        assert_eq!(built.data.row_ids, [13, 10, 11]);
        // The first row has no artist, but the album of the second.
        assert_eq!(built.data.artists, Some(vec![None, Some(7), None]));
        assert_eq!(built.data.albums, Some(vec![Some(1), Some(1), None]));
        assert_eq!(built.data.groups, Some(vec![7, 7, -1]));
        assert_eq!(built.data.n_without_artist(), 2);
        assert_eq!(built.data.official, None);
    }
}
