//! The real excerpts of the dataset in the shared folder (`CRATEDIGGER_SHARED`, or `../shared` beside the project).
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int64Type};
use common::{import_dir, shared};
use cratedigger_catalog::report::{NoteKind, Reason};
use cratedigger_catalog::{Error, Store, TableId};

fn imported(folder: &str) -> Option<(tempfile::TempDir, Store, cratedigger_catalog::ImportReport)> {
    let dir = shared(folder)?;
    let store = tempfile::tempdir().unwrap();
    let report = import_dir(&dir, store.path(), false).unwrap();
    let opened = Store::open(store.path()).unwrap();
    Some((store, opened, report))
}

#[test]
fn the_metadata_excerpt() {
    let Some((_dir, store, report)) = imported("fma/metadata-excerpt") else {
        return;
    };
    let tracks = report.table(TableId::Tracks).unwrap();
    assert_eq!((tracks.rows, tracks.columns, tracks.rejected), (682, 53, 0));
    assert_eq!(tracks.notes, []);
    let genres = report.table(TableId::Genres).unwrap();
    assert_eq!((genres.rows, genres.columns), (163, 5));
    let batch = store.read(TableId::Tracks, None).unwrap();
    // pandas 3.1.1: tracks[column].isnull().sum()
    let missing = |name: &str| batch.column_by_name(name).unwrap().null_count();
    for (name, want) in MISSING_IN_EXCERPT {
        assert_eq!(missing(name), want, "{name}");
    }
    let durations = batch
        .column_by_name("track.duration")
        .unwrap()
        .as_primitive::<Int64Type>();
    assert_eq!(durations.value(0), 168);
}

/// `venv/bin/python -c` of: `t = pandas.read_csv("tracks.csv", index_col=0, header=[0, 1]); print(t.isnull().sum())`.
const MISSING_IN_EXCERPT: [(&str, usize); 52] = [
    ("album.comments", 0),
    ("album.date_created", 9),
    ("album.date_released", 46),
    ("album.engineer", 659),
    ("album.favorites", 0),
    ("album.id", 0),
    ("album.information", 172),
    ("album.listens", 0),
    ("album.producer", 620),
    ("album.tags", 0),
    ("album.title", 1),
    ("album.tracks", 0),
    ("album.type", 9),
    ("artist.active_year_begin", 424),
    ("artist.active_year_end", 649),
    ("artist.associated_labels", 343),
    ("artist.bio", 45),
    ("artist.comments", 0),
    ("artist.date_created", 0),
    ("artist.favorites", 0),
    ("artist.id", 0),
    ("artist.latitude", 190),
    ("artist.location", 122),
    ("artist.longitude", 190),
    ("artist.members", 285),
    ("artist.name", 0),
    ("artist.related_projects", 403),
    ("artist.tags", 0),
    ("artist.website", 56),
    ("artist.wikipedia_page", 562),
    ("set.split", 0),
    ("set.subset", 0),
    ("track.bit_rate", 0),
    ("track.comments", 0),
    ("track.composer", 574),
    ("track.date_created", 0),
    ("track.date_recorded", 77),
    ("track.duration", 0),
    ("track.favorites", 0),
    ("track.genre_top", 51),
    ("track.genres", 0),
    ("track.genres_all", 0),
    ("track.information", 662),
    ("track.interest", 0),
    ("track.language_code", 0),
    ("track.license", 0),
    ("track.listens", 0),
    ("track.lyricist", 679),
    ("track.number", 0),
    ("track.publisher", 662),
    ("track.tags", 0),
    ("track.title", 0),
];

