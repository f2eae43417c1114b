//! The frames of a recording as a plain array, frame after frame: what networks that hear time learn from.

#[cfg(feature = "decode")]
use std::io::{Read, Seek};
#[cfg(feature = "decode")]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "decode")]
use crate::audio::decode::Decoder;
use crate::audio::limits::{AudioInfo, Limits};
use crate::error::Result;
use crate::extractor::extract::{Extractor, check_samples};
#[cfg(feature = "decode")]
use crate::extractor::files::{Passes, reopened};
use crate::extractor::frame_recipe::FrameRecipe;
use crate::extractor::mel_frames::MelFrames;
use crate::extractor::passes::InMemory;
use crate::frames::Frames;

/// The frames of one recording.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameArray {
    /// Frame after frame, [`FrameRecipe::n_bands`] values each.
    pub values: Vec<f32>,
    /// Values of a frame.
    pub n_bands: usize,
    /// What was decoded.
    pub info: AudioInfo,
}

impl FrameArray {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.values.len() / self.n_bands
    }

    /// Values of one frame.
    ///
    /// # Panics
    /// Where `frame` is not below [`FrameArray::n_frames`].
    pub fn frame(&self, frame: usize) -> &[f32] {
        &self.values[frame * self.n_bands..(frame + 1) * self.n_bands]
    }
}

/// Computes frames by a recipe; made once, shared by all threads. The result does not depend on the number of threads or on what
/// was computed before.
///
/// ```
/// use cratedigger_features::{FrameExtractor, FrameRecipe, MelRecipe};
///
/// // Two seconds of A4; `path("000002.mp3")` takes a file.
/// let tone: Vec<f32> = (0..32_000)
///     .map(|i| (i as f32 * std::f32::consts::TAU * 440.0 / 16_000.0).sin() / 2.0)
///     .collect();
/// let frames = FrameExtractor::new(FrameRecipe::Mel(MelRecipe::default()))?.samples(&tone, 16_000)?;
/// assert_eq!((frames.n_frames(), frames.n_bands), (126, 96));
/// let loudest = |frame: &[f32]| (0..96).max_by(|&a, &b| frame[a].total_cmp(&frame[b]));
/// // 440 Hz are 6.6 mel, and the 97 steps between the edges of the bands go up to 45.2.
/// assert_eq!(loudest(frames.frame(60)), Some(13));
/// # Ok::<(), cratedigger_features::Error>(())
/// ```
pub struct FrameExtractor {
    recipe: FrameRecipe,
    limits: Limits,
    by: By,
}

enum By {
    Mel(Arc<MelFrames>),
    Descriptors(Arc<Extractor>),
}

impl FrameExtractor {
    /// An extractor with default limits.
    ///
    /// # Errors
    /// [`Error::BadFrameRecipe`](crate::Error::BadFrameRecipe).
    pub fn new(recipe: FrameRecipe) -> Result<Self> {
        Ok(Self {
            limits: Limits::default(),
            by: match recipe {
                FrameRecipe::Mel(mel) => By::Mel(Arc::new(MelFrames::new(mel)?)),
                FrameRecipe::Descriptors(recipe) => By::Descriptors(Arc::new(Extractor::new(recipe))),
            },
            recipe,
        })
    }

