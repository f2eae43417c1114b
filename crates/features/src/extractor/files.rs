//! Files and readers to features: opened, passed over once or twice, and told by their rate.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use crate::audio::decode::Decoder;
use crate::audio::source::SharedReader;
use crate::error::{Error, Result};
use crate::extractor::analysis::Workspace;
use crate::extractor::extract::Extractor;
use crate::extractor::stream::{Source, Stream};
use crate::frames::{Features, Frames, MelSpectrogram};
use crate::lock::lock;
use crate::recipe::HOP_LENGTH;

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
                Decoder::new(Box::new(SharedReader(&reader, n_bytes)), &self.limits)
            },
            Self::analyse,
        )
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
            let result = work(
                self,
                &mut b.workspace,
                self.analysis_rate(info.sample_rate),
                &mut stream,
            )?;
            let info = stream.info();
            let (share, limit) = (info.lost_share(), self.limits.max_lost);
            if share > limit {
                return Err(Error::TooMuchLost {
                    n_lost: info.n_lost,
                    n_samples: info.n_samples,
                    n_bad_packets: info.n_bad_packets,
                    share,
                    limit,
                });
            }
            Ok(result)
        })
    }
}
