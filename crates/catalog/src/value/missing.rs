//! Which cells count as missing.

/// Whether a cell's text means a missing value.
///
/// The same for every table, and for labels in files of others.
///
/// Source: pandas 3.1, `read_csv`, default `na_values`; applied, as there, to columns of every type and to quoted cells too,
/// since published figures on the dataset's missing values are pandas'.
pub fn is_missing(cell: &[u8]) -> bool {
    match cell.len() {
        0 => true,
        2 => cell == b"NA",
        3 => matches!(cell, b"#NA" | b"N/A" | b"NaN" | b"n/a" | b"nan"),
        4 => matches!(
            cell,
            b"#N/A" | b"-NaN" | b"-nan" | b"<NA>" | b"NULL" | b"None" | b"null"
        ),
        6 => cell == b"1.#IND",
        7 => matches!(cell, b"-1.#IND" | b"1.#QNAN"),
        8 => matches!(cell, b"#N/A N/A" | b"-1.#QNAN"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_those_of_pandas() {
        // sorted(pandas._libs.parsers.STR_NA_VALUES), pandas 3.1.1
        let tokens = [
            "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
            "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
        ];
        for token in tokens {
            assert!(is_missing(token.as_bytes()), "{token}");
            assert!(!is_missing(format!("{token} ").as_bytes()), "`{token} `");
        }
        for text in ["none", "Null", "na", "[]", "0", "-", "NAN", "1.#ind"] {
            assert!(!is_missing(text.as_bytes()), "{text}");
        }
    }
}
