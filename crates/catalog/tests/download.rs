//! Downloads from a real server on this machine that breaks off, refuses ranges, lies, and serves wrong bytes.
#![cfg(feature = "download")]
#![allow(clippy::unwrap_used, unreachable_pub)]

#[path = "download/server.rs"]
mod server;
#[path = "download/zips.rs"]
mod zips;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cratedigger_catalog::download::{
    Archive, DownloadOptions, DownloadReport, Error, Event, OFFICIAL_BASE_URL, Spec, download,
};
use server::{Act, Answer, Server};
use tempfile::TempDir;
use zip::CompressionMethod;

const FILE: &str = "fma_tiny.zip";

fn options(base_url: &str) -> DownloadOptions {
    DownloadOptions {
        base_url: base_url.to_owned(),
        max_tries: 4,
        max_requests: 40,
        read_timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(4),
        ..DownloadOptions::default()
    }
}

fn spec(content: &[u8]) -> Spec {
    Spec::new(FILE, &zips::sha1(content)).unwrap()
}

fn get(server: &Server, content: &[u8], dest: &Path) -> Result<DownloadReport, Error> {
    download(spec(content), dest, &options(&server.base_url()), &mut |_| {})
}

/// Downloads the honest archive from a server that does these things one after the other.
fn run(acts: &[Act]) -> (Arc<Vec<u8>>, Server, TempDir, Result<DownloadReport, Error>) {
    let content = zips::honest();
    let server = Server::of(&content, acts);
    let dest = tempfile::tempdir().unwrap();
    let result = get(&server, &content, dest.path());
    (content, server, dest, result)
}

/// Exactly the archive's files are there and the list of them, nothing else.
fn assert_unpacked(dest: &Path) {
    for (name, content) in zips::files() {
        assert!(fs::read(dest.join(name)).unwrap() == content, "{name}");
    }
    assert_eq!(names(dest), ["fma_tiny", "fma_tiny.zip.unpacked.json"]);
    assert_eq!(names(&dest.join("fma_tiny")), ["000", "README.txt", "empty"]);
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn part(dest: &Path) -> std::path::PathBuf {
    dest.join(format!("{FILE}.part"))
}

#[test]
fn an_archive_is_downloaded_unpacked_and_not_fetched_twice() {
    let (content, server, dest, result) = run(&[Act::Serve]);
    let report = result.unwrap();
    assert_unpacked(dest.path());
    assert_eq!(report.bytes_received, content.len() as u64);
    assert_eq!((report.files, report.files_kept, report.requests), (4, 0, 1));
    assert_eq!(report.unpacked, [dest.path().join("fma_tiny")]);
    assert_eq!(report.archive, None);
    assert!(!report.already_there);
    let again = get(&server, &content, dest.path()).unwrap();
    assert!(again.already_there);
    assert_eq!(again.unpacked, report.unpacked);
    assert_eq!(again.unpacked_bytes, report.unpacked_bytes);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path, "/fma/fma_tiny.zip");
}

#[test]
fn progress_counts_bytes_then_files() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    let (mut bytes, mut unpacked) = (Vec::new(), Vec::new());
    download(
        spec(&content),
        dest.path(),
        &options(&server.base_url()),
        &mut |event| match event {
            Event::Downloading { done, total } => bytes.push((*done, *total)),
            Event::Unpacking {
                files,
                n_files,
                done,
                total,
            } => unpacked.push((*files, *n_files, *done, *total)),
            _ => {}
        },
    )
    .unwrap();
    let len = content.len() as u64;
    assert_eq!(bytes.first(), Some(&(0, Some(len))));
    assert_eq!(bytes.last(), Some(&(len, Some(len))));
    assert!(bytes.is_sorted() && unpacked.is_sorted());
    let total = zips::files().iter().map(|(_, c)| c.len() as u64).sum();
    assert_eq!(unpacked.last(), Some(&(4, 4, total, total)));
}

