//! A server as a child process, and HTTP by hand: hostile clients do what no HTTP library would.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sounds;

/// Longer than any answer takes, even on a busy machine; a test that waits this long fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    child: Child,
    pub(crate) addr: SocketAddr,
    pub(crate) dir: tempfile::TempDir,
}

impl Server {
    /// Starts a server with the test's model and waits until it is ready.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::with_model(sounds::model(), options)
    }

    /// The same with the bytes of another model file.
    pub(crate) fn with_model(model: &[u8], options: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let command = command(dir.path());
        Self::run(command, dir, model, options)
    }

    /// The same by a shell that allows so many open files only.
    #[cfg(target_os = "linux")]
    pub(crate) fn with_descriptors(n: u32, options: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {n}; exec \"$0\" serve \"$@\"");
        command
            .args(["-c", &script, env!("CARGO_BIN_EXE_cratedigger")])
            .current_dir(dir.path());
        Self::run(command, dir, sounds::model(), options)
    }

    fn run(mut command: Command, dir: tempfile::TempDir, model: &[u8], options: &[&str]) -> Self {
        std::fs::write(dir.path().join("test.cdmodel"), model).unwrap();
        let mut child = command
            .args([
                "--model",
                "test.cdmodel",
                "--addr",
                "127.0.0.1:0",
                "--log",
                "json",
                // The name by which raw requests of the tests ask.
                "--host",
                "x",
            ])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(dir.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let Some(addr) = line.trim().strip_prefix("listening on http://") else {
            let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
            panic!("the server did not start: {log}");
        };
        let addr = addr.parse().unwrap();
        let server = Self { child, addr, dir };
        let until = Instant::now() + PATIENCE;
        while server.get("/readyz").status != 200 {
            assert!(Instant::now() < until, "the server does not get ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// The number of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn number(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], b"")
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.addr,
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes)
    }

    /// One file as the body.
    pub(crate) fn post_audio(&self, path: &str, audio: &[u8]) -> Response {
        self.send("POST", path, &[("Content-Type", "audio/wav")], audio)
    }

    /// Files as multipart/form-data.
    pub(crate) fn post_files(&self, path: &str, files: &[(&str, &[u8])]) -> Response {
        let heads: Vec<String> = files
            .iter()
            .map(|(name, _)| format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\""))
            .collect();
        let note: (&[u8], &[u8]) = (b"Content-Disposition: form-data; name=\"note\"", b"no file");
        let files = heads
            .iter()
            .zip(files)
            .map(|(head, file)| (head.as_bytes(), file.1));
        self.post_parts(path, &[note].into_iter().chain(files).collect::<Vec<_>>())
    }

    /// Parts of multipart/form-data, each with the lines of its head and what it holds.
    pub(crate) fn post_parts(&self, path: &str, parts: &[(&[u8], &[u8])]) -> Response {
        let mut body = Vec::new();
        for (head, bytes) in parts {
            body.extend_from_slice(b"--XX\r\n");
            body.extend_from_slice(head);
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        let kind = ("Content-Type", "multipart/form-data; boundary=XX");
        self.send("POST", path, &[kind], &body)
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Response {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        read_response(stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A value of /metrics.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '))
            .unwrap_or_else(|| panic!("no {name} in\n{text}"));
        line.parse().unwrap()
    }

    /// Waits until a value of /metrics is at least this.
    pub(crate) fn wait_for(&self, name: &str, at_least: f64) {
        self.wait_until(name, |value| value >= at_least);
    }

    /// Waits until a value of /metrics is as wanted.
    pub(crate) fn wait_until(&self, name: &str, wanted: impl Fn(f64) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            let value = self.metric(name);
            if wanted(value) {
                return;
            }
            assert!(Instant::now() < until, "{name} stays {value}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Largest resident memory so far, where the system tells it.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let kib = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
        Some(kib.trim().strip_suffix("kB")?.trim().parse::<u64>().unwrap() << 10)
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
    }

    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.log())
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `cratedigger serve` in a folder.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
    command.current_dir(dir).arg("serve");
    command
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// Asserts that this is a problem of a status and type.
    pub(crate) fn is_problem(&self, status: u16, slug: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(
            problem["type"],
            format!("urn:cratedigger:problem:{slug}"),
            "{problem}"
        );
        assert_eq!(problem["status"], status);
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        assert_eq!(
            problem["instance"],
            format!("urn:cratedigger:request:{}", self.headers["x-request-id"])
        );
        problem
    }
}

/// The answer of a connection that the server closes; status 0 where it closed without one.
pub(crate) fn read_response(mut stream: TcpStream) -> Response {
    let mut bytes = Vec::new();
    // A connection that is reset after the answer has still given it.
    let _ = stream.read_to_end(&mut bytes);
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
        return Response {
            status: 0,
            headers: HashMap::new(),
            body: bytes,
        };
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|l| {
            let (name, value) = l.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    Response {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    }
}
