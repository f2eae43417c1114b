#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, NullArray, StringArray};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// Pearson's correlation of two indicators, from its definition.
fn pearson(a: &[bool], b: &[bool]) -> f64 {
    let n = a.len() as f64;
    let value = |bit: bool| f64::from(u8::from(bit));
    let mean_a = a.iter().map(|&bit| value(bit)).sum::<f64>() / n;
    let mean_b = b.iter().map(|&bit| value(bit)).sum::<f64>() / n;
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        covariance += (value(a) - mean_a) * (value(b) - mean_b);
        variance_a += (value(a) - mean_a).powi(2);
        variance_b += (value(b) - mean_b).powi(2);
    }
    covariance / (variance_a * variance_b).sqrt()
}

fn column(missing: &[bool]) -> ArrayRef {
    Arc::new(
        missing
            .iter()
            .map(|&missing| (!missing).then_some(1))
            .collect::<Int64Array>(),
    )
}

fn table(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    RecordBatch::try_from_iter(columns.iter().map(|(name, array)| (*name, array.clone()))).unwrap()
}

fn random_columns(seed: u64, n_columns: usize, n_rows: usize) -> Vec<Vec<bool>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n_columns)
        .map(|_| {
            let share: f64 = rng.random();
            (0..n_rows).map(|_| rng.random_bool(share)).collect()
        })
        .collect()
}

fn random_table(columns: &[Vec<bool>]) -> RecordBatch {
    let names: Vec<String> = (0..columns.len()).map(|k| format!("track.c{k:02}")).collect();
    let columns: Vec<(&str, ArrayRef)> = names
        .iter()
        .zip(columns)
        .map(|(name, bits)| (name.as_str(), column(bits)))
        .collect();
    table(&columns)
}

#[test]
fn phi_by_hand() {
    // n = 10, a missing in 4, b in 5, both in 3: (10*3 - 4*5) / sqrt(4*6 * 5*5) = 10 / sqrt(600).
    assert_eq!(phi(10, 4, 5, 3), Some(10.0 / 600_f64.sqrt()));
    // The same columns, and opposite ones.
    assert_eq!(phi(7, 3, 3, 3), Some(1.0));
    assert_eq!(phi(7, 3, 4, 0), Some(-1.0));
    // Independent: 4 of 16 in a, 8 in b, 2 in both.
    assert_eq!(phi(16, 4, 8, 2), Some(0.0));
    // A constant column has no correlation.
    assert_eq!(phi(7, 0, 3, 0), None);
    assert_eq!(phi(7, 3, 7, 3), None);
    assert_eq!(phi(0, 0, 0, 0), None);
    // Large counts neither overflow nor lose the exact 1.
    assert_eq!(
        phi(4_000_000_000, 1_999_999_999, 1_999_999_999, 1_999_999_999),
        Some(1.0)
    );
}

#[test]
fn random_bitmaps_agree_with_pearson() {
    for (seed, n_rows) in [1_usize, 2, 5, 63, 64, 65, 127, 128, 129, 1000, 4097]
        .into_iter()
        .enumerate()
    {
        let columns = random_columns(seed as u64, 7, n_rows);
        let findings = missingness(&random_table(&columns));
        let mut n_defined = 0;
        for a in 0..7 {
            for b in a + 1..7 {
                let constant = |bits: &[bool]| bits.iter().all(|&bit| bit == bits[0]);
                let found = findings.phi.iter().find(|entry| {
                    (entry.a.as_str(), entry.b.as_str())
                        == (&*format!("track.c{a:02}"), &*format!("track.c{b:02}"))
                });
                if constant(&columns[a]) || constant(&columns[b]) {
                    assert!(found.is_none(), "{a} {b} of {n_rows} rows");
                    continue;
                }
                n_defined += 1;
                let want = pearson(&columns[a], &columns[b]);
                let got = found.unwrap().phi;
                assert!(
                    (got - want).abs() < 1e-12,
                    "{a} {b} of {n_rows} rows: {got} {want}"
                );
            }
        }
        assert_eq!(findings.phi.len(), n_defined);
        let n_constant = columns
            .iter()
            .filter(|bits| bits.iter().all(|&bit| bit == bits[0]))
            .count();
        assert_eq!(findings.phi_undefined.len(), n_constant);
        assert!(findings.phi.is_sorted_by(|left, right| left.phi >= right.phi));
    }
}

