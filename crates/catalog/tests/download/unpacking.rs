//! What is unpacked, kept and refused.

use std::fs;
use std::sync::Arc;

use cratedigger_catalog::download::{
    Archive, DownloadOptions, Error, Event, OFFICIAL_BASE_URL, Spec, download,
};
use zip::CompressionMethod;

use crate::desk::*;
use crate::server::{Act, Server};
use crate::zips;

#[test]
fn an_archive_can_be_kept_or_left_packed_and_is_not_fetched_again() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    let archive = dest.path().join(FILE);
    let packed = DownloadOptions {
        unpack: false,
        ..options(&server.base_url())
    };
    let report = download(spec(&content), dest.path(), &packed, &mut |_| {}).unwrap();
    assert_eq!(report.archive.as_deref(), Some(&*archive));
    assert_eq!(names(dest.path()), [FILE]);
    assert!(fs::read(&archive).unwrap() == *content);
    let report = download(spec(&content), dest.path(), &packed, &mut |_| {}).unwrap();
    assert!(report.already_there);

    let keep = DownloadOptions {
        keep_archive: true,
        ..options(&server.base_url())
    };
    let report = download(spec(&content), dest.path(), &keep, &mut |_| {}).unwrap();
    assert!(!report.already_there && archive.exists());
    fs::remove_file(&archive).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_wrong_file_with_the_name_of_the_archive_is_left_alone() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    fs::write(dest.path().join(FILE), "mine").unwrap();
    let error = get(&server, &content, dest.path()).unwrap_err();
    assert!(matches!(error, Error::WrongArchive { .. }), "{error}");
    assert_eq!(fs::read_to_string(dest.path().join(FILE)).unwrap(), "mine");
    assert!(server.seen().is_empty());
}

#[test]
fn unpacking_continues_with_what_is_missing_or_damaged() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    get(&server, &content, dest.path()).unwrap();
    // Amid unpacking: no list yet, one file absent, one with the right size and a wrong byte, one left-over.
    fs::remove_file(dest.path().join("fma_tiny.zip.unpacked.json")).unwrap();
    fs::remove_file(dest.path().join("fma_tiny/README.txt")).unwrap();
    let text = dest.path().join("fma_tiny/000/text.csv");
    let mut bytes = fs::read(&text).unwrap();
    bytes[3] ^= 1;
    fs::write(&text, bytes).unwrap();
    let left_over = "fma_tiny/.cratedigger-0123456789abcdef";
    fs::write(dest.path().join(left_over), "half").unwrap();
    fs::write(dest.path().join(FILE), &*content).unwrap();
    let report = get(&server, &content, dest.path()).unwrap();
    assert_unpacked(dest.path());
    assert_eq!((report.files, report.files_kept, report.requests), (4, 2, 0));
    // With the list there, a file that went or was cut short is noticed.
    fs::remove_file(&text).unwrap();
    fs::write(dest.path().join("fma_tiny/README.txt"), "A tiny").unwrap();
    let report = get(&server, &content, dest.path()).unwrap();
    assert_unpacked(dest.path());
    assert_eq!((report.files_kept, report.requests), (2, 1));
    fs::write(&text, "cut short").unwrap();
    assert_eq!(get(&server, &content, dest.path()).unwrap().files_kept, 3);
    assert_unpacked(dest.path());
}

/// The error of unpacking this archive; nothing but the archive is left, neither in the destination nor beside it.
fn refused(archive: &[u8], change: impl Fn(&mut DownloadOptions)) -> Error {
    let server = Server::of(&Arc::new(archive.to_vec()), &[Act::Serve]);
    let outside = tempfile::tempdir().unwrap();
    let dest = outside.path().join("dest");
    let mut options = options(&server.base_url());
    change(&mut options);
    let error = download(spec(archive), &dest, &options, &mut |_| {}).unwrap_err();
    assert_eq!(names(outside.path()), ["dest"]);
    assert_eq!(names(&dest), [FILE]);
    error
}

#[test]
fn entries_that_lead_outside_are_refused_before_anything_is_written() {
    let innocent = zips::with_entry("xxxxevil", b"evil", CompressionMethod::Deflated);
    for name in [
        "../.evil",
        "a/../evi",
        "/tmp/evi",
        "\\\\h\\evil",
        "C:\\evil_",
        "C:/evil_",
        "x//evil_",
        "..\\evil_",
    ] {
        let crafted = zips::patched(&innocent, b"xxxxevil", name.as_bytes());
        let error = refused(&crafted, |_| {});
        let Error::UnsafeEntry { entry, .. } = &error else {
            panic!("{name}: {error}");
        };
        assert_eq!(entry.replace("\\\\", "\\"), name);
        assert!(error.to_string().contains("nothing was unpacked"), "{error}");
    }
}

