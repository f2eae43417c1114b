//! All genres of a track: rows with several labels, in the tree of `genres.csv`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cratedigger_catalog::Store;
use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::{Dataset, Hierarchy, LabelMatrix};

use super::archive::assemble_labelled;
use super::for_learning::Request;
use super::genres::GenreTree;
use super::known::Known;
use super::options::{DataOptions, GenreChoice, GenreLists, LabelRule};
use super::selection::Labels;
use super::source::{self, Kind};
use super::tables::read_genres;
use crate::error::{Error, Result, refuse};
use crate::listener::Listener;
use crate::table::{Table, list_at};

/// Artists (or other groups) that a genre must have at least: with fewer none is left to be tested on.
const FEWEST_GROUPS: usize = 5;

/// Rows with all of their genres.
pub struct SeveralGenres {
    /// Features, artists, albums; the class of each row is the root of the first of its genres, by which folds are balanced.
    pub data: Dataset,
    /// The genres of each row.
    pub labels: LabelMatrix,
    /// The tree that they stand in: that of `genres.csv` for `genres_all`, none for `genres`.
    pub tree: Hierarchy,
    /// Genres of too few rows or artists, most rows first.
    pub left_out: Vec<LeftOut>,
    /// Rows that have none of the genres that are left; they stay, as rows without any.
    pub n_without_label: usize,
    /// Tracks with a genre, but without complete features.
    pub n_without_features: u64,
    /// Records of tables that could not be read.
    pub n_rejected: u64,
}

/// A genre that is not learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its title.
    pub name: String,
    /// Rows that have it.
    pub n_rows: usize,
    /// Groups of these rows.
    pub n_groups: usize,
}

/// Reads tables with all genres of their tracks. `min_support`: rows that a genre must have at least; it must also be of five
/// artists at least.
///
/// # Errors
/// `Choice` where the data are no tables, or no genre is left; `MissingTable` without `genres.csv`; as
/// [`for_learning`](super::for_learning()).
pub fn several_genres(
    request: &Request,
    lists: GenreLists,
    min_support: usize,
    listener: &dyn Listener,
) -> Result<SeveralGenres> {
    let [path] = request.data.as_slice() else {
        refuse!(
            Choice,
            "all genres of a track ({lists}) are read from one folder of tables or store"
        );
    };
    if source::kind_of_all(&request.data)? != Kind::Tables {
        refuse!(
            Choice,
            "all genres of a track ({lists}) are read from the dataset's tables, and {} is neither a store nor a folder of them",
            path.display()
        );
    }
    if request.genres != GenreChoice::All || !request.inputs.is_empty() || request.features_out.is_some() {
        refuse!(
            Choice,
            "all genres of a track ({lists}) are learnt from the tables' features; leave out --genres, --inputs and --features-out"
        );
    }
    let (store, n_rejected) = source::open(path, &request.reading, listener)?;
    let options = DataOptions {
        genres: GenreChoice::All,
        labels: LabelRule::Unambiguous,
        features: request.features.clone(),
        keep_incomplete: false,
    };
    let mut rows = several_of_store(&store, lists, &options, min_support)?;
    rows.n_rejected = n_rejected;
    Ok(rows)
}

/// The same of an open store, without saying anything. Of the options the features are looked at.
///
/// # Errors
/// As [`several_genres`].
pub fn several_of_store(
    store: &Store,
    lists: GenreLists,
    options: &DataOptions,
    min_support: usize,
) -> Result<SeveralGenres> {
    let Some(tree) = read_genres(store)? else {
        return Err(Error::MissingTable {
            table: "genres",
            present: format!("tracks, but {lists} needs the names and the tree of genres (genres.csv)"),
        });
    };
    let known = Known::of_store(store)?;
    let of_track = lists_of(&known, &tree, lists)?;
    let labels = roots(&of_track, &tree);
    let (selection, data) = assemble_labelled(store, options, &known, &labels)?.into_data()?;
    let place: HashMap<&RowId, usize> = known.ids.iter().zip(0..).collect();
    let of_row: Vec<&BTreeSet<i64>> = data
        .row_ids
        .iter()
        .filter_map(|&id| Some(&of_track[*place.get(&RowId::Track(id))?]))
        .collect();
    let (labels, tree, left_out) = label_rows(&data, &of_row, &tree, lists, min_support)?;
    Ok(SeveralGenres {
        n_without_label: labels.rows().filter(|row| !row.contains(&true)).count(),
        n_without_features: selection.without_features.n + selection.incomplete_features.n,
        n_rejected: 0,
        data,
        labels,
        tree,
        left_out,
    })
}