#[test]
fn a_connection_that_breaks_is_continued_by_ranges() {
    let (content, server, dest, result) = run(&[
        Act::BreakAfter(200_000),
        Act::BreakAfter(300_000),
        Act::BreakAfter(1),
        Act::BreakAfter(0),
        Act::Serve,
    ]);
    let report = result.unwrap();
    assert_unpacked(dest.path());
    assert_eq!(
        server.ranges(),
        [None, Some(200_000), Some(500_000), Some(500_001), Some(500_001)]
    );
    // No byte was served twice.
    let sent: usize = server.seen().iter().map(|seen| seen.sent).sum();
    assert_eq!(sent, content.len());
    assert_eq!(report.bytes_received, content.len() as u64);
    assert!(
        server.seen()[1..]
            .iter()
            .all(|seen| seen.if_range.as_deref() == Some("\"v1\""))
    );
}

#[test]
fn tries_without_progress_are_bounded_and_the_message_says_where_it_continues() {
    let (content, server, dest, result) = run(&[Act::BreakAfter(1000), Act::BreakAfter(0)]);
    let error = result.unwrap_err();
    assert!(
        matches!(
            error,
            Error::BrokeOff {
                at: 1000,
                requests: 5,
                ..
            }
        ),
        "{error:?}"
    );
    let message = error.to_string();
    for part in [
        &format!("{}fma_tiny.zip", server.base_url()),
        &format!("at byte 1000 of {}", content.len()),
        "run the same command again: it continues at byte 1000",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(server.seen().len(), 5);
    assert_eq!(
        names(dest.path()),
        ["fma_tiny.zip.part", "fma_tiny.zip.part.json"]
    );
}

#[test]
fn progress_gives_new_tries() {
    // Six failures that bring nothing, two more than are allowed in a row.
    let mut acts = [Act::BreakAfter(1000), Act::BreakAfter(0)].repeat(6);
    acts.push(Act::Serve);
    let (content, server, dest, result) = run(&acts);
    assert_eq!(result.unwrap().bytes_received, content.len() as u64);
    assert_unpacked(dest.path());
    assert_eq!(server.seen().len(), 13);
}

#[test]
fn requests_are_bounded_even_with_progress() {
    let (_, server, _dest, result) = run(&[Act::BreakAfter(10)]);
    assert!(matches!(
        result,
        Err(Error::BrokeOff {
            at: 400,
            requests: 40,
            ..
        })
    ));
    assert_eq!(server.seen().len(), 40);
}

#[test]
fn a_server_without_ranges_is_begun_anew() {
    let (content, server, dest, result) = run(&[Act::BreakAfter(200_000), Act::IgnoreRange(usize::MAX)]);
    let report = result.unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.ranges(), [None, Some(200_000)]);
    assert_eq!(report.bytes_received, 200_000 + content.len() as u64);
}

#[test]
fn a_server_without_ranges_that_always_breaks_is_given_up() {
    let (_, server, _dest, result) = run(&[Act::IgnoreRange(50_000)]);
    assert!(matches!(result, Err(Error::BrokeOff { at: 50_000, .. })));
    assert_eq!(server.seen().len(), 5);
}

#[test]
fn a_range_that_begins_elsewhere_is_not_appended() {
    let (content, server, dest, result) = run(&[Act::BreakAfter(1000), Act::WrongRange, Act::Serve]);
    let report = result.unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.ranges(), [None, Some(1000), None]);
    assert_eq!(report.bytes_received, 1000 + content.len() as u64);
}

#[test]
fn a_whole_part_without_its_sidecar_is_recognised_by_416() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    fs::write(part(dest.path()), &*content).unwrap();
    let report = get(&server, &content, dest.path()).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.ranges(), [Some(content.len())]);
    assert_eq!(
        (report.bytes_received, report.resumed_at),
        (0, content.len() as u64)
    );
}

#[test]
fn a_part_that_is_too_long_is_begun_anew_after_416() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    fs::write(part(dest.path()), vec![1; content.len() + 1]).unwrap();
    get(&server, &content, dest.path()).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.ranges(), [Some(content.len() + 1), None]);
}

