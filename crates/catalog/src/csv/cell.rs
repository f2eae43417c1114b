//! Where a cell ends, and what its text is.

use std::borrow::Cow;

/// A cell of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// Where its text starts, behind the opening quote if it has one.
    pub(super) start: usize,
    /// Where its text ends, before the closing quote.
    pub(super) end: usize,
    /// Whether the text holds quotes to be resolved.
    pub(super) escaped: bool,
    /// Where the next cell or record starts.
    pub(super) next: usize,
    /// Whether the record ends here.
    pub(super) ends_record: bool,
}

/// The cell that starts at `start`, the first byte behind a comma or a record's first.
///
/// A missing closing quote or line end at the end of `text` ends the cell and the record there.
pub(super) fn scan(text: &[u8], start: usize) -> Cell {
    if text.get(start) == Some(&b'"') {
        scan_quoted(text, start)
    } else {
        scan_plain(text, start, start, false)
    }
}

impl Cell {
    /// The cell's text with quotes resolved.
    pub(super) fn text<'a>(&self, record: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = record.get(self.start..self.end).unwrap_or_default();
        if self.escaped {
            Cow::Owned(unescape(raw))
        } else {
            Cow::Borrowed(raw)
        }
    }
}

/// Looks for the end from `from` on, outside of quotes.
fn scan_plain(text: &[u8], start: usize, from: usize, escaped: bool) -> Cell {
    match memchr::memchr2(b',', b'\n', text.get(from..).unwrap_or_default()).map(|i| from + i) {
        Some(end) if text[end] == b',' => Cell {
            start,
            end,
            escaped,
            next: end + 1,
            ends_record: false,
        },
        Some(feed) => {
            let end = if feed > from && text[feed - 1] == b'\r' {
                feed - 1
            } else {
                feed
            };
            Cell {
                start,
                end,
                escaped,
                next: feed + 1,
                ends_record: true,
            }
        }
        None => Cell {
            start,
            end: text.len(),
            escaped,
            next: text.len(),
            ends_record: true,
        },
    }
}

fn scan_quoted(text: &[u8], open: usize) -> Cell {
    let start = open + 1;
    let mut escaped = false;
    let mut at = start;
    loop {
        let Some(quote) = memchr::memchr(b'"', text.get(at..).unwrap_or_default()).map(|i| at + i) else {
            return Cell {
                start,
                end: text.len(),
                escaped,
                next: text.len(),
                ends_record: true,
            };
        };
        match text.get(quote + 1) {
            Some(b'"') => {
                escaped = true;
                at = quote + 2;
            }
            Some(b',') => {
                return Cell {
                    start,
                    end: quote,
                    escaped,
                    next: quote + 2,
                    ends_record: false,
                };
            }
            Some(b'\n') => {
                return Cell {
                    start,
                    end: quote,
                    escaped,
                    next: quote + 2,
                    ends_record: true,
                };
            }
            Some(b'\r') if text.get(quote + 2) == Some(&b'\n') => {
                return Cell {
                    start,
                    end: quote,
                    escaped,
                    next: quote + 3,
                    ends_record: true,
                };
            }
            None => {
                return Cell {
                    start,
                    end: quote,
                    escaped,
                    next: quote + 1,
                    ends_record: true,
                };
            }
            // Text behind the closing quote belongs to the cell: `"12"" mix` is read as pandas reads it.
            Some(_) => {
                let cell = scan_plain(text, start, quote + 1, true);
                return Cell {
                    escaped: true,
                    ..cell
                };
            }
        }
    }
}

/// Resolves doubled quotes; behind a closing quote everything stands for itself.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &raw[at..]).map(|i| at + i) {
        out.extend_from_slice(&raw[at..quote]);
        if raw.get(quote + 1) != Some(&b'"') {
            out.extend_from_slice(&raw[quote + 1..]);
            return out;
        }
        out.push(b'"');
        at = quote + 2;
    }
    out.extend_from_slice(&raw[at..]);
    out
}
