//! Files that are changed in one place, and what is decoded of them.

use std::io::Cursor;

use cratedigger_features::{AudioInfo, Decoder, Extractor, Features, Limits, Recipe, Result};

use super::data;

/// A file of tests/data/audio.
pub fn read(name: &str) -> Vec<u8> {
    std::fs::read(data("audio").join(name)).unwrap()
}

/// Its samples, and what is told of them.
pub fn decode(bytes: &[u8]) -> Result<(Vec<f32>, AudioInfo)> {
    let mut decoder = Decoder::new(Box::new(Cursor::new(bytes.to_vec())), &Limits::default())?;
    let mut samples = Vec::new();
    while decoder.next_samples(&mut samples)? {}
    Ok((samples, decoder.info().unwrap()))
}

/// Asserts that a file is decoded to the same samples as `want`.
pub fn same(what: &str, got: &[u8], want: &[f32]) {
    let (got, info) = decode(got).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(got.len(), want.len(), "{what}");
    assert!(got == want, "{what}: other samples");
    assert_eq!((info.n_bad_packets, info.n_lost), (0, 0), "{what}");
}

/// Where bytes are found first.
pub fn find(x: &[u8], what: &[u8]) -> usize {
    x.windows(what.len()).position(|w| w == what).unwrap()
}

/// A file with other bytes in a place.
pub fn with<const N: usize>(x: &[u8], at: usize, bytes: [u8; N]) -> Vec<u8> {
    let mut x = x.to_vec();
    x[at..at + N].copy_from_slice(&bytes);
    x
}

/// Its features.
pub fn extract(bytes: Vec<u8>) -> Result<Features> {
    Extractor::new(Recipe::Fma).extract_reader(Cursor::new(bytes))
}

/// The same of a recording of which anything may be missing.
pub fn extract_part(bytes: Vec<u8>) -> Result<Features> {
    Extractor::new(Recipe::Fma)
        .with_limits(Limits::default().max_lost(1.0))
        .extract_reader(Cursor::new(bytes))
}