#[test]
fn symbolic_links_are_refused() {
    let error = refused(&zips::with_symlink(), |_| {});
    assert!(
        matches!(&error, Error::UnsafeEntry { entry, reason: "a symbolic link", .. } if entry == "link"),
        "{error}"
    );
}

#[test]
fn a_bomb_is_refused_by_size_and_by_ratio() {
    let size = 100_000_000;
    let bomb = zips::with_entry("bomb", &vec![0; size as usize], CompressionMethod::Deflated);
    let packed = bomb.len() as u64;
    let error = refused(&bomb, |options| {
        options.max_unpacked_bytes = Some(1_000_000);
        options.max_unpack_ratio = u64::MAX;
    });
    assert!(
        matches!(error, Error::TooLarge { declared, limit: 1_000_000, .. } if declared == size + 4),
        "{error}"
    );
    let error = refused(&bomb, |_| {});
    assert!(
        matches!(error, Error::TooLarge { limit, .. } if limit == 200 * packed),
        "{error}"
    );
}

#[test]
fn an_entry_that_is_larger_than_it_says_is_stopped() {
    let size = 3_000_000_u32;
    let bomb = zips::with_entry("bomb", &vec![0; size as usize], CompressionMethod::Deflated);
    let liar = zips::patched(&bomb, &size.to_le_bytes(), &2000_u32.to_le_bytes());
    let dest = tempfile::tempdir().unwrap();
    fs::write(dest.path().join(FILE), &liar).unwrap();
    let mut most = 0;
    let error = download(
        spec(&liar),
        dest.path(),
        &options("http://127.0.0.1:9/"),
        &mut |event| {
            if let Event::Unpacking { done, .. } = event {
                most = *done;
            }
        },
    )
    .unwrap_err();
    assert!(
        matches!(&error, Error::DamagedEntry { entry, .. } if entry == "bomb"),
        "{error}"
    );
    assert!(most <= 2004, "{most}");
    // What came before it is whole; of the liar nothing is left.
    assert_eq!(names(dest.path()), ["fine.txt", FILE]);
}

#[test]
fn a_wrong_crc_is_an_error_and_leaves_no_file() {
    let stored = zips::with_entry("a.txt", b"some content", CompressionMethod::Stored);
    let damaged = zips::patched(&stored, b"some content", b"some context");
    let dest = tempfile::tempdir().unwrap();
    fs::write(dest.path().join(FILE), &damaged).unwrap();
    let error = download(
        spec(&damaged),
        dest.path(),
        &options("http://127.0.0.1:9/"),
        &mut |_| {},
    )
    .unwrap_err();
    let message = error.to_string();
    assert!(
        matches!(&error, Error::DamagedEntry { entry, .. } if entry == "a.txt"),
        "{message}"
    );
    assert!(message.contains("checksum"), "{message}");
    assert_eq!(names(dest.path()), ["fine.txt", FILE]);
}

#[test]
fn a_file_that_is_no_zip_is_named() {
    let error = refused(b"<html>Sign in to the network</html>", |_| {});
    assert!(matches!(error, Error::Zip { .. }), "{error}");
}

#[test]
fn names_sums_and_addresses_are_checked() {
    for archive in Archive::ALL {
        assert_eq!(archive.to_string().parse::<Archive>().unwrap(), archive);
        let spec = Spec::from(archive);
        let checked = Spec::new(archive.file_name(), archive.sha1()).unwrap();
        assert_eq!(
            (checked.file_name(), checked.sha1()),
            (spec.file_name(), spec.sha1())
        );
        assert_eq!(spec.file_name(), format!("fma_{archive}.zip"));
    }
    let error = "medum".parse::<Archive>().unwrap_err().to_string();
    assert!(error.contains("`medum`") && error.contains("medium"), "{error}");
    for name in ["", "a/b.zip", "..", ".hidden", "a b"] {
        assert!(matches!(
            Spec::new(name, Archive::Full.sha1()),
            Err(Error::BadSpec { .. })
        ));
    }
    assert!(Spec::new("a.zip", "f0df").is_err());
    assert!(OFFICIAL_BASE_URL.ends_with('/'));
    let dest = tempfile::tempdir().unwrap();
    let error = download(Archive::Full, dest.path(), &options("fma"), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::BadUrl { .. }), "{error}");
}

#[test]
fn a_destination_that_cannot_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = download(
        Archive::Full,
        &file.join("dest"),
        &options("http://127.0.0.1:9/"),
        &mut |_| {},
    )
    .unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::Io { .. }), "{message}");
    assert!(
        message.contains("cannot create the folder") && message.contains("dest"),
        "{message}"
    );
}
