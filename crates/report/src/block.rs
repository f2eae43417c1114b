//! What a report is made of: sections of paragraphs, figures and tables. The template knows these and nothing of genres.

use cratedigger_files::csv;
use serde::Serialize;
use serde_json::{Value, json};

use crate::format;
use crate::maps::Map;

/// A section with its heading.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Section {
    /// Its heading.
    pub(crate) title: &'static str,
    /// One line for the table of contents: what was found.
    pub(crate) gist: String,
    /// Its content.
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Block {
    /// A heading inside of a section.
    Heading {
        /// The heading.
        text: String,
    },
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// What to beware of.
    Caveat {
        /// The text.
        text: String,
    },
    /// Why something is not there.
    Notice {
        /// The text.
        text: String,
    },
    /// A few numbers to begin with.
    Stats {
        /// The numbers.
        stats: Vec<Stat>,
    },
    /// Pictures beside each other, where there is room.
    Figures {
        /// The pictures.
        figures: Vec<Figure>,
    },
    /// Maps below each other.
    Maps {
        /// The maps.
        maps: Vec<Map>,
    },
    /// A table.
    Table {
        /// The table.
        table: Table,
    },
}

/// A number with its meaning.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stat {
    /// The number.
    pub(crate) value: String,
    /// What it counts.
    pub(crate) label: String,
    /// A remark below; may be empty.
    pub(crate) note: String,
}

/// A picture drawn by plotly.js. Colours in `data` and `layout` that begin with `@` are names of the page's palette, so that
/// light and dark pages have their own. `meta.genres` in `layout` says where the genres are that a reader can choose from: on
/// the axes (`x`, `y`, `xy`) or one trace each (`traces`).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// Its anchor.
    pub(crate) id: String,
    /// The title inside of the picture.
    pub(crate) title: String,
    /// The line below the title: sample sizes.
    pub(crate) subtitle: String,
    /// The text below the picture: how to read it.
    pub(crate) caption: String,
    /// What a person who cannot see it should know.
    pub(crate) alt: String,
    /// Its height in pixels.
    pub(crate) height: u32,
    /// plotly's traces.
    #[serde(skip)]
    pub(crate) data: Value,
    /// plotly's layout, but for title, size and colours of the page.
    #[serde(skip)]
    pub(crate) layout: Value,
}

/// A table; the page shows its first rows, the CSV file has all.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Table {
    /// Its anchor and the name of its CSV file.
    pub(crate) id: String,
    /// The caption.
    pub(crate) caption: String,
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// The rows that the page shows.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Further rows, in the CSV file only.
    #[serde(skip)]
    pub(crate) more_rows: Vec<Vec<Cell>>,
    /// How many further rows there are.
    pub(crate) n_more: usize,
    /// Whether the page shows it closed at first.
    pub(crate) folded: bool,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Column {
    /// The heading on the page.
    pub(crate) title: String,
    /// The name in the CSV file.
    #[serde(skip)]
    pub(crate) name: String,
    /// Whether it holds numbers, which stand to the right.
    pub(crate) numeric: bool,
}

/// A cell: what is read, what is sorted by, and what the CSV file holds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cell {
    /// What the page shows.
    pub(crate) shown: String,
    /// What the page sorts by; `null` for text.
    pub(crate) sort: Option<f64>,
    /// A share that is drawn as a bar behind the number.
    pub(crate) bar: Option<f64>,
    /// What the CSV file holds.
    #[serde(skip)]
    pub(crate) exact: String,
}

impl Block {
    pub(crate) fn heading(text: impl Into<String>) -> Self {
        Self::Heading { text: text.into() }
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    pub(crate) fn caveat(text: impl Into<String>) -> Self {
        Self::Caveat { text: text.into() }
    }

    pub(crate) fn figure(figure: Figure) -> Self {
        Self::Figures {
            figures: vec![figure],
        }
    }
}

impl Figure {
    /// The place of a legend with many entries: below the plot.
    pub(crate) fn legend_below() -> Value {
        json!({"y": -0.22, "yanchor": "top"})
    }

    /// The name of its SVG file, without the ending.
    pub(crate) fn file(&self) -> &str {
        file_of_figure(&self.id)
    }
}

/// The name of the SVG file of the figure with this anchor, without the ending.
pub(crate) fn file_of_figure(id: &str) -> &str {
    id.strip_prefix("fig-").unwrap_or(id)
}

impl Stat {
    pub(crate) fn new(value: impl Into<String>, label: &str, note: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.to_owned(),
            note: note.into(),
        }
    }
}

