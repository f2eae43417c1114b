//! Connections that break, servers that refuse, lie or are busy, processes that are killed.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use cratedigger_catalog::download::{DownloadOptions, Error, Event, download};

use crate::desk::*;
use crate::server::{Act, Answer, Server};
use crate::zips;

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

#[test]
fn a_server_that_sends_next_to_nothing_is_given_up() {
    let content = zips::honest();
    let server = Server::of(&content, &[Act::Trickle(100, Duration::from_millis(5))]);
    let dest = tempfile::tempdir().unwrap();
    let options = DownloadOptions {
        min_rate: 1 << 40,
        rate_window: Duration::from_millis(20),
        ..options(&server.base_url())
    };
    let error = download(spec(&content), dest.path(), &options, &mut |_| {}).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("less than 1099511627776 bytes a second"),
        "{message}"
    );
    assert_eq!(server.seen().len(), 4, "each counts as a failure");
    // What came is kept for a server that is quicker.
    assert!(fs::metadata(part(dest.path())).unwrap().len() > 0);
}

#[test]
fn another_size_than_the_published_one_is_refused_at_once() {
    let content = zips::honest();
    let n = content.len() as u64;
    for (published, acts) in [
        (n + 1, vec![Act::Serve]),
        (n - 1, vec![Act::Serve]),
        (n - 1, vec![Act::Chunked]),
    ] {
        let server = Server::of(&content, &acts);
        let dest = tempfile::tempdir().unwrap();
        let spec = spec(&content).with_bytes(published);
        let error = download(spec, dest.path(), &options(&server.base_url()), &mut |_| {}).unwrap_err();
        assert!(matches!(error, Error::WrongSize { .. }), "{error}");
        assert!(error.to_string().contains(&published.to_string()), "{error}");
        assert_eq!(server.seen().len(), 1);
        assert_eq!(names(dest.path()), [""; 0]);
    }
    let server = Server::of(&content, &[Act::Serve]);
    let dest = tempfile::tempdir().unwrap();
    let exact = spec(&content).with_bytes(n);
    download(exact, dest.path(), &options(&server.base_url()), &mut |_| {}).unwrap();
    assert_unpacked(dest.path());
}
