//! Bytes for the decoder: shared, so that a format can be tried again from another position, and with a memory for failed reads.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};

use symphonia::core::io::MediaSource;

use crate::audio::patch::{Patch, Repair};
use crate::lock::lock;

/// A media source that can be read by one attempt after another.
pub(crate) struct Bytes<'s> {
    inner: Arc<Mutex<Inner<'s>>>,
    is_seekable: bool,
    n_bytes: Option<u64>,
}

struct Inner<'s> {
    source: Box<dyn MediaSource + 's>,
    /// The first read that failed; decoders take it for the end of the stream.
    failure: Option<io::Error>,
}

impl<'s> Bytes<'s> {
    pub(crate) fn new(source: Box<dyn MediaSource + 's>) -> Self {
        Self {
            is_seekable: source.is_seekable(),
            n_bytes: source.byte_len(),
            inner: Arc::new(Mutex::new(Inner {
                source,
                failure: None,
            })),
        }
    }

    /// Whether the bytes can be had again from any position.
    pub(crate) fn is_seekable(&self) -> bool {
        self.is_seekable
    }

    /// Length, if it is known.
    pub(crate) fn n_bytes(&self) -> Option<u64> {
        self.n_bytes
    }

    /// Fills `buf` from position `at`, as far as there are bytes; returns their number.
    pub(crate) fn peek(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut inner = lock(&self.inner);
        inner.source.seek(SeekFrom::Start(at))?;
        let mut n = 0;
        while n < buf.len() {
            match inner.source.read(&mut buf[n..]) {
                Ok(0) => break,
                Ok(more) => n += more,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        inner.source.seek(SeekFrom::Start(0))?;
        Ok(n)
    }

    /// A source that begins at `start`, repaired; only 0 and no repair if the bytes are not seekable.
    pub(crate) fn from(&self, start: u64, repair: Repair) -> io::Result<Box<dyn MediaSource + 's>> {
        if self.is_seekable {
            lock(&self.inner).source.seek(SeekFrom::Start(start))?;
        }
        Ok(Box::new(View {
            inner: Arc::clone(&self.inner),
            start,
            patches: repair.patches,
            is_seekable: self.is_seekable && !repair.forward_only,
            n_bytes: self
                .n_bytes
                .map(|n| n.saturating_sub(start))
                .filter(|_| !repair.forward_only),
        }))
    }

    /// The error of the first read that failed, once.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        lock(&self.inner).failure.take()
    }
}

/// The bytes from a position on.
struct View<'s> {
    inner: Arc<Mutex<Inner<'s>>>,
    start: u64,
    patches: Vec<Patch>,
    is_seekable: bool,
    n_bytes: Option<u64>,
}

impl Read for View<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut inner = lock(&self.inner);
        let at = match self.patches.is_empty() {
            true => 0,
            false => inner.source.stream_position()?,
        };
        match inner.source.read(buf) {
            Ok(n) => {
                self.patches.iter().for_each(|p| p.apply(at, &mut buf[..n]));
                Ok(n)
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Err(e),
            Err(e) => {
                let copy = io::Error::new(e.kind(), e.to_string());
                inner.failure.get_or_insert(e);
                Err(copy)
            }
        }
    }
}

impl Seek for View<'_> {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        let pos = match pos {
            SeekFrom::Start(p) => SeekFrom::Start(self.start.saturating_add(p)),
            other => other,
        };
        let at = lock(&self.inner).source.seek(pos)?;
        at.checked_sub(self.start)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a position before the start"))
    }
}

impl MediaSource for View<'_> {
    fn is_seekable(&self) -> bool {
        self.is_seekable
    }

    fn byte_len(&self) -> Option<u64> {
        self.n_bytes
    }
}

/// A reader that can be read more than once: every borrower continues where the reader stands.
pub(crate) struct SharedReader<'a, R>(pub(crate) &'a Mutex<R>, pub(crate) u64);

impl<R: Read + Seek> Read for SharedReader<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        lock(self.0).read(buf)
    }
}

impl<R: Read + Seek> Seek for SharedReader<'_, R> {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        lock(self.0).seek(pos)
    }
}

impl<R: Read + Seek + Send> MediaSource for SharedReader<'_, R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_view_counts_from_its_start() {
        let bytes = Bytes::new(Box::new(Cursor::new((0u8..100).collect::<Vec<_>>())));
        let mut head = [0; 4];
        assert_eq!(bytes.peek(98, &mut head).unwrap(), 2);
        let mut view = bytes.from(10, Repair::default()).unwrap();
        assert_eq!(view.byte_len(), Some(90));
        let mut b = [0];
        view.read_exact(&mut b).unwrap();
        assert_eq!(b, [10]);
        assert_eq!(view.seek(SeekFrom::End(-1)).unwrap(), 89);
        assert_eq!(view.seek(SeekFrom::Start(5)).unwrap(), 5);
        view.read_exact(&mut b).unwrap();
        assert_eq!(b, [15]);
        assert!(view.seek(SeekFrom::Current(-9)).is_err());
        assert!(bytes.take_failure().is_none());
    }
}
