//! Files and readers to features: opened, passed over once or twice, and told by their rate.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::audio::decode::Decoder;
use crate::audio::limits::Limits;
use crate::audio::source::SharedReader;
use crate::error::{Error, Result};
use crate::extractor::analysis::Workspace;
use crate::extractor::extract::{Buffers, Extractor};
use crate::extractor::stream::{Source, Stream};
use crate::frames::{Features, Frames, MelSpectrogram};
use crate::lock::lock;
use crate::recipe::HOP_LENGTH;
use crate::signal::resample::{ResamplePlan, Resampler};

impl Extractor {
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
    pub fn frames_reader(&self, reader: impl Read + Seek + Send) -> Result<Frames> {
        reopened(reader, &self.limits, |open| self.run(open, Self::analyse))
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
            let Buffers {
                workspace,
                resampler,
                samples,
            } = b;
            let passes = Passes {
                limits: &self.limits,
                in_memory_s: self.limits.in_memory_s,
                resampler,
                samples,
            };
            passes.over(
                open,
                |rate| self.plans.resampling(rate),
                |rate, source| work(self, workspace, self.analysis_rate(rate), source),
            )
        })
    }
}

/// What a recording is passed over with.
pub(crate) struct Passes<'a> {
    pub(crate) limits: &'a Limits,
    /// Recordings up to this length are kept for another pass, in seconds; 0 where there is none.
    pub(crate) in_memory_s: f64,
    pub(crate) resampler: &'a mut Resampler,
    pub(crate) samples: &'a mut Vec<f32>,
}

impl Passes<'_> {
    /// Opens a stream, finds its rate, and lets `work` pass over it; an error where too much of the sound is lost.
    pub(crate) fn over<'s, T>(
        self,
        open: &mut dyn FnMut() -> Result<Decoder<'s>>,
        resampling: impl FnOnce(u32) -> Option<Arc<ResamplePlan>>,
        work: impl FnOnce(u32, &mut dyn Source) -> Result<T>,
    ) -> Result<T> {
        let mut decoder = open()?;
        self.samples.clear();
        decoder.next_samples(self.samples)?;
        let Some(info) = decoder.info() else {
            return Err(Error::NoAudio {
                n_bad_packets: 0,
                reason: "there are no samples".to_owned(),
            });
        };
        let max_kept = (self.in_memory_s * f64::from(info.sample_rate)) as usize;
        let resampling = resampling(info.sample_rate);
        let resampling = resampling.as_deref().map(|plan| (plan, self.resampler));
        let mut stream = Stream::new(open, decoder, info, resampling, self.samples, max_kept);
        let result = work(info.sample_rate, &mut stream)?;
        self.limits.check_lost(&stream.info())?;
        Ok(result)
    }
}

/// Hands `work` a way to open the audio of `reader`, from its position on, as often as it likes.
pub(crate) fn reopened<T>(
    mut reader: impl Read + Seek + Send,
    limits: &Limits,
    work: impl for<'s> FnOnce(&mut dyn FnMut() -> Result<Decoder<'s>>) -> Result<T>,
) -> Result<T> {
    let start = reader.stream_position()?;
    let n_bytes = reader.seek(SeekFrom::End(0))?.saturating_sub(start);
    if start > 0 {
        // Decoders count from 0; the bytes before the reader's position are not part of the stream.
        reader.seek(SeekFrom::Start(start))?;
        let mut rest = Vec::new();
        reader
            .by_ref()
            .take(limits.max_bytes.saturating_add(1))
            .read_to_end(&mut rest)?;
        return reopened(std::io::Cursor::new(rest), limits, work);
    }
    let reader = Mutex::new(reader);
    work(&mut || {
        lock(&reader).seek(SeekFrom::Start(0))?;
        Decoder::new(Box::new(SharedReader(&reader, n_bytes)), limits)
    })
}
