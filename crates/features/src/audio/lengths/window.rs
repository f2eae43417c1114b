//! A part of a file that is read from front to back, in blocks.

use std::io;

use crate::audio::source::Bytes;

/// Bytes of a block.
const N_BLOCK: usize = 1 << 16;

/// The bytes of a file up to an end.
pub(crate) struct Window<'a, 's> {
    bytes: &'a Bytes<'s>,
    end: u64,
    block: Vec<u8>,
    /// Where the block begins.
    at: u64,
}

impl<'a, 's> Window<'a, 's> {
    pub(crate) fn new(bytes: &'a Bytes<'s>, end: u64) -> Self {
        Self {
            bytes,
            end,
            block: Vec::new(),
            at: 0,
        }
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// `n` bytes from `at`, or those that there are in front of the end; `n` at most that of a block.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn get(&mut self, at: u64, n: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX);
        let n = n.min(left).min(N_BLOCK);
        let is_there =
            |at: u64, block: &[u8], from: u64| at >= from && at - from + n as u64 <= block.len() as u64;
        if !is_there(at, &self.block, self.at) {
            self.block.resize(N_BLOCK.min(left), 0);
            let got = self.bytes.peek(at, &mut self.block)?;
            self.block.truncate(got);
            self.at = at;
        }
        let from = (at - self.at) as usize;
        Ok(&self.block[from..self.block.len().min(from + n)])
    }

    /// `N` bytes from `at`, if they are all there.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn take<const N: usize>(&mut self, at: u64) -> io::Result<Option<[u8; N]>> {
        Ok(self.get(at, N)?.try_into().ok())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    #[test]
    fn bytes_are_those_of_the_file_up_to_the_end() {
        let all: Vec<u8> = (0..200_000u32).map(|i| (i * 7 % 251) as u8).collect();
        let bytes = Bytes::new(Box::new(Cursor::new(all.clone())));
        let mut window = Window::new(&bytes, 150_000);
        for at in [
            0u64, 10, 65_530, 65_536, 3, 149_990, 149_999, 150_000, 190_000, 300_000,
        ] {
            let want: Vec<u8> = all
                .iter()
                .take(150_000)
                .skip(at as usize)
                .take(20)
                .copied()
                .collect();
            assert_eq!(window.get(at, 20).unwrap(), want, "{at}");
        }
        assert_eq!(window.take::<2>(5).unwrap(), Some([all[5], all[6]]));
        assert_eq!(window.take::<2>(149_999).unwrap(), None);
    }
}
