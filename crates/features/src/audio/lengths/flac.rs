//! FLAC, counted by its description, and by those of files that were joined to it.
//!
//! Source: RFC 9639, 8.2.

use std::io;

use crate::audio::source::Bytes;

/// Bytes of a file's beginning, up to the end of its description.
const N_DESCRIPTION: usize = 42;

/// Samples that the description in `front` tells, and those of files that begin at `joined`, at the rate of the first; none if
/// the first tells nothing.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(bytes: &Bytes<'_>, front: &[u8], joined: &[u64]) -> io::Result<Option<u64>> {
    let Some((mut n, rate)) = described(front) else {
        return Ok(None);
    };
    for at in joined {
        if let Some((more, other)) = bytes.take::<N_DESCRIPTION>(*at)?.and_then(|x| described(&x)) {
            n += more * rate / other;
        }
    }
    Ok(Some(n))
}

/// Samples and rate that a description tells; 0 stands for none.
fn described(beginning: &[u8]) -> Option<(u64, u64)> {
    let both: [u8; 8] = beginning.strip_prefix(b"fLaC")?.get(14..22)?.try_into().ok()?;
    let both = u64::from_be_bytes(both);
    let (n, rate) = (both & ((1 << 36) - 1), both >> 44);
    (n > 0 && rate > 0).then_some((n, rate))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    #[test]
    fn the_descriptions_of_joined_files_are_added() {
        let one = include_bytes!("../../../tests/data/audio/flac.flac");
        let mut other = one.to_vec();
        // 44,100 Hz is twice this rate.
        other[18..21].copy_from_slice(&[0x05, 0x62, 0x20 | one[20] & 15]);
        let x = [one.as_slice(), one, &other].concat();
        let bytes = Bytes::new(Box::new(Cursor::new(x)));
        let of = |front: &[u8], joined: &[u64]| n_samples(&bytes, front, joined).unwrap();
        let n = one.len() as u64;
        assert_eq!(of(one, &[]), Some(4800));
        assert_eq!(of(one, &[n]), Some(9600));
        let (_, rate) = described(one).unwrap();
        assert_eq!(of(one, &[n, 2 * n]), Some(9600 + 4800 * rate / 22_050));
        // No file begins there, or the first tells nothing.
        assert_eq!(of(one, &[3, 3 * n]), Some(4800));
        assert_eq!(of(b"fLaC", &[n]), None);
    }
}
