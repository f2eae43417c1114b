//! The public entry point: files, readers or samples to features.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::audio::decode::{AudioInfo, Decoder, Limits, RATES};
use crate::audio::source::SharedReader;
use crate::error::{Error, Result};
use crate::extractor::analysis::{Analysed, Workspace};
use crate::extractor::plans::{Plans, lock};
use crate::extractor::stream::{InMemory, Source, Stream};
use crate::frames::{Features, Frames, MelSpectrogram};
use crate::recipe::{HOP_LENGTH, NOMINAL_RATE, Recipe};
use crate::signal::resample::Resampler;

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
    plans: Arc<Plans>,
    limits: Limits,
    idle: Mutex<Vec<Buffers>>,
}

/// What a call borrows.
struct Buffers {
    workspace: Workspace,
    resampler: Resampler,
    samples: Vec<f32>,
}

impl Extractor {
    /// An extractor with default limits.
    pub fn new(recipe: Recipe) -> Self {
        Self {
            plans: Arc::new(Plans::new(recipe)),
            limits: Limits::default(),
            idle: Mutex::default(),
        }
    }

    /// Sets the limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The recipe.
    pub fn recipe(&self) -> Recipe {
        self.plans.recipe
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The 518 features of an audio file.
    ///
    /// # Errors
    /// [`Error::File`] around the reason: unreadable, unknown format, no audio, too short, beyond a limit.
    pub fn extract_path(&self, path: impl AsRef<Path>) -> Result<Features> {
        Ok(self.frames_path(path)?.summarize())
    }

    /// The 518 features of audio bytes, for example a `Cursor` over a download. The format is told from the content.
    ///
    /// # Errors
    /// As [`Self::extract_path`], without a path.
    pub fn extract_reader(&self, reader: impl Read + Seek + Send) -> Result<Features> {
        Ok(self.frames_reader(reader)?.summarize())
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

    /// Every descriptor of a file, frame by frame.
    ///
    /// # Errors
    /// As [`Self::extract_path`].
    pub fn frames_path(&self, path: impl AsRef<Path>) -> Result<Frames> {
        let path = path.as_ref();
        self.run(&mut || Decoder::open(path, &self.limits), Self::analyse)
            .map_err(|e| e.in_file(path))
    }

    /// Every descriptor of audio bytes, frame by frame.
    ///
    /// # Errors
    /// As [`Self::extract_reader`].
    pub fn frames_reader(&self, mut reader: impl Read + Seek + Send) -> Result<Frames> {
        let start = reader.stream_position()?;
        let n_bytes = reader.seek(SeekFrom::End(0))?.saturating_sub(start);
        if start > 0 {
            // Decoders count from 0; the bytes before the reader's position are not part of the stream.
            reader.seek(SeekFrom::Start(start))?;
            let mut rest = Vec::new();
            reader
                .by_ref()
                .take(self.limits.max_bytes.saturating_add(1))
                .read_to_end(&mut rest)?;
            return self.frames_reader(std::io::Cursor::new(rest));
        }
        let reader = Mutex::new(reader);
        self.run(
            &mut || {
                lock(&reader).seek(SeekFrom::Start(0))?;
                Decoder::new(Box::new(SharedReader(&reader, n_bytes)), None, &self.limits)
            },
            Self::analyse,
        )
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

    /// Mel spectrogram in dB of a file: 128 bands, 2048-sample Hann window, hop of 512.
    ///
    /// # Errors
    /// As [`Self::extract_path`], without the lower limits on length and rate.
    pub fn mel_spectrogram(&self, path: impl AsRef<Path>) -> Result<MelSpectrogram> {
        let path = path.as_ref();
        self.run(&mut || Decoder::open(path, &self.limits), Self::mel)
            .map_err(|e| e.in_file(path))
    }

    /// Mel spectrogram in dB of mono samples at `sample_rate` Hz.
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

    fn analysis_rate(&self, sample_rate: u32) -> u32 {
        match self.plans.recipe {
            Recipe::Fma => sample_rate,
            Recipe::Librosa => NOMINAL_RATE,
        }
    }

    fn frames(&self, info: AudioInfo, sample_rate: u32, analysed: Analysed) -> Frames {
        Frames {
            recipe: self.plans.recipe,
            info,
            sample_rate,
            tuning: analysed.tuning,
            rows: analysed.rows,
        }
    }

    fn analyse(&self, workspace: &mut Workspace, rate: u32, samples: &mut dyn Source) -> Result<Frames> {
        let analysed = workspace.analyse(rate, samples.as_samples())?;
        Ok(self.frames(samples.info(), rate, analysed))
    }

    fn mel(
        &self,
        workspace: &mut Workspace,
        sample_rate: u32,
        samples: &mut dyn Source,
    ) -> Result<MelSpectrogram> {
        let db = workspace.mel_spectrogram(sample_rate, samples.as_samples())?;
        Ok(MelSpectrogram {
            db,
            sample_rate,
            hop_length: HOP_LENGTH,
        })
    }

    /// Opens a stream, finds its rate, and lets `work` pass over it.
    fn run<'s, T>(
        &self,
        open: &mut dyn FnMut() -> Result<Decoder<'s>>,
        work: impl FnOnce(&Self, &mut Workspace, u32, &mut dyn Source) -> Result<T>,
    ) -> Result<T> {
        self.with_buffers(|b| {
            let mut decoder = open()?;
            b.samples.clear();
            decoder.next_samples(&mut b.samples)?;
            let Some(info) = decoder.info() else {
                return Err(Error::NoAudio {
                    n_bad_packets: 0,
                    reason: "there are no samples".to_owned(),
                });
            };
            let max_kept = (self.limits.in_memory_s * f64::from(info.sample_rate)) as usize;
            let resampling = self.plans.resampling(info.sample_rate);
            let resampling = resampling.as_deref().map(|plan| (plan, &mut b.resampler));
            let mut stream = Stream::new(open, decoder, info, resampling, &mut b.samples, max_kept);
            work(
                self,
                &mut b.workspace,
                self.analysis_rate(info.sample_rate),
                &mut stream,
            )
        })
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

    fn with_buffers<T>(&self, work: impl FnOnce(&mut Buffers) -> Result<T>) -> Result<T> {
        let idle = lock(&self.idle).pop();
        let mut buffers = idle.unwrap_or_else(|| Buffers {
            workspace: Workspace::new(Arc::clone(&self.plans)),
            resampler: Resampler::default(),
            samples: Vec::new(),
        });
        let out = work(&mut buffers);
        // Buffers that have grown with a long recording are given back.
        if !buffers.workspace.is_large() {
            lock(&self.idle).push(buffers);
        }
        out
    }
}

fn check_samples(samples: &[f32], sample_rate: u32) -> Result<AudioInfo> {
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
    })
}
