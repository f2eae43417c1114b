//! Stores that are made, reused, made anew and never half-written.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use arrow::array::AsArray;
use arrow::datatypes::{Float64Type, Int64Type};
use cratedigger_catalog::report::Outcome;
use cratedigger_catalog::{Error, ImportOptions, ProgressEvent, Store, TableId, import, open_or_import};

use crate::common::{folder, import_dir};
use crate::desk::*;

#[test]
fn what_was_imported_can_be_read() {
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237, 206])), ("genres.csv", GENRES)]);
    let path = dir.path().join("store");
    let report = import_dir(dir.path(), &path, false).unwrap();
    assert_eq!(report.tables.len(), 2);
    assert_eq!(report.table(TableId::Tracks).unwrap().rows, 3);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.tables(), [TableId::Tracks, TableId::Genres]);
    assert!(store.has(TableId::Genres) && !store.has(TableId::Features));
    assert_eq!(store.n_rows(TableId::Tracks).unwrap(), 3);

    let batch = store
        .read(
            TableId::Tracks,
            Some(&["track.duration", "track_id", "track.duration"]),
        )
        .unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (3, 3));
    assert_eq!(
        batch.column(0).as_primitive::<Int64Type>().values(),
        &[168, 237, 206]
    );
    assert_eq!(batch.column(1).as_primitive::<Int64Type>().values(), &[2, 3, 4]);
    let all = store.read(TableId::Tracks, None).unwrap();
    assert_eq!(all.schema(), store.schema(TableId::Tracks).unwrap());
    assert_eq!(all.column(1).as_primitive::<Float64Type>().value(2), 40.5);
    let schema = all.schema();
    assert_eq!(
        schema.field_with_name("set.subset").unwrap().metadata()["categories"],
        "small,medium,large"
    );
    assert!(!schema.field_with_name("track_id").unwrap().is_nullable());

    let in_parts: Vec<_> = store
        .read_batches(TableId::Tracks, Some(&["artist.name", "track_id"]), 2)
        .unwrap()
        .map(|b| b.unwrap())
        .collect();
    assert_eq!(in_parts.iter().map(|b| b.num_rows()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(in_parts[1].column(0).as_string::<i32>().value(0), "AWOL");

    let error = store.read(TableId::Features, None).unwrap_err().to_string();
    assert!(error.ends_with(
        "has no table `features` (it has tracks, genres); import a folder that holds features.csv"
    ));
    let error = store
        .read(TableId::Tracks, Some(&["duration"]))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "table `tracks` has no column `duration`; did you mean `track.duration`?"
    );
}

#[test]
fn an_empty_table_has_its_columns() {
    let dir = folder(&[("tracks.csv", &tracks(&[]))]);
    let path = dir.path().join("store");
    assert_eq!(import_dir(dir.path(), &path, false).unwrap().tables[0].rows, 0);
    let batch = Store::open(&path).unwrap().read(TableId::Tracks, None).unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (0, 5));
}

#[test]
fn only_a_changed_file_is_read_again() {
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237])), ("genres.csv", GENRES)]);
    let store = dir.path().join("store");
    use Outcome::{Imported, Unchanged};
    assert_eq!(outcomes(dir.path(), &store), [Imported, Imported]);
    let first = objects(&store);
    assert_eq!(outcomes(dir.path(), &store), [Unchanged, Unchanged]);

    // Touched, but the same content.
    let file = std::fs::File::options()
        .append(true)
        .open(dir.path().join("genres.csv"))
        .unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(60))
        .unwrap();
    assert_eq!(outcomes(dir.path(), &store), [Unchanged, Unchanged]);
    assert_eq!(objects(&store), first);

    // The same size and another content.
    std::fs::write(dir.path().join("tracks.csv"), tracks(&[168, 999])).unwrap();
    assert_eq!(outcomes(dir.path(), &store), [Imported, Unchanged]);
    let second = objects(&store);
    assert_eq!(second.len(), first.len(), "the old table is gone");
    assert_ne!(second, first);
    let batch = Store::open(&store)
        .unwrap()
        .read(TableId::Tracks, Some(&["track.duration"]))
        .unwrap();
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[168, 999]);

    // A table whose Parquet file was lost is made again.
    let object = Store::open(&store)
        .unwrap()
        .parquet_path(TableId::Genres)
        .unwrap();
    std::fs::remove_file(object).unwrap();
    assert_eq!(outcomes(dir.path(), &store), [Unchanged, Imported]);

    // A table whose file is gone is gone.
    std::fs::remove_file(dir.path().join("genres.csv")).unwrap();
    assert_eq!(outcomes(dir.path(), &store), [Unchanged]);
    assert!(!Store::open(&store).unwrap().has(TableId::Genres));
    assert_eq!(objects(&store).len(), first.len() - 1);
}

