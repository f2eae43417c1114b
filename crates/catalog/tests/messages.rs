//! Bad input: one clear message each, with the place and what to do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{folder, import_dir, tracks_csv};
use cratedigger_catalog::{Error, ImportOptions, import};

/// The message of a failed import of these files, without the folder's name. Nothing is left in the store.
fn message(files: &[(&str, &str)]) -> String {
    let dir = folder(files);
    message_of(dir.path())
}

fn message_of(dir: &Path) -> String {
    let store = tempfile::tempdir().unwrap();
    let error = import_dir(dir, store.path(), false).unwrap_err();
    let left: Vec<_> = std::fs::read_dir(store.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| name == "store.lock" || name == "store.readers"),
        "left behind: {left:?}"
    );
    error
        .to_string()
        .replace(&format!("{}/", dir.display()), "")
        .replace(&dir.display().to_string(), "DIR")
}

fn tracks(records: &[&str]) -> String {
    message(&[(
        "tracks.csv",
        &tracks_csv(&["artist.name", "track.duration", "track.genres"], records),
    )])
}

#[test]
fn a_missing_folder_or_file() {
    let dir = folder(&[]);
    let error = import_dir(&dir.path().join("nowhere"), dir.path(), false)
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("nowhere: No such file or directory (os error 2); check the path"),
        "{error}"
    );

    assert_eq!(
        message(&[("readme.txt", "")]),
        "DIR holds none of the dataset's files; expected tracks.csv, and beside it genres.csv, features.csv, echonest.csv \
         or raw_*.csv"
    );
    let nested = folder(&[]);
    std::fs::create_dir(nested.path().join("fma_metadata")).unwrap();
    std::fs::write(nested.path().join("fma_metadata/tracks.csv"), "x").unwrap();
    assert!(
        message_of(nested.path()).ends_with(". They are in fma_metadata"),
        "{}",
        message_of(nested.path())
    );

    let dir = folder(&[("genres.csv", "genre_id,title\n1,Rock\n")]);
    let error = import(dir.path(), dir.path(), &ImportOptions::default(), &|_| {}).unwrap_err();
    assert_eq!(
        error
            .to_string()
            .replace(&format!("{}/", dir.path().display()), ""),
        "tracks.csv is missing; the table `tracks` is read from it. Unpack fma_metadata.zip there, or name the folder that \
         holds it"
    );
}

