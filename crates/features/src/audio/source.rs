//! Bytes for the decoder: shared, so that a format can be tried again from another position, and with a memory for failed reads.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};

use symphonia::core::io::MediaSource;

use crate::audio::patch::Repair;
use crate::lock::lock;

/// A media source that can be read by one attempt after another.
pub(crate) struct Bytes<'s> {
    inner: Arc<Mutex<Inner<'s>>>,
    n_bytes: u64,
}

struct Inner<'s> {
    source: Box<dyn MediaSource + 's>,
    /// Where the source stands.
    at: u64,
    /// The first read that failed; decoders take it for the end of the stream.
    failure: Option<io::Error>,
}

impl Inner<'_> {
    fn go_to(&mut self, at: u64) -> io::Result<()> {
        if self.at != at {
            self.at = self.source.seek(SeekFrom::Start(at))?;
        }
        Ok(())
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buf)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl<'s> Bytes<'s> {
    /// The bytes of a source that can be sent to any position and tells its length.
    #[cfg(test)]
    pub(crate) fn new(source: Box<dyn MediaSource + 's>) -> Self {
        let n_bytes = source.byte_len().unwrap_or(0);
        Self::of(source, n_bytes)
    }

    /// The bytes of any source. One that cannot be sent to any position is read whole, up to `max_bytes` and one more.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn open(mut source: Box<dyn MediaSource + 's>, max_bytes: u64) -> io::Result<Self> {
        if source.is_seekable() {
            let n_bytes = match source.byte_len() {
                Some(n) => n,
                None => source.seek(SeekFrom::End(0))?,
            };
            return Ok(Self::of(source, n_bytes));
        }
        let mut all = Vec::new();
        source.take(max_bytes.saturating_add(1)).read_to_end(&mut all)?;
        let n_bytes = all.len() as u64;
        Ok(Self::of(Box::new(Cursor::new(all)), n_bytes))
    }

    fn of(source: Box<dyn MediaSource + 's>, n_bytes: u64) -> Self {
        Self {
            n_bytes,
            inner: Arc::new(Mutex::new(Inner {
                source,
                // Where a source stands is not known.
                at: u64::MAX,
                failure: None,
            })),
        }
    }

    /// Length.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Fills `buf` from position `at`, as far as there are bytes; returns their number.
    pub(crate) fn peek(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut inner = lock(&self.inner);
        inner.go_to(at)?;
        let mut n = 0;
        while n < buf.len() {
            match inner.read(&mut buf[n..]) {
                Ok(0) => break,
                Ok(more) => n += more,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(n)
    }

    /// The bytes at `at`, if all of them are there.
    pub(crate) fn take<const N: usize>(&self, at: u64) -> io::Result<Option<[u8; N]>> {
        let mut out = [0; N];
        Ok((self.peek(at, &mut out)? == N).then_some(out))
    }

    /// A source of the bytes as `repair` reads them.
    pub(crate) fn from(&self, repair: Repair) -> Box<dyn MediaSource + 's> {
        let end = repair.end.map_or(self.n_bytes, |end| end.min(self.n_bytes));
        Box::new(View {
            inner: Arc::clone(&self.inner),
            body: end.saturating_sub(repair.start),
            at: 0,
            repair,
        })
    }

    /// The error of the first read that failed, once.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        lock(&self.inner).failure.take()
    }
}

/// The bytes as a repair reads them: some in front, then those of the file between two positions.
struct View<'s> {
    inner: Arc<Mutex<Inner<'s>>>,
    repair: Repair,
    /// Length of the file's part.
    body: u64,
    at: u64,
}

impl Read for View<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let front = self.repair.front.len() as u64;
        if self.at < front {
            let rest = &self.repair.front[self.at as usize..];
            let n = rest.len().min(buf.len());
            buf[..n].copy_from_slice(&rest[..n]);
            self.at += n as u64;
            return Ok(n);
        }
        let in_body = self.at - front;
        let at = self.repair.start + in_body;
        let left = self.body.saturating_sub(in_body);
        let n_wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let mut inner = lock(&self.inner);
        inner.go_to(at)?;
        match inner.read(&mut buf[..n_wanted]) {
            Ok(n) => {
                self.repair
                    .patches
                    .iter()
                    .for_each(|p| p.apply(at, &mut buf[..n]));
                self.at += n as u64;
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
        let at = match pos {
            SeekFrom::Start(p) => Some(p),
            SeekFrom::Current(d) => self.at.checked_add_signed(d),
            SeekFrom::End(d) => (self.body + self.repair.front.len() as u64).checked_add_signed(d),
        };
        self.at =
            at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a position before the start"))?;
        Ok(self.at)
    }
}

impl MediaSource for View<'_> {
    fn is_seekable(&self) -> bool {
        !self.repair.forward_only
    }

    fn byte_len(&self) -> Option<u64> {
        let n = self.body + self.repair.front.len() as u64;
        Some(n).filter(|_| !self.repair.forward_only)
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
    use crate::audio::patch::Patch;

    #[test]
    fn a_view_counts_from_its_start() {
        let bytes = Bytes::new(Box::new(Cursor::new((0u8..100).collect::<Vec<_>>())));
        let mut head = [0; 4];
        assert_eq!(bytes.peek(98, &mut head).unwrap(), 2);
        let mut view = bytes.from(Repair::starting(10));
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

    #[test]
    fn another_front_an_end_and_patches_are_read_as_one() {
        let bytes = Bytes::new(Box::new(Cursor::new((0u8..100).collect::<Vec<_>>())));
        let mut view = bytes.from(Repair {
            front: vec![200, 201],
            start: 10,
            end: Some(14),
            patches: vec![Patch {
                at: 12,
                bytes: vec![99],
            }],
            forward_only: false,
            joined: Vec::new(),
        });
        assert_eq!(view.byte_len(), Some(6));
        let mut all = Vec::new();
        view.read_to_end(&mut all).unwrap();
        assert_eq!(all, [200, 201, 10, 11, 99, 13]);
        // Somebody else reads in between.
        view.seek(SeekFrom::Start(3)).unwrap();
        bytes.peek(50, &mut [0; 4]).unwrap();
        all.clear();
        view.read_to_end(&mut all).unwrap();
        assert_eq!(all, [11, 99, 13]);
    }
}
