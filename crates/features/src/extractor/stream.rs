//! A recording as a source of samples for the passes of the analysis: kept in memory if short, read again if long.

use crate::audio::decode::Decoder;
use crate::audio::limits::AudioInfo;
use crate::audio::work::Deadline;
use crate::error::Result;
use crate::extractor::passes::{CHUNK, Samples};
use crate::signal::resample::{ResamplePlan, Resampler};

/// Samples that are kept at most between passes, whatever their rate: 128 MiB.
const MAX_KEPT: usize = 1 << 25;

/// Samples with what is known about their file.
pub(crate) trait Source: Samples {
    fn info(&self) -> AudioInfo;
    fn as_samples(&mut self) -> &mut dyn Samples;
}

/// What became of the samples of earlier packets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// First pass: being collected.
    Growing,
    /// All there.
    All,
    /// Too many: read again.
    None,
}

/// A decoder that is passed over once or twice.
pub(crate) struct Stream<'a, 's> {
    open: &'a mut dyn FnMut() -> Result<Decoder<'s>>,
    /// Open at the second packet, with the first in `samples`, before the first pass.
    decoder: Option<Decoder<'s>>,
    kept: Kept,
    samples: &'a mut Vec<f32>,
    max_kept: usize,
    deadline: Deadline,
    resampling: Option<(&'a ResamplePlan, &'a mut Resampler)>,
    info: AudioInfo,
}

impl<'a, 's> Stream<'a, 's> {
    /// `decoder` has handed its first samples to `samples`; `open` opens the same recording again. Up to `max_kept` samples
    /// are kept, after resampling, and no more than 2^25. All passes end at the decoder's deadline.
    pub(crate) fn new(
        open: &'a mut dyn FnMut() -> Result<Decoder<'s>>,
        decoder: Decoder<'s>,
        info: AudioInfo,
        resampling: Option<(&'a ResamplePlan, &'a mut Resampler)>,
        samples: &'a mut Vec<f32>,
        max_kept: usize,
    ) -> Self {
        Self {
            open,
            deadline: decoder.deadline(),
            decoder: Some(decoder),
            kept: Kept::Growing,
            samples,
            max_kept: max_kept.min(MAX_KEPT),
            resampling,
            info,
        }
    }
}

impl Source for Stream<'_, '_> {
    fn info(&self) -> AudioInfo {
        self.info
    }

    fn as_samples(&mut self) -> &mut dyn Samples {
        self
    }
}

impl Samples for Stream<'_, '_> {
    fn pass(&mut self, sink: &mut dyn FnMut(&[f32])) -> Result<()> {
        if self.kept == Kept::All {
            for chunk in self.samples.chunks(CHUNK) {
                self.deadline.check()?;
                sink(chunk);
            }
            return Ok(());
        }
        let mut raw = Vec::with_capacity(2 * CHUNK);
        let mut decoder = match self.decoder.take() {
            Some(decoder) => {
                raw.append(self.samples);
                decoder
            }
            None => {
                let mut again = (self.open)()?;
                again.keep_to(self.deadline);
                again
            }
        };
        if let Some((plan, r)) = &mut self.resampling {
            r.start(plan);
        }
        let mut converted = Vec::new();
        loop {
            let more = decoder.next_samples(&mut raw)?;
            if more && raw.len() < CHUNK {
                continue;
            }
            let chunk = match &mut self.resampling {
                Some((plan, r)) => {
                    converted.clear();
                    r.push(plan, &raw, &mut converted);
                    if !more {
                        r.finish(plan, &mut converted);
                    }
                    &converted
                }
                None => &raw,
            };
            sink(chunk);
            if self.kept == Kept::Growing {
                self.samples.extend_from_slice(chunk);
                if self.samples.len() > self.max_kept {
                    *self.samples = Vec::new();
                    self.kept = Kept::None;
                }
            }
            raw.clear();
            if !more {
                break;
            }
        }
        if self.kept == Kept::Growing {
            self.kept = Kept::All;
        }
        if let Some(info) = decoder.info() {
            self.info = info;
        }
        Ok(())
    }
}
