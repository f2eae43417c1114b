//! CRC-32 of files on disk, to compare them with the entries of a zip archive.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// CRC-32 of a file as zip has it (ISO 3309: reflected polynomial 0xEDB88320, start and final inversion).
pub(super) fn of_file(path: &Path) -> io::Result<u32> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 256 << 10];
    let mut crc = !0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(!crc),
            Ok(n) => crc = update(crc, &buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn update(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, &byte| {
        TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

/// Remainders of all bytes.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut remainder = i as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = (remainder >> 1) ^ (0xEDB8_8320 * (remainder & 1));
            bit += 1;
        }
        table[i] = remainder;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_check_value_of_the_standard() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        for (content, crc) in [("123456789", 0xCBF4_3926), ("", 0)] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(of_file(&path).unwrap(), crc);
        }
    }
}
