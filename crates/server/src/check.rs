//! Asks a server whether it takes requests: for containers that hold nothing but the command.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Longest head of an answer that is looked at, in bytes.
const HEAD: usize = 1 << 10;

/// Whether the server at `addr` answers within `patience` that it takes requests (`GET /readyz`, status 200).
///
/// # Errors
/// None answers in time, or what answers takes none or is no server of this kind.
pub fn check(addr: SocketAddr, patience: Duration) -> Result<()> {
    let until = Instant::now() + patience;
    let mut stream = TcpStream::connect_timeout(&addr, patience)?;
    stream.set_write_timeout(Some(patience))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n"
    )?;
    let mut head = Vec::new();
    while head.len() < HEAD && !head.contains(&b'\n') {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
        }
        stream.set_read_timeout(Some(left))?;
        let mut bytes = [0; 256];
        match stream.read(&mut bytes)? {
            0 => break,
            n => head.extend_from_slice(&bytes[..n]),
        }
    }
    let line = String::from_utf8_lossy(&head);
    let line = line.lines().next().unwrap_or_default();
    match line.split(' ').nth(1) {
        Some("200") if line.starts_with("HTTP/1.1") => Ok(()),
        _ => Err(Error::NotReady(line.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// What `check` says of a server that answers `answer`, and what it was asked.
    fn asked(answer: &'static [u8]) -> (Result<()>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let n = stream.read(&mut request).unwrap();
            stream.write_all(answer).unwrap();
            String::from_utf8_lossy(&request[..n]).into_owned()
        });
        (check(addr, Duration::from_secs(5)), server.join().unwrap())
    }

    #[test]
    fn only_two_hundred_is_ready() {
        let (said, request) = asked(b"HTTP/1.1 200 OK\r\n\r\n");
        said.unwrap();
        assert!(
            request.starts_with("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:"),
            "{request}"
        );
        let (said, _) = asked(b"HTTP/1.1 503 Service Unavailable\r\n\r\n");
        assert!(said.unwrap_err().to_string().contains("503"));
        let (said, _) = asked(b"SSH-2.0-OpenSSH\r\n");
        assert!(said.unwrap_err().to_string().contains("SSH-2.0"));
        let (said, _) = asked(b"");
        assert!(said.is_err());
    }

    #[test]
    fn who_says_nothing_is_given_up_and_who_is_not_there_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        assert!(check(addr, Duration::from_millis(50)).is_err());
        drop(listener);
        assert!(check(addr, Duration::from_secs(5)).is_err());
    }
}
