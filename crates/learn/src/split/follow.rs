use std::collections::{BTreeMap, BTreeSet};

use super::Splitter;
use super::fold::Fold;
use crate::data::dataset::Dataset;
use crate::error::Result;

/// A division of more rows that agrees with one that is there: what is held out there is held out here.
///
/// `held_out`: for each row that was divided before, by its id, whether it was held out. Where the splitter keeps groups whole, all rows
/// of a held-out row's group are held out, and all others of groups that are known stay; groups (or rows) of which nothing is known yet are
/// divided by the splitter. The dataset's own split needs no example. `None` for rows that were held out one by one: what is not known
/// is trained on.
///
/// # Errors
/// Those of [`Splitter::hold_out`] for the official split.
pub fn follow(
    data: &Dataset,
    held_out: &BTreeMap<i64, bool>,
    splitter: Option<Splitter>,
    test_size: f64,
    seed: u64,
) -> Result<Fold> {
    if splitter == Some(Splitter::Official) {
        return Splitter::Official.hold_out(data, test_size, seed);
    }
    let told = |row: usize| data.row_ids.get(row).and_then(|id| held_out.get(id)).copied();
    let whole = matches!(splitter, Some(Splitter::Artist | Splitter::ArtistPlain));
    let groups = data.groups.as_ref().filter(|_| whole);
    let rows = 0..data.n_rows();
    let (mut of_test, mut known) = (BTreeSet::new(), BTreeSet::new());
    for (row, group) in groups.into_iter().flatten().enumerate() {
        if let Some(held_out) = told(row) {
            known.insert(*group);
            if held_out {
                of_test.insert(*group);
            }
        }
    }
    let side = |row: usize| match groups {
        None => told(row),
        Some(groups) => known
            .contains(&groups[row])
            .then(|| of_test.contains(&groups[row])),
    };
    let (known, new): (Vec<usize>, Vec<usize>) = rows.partition(|&row| side(row).is_some());
    let (mut test, mut train): (Vec<usize>, Vec<usize>) =
        known.into_iter().partition(|&row| side(row) == Some(true));
    // Too few new ones to be divided are trained on.
    let divided = match splitter {
        Some(splitter) if !new.is_empty() => splitter.hold_out(&data.take_rows(&new)?, test_size, seed).ok(),
        _ => None,
    };
    match divided {
        Some(fold) => {
            test.extend(fold.test.iter().map(|&at| new[at]));
            train.extend(fold.train.iter().map(|&at| new[at]));
        }
        None => train.extend(new),
    }
    test.sort_unstable();
    train.sort_unstable();
    Ok(Fold { train, test })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::three_classes;

    #[test]
    fn what_is_held_out_stays_so_with_its_artists_and_new_artists_are_divided() {
        let mut data = three_classes();
        data.row_ids = (1000..1120).collect();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        // Of the artists 0 to 19 every second track was divided before; those of 0 to 4 are held out. Artist 19 was on both sides.
        let told: BTreeMap<i64, bool> = (0..80)
            .step_by(2)
            .map(|row| (1000 + row, row < 20 || row == 78))
            .collect();
        for splitter in [Splitter::Artist, Splitter::ArtistPlain] {
            data.artists = splitter
                .eq(&Splitter::ArtistPlain)
                .then(|| (0..120).map(|row| Some(row / 4)).collect());
            let fold = follow(&data, &told, Some(splitter), 0.3, 0).unwrap();
            let artists = |rows: &[usize]| rows.iter().map(|row| row / 4).collect::<BTreeSet<_>>();
            let (test, train) = (artists(&fold.test), artists(&fold.train));
            assert!(test.is_disjoint(&train) && fold.test.len() + fold.train.len() == 120);
            assert!((0..5).all(|artist| test.contains(&artist)) && test.contains(&19));
            assert!((5..19).all(|artist| train.contains(&artist)));
            // Of the ten new ones three.
            assert_eq!(test.range(20..).count(), 3, "{splitter}");
        }
        // A random split takes rows by themselves.
        let fold = follow(&data, &told, Some(Splitter::Random), 0.5, 0).unwrap();
        let of_told = |row: &usize| told.contains_key(&(1000 + *row as i64));
        assert_eq!(
            fold.test.iter().copied().filter(of_told).collect::<Vec<_>>(),
            (0..20).step_by(2).chain([78]).collect::<Vec<_>>()
        );
        assert_eq!(fold.test.len(), 11 + 40);
        // What was given one by one.
        let fold = follow(&data, &told, None, 0.5, 0).unwrap();
        assert_eq!(fold.test, (0..20).step_by(2).chain([78]).collect::<Vec<_>>());
        // New rows that cannot be divided are trained on.
        let all: BTreeMap<i64, bool> = (1000..1119).map(|id| (id, id < 1040)).collect();
        let fold = follow(&data, &all, Some(Splitter::Random), 0.5, 0).unwrap();
        assert_eq!((fold.test.len(), fold.train.len()), (40, 80));
    }
}