#[test]
fn a_failed_import_leaves_the_store_as_it_was() {
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237])), ("genres.csv", GENRES)]);
    let store = dir.path().join("store");
    import_dir(dir.path(), &store, false).unwrap();
    let before: Vec<(String, Vec<u8>)> = objects(&store)
        .into_iter()
        .map(|n| (n.clone(), std::fs::read(store.join(&n)).unwrap()))
        .collect();
    // The first table could be imported, the second not.
    std::fs::write(dir.path().join("tracks.csv"), tracks(&[1, 2, 3])).unwrap();
    std::fs::write(dir.path().join("genres.csv"), GENRES.replace("Rock,1", "Rock,x")).unwrap();
    assert!(matches!(
        import_dir(dir.path(), &store, false),
        Err(Error::Records(_))
    ));
    let after: Vec<(String, Vec<u8>)> = objects(&store)
        .into_iter()
        .map(|n| (n.clone(), std::fs::read(store.join(&n)).unwrap()))
        .collect();
    assert!(before == after, "{:?}", objects(&store));
}

#[test]
fn what_a_killed_import_left_is_removed_and_foreign_files_stay() {
    let dir = folder(&[("tracks.csv", &tracks(&[168]))]);
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    for name in [
        ".tmp-abc123",
        ".cratedigger-0123456789abcdef",
        "tracks-00112233445566ff.parquet",
        "notes.txt",
        "my-tracks.parquet",
    ] {
        std::fs::write(store.join(name), "half").unwrap();
    }
    import_dir(dir.path(), &store, false).unwrap();
    let left = objects(&store);
    assert!(
        left.contains(&"notes.txt".to_string()) && left.contains(&"my-tracks.parquet".to_string()),
        "{left:?}"
    );
    assert_eq!(left.len(), 6, "{left:?}");
}

#[test]
fn the_same_bytes_whatever_the_number_of_threads() {
    let mut features = String::from("feature,mfcc,mfcc\nstatistics,mean,std\nnumber,01,02\ntrack_id,,\n");
    for i in 0..40_000 {
        features.push_str(&format!(
            "{i},{:.10e},{}\n",
            f64::from(i).sin(),
            if i % 9 == 0 { "" } else { "2.5" }
        ));
    }
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237])), ("features.csv", &features)]);
    let import_with = |threads: usize| -> Vec<Vec<u8>> {
        let store = tempfile::tempdir().unwrap();
        let threads = std::num::NonZeroUsize::new(threads);
        import(
            dir.path(),
            store.path(),
            &ImportOptions {
                threads,
                ..ImportOptions::default()
            },
            &|_| {},
        )
        .unwrap();
        objects(store.path())
            .iter()
            .map(|n| std::fs::read(store.path().join(n)).unwrap())
            .collect()
    };
    let one = import_with(1);
    assert!(one == import_with(2) && one == import_with(5));
}

#[test]
fn a_tracks_file_of_any_name_takes_its_siblings_along() {
    let dir = folder(&[
        ("cut.csv", &tracks(&[168])),
        ("tracks.csv", &tracks(&[1, 2])),
        ("genres.csv", GENRES),
    ]);
    let store = dir.path().join("store");
    let report = import_dir(&dir.path().join("cut.csv"), &store, false).unwrap();
    assert_eq!(
        report
            .tables
            .iter()
            .map(|t| (t.table, t.rows))
            .collect::<Vec<_>>(),
        [(TableId::Tracks, 1), (TableId::Genres, 2)]
    );
}

#[test]
fn a_folder_is_imported_once_and_a_store_opened_as_it_is() {
    let dir = folder(&[("tracks.csv", &tracks(&[168]))]);
    let cache = tempfile::tempdir().unwrap();
    let open = |dir: &Path| open_or_import(dir, cache.path(), &ImportOptions::default(), &|_| {}).unwrap();
    let (store, report) = open(dir.path());
    assert_eq!(report.unwrap().tables[0].outcome, Outcome::Imported);
    assert_eq!(store.dir().parent(), Some(cache.path()));
    let (again, report) = open(dir.path());
    assert_eq!(again.dir(), store.dir());
    assert_eq!(report.unwrap().tables[0].outcome, Outcome::Unchanged);
    let (direct, report) = open(store.dir());
    assert!(report.is_none());
    assert_eq!(direct.manifest(), store.manifest());
    assert!(matches!(Store::open(dir.path()), Err(Error::NotAStore { .. })));
}

