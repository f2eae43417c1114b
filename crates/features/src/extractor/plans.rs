//! Everything that is made once and shared by all workers: transforms, filter banks, constant-Q bases.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::descriptors::chroma::ChromaBank;
use crate::descriptors::contrast::Bands;
use crate::descriptors::mel::{Dct, MelBank, MelShape};
use crate::descriptors::tuning::{N_STEPS, step_to_tuning};
use crate::error::Result;
use crate::lock::lock;
use crate::recipe::{N_FFT, NOMINAL_RATE, Recipe};
use crate::signal::cqt::CqtPlan;
use crate::signal::resample::ResamplePlan;
use crate::signal::stft::StftPlan;

/// Entries of a cache, beyond which it is emptied: hostile files could have any sample rate.
const MAX_CACHED: usize = 4 * N_STEPS;

/// The same for resampling, where a plan can have a megabyte.
pub(crate) const MAX_CACHED_RESAMPLING: usize = 16;

/// Shared plans of one recipe.
pub(crate) struct Plans {
    pub(crate) recipe: Recipe,
    pub(crate) stft: Arc<StftPlan>,
    pub(crate) bands: Bands,
    pub(crate) dct: Dct,
    mel: Mutex<BTreeMap<u32, Arc<MelBank>>>,
    chroma: Mutex<BTreeMap<usize, Arc<ChromaBank>>>,
    cqt: Mutex<BTreeMap<(u32, usize), Arc<CqtPlan>>>,
    resampling: Mutex<BTreeMap<u32, Arc<ResamplePlan>>>,
}

impl Plans {
    pub(crate) fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            stft: Arc::new(StftPlan::new(N_FFT)),
            bands: Bands::new(),
            dct: Dct::new(),
            mel: Mutex::default(),
            chroma: Mutex::default(),
            cqt: Mutex::default(),
            resampling: Mutex::default(),
        }
    }

    /// Mel filters of a sample rate.
    pub(crate) fn mel(&self, sample_rate: u32) -> Arc<MelBank> {
        cached(&self.mel, MAX_CACHED, sample_rate, || {
            MelBank::new(&MelShape::of_features(sample_rate))
        })
    }

    /// Chroma filters of a tuning step.
    pub(crate) fn chroma(&self, step: usize) -> Arc<ChromaBank> {
        cached(&self.chroma, MAX_CACHED, step, || {
            ChromaBank::new(step_to_tuning(step))
        })
    }

    /// The way from a file's rate to the recipe's; none if the rate is kept. `sample_rate` is above zero.
    pub(crate) fn resampling(&self, sample_rate: u32) -> Option<Arc<ResamplePlan>> {
        if self.recipe == Recipe::Fma || sample_rate == NOMINAL_RATE {
            return None;
        }
        Some(cached(
            &self.resampling,
            MAX_CACHED_RESAMPLING,
            sample_rate,
            || ResamplePlan::new(sample_rate, NOMINAL_RATE),
        ))
    }

    /// Constant-Q filters of a sample rate and tuning step.
    ///
    /// # Errors
    /// As [`CqtPlan::new`].
    pub(crate) fn cqt(&self, sample_rate: u32, step: usize) -> Result<Arc<CqtPlan>> {
        let key = (sample_rate, step);
        if let Some(found) = lock(&self.cqt).get(&key) {
            return Ok(Arc::clone(found));
        }
        let made = CqtPlan::new(self.recipe, sample_rate, step_to_tuning(step))?;
        Ok(cached(&self.cqt, MAX_CACHED, key, || made))
    }
}

/// Looks a plan up, or makes it outside the lock: two workers may make the same one, which costs time but no harm.
pub(crate) fn cached<K: Ord + Copy, T>(
    map: &Mutex<BTreeMap<K, Arc<T>>>,
    max: usize,
    key: K,
    make: impl FnOnce() -> T,
) -> Arc<T> {
    if let Some(found) = lock(map).get(&key) {
        return Arc::clone(found);
    }
    let made = Arc::new(make());
    let mut map = lock(map);
    if map.len() >= max {
        map.clear();
    }
    Arc::clone(map.entry(key).or_insert(made))
}
