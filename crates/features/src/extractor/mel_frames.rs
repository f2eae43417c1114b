//! Log-mel spectrograms of any geometry, tile by tile in one pass.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::descriptors::mel::{MelBank, MelShape};
use crate::error::{Error, Result};
use crate::extractor::frame_recipe::{LogScale, MelRecipe};
use crate::extractor::passes::Samples;
use crate::extractor::plans::{MAX_CACHED_RESAMPLING, cached};
use crate::lock::lock;
use crate::signal::decibel::{SILENCE_DB, to_db};
use crate::signal::lanes::{V, ZERO};
use crate::signal::resample::{ResamplePlan, Resampler};
use crate::signal::stft::{Stft, StftPlan, Tile};

/// Tables of one recipe, shared by all threads, and the buffers that calls borrow.
pub(crate) struct MelFrames {
    recipe: MelRecipe,
    plan: Arc<StftPlan>,
    bank: MelBank,
    resampling: Mutex<BTreeMap<u32, Arc<ResamplePlan>>>,
    idle: Mutex<Vec<MelBuffers>>,
}

/// What a call borrows.
pub(crate) struct MelBuffers {
    stft: Stft,
    mel: Vec<V>,
    block: Vec<f32>,
    pub(crate) resampler: Resampler,
    pub(crate) samples: Vec<f32>,
}

impl MelFrames {
    /// # Errors
    /// As [`MelRecipe::check`]; also where bands are so narrow that they hold no bin of the transform.
    pub(crate) fn new(recipe: MelRecipe) -> Result<Self> {
        recipe.check()?;
        let bank = MelBank::new(&MelShape {
            sample_rate: recipe.sample_rate,
            n_fft: recipe.n_fft,
            n_mels: recipe.n_mels,
            f_min: recipe.f_min,
            f_max: recipe.f_max(),
        });
        if bank.n_empty() > 0 {
            return Err(Error::BadFrameRecipe {
                reason: format!(
                    "{} of {} bands are narrower than the bins of a transform of {} samples at {} Hz and would always be empty; \
                     take a larger n_fft or fewer bands",
                    bank.n_empty(),
                    recipe.n_mels,
                    recipe.n_fft,
                    recipe.sample_rate
                ),
            });
        }
        Ok(Self {
            plan: Arc::new(StftPlan::new(recipe.n_fft)),
            bank,
            resampling: Mutex::default(),
            idle: Mutex::default(),
            recipe,
        })
    }

    /// The way from a file's rate to the recipe's; none if they are the same. `sample_rate` is above zero.
    pub(crate) fn resampling(&self, sample_rate: u32) -> Option<Arc<ResamplePlan>> {
        let to = self.recipe.sample_rate;
        (sample_rate != to).then(|| {
            cached(&self.resampling, MAX_CACHED_RESAMPLING, sample_rate, || {
                ResamplePlan::new(sample_rate, to)
            })
        })
    }

    pub(crate) fn with_buffers<T>(&self, work: impl FnOnce(&mut MelBuffers) -> Result<T>) -> Result<T> {
        let idle = lock(&self.idle).pop();
        let mut buffers = idle.unwrap_or_else(|| MelBuffers {
            stft: Stft::new(Arc::clone(&self.plan), self.recipe.hop_length, self.recipe.edges),
            mel: vec![ZERO; self.recipe.n_mels],
            block: Vec::new(),
            resampler: Resampler::default(),
            samples: Vec::new(),
        });
        let out = work(&mut buffers);
        buffers.samples.shrink_to(1 << 20);
        lock(&self.idle).push(buffers);
        out
    }

    /// Hands the frames of `samples`, at the recipe's rate, to `sink`: blocks of frames, `n_mels` values each. Returns the number
    /// of samples.
    pub(crate) fn pass(
        &self,
        buffers: &mut MelBody<'_>,
        samples: &mut dyn Samples,
        sink: &mut dyn FnMut(&[f32]),
    ) -> Result<()> {
        let MelBody { stft, mel, block } = buffers;
        let mut n_samples = 0usize;
        let mut on_tile = |tile: Tile<'_>| {
            self.bank.apply(tile.mag, mel);
            self.log(mel.as_flattened_mut());
            block.clear();
            for l in 0..tile.n_frames {
                block.extend(mel.iter().map(|v| v[l]));
            }
            sink(block);
        };
        stft.start(false);
        samples.pass(&mut |x| {
            n_samples += x.len();
            stft.push(x, &mut on_tile);
        })?;
        if n_samples == 0 {
            return Err(Error::NoAudio {
                n_bad_packets: 0,
                reason: "there are no samples".to_owned(),
            });
        }
        stft.finish(&mut on_tile);
        Ok(())
    }

    fn log(&self, power: &mut [f32]) {
        match self.recipe.log {
            LogScale::Decibel => to_db(power, SILENCE_DB),
            LogScale::Log10OnePlus => {
                power.iter_mut().for_each(|x| *x = 1.0 + 10_000.0 * *x);
                to_db(power, SILENCE_DB);
                // Rounding of the logarithm may leave silence a hair below zero.
                power.iter_mut().for_each(|x| *x = (0.1 * *x).max(0.0));
            }
        }
    }
}

/// The part of the buffers that a pass fills.
pub(crate) struct MelBody<'a> {
    stft: &'a mut Stft,
    mel: &'a mut [V],
    block: &'a mut Vec<f32>,
}

impl MelBuffers {
    /// What a pass fills, what resamples, and what holds samples.
    pub(crate) fn parts(&mut self) -> (MelBody<'_>, &mut Resampler, &mut Vec<f32>) {
        let Self {
            stft,
            mel,
            block,
            resampler,
            samples,
        } = self;
        (MelBody { stft, mel, block }, resampler, samples)
    }
}
