//! The dataset's own `features.csv` format.

use std::io::{self, Write};

use crate::summary::columns::columns;

/// Writes the four header lines: family, statistic, number, and `track_id`.
///
/// The file is readable by the FMA's `utils.load` (pandas, `index_col=0, header=[0, 1, 2]`).
///
/// # Errors
/// Those of the writer.
pub fn write_csv_header(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"feature")?;
    columns().iter().try_for_each(|c| write!(out, ",{}", c.family))?;
    out.write_all(b"\nstatistics")?;
    columns()
        .iter()
        .try_for_each(|c| write!(out, ",{}", c.statistic))?;
    out.write_all(b"\nnumber")?;
    columns()
        .iter()
        .try_for_each(|c| write!(out, ",{:02}", c.number))?;
    out.write_all(b"\ntrack_id")?;
    columns().iter().try_for_each(|_| out.write_all(b","))?;
    out.write_all(b"\n")
}

/// Writes one row: the id (quoted if need be) and the values, each with as many digits as tell it from its neighbours;
/// NaN becomes an empty field.
///
/// # Errors
/// Those of the writer.
///
/// # Panics
/// If there are not 518 values.
pub fn write_csv_row(out: &mut impl Write, id: &str, values: &[f64]) -> io::Result<()> {
    assert_eq!(values.len(), columns().len(), "a row has 518 values");
    if id.contains([',', '"', '\n', '\r']) {
        write!(out, "\"{}\"", id.replace('"', "\"\""))?;
    } else {
        out.write_all(id.as_bytes())?;
    }
    for v in values {
        if v.is_nan() {
            out.write_all(b",")?;
        } else {
            write!(out, ",{v:?}")?;
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::summary::columns::N_COLUMNS;

    #[test]
    fn the_header_is_the_datasets() {
        let mut out = Vec::new();
        write_csv_header(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("feature,chroma_cens,") && lines[0].ends_with(",zcr"));
        assert!(lines[1].starts_with("statistics,kurtosis,") && lines[1].ends_with(",std"));
        assert!(lines[2].starts_with("number,01,02,") && lines[2].ends_with(",01"));
        assert_eq!(lines[3], format!("track_id{}", ",".repeat(N_COLUMNS)));
        assert!(lines.iter().all(|l| l.matches(',').count() == N_COLUMNS));
    }

    #[test]
    fn values_read_back_exactly() {
        let mut values = vec![0.1 + 0.2; N_COLUMNS];
        values[1] = f64::NAN;
        values[2] = 1e-43;
        values[3] = -5.0;
        let mut out = Vec::new();
        write_csv_row(&mut out, "a, \"b\".mp3", &values).unwrap();
        let text = String::from_utf8(out).unwrap();
        let rest = text.strip_prefix("\"a, \"\"b\"\".mp3\",").unwrap().trim_end();
        for (i, (field, v)) in rest.split(',').zip(&values).enumerate() {
            if i == 1 {
                assert_eq!(field, "");
            } else {
                assert_eq!(field.parse::<f64>().unwrap(), *v);
            }
        }
    }
}
