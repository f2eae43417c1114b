//! Missing values: how much of each column is missing, and which columns are missing together.
//!
//! A value is missing where pandas' `isnull` says so for the table that the dataset's own `utils.load` returns: an empty
//! cell. An empty list (`[]`) is a value.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Float64Type, Schema};
use cratedigger_catalog::{Store, TableId};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// The proportion above which a column counts as poorly filled, as in the study's source.
pub const THRESHOLD: f64 = 0.20;

/// The column that identifies a row; it is the index, not a column of the study.
const INDEX: &str = "track_id";

/// Rows that are read at a time: the tracks' texts need not fit into memory.
const BATCH_ROWS: usize = 32_768;

/// The finding `missingness`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Missingness {
    /// Rows that were looked at.
    pub n_tracks: u64,
    /// The proportion above which a column is listed in `above_threshold`.
    pub threshold: f64,
    /// Every column: those above the threshold first, grouped by level, then the others; each in the table's own order.
    pub columns: Vec<ColumnMissingness>,
    /// The columns above the threshold, by level.
    pub above_threshold: Vec<LevelMissingness>,
    /// Every pair of columns whose phi is defined, greatest phi first; ties in the order of the columns.
    pub phi: Vec<Phi>,
    /// Columns without a phi, because they never or always miss.
    pub phi_undefined: Vec<PhiUndefined>,
}

/// How much of one column is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnMissingness {
    /// The column, such as `album.date_released`.
    pub column: String,
    /// What a row of it describes: `album`, `artist`, `set` or `track`.
    pub level: String,
    /// Rows.
    pub n: u64,
    /// Rows without a value.
    pub n_missing: u64,
    /// `n_missing / n`; 0 for a table without rows.
    pub proportion: f64,
}

/// The columns of one level above the threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelMissingness {
    /// `album`, `artist`, `set` or `track`.
    pub level: String,
    /// Its columns above the threshold, in the table's order.
    pub columns: Vec<String>,
}

/// The association of two columns' missing values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phi {
    /// The column that comes first in the table.
    pub a: String,
    /// The other column.
    pub b: String,
    /// The phi coefficient, in \[-1, 1\].
    pub phi: f64,
    /// Rows that were compared.
    pub n: u64,
    /// Rows where `a` is missing.
    pub n_a_missing: u64,
    /// Rows where `b` is missing.
    pub n_b_missing: u64,
    /// Rows where both are missing.
    pub n_both_missing: u64,
}

/// A column that has no phi with any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhiUndefined {
    /// The column.
    pub column: String,
    /// Why: `never missing` or `always missing`.
    pub reason: String,
}

/// Missingness of the tracks in a store, read a piece at a time.
///
/// # Errors
/// `Catalog` where the table cannot be read.
pub fn of_store(store: &Store) -> Result<Missingness> {
    let mut counts: Option<Counts> = None;
    for batch in store.read_batches(TableId::Tracks, None, BATCH_ROWS)? {
        let batch = batch?;
        counts
            .get_or_insert_with(|| Counts::new(&batch.schema()))
            .push(&batch);
    }
    let counts = match counts {
        Some(counts) => counts,
        None => Counts::new(store.schema(TableId::Tracks)?.as_ref()),
    };
    Ok(counts.finish())
}

/// Missingness of a whole table in one batch; see [`Counts`] for tables that come in pieces.
pub fn missingness(tracks: &RecordBatch) -> Missingness {
    let mut counts = Counts::new(&tracks.schema());
    counts.push(tracks);
    counts.finish()
}

/// The phi coefficient of two binary variables, from counts: `n` rows, `n_a` and `n_b` of them marked, `n_both` in both.
///
/// `phi = (n n_both - n_a n_b) / sqrt(n_a (n - n_a) n_b (n - n_b))`, which is Pearson's correlation of the two indicators
/// (numpy `corrcoef`). Numerator and product are exact integers, so that equal columns give exactly 1. `None` where one of
/// the variables is constant. Source: Yule (1912), "On the methods of measuring association between two attributes".
///
/// # Panics
/// If a count is above `n`, or `n` is 2^32 or more.
pub fn phi(n: u64, n_a: u64, n_b: u64, n_both: u64) -> Option<f64> {
    assert!(n < 1 << 32 && n_a <= n && n_b <= n && n_both <= n_a.min(n_b));
    if n_a == 0 || n_a == n || n_b == 0 || n_b == n {
        return None;
    }
    let numerator = i128::from(n) * i128::from(n_both) - i128::from(n_a) * i128::from(n_b);
    let variance_a = u128::from(n_a) * u128::from(n - n_a);
    let variance_b = u128::from(n_b) * u128::from(n - n_b);
    let phi = numerator as f64 / ((variance_a * variance_b) as f64).sqrt();
    Some(phi.clamp(-1.0, 1.0))
}

/// Counts of missing values of a table that may come in several batches; the result does not depend on how it is cut.
#[derive(Debug, Clone)]
pub struct Counts {
    columns: Vec<String>,
    n: u64,
    missing: Vec<u64>,
    /// Rows where both miss, for `a < b`, in the order (0, 1), (0, 2), ..., (1, 2), ...
    both: Vec<u64>,
}

impl Counts {
    /// Nothing counted yet, for tables with these columns.
    pub fn new(schema: &Schema) -> Self {
        let columns: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .filter(|name| name != INDEX)
            .collect();
        let n_pairs = columns.len() * columns.len().saturating_sub(1) / 2;
        Self {
            n: 0,
            missing: vec![0; columns.len()],
            both: vec![0; n_pairs],
            columns,
        }
    }

