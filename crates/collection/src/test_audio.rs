//! Sounds for tests.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

/// A mono WAV file of 8-bit samples at 22,050 Hz, long enough for the constant-Q transform.
pub(crate) fn wav(path: &Path, period: usize, n: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + n).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(22_050_u32.to_le_bytes());
    bytes.extend(22_050_u32.to_le_bytes());
    bytes.extend(b"\x01\0\x08\0data");
    bytes.extend(n.to_le_bytes());
    bytes.extend((0..n as usize).map(|i| if i % period < period / 2 { 90_u8 } else { 160 }));
    fs::write(path, bytes).unwrap();
}
