use super::fold::Fold;
use crate::data::dataset::{Dataset, Part, class_counts};
use crate::error::{LearnError, Result};
use cratedigger_stats::rng::SeededRng;

/// Numbers of test and training rows: scikit-learn's rounding (`_validate_shuffle_split`).
pub(super) fn test_rows(n_rows: usize, test_size: f64) -> Result<usize> {
    let n_test = (test_size * n_rows as f64).ceil() as usize;
    if n_test == 0 || n_test >= n_rows {
        let reason = format!("a test share of {test_size} leaves one side empty");
        return Err(LearnError::CannotSplit { n_rows, reason });
    }
    Ok(n_test)
}

pub(super) fn random(n_rows: usize, test_size: f64, seed: u64) -> Result<Fold> {
    let n_test = test_rows(n_rows, test_size)?;
    let order = SeededRng::new(seed).permutation(n_rows);
    let mut in_test = vec![false; n_rows];
    for &row in &order[..n_test] {
        in_test[row] = true;
    }
    Ok(from_mask(&in_test))
}

/// `name`: what a class is called.
pub(super) fn stratified(
    y: &[usize],
    n_classes: usize,
    name: &dyn Fn(usize) -> String,
    test_size: f64,
    seed: u64,
) -> Result<Fold> {
    let n_test = test_rows(y.len(), test_size)?;
    let counts = class_counts(y, n_classes);
    if let Some(class) = counts.iter().position(|&count| count == 1) {
        let name = name(class);
        let reason = format!("`{name}` has one row only, which cannot be on both sides");
        return Err(LearnError::CannotSplit {
            n_rows: y.len(),
            reason,
        });
    }
    let n_present = counts.iter().filter(|&&count| count > 0).count();
    if n_test < n_present || y.len() - n_test < n_present {
        let reason = format!("{n_present} classes need at least as many rows on each side");
        return Err(LearnError::CannotSplit {
            n_rows: y.len(),
            reason,
        });
    }
    // The training side is allotted first, the test side from what is left, as scikit-learn does.
    let train = allot(&counts, y.len() - n_test);
    let mut test_of_class: Vec<usize> = counts
        .iter()
        .zip(&train)
        .map(|(count, train)| count - train)
        .collect();
    let mut rng = SeededRng::new(seed);
    let mut in_test = vec![false; y.len()];
    for row in rng.permutation(y.len()) {
        if test_of_class[y[row]] > 0 {
            test_of_class[y[row]] -= 1;
            in_test[row] = true;
        }
    }
    Ok(from_mask(&in_test))
}

/// Divides `n_draws` over the classes in proportion to `counts`: the whole parts, then one more to the largest
/// remainders (ties: the lowest class).
///
/// Source: scikit-learn, `_approximate_mode`. Differs: ties are not drawn at random.
pub(super) fn allot(counts: &[usize], n_draws: usize) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    let mut allotted: Vec<usize> = counts.iter().map(|count| count * n_draws / total).collect();
    let missing = n_draws - allotted.iter().sum::<usize>();
    let mut by_remainder: Vec<usize> = (0..counts.len()).collect();
    by_remainder.sort_by_key(|&class| std::cmp::Reverse(counts[class] * n_draws % total));
    for &class in &by_remainder[..missing] {
        allotted[class] += 1;
    }
    allotted
}

/// One side from these parts of the dataset's own split, the other from another part; rows of the parts left are on neither.
///
/// # Errors
/// `MissingForSplit` where the parts are not known; `CannotSplit` where a side would stay empty.
pub fn official_fold(data: &Dataset, train: &[Part], test: Part) -> Result<Fold> {
    let Some(parts) = &data.official else {
        let needs = "the part (training, validation or test) of every row";
        return Err(LearnError::MissingForSplit {
            split: "official",
            needs,
        });
    };
    let of = |wanted: &[Part]| -> Vec<usize> {
        (0..parts.len())
            .filter(|&row| wanted.contains(&parts[row]))
            .collect()
    };
    let fold = Fold {
        train: of(train),
        test: of(&[test]),
    };
    if fold.train.is_empty() || fold.test.is_empty() {
        let names: Vec<&str> = train.iter().map(|part| part.name()).collect();
        let reason = format!(
            "the official split has {} {} and {} {} rows here",
            fold.train.len(),
            names.join(" and "),
            fold.test.len(),
            test.name()
        );
        return Err(LearnError::CannotSplit {
            n_rows: parts.len(),
            reason,
        });
    }
    Ok(fold)
}

pub(super) fn from_mask(in_test: &[bool]) -> Fold {
    let (test, train) = (0..in_test.len()).partition(|&row| in_test[row]);
    Fold { train, test }
}
