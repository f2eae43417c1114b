//! Writes features of files and folders in the dataset's `features.csv` format, for the comparison with a reference.
//!
//! ```sh
//! cargo run --release -p cratedigger-features --example extract_csv -- [--recipe librosa] out.csv clips/ a.mp3
//! ```

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use cratedigger_features::{Extractor, Recipe, write_csv_header, write_csv_row};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut recipe = Recipe::Fma;
    if args.first().is_some_and(|a| a == "--recipe") && args.len() > 1 {
        recipe = args[1].parse()?;
        args.drain(..2);
    }
    let [out, inputs @ ..] = args.as_slice() else {
        return Err("usage: extract_csv [--recipe fma|librosa] OUT.csv PATH...".into());
    };
    let mut files = Vec::new();
    for input in inputs {
        collect(Path::new(input), &mut files)?;
    }
    files.sort();
    let mut out = BufWriter::new(File::create(out)?);
    write_csv_header(&mut out)?;
    let extractor = Extractor::new(recipe);
    let mut n_failed = 0;
    for file in &files {
        match extractor.extract_path(file) {
            Ok(features) => {
                let id = file.file_stem().unwrap_or_default().to_string_lossy();
                write_csv_row(&mut out, &id, features.values())?;
            }
            Err(e) => {
                n_failed += 1;
                eprintln!("{e}");
            }
        }
    }
    out.flush()?;
    if n_failed > 0 {
        return Err(format!("{n_failed} of {} files gave no features", files.len()).into());
    }
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    const AUDIO: [&str; 10] = [
        "mp3", "flac", "ogg", "wav", "aif", "aiff", "m4a", "aac", "caf", "mka",
    ];
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let child = entry?.path();
            let extension = child.extension().map(|e| e.to_string_lossy().to_lowercase());
            if child.is_dir() || extension.is_some_and(|e| AUDIO.contains(&e.as_str())) {
                collect(&child, files)?;
            }
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}
