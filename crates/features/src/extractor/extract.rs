//! The public entry point: samples to features. Files and readers are in `files`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::audio::limits::{AudioInfo, Limits, RATES};
use crate::error::{Error, Result};
use crate::extractor::analysis::{Analysed, Workspace};
use crate::extractor::passes::InMemory;
use crate::extractor::plans::Plans;
use crate::frames::{Features, Frames, MelSpectrogram};
use crate::lock::lock;
use crate::recipe::{HOP_LENGTH, NOMINAL_RATE, Recipe};
use crate::signal::resample::Resampler;

/// Samples whose memory is kept for the next recording: 64 MiB.
const MAX_IDLE: usize = 1 << 24;

/// Extracts features; made once, shared by all threads.
///
/// Transforms, filter banks and constant-Q bases are planned on first use and kept; buffers are lent to each call and
/// reused. The result does not depend on the number of threads or on what was extracted before.
///
/// ```
/// use cratedigger_features::{Extractor, Recipe};
///
/// let tone: Vec<f32> = (0..22_050).map(|i| 0.5 * (i as f32 * 0.125).sin()).collect();
/// let features = Extractor::new(Recipe::Fma).extract_samples(&tone, 22_050)?;
/// assert_eq!(features.values().len(), 518);
/// assert!((features.get("spectral_centroid.median.01").unwrap() - 440.0).abs() < 5.0);
/// # Ok::<(), cratedigger_features::Error>(())
/// ```
pub struct Extractor {
    pub(super) plans: Arc<Plans>,
    pub(super) limits: Limits,
    idle: Arc<Mutex<Vec<Buffers>>>,
}

/// What a call borrows.
pub(super) struct Buffers {
    pub(super) workspace: Workspace,
    pub(super) resampler: Resampler,
    pub(super) samples: Vec<f32>,
}

impl Extractor {
    /// An extractor with default limits.
    pub fn new(recipe: Recipe) -> Self {
        Self {
            plans: Arc::new(Plans::new(recipe)),
            limits: Limits::default(),
            idle: Arc::default(),
        }
    }

    /// Sets the limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same extractor, with its plans and its buffers, for work that must not take longer than this.
    pub fn within(&self, time: Duration) -> Self {
        Self {
            plans: Arc::clone(&self.plans),
            limits: self
                .limits
                .max_work_s(time.as_secs_f64().min(self.limits.max_work_s)),
            idle: Arc::clone(&self.idle),
        }
    }

    /// The recipe.
    pub fn recipe(&self) -> Recipe {
        self.plans.recipe
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The 518 features of mono samples at `sample_rate` Hz.
    ///
    /// The samples are used as they are; those of a file are rounded to 16 bits and mixed first, see
    /// [`mix_to_mono`](crate::mix_to_mono).
    ///
    /// # Errors
    /// [`Error::NotANumber`], [`Error::NoAudio`], [`Error::TooShort`], [`Error::RateTooLow`], [`Error::BadRate`].
    pub fn extract_samples(&self, samples: &[f32], sample_rate: u32) -> Result<Features> {
        Ok(self.frames_samples(samples, sample_rate)?.summarize())
    }

    /// Every descriptor of mono samples at `sample_rate` Hz, frame by frame.
    ///
    /// # Errors
    /// As [`Self::extract_samples`].
    pub fn frames_samples(&self, samples: &[f32], sample_rate: u32) -> Result<Frames> {
        let info = check_samples(samples, sample_rate)?;
        self.with_buffers(|b| {
            let x = self.resampled(samples, sample_rate, &mut b.resampler, &mut b.samples);
            let rate = self.analysis_rate(sample_rate);
            let analysed = b.workspace.analyse(rate, &mut InMemory(x))?;
            Ok(self.frames(info, rate, analysed))
        })
    }

    /// Mel spectrogram in dB of mono samples at `sample_rate` Hz: 128 bands, 2048-sample Hann window, hop of 512.
    ///
    /// # Errors
    /// [`Error::NotANumber`], [`Error::NoAudio`], [`Error::BadRate`].
    pub fn mel_spectrogram_samples(&self, samples: &[f32], sample_rate: u32) -> Result<MelSpectrogram> {
        check_samples(samples, sample_rate)?;
        self.with_buffers(|b| {
            let x = self.resampled(samples, sample_rate, &mut b.resampler, &mut b.samples);
            let sample_rate = self.analysis_rate(sample_rate);
            let db = b.workspace.mel_spectrogram(sample_rate, &mut InMemory(x))?;
            Ok(MelSpectrogram {
                db,
                sample_rate,
                hop_length: HOP_LENGTH,
            })
        })
    }

    pub(super) fn analysis_rate(&self, sample_rate: u32) -> u32 {
        match self.plans.recipe {
            Recipe::Fma => sample_rate,
            Recipe::Librosa => NOMINAL_RATE,
        }
    }

    pub(super) fn frames(&self, info: AudioInfo, sample_rate: u32, analysed: Analysed) -> Frames {
        Frames {
            recipe: self.plans.recipe,
            info,
            sample_rate,
            tuning: analysed.tuning,
            rows: analysed.rows,
        }
    }

    /// The samples at the recipe's rate; `out` holds them if they are not the ones given.
    fn resampled<'a>(
        &self,
        samples: &'a [f32],
        sample_rate: u32,
        resampler: &mut Resampler,
        out: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        let Some(plan) = self.plans.resampling(sample_rate) else {
            return samples;
        };
        out.clear();
        resampler.start(&plan);
        resampler.push(&plan, samples, out);
        resampler.finish(&plan, out);
        out
    }

    pub(super) fn with_buffers<T>(&self, work: impl FnOnce(&mut Buffers) -> Result<T>) -> Result<T> {
        let idle = lock(&self.idle).pop();
        let mut buffers = idle.unwrap_or_else(|| Buffers {
            workspace: Workspace::new(Arc::clone(&self.plans)),
            resampler: Resampler::default(),
            samples: Vec::new(),
        });
        let out = work(&mut buffers);
        // Buffers that have grown with a long recording are given back.
        if !buffers.workspace.is_large() && buffers.samples.capacity() <= MAX_IDLE {
            lock(&self.idle).push(buffers);
        }
        out
    }
}

pub(super) fn check_samples(samples: &[f32], sample_rate: u32) -> Result<AudioInfo> {
    if !RATES.contains(&sample_rate) {
        return Err(Error::BadRate { sample_rate });
    }
    if samples.is_empty() {
        return Err(Error::NoAudio {
            n_bad_packets: 0,
            reason: "there are no samples".to_owned(),
        });
    }
    if let Some(index) = samples.iter().position(|x| !x.is_finite()) {
        return Err(Error::NotANumber { index: index as u64 });
    }
    Ok(AudioInfo {
        sample_rate,
        n_channels: 1,
        n_samples: samples.len() as u64,
        n_bad_packets: 0,
        n_lost: 0,
        n_trimmed: 0,
        n_told: None,
    })
}