#[test]
fn an_empty_file() {
    assert_eq!(
        message(&[("tracks.csv", "")]),
        "tracks.csv is empty (0 bytes); expected 3 header lines and records. Download or copy it again"
    );
    assert_eq!(
        message(&[("genres.csv", "")]),
        "genres.csv is empty (0 bytes); expected 1 header line and records. Download or copy it again"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let dir = folder(&[]);
    let pipe = dir.path().join("tracks.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let told = message_of(dir.path());
    assert!(told.contains("no regular file"), "{told}");
}

#[test]
fn a_wrong_header() {
    let expected = "expected the 3 header lines of FMA's tracks.csv: `,album,album,...`, `,comments,date_created,...` and \
                    `track_id,,...`";
    let cases = [
        (
            "title,artist\nFood,AWOL\nx,y\n",
            "tracks.csv, line 3: `x,y` is no index line",
        ),
        (
            ",track\n,title\n",
            "tracks.csv, line 3: the file ends inside of its header",
        ),
        (
            ",track,track\n,title\ntrack_id,,\n",
            "tracks.csv, line 2: 2 cells under the 3 of line 1",
        ),
        (
            ",track,track\n,title,title\ntrack_id,,\n",
            "tracks.csv, line 1: two columns are named `track.title`",
        ),
        (
            ",song,song\n,a,b\ntrack_id,,\n",
            "tracks.csv, line 1: `,song,song` names no column of the table `tracks`",
        ),
        (
            ",track\n,title\nid,\n",
            "tracks.csv, line 3: `id,` is no index line",
        ),
    ];
    for (text, want) in cases {
        assert_eq!(message(&[("tracks.csv", text)]), format!("{want}; {expected}"));
    }
    let error = import_error(b",track\n,\xFFtitle\ntrack_id,\n");
    assert!(
        error.contains("tracks.csv, line 2: `\u{FFFD}title` is not UTF-8 text; expected the 3"),
        "{error}"
    );
    assert_eq!(
        message(&[("genres.csv", "id,title\n1,Rock\n")]),
        "genres.csv, line 1: the first column is `id`; expected the header line `genre_id,#tracks,parent,title,top_level`"
    );
    assert_eq!(
        message(&[(
            "features.csv",
            "feature,mfcc\nstatistics,mean\nnumber,01\n2,1.5\n"
        )]),
        "features.csv, line 4: `2,1.5` is no index line; expected the 4 header lines of FMA's features.csv: \
         `feature,chroma_cens,...`, `statistics,kurtosis,...`, `number,01,...` and `track_id,,...`"
    );
}

fn import_error(tracks: &[u8]) -> String {
    let dir = folder(&[]);
    std::fs::write(dir.path().join("tracks.csv"), tracks).unwrap();
    message_of(dir.path())
}

#[test]
fn an_unparsable_value() {
    assert_eq!(
        tracks(&["2,AWOL,168,[21]", "3,\"A\nB\",2:48,[21]", "5,AWOL,206,[21]"]),
        "tracks.csv: record 2 (line 5, byte 78), column track.duration: `2:48` is not a whole number. Correct the file, or \
         run again with --lenient to import the 2 whole records"
    );
    assert_eq!(
        tracks(&["2,AWOL,168,\"[21, x]\"", "x,AWOL,206,[21]", ",AWOL,206,[21]"]),
        "tracks.csv: record 1 (line 4, byte 66), column track.genres: `[21, x]` is not a list of whole numbers such as \
         [21, 45]. 2 more records cannot be read. Correct the file: no record is whole"
    );
    assert_eq!(
        tracks(&["2,AWOL,168,[21]", ",AWOL,206,[21]"]),
        "tracks.csv: record 2 (line 5, byte 70), column track_id: the index cell is empty; expected a whole number. \
         Correct the file, or run again with --lenient to import the 1 whole record"
    );
}

#[test]
fn a_wrong_number_of_fields() {
    assert_eq!(
        tracks(&["2,AWOL,168,[21]", "3,AWOL,[21]", "5,AWOL,206,[21, 45]"]),
        "tracks.csv: record 2 (line 5, byte 70): 3 fields where the header has 4. 1 more record cannot be read. Correct the \
         file, or run again with --lenient to import the 1 whole record"
    );
}

#[test]
fn a_file_that_was_cut_off() {
    let whole = tracks_csv(
        &["artist.name", "track.duration"],
        &["2,AWOL,168", "3,AWOL,237", "5,\"A\nWOL\",206"],
    );
    let quoted = &whole[..whole.find("WOL\",").unwrap()];
    assert_eq!(
        message(&[("tracks.csv", quoted)]),
        "tracks.csv: record 3 (line 6, byte 62): the file ends inside a quoted field, so it was cut off or a closing quote \
         is missing. Download or copy it again, or run again with --lenient to import the 2 whole records"
    );
    let plain = &whole[..whole.find(",237").unwrap()];
    assert_eq!(
        message(&[("tracks.csv", plain)]),
        "tracks.csv: record 2 (line 5, byte 51): the file ends after 2 of 3 fields, so it was cut off. Download or copy it \
         again, or run again with --lenient to import the 1 whole record"
    );
}

#[test]
fn bytes_that_are_not_utf_8() {
    let mut text = tracks_csv(&["artist.name", "track.duration"], &["2,AWOL,168", "3,caf?,237"]).into_bytes();
    let at = text.iter().position(|b| *b == b'?').unwrap();
    text[at] = 0xE9;
    assert_eq!(
        import_error(&text),
        format!(
            "tracks.csv: record 2 (line 5, byte {at}), column artist.name: `caf\u{FFFD}` is not UTF-8 text. Correct the \
             file, or run again with --lenient to import the 1 whole record"
        )
    );
}

#[test]
fn duplicate_ids() {
    assert_eq!(
        tracks(&["2,AWOL,168,[21]", "3,AWOL,237,[21]", "2,Other,206,[21]"]),
        "tracks.csv: record 3 (line 6, byte 86), column track_id: `2` is already the index of record 1. Correct the file, \
         or run again with --lenient to import the 2 whole records"
    );
}

#[test]
fn a_quote_that_is_never_closed_costs_neither_memory_nor_time() {
    let dir = folder(&[]);
    let mut text = tracks_csv(&["artist.name", "track.duration"], &["2,AWOL,168"]).into_bytes();
    text.extend_from_slice(b"3,\"");
    text.resize(64 << 20, b'x');
    std::fs::write(dir.path().join("tracks.csv"), text).unwrap();
    assert_eq!(
        message_of(dir.path()),
        "tracks.csv: record 2 (line 5, byte 51): the record is longer than 16 MiB; a quote is never closed. Correct the \
         file, or run again with --lenient to import the 1 whole record"
    );
}

#[test]
fn too_many_bad_records_in_a_lenient_import() {
    let records: Vec<String> = (0..30).map(|i| format!("{i},AWOL,x")).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let dir = folder(&[(
        "tracks.csv",
        &tracks_csv(&["artist.name", "track.duration"], &records),
    )]);
    let options = ImportOptions {
        lenient: true,
        max_rejected: 10,
        ..ImportOptions::default()
    };
    let error = import(dir.path(), &dir.path().join("store"), &options, &|_| {}).unwrap_err();
    assert!(matches!(error, Error::TooManyRejected { limit: 10, .. }));
    assert_eq!(
        error
            .to_string()
            .replace(&format!("{}/", dir.path().display()), ""),
        "tracks.csv: more than 10 records cannot be read, so this is not a `tracks` table that a few bad records damaged; \
         nothing was imported. The first: record 1 (line 4, byte 47), column track.duration: `x` is not a whole number"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_or_file_without_the_right_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder(&[("tracks.csv", &tracks_csv(&["track.duration"], &["2,168"]))]);
    let close =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    close(dir.path(), 0o000);
    let all_powerful = std::fs::read_dir(dir.path()).is_ok();
    if all_powerful {
        close(dir.path(), 0o700);
        eprintln!("SKIPPED: this user may read everything");
        return;
    }
    let said = message_of(dir.path());
    close(dir.path(), 0o700);
    assert_eq!(
        said,
        "cannot read DIR: Permission denied (os error 13); give yourself the right to read it (chmod u+r, and u+x for a \
         folder)"
    );
    close(&dir.path().join("tracks.csv"), 0o000);
    assert!(
        message_of(dir.path()).starts_with("cannot read tracks.csv: Permission denied (os error 13); give")
    );
}