/// The genres of each track that the tree lists; with `genres_all`, also all that stand above them.
fn lists_of(known: &Known, tree: &GenreTree, lists: GenreLists) -> Result<Vec<BTreeSet<i64>>> {
    let table = Table::new("tracks", &known.genres);
    let column = table.int64_lists(lists.column())?;
    let own = table.int64_lists(GenreLists::Genres.column())?;
    if column.is_none() && own.is_none() {
        return Err(Error::MissingColumn {
            table: "tracks",
            column: lists.column().to_owned(),
            present: "no column of genres' numbers".to_owned(),
        });
    }
    let of_row = |row| {
        let ids = list_at(column.as_ref(), row).or_else(|| list_at(own.as_ref(), row));
        let mut found = BTreeSet::new();
        for &id in ids.unwrap_or_default() {
            let mut at = tree.title(id).is_some().then_some(id);
            while let Some(genre) = at {
                found.insert(genre);
                at = match lists {
                    GenreLists::GenresAll => tree.parent(genre),
                    GenreLists::Genres => None,
                };
            }
        }
        found
    };
    Ok((0..table.n_rows()).map(of_row).collect())
}

/// The root of the first genre of each track, as its class.
fn roots(of_track: &[BTreeSet<i64>], tree: &GenreTree) -> Labels {
    let root = |genres: &BTreeSet<i64>| genres.iter().find_map(|&id| tree.root(id));
    let mut ids: Vec<i64> = of_track
        .iter()
        .filter_map(root)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let title = |id: i64| tree.title(id).unwrap_or_default();
    ids.sort_by_key(|&id| (title(id), id));
    let class: BTreeMap<i64, usize> = ids.iter().zip(0..).map(|(&id, class)| (id, class)).collect();
    Labels {
        classes: ids.iter().map(|&id| title(id).to_owned()).collect(),
        by_frequency: ids.iter().map(|&id| title(id).to_owned()).collect(),
        class_of: of_track
            .iter()
            .map(|genres| class.get(&root(genres)?).copied())
            .collect(),
        n_labelled: of_track.iter().filter(|genres| !genres.is_empty()).count() as u64,
        notes: Vec::new(),
    }
}

/// Labels and their tree, without those of too few rows.
fn label_rows(
    data: &Dataset,
    of_row: &[&BTreeSet<i64>],
    tree: &GenreTree,
    lists: GenreLists,
    min_support: usize,
) -> Result<(LabelMatrix, Hierarchy, Vec<LeftOut>)> {
    let mut rows_of: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (row, genres) in of_row.iter().enumerate() {
        genres
            .iter()
            .for_each(|&id| rows_of.entry(id).or_default().push(row));
    }
    let groups = |rows: &[usize]| match &data.groups {
        Some(groups) => rows.iter().map(|&row| groups[row]).collect::<BTreeSet<_>>().len(),
        None => rows.len(),
    };
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for (&id, rows) in &rows_of {
        let n_groups = groups(rows);
        if rows.len() >= min_support.max(1) && n_groups >= FEWEST_GROUPS {
            kept.push(id);
        } else {
            left_out.push(LeftOut {
                name: name_of(tree, id),
                n_rows: rows.len(),
                n_groups,
            });
        }
    }
    left_out.sort_by(|a, b| (b.n_rows, &a.name).cmp(&(a.n_rows, &b.name)));
    if kept.is_empty() {
        refuse!(
            Choice,
            "none of the {} genres has {min_support} rows or more with features, of {FEWEST_GROUPS} artists or more",
            rows_of.len()
        );
    }
    kept.sort_by_key(|&id| (name_of(tree, id), id));
    let place: BTreeMap<i64, usize> = kept.iter().zip(0..).map(|(&id, at)| (id, at)).collect();
    let labels: Vec<Vec<usize>> = of_row
        .iter()
        .map(|genres| genres.iter().filter_map(|id| place.get(id).copied()).collect())
        .collect();
    let labels = LabelMatrix::new(kept.iter().map(|&id| name_of(tree, id)).collect(), &labels)?;
    let above = |&id: &i64| {
        let mut at = tree.parent(id);
        while let Some(parent) = at {
            if let Some(&place) = place.get(&parent) {
                return Some(place);
            }
            at = tree.parent(parent);
        }
        None
    };
    let hierarchy = match lists {
        GenreLists::GenresAll => Hierarchy::new(kept.iter().map(above).collect())?,
        GenreLists::Genres => Hierarchy::flat(kept.len()),
    };
    Ok((labels, hierarchy, left_out))
}

