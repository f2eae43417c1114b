//! Records and columns that are left out, noted or typed by their cells.

use cratedigger_catalog::report::{NoteKind, Outcome, Reason};
use cratedigger_catalog::{Error, TableId};

use crate::common::{folder, import_dir, tracks_csv};
use crate::desk::*;

#[test]
fn a_lenient_import_keeps_what_is_whole_and_lists_the_rest() {
    let records = [
        "2,40.5,AWOL,small,168",
        "3,40.5,AWOL,small,\"2:48\"",
        "2,0,\"Twice \"\"2\"\"\",large,5",
        "7,1,B,small,4,",
    ];
    let text = tracks_csv(&COLUMNS, &records) + "9,1,\"open";
    let dir = folder(&[("tracks.csv", &text)]);
    let store = dir.path().join("store");
    let report = import_dir(dir.path(), &store, true).unwrap();
    let tracks = report.table(TableId::Tracks).unwrap();
    assert_eq!((tracks.rows, tracks.rejected, report.n_rejected()), (1, 4, 4));
    let reasons: Vec<&Reason> = tracks.rejections.iter().map(|r| &r.reason).collect();
    assert!(matches!(
        reasons[..],
        [
            Reason::Unparsable { .. },
            Reason::DuplicateId { first_record: 1 },
            Reason::FieldCount {
                found: 6,
                expected: 5
            },
            Reason::UnclosedQuote
        ]
    ));
    let list = std::fs::read_to_string(tracks.rejected_file.as_ref().unwrap()).unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "record,line,byte,column,reason,text");
    assert_eq!(
        lines[1],
        "2,5,110,\"track.duration\",\"record 2 (line 5, byte 110), column track.duration: `2:48` is not a whole number\",\
         \"3,40.5,AWOL,small,\"\"2:48\"\"\""
    );
    assert!(
        lines[2].ends_with(",\"2,0,\"\"Twice \"\"\"\"2\"\"\"\"\"\",large,5\""),
        "{}",
        lines[2]
    );
    assert!(lines[4].ends_with(",\"9,1,\"\"open\""), "{}", lines[4]);
    assert_eq!(lines.len(), 5);
    let text = report.to_string();
    assert!(
        text.contains("tracks       1 row x 5 columns, imported\n    4 records rejected, listed in "),
        "{text}"
    );

    // Reused by a lenient import, refused by a strict one, replaced once the file is correct.
    assert_eq!(
        import_dir(dir.path(), &store, true).unwrap().tables[0].outcome,
        Outcome::Unchanged
    );
    assert!(matches!(
        import_dir(dir.path(), &store, false),
        Err(Error::Records(_))
    ));
    std::fs::write(dir.path().join("tracks.csv"), tracks_csv(&COLUMNS, &records[..1])).unwrap();
    assert_eq!(import_dir(dir.path(), &store, true).unwrap().n_rejected(), 0);
    assert!(!objects(&store).contains(&"rejected-tracks.csv".to_string()));
}

#[test]
fn remarkable_cells_are_noted_and_kept() {
    let records = [
        "2,91.5,NA,small,168",
        "3,-90,None,tiny,1",
        "4,inf,NA,large,2",
        "5,-1e3,Real,medium,3",
    ];
    let mut text = tracks_csv(
        &["artist.latitude", "artist.name", "set.subset", "mood.valence"],
        &records,
    );
    text.pop();
    let dir = folder(&[("tracks.csv", &text)]);
    let report = import_dir(dir.path(), &dir.path().join("store"), false).unwrap();
    let note = |kind: NoteKind| {
        let notes = &report.tables[0].notes;
        notes
            .iter()
            .filter(|n| n.kind == kind)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        note(NoteKind::OutOfRange),
        ["artist.latitude: 2 values out of range, kept: `91.5` (record 1), `-1e3` (record 4)"]
    );
    assert_eq!(
        note(NoteKind::Infinite),
        ["artist.latitude: 1 infinite value, kept"]
    );
    assert_eq!(
        note(NoteKind::ReadAsMissing),
        ["artist.name: 3 cells read as missing: `NA` (record 1), `None` (record 2), `NA` (record 3)"]
    );
    assert_eq!(
        note(NoteKind::NotACategory),
        ["set.subset: 1 cell not among its categories, kept: `tiny` (record 2)"]
    );
    assert_eq!(
        note(NoteKind::UnknownColumn),
        ["mood.valence is no column of the dataset; kept as whole numbers"]
    );
    assert_eq!(
        note(NoteKind::MissingColumns),
        [
            "49 columns of the distributed file absent: album.comments, album.date_created, album.date_released, \
          album.engineer, album.favorites, ..."
        ]
    );
    assert_eq!(note(NoteKind::NoFinalLineBreak).len(), 1);
    // A second import tells the same, from the store.
    let again = import_dir(dir.path(), &dir.path().join("store"), false).unwrap();
    assert_eq!(again.tables[0].notes, report.tables[0].notes);
}

#[test]
fn unknown_columns_take_their_type_from_the_cells() {
    let columns = [
        "x.flag",
        "x.count",
        "x.score",
        "x.word",
        "x.nothing",
        "track.duration",
    ];
    let records = ["2,True,1,1,a,,1", "3,False,-2,2.5,2,NA,2", "4,,3,,,,3"];
    let dir = folder(&[("tracks.csv", &tracks_csv(&columns, &records))]);
    for block in [1, 7, 1 << 20] {
        let table =
            crate::common::read_in_blocks(&dir.path().join("tracks.csv"), TableId::Tracks, block, 2).unwrap();
        let types: Vec<String> = table
            .schema
            .fields()
            .iter()
            .map(|f| f.data_type().to_string())
            .collect();
        assert_eq!(
            types,
            ["Int64", "Boolean", "Int64", "Float64", "Utf8", "Utf8", "Int64"]
        );
    }
    // The tables that nobody cleaned keep a column as text rather than fail.
    let raw = "track_id,track_interest,track_listens\n2,1,1\n3,\"1,470\",2\n4,x,3\n";
    let dir = folder(&[("raw_tracks.csv", raw)]);
    let table =
        crate::common::read_in_blocks(&dir.path().join("raw_tracks.csv"), TableId::RawTracks, 5, 2).unwrap();
    let types: Vec<String> = table
        .schema
        .fields()
        .iter()
        .map(|f| f.data_type().to_string())
        .collect();
    assert_eq!(types, ["Int64", "Utf8", "Int64"]);
    let note = table
        .notes
        .iter()
        .find(|n| n.kind == NoteKind::KeptAsText)
        .unwrap();
    assert_eq!(
        note.to_string(),
        "track_interest: kept as text, 2 cells not of its usual type: `1,470`, `x`"
    );
}
