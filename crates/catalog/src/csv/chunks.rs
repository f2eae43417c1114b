//! Cutting a file into chunks of whole records.

use std::io::{self, Read};

/// A piece of a file that holds whole records.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Its place in the order of the file, from 0.
    pub(crate) index: usize,
    /// Its first byte in the file.
    pub(crate) offset: u64,
    /// The records, each ended by a line feed.
    pub(crate) text: Vec<u8>,
    /// What follows the last whole record, if that is all there is.
    pub(crate) tail: Option<Tail>,
    /// The last record had no line feed; one was added.
    pub(crate) no_final_line_feed: bool,
}

/// The start of a record that has no end.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Its bytes, as far as they were read.
    pub(crate) text: Vec<u8>,
    /// Whether it exceeded the longest record allowed (otherwise the file ended inside a quoted field).
    pub(crate) too_long: bool,
}

/// Reads a file in chunks.
pub(crate) struct Chunks<R> {
    input: R,
    block: usize,
    max_record: usize,
    /// Bytes read but not yet handed out; they start where a record starts.
    pending: Vec<u8>,
    scan: Scan,
    /// The first byte of `pending` in the file.
    offset: u64,
    n_chunks: usize,
    at_end: bool,
    hasher: Option<blake3::Hasher>,
    /// What [`Chunks::next_record`] handed out.
    header: Vec<u8>,
    /// Memory of chunks that are done with.
    spare: Vec<Vec<u8>>,
}

impl<R: Read> Chunks<R> {
    /// Chunks of about `block` bytes; a record of more than `max_record` bytes ends the reading.
    pub(crate) fn new(input: R, block: usize, max_record: usize) -> Self {
        let (block, max_record) = (block.max(1), max_record.max(1));
        Chunks {
            input,
            block,
            max_record,
            pending: Vec::new(),
            scan: Scan::default(),
            offset: 0,
            n_chunks: 0,
            at_end: false,
            hasher: None,
            header: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Also hashes the file. To be called before the first chunk is taken, when all that was read is still known.
    pub(crate) fn hashing(mut self) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.header);
        hasher.update(&self.pending);
        self.hasher = Some(hasher);
        self
    }

    /// The hash of the whole file; reads what has not been read yet.
    pub(crate) fn finish_hash(&mut self) -> io::Result<Option<blake3::Hash>> {
        let Some(mut hasher) = self.hasher.take() else {
            return Ok(None);
        };
        hasher.update_reader(&mut self.input)?;
        Ok(Some(hasher.finalize()))
    }

    /// How many bytes have been handed out.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes one record, without its line end; `None` at the end of the file. For the header lines. Of a record that is too
    /// long its first `max_record + 1` bytes. What is taken does not depend on the size of the blocks.
    pub(crate) fn next_record(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.offset == 0 && self.pending.is_empty() {
            while self.pending.len() < 3 && self.fill()? {}
            if self.pending.starts_with(b"\xEF\xBB\xBF") {
                self.take(3);
            }
        }
        loop {
            match first_record(&self.pending, self.at_end) {
                Some((text, next)) if text <= self.max_record => {
                    let mut record = self.take(next);
                    record.truncate(text);
                    return Ok(Some(record));
                }
                _ if self.pending.len() > self.max_record => return Ok(Some(self.take(self.max_record + 1))),
                _ if self.at_end => return Ok(None),
                _ => _ = self.fill()?,
            }
        }
    }

    /// Takes back the text of a chunk that is done with, for its memory.
    pub(crate) fn recycle(&mut self, text: Vec<u8>) {
        if text.capacity() <= 4 * self.block {
            self.spare.push(text);
        }
    }

