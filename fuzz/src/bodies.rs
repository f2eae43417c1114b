//! What clients send to a server, and the file of its settings.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use cratedigger_collection::Nobody;
use cratedigger_server::{Choices, check, run};

use crate::{place, seeds};

/// A settings file in TOML, as far as it can be looked at without a model.
pub(crate) fn settings(bytes: &[u8]) -> bool {
    let path = place::file("server.toml", bytes);
    Choices::read(&path).is_ok_and(|choices| choices.settle().is_ok())
}

/// Anything at all to a server's socket; it answers health afterwards.
pub(crate) fn http(bytes: &[u8]) -> bool {
    let mut stream = connect();
    // a server may have answered and gone before everything is said
    let _ = stream.write_all(bytes);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);

    let mut stream = connect();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .expect("the server takes a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    said.starts_with(b"HTTP/1.1 200")
}

fn connect() -> TcpStream {
    let stream = TcpStream::connect(server()).expect("the server takes connections");
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).expect("a socket has timeouts");
    stream
}

/// One server for the whole process, which ends with it.
fn server() -> SocketAddr {
    static ADDR: OnceLock<SocketAddr> = OnceLock::new();
    *ADDR.get_or_init(|| {
        let folder = tempfile::tempdir()
            .expect("a temporary folder can be made")
            .keep();
        let model = folder.join("served.cdmodel");
        std::fs::write(&model, seeds::served_model()).expect("a file can be written");
        let choices = Choices {
            model: Some(model),
            addr: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            max_duration: Some(5.0),
            read_timeout: Some(0.2),
            hosts: vec!["x".to_owned()],
            ..Choices::default()
        };
        let settings = choices.settle().expect("these choices are right");
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            run(settings, Arc::new(AtomicBool::new(false)), &Nobody, |addr| {
                let _ = tell.send(addr);
                Ok(())
            })
            .expect("the server runs");
        });
        let addr = told.recv().expect("the server listens");
        while check(addr, Duration::from_secs(5)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        addr
    })
}
