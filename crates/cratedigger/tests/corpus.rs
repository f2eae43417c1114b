//! The whole way of the service, by the binary alone: a corpus of clips, features, a model, a server, and uploads of clips
//! whose artists the model has never heard. Not a matter of a lucky seed: 1, 2, 3, 4 and 7 give 0.971 to 0.990.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Clips of the corpus, 50 of each of the eight styles.
const N_CLIPS: &str = "400";

/// One artist in this many is kept from the model.
const ONE_IN: usize = 4;

/// Files of a request; the server's default limit is 16.
const N_FILES: usize = 8;

/// Longer than any step takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

struct Track {
    id: u32,
    artist: u32,
    genre: String,
}

#[test]
fn clips_of_unheard_artists_are_named_right_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let synth = [
        "synth",
        "music",
        "--clips",
        N_CLIPS,
        "--seconds",
        "5",
        "--clip-format",
        "mixed",
        "--seed",
        "7",
    ];
    ok(dir, &synth);
    let tracks = tracks(dir);
    let styles: BTreeSet<&str> = tracks.iter().map(|t| t.genre.as_str()).collect();
    assert_eq!(styles.len(), 8, "{styles:?}");

    // Within each style, one artist in four is unheard: the clips leave the folder before anything is extracted.
    let unheard = unheard_artists(&tracks);
    let (kept_back, heard): (Vec<&Track>, Vec<&Track>) =
        tracks.iter().partition(|track| unheard.contains(&track.artist));
    fs::create_dir(dir.join("unheard")).unwrap();
    let uploads: Vec<(PathBuf, &str)> = kept_back
        .iter()
        .map(|track| {
            let from = clip(dir, track.id);
            let to = dir.join("unheard").join(from.file_name().unwrap());
            fs::rename(&from, &to).unwrap();
            (to, track.genre.as_str())
        })
        .collect();
    let named: BTreeSet<&str> = uploads.iter().map(|(_, genre)| *genre).collect();
    assert_eq!(named, styles, "every style is asked for");
    assert!(uploads.len() >= 60, "{} uploads", uploads.len());

    ok(dir, &["extract", "music/clips", "--out", "heard.parquet"]);
    let train = [
        "train",
        "heard.parquet",
        "--labels",
        "music/tracks.csv",
        "--method",
        "linear-svc",
        "--calibrate",
        "--split",
        "artist",
        "--refit",
        "--out",
        "genres.cdmodel",
    ];
    ok(dir, &train);
    let card: Value = serde_json::from_str(&ok(dir, &["model", "show", "genres.cdmodel", "--json"])).unwrap();
    assert_eq!(card["data"]["n_rows"], heard.len(), "no unheard clip was learnt");
    assert_eq!(
        card["data"]["n_artists"].as_u64().unwrap() as usize,
        heard.iter().map(|t| t.artist).collect::<BTreeSet<_>>().len()
    );

    let server = Server::start(dir);
    let mut wrong = Vec::new();
    for batch in uploads.chunks(N_FILES) {
        let answer = server.classify(batch.iter().map(|(path, _)| path.as_path()));
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), batch.len(), "{answer}");
        for ((path, genre), result) in batch.iter().zip(results) {
            // No genre at all is not right either.
            if result["genre"] != *genre {
                let name = path.file_name().unwrap();
                wrong.push(format!("{}, {genre}: {}", name.display(), result["genre"]));
            }
        }
    }
    let share = 1.0 - wrong.len() as f64 / uploads.len() as f64;
    println!(
        "{} of {} right, {share:.3}; wrong: {wrong:#?}",
        uploads.len() - wrong.len(),
        uploads.len()
    );
    assert!(
        share >= 0.95,
        "{share:.3} of {} right; wrong: {wrong:#?}",
        uploads.len()
    );
}

/// The artists of each style in order, every fourth of them.
fn unheard_artists(tracks: &[Track]) -> BTreeSet<u32> {
    let mut of_style: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for track in tracks {
        of_style.entry(&track.genre).or_default().insert(track.artist);
    }
    of_style
        .values()
        .flat_map(|artists| artists.iter().copied().skip(1).step_by(ONE_IN))
        .collect()
}

fn tracks(dir: &Path) -> Vec<Track> {
    ok(dir, &["import", "music"]);
    let query = "select track_id, artist.id, track.genre_top from tracks order by track_id";
    ok(dir, &["sql", query, "--format", "csv"])
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            Track {
                id: cells[0].parse().unwrap(),
                artist: cells[1].parse().unwrap(),
                genre: cells[2].to_owned(),
            }
        })
        .collect()
}

/// The file of a track, whatever its format.
fn clip(dir: &Path, track: u32) -> PathBuf {
    let stem = dir.join(format!("music/clips/{:03}/{track:06}", track / 1000));
    ["wav", "flac"]
        .map(|extension| stem.with_extension(extension))
        .into_iter()
        .find(|path| path.is_file())
        .unwrap()
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
    command
        .args(args)
        .current_dir(dir)
        .env("CRATEDIGGER_CACHE", dir.join("cache"))
        .env_remove("CRATEDIGGER_STORE");
    command
}

fn ok(dir: &Path, args: &[&str]) -> String {
    let out = command(dir, args).output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8_lossy(&out.stderr),
    );
    assert!(out.status.success(), "{args:?}\n{stdout}\n{stderr}");
    stdout
}

/// A running server, killed when it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let args = [
            "serve",
            "--model",
            "genres.cdmodel",
            "--addr",
            "127.0.0.1:0",
            "--quiet",
        ];
        let mut child = command(dir, &args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap_or_default()
            .to_owned();
        let server = Self { child, address };
        let until = Instant::now() + PATIENCE;
        while server.send("GET", "/readyz", "text/plain", b"").0 != 200 {
            assert!(Instant::now() < until, "the server does not get ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn classify<'a>(&self, files: impl Iterator<Item = &'a Path>) -> Value {
        let mut body = Vec::new();
        for path in files {
            let name = path.file_name().unwrap().display();
            let head =
                format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend(fs::read(path).unwrap());
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        let (status, answer) = self.send("POST", "/v1/classify", "multipart/form-data; boundary=XX", &body);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap()
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        (status, answer.split_off(end + 4))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
