//! Archives, and the records of their files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cratedigger_synth::{self as synth, Format, SynthOptions, SynthReport};

pub(crate) fn make(dir: &Path, n_tracks: usize, seed: u64, format: Format) -> SynthReport {
    let options = SynthOptions {
        n_tracks,
        seed,
        format,
        ..SynthOptions::default()
    };
    synth::write(&options, dir, &mut |_| {}).unwrap()
}

/// Records of a CSV file by the plain rules of RFC 4180, one character after the other.
pub(crate) fn records(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(
        !quoted && field.is_empty() && record.is_empty(),
        "{} is cut off",
        path.display()
    );
    all
}

/// `tracks.csv` as columns by their flattened names.
pub(crate) struct Tracks {
    pub(crate) ids: Vec<i64>,
    pub(crate) columns: BTreeMap<String, Vec<String>>,
}

impl Tracks {
    pub(crate) fn read(dir: &Path) -> Self {
        let all = records(&dir.join("tracks.csv"));
        let names: Vec<String> = all[0][1..]
            .iter()
            .zip(&all[1][1..])
            .map(|(a, b)| format!("{a}.{b}"))
            .collect();
        let rows = &all[3..];
        let columns = names
            .into_iter()
            .enumerate()
            .map(|(k, name)| (name, rows.iter().map(|r| r[k + 1].clone()).collect()))
            .collect();
        Self {
            ids: rows.iter().map(|r| r[0].parse().unwrap()).collect(),
            columns,
        }
    }

    pub(crate) fn empty(&self, column: &str) -> f64 {
        let column = &self.columns[column];
        column.iter().filter(|c| c.is_empty()).count() as f64 / column.len() as f64
    }

    /// The phi coefficient of two columns' gaps from their two by two table.
    pub(crate) fn phi(&self, a: &str, b: &str) -> f64 {
        let (mut n11, mut n10, mut n01, mut n00) = (0.0, 0.0, 0.0, 0.0);
        for (x, y) in self.columns[a].iter().zip(&self.columns[b]) {
            match (x.is_empty(), y.is_empty()) {
                (true, true) => n11 += 1.0,
                (true, false) => n10 += 1.0,
                (false, true) => n01 += 1.0,
                (false, false) => n00 += 1.0,
            }
        }
        let root: f64 = (n11 + n10) * (n01 + n00) * (n11 + n01) * (n10 + n00);
        (n11 * n00 - n10 * n01) / root.sqrt()
    }
}

pub(crate) fn shared() -> Option<PathBuf> {
    let dir = std::env::var_os("CRATEDIGGER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    dir.join("fma").is_dir().then_some(dir)
}

pub(crate) fn head(path: &Path, n_lines: usize) -> String {
    fs::read_to_string(path)
        .unwrap()
        .split_inclusive('\n')
        .take(n_lines)
        .collect()
}
