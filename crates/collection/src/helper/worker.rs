//! What a helper does with a recording.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

#[cfg(feature = "embed")]
use cratedigger_embed::{FrontEnd, Sound};
use cratedigger_features::{
    AudioInfo, Error, Extractor, Features, FrameExtractor, Limits, encode_info, encode_outcome,
};

use super::changed::changed;
use super::message::Received;
use super::task::{Asked, Task};

/// What makes something of recordings, with its tables.
enum Maker {
    Features(Extractor),
    Frames(FrameExtractor),
    #[cfg(feature = "embed")]
    Hearing(FrontEnd),
}

/// Does all tasks, within limits; what it has made tables for, it keeps.
pub(super) struct Worker {
    limits: Limits,
    makers: Vec<(Task, Maker)>,
}

/// What became of a recording.
pub(super) struct Worked {
    /// For who asked.
    pub(super) outcome: Vec<u8>,
    /// Samples of the recording, where it could be read.
    pub(super) n_samples: u64,
}

impl Worked {
    fn of(outcome: Vec<u8>, info: Option<AudioInfo>) -> Self {
        Self {
            outcome,
            n_samples: info.map_or(0, |info| info.n_samples),
        }
    }
}

impl Worker {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            makers: Vec::new(),
        }
    }

    /// Does a task within a time. Numbers go to `sink`, those of a failure too.
    pub(super) fn work(
        &mut self,
        Asked { change, task }: Asked,
        sound: &Received,
        time: Duration,
        sink: &mut dyn FnMut(&[f32]),
    ) -> Worked {
        let limits = self.limits;
        let within = limits.max_work_s(time.as_secs_f64().min(limits.max_work_s));
        let of_change = change.map(|change| caught(|| changed(&change, sound.sound(), &within)));
        let of_change = match of_change.transpose() {
            Ok(bytes) => bytes.map(Received::Bytes),
            Err(error) => return Worked::of(encode_info(&Err(error)), None),
        };
        let sound = of_change.as_ref().unwrap_or(sound);
        let maker = match caught(|| self.maker(task)) {
            Ok(maker) => maker,
            // In every task errors are told in the same way.
            Err(error) => return Worked::of(encode_info(&Err(error)), None),
        };
        match maker {
            Maker::Features(extractor) => {
                let outcome: Result<Features, Error> = caught(|| match sound {
                    Received::Path(path) => extractor.within(time).extract_path(path),
                    Received::Bytes(bytes) => extractor.within(time).extract_reader(Cursor::new(bytes)),
                });
                Worked::of(
                    encode_outcome(&outcome),
                    outcome.ok().map(|features| features.info()),
                )
            }
            Maker::Frames(extractor) => {
                let outcome = caught(|| match sound {
                    Received::Path(path) => extractor.within(time).path_into(path, sink),
                    Received::Bytes(bytes) => {
                        let frames = extractor.within(time).reader(Cursor::new(bytes))?;
                        sink(&frames.values);
                        Ok(frames.info)
                    }
                });
                Worked::of(encode_info(&outcome), outcome.ok())
            }
            #[cfg(feature = "embed")]
            Maker::Hearing(front_end) => {
                let outcome = caught(|| {
                    let sound = match sound {
                        Received::Path(path) => Sound::Path(path),
                        Received::Bytes(bytes) => Sound::Bytes(bytes),
                    };
                    let (heard, info) = front_end.hear(sound, &within)?;
                    sink(&heard);
                    Ok(info)
                });
                Worked::of(encode_info(&outcome), outcome.ok())
            }
        }
    }

    fn maker(&mut self, task: Task) -> Result<&Maker, Error> {
        let at = match self.makers.iter().position(|(of, _)| *of == task) {
            Some(at) => at,
            None => {
                let maker = match task {
                    Task::Features(recipe) => {
                        Maker::Features(Extractor::new(recipe).with_limits(self.limits))
                    }
                    Task::Frames(recipe) => {
                        Maker::Frames(FrameExtractor::new(recipe)?.with_limits(self.limits))
                    }
                    #[cfg(feature = "embed")]
                    Task::Hearing(hearing) => Maker::Hearing(FrontEnd::new(hearing)),
                };
                self.makers.push((task, maker));
                self.makers.len() - 1
            }
        };
        Ok(&self.makers[at].1)
    }
}

/// A panic is an error of the recording.
fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Panicked {
            message: words.unwrap_or("panic without a message").to_owned(),
        })
    })
}
