//! Rows as cells, and cells as pandas writes them into a CSV file.

use arrow::array::temporal_conversions::timestamp_s_to_datetime;

use cratedigger_files::csv::push_field;

use super::decimal::{push_int, push_repr};

/// One cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A whole number.
    Int(i64),
    /// A number, written with the fewest digits that read back to it.
    Float(f64),
    /// Seconds since 1970, written as a date with time.
    Time(i64),
    /// Text.
    Text(&'a str),
    /// `[21, 45]`.
    Ints(Vec<i64>),
    /// `['noise', "don't"]`.
    Texts(&'a [String]),
}

impl<'a> Cell<'a> {
    /// Text, or nothing.
    pub fn text(value: Option<&'a String>) -> Self {
        value.map_or(Cell::Empty, |v| Cell::Text(v))
    }

    /// A time, or nothing.
    pub fn time(value: Option<i64>) -> Self {
        value.map_or(Cell::Empty, Cell::Time)
    }

    /// A number, or nothing.
    pub fn float(value: Option<f64>) -> Self {
        value.map_or(Cell::Empty, Cell::Float)
    }

    /// Appends the cell as pandas writes it.
    pub fn write_csv(&self, out: &mut Vec<u8>) {
        match self {
            Cell::Empty => {}
            Cell::Int(i) => push_int(out, *i),
            Cell::Float(x) => push_repr(out, *x),
            Cell::Time(t) => {
                // Only times between 1970 and 2100 are made, all of which chrono knows.
                let text = timestamp_s_to_datetime(*t).map_or(String::new(), |t| t.to_string());
                out.extend_from_slice(text.as_bytes());
            }
            Cell::Text(text) => push_field(out, text),
            Cell::Ints(items) => {
                let items: Vec<String> = items.iter().map(i64::to_string).collect();
                push_field(out, &format!("[{}]", items.join(", ")));
            }
            Cell::Texts(items) => {
                let items: Vec<String> = items.iter().map(|i| python_repr(i)).collect();
                push_field(out, &format!("[{}]", items.join(", ")));
            }
        }
    }
}

/// Appends a row: the index, the cells, a line feed.
pub fn push_row(out: &mut Vec<u8>, index: i64, cells: &[Cell<'_>]) {
    push_int(out, index);
    for cell in cells {
        out.push(b',');
        cell.write_csv(out);
    }
    out.push(b'\n');
}

/// A text as Python's `repr` shows it, for texts without control characters.
fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        if c == quote || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push(quote);
    out
}

/// The header lines of a table with several levels, and the line that names its index: `columns` are flattened names
/// (`track.genre_top`), `first` stands in the first cell of each level.
pub fn header(columns: &[String], first: &[&str], index: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (level, first) in first.iter().enumerate() {
        push_field(&mut out, first);
        for column in columns {
            out.push(b',');
            push_field(&mut out, column.split('.').nth(level).unwrap_or(""));
        }
        out.push(b'\n');
    }
    out.extend_from_slice(index.as_bytes());
    out.extend(std::iter::repeat_n(b',', columns.len()));
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn csv(cell: Cell<'_>) -> String {
        let mut out = Vec::new();
        cell.write_csv(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_written_as_pandas_writes_them() {
        assert_eq!(csv(Cell::Time(1_227_663_885)), "2008-11-26 01:44:45");
        assert_eq!(csv(Cell::Time(1_136_073_600)), "2006-01-01 00:00:00");
        assert_eq!(csv(Cell::Ints(vec![21])), "[21]");
        assert_eq!(csv(Cell::Ints(vec![76, 103])), "\"[76, 103]\"");
        let tags = ["philly".to_string(), "rock 'n' roll".to_string()];
        assert_eq!(csv(Cell::Texts(&tags)), "\"['philly', \"\"rock 'n' roll\"\"]\"");
        assert_eq!(csv(Cell::Texts(&tags[..1])), "['philly']");
        assert_eq!(csv(Cell::Texts(&[])), "[]");
        assert_eq!(csv(Cell::Text("a \"b\"\r\nc")), "\"a \"\"b\"\"\r\nc\"");
        assert_eq!(python_repr("both ' and \""), "'both \\' and \"'");
    }

    #[test]
    fn header_has_a_line_for_each_level_and_one_for_the_index() {
        let columns = ["track.genre_top".to_string(), "set.split".to_string()];
        assert_eq!(
            header(&columns, &["", ""], "track_id"),
            b",track,set\n,genre_top,split\ntrack_id,,\n"
        );
    }
}