#[test]
fn a_server_that_refuses_the_rest_each_time_is_given_up() {
    let acts = [Act::BreakAfter(10), Act::Status(416, "")].repeat(20);
    let (_, server, dest, result) = run(&acts);
    assert!(matches!(result, Err(Error::BrokeOff { at: 0, .. })));
    assert_eq!(server.ranges(), [None, Some(10)].repeat(4));
    assert_eq!(names(dest.path()), [""; 0]);
}

#[test]
fn a_file_that_changed_is_begun_anew() {
    let new = zips::honest();
    let old = Arc::new(vec![7; new.len()]);
    for act in [Act::Serve, Act::IgnoreIfRange] {
        let answer = |act, content: &Arc<_>, etag| Answer {
            act,
            content: Arc::clone(content),
            etag,
        };
        let server = Server::start(vec![
            answer(Act::BreakAfter(100_000), &old, "\"old\""),
            answer(act, &new, "\"new\""),
        ]);
        let dest = tempfile::tempdir().unwrap();
        get(&server, &new, dest.path()).unwrap();
        assert_unpacked(dest.path());
        assert_eq!(server.seen()[1].if_range.as_deref(), Some("\"old\""), "{act:?}");
    }
}

#[test]
fn wrong_bytes_are_refused_and_leave_nothing() {
    let wanted = zips::honest();
    let mut wrong = (*wanted).clone();
    wrong[5000] ^= 1;
    let server = Server::of(&Arc::new(wrong.clone()), &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    let error = get(&server, &wanted, dest.path()).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::WrongSum { .. }), "{message}");
    for part in [
        &zips::sha1(&wanted),
        &zips::sha1(&wrong),
        &server.base_url(),
        "run the same command again",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(names(dest.path()), [""; 0]);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_length_that_is_too_large_does_no_harm() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Claim(content.len() + 1000), Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    get(&server, &content, dest.path()).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.ranges(), [None, Some(content.len())]);
}

#[test]
fn a_length_that_is_too_small_is_seen_by_the_sum() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Claim(content.len() - 1000)]);
    let dest = tempfile::tempdir().unwrap();
    let error = get(&server, &content, dest.path()).unwrap_err();
    assert!(matches!(error, Error::WrongSum { .. }), "{error}");
    assert_eq!(names(dest.path()), [""; 0]);
}

#[test]
fn a_body_without_length_is_taken() {
    let (_, _, dest, result) = run(&[Act::Chunked]);
    result.unwrap();
    assert_unpacked(dest.path());
}

#[test]
fn a_file_that_is_not_there_or_forbidden_is_an_error_at_once() {
    for (status, hint) in [
        (404, "the file is not there"),
        (403, "access is refused"),
        (418, "try again later"),
    ] {
        let (_, server, dest, result) = run(&[Act::Status(status, "")]);
        let error = result.unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, Error::Status { status: got, .. } if got == status));
        assert!(
            message.contains(&format!("{}fma_tiny.zip", server.base_url())),
            "{message}"
        );
        assert!(message.contains(hint), "{message}");
        assert_eq!(server.seen().len(), 1);
        assert_eq!(names(dest.path()), [""; 0]);
    }
}

#[test]
fn a_busy_server_is_asked_again_after_the_pause_that_it_wants() {
    let content = zips::honest();
    let server = Server::of(
        &content,
        &[
            Act::Status(503, "Retry-After: 0\r\n"),
            Act::Status(429, "Retry-After: 0\r\n"),
            Act::Serve,
        ],
    );
    let dest = tempfile::tempdir().unwrap();
    // Without the server's word the pause would be hours.
    let hour = Duration::from_secs(3600);
    let options = DownloadOptions {
        backoff: hour,
        max_backoff: hour,
        ..options(&server.base_url())
    };
    let report = download(spec(&content), dest.path(), &options, &mut |_| {}).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(report.requests, 3);
}

