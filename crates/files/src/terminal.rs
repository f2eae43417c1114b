//! Text of others on a terminal: names of files, labels of models, cells of tables. A terminal obeys control characters, so they
//! are shown and not sent.

use std::borrow::Cow;
use std::io::{self, Write};

/// A name or a cell in one line, with control characters, line ends among them, written as Rust writes them (`\n`, `\u{1b}`).
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, &[])
}

/// The same of a text of several lines: line ends and tabs stay.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, &['\n', '\t'])
}

fn escaped<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let is_bad = |c: char| is_obeyed(c) && !kept.contains(&c);
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_bad(c) {
            true if c.is_ascii() => out.extend(c.escape_default()),
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters (Unicode's category Cc), and those that turn the direction of what follows, by which a text can be made to
/// look like another one.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Passes text on as [`printable_lines`] has it, whatever the pieces that it comes in.
#[derive(Debug)]
pub struct Printable<W: Write> {
    to: W,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Printable<W> {
    /// Passes on to `to`.
    pub fn new(to: W) -> Self {
        Self {
            to,
            begun: Vec::new(),
        }
    }
}

impl<W: Write> Write for Printable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&all) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => all.len(),
        };
        let text = String::from_utf8_lossy(&all[..whole]);
        self.to.write_all(printable_lines(&text).as_bytes())?;
        self.begun = all.split_off(whole);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(printable("Björk – Jóga"), "Björk – Jóga");
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
        assert_eq!(printable("a\x1b[2Jb\r\n\tc\x07"), "a\\u{1b}[2Jb\\r\\n\\tc\\u{7}");
        assert_eq!(
            printable_lines("a\x1b]0;t\x07\n\tb\r"),
            "a\\u{1b}]0;t\\u{7}\n\tb\\r"
        );
        assert_eq!(
            printable("\u{9b}31m\u{7f}\u{202e}gp3"),
            "\\u{9b}31m\\u{7f}\\u{202e}gp3"
        );
        for c in (0..=0x9f_u8).map(char::from).filter(|c| c.is_control()) {
            let shown = printable(&c.to_string()).into_owned();
            assert!(!shown.contains(char::is_control), "{c:?}");
        }
    }

    #[test]
    fn pieces_of_characters_are_put_together() {
        let text = "é\x1b[0m – ß\n".as_bytes();
        let want = "é\\u{1b}[0m – ß\n".as_bytes();
        for at in 0..=text.len() {
            let mut out = Vec::new();
            let mut printable = Printable::new(&mut out);
            printable.write_all(&text[..at]).unwrap();
            printable.write_all(&text[at..]).unwrap();
            printable.flush().unwrap();
            assert_eq!(out, want, "cut at {at}");
        }
        let mut out = Vec::new();
        Printable::new(&mut out).write_all(b"a\xff\x1b").unwrap();
        assert_eq!(out, "a\u{fffd}\\u{1b}".as_bytes());
    }
}
