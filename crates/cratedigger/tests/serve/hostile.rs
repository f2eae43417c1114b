//! Clients that send too much, too little, too slowly, or something else: refused, in bounded time and memory.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::client::{PATIENCE, Server, read_response};
use crate::sounds::{clip, silence};

/// Time limits of one second, so that the tests need not wait for the usual ones.
const IMPATIENT: [&str; 4] = ["--read-timeout", "1", "--upload-timeout", "3"];

#[test]
fn what_is_no_audio_is_refused_with_the_reason() {
    let server = Server::start(&[]);
    let post = |kind: &str, body: &[u8]| {
        let headers: &[(&str, &str)] = if kind.is_empty() {
            &[]
        } else {
            &[("Content-Type", kind)]
        };
        server.send("POST", "/v1/classify", headers, body)
    };
    let audio = clip(0, 1, 1.0);
    for kind in [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        post(kind, &audio).is_problem(415, "unsupported-type");
    }
    assert_eq!(post("", &audio).status, 200, "no type at all is taken as bytes");
    post("audio/mpeg", b"").is_problem(400, "bad-request");
    post("audio/mpeg", &[0xff; 5000]).is_problem(415, "not-audio");
    let mut noise = 1_u32;
    let garbage: Vec<u8> = (0..200_000)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .collect();
    let status = post("audio/mpeg", &garbage).status;
    assert!(status == 415 || status == 422, "garbage: {status}");
    post("audio/wav", &clip(0, 1, 0.0)).is_problem(422, "unusable-audio");
    post("multipart/form-data", &audio).is_problem(400, "bad-request");
    post("multipart/form-data; boundary=b", &audio).is_problem(400, "bad-request");
    let open = b"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nRIFF";
    post("multipart/form-data; boundary=b", open).is_problem(400, "bad-request");
    let no_file = b"--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nRIFF\r\n--b--\r\n";
    post("multipart/form-data; boundary=b", no_file).is_problem(400, "bad-request");
    let gzip = server.send("POST", "/v1/classify", &[("Content-Encoding", "gzip")], &audio);
    gzip.is_problem(415, "unsupported-type");
    // Cut in the middle of the samples: what is there is analysed.
    assert_eq!(post("audio/wav", &audio[..30_000]).status, 200);
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn ten_gigabytes_that_are_only_declared_cost_nothing() {
    let server = Server::start(&[]);
    let began = Instant::now();
    let head = "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 10737418240\r\n\r\nRIFF";
    server.raw(head.as_bytes()).is_problem(413, "too-large");
    assert!(began.elapsed() < PATIENCE / 2);
    // A declared length within the limit reserves nothing either.
    let before = server.peak_memory();
    let mut held = Vec::new();
    for _ in 0..7 {
        let mut stream = server.connect();
        let head = "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 67108864\r\n\r\nRIFF";
        stream.write_all(head.as_bytes()).unwrap();
        held.push(stream);
    }
    server.wait_for("cratedigger_http_requests_in_flight", 8.0);
    if let (Some(before), Some(after)) = (before, server.peak_memory()) {
        assert!(after - before < 64 << 20, "grew from {before} to {after} bytes");
    }
}

#[test]
fn a_body_without_a_length_ends_at_the_limit() {
    let server = Server::start(&["--max-body", "100000"]);
    let mut stream = server.connect();
    let head = "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [format!("{:x}\r\n", 10_000).as_bytes(), &[b'x'; 10_000], b"\r\n"].concat();
    for _ in 0..11 {
        // The server may have closed already.
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    read_response(stream).is_problem(413, "too-large");
    let audio = clip(0, 1, 1.0);
    let files = [("a", &audio[..]), ("b", &audio[..]), ("c", &audio[..])];
    server
        .post_files("/v1/classify", &files)
        .is_problem(413, "too-large");
    let server = Server::start(&["--max-files", "2"]);
    server
        .post_files("/v1/classify", &files)
        .is_problem(413, "too-many-files");
}

#[test]
fn silence_that_is_long_for_its_size_ends_at_the_longest_duration() {
    let server = Server::start(&["--max-duration", "60"]);
    let bomb = silence(10 * 3600);
    let before = server.peak_memory();
    let began = Instant::now();
    let problem = server
        .post_audio("/v1/classify", &bomb)
        .is_problem(413, "too-long");
    assert!(
        problem["detail"].as_str().unwrap().contains("60 seconds"),
        "{problem}"
    );
    assert!(began.elapsed() < PATIENCE / 2, "took {:?}", began.elapsed());
    if let (Some(before), Some(after)) = (before, server.peak_memory()) {
        assert!(after - before < 200 << 20, "grew from {before} to {after} bytes");
    }
    // The same kind of file within the limit is silence, and no error.
    assert_eq!(server.post_audio("/v1/classify", &silence(30)).status, 200);
}

#[test]
fn heads_and_connections_that_stay_silent_are_closed() {
    let server = Server::start(&IMPATIENT);
    let began = Instant::now();
    let mut slow = server.connect();
    slow.write_all(b"POST /v1/classify HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    let mut silent = server.connect();
    let mut kept = server.connect();
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    kept.read_to_string(&mut text).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 200") && text.ends_with("ok\n"),
        "{text}"
    );
    let status = read_response(slow).status;
    assert!(status == 0 || status == 408, "{status}");
    let mut nothing = Vec::new();
    silent.read_to_end(&mut nothing).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(900));
    assert!(began.elapsed() < PATIENCE / 2, "took {:?}", began.elapsed());
}

#[test]
fn uploads_that_stop_or_drip_are_given_up() {
    let server = Server::start(&IMPATIENT);
    let head =
        "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 50000\r\n\r\n";
    // Half of it, and then nothing.
    let began = Instant::now();
    let mut half = server.connect();
    half.write_all(head.as_bytes()).unwrap();
    half.write_all(&[1; 25_000]).unwrap();
    read_response(half).is_problem(408, "request-timeout");
    // Half of it, and the client is gone.
    let mut gone = server.connect();
    gone.write_all(head.as_bytes()).unwrap();
    gone.write_all(&[1; 25_000]).unwrap();
    gone.shutdown(Shutdown::Both).unwrap();
    // A byte now and then: never silent for a second, but not done in three.
    let mut drip = server.connect();
    drip.write_all(head.as_bytes()).unwrap();
    let mut reader = drip.try_clone().unwrap();
    reader.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let until = Instant::now() + PATIENCE;
    let mut first = [0_u8; 1];
    while reader.peek(&mut first).is_err() {
        assert!(Instant::now() < until, "a dripping upload is read for ever");
        let _ = drip.write_all(b"x");
        sleep(Duration::from_millis(100));
    }
    reader.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut text = Vec::new();
    let _ = reader.read_to_end(&mut text);
    assert!(
        text.starts_with(b"HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&text)
    );
    assert!(began.elapsed() < PATIENCE / 2, "took {:?}", began.elapsed());
    server.wait_until("cratedigger_http_requests_in_flight", |n| n == 1.0);
}

#[test]
fn what_is_no_http_is_refused() {
    let server = Server::start(&[]);
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello \r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let status = server.raw(bytes).status;
        assert!(status == 400 || status == 0, "{status}");
    }
    let many: String = (0..2000).map(|i| format!("x-{i}: y\r\n")).collect();
    let status = server
        .raw(format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes())
        .status;
    assert!(status == 431 || status == 0, "{status}");
    assert_eq!(server.get("/healthz").status, 200);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_ends_its_helpers_is_told_and_ends_nothing_else() {
    use crate::processes::{busy_helpers, kill};
    let server = Server::start(&["--decodes", "1"]);
    let (long, short) = (clip(0, 1, 600.0), clip(0, 1, 1.0));
    let n_killed = std::thread::scope(|scope| {
        let answer = scope.spawn(|| server.post_audio("/v1/classify", &long));
        let mut killed = Vec::new();
        while !answer.is_finished() {
            for number in busy_helpers(server.number()) {
                if !killed.contains(&number) {
                    kill(number);
                    killed.push(number);
                }
            }
            assert_eq!(server.get("/healthz").status, 200);
            sleep(Duration::from_millis(20));
        }
        answer.join().unwrap().is_problem(422, "unusable-audio");
        killed.len()
    });
    assert_eq!(n_killed, 2);
    assert_eq!(server.post_audio("/v1/classify", &short).status, 200);
}

/// The analysis ends when nobody waits for it any more, and the place is free.
#[test]
fn what_takes_longer_than_a_request_may_gives_its_place_back() {
    let server = Server::start(&["--decodes", "1", "--queue", "1", "--request-timeout", "0.05"]);
    let long = clip(0, 1, 800.0);
    server
        .post_audio("/v1/classify", &long)
        .is_problem(503, "took-too-long");
    let until = Instant::now() + PATIENCE;
    while server.metric("cratedigger_files_running") > 0.0 {
        assert!(Instant::now() < until, "the analysis goes on");
        sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn silent_connections_keep_nobody_from_watching_where_descriptors_are_few() {
    let server = Server::with_descriptors(64, &["--decodes", "2", "--read-timeout", "3600"]);
    let silent: Vec<_> = (0..120).map(|_| server.connect()).collect();
    for _ in 0..20 {
        assert_eq!(server.get("/healthz").status, 200);
    }
    drop(silent);
    let told = server.log();
    assert!(
        told.contains("16 connections are taken at a time, not 1024"),
        "{told}"
    );
    assert!(!told.contains("was not accepted"), "{told}");
    let until = Instant::now() + PATIENCE;
    while server.post_audio("/v1/classify", &clip(0, 1, 1.0)).status != 200 {
        assert!(Instant::now() < until, "the places do not come back");
        sleep(Duration::from_millis(20));
    }
}