/// The title of a genre; with its number where another genre has the same.
fn name_of(tree: &GenreTree, id: i64) -> String {
    let title = tree.title(id).unwrap_or_default();
    match tree
        .ids()
        .any(|other| other != id && tree.title(other) == Some(title))
    {
        true => format!("{title} ({id})"),
        false => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use cratedigger_learn::Matrix;

    use super::*;

    /// 1 Rock, 2 Punk below it, 3 Post-Punk below that, 4 Folk, 5 a Punk of Folk's.
    fn tree() -> GenreTree {
        let batch = RecordBatch::try_from_iter([
            (
                "genre_id",
                Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5])) as ArrayRef,
            ),
            ("parent", Arc::new(Int64Array::from(vec![0, 1, 2, 0, 4]))),
            (
                "title",
                Arc::new(StringArray::from(vec![
                    "Rock",
                    "Punk",
                    "Post-Punk",
                    "Folk",
                    "Punk",
                ])),
            ),
            ("top_level", Arc::new(Int64Array::from(vec![1, 1, 1, 4, 4]))),
        ]);
        GenreTree::read(&batch.unwrap()).unwrap()
    }

    #[test]
    fn genres_of_few_rows_or_artists_are_left_out_and_the_tree_closes_over_them() {
        // Ten rows of Post-Punk by ten artists, ten of Folk by two, and Punk alone on four rows.
        let lists = (0..24).map(|row| match row {
            0..10 => BTreeSet::from([1, 2, 3]),
            10..20 => BTreeSet::from([4]),
            _ => BTreeSet::from([1, 5]),
        });
        let lists: Vec<BTreeSet<i64>> = lists.collect();
        let of_row: Vec<&BTreeSet<i64>> = lists.iter().collect();
        let x = Matrix::new(24, 1, vec![0.0; 24]).unwrap();
        let mut data = Dataset::new(x, vec![0; 24], vec!["all".into()]).unwrap();
        data.groups = Some(
            (0..24)
                .map(|row| {
                    if (10..20).contains(&row) {
                        100 + row % 2
                    } else {
                        row
                    }
                })
                .collect(),
        );
        let (labels, found, left_out) =
            label_rows(&data, &of_row, &tree(), GenreLists::GenresAll, 5).unwrap();
        assert_eq!(labels.names(), ["Post-Punk", "Punk (2)", "Rock"]);
        assert_eq!(found.parents(), [Some(1), Some(2), None]);
        assert_eq!(labels.support(), [10, 10, 14]);
        let out: Vec<(&str, usize, usize)> = left_out
            .iter()
            .map(|genre| (genre.name.as_str(), genre.n_rows, genre.n_groups))
            .collect();
        assert_eq!(out, [("Folk", 10, 2), ("Punk (5)", 4, 4)]);
        let (labels, found, _) = label_rows(&data, &of_row, &tree(), GenreLists::Genres, 11).unwrap();
        assert_eq!(
            (labels.names(), found.parents()),
            (&["Rock".to_owned()][..], &[None][..])
        );
        let none = label_rows(&data, &of_row, &tree(), GenreLists::Genres, 15)
            .err()
            .unwrap();
        assert!(none.to_string().contains("15 rows"), "{none}");
    }

    #[test]
    fn folds_are_balanced_by_the_root_of_the_first_genre() {
        let lists = [BTreeSet::from([3, 4]), BTreeSet::new(), BTreeSet::from([5])];
        let labels = roots(&lists, &tree());
        assert_eq!(labels.classes, ["Folk", "Rock"]);
        assert_eq!(labels.class_of, [Some(1), None, Some(0)]);
        assert_eq!(labels.n_labelled, 2);
    }
}
