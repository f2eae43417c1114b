//! Frames: a length of eight bytes, the lowest first, and as many bytes.

use std::io::{self, Read, Write};

/// The longest request: a file of the largest size that is taken by default, and what stands in front of it.
pub(super) const MAX_REQUEST: u64 = (4 << 30) + (1 << 16);

/// The longest answer, or piece of one.
pub(super) const MAX_ANSWER: u64 = 4 << 20;

/// Writes the parts of one frame.
///
/// # Errors
/// Those of writing.
pub(super) fn write(to: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let n: u64 = parts.iter().map(|part| part.len() as u64).sum();
    to.write_all(&n.to_le_bytes())?;
    for part in parts {
        to.write_all(part)?;
    }
    to.flush()
}

/// Reads a frame; none where the other end has closed the pipe in front of one.
///
/// # Errors
/// Those of reading, an end in the middle of a frame, and a length above `longest`.
pub(super) fn read(from: &mut impl Read, longest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    let mut n_read = 0;
    while n_read < length.len() {
        match from.read(&mut length[n_read..]) {
            Ok(0) if n_read == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => n_read += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let n = u64::from_le_bytes(length);
    if n > longest {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a frame that is too long",
        ));
    }
    // No more memory than there are bytes.
    let mut frame = Vec::new();
    if from.take(n).read_to_end(&mut frame)? as u64 != n {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(frame))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn frames_come_back_and_what_is_cut_is_an_error() {
        let mut bytes = Vec::new();
        write(&mut bytes, &[b"one", b" ", b"frame"]).unwrap();
        write(&mut bytes, &[]).unwrap();
        let mut from = bytes.as_slice();
        assert_eq!(read(&mut from, 9).unwrap().unwrap(), b"one frame");
        assert_eq!(read(&mut from, 9).unwrap().unwrap(), b"");
        assert_eq!(read(&mut from, 9).unwrap(), None);
        for n in 1..17 {
            assert!(read(&mut &bytes[..n], 9).is_err(), "{n}");
        }
        assert!(read(&mut bytes.as_slice(), 8).is_err());
        assert!(read(&mut [0xff; 20].as_slice(), MAX_REQUEST).is_err());
    }
}
