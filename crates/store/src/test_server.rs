//! A small HTTP server that misbehaves as it is told, for the tests.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::settings::Settings;
use crate::stores::Stores;

/// What came: the method, the path, the range of bytes and the etag that it must be of.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) range: Option<(usize, usize)>,
    pub(crate) if_match: Option<String>,
    /// Bytes of its body.
    pub(crate) length: usize,
}

/// What goes back.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) etag: &'static str,
    pub(crate) body: Vec<u8>,
    /// Where the object's bytes are cut out, and how many it has.
    pub(crate) range: Option<(usize, usize, usize)>,
    /// Bytes of the body after which the connection is cut.
    pub(crate) cut_after: Option<usize>,
}

impl Response {
    /// An object, or the part of it that is asked for, if it is of the etag.
    pub(crate) fn of(request: &Request, etag: &'static str, body: &[u8]) -> Self {
        if request.if_match.as_deref().is_some_and(|wanted| wanted != etag) {
            return Self::status(412, "");
        }
        let range = request
            .range
            .map(|(from, to)| (from, to.min(body.len()), body.len()));
        Self {
            status: if range.is_some() { 206 } else { 200 },
            etag,
            body: range.map_or(body, |(from, to, _)| &body[from..to]).to_vec(),
            range,
            cut_after: None,
        }
    }

    /// No answer: the connection is cut.
    pub(crate) fn none() -> Self {
        Self::status(0, "")
    }

    pub(crate) fn status(status: u16, body: &str) -> Self {
        Self {
            status,
            etag: "",
            body: body.into(),
            range: None,
            cut_after: None,
        }
    }
}

/// Starts one whose n-th request (from 0) is answered so; the address of its root, and the number of requests so far.
pub(crate) fn start(
    answer: impl Fn(usize, &Request) -> Response + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let (count, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
    let counted = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (count, answer) = (counted.clone(), answer.clone());
            std::thread::spawn(move || converse(&stream, &count, &*answer));
        }
    });
    (root, count)
}

fn converse(stream: &TcpStream, count: &AtomicUsize, answer: &dyn Fn(usize, &Request) -> Response) {
    let mut from = BufReader::new(stream);
    while let Some(request) = read(&mut from) {
        let response = answer(count.fetch_add(1, Ordering::SeqCst), &request);
        if response.status == 0 {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
        let mut head = format!(
            "HTTP/1.1 {} X\r\ncontent-length: {}\r\nlast-modified: Thu, 01 Jan 1970 00:00:01 GMT\r\n",
            response.status,
            response.body.len()
        );
        if !response.etag.is_empty() {
            head += &format!("etag: {}\r\n", response.etag);
        }
        if let Some((from, to, all)) = response.range {
            head += &format!("content-range: bytes {from}-{}/{all}\r\n", to - 1);
        }
        let mut to = stream;
        to.write_all((head + "\r\n").as_bytes()).unwrap();
        let n = response.cut_after.unwrap_or(response.body.len());
        if request.method != "HEAD" && to.write_all(&response.body[..n]).is_err() {
            return;
        }
        if response.cut_after.is_some() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn read(from: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    from.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut request = Request {
        method,
        path,
        range: None,
        if_match: None,
        length: 0,
    };
    loop {
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            std::io::copy(&mut from.take(request.length as u64), &mut std::io::sink()).ok()?;
            return Some(request);
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                let (from, to) = value.strip_prefix("bytes=")?.split_once('-')?;
                request.range = Some((
                    from.parse().ok()?,
                    to.parse::<usize>().map_or(usize::MAX, |to| to + 1),
                ));
            }
            "content-length" => request.length = value.parse().ok()?,
            "if-match" => request.if_match = Some(value.to_owned()),
            _ => {}
        }
    }
}

/// Stores that read from such a server, and try again for a minute.
pub(crate) fn stores(change: impl FnOnce(&mut Settings)) -> Arc<Stores> {
    let mut settings = Settings {
        retry_s: 60.0,
        allow_http: true,
        ..Settings::default()
    };
    change(&mut settings);
    Arc::new(Stores::new(settings).unwrap())
}