    /// Adds the rows of a batch. A column that the batch does not have counts as missing throughout.
    pub fn push(&mut self, batch: &RecordBatch) {
        let n_rows = batch.num_rows();
        let bitmaps: Vec<Bitmap> = self
            .columns
            .par_iter()
            .map(|name| {
                batch
                    .column_by_name(name)
                    .map_or_else(|| Bitmap::full(n_rows), |array| Bitmap::missing(array))
            })
            .collect();
        self.n += n_rows as u64;
        for (total, bitmap) in self.missing.iter_mut().zip(&bitmaps) {
            *total += bitmap.n_set;
        }
        let n_columns = bitmaps.len();
        let first_pairs = (0..n_columns).flat_map(|a| (a + 1..n_columns).map(move |b| (a, b)));
        let pairs: Vec<(usize, usize)> = first_pairs.collect();
        self.both
            .par_iter_mut()
            .zip(pairs)
            .for_each(|(both, (a, b))| *both += bitmaps[a].n_common(&bitmaps[b]));
    }

    /// Proportions and phi coefficients of all rows so far.
    pub fn finish(&self) -> Missingness {
        let all: Vec<ColumnMissingness> = self
            .columns
            .iter()
            .zip(&self.missing)
            .map(|(column, &n_missing)| ColumnMissingness {
                column: column.clone(),
                level: level(column).to_owned(),
                n: self.n,
                n_missing,
                proportion: if self.n == 0 {
                    0.0
                } else {
                    n_missing as f64 / self.n as f64
                },
            })
            .collect();
        let (mut above, below): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|column| column.proportion > THRESHOLD);
        let mut levels: Vec<LevelMissingness> = Vec::new();
        for column in &above {
            match levels.iter_mut().find(|entry| entry.level == column.level) {
                Some(entry) => entry.columns.push(column.column.clone()),
                None => {
                    levels.push(LevelMissingness {
                        level: column.level.clone(),
                        columns: vec![column.column.clone()],
                    });
                }
            }
        }
        // Grouped by level even where a table mixes the levels' columns.
        above.sort_by_key(|column| levels.iter().position(|entry| entry.level == column.level));
        above.extend(below);

        Missingness {
            n_tracks: self.n,
            threshold: THRESHOLD,
            columns: above,
            above_threshold: levels,
            phi: self.phi(),
            phi_undefined: self.phi_undefined(),
        }
    }

    fn phi(&self) -> Vec<Phi> {
        let mut pairs = Vec::new();
        let mut both = self.both.iter();
        for (a, name_a) in self.columns.iter().enumerate() {
            for (b, name_b) in self.columns.iter().enumerate().skip(a + 1) {
                let n_both = both.next().copied().unwrap_or_default();
                if let Some(phi) = phi(self.n, self.missing[a], self.missing[b], n_both) {
                    pairs.push(Phi {
                        a: name_a.clone(),
                        b: name_b.clone(),
                        phi,
                        n: self.n,
                        n_a_missing: self.missing[a],
                        n_b_missing: self.missing[b],
                        n_both_missing: n_both,
                    });
                }
            }
        }
        // Stable: equal values stay in the order of the columns.
        pairs.sort_by(|left, right| right.phi.total_cmp(&left.phi));
        pairs
    }

    fn phi_undefined(&self) -> Vec<PhiUndefined> {
        self.columns
            .iter()
            .zip(&self.missing)
            .filter(|&(_, &n_missing)| n_missing == 0 || n_missing == self.n)
            .map(|(column, &n_missing)| PhiUndefined {
                column: column.clone(),
                reason: if n_missing == 0 {
                    "never missing"
                } else {
                    "always missing"
                }
                .to_owned(),
            })
            .collect()
    }
}

/// What a column describes: the part of its name before the first point.
pub fn level(column: &str) -> &str {
    column.split_once('.').map_or(column, |(level, _)| level)
}

/// One bit for each row, 1 where the value is missing; bits past the end are 0.
struct Bitmap {
    words: Vec<u64>,
    n_set: u64,
}

impl Bitmap {
    fn missing(array: &dyn Array) -> Self {
        let n_rows = array.len();
        let valid = array.logical_nulls();
        let valid = match array.data_type() {
            DataType::Float64 => {
                let values = array.as_primitive::<Float64Type>().values();
                if values.iter().any(|value| value.is_nan()) {
                    let numbers =
                        NullBuffer::new(BooleanBuffer::collect_bool(n_rows, |row| !values[row].is_nan()));
                    NullBuffer::union(valid.as_ref(), Some(&numbers))
                } else {
                    valid
                }
            }
            _ => valid,
        };
        let Some(valid) = valid else {
            return Self {
                words: vec![0; n_rows.div_ceil(64)],
                n_set: 0,
            };
        };
        let mut words: Vec<u64> = valid
            .inner()
            .bit_chunks()
            .iter_padded()
            .map(|word| !word)
            .collect();
        words.truncate(n_rows.div_ceil(64));
        mask_end(&mut words, n_rows);
        let n_set = words.iter().map(|word| u64::from(word.count_ones())).sum();
        Self { words, n_set }
    }

    fn full(n_rows: usize) -> Self {
        let mut words = vec![u64::MAX; n_rows.div_ceil(64)];
        mask_end(&mut words, n_rows);
        Self {
            words,
            n_set: n_rows as u64,
        }
    }

    fn n_common(&self, other: &Self) -> u64 {
        if self.n_set == 0 || other.n_set == 0 {
            return 0;
        }
        self.words
            .iter()
            .zip(&other.words)
            .map(|(a, b)| u64::from((a & b).count_ones()))
            .sum()
    }
}

fn mask_end(words: &mut [u64], n_rows: usize) {
    if let (Some(last), rest @ 1..) = (words.last_mut(), n_rows % 64) {
        *last &= (1 << rest) - 1;
    }
}

#[cfg(test)]
mod tests;