#[test]
fn the_mfcc_columns_of_2000_tracks() {
    let Some((_dir, store, report)) = imported("fma/mfcc-2000") else {
        return;
    };
    let features = report.table(TableId::Features).unwrap();
    assert_eq!(
        (features.rows, features.columns, features.rejected),
        (2000, 141, 0)
    );
    let absent = features
        .notes
        .iter()
        .find(|n| n.kind == NoteKind::MissingColumns)
        .unwrap();
    assert_eq!(absent.count, 378);
    let batch = store.read(TableId::Features, None).unwrap();
    for array in &batch.columns()[1..] {
        assert_eq!(array.null_count(), 10, "ten rows are empty on purpose");
    }
}

#[test]
fn the_echonest_columns_of_13129_tracks() {
    let Some((_dir, store, report)) = imported("fma/echonest-13129") else {
        return;
    };
    let echonest = report.table(TableId::Echonest).unwrap();
    assert_eq!(
        (echonest.rows, echonest.columns, echonest.rejected),
        (13_129, 26, 0)
    );
    let column = "echonest.audio_features.tempo";
    let tempo = store.read(TableId::Echonest, Some(&[column])).unwrap();
    assert_eq!(tempo.column(0).as_primitive::<Float64Type>().value(0), 165.922);
}

#[test]
fn all_518_columns_of_the_published_rows() {
    let Some(path) = shared("fma/official-five.csv") else {
        return;
    };
    let batch = common::whole(&common::read_in_blocks(&path, TableId::Features, 1 << 20, 2).unwrap());
    assert_eq!((batch.num_rows(), batch.num_columns()), (5, 519));
    assert_eq!(
        batch.column(0).as_primitive::<Int64Type>().values(),
        &[2, 3, 5, 10, 20]
    );
    let names = cratedigger_catalog::feature_columns();
    let schema = batch.schema();
    assert!(schema.fields().iter().skip(1).map(|f| f.name()).eq(names.iter()));
}

#[test]
fn the_file_that_was_cut_off() {
    let Some(dir) = shared("fma/metadata-excerpt") else {
        return;
    };
    let source = dir.join("tracks-cut-off.csv");
    let copy = common::folder(&[]);
    std::fs::copy(&source, copy.path().join("tracks.csv")).unwrap();
    std::fs::copy(dir.join("genres.csv"), copy.path().join("genres.csv")).unwrap();
    for path in [source.as_path(), copy.path()] {
        check_cut_off(path);
    }
}

/// Once under its own name, with its siblings, and once as the `tracks.csv` of a folder.
fn check_cut_off(path: &Path) {
    let store = tempfile::tempdir().unwrap();
    let error = import_dir(path, store.path(), false).unwrap_err();
    let text = error.to_string();
    let Error::Records(bad) = error else {
        panic!("{text}")
    };
    assert_eq!((bad.first.record, bad.n_rejected, bad.n_whole), (683, 1, 682));
    assert_eq!(bad.first.reason, Reason::UnclosedQuote);
    let wanted = format!(
        ": record 683 (line {}, byte {}): the file ends inside a quoted field, so it was cut off or a closing quote is missing. \
         Download or copy it again, or run again with --lenient to import the 682 whole records",
        bad.first.line, bad.first.byte
    );
    assert!(text.ends_with(&wanted), "{text}");
    let file = std::fs::read(&bad.path).unwrap();
    let start = usize::try_from(bad.first.byte).unwrap();
    assert_eq!(
        file[..start].iter().filter(|b| **b == b'\n').count() as u64 + 1,
        bad.first.line
    );

    let report = import_dir(path, store.path(), true).unwrap();
    let tracks = report.table(TableId::Tracks).unwrap();
    assert_eq!((tracks.rows, tracks.rejected), (682, 1));
    assert_eq!(report.table(TableId::Genres).unwrap().rows, 163);
    let list = std::fs::read(tracks.rejected_file.as_ref().unwrap()).unwrap();
    // The whole text of the record is kept, its quotes doubled.
    let text = String::from_utf8_lossy(&file[start..]).replace('"', "\"\"");
    assert!(String::from_utf8_lossy(&list).ends_with(&format!(",\"{text}\"\n")));
}
