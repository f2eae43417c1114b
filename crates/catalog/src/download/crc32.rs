//! CRC-32 of files on disk, to compare them with the entries of a zip archive.

use std::fs::File;
use std::io;
use std::path::Path;

use flate2::CrcReader;

/// CRC-32 of a file as zip has it.
pub(super) fn of_file(path: &Path) -> io::Result<u32> {
    let mut reader = CrcReader::new(File::open(path)?);
    io::copy(&mut reader, &mut io::sink())?;
    Ok(reader.crc().sum())
}

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
