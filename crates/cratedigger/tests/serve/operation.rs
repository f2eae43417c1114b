//! Queue, tokens, shutdown, headers, pages, log and counters.

use std::io::Write;
use std::thread;

use crate::client::{Server, command};
use crate::sounds::{clip, model};

#[test]
fn beyond_the_queue_requests_are_told_to_come_again() {
    let server = Server::start(&["--decodes", "1", "--queue", "0"]);
    let long = clip(0, 1, 400.0);
    thread::scope(|scope| {
        let first = scope.spawn(|| server.post_audio("/v1/classify", &long));
        server.wait_for("cratedigger_files_running", 1.0);
        let refused = server.post_audio("/v1/classify", &clip(1, 2, 1.0));
        refused.is_problem(429, "queue-full");
        let seconds: u64 = refused.headers["retry-after"].parse().unwrap();
        assert!((1..=60).contains(&seconds));
        assert_eq!(first.join().unwrap().status, 200);
    });
    assert_eq!(server.post_audio("/v1/classify", &clip(1, 2, 1.0)).status, 200);
    // More files than there are places for.
    let server = Server::start(&["--decodes", "1", "--queue", "1", "--max-files", "2"]);
    let audio = clip(1, 3, 1.0);
    let files = [("a", &audio[..]), ("b", &audio[..])];
    assert_eq!(server.post_files("/v1/classify", &files).status, 200);
}

#[test]
fn the_memory_for_uploads_is_shared_and_given_back() {
    let server = Server::start(&["--max-body", "300000", "--upload-memory", "400000"]);
    let mut holding = server.connect();
    let head =
        "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 290000\r\n\r\n";
    holding.write_all(head.as_bytes()).unwrap();
    holding.write_all(&vec![0; 280_000]).unwrap();
    server.wait_for("cratedigger_upload_memory_bytes", 280_000.0);
    let big = clip(1, 5, 5.0);
    let refused = server.post_audio("/v1/classify", &big);
    refused.is_problem(429, "queue-full");
    assert!(refused.headers.contains_key("retry-after"));
    let small = server.post_audio("/v1/classify", &clip(1, 4, 1.0));
    assert_eq!(small.status, 200, "a small one fits");
    drop(holding);
    server.wait_until("cratedigger_upload_memory_bytes", |bytes| bytes == 0.0);
    assert_eq!(server.post_audio("/v1/classify", &big).status, 200);
}

#[test]
fn tokens_guard_the_api_and_the_report_and_not_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let out = command(dir.path()).arg("--new-token").output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    let field = |name: &str| {
        let line = out.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    let (token, hash) = (field("token "), field("token hash"));
    std::fs::write(dir.path().join("report.html"), "<p>a report</p>").unwrap();
    let report = dir.path().to_str().unwrap();
    let server = Server::start(&["--token-hash", &hash, "--report", report]);
    for path in ["/v1/model", "/metrics", "/report/", "/report/x"] {
        let refused = server.get(path);
        refused.is_problem(401, "unauthorized");
        let scheme = if path.starts_with("/report") {
            "Basic"
        } else {
            "Bearer"
        };
        assert!(refused.headers["www-authenticate"].starts_with(scheme));
    }
    let audio = clip(0, 3, 1.0);
    server
        .post_audio("/v1/classify", &audio)
        .is_problem(401, "unauthorized");
    for path in ["/", "/page/main.js", "/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    let with = |method: &str, path: &str, value: &str, body: &[u8]| {
        let headers = [("Authorization", value), ("Content-Type", "audio/wav")];
        server.send(method, path, &headers, body).status
    };
    let bearer = format!("Bearer {token}");
    assert_eq!(with("POST", "/v1/classify", &bearer, &audio), 200);
    assert_eq!(with("GET", "/report/", &bearer, b""), 200);
    assert_eq!(
        with("POST", "/v1/classify", &format!("Bearer {hash}"), &audio),
        401
    );
    assert_eq!(with("POST", "/v1/classify", &format!("{bearer}x"), &audio), 401);
    let basic = format!("Basic {}", base64(&format!("me:{token}")));
    assert_eq!(with("GET", "/report/", &basic, b""), 200);
    assert_eq!(with("POST", "/v1/classify", &basic, &audio), 401);
    assert!(!server.log().contains(&token), "a token is in the log");
}

#[test]
fn who_watches_can_ask_by_the_command_itself() {
    let server = Server::start(&[]);
    let (addr, dir) = (server.addr.to_string(), tempfile::tempdir().unwrap());
    let check = || command(dir.path()).args(["--check", &addr]).output().unwrap();
    let ready = check();
    assert_eq!(
        (ready.status.code(), &ready.stdout[..]),
        (Some(0), &b"ready\n"[..])
    );
    server.terminate();
    server.wait();
    let gone = check();
    assert_eq!(gone.status.code(), Some(2));
    let said = String::from_utf8(gone.stderr).unwrap();
    assert!(said.contains(&addr) && said.contains("refused"), "{said}");
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0_u32, |b, &x| b << 8 | u32::from(x)) << (8 * (3 - three.len()));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= three.len() { digit as char } else { '=' });
        }
    }
    out
}

