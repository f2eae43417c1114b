//! Other web sites, and crowds: neither gets what it shall not have, and who watches the server is answered all the same.

use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::client::{PATIENCE, Server, command, read_response};
use crate::sounds::{clip, model};

#[test]
fn other_sites_are_refused_by_name_and_by_origin() {
    let server = Server::start(&[]);
    let audio = clip(0, 1, 1.0);
    let ask = |method: &str, path: &str, host: &str, more: &str, body: &[u8]| {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n{more}\r\n",
            body.len()
        );
        server.raw(&[head.as_bytes(), body].concat())
    };
    let port = server.addr.port();
    let ours = format!("localhost:{port}");
    let own_origin = format!("Origin: http://{ours}\r\n");
    assert_eq!(
        ask("POST", "/v1/classify", &ours, &own_origin, &audio).status,
        200
    );
    // Rebinding: the stranger's name leads here, and its page may read what comes back.
    let theirs = format!("evil.test:{port}");
    for path in ["/", "/v1/model", "/metrics", "/report/", "/openapi.json"] {
        ask("GET", path, &theirs, "", b"").is_problem(421, "wrong-host");
    }
    ask("POST", "/v1/classify", &theirs, "", &audio).is_problem(421, "wrong-host");
    // A form or a script of another site, which cannot read the answer but makes the server work.
    for more in [
        "Origin: http://evil.test\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ] {
        ask("POST", "/v1/classify", &ours, more, &audio).is_problem(403, "cross-site");
    }
    assert_eq!(ask("GET", "/healthz", &theirs, "", b"").status, 200);
    assert_eq!(server.metric("cratedigger_files_total{outcome=\"ok\"}"), 1.0);
}

#[test]
fn who_watches_is_answered_while_others_hold_every_place() {
    let server = Server::start(&["--max-connections", "6", "--max-per-address", "4"]);
    let head =
        b"POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 100000\r\n\r\n";
    // The connections that asked whether it is ready have given their places back.
    std::thread::sleep(Duration::from_millis(300));
    let mut held = Vec::new();
    for _ in 0..12 {
        let mut stream = server.connect();
        stream.write_all(head).unwrap();
        held.push(stream);
    }
    for _ in 0..10 {
        assert_eq!(server.get("/healthz").status, 200);
        assert_eq!(server.get("/readyz").status, 200);
    }
    server.get("/v1/model").is_problem(503, "too-many-connections");
    // The first four have the places of their address, the others were sent away at once.
    for refused in held.split_off(4) {
        read_response(refused).is_problem(503, "too-many-connections");
    }
    drop(held);
    let until = Instant::now() + PATIENCE;
    while server.get("/v1/model").status != 200 {
        assert!(Instant::now() < until, "places are not given back");
    }
}

#[test]
fn an_upload_below_the_least_rate_is_given_up_and_one_above_it_is_not() {
    let server = Server::start(&["--read-timeout", "1", "--min-rate", "2000"]);
    let audio = clip(0, 1, 0.5);
    let upload = |piece: usize| {
        let mut stream = server.connect();
        let head = format!(
            "POST /v1/classify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\n\r\n",
            audio.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        for part in audio.chunks(piece) {
            // Given up: no more is taken.
            if stream.write_all(part).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        read_response(stream)
    };
    let slow = upload(20).is_problem(408, "request-timeout");
    assert!(
        slow["detail"].as_str().unwrap().contains("2000 bytes a second"),
        "{slow}"
    );
    assert_eq!(upload(2000).status, 200);
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("test.cdmodel"), model()).unwrap();
    let mut child = command(dir.path())
        .args(["--model", "test.cdmodel", "--addr", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0; 64];
    let n = child.stdout.as_mut().unwrap().read(&mut line).unwrap();
    let line = std::str::from_utf8(&line[..n]).unwrap();
    let addr = line
        .trim()
        .strip_prefix("listening on http://")
        .unwrap()
        .to_owned();
    // A line has some hundred bytes and a pipe holds 64 KiB, so that it is full after a fraction of these.
    for _ in 0..3000 {
        let mut stream = std::net::TcpStream::connect(&addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let get = format!("GET /healthz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        stream.write_all(get.as_bytes()).unwrap();
        assert_eq!(read_response(stream).status, 200);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
