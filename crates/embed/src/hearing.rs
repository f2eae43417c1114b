//! What a network hears of a recording, apart from the network: so that decoding and the front end can run in another process than
//! the weights.

use std::fmt;
use std::str::FromStr;

use cratedigger_features::{AudioInfo, Error as AudioError, Limits};

use crate::contract::{Contract, Input};
use crate::error::Error;
use crate::front::mel::{HOP_LENGTH, MusicnnMel, N_MELS};
use crate::front::resample::Resampler;
use crate::sound::{Sound, samples};

/// What a network is fed with, as a value and as a text ([`fmt::Display`], [`FromStr`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hearing {
    input: Input,
    /// In Hz, above zero.
    sample_rate: u32,
}

impl Hearing {
    /// What the contract says.
    pub fn of(contract: &Contract) -> Self {
        Self {
            input: contract.input,
            sample_rate: contract.rate().max(1),
        }
    }

    /// Numbers of a sample (1) or of a frame.
    pub fn width(self) -> usize {
        match self.input {
            Input::Waveform => 1,
            Input::MusicnnMel => N_MELS,
        }
    }

    /// Numbers that a recording of so many seconds gives at most.
    pub fn most_numbers(self, seconds: f64) -> u64 {
        let n_samples = (seconds * f64::from(self.sample_rate)) as u64 + 1;
        match self.input {
            Input::Waveform => n_samples,
            Input::MusicnnMel => (n_samples / HOP_LENGTH as u64 + 1) * N_MELS as u64,
        }
    }
}

impl fmt::Display for Hearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.input {
            Input::Waveform => write!(f, "waveform {}", self.sample_rate),
            Input::MusicnnMel => write!(f, "musicnn-mel {}", self.sample_rate),
        }
    }
}

impl FromStr for Hearing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let (input, rate) = text.split_once(' ')?;
            Some(Self {
                input: match input {
                    "waveform" => Input::Waveform,
                    "musicnn-mel" => Input::MusicnnMel,
                    _ => return None,
                },
                sample_rate: rate.parse().ok().filter(|rate| *rate > 0)?,
            })
        };
        read().ok_or_else(|| Error::Contract(format!("`{text}` is nothing that a network hears")))
    }
}

/// Recordings to what a network hears of them; made once, for any number of threads.
pub struct FrontEnd {
    hearing: Hearing,
    mel: Option<MusicnnMel>,
}

impl FrontEnd {
    /// Makes the tables.
    pub fn new(hearing: Hearing) -> Self {
        Self {
            mel: (hearing.input == Input::MusicnnMel).then(MusicnnMel::new),
            hearing,
        }
    }

    /// What it is for.
    pub fn hearing(&self) -> Hearing {
        self.hearing
    }

    /// What is heard of a recording, and what was decoded. The samples take 4 bytes each until they are resampled: 10 MB a minute.
    ///
    /// # Errors
    /// Those of [`Decoder`](cratedigger_features::Decoder), and where more was lost than the limits allow.
    pub fn hear(&self, sound: Sound<'_>, limits: &Limits) -> Result<(Vec<f32>, AudioInfo), AudioError> {
        let (samples, info) = samples(sound, limits)?;
        Ok((self.samples(samples, info.sample_rate), info))
    }

    /// What is heard of samples of one channel at `sample_rate` Hz.
    pub fn samples(&self, samples: Vec<f32>, sample_rate: u32) -> Vec<f32> {
        let heard = match sample_rate == self.hearing.sample_rate {
            true => samples,
            false => Resampler::new(sample_rate.max(1), self.hearing.sample_rate).run(&samples),
        };
        match &self.mel {
            None => heard,
            Some(mel) => mel.frames(&heard),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_come_back_and_no_recording_gives_more_than_is_said() {
        for (text, width) in [("waveform 22050", 1), ("musicnn-mel 16000", 96)] {
            let hearing: Hearing = text.parse().unwrap();
            assert_eq!((hearing.to_string().as_str(), hearing.width()), (text, width));
            for n in [0, 1, 8000, 8001, 8191, 8192] {
                let heard = FrontEnd::new(hearing).samples(vec![0.25; n], 8000);
                let most = hearing.most_numbers(n as f64 / 8000.0);
                assert!(heard.len() as u64 <= most, "{text}: {} of {most}", heard.len());
                assert!(n < 8000 || heard.len() as f64 > 0.9 * most as f64, "{text}");
            }
        }
        for text in ["", "waveform", "waveform 0", "waveform x", "mel 16000"] {
            assert!(text.parse::<Hearing>().is_err(), "{text}");
        }
    }
}