#[test]
fn a_pause_that_a_server_wants_is_bounded() {
    let content = zips::honest();
    let server = Server::of(
        &content,
        &[Act::Status(503, "Retry-After: 100000\r\n"), Act::Serve],
    );
    let dest = tempfile::tempdir().unwrap();
    let options = DownloadOptions {
        max_retry_after: Duration::from_millis(2),
        ..options(&server.base_url())
    };
    let mut pauses = Vec::new();
    download(spec(&content), dest.path(), &options, &mut |event| {
        if let Event::Waiting { pause, reason, .. } = event {
            pauses.push((*pause, reason.to_string()));
        }
    })
    .unwrap();
    let expected = "the server answered 503 Service Unavailable".to_owned();
    assert_eq!(pauses, [(Duration::from_millis(2), expected)]);
}

#[test]
fn a_silent_server_is_left_after_the_timeout_and_the_download_continues() {
    let content = zips::honest();
    let silence = Duration::from_secs(60);
    let server = Server::of(&content, &[Act::StallAfter(150_000, silence), Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    let options = DownloadOptions {
        read_timeout: Duration::from_millis(500),
        ..options(&server.base_url())
    };
    download(spec(&content), dest.path(), &options, &mut |_| {}).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(server.ranges(), [None, Some(150_000)]);
}

/// This test starts itself as a process of its own, kills that amid the download, and continues.
#[test]
fn a_killed_process_is_continued() {
    const URL: &str = "CRATEDIGGER_TEST_DOWNLOAD_URL";
    const DEST: &str = "CRATEDIGGER_TEST_DOWNLOAD_DEST";
    let content = zips::honest();
    if let (Ok(url), Some(dest)) = (std::env::var(URL), std::env::var_os(DEST)) {
        let _ = download(spec(&content), Path::new(&dest), &options(&url), &mut |_| {});
        unreachable!("the server stalls until this process is killed");
    }
    let server = Server::of(
        &content,
        &[Act::StallAfter(400_000, Duration::from_secs(120)), Act::Serve],
    );
    let dest = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["a_killed_process_is_continued", "--exact"])
        .env(URL, server.base_url())
        .env(DEST, dest.path())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while fs::metadata(part(dest.path())).map_or(0, |m| m.len()) < 400_000 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the child downloads nothing"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    // While it lives, nobody else may touch the part.
    let other = get(&server, &content, dest.path()).unwrap_err();
    assert!(matches!(other, Error::InUse { .. }), "{other}");
    child.kill().unwrap();
    child.wait().unwrap();

    let report = get(&server, &content, dest.path()).unwrap();
    assert_unpacked(dest.path());
    assert_eq!(report.resumed_at, 400_000);
    assert_eq!(report.bytes_received, content.len() as u64 - 400_000);
    assert_eq!(server.ranges(), [None, Some(400_000)]);
    assert_eq!(server.seen()[1].if_range.as_deref(), Some("\"v1\""));
}

#[test]
fn a_part_of_another_file_or_with_a_broken_sidecar_does_no_harm() {
    let content = zips::honest();
    let other = format!(
        r#"{{"sha1":"{}","version":{{"etag":"\"v1\"","last_modified":null,"total":5}}}}"#,
        "0".repeat(40)
    );
    for (sidecar, ranges) in [(other.as_str(), [None]), ("{", [Some(3)])] {
        let server = Server::of(&content, &[Act::Serve]);
        let dest = tempfile::tempdir().unwrap();
        fs::write(part(dest.path()), &content[..3]).unwrap();
        fs::write(dest.path().join("fma_tiny.zip.part.json"), sidecar).unwrap();
        get(&server, &content, dest.path()).unwrap();
        assert_unpacked(dest.path());
        assert_eq!(server.ranges(), ranges);
    }
}

#[test]
fn without_a_network_the_message_says_what_to_do() {
    // A port on which nobody listens any more.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let dest = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/");
    let error = download(Archive::Metadata, dest.path(), &options(&url), &mut |_| {}).unwrap_err();
    let message = error.to_string();
    assert!(
        matches!(
            error,
            Error::BrokeOff {
                at: 0,
                requests: 4,
                ..
            }
        ),
        "{message}"
    );
    for part in [
        &format!("{url}fma_metadata.zip"),
        "refused",
        "Check the connection",
        "run the same command again",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

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
    fs::write(dest.path().join("fma_tiny/README.txt.unpacking"), "half").unwrap();
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
