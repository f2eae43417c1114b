//! Set-up headers, bounded before a decoder makes its tables of them.
//!
//! A Vorbis header of 570 bytes can ask for gigabytes: the number of entries and of dimensions of a codebook take some bits each,
//! and none for an entry that is like the others.

use crate::error::{Error, Result};

/// Entries of all codebooks of a stream together. Encoders use fewer than 20,000. A table of codewords takes up to a KiB for each.
const MAX_ENTRIES: u32 = 1 << 16;

/// Numbers in all codebooks of a stream together, of four bytes each.
const MAX_VALUES: u32 = 1 << 22;

/// What stands in front of the content of each header.
const SIGNATURE: &[u8] = b"vorbis";

/// Checks the set-up header in the description of a Vorbis stream (identification, then set-up, as symphonia joins them).
///
/// A header that makes no sense is left to the decoder, which refuses it before it has made tables of what is not there.
///
/// Source: Vorbis I, 3.2.1 and 4.2.4.
///
/// # Errors
/// [`Error::UnsupportedCodec`] if the tables would take more than 80 MiB.
pub(crate) fn check_vorbis(description: &[u8]) -> Result<()> {
    let setup = description
        .windows(7)
        .position(|w| w[0] == 5 && &w[1..] == SIGNATURE)
        .map(|at| &description[at + 7..]);
    let (mut n_entries, mut n_values) = (0u32, 0u32);
    if let Some(bytes) = setup {
        // None: the header ends or makes no sense, and so will the decoder's reading of it.
        let _ = codebooks(&mut Bits { bytes, at: 0 }, &mut |entries, values| {
            n_entries = n_entries.saturating_add(entries);
            n_values = n_values.saturating_add(values);
            n_entries <= MAX_ENTRIES && n_values <= MAX_VALUES
        });
    }
    if n_entries > MAX_ENTRIES || n_values > MAX_VALUES {
        return Err(Error::UnsupportedCodec {
            reason: format!(
                "Vorbis codebooks of {n_entries} entries or more, with {n_values} numbers; the limits are {MAX_ENTRIES} and \
                 {MAX_VALUES}"
            ),
        });
    }
    Ok(())
}

/// Reads over the codebooks and tells the entries and the numbers of each before they are read over, until `go_on` is false.
fn codebooks(bits: &mut Bits<'_>, go_on: &mut dyn FnMut(u32, u32) -> bool) -> Option<()> {
    let count = bits.take(8)? + 1;
    for _ in 0..count {
        if bits.take(24)? != 0x56_4342 {
            return None;
        }
        let n_dimensions = bits.take(16)?;
        let n_entries = bits.take(24)?;
        // Whether they hold numbers is told behind the entries: as if they did.
        if !go_on(n_entries, n_entries.saturating_mul(n_dimensions)) {
            return None;
        }
        if bits.take(1)? == 1 {
            in_order(bits, n_entries)?;
        } else if bits.take(1)? == 1 {
            for _ in 0..n_entries {
                if bits.take(1)? == 1 {
                    bits.skip(5)?;
                }
            }
        } else {
            bits.skip(5 * n_entries as usize)?;
        }
        match bits.take(4)? {
            0 => {}
            kind @ (1 | 2) => {
                bits.skip(64)?;
                let n_bits = bits.take(4)? + 1;
                bits.skip(1)?;
                let n_numbers = match kind {
                    1 => root(n_entries, n_dimensions),
                    _ => n_entries.saturating_mul(n_dimensions),
                };
                bits.skip(n_numbers as usize * n_bits as usize)?;
            }
            _ => return None,
        }
    }
    Some(())
}

/// Reads over codewords that are told by how many there are of each length.
fn in_order(bits: &mut Bits<'_>, n_entries: u32) -> Option<()> {
    bits.skip(5)?;
    let mut n = 0u32;
    while n < n_entries {
        n = n.checked_add(bits.take(u32::BITS - (n_entries - n).leading_zeros())?)?;
    }
    (n == n_entries).then_some(())
}

