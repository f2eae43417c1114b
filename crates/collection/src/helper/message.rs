//! What a helper is told and asked.

use std::path::PathBuf;
use std::time::Duration;

use cratedigger_features::Limits;

use super::task::Asked;

/// The first frame: what the helper may accept, and the answer that says that it does.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hello {
    pub(super) limits: Limits,
}

/// What the first bytes of the first frame say: who speaks, and which version of these messages.
const WHO: &str = concat!("cratedigger helper ", env!("CARGO_PKG_VERSION"), "\n");

impl Hello {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = WHO.as_bytes().to_vec();
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
        let rest = frame.strip_prefix(WHO.as_bytes())?;
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
        Some(Self { limits })
    }
}

/// A file to analyse, for what, and the time for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Request<'a> {
    pub(super) asked: Asked,
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

impl Received {
    pub(super) fn sound(&self) -> Sound<'_> {
        match self {
            Self::Path(path) => Sound::Path(path),
            Self::Bytes(bytes) => Sound::Bytes(bytes),
        }
    }
}

impl Request<'_> {
    /// What stands in front of the name or the bytes, and these.
    pub(super) fn parts(&self) -> (Vec<u8>, &[u8]) {
        let (kind, content) = match self.sound {
            Sound::Path(path) => (1, path.as_os_str().as_encoded_bytes()),
            Sound::Bytes(bytes) => (2, bytes),
        };
        let task = self.asked.to_string();
        let mut head = vec![kind];
        head.extend(self.time.as_secs_f64().to_le_bytes());
        head.extend((task.len() as u32).to_le_bytes());
        head.extend(task.into_bytes());
        (head, content)
    }
}

/// A request that was received.
pub(super) fn received(mut frame: Vec<u8>) -> Option<(Asked, Received, Duration)> {
    let (&kind, rest) = frame.split_first()?;
    let (seconds, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let task = rest.get(..u32::from_le_bytes(*length) as usize)?;
    let n_before = 13 + task.len();
    let asked = Asked::parse(std::str::from_utf8(task).ok()?)?;
    let time = Duration::try_from_secs_f64(f64::from_le_bytes(*seconds)).unwrap_or(Duration::MAX);
    frame.drain(..n_before);
    let sound = match kind {
        1 => Received::Path(path_of(frame)?),
        2 => Received::Bytes(frame),
        _ => return None,
    };
    Some((asked, sound, time))
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
    use super::super::task::Task;
    use super::*;
    use cratedigger_features::Recipe;
    use std::path::Path;

    #[test]
    fn messages_come_back() {
        let hello = Hello {
            limits: Limits::default().max_lost(0.5).max_bytes(77).max_work_s(1.25),
        };
        assert_eq!(Hello::decode(&hello.encode()), Some(hello.clone()));
        assert_eq!(Hello::decode(&hello.encode()[1..]), None);
        assert_eq!(Hello::decode(&hello.encode()[..50]), None);
        assert_eq!(Hello::decode(b"some other program\n"), None);
        for (sound, want) in [
            (
                Sound::Path(Path::new("a/b.mp3")),
                Received::Path("a/b.mp3".into()),
            ),
            (Sound::Bytes(b"bytes"), Received::Bytes(b"bytes".to_vec())),
        ] {
            let time = Duration::from_millis(1500);
            let asked = Asked {
                change: Some("gain:-6:3".parse().unwrap()),
                task: Task::Features(Recipe::Librosa),
            };
            let request = Request { asked, sound, time };
            let (head, content) = request.parts();
            assert!((0..head.len()).all(|n| received(head[..n].to_vec()).is_none()));
            assert_eq!(received([&head, content].concat()), Some((asked, want, time)));
            let other = [&[7], &head[1..], content].concat();
            assert_eq!(received(other), None);
        }
        assert_eq!(
            received([&[1; 9], &u32::MAX.to_le_bytes()[..], b"features fma/1"].concat()),
            None
        );
    }
}
