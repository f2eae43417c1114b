//! A small HTTP/1.1 server on this machine that misbehaves by a script, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What is done with one request.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// As it should be: ranges, `If-Range`, 416.
    Serve,
    /// As `Serve`, but the connection is closed after so many bytes of the body.
    BreakAfter(usize),
    /// As `Serve`, but silent for so long after so many bytes, and closed then.
    StallAfter(usize, Duration),
    /// 200 and the whole file, whatever was asked; closed after so many bytes.
    IgnoreRange(usize),
    /// Ranges are served although `If-Range` names another version.
    IgnoreIfRange,
    /// 206, but from the first byte on.
    WrongRange,
    /// `Content-Length` is this for a request without range.
    Claim(usize),
    /// No length: chunked.
    Chunked,
    /// As `Serve`, a piece of so many bytes after each pause.
    Trickle(usize, Duration),
    /// A status and further header lines, without body.
    Status(u16, &'static str),
}

/// A version of the file and what is done.
#[derive(Clone, Debug)]
pub struct Answer {
    pub act: Act,
    pub content: Arc<Vec<u8>>,
    pub etag: &'static str,
}

/// A request as it was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub range: Option<usize>,
    pub if_range: Option<String>,
    /// Bytes of the body that were written to the connection.
    pub sent: usize,
}

pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Answers the first request with the first of `answers` and so on; the last one serves all that follow.
    pub fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            stop: Arc::default(),
        };
        let (seen, stop) = (server.seen.clone(), server.stop.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, answers) = (seen.clone(), answers.clone());
                // A client that went away is no fault of the server.
                thread::spawn(move || stream.and_then(|stream| answer(stream, &answers, &seen)));
            }
        });
        server
    }

    /// Serves this content with these acts, all of one version.
    pub fn of(content: &Arc<Vec<u8>>, acts: &[Act]) -> Self {
        let answer = |act: &Act| Answer {
            act: *act,
            content: content.clone(),
            etag: "\"v1\"",
        };
        Self::start(acts.iter().map(answer).collect())
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/fma/", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// First bytes of the ranges that were asked for.
    pub fn ranges(&self) -> Vec<Option<usize>> {
        self.seen().iter().map(|seen| seen.range).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: TcpStream, answers: &[Answer], log: &Mutex<Vec<Seen>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let header = |name: &str| {
        request.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    let seen = Seen {
        path: request.split(' ').nth(1).unwrap_or("").to_owned(),
        range: header("range").map(|value| {
            let value = value.strip_prefix("bytes=").unwrap();
            value.strip_suffix('-').unwrap().parse().unwrap()
        }),
        if_range: header("if-range"),
        sent: 0,
    };
    let index = {
        let mut log = log.lock().unwrap();
        log.push(seen.clone());
        log.len() - 1
    };
    let Answer { act, content, etag } = &answers[index.min(answers.len() - 1)];
    let whole = content.len();
    let same_version = seen.if_range.as_deref().is_none_or(|asked| asked == *etag);
    let range = match act {
        Act::IgnoreRange(_) | Act::Chunked => None,
        Act::IgnoreIfRange => seen.range,
        _ => seen.range.filter(|_| same_version),
    };
    let etag_line = format!("ETag: {etag}\r\nAccept-Ranges: bytes\r\n");
    let (head, body) = match (act, range) {
        (Act::Status(status, headers), _) => {
            (format!("{status} X\r\n{headers}Content-Length: 0\r\n"), &[][..])
        }
        (Act::Chunked, _) => (
            format!("200 OK\r\n{etag_line}Transfer-Encoding: chunked\r\n"),
            &content[..],
        ),
        (_, Some(from)) if from >= whole => (
            format!("416 Range Not Satisfiable\r\nContent-Range: bytes */{whole}\r\nContent-Length: 0\r\n"),
            &[][..],
        ),
        (Act::WrongRange, Some(_)) => (
            format!(
                "206 Partial Content\r\n{etag_line}Content-Range: bytes 0-{}/{whole}\r\nContent-Length: {whole}\r\n",
                whole - 1
            ),
            &content[..],
        ),
        (_, Some(from)) => (
            format!(
                "206 Partial Content\r\n{etag_line}Content-Range: bytes {from}-{}/{whole}\r\nContent-Length: {}\r\n",
                whole - 1,
                whole - from
            ),
            &content[from..],
        ),
        (act, None) => {
            let length = if let Act::Claim(length) = act {
                *length
            } else {
                whole
            };
            (
                format!("200 OK\r\n{etag_line}Content-Length: {length}\r\n"),
                &content[..],
            )
        }
    };
    write!(stream, "HTTP/1.1 {head}Connection: close\r\n\r\n")?;
    let body = match act {
        Act::BreakAfter(n) | Act::StallAfter(n, _) | Act::IgnoreRange(n) => &body[..body.len().min(*n)],
        _ => body,
    };
    let n_piece = match act {
        Act::Trickle(n, _) => *n,
        _ => 10_000,
    };
    for piece in body.chunks(n_piece) {
        if let Act::Trickle(_, pause) = act {
            thread::sleep(*pause);
        }
        if matches!(act, Act::Chunked) {
            write!(stream, "{:x}\r\n", piece.len())?;
            stream.write_all(piece)?;
            stream.write_all(b"\r\n")?;
        } else {
            stream.write_all(piece)?;
        }
        log.lock().unwrap()[index].sent += piece.len();
    }
    match act {
        Act::Chunked => stream.write_all(b"0\r\n\r\n")?,
        Act::StallAfter(_, pause) => thread::sleep(*pause),
        _ => {}
    }
    stream.flush()
}
