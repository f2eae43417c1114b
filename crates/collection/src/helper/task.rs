//! What a helper can make of a recording, as a value and as a text.

use std::fmt;

#[cfg(feature = "embed")]
use cratedigger_embed::Hearing;
use cratedigger_features::{Change, FrameRecipe, HOP_LENGTH, Limits, N_ROWS, Recipe};

/// What is to be made of a recording, and what is changed in it before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) change: Option<Change>,
    pub(super) task: Task,
}

/// The word before a change.
const CHANGED: &str = "changed ";

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            Some(change) => write!(f, "{CHANGED}{change} {}", self.task),
            None => self.task.fmt(f),
        }
    }
}

impl Asked {
    /// The reverse of its text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (change, task) = match text.strip_prefix(CHANGED) {
            None => (None, text),
            Some(rest) => {
                let (change, task) = rest.split_once(' ')?;
                (Some(change.parse().ok()?), task)
            }
        };
        Task::parse(task).map(|task| Self { change, task })
    }

    /// Bytes of memory for each sample that the limits allow.
    pub(super) fn memory_per_sample(&self) -> u64 {
        // The whole recording, twice in double precision, and the file that comes of it.
        let of_change = if self.change.is_some() { 40 } else { 0 };
        of_change + self.task.memory_per_sample()
    }
}

/// What is to be made of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    /// The 518 features.
    Features(Recipe),
    /// Frames.
    Frames(FrameRecipe),
    /// What a network hears, without the network.
    #[cfg(feature = "embed")]
    Hearing(Hearing),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Features(recipe) => write!(f, "features {}", recipe.version()),
            Self::Frames(recipe) => write!(f, "frames {recipe}"),
            #[cfg(feature = "embed")]
            Self::Hearing(hearing) => write!(f, "hearing {hearing}"),
        }
    }
}

impl Task {
    /// The reverse of its text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(' ')?;
        match kind {
            "features" => Recipe::from_version(rest).map(Self::Features),
            "frames" => rest.parse().ok().map(Self::Frames),
            #[cfg(feature = "embed")]
            "hearing" => rest.parse().ok().map(Self::Hearing),
            _ => None,
        }
    }

    /// Numbers that it gives at most besides its outcome.
    pub(super) fn most_numbers(&self, limits: &Limits) -> u64 {
        // A little longer than is allowed, since filters ring on.
        let seconds = limits.max_duration_s.max(0.0) + 1.0;
        match self {
            Self::Features(_) => 0,
            Self::Frames(FrameRecipe::Mel(mel)) => {
                let n_samples = (seconds * f64::from(mel.sample_rate)) as u64;
                (n_samples / mel.hop_length as u64 + 2) * mel.n_mels as u64
            }
            Self::Frames(FrameRecipe::Descriptors(_)) => {
                // At the file's own rate, or at 22,050 Hz.
                let n_samples = limits.max_samples().max((seconds * 22_050.0) as u64);
                (n_samples / HOP_LENGTH as u64 + 2) * N_ROWS as u64
            }
            #[cfg(feature = "embed")]
            Self::Hearing(hearing) => hearing.most_numbers(seconds),
        }
    }

    /// Bytes of memory for each sample that the limits allow.
    fn memory_per_sample(&self) -> u64 {
        match self {
            // Two bytes of descriptors, which grow by doubling.
            Self::Features(_) | Self::Frames(_) => 4,
            // Samples of four bytes, which grow by doubling.
            #[cfg(feature = "embed")]
            Self::Hearing(_) => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_features::{FrameExtractor, MelRecipe};

    #[test]
    fn tasks_come_back_from_their_texts() {
        let mut tasks: Vec<Task> = Recipe::ALL.map(Task::Features).to_vec();
        tasks.extend(Recipe::ALL.map(|recipe| Task::Frames(FrameRecipe::Descriptors(recipe))));
        tasks.push(Task::Frames(FrameRecipe::Mel(MelRecipe::default())));
        #[cfg(feature = "embed")]
        tasks.push(Task::Hearing("musicnn-mel 16000".parse().unwrap()));
        for task in tasks {
            assert_eq!(Task::parse(&task.to_string()), Some(task), "{task}");
            for change in [None, Some("lowpass:4000:7".parse().unwrap())] {
                let asked = Asked { change, task };
                assert_eq!(Asked::parse(&asked.to_string()), Some(asked), "{asked}");
                assert_eq!(asked.memory_per_sample() > 40, change.is_some());
            }
        }
        for text in [
            "changed",
            "changed features fma/1",
            "changed loud:1:0 features fma/1",
        ] {
            assert_eq!(Asked::parse(text), None, "{text}");
        }
        for text in [
            "",
            "features",
            "features x",
            "frames mel/9",
            "hearing ears",
            "cooking fma/1",
        ] {
            assert_eq!(Task::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_recording_gives_more_frames_than_are_taken() {
        let limits = Limits::default().max_duration_s(2.0);
        let mut recipes = Recipe::ALL.map(FrameRecipe::Descriptors).to_vec();
        recipes.push(FrameRecipe::Mel(MelRecipe {
            hop_length: 1,
            n_mels: 40,
            ..MelRecipe::default()
        }));
        for recipe in recipes {
            for rate in [22_050, 48_000] {
                let tone: Vec<f32> = (0..2 * rate).map(|i| (i as f32 * 0.1).sin()).collect();
                let frames = FrameExtractor::new(recipe).unwrap().samples(&tone, rate).unwrap();
                let most = Task::Frames(recipe).most_numbers(&limits);
                assert!(frames.values.len() as u64 <= most, "{recipe}");
                assert!(5 * frames.values.len() as u64 > most, "{recipe}: {most}");
            }
        }
    }
}