/// The largest number whose power of `n_dimensions` is no larger than `n_entries`.
fn root(n_entries: u32, n_dimensions: u32) -> u32 {
    let is_small = |x: u32| {
        x.checked_pow(n_dimensions)
            .is_some_and(|power| power <= n_entries)
    };
    match n_dimensions {
        0 => 0,
        _ => (1..).take_while(|x| is_small(*x)).last().unwrap_or(0),
    }
}

/// Bits, the lowest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// A number of up to 32 bits.
    fn take(&mut self, n: u32) -> Option<u32> {
        let mut value = 0;
        for i in 0..n {
            let byte = self.bytes.get(self.at / 8)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << i;
            self.at += 1;
        }
        Some(value)
    }

    fn skip(&mut self, n: usize) -> Option<()> {
        self.at = self.at.checked_add(n)?;
        (self.at <= 8 * self.bytes.len()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Default)]
    struct Writer(Vec<bool>);

    impl Writer {
        fn put(&mut self, value: u64, n: usize) {
            self.0.extend((0..n).map(|i| value >> i & 1 == 1));
        }

        fn description(&self) -> Vec<u8> {
            let bytes = self.0.chunks(8).map(|bits| {
                bits.iter()
                    .enumerate()
                    .fold(0, |byte, (i, bit)| byte | u8::from(*bit) << i)
            });
            let mut out = b"\x01vorbis, and more\x05vorbis".to_vec();
            out.extend(bytes);
            out
        }
    }

    /// A codebook of entries of one length, told in order, with one number for each dimension.
    fn book(w: &mut Writer, n_entries: u64, n_dimensions: u64) {
        let n_bits = 64 - n_entries.leading_zeros() as usize;
        w.put(0x56_4342, 24);
        w.put(n_dimensions, 16);
        w.put(n_entries, 24);
        w.put(1, 1);
        w.put(0, 5);
        w.put(n_entries, n_bits);
        w.put(1, 4);
        w.put(0, 64);
        w.put(0, 4);
        w.put(0, 1);
        w.put(0, root(n_entries as u32, n_dimensions as u32) as usize);
    }

    fn check(books: &[(u64, u64)]) -> Result<()> {
        let mut w = Writer::default();
        w.put(books.len() as u64 - 1, 8);
        books.iter().for_each(|(n, d)| book(&mut w, *n, *d));
        check_vorbis(&w.description())
    }

    #[test]
    fn a_header_of_some_bytes_cannot_ask_for_gigabytes() {
        assert!(check(&[(131_072, 31); 255]).is_err());
        assert!(check(&[(131_072, 1)]).is_err());
        // Each is small, all together are not: every one is counted.
        assert!(check(&[(4096, 8); 17]).is_err());
        assert!(check(&[(4096, 8); 16]).is_ok());
        assert!(check(&[(65_536, 64)]).is_ok() && check(&[(65_536, 65)]).is_err());
        let text = check(&[(131_072, 31); 2]).unwrap_err().to_string();
        assert!(text.contains("131072 entries"), "{text}");
    }

    #[test]
    fn every_way_to_tell_codewords_is_read_over() {
        let mut w = Writer::default();
        w.put(3, 8);
        // Each with its length, and numbers for all of them.
        w.put(0x56_4342, 24);
        w.put(2, 16);
        w.put(6, 24);
        w.put(0, 2);
        w.put(0, 30);
        w.put(2, 4);
        w.put(0, 64);
        w.put(3, 4);
        w.put(0, 1);
        w.put(0, 2 * 6 * 4);
        // Some left out, and no numbers.
        w.put(0x56_4342, 24);
        w.put(1, 16);
        w.put(3, 24);
        w.put(0b10, 2);
        w.put(0b0000_1111, 8);
        w.put(0, 4);
        book(&mut w, 81, 4);
        // Behind them all the one that is too large.
        book(&mut w, 100_000, 1);
        assert!(check_vorbis(&w.description()).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_left_to_the_decoder() {
        assert!(check_vorbis(b"").is_ok());
        assert!(check_vorbis(b"\x05vorbis").is_ok());
        assert!(check_vorbis(b"\x05vorbis\xffBVC and what follows").is_ok());
        assert_eq!(
            (root(361, 2), root(560, 3), root(1, 9), root(0, 3), root(7, 0)),
            (19, 8, 1, 0, 0)
        );
    }
}
