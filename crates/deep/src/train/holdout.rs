//! Groups that are held out of a training, to know when to stop.

use std::collections::BTreeMap;

use cratedigger_stats::SeededRng;

use super::streams::Stream;

/// Rows to learn from and rows to stop by, both in order; the latter are empty where nothing can be spared.
pub(crate) struct Holdout {
    pub(crate) train: Vec<usize>,
    pub(crate) held_out: Vec<usize>,
}

/// Holds out whole groups, class by class in random order, until each class has given this share of its rows. A group is kept where
/// without it a class would have less than half of its rows to learn from.
pub(crate) fn hold_out(
    rows: &[usize],
    label: impl Fn(usize) -> usize,
    group: impl Fn(usize) -> usize,
    fraction: f64,
    seed: u64,
) -> Holdout {
    let all = || Holdout {
        train: rows.to_vec(),
        held_out: Vec::new(),
    };
    if fraction <= 0.0 {
        return all();
    }
    let mut groups: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    let mut classes: BTreeMap<usize, usize> = BTreeMap::new();
    for &row in rows {
        *groups
            .entry(group(row))
            .or_default()
            .entry(label(row))
            .or_default() += 1;
        *classes.entry(label(row)).or_default() += 1;
    }
    let mut order: Vec<usize> = groups.keys().copied().collect();
    SeededRng::stream(seed, Stream::Holdout.number()).shuffle(&mut order);
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut held_out = std::collections::BTreeSet::new();
    for (&class, &n_rows) in &classes {
        let wanted = ((n_rows as f64 * fraction).round() as usize).max(1);
        for name in &order {
            let of_group = &groups[name];
            let before = taken.get(&class).copied().unwrap_or(0);
            if before >= wanted {
                break;
            }
            let spared = of_group.iter().all(|(class, n)| {
                let gone = taken.get(class).copied().unwrap_or(0) + n;
                2 * gone <= classes[class]
            });
            if of_group.contains_key(&class) && spared && held_out.insert(*name) {
                for (class, n) in of_group {
                    *taken.entry(*class).or_default() += n;
                }
            }
        }
    }
    if held_out.is_empty() {
        return all();
    }
    let (held_out, train) = rows.iter().partition(|&&row| held_out.contains(&group(row)));
    Holdout { train, held_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_groups_of_each_class_are_held_out() {
        let rows: Vec<usize> = (0..400).filter(|row| row % 7 != 3).collect();
        let (label, group) = (|row: usize| row / 10 % 4, |row: usize| row / 10);
        let Holdout { train, held_out } = hold_out(&rows, label, group, 0.2, 5);
        assert_eq!(train.len() + held_out.len(), rows.len());
        assert!(
            train
                .iter()
                .all(|row| !held_out.iter().any(|out| group(*out) == group(*row)))
        );
        for class in 0..4 {
            let n = |rows: &[usize]| rows.iter().filter(|&&row| label(row) == class).count() as f64;
            let share = n(&held_out) / n(&rows);
            assert!((0.15..0.35).contains(&share), "{class}: {share}");
        }
        assert_ne!(hold_out(&rows, label, group, 0.2, 6).held_out, held_out);
        assert_eq!(hold_out(&rows, label, group, 0.2, 5).held_out, held_out);
    }

    #[test]
    fn nothing_is_held_out_that_cannot_be_spared() {
        let rows: Vec<usize> = (0..20).collect();
        assert!(hold_out(&rows, |row| row % 2, |_| 0, 0.2, 0).held_out.is_empty());
        assert!(
            hold_out(&rows, |row| row % 2, |row| row, 0.0, 0)
                .held_out
                .is_empty()
        );
        // one class is of one artist
        let out = hold_out(
            &rows,
            |row| row / 10,
            |row| if row < 10 { 99 } else { row },
            0.2,
            0,
        );
        assert_eq!(out.held_out.len(), 2);
        assert!(out.held_out.iter().all(|&row| row >= 10));
    }
}
