//! FLAC, counted by its description, and by those of files that were joined to it.
//!
//! Source: RFC 9639, 8.2.

use std::io;

use super::window::Window;

/// Bytes of a stream's beginning, up to the end of its description.
const N_DESCRIPTION: usize = 42;

/// Bytes that are searched at once.
const N_BLOCK: usize = 1 << 16;

/// Samples that the description in `front` tells, and those of files that begin at `start` or behind it; none if the first
/// tells nothing.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(window: &mut Window<'_, '_>, front: &[u8], start: u64) -> io::Result<Option<u64>> {
    let Some(mut n) = described(front) else {
        return Ok(None);
    };
    let mut at = start;
    loop {
        let block = window.get(at, N_BLOCK)?;
        if block.len() < N_DESCRIPTION {
            return Ok(Some(n));
        }
        let found = block
            .windows(8)
            .position(|w| w.starts_with(b"fLaC") && w[4] & 0x7f == 0 && w[5..] == [0, 0, 34]);
        at += match found {
            Some(i) => {
                n += described(window.get(at + i as u64, N_DESCRIPTION)?).unwrap_or(0);
                (i + N_DESCRIPTION) as u64
            }
            None => (block.len() + 1 - N_DESCRIPTION) as u64,
        };
    }
}

/// Samples that a description tells; 0 stands for none.
fn described(beginning: &[u8]) -> Option<u64> {
    let total: [u8; 8] = beginning.strip_prefix(b"fLaC")?.get(14..22)?.try_into().ok()?;
    Some(u64::from_be_bytes(total) & ((1 << 36) - 1)).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audio::source::Bytes;
    use std::io::Cursor;

    #[test]
    fn the_descriptions_of_joined_files_are_added() {
        let one = include_bytes!("../../../tests/data/audio/flac.flac");
        let of = |x: Vec<u8>| {
            let n = x.len() as u64;
            let bytes = Bytes::new(Box::new(Cursor::new(x)));
            n_samples(&mut Window::new(&bytes, n), one, 42).unwrap()
        };
        assert_eq!(of(one.to_vec()), Some(4800));
        for n in [0, 30, 65_000, 65_536, 200_000] {
            let x = [one.as_slice(), &vec![7; n], one].concat();
            assert_eq!(of(x), Some(9600), "{n}");
        }
        let bytes = Bytes::new(Box::new(Cursor::new(one.to_vec())));
        assert_eq!(
            n_samples(&mut Window::new(&bytes, 99), b"fLaC", 42).unwrap(),
            None
        );
    }
}
