//! What every test does with a table of counts, `counts[row][column]`.

/// Pearson's statistic; cells of empty rows and columns count nothing.
pub(super) fn statistic(observed: &[Vec<u64>]) -> f64 {
    let (row_sums, column_sums, n) = margins(observed);
    let mut sum = 0.0;
    for (row, row_sum) in observed.iter().zip(&row_sums) {
        for (&count, column_sum) in row.iter().zip(&column_sums) {
            let expected = row_sum * column_sum / n;
            if expected > 0.0 {
                sum += (count as f64 - expected).powi(2) / expected;
            }
        }
    }
    sum
}

/// Sums of the rows, of the columns and of all.
pub(super) fn margins(observed: &[Vec<u64>]) -> (Vec<f64>, Vec<f64>, f64) {
    let rows: Vec<f64> = observed
        .iter()
        .map(|row| row.iter().sum::<u64>() as f64)
        .collect();
    let n_columns = observed.first().map_or(0, Vec::len);
    let columns = (0..n_columns)
        .map(|c| observed.iter().map(|row| row[c]).sum::<u64>() as f64)
        .collect();
    let n = rows.iter().sum();
    (rows, columns, n)
}

/// A table of two columns: the given one, and all others together.
pub fn against_others(table: &[Vec<u64>], column: usize) -> Vec<Vec<u64>> {
    table
        .iter()
        .map(|row| vec![row[column], row.iter().sum::<u64>() - row[column]])
        .collect()
}