    /// Sets the limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        if let FrameRecipe::Descriptors(recipe) = self.recipe {
            self.by = By::Descriptors(Arc::new(Extractor::new(recipe).with_limits(limits)));
        }
        self
    }

    /// The same extractor, with its tables and its buffers, for work that must not take longer than this.
    pub fn within(&self, time: Duration) -> Self {
        let limits = self
            .limits
            .max_work_s(time.as_secs_f64().min(self.limits.max_work_s));
        Self {
            recipe: self.recipe,
            limits,
            by: match &self.by {
                By::Mel(mel) => By::Mel(Arc::clone(mel)),
                By::Descriptors(extractor) => By::Descriptors(Arc::new(extractor.within(time))),
            },
        }
    }

    /// The same with other limits; the tables of a spectrogram are shared.
    pub fn limited(&self, limits: Limits) -> Self {
        Self {
            recipe: self.recipe,
            limits,
            by: match &self.by {
                By::Mel(mel) => By::Mel(Arc::clone(mel)),
                By::Descriptors(extractor) => {
                    By::Descriptors(Arc::new(Extractor::new(extractor.recipe()).with_limits(limits)))
                }
            },
        }
    }

    /// The recipe.
    pub fn recipe(&self) -> &FrameRecipe {
        &self.recipe
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The frames of mono samples at `sample_rate` Hz.
    ///
    /// # Errors
    /// As [`Extractor::extract_samples`]; a spectrogram has no lower limit of length.
    pub fn samples(&self, samples: &[f32], sample_rate: u32) -> Result<FrameArray> {
        match &self.by {
            By::Descriptors(extractor) => Ok(array(&extractor.frames_samples(samples, sample_rate)?)),
            By::Mel(mel) => {
                let info = check_samples(samples, sample_rate)?;
                mel.with_buffers(|buffers| {
                    let (mut body, resampler, converted) = buffers.parts();
                    let samples = match mel.resampling(sample_rate) {
                        None => samples,
                        Some(plan) => {
                            converted.clear();
                            resampler.start(&plan);
                            resampler.push(&plan, samples, converted);
                            resampler.finish(&plan, converted);
                            converted
                        }
                    };
                    let mut values = Vec::new();
                    mel.pass(&mut body, &mut InMemory(samples), &mut |block| {
                        values.extend_from_slice(block);
                    })?;
                    Ok(self.collected(values, info))
                })
            }
        }
    }

    /// The frames of an audio file.
    ///
    /// # Errors
    /// As [`Extractor::extract_path`]; a spectrogram has no lower limit of length.
    #[cfg(feature = "decode")]
    pub fn path(&self, path: impl AsRef<Path>) -> Result<FrameArray> {
        let mut values = Vec::new();
        let info = self.path_into(path, &mut |block| values.extend_from_slice(block))?;
        Ok(self.collected(values, info))
    }

    /// Hands the frames of an audio file to `sink` in blocks of whole frames, so that a spectrogram of hours needs no memory for
    /// itself. What was handed over counts only where no error is returned.
    ///
    /// # Errors
    /// As [`Self::path`].
    #[cfg(feature = "decode")]
    pub fn path_into(&self, path: impl AsRef<Path>, sink: &mut dyn FnMut(&[f32])) -> Result<AudioInfo> {
        let path = path.as_ref();
        match &self.by {
            By::Descriptors(extractor) => Ok(hand_over(&extractor.frames_path(path)?, sink)),
            By::Mel(mel) => self
                .mel(mel, &mut || Decoder::open(path, &self.limits), sink)
                .map_err(|e| e.in_file(path)),
        }
    }

    /// The frames of audio bytes, for example a `Cursor` over an upload. The format is told from the content.
    ///
    /// # Errors
    /// As [`Self::path`], without a path.
    #[cfg(feature = "decode")]
    pub fn reader(&self, reader: impl Read + Seek + Send) -> Result<FrameArray> {
        match &self.by {
            By::Descriptors(extractor) => Ok(array(&extractor.frames_reader(reader)?)),
            By::Mel(mel) => {
                let mut values = Vec::new();
                let mut sink = |block: &[f32]| values.extend_from_slice(block);
                let info = reopened(reader, &self.limits, |open| self.mel(mel, open, &mut sink))?;
                Ok(self.collected(values, info))
            }
        }
    }

    #[cfg(feature = "decode")]
    fn mel<'s>(
        &self,
        mel: &MelFrames,
        open: &mut dyn FnMut() -> Result<Decoder<'s>>,
        sink: &mut dyn FnMut(&[f32]),
    ) -> Result<AudioInfo> {
        mel.with_buffers(|buffers| {
            let (mut body, resampler, samples) = buffers.parts();
            let passes = Passes {
                limits: &self.limits,
                in_memory_s: 0.0,
                resampler,
                samples,
            };
            passes.over(
                open,
                |rate| mel.resampling(rate),
                |_, source| {
                    mel.pass(&mut body, source.as_samples(), sink)?;
                    Ok(source.info())
                },
            )
        })
    }

    fn collected(&self, values: Vec<f32>, info: AudioInfo) -> FrameArray {
        FrameArray {
            values,
            n_bands: self.recipe.n_bands(),
            info,
        }
    }
}

/// The 74 rows, turned over. Families of the constant-Q transform can have a frame more or less: what all have is taken.
fn array(frames: &Frames) -> FrameArray {
    let mut values = Vec::new();
    let info = hand_over(frames, &mut |frame| values.extend_from_slice(frame));
    FrameArray {
        values,
        n_bands: frames.rows.len(),
        info,
    }
}

fn hand_over(frames: &Frames, sink: &mut dyn FnMut(&[f32])) -> AudioInfo {
    let n_frames = frames.rows.iter().map(Vec::len).min().unwrap_or(0);
    let mut frame = Vec::with_capacity(frames.rows.len());
    for t in 0..n_frames {
        frame.clear();
        frame.extend(frames.rows.iter().map(|row| row[t] as f32));
        sink(&frame);
    }
    frames.info
}
