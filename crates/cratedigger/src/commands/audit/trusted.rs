//! `--trusted FILE`: the labels that nothing speaks against, as a table that every command takes.

use std::collections::BTreeSet;
use std::fmt::Write;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_collection::audit::Entry;
use cratedigger_files::csv::field;
use cratedigger_learn::Dataset;

/// `id,genre,artist,album` of the rows that are in no entry with a doubt, and how many these are. Artists and albums are numbers.
pub(super) fn labels(data: &Dataset, ids: &[RowId], entries: &[Entry]) -> (String, usize) {
    let doubtful: BTreeSet<&str> = entries
        .iter()
        .filter(|entry| entry.doubt > 0.0)
        .flat_map(|entry| entry.ids.iter().map(String::as_str))
        .collect();
    let mut text = "id,genre,artist,album\n".to_owned();
    let mut n = 0;
    let number = |of_rows: &Option<Vec<Option<i64>>>, row: usize| {
        let known = of_rows.as_ref().and_then(|of_rows| of_rows[row]);
        known.map_or_else(String::new, |number| number.to_string())
    };
    for (row, id) in ids.iter().enumerate() {
        let id = id.to_string();
        if doubtful.contains(id.as_str()) {
            continue;
        }
        let _ = writeln!(
            text,
            "{},{},{},{}",
            field(&id),
            field(&data.classes[data.y[row]]),
            number(&data.artists, row),
            number(&data.albums, row)
        );
        n += 1;
    }
    (text, n)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_collection::audit::Kind;
    use cratedigger_learn::Matrix;

    #[test]
    fn what_is_in_doubt_is_left_out() {
        let classes = vec!["Folk, old".to_owned(), "Rock".to_owned()];
        let x = Matrix::new(4, 1, vec![0.0; 4]).unwrap();
        let mut data = Dataset::new(x, vec![0, 1, 1, 0], classes).unwrap();
        data.albums = Some(vec![Some(7), None, Some(7), Some(8)]);
        let ids = ["a.flac", "b.flac", "c.flac", "5"].map(RowId::from);
        let entry = |ids: &[&str], doubt| Entry {
            kind: Kind::Track,
            ids: ids.iter().map(|&id| id.to_owned()).collect(),
            genre: String::new(),
            suggested: None,
            doubt,
            probability: None,
            margin: None,
            issue: false,
            reasons: Vec::new(),
        };
        // Doubles with the same label are in no doubt.
        let entries = [entry(&["b.flac"], 0.3), entry(&["a.flac", "c.flac"], 0.0)];
        let (text, n) = labels(&data, &ids, &entries);
        assert_eq!(n, 3);
        assert_eq!(
            text,
            "id,genre,artist,album\na.flac,\"Folk, old\",,7\nc.flac,Rock,,7\n5,\"Folk, old\",,8\n"
        );
    }
}
