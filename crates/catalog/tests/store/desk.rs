//! Small tables, and what an import leaves.

use std::path::Path;

use cratedigger_catalog::report::Outcome;

use crate::common::{import_dir, tracks_csv};

pub(crate) const COLUMNS: [&str; 4] = ["artist.latitude", "artist.name", "set.subset", "track.duration"];

pub(crate) fn tracks(durations: &[i64]) -> String {
    let records: Vec<String> = durations
        .iter()
        .enumerate()
        .map(|(i, d)| format!("{},40.5,AWOL,small,{d}", i + 2))
        .collect();
    tracks_csv(&COLUMNS, &records.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) const GENRES: &str = "genre_id,#tracks,parent,title,top_level\n1,2,0,Rock,1\n2,1,1,Punk,1\n";

pub(crate) fn objects(store: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(store)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn outcomes(dir: &Path, store: &Path) -> Vec<Outcome> {
    import_dir(dir, store, false)
        .unwrap()
        .tables
        .iter()
        .map(|t| t.outcome)
        .collect()
}