#[test]
fn any_cut_into_batches_gives_the_same() {
    let whole = random_table(&random_columns(3, 6, 517));
    let want = missingness(&whole);
    for size in [1, 2, 3, 6, 64, 100, 516] {
        let mut counts = Counts::new(&whole.schema());
        let mut start = 0;
        while start < whole.num_rows() {
            // A slice starts in the middle of a bitmap's byte.
            let length = size.min(whole.num_rows() - start);
            counts.push(&whole.slice(start, length));
            start += length;
        }
        assert_eq!(counts.finish(), want, "batches of {size}");
    }
}

#[test]
fn columns_come_by_threshold_level_and_order() {
    let rows =
        |n_missing: usize| -> ArrayRef { column(&(0..10).map(|row| row < n_missing).collect::<Vec<_>>()) };
    let findings = missingness(&table(&[
        ("track_id", rows(0)),
        ("album.engineer", rows(9)),
        ("album.tags", rows(2)),
        ("artist.bio", rows(3)),
        ("track.title", rows(0)),
        ("album.type", rows(10)),
        ("track.publisher", rows(10)),
    ]));
    let order: Vec<&str> = findings
        .columns
        .iter()
        .map(|column| column.column.as_str())
        .collect();
    // Exactly 20 % is not above 20 %.
    assert_eq!(
        order,
        [
            "album.engineer",
            "album.type",
            "artist.bio",
            "track.publisher",
            "album.tags",
            "track.title"
        ]
    );
    assert_eq!(findings.columns[0].proportion, 0.9);
    assert_eq!(findings.columns[0].n_missing, 9);
    let levels: Vec<(&str, usize)> = findings
        .above_threshold
        .iter()
        .map(|entry| (entry.level.as_str(), entry.columns.len()))
        .collect();
    assert_eq!(levels, [("album", 2), ("artist", 1), ("track", 1)]);
    let undefined: Vec<(&str, &str)> = findings
        .phi_undefined
        .iter()
        .map(|entry| (entry.column.as_str(), entry.reason.as_str()))
        .collect();
    assert_eq!(
        undefined,
        [
            ("track.title", "never missing"),
            ("album.type", "always missing"),
            ("track.publisher", "always missing")
        ]
    );
    // engineer-tags: (10*2 - 9*2) / sqrt(9*1 * 2*8) = 2/12; engineer-bio: (30-27)/sqrt(9*21); tags-bio: (20-6)/sqrt(16*21).
    let phi: Vec<(&str, &str, f64)> = findings
        .phi
        .iter()
        .map(|entry| (entry.a.as_str(), entry.b.as_str(), entry.phi))
        .collect();
    assert_eq!(
        phi,
        [
            ("album.tags", "artist.bio", 14.0 / 336_f64.sqrt()),
            ("album.engineer", "artist.bio", 3.0 / 189_f64.sqrt()),
            ("album.engineer", "album.tags", 2.0 / 12.0),
        ]
    );
}

#[test]
fn ties_stay_in_the_order_of_the_columns() {
    let bits = |odd: usize| -> ArrayRef { column(&(0..8).map(|row| row % 2 == odd).collect::<Vec<_>>()) };
    let findings = missingness(&table(&[("c", bits(0)), ("a", bits(0)), ("b", bits(0))]));
    let pairs: Vec<(&str, &str)> = findings
        .phi
        .iter()
        .map(|entry| (entry.a.as_str(), entry.b.as_str()))
        .collect();
    assert_eq!(pairs, [("c", "a"), ("c", "b"), ("a", "b")]);
    assert!(findings.phi.iter().all(|entry| entry.phi == 1.0 && entry.n == 8));
}

#[test]
fn every_kind_of_empty_cell_is_missing() {
    let findings = missingness(&table(&[
        (
            "track.text",
            Arc::new(StringArray::from(vec![Some(""), None, Some("x"), None])) as ArrayRef,
        ),
        (
            "track.number",
            Arc::new(Float64Array::from(vec![
                Some(f64::NAN),
                None,
                Some(0.0),
                Some(1.0),
            ])),
        ),
        ("track.nothing", Arc::new(NullArray::new(4))),
    ]));
    let counts: Vec<(&str, u64)> = findings
        .columns
        .iter()
        .map(|column| (column.column.as_str(), column.n_missing))
        .collect();
    assert_eq!(
        counts,
        [("track.text", 2), ("track.number", 2), ("track.nothing", 4)]
    );
}

#[test]
fn a_table_without_rows_has_no_proportions_to_speak_of() {
    let findings = missingness(&table(&[("track.title", column(&[]))]));
    assert_eq!((findings.n_tracks, findings.columns[0].proportion), (0, 0.0));
    assert!(findings.phi.is_empty());
}
