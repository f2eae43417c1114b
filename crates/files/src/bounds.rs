//! How much of a CSV file that somebody else made is believed to be one record: more is an error, and no memory is spent on it.

use std::io::{self, Read};

/// The longest record: what is longer has a quotation mark that nothing closes.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// The most columns; the dataset's widest table has 519.
pub const MAX_COLUMNS: usize = 10_000;

/// The most records of a table of labels.
pub const MAX_LABELS: usize = 20_000_000;

/// The longest name of a genre or of a feature, in characters. Tables are as wide as their widest name.
pub const MAX_NAME_CHARS: usize = 1000;

/// Passes a CSV file on, and ends with an error of the kind `InvalidData` at a record of more than [`MAX_RECORD_BYTES`].
///
/// A record ends with a line feed outside of quotation marks, which open at the start of a field only (RFC 4180).
#[derive(Debug)]
pub struct BoundedRecords<R> {
    input: R,
    limit: usize,
    /// Bytes of the record so far.
    n_bytes: usize,
    /// Whole records so far.
    n_records: u64,
    quoted: bool,
    /// Whether the byte before closed quotation marks.
    closed: bool,
    /// The byte before, a line feed at the beginning.
    last: u8,
}

impl<R: Read> BoundedRecords<R> {
    /// Passes `input` on, which begins with a record.
    pub fn new(input: R) -> Self {
        Self::of_at_most(input, MAX_RECORD_BYTES)
    }

    /// The same with another limit, in bytes.
    pub fn of_at_most(input: R, limit: usize) -> Self {
        Self {
            input,
            limit,
            n_bytes: 0,
            n_records: 0,
            quoted: false,
            closed: false,
            last: b'\n',
        }
    }

    fn look(&mut self, bytes: &[u8]) -> io::Result<()> {
        for &byte in bytes {
            self.n_bytes += 1;
            let closed = std::mem::take(&mut self.closed);
            match byte {
                b'"' if self.quoted => (self.quoted, self.closed) = (false, true),
                // A doubled quotation mark opens again what its first half closed.
                b'"' if closed || matches!(self.last, b',' | b'\n') => self.quoted = true,
                b'\n' if !self.quoted => {
                    self.n_bytes = 0;
                    self.n_records += 1;
                }
                _ => {}
            }
            self.last = byte;
            if self.n_bytes > self.limit {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!(
                        "record {} has more than {} bytes; is a quotation mark not closed?",
                        self.n_records + 1,
                        self.limit
                    ),
                ));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for BoundedRecords<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.look(&buffer[..n])?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str, limit: usize) -> Result<String, String> {
        let mut out = String::new();
        let mut input = BoundedRecords::of_at_most(text.as_bytes(), limit);
        match input.read_to_string(&mut out) {
            Ok(_) => Ok(out),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn records_up_to_the_limit_are_passed_on() {
        let text = "a,b\n\"x\ny\",2\n\"q \"\" r\",3\nit\"s,4\n";
        assert_eq!(read(text, 12).unwrap(), text);
        assert_eq!(read(&"1,2\n".repeat(10_000), 4).unwrap().len(), 40_000);
    }

    #[test]
    fn longer_ones_and_open_quotation_marks_are_told() {
        assert!(
            read("a,b\n1,23456\n", 6)
                .unwrap_err()
                .starts_with("record 2 has more than 6 bytes")
        );
        let open = format!("a,b\n1,\"{}", "x\n".repeat(50));
        assert!(read(&open, 60).unwrap_err().contains("record 2"));
        // An inch sign inside of a field opens nothing.
        assert!(read(&format!("a,b\n{}", "12\",x\n1\"\"2,y\n".repeat(50)), 10).is_ok());
    }
}
