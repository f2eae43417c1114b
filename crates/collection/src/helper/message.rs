//! What a helper is told and asked.

use std::path::PathBuf;
use std::time::Duration;

use cratedigger_features::{Limits, Recipe};

/// The first frame: what the helper is to be, and the answer that says that it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hello {
    pub(super) recipe: Recipe,
    pub(super) limits: Limits,
}

/// What the first bytes of the first frame say: who speaks, and which version of these messages.
const WHO: &str = concat!("cratedigger helper ", env!("CARGO_PKG_VERSION"), " ");

impl Hello {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = format!("{WHO}{}\n", self.recipe.version()).into_bytes();
        let limits = &self.limits;
        for number in [
            limits.max_duration_s,
            limits.in_memory_s,
            limits.max_work_s,
            limits.max_lost,
        ] {
            out.extend(number.to_le_bytes());
        }
        out.extend(limits.max_bytes.to_le_bytes());
        out
    }

    pub(super) fn decode(frame: &[u8]) -> Option<Self> {
        let end = frame.iter().position(|b| *b == b'\n')?;
        let (line, rest) = (std::str::from_utf8(&frame[..end]).ok()?, &frame[end + 1..]);
        let recipe = Recipe::from_version(line.strip_prefix(WHO)?)?;
        let numbers: [[u8; 8]; 5] = rest
            .chunks_exact(8)
            .map(|chunk| chunk.try_into().ok())
            .collect::<Option<Vec<_>>>()?
            .try_into()
            .ok()?;
        let [duration, in_memory, work, lost, bytes] = numbers;
        let limits = Limits::default()
            .max_duration_s(f64::from_le_bytes(duration))
            .in_memory_s(f64::from_le_bytes(in_memory))
            .max_work_s(f64::from_le_bytes(work))
            .max_lost(f64::from_le_bytes(lost))
            .max_bytes(u64::from_le_bytes(bytes));
        Some(Self { recipe, limits })
    }
}

/// A file to analyse, and the time for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Request<'a> {
    pub(super) sound: Sound<'a>,
    pub(super) time: Duration,
}

/// Where the bytes of a recording are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sound<'a> {
    /// In a file with this name.
    Path(&'a std::path::Path),
    /// Here.
    Bytes(&'a [u8]),
}

/// The same on the other side.
#[derive(Debug, PartialEq)]
pub(super) enum Received {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

impl Request<'_> {
    /// What stands in front of the name or the bytes, and these.
    pub(super) fn parts(&self) -> (Vec<u8>, &[u8]) {
        let (kind, content) = match self.sound {
            Sound::Path(path) => (1, path.as_os_str().as_encoded_bytes()),
            Sound::Bytes(bytes) => (2, bytes),
        };
        let mut head = vec![kind];
        head.extend(self.time.as_secs_f64().to_le_bytes());
        (head, content)
    }
}

/// A request that was received.
pub(super) fn received(mut frame: Vec<u8>) -> Option<(Received, Duration)> {
    let (&kind, rest) = frame.split_first()?;
    let time = Duration::try_from_secs_f64(f64::from_le_bytes(*rest.first_chunk::<8>()?)).ok()?;
    frame.drain(..9);
    let sound = match kind {
        1 => Received::Path(path_of(frame)?),
        2 => Received::Bytes(frame),
        _ => return None,
    };
    Some((sound, time))
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::Path;

    #[test]
    fn messages_come_back() {
        let hello = Hello {
            recipe: Recipe::Librosa,
            limits: Limits::default().max_lost(0.5).max_bytes(77).max_work_s(1.25),
        };
        assert_eq!(Hello::decode(&hello.encode()), Some(hello.clone()));
        assert_eq!(Hello::decode(&hello.encode()[1..]), None);
        assert_eq!(Hello::decode(&hello.encode()[..60]), None);
        assert_eq!(Hello::decode(b"some other program\n"), None);
        for (sound, want) in [
            (
                Sound::Path(Path::new("a/b.mp3")),
                Received::Path("a/b.mp3".into()),
            ),
            (Sound::Bytes(b"bytes"), Received::Bytes(b"bytes".to_vec())),
        ] {
            let time = Duration::from_millis(1500);
            let request = Request { sound, time };
            let (head, content) = request.parts();
            assert_eq!(received([&head, content].concat()), Some((want, time)));
        }
        assert_eq!(received(b"\x07\0\0\0\0\0\0\0\0x".to_vec()), None);
        assert_eq!(received(b"\x01\0".to_vec()), None);
    }
}
