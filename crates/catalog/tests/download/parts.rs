//! Parts that an earlier process or another file left, and machines without a network.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use cratedigger_catalog::download::{Archive, Error, download};

use crate::desk::*;
use crate::server::{Act, Server};
use crate::zips;

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
        .args(["parts::a_killed_process_is_continued", "--exact"])
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