    /// The next chunk; `None` at the end of the file.
    pub(crate) fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            self.scan.advance(&self.pending, self.at_end);
            let end = self.scan.last_end;
            let open = self.pending.len() - end;
            if self.at_end && self.pending.is_empty() {
                return Ok(None);
            }
            let too_long = open > self.max_record;
            if !self.at_end && !too_long && (end == 0 || self.pending.len() < self.block) {
                self.fill()?;
                continue;
            }
            // The chunk keeps the long buffer, the short rest moves on into the other one.
            let mut buffer = self.spare.pop().unwrap_or_default();
            buffer.clear();
            buffer.extend_from_slice(&self.pending[end..]);
            let mut text = std::mem::replace(&mut self.pending, buffer);
            text.truncate(end);
            let offset = self.offset;
            self.offset += end as u64;
            self.scan = self.scan.moved_by(end);
            let (mut tail, mut no_final_line_feed) = (None, false);
            if too_long || (self.at_end && !self.pending.is_empty()) {
                let rest = std::mem::take(&mut self.pending);
                self.offset += rest.len() as u64;
                if too_long || self.scan.quoted {
                    tail = Some(Tail { text: rest, too_long });
                } else {
                    text.extend_from_slice(&rest);
                    text.push(b'\n');
                    no_final_line_feed = true;
                }
                self.scan = Scan::default();
                self.at_end = true;
            }
            let index = self.n_chunks;
            self.n_chunks += 1;
            return Ok(Some(Chunk {
                index,
                offset,
                text,
                tail,
                no_final_line_feed,
            }));
        }
    }

    /// Reads up to a block more; `false` at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        let before = self.pending.len();
        let missing = self.block.saturating_sub(before).max(self.block.div_ceil(2));
        self.pending.reserve(missing);
        self.input
            .by_ref()
            .take(missing as u64)
            .read_to_end(&mut self.pending)?;
        let new = &self.pending[before..];
        if let Some(hasher) = &mut self.hasher {
            hasher.update(new);
        }
        self.at_end = new.len() < missing;
        Ok(!new.is_empty())
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        let rest = self.pending.split_off(n);
        self.offset += n as u64;
        self.scan = Scan::default();
        let taken = std::mem::replace(&mut self.pending, rest);
        self.header.extend_from_slice(&taken);
        taken
    }
}

/// How far a buffer has been searched for ends of records.
#[derive(Debug, Clone, Copy, Default)]
struct Scan {
    /// Everything before has been looked at.
    at: usize,
    /// Whether `at` is inside of quotes.
    quoted: bool,
    /// Where the last whole record ends.
    last_end: usize,
}

impl Scan {
    /// Goes on to the end of the buffer, from quote to quote. A quote that is the last byte waits for the byte behind it,
    /// unless there will be none.
    fn advance(&mut self, buffer: &[u8], at_end: bool) {
        while self.at < buffer.len() {
            let rest = &buffer[self.at..];
            let quote = memchr::memchr(b'"', rest).map(|i| self.at + i);
            if self.quoted {
                let Some(quote) = quote else {
                    self.at = buffer.len();
                    return;
                };
                match buffer.get(quote + 1) {
                    Some(b'"') => self.at = quote + 2,
                    None if !at_end => {
                        self.at = quote;
                        return;
                    }
                    _ => {
                        self.quoted = false;
                        self.at = quote + 1;
                    }
                }
            } else {
                let plain_end = quote.unwrap_or(buffer.len());
                if let Some(feed) = memchr::memrchr(b'\n', &buffer[self.at..plain_end]) {
                    self.last_end = self.at + feed + 1;
                }
                self.at = plain_end;
                if let Some(quote) = quote {
                    // Only at the start of a cell does a quote open anything.
                    self.quoted = quote == 0 || matches!(buffer[quote - 1], b',' | b'\n');
                    self.at = quote + 1;
                }
            }
        }
    }

    fn moved_by(self, n: usize) -> Scan {
        Scan {
            at: self.at - n,
            quoted: self.quoted,
            last_end: 0,
        }
    }
}

/// Where the text of the first record ends and where the next record starts; at the end of the file also without a line feed.
fn first_record(buffer: &[u8], at_end: bool) -> Option<(usize, usize)> {
    let (mut at, mut quoted) = (0, false);
    while at < buffer.len() {
        let rest = &buffer[at..];
        if quoted {
            let Some(quote) = memchr::memchr(b'"', rest).map(|i| at + i) else {
                break;
            };
            match buffer.get(quote + 1) {
                Some(b'"') => at = quote + 2,
                None => break,
                Some(_) => (at, quoted) = (quote + 1, false),
            }
        } else {
            let Some(stop) = memchr::memchr2(b'"', b'\n', rest).map(|i| at + i) else {
                break;
            };
            if buffer[stop] == b'\n' {
                return Some((without_return(buffer, stop), stop + 1));
            }
            quoted = stop == 0 || matches!(buffer[stop - 1], b',' | b'\n');
            at = stop + 1;
        }
    }
    let n = buffer.len();
    // Inside of quotes that nothing closes every byte is text.
    let text = if quoted { n } else { without_return(buffer, n) };
    (at_end && n > 0).then_some((text, n))
}

/// `end`, or one less where a carriage return stands before it.
fn without_return(buffer: &[u8], end: usize) -> usize {
    end - usize::from(buffer[..end].ends_with(b"\r"))
}