#[test]
fn progress_tells_of_every_table() {
    let dir = folder(&[("tracks.csv", &tracks(&[168])), ("genres.csv", GENRES)]);
    let events = std::sync::Mutex::new(Vec::new());
    import(
        dir.path(),
        &dir.path().join("store"),
        &ImportOptions::default(),
        &|e| events.lock().unwrap().push(e),
    )
    .unwrap();
    let events = events.into_inner().unwrap();
    let size = std::fs::metadata(dir.path().join("genres.csv")).unwrap().len();
    let genres = TableId::Genres;
    assert!(events.contains(&ProgressEvent::Started {
        table: genres,
        bytes: size
    }));
    assert!(events.contains(&ProgressEvent::Advanced {
        table: genres,
        bytes_done: size,
        bytes: size,
        rows: 2
    }));
    assert!(events.contains(&ProgressEvent::Finished {
        table: genres,
        outcome: Outcome::Imported,
        rows: 2
    }));
}

#[test]
fn a_damaged_manifest_is_told_and_replaced_by_the_next_import() {
    let dir = folder(&[("tracks.csv", &tracks(&[168]))]);
    let store = dir.path().join("store");
    import_dir(dir.path(), &store, false).unwrap();
    let manifest = store.join("store.json");
    std::fs::write(&manifest, "{\"format\": 99}").unwrap();
    let error = Store::open(&store).unwrap_err().to_string();
    assert!(error.ends_with("store.json cannot be understood: its format is 99, this version reads 1. Delete the store's folder and import again"), "{error}");
    std::fs::write(&manifest, "{").unwrap();
    assert!(matches!(Store::open(&store), Err(Error::Manifest { .. })));
    assert_eq!(outcomes(dir.path(), &store), [Outcome::Imported]);
    assert!(Store::open(&store).is_ok());
    // A damaged table is an error, not a panic.
    let object = Store::open(&store)
        .unwrap()
        .parquet_path(TableId::Tracks)
        .unwrap();
    let bytes = std::fs::read(&object).unwrap();
    for cut in [0, 3, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&object, &bytes[..cut]).unwrap();
        assert!(matches!(
            Store::open(&store).unwrap().read(TableId::Tracks, None),
            Err(Error::Parquet { .. })
        ));
    }
}

/// The limit on file sizes stands for a full disk: the write fails in the same place, on a real file. The limit is set for a
/// child process, which is this test binary again.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_store_as_it_was() {
    const CHILD: &str = "CRATEDIGGER_TEST_LIMITED_DIR";
    if let Some(dir) = std::env::var_os(CHILD) {
        let dir = PathBuf::from(dir);
        let error = import_dir(&dir, &dir.join("store"), false).unwrap_err();
        assert!(matches!(error, Error::Write { .. }), "{error}");
        println!("<<{error}>>");
        return;
    }
    let dir = folder(&[("tracks.csv", &tracks(&[168]))]);
    let store = dir.path().join("store");
    import_dir(dir.path(), &store, false).unwrap();
    let before = objects(&store);
    // Incompressible enough to exceed the limit of 64 blocks of 512 or 1024 bytes.
    let mut state: u64 = 1;
    let durations: Vec<i64> = (0..40_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 2) as i64
        })
        .collect();
    std::fs::write(dir.path().join("tracks.csv"), tracks(&durations)).unwrap();
    let command = "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact whole::a_full_disk_leaves_the_store_as_it_was --nocapture";
    let run = std::process::Command::new("sh")
        .args(["-c", command])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(
        said.contains(
            "File too large (os error 27); the limit on file sizes (ulimit -f) is too low; what was there \
                       before is intact>>"
        ),
        "{said}"
    );
    assert_eq!(objects(&store), before);
    assert_eq!(Store::open(&store).unwrap().n_rows(TableId::Tracks).unwrap(), 1);
}

/// A file system of 256 KiB that really is full; needs the right to mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_file_system_is_told() {
    let mount = tempfile::tempdir().unwrap();
    let run = |program: &str, args: &[&str]| {
        std::process::Command::new(program)
            .args(args)
            .arg(mount.path())
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !run("mount", &["-t", "tmpfs", "-o", "size=256k", "tmpfs"]) {
        eprintln!("SKIPPED: no right to mount a small file system");
        return;
    }
    let mut state: u64 = 1;
    let durations: Vec<i64> = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 2) as i64
        })
        .collect();
    let dir = folder(&[("tracks.csv", &tracks(&durations))]);
    let store = mount.path().join("store");
    let result = import_dir(dir.path(), &store, false);
    let left = objects(&store);
    assert!(run("umount", &[]));
    let error = result.unwrap_err().to_string();
    assert!(
        error.ends_with(
            "No space left on device (os error 28); free some space or choose another folder; what was there \
                         before is intact"
        ),
        "{error}"
    );
    assert_eq!(left, ["store.lock", "store.readers"]);
}