#[test]
fn what_was_accepted_is_answered_before_the_end() {
    let server = Server::start(&["--decodes", "1"]);
    let long = clip(0, 1, 300.0);
    let long = &long;
    let addr = server.addr;
    thread::scope(|scope| {
        let server = &server;
        let one = scope.spawn(move || server.post_audio("/v1/classify", long));
        let two = scope.spawn(move || server.post_audio("/v1/features", long));
        server.wait_for("cratedigger_files_capacity", 1.0);
        while server.metric("cratedigger_files_running") + server.metric("cratedigger_files_waiting") < 2.0 {
            thread::yield_now();
        }
        server.terminate();
        for answer in [one.join().unwrap(), two.join().unwrap()] {
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    });
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
    assert!(std::net::TcpStream::connect(addr).is_err());
}

#[test]
fn every_answer_has_the_headers_of_a_careful_server() {
    let server = Server::start(&[]);
    for path in ["/", "/page/main.js", "/v1/model", "/nothing", "/openapi.json"] {
        let headers = server.get(path).headers;
        let policy = &headers["content-security-policy"];
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(headers["x-request-id"].parse::<u64>().is_ok());
    }
    server.get("/nothing").is_problem(404, "not-found");
    server.get("/page/../Cargo.toml").is_problem(404, "not-found");
    server.get("/page/%ff").is_problem(400, "bad-request");
    server.get("/report").is_problem(404, "not-found");
    let wrong = server.get("/v1/classify");
    wrong.is_problem(405, "method-not-allowed");
    assert_eq!(wrong.headers["allow"], "POST");
    let head = server.send("HEAD", "/", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn the_report_is_served_in_a_sandbox() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("tables")).unwrap();
    std::fs::write(dir.path().join("report.html"), "<p>a report</p>").unwrap();
    std::fs::write(dir.path().join("tables/a.csv"), "a,b\n").unwrap();
    std::fs::write(dir.path().join("private.key"), "secret").unwrap();
    let server = Server::start(&["--report", dir.path().to_str().unwrap()]);
    assert_eq!(server.get("/report").headers["location"], "/report/");
    let report = server.get("/report/");
    assert_eq!(report.text(), "<p>a report</p>");
    assert!(report.headers["content-security-policy"].starts_with("sandbox"));
    assert_eq!(server.get("/report/tables/a.csv").text(), "a,b\n");
    for absent in ["private.key", "tables", "tables/..%2fprivate.key", "%2e%2e/x"] {
        assert_eq!(server.get(&format!("/report/{absent}")).status, 404, "{absent}");
    }
}

#[test]
fn the_log_tells_what_happened_without_names_or_contents() {
    let server = Server::start(&[]);
    server.post_files("/v1/classify", &[("private-name.wav", &clip(2, 9, 1.0))]);
    server.post_files("/v1/classify", &[("private-name.wav", b"private-content")]);
    server.get("/private-path");
    server.terminate();
    let (_, log) = server.wait();
    assert!(!log.contains("private"), "{log}");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}")))
        .collect();
    let of = |status: u16| lines.iter().find(|l| l["status"] == status).unwrap();
    assert_eq!(of(200)["message"], "answered");
    let classified = lines.iter().find(|l| l["route"] == "/v1/classify").unwrap();
    assert_eq!(classified["files"], 1);
    assert!(classified["bytes"].as_u64().unwrap() > 40_000);
    assert!(classified["milliseconds"].as_f64().unwrap() > 0.0);
    assert_eq!(of(415)["problem"], "not-audio");
    assert_eq!(of(404)["route"], "other");
}

#[test]
fn counters_follow_what_was_asked() {
    let server = Server::start(&[]);
    let audio = clip(2, 9, 1.0);
    server.post_files("/v1/classify", &[("a", &audio), ("b", b"nothing")]);
    server.send("BREW", "/v1/classify", &[], b"");
    for (name, value) in [
        ("cratedigger_files_total{outcome=\"ok\"}", 1.0),
        ("cratedigger_files_total{outcome=\"not-audio\"}", 1.0),
        ("cratedigger_genres_total{genre=\"Pulse\"}", 1.0),
        ("cratedigger_audio_seconds_total", 1.0),
        ("cratedigger_files_running", 0.0),
        ("cratedigger_files_waiting", 0.0),
        (
            "cratedigger_http_requests_total{route=\"/v1/classify\",method=\"POST\",status=\"200\"}",
            1.0,
        ),
        (
            "cratedigger_http_requests_total{route=\"/v1/classify\",method=\"OTHER\",status=\"405\"}",
            1.0,
        ),
    ] {
        assert_eq!(server.metric(name), value, "{name}");
    }
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ok.cdmodel"), model()).unwrap();
    std::fs::write(dir.path().join("bad.cdmodel"), &model()[..1000]).unwrap();
    std::fs::write(
        dir.path().join("s.toml"),
        "model = 'ok.cdmodel'\nqueue = 'many'\n",
    )
    .unwrap();
    for (args, words) in [
        (&[][..], "--model"),
        (&["--model", "absent.cdmodel"], "absent.cdmodel"),
        (&["--model", "bad.cdmodel"], "bad.cdmodel"),
        (&["--model", "ok.cdmodel", "--addr", "0.0.0.0:0"], "--token-hash"),
        (&["--model", "ok.cdmodel", "--token-hash", "abc"], "--new-token"),
        (&["--model", "ok.cdmodel", "--report", "."], "report.html"),
        (&["--config", "s.toml"], "s.toml"),
    ] {
        let out = command(dir.path()).args(args).output().unwrap();
        let told = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(words), "{args:?}: {told}");
    }
}

#[test]
fn without_a_reader_of_standard_output_it_serves_and_the_log_tells_where() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("test.cdmodel"), crate::sounds::model()).unwrap();
    let log = dir.path().join("log");
    let mut child = command(dir.path())
        .args([
            "--model",
            "test.cdmodel",
            "--addr",
            "127.0.0.1:0",
            "--log",
            "json",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let addr = loop {
        let text = std::fs::read_to_string(&log).unwrap();
        if let Some((_, rest)) = text.split_once("\"address\":\"") {
            break rest.split('"').next().unwrap().to_owned();
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended: {text}");
        thread::sleep(std::time::Duration::from_millis(20));
    };
    let mut stream = std::net::TcpStream::connect(&addr).unwrap();
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