impl Table {
    /// A table all of whose rows the page shows, up to `limit`.
    pub(crate) fn new(
        id: impl Into<String>,
        caption: impl Into<String>,
        columns: &[(&str, &str, bool)],
        mut rows: Vec<Vec<Cell>>,
        limit: usize,
    ) -> Self {
        let more_rows = if rows.len() > limit {
            rows.split_off(limit)
        } else {
            Vec::new()
        };
        Self {
            id: id.into(),
            caption: caption.into(),
            columns: columns
                .iter()
                .map(|&(name, title, numeric)| Column {
                    title: title.to_owned(),
                    name: name.to_owned(),
                    numeric,
                })
                .collect(),
            rows,
            n_more: more_rows.len(),
            more_rows,
            folded: false,
        }
    }

    /// The same table, closed at first.
    pub(crate) fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// The table as CSV (RFC 4180, `\n`).
    pub(crate) fn to_csv(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells: Vec<String> = cells.map(csv_cell).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        };
        line(&mut self.columns.iter().map(|column| column.name.as_str()));
        for row in self.rows.iter().chain(&self.more_rows) {
            line(&mut row.iter().map(|cell| cell.exact.as_str()));
        }
        text
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            exact: text.clone(),
            shown: text,
            sort: None,
            bar: None,
        }
    }

    /// A name such as `linear-svc`, which is not broken at its hyphen.
    pub(crate) fn name(text: &str) -> Self {
        Self {
            shown: text.replace('-', "\u{2011}"),
            ..Self::text(text)
        }
    }

    pub(crate) fn count(n: u64) -> Self {
        Self {
            shown: format::count(n),
            sort: Some(n as f64),
            bar: None,
            exact: n.to_string(),
        }
    }

    pub(crate) fn integer(n: i64) -> Self {
        Self {
            shown: n.to_string(),
            sort: Some(n as f64),
            bar: None,
            exact: n.to_string(),
        }
    }

    /// A number with this many decimals on the page, and all of them in the CSV file.
    pub(crate) fn real(value: f64, decimals: usize) -> Self {
        let shown = format::minus(&format!("{value:.decimals$}"));
        Self {
            shown,
            sort: Some(value),
            bar: None,
            exact: value.to_string(),
        }
    }

    /// A number with this many decimals, or an empty cell.
    pub(crate) fn optional(value: Option<f64>, decimals: usize) -> Self {
        value.map_or_else(Self::missing, |value| Self::real(value, decimals))
    }

    /// A share in per cent.
    pub(crate) fn share(value: f64) -> Self {
        Self {
            shown: format::percent(value),
            sort: Some(value),
            bar: None,
            exact: value.to_string(),
        }
    }

    /// A share in per cent with a bar behind.
    pub(crate) fn bar(value: f64) -> Self {
        Self {
            bar: Some((value * 100.0).clamp(0.0, 100.0)),
            ..Self::share(value)
        }
    }

    pub(crate) fn missing() -> Self {
        Self {
            shown: "\u{2013}".to_owned(),
            sort: None,
            bar: None,
            exact: String::new(),
        }
    }
}

/// A cell of a CSV file: quoted where it must be. A text that a spreadsheet would take for a formula is led by an
/// apostrophe, since names come from the data.
fn csv_cell(text: &str) -> String {
    let formula =
        text.starts_with(['=', '+', '@', '\t']) || (text.starts_with('-') && text.parse::<f64>().is_err());
    match formula {
        true => csv::field(&format!("'{text}")),
        false => csv::field(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_holds_all_rows_exactly() {
        let rows = vec![
            vec![Cell::text("Old-Time / Historic"), Cell::share(0.123456789)],
            vec![Cell::text("say \"hi\", you"), Cell::missing()],
            vec![Cell::text("=HYPERLINK(1)"), Cell::real(-0.5, 1)],
        ];
        let table = Table::new(
            "t",
            "caption",
            &[("genre", "Genre", false), ("share", "Share", true)],
            rows,
            2,
        );
        assert_eq!((table.rows.len(), table.n_more), (2, 1));
        assert_eq!(
            table.to_csv(),
            "genre,share\nOld-Time / Historic,0.123456789\n\"say \"\"hi\"\", you\",\n'=HYPERLINK(1),-0.5\n"
        );
    }

    #[test]
    fn cells_show_what_is_read_and_keep_what_is_exact() {
        let cell = Cell::real(-1.97254, 2);
        assert_eq!(
            (cell.shown.as_str(), cell.exact.as_str(), cell.sort),
            ("\u{2212}1.97", "-1.97254", Some(-1.97254))
        );
        assert_eq!(Cell::bar(0.5).bar, Some(50.0));
        assert_eq!(Cell::count(12_345).shown, "12,345");
        assert_eq!(Cell::integer(-1).exact, "-1");
    }
}
