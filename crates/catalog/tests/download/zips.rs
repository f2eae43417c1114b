//! Archives for the tests: an honest one, and crafted ones.

use std::io::{Cursor, Write};
use std::sync::Arc;

use sha1::{Digest, Sha1};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The files of the honest archive: text, noise that does not shrink, nothing.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut state = 1_u32;
    let noise = (0..900_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    vec![
        ("fma_tiny/README.txt", b"A tiny archive\n".repeat(50)),
        ("fma_tiny/000/noise.mp3", noise),
        ("fma_tiny/000/text.csv", b"track_id,title\n2,Food\n".repeat(40)),
        ("fma_tiny/empty", Vec::new()),
    ]
}

/// Those files by deflate, bzip2, with zip64 headers, and stored, with entries for the folders.
pub fn honest() -> Arc<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default();
    zip.add_directory("fma_tiny/", plain).unwrap();
    zip.add_directory("fma_tiny/000/", plain).unwrap();
    let ways = [
        plain.compression_method(CompressionMethod::Deflated),
        plain.compression_method(CompressionMethod::Bzip2),
        plain
            .compression_method(CompressionMethod::Deflated)
            .large_file(true),
        plain.compression_method(CompressionMethod::Stored),
    ];
    for ((name, content), way) in files().into_iter().zip(ways) {
        zip.start_file(name, way).unwrap();
        zip.write_all(&content).unwrap();
    }
    Arc::new(zip.finish().unwrap().into_inner())
}

/// An innocent file, and one of that name and content.
pub fn with_entry(name: &str, content: &[u8], method: CompressionMethod) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("fine.txt", options).unwrap();
    zip.write_all(b"fine").unwrap();
    zip.start_file(name, options).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

pub fn with_symlink() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.add_symlink("link", "/etc", options).unwrap();
    zip.start_file("link2/passwd", options).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The same bytes with another text of the same length in all places.
pub fn patched(zip: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = zip.to_vec();
    let mut hits = 0;
    for at in 0..=out.len() - from.len() {
        if &out[at..at + from.len()] == from {
            out[at..at + from.len()].copy_from_slice(to);
            hits += 1;
        }
    }
    assert!(hits > 0, "nothing to patch");
    out
}

pub fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
