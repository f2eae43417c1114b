//! What HTTP adds: the features of a file in this process, and its genres from a running server, in turn.
//!
//! `cargo run --release -p cratedigger --example serve_latency -- 127.0.0.1:8080 song.mp3 [ROUNDS]`
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use cratedigger_features::{Extractor, Recipe};

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(addr), Some(path)) = (args.next(), args.next()) else {
        eprintln!("usage: serve_latency ADDRESS:PORT FILE [ROUNDS]");
        std::process::exit(2);
    };
    let n_rounds: usize = args.next().map_or(20, |n| n.parse().unwrap());
    let audio = std::fs::read(&path).unwrap();
    let extractor = Extractor::new(Recipe::Fma);
    let extract = || {
        let began = Instant::now();
        extractor.extract_reader(Cursor::new(&audio)).unwrap();
        began.elapsed().as_secs_f64() * 1000.0
    };
    let ask = || {
        let began = Instant::now();
        let mut stream = TcpStream::connect(&addr).unwrap();
        let head = format!(
            "POST /v1/classify HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Type: audio/mpeg\r\n\
             Content-Length: {}\r\n\r\n",
            audio.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&audio).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        began.elapsed().as_secs_f64() * 1000.0
    };
    // The first of each plans transforms.
    extract();
    ask();
    let (mut alone, mut served): (Vec<f64>, Vec<f64>) = (0..n_rounds).map(|_| (extract(), ask())).unzip();
    alone.sort_by(f64::total_cmp);
    served.sort_by(f64::total_cmp);
    println!("ms            best  median");
    for (name, times) in [("extraction", &alone), ("classified", &served)] {
        println!("{name}  {:>6.1}  {:>6.1}", times[0], times[n_rounds / 2]);
    }
    println!(
        "ratio       {:>6.2}  {:>6.2}",
        served[0] / alone[0],
        served[n_rounds / 2] / alone[n_rounds / 2]
    );
}
