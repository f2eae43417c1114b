//! A small S3 server: objects in memory, listed in pages, put if there is none, and faults on purpose.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Objects of a page of a listing: so few that every test turns pages.
const PAGE: usize = 3;

/// What is kept, by bucket and key: `music/a.wav`.
pub(crate) type Kept = BTreeMap<String, Vec<u8>>;

/// A server that runs until the test ends.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) kept: Arc<Mutex<Kept>>,
    /// Requests for objects, by key.
    pub(crate) gets: Arc<Mutex<Vec<String>>>,
    /// Of so many requests one is answered by 503; 0 for none.
    pub(crate) every_503: Arc<AtomicUsize>,
    /// Requests after which all are answered so; 0 for never.
    pub(crate) down_after: Arc<AtomicUsize>,
    count: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Arc::new(Self {
            port: listener.local_addr().unwrap().port(),
            kept: Arc::default(),
            gets: Arc::default(),
            every_503: Arc::default(),
            down_after: Arc::default(),
            count: Arc::default(),
        });
        let of_thread = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = of_thread.clone();
                std::thread::spawn(move || server.converse(&stream));
            }
        });
        server
    }

    /// What programs that are to speak with it need in their environment.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        vec![
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", "x".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "x".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("CRATEDIGGER_STORE_RETRY_SECONDS", "60".to_owned()),
        ]
    }

    pub(crate) fn put(&self, key: &str, bytes: Vec<u8>) {
        self.kept.lock().unwrap().insert(key.to_owned(), bytes);
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.kept.lock().unwrap().get(key).cloned()
    }

    fn converse(&self, stream: &TcpStream) {
        let mut from = BufReader::new(stream);
        while let Some(request) = Request::read(&mut from) {
            let n = self.count.fetch_add(1, Ordering::SeqCst);
            let every = self.every_503.load(Ordering::SeqCst);
            let last = self.down_after.load(Ordering::SeqCst);
            let is_down = last > 0 && self.gets.lock().unwrap().len() >= last;
            let (status, headers, body) = match is_down || every > 0 && n % every == every - 1 {
                true => error(503, "SlowDown"),
                false => self.answer(&request),
            };
            let mut head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}\r\n",
                body.len()
            )
            .into_bytes();
            if request.method != "HEAD" {
                head.extend(body);
            }
            if (&*stream).write_all(&head).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &Request) -> (u16, String, Vec<u8>) {
        let mut kept = self.kept.lock().unwrap();
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let path = path.trim_start_matches('/');
        if query.contains("list-type=2") {
            return list(&kept, path.trim_end_matches('/'), query);
        }
        match &*request.method {
            // An object in parts: begun, put piece by piece under names of its own, put together.
            "POST" if query.starts_with("uploads") => {
                let body =
                    "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
                (200, String::new(), body.as_bytes().to_vec())
            }
            "PUT" if query.contains("partNumber=") => {
                let number = query
                    .split("partNumber=")
                    .nth(1)
                    .unwrap()
                    .split('&')
                    .next()
                    .unwrap();
                let part = format!("parts of {path}/{:0>5}", number);
                let etag = etag(&request.body);
                kept.insert(part, request.body.clone());
                (200, format!("etag: {etag}\r\n"), Vec::new())
            }
            "POST" => {
                let of = format!("parts of {path}/");
                let parts: Vec<String> = kept.keys().filter(|key| key.starts_with(&of)).cloned().collect();
                let whole: Vec<u8> = parts
                    .iter()
                    .filter_map(|part| kept.remove(part))
                    .flatten()
                    .collect();
                let etag = etag(&whole);
                kept.insert(path.to_owned(), whole);
                let body = format!(
                    "<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
                );
                (200, String::new(), body.into_bytes())
            }
            "PUT" if request.headers.contains_key("if-none-match") && kept.contains_key(path) => {
                error(412, "PreconditionFailed")
            }
            "PUT" => {
                let etag = etag(&request.body);
                kept.insert(path.to_owned(), request.body.clone());
                (200, format!("etag: {etag}\r\n"), Vec::new())
            }
            _ => {
                self.gets.lock().unwrap().push(path.to_owned());
                let Some(bytes) = kept.get(path) else {
                    return error(404, "NoSuchKey");
                };
                if request
                    .headers
                    .get("if-match")
                    .is_some_and(|wanted| *wanted != etag(bytes))
                {
                    return error(412, "PreconditionFailed");
                }
                let all = bytes.len();
                let range = request.headers.get("range").and_then(|range| {
                    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
                    match from {
                        "" => Some((all.saturating_sub(to.parse().ok()?), all)),
                        _ => Some((
                            from.parse().ok()?,
                            to.parse::<usize>().map_or(all, |to| (to + 1).min(all)),
                        )),
                    }
                });
                let mut headers = format!(
                    "etag: {}\r\nlast-modified: Thu, 01 Jan 1970 00:00:01 GMT\r\n",
                    etag(bytes)
                );
                match range {
                    Some((from, to)) => {
                        let _ = write!(headers, "content-range: bytes {from}-{}/{all}\r\n", to - 1);
                        (206, headers, bytes[from..to].to_vec())
                    }
                    None => (200, headers, bytes.clone()),
                }
            }
        }
    }
}

struct Request {
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn read(from: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        from.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let mut words = line.split(' ');
        let (method, target) = (words.next()?.to_owned(), decoded(words.next()?));
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            from.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers
            .get("content-length")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        from.read_exact(&mut body).ok()?;
        Some(Self {
            method,
            target,
            headers,
            body,
        })
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", &blake3::hash(bytes).to_hex()[..32])
}

fn error(status: u16, code: &str) -> (u16, String, Vec<u8>) {
    let body = format!(
        "<Error><Code>{code}</Code><Message>So it is.</Message><RequestId>{status}</RequestId></Error>"
    );
    (status, String::new(), body.into_bytes())
}

fn list(kept: &Kept, bucket: &str, query: &str) -> (u16, String, Vec<u8>) {
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let (prefix, after) = (
        value("prefix").unwrap_or(""),
        value("continuation-token").unwrap_or(""),
    );
    let found: Vec<(&str, &Vec<u8>)> = kept
        .iter()
        .filter_map(|(key, bytes)| Some((key.strip_prefix(bucket)?.strip_prefix('/')?, bytes)))
        .filter(|(key, _)| key.starts_with(prefix) && *key > after)
        .collect();
    let page = &found[..found.len().min(PAGE)];
    let mut text = "<ListBucketResult>".to_owned();
    for (key, bytes) in page {
        let _ = write!(
            text,
            "<Contents><Key>{key}</Key><LastModified>1970-01-01T00:00:01.000Z</LastModified><ETag>{}</ETag><Size>{}</Size></Contents>",
            etag(bytes).replace('"', "&quot;"),
            bytes.len()
        );
    }
    if found.len() > PAGE {
        let _ = write!(
            text,
            "<NextContinuationToken>{}</NextContinuationToken>",
            page[PAGE - 1].0
        );
    }
    let _ = write!(
        text,
        "<IsTruncated>{}</IsTruncated></ListBucketResult>",
        found.len() > PAGE
    );
    (200, String::new(), text.into_bytes())
}
