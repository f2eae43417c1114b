//! The two passes over a recording, with the buffers that a worker reuses from file to file.
//!
//! The first pass takes everything that needs no tuning; the second, chroma and constant-Q, filters at the tuning that
//! the first has found. Short recordings keep samples and magnitudes between the passes; long ones are read again, so
//! that memory does not grow with anything but the descriptors.

use std::sync::Arc;

use crate::descriptors::cens::{chroma_cens, chroma_cqt};
use crate::descriptors::chroma::N_CHROMA;
use crate::descriptors::contrast::{N_BANDS, to_contrast};
use crate::descriptors::mel::{MelBank, N_MELS};
use crate::descriptors::spectral::{RmsScale, shape};
use crate::descriptors::tonnetz::tonnetz;
use crate::descriptors::tuning::{N_STEPS, PeakCollector, step_to_tuning};
use crate::descriptors::zcr::ZeroCrossings;
use crate::error::{Error, Result};
use crate::extractor::passes::Samples;
use crate::extractor::plans::Plans;
use crate::recipe::{HOP_LENGTH, N_BINS, NOMINAL_RATE, Recipe};
use crate::signal::cqt::Cqt;
use crate::signal::cqt_basis::N_OCTAVE;
use crate::signal::decibel::{SILENCE_DB, SILENCE_DB_LIBROSA, TOP_DB, to_db};
use crate::signal::framing::Edges;
use crate::signal::lanes::{LANES, V, ZERO, append, largest, raise_to, squares};
use crate::signal::stft::{MAX_KEPT_TILES, Stft, Tile};
use crate::summary::columns::{Family, N_ROWS};

/// A valley below this share of a frame's Euclidean norm lies in the rounding noise of the single-precision transform:
/// such a frame is transformed again in double precision. It happens in pure tones, hardly ever in recordings.
const NOISE_SHARE: f32 = 4e-8;

/// Frame descriptors of one recording.
pub(crate) struct Analysed {
    pub(crate) rows: Vec<Vec<f64>>,
    pub(crate) tuning: f64,
}

/// Buffers of one worker.
pub(crate) struct Workspace {
    plans: Arc<Plans>,
    stft: Stft,
    zcr: ZeroCrossings,
    cqt: Cqt,
    powers: Vec<V>,
    precise: Vec<V>,
    mel: Vec<V>,
    peaks: Vec<Vec<f32>>,
    valleys: Vec<Vec<f32>>,
    chroma: Vec<[f32; N_CHROMA]>,
    scratch: Vec<f32>,
    collectors: Option<(u32, PeakCollector, PeakCollector)>,
}

impl Workspace {
    pub(crate) fn new(plans: Arc<Plans>) -> Self {
        let edges = edges(plans.recipe);
        Self {
            stft: Stft::new(Arc::clone(&plans.stft), HOP_LENGTH, edges),
            zcr: ZeroCrossings::new(),
            cqt: Cqt::default(),
            powers: vec![ZERO; N_BINS],
            precise: Vec::new(),
            mel: Vec::new(),
            peaks: vec![Vec::new(); N_BANDS],
            valleys: vec![Vec::new(); N_BANDS],
            chroma: Vec::new(),
            scratch: Vec::new(),
            collectors: None,
            plans,
        }
    }

    /// Whether a long recording has made the buffers grow beyond some 20 MiB.
    pub(crate) fn is_large(&self) -> bool {
        self.chroma.capacity() > 1 << 17
    }

    /// Descriptor rows of a recording at `sample_rate` Hz (after any resampling).
    pub(crate) fn analyse(&mut self, sample_rate: u32, samples: &mut dyn Samples) -> Result<Analysed> {
        let mut rows: Vec<Vec<f64>> = vec![Vec::new(); N_ROWS];
        let mel_bank = self.plans.mel(sample_rate);
        let first = self.first_pass(sample_rate, samples, &mel_bank, &mut rows)?;
        self.second_pass(sample_rate, samples, &mel_bank, &first, &mut rows)?;
        to_contrast(&mut self.peaks, &mut self.valleys);
        for (row, band) in rows[rows_of(Family::SpectralContrast)]
            .iter_mut()
            .zip(&self.peaks)
        {
            row.extend(band.iter().map(|x| f64::from(*x)));
        }
        let set = |rows: &mut [Vec<f64>], family, new: Vec<Vec<f64>>| {
            for (row, new) in rows[rows_of(family)].iter_mut().zip(new) {
                *row = new;
            }
        };
        set(
            &mut rows,
            Family::ChromaCqt,
            chroma_cqt(&self.chroma, self.plans.recipe),
        );
        let cens = chroma_cens(&self.chroma, self.plans.recipe);
        set(&mut rows, Family::Tonnetz, tonnetz(&cens));
        set(&mut rows, Family::ChromaCens, cens);
        Ok(Analysed {
            rows,
            tuning: step_to_tuning(first.tuning_step),
        })
    }

    /// Everything that needs no tuning, and the tunings.
    fn first_pass(
        &mut self,
        sample_rate: u32,
        samples: &mut dyn Samples,
        mel_bank: &MelBank,
        rows: &mut [Vec<f64>],
    ) -> Result<FirstPass> {
        let recipe = self.plans.recipe;
        let scale = match recipe {
            Recipe::Fma => RmsScale::Bins,
            Recipe::Librosa => RmsScale::Samples,
        };
        let n_counted = match recipe {
            Recipe::Fma => N_STEPS - 1,
            Recipe::Librosa => N_STEPS,
        };
        if self.collectors.as_ref().is_none_or(|c| c.0 != sample_rate) {
            self.collectors = Some((
                sample_rate,
                PeakCollector::new(sample_rate, n_counted),
                PeakCollector::new(NOMINAL_RATE, n_counted),
            ));
        }
        let Self {
            plans,
            stft,
            zcr,
            powers,
            precise,
            mel,
            peaks,
            valleys,
            scratch,
            collectors,
            ..
        } = self;
        let Some((_, magnitude_peaks, power_peaks)) = collectors else {
            unreachable!("made above")
        };
        magnitude_peaks.clear();
        power_peaks.clear();
        stft.start(true);
        zcr.reset();
        mel.clear();
        peaks.iter_mut().chain(valleys.iter_mut()).for_each(Vec::clear);
        let [rms, centroid, bandwidth, rolloff] = [
            Family::Rmse,
            Family::SpectralCentroid,
            Family::SpectralBandwidth,
            Family::SpectralRolloff,
        ]
        .map(Family::first_row);
        let (mut n_frames, mut n_tiles, mut n_samples) = (0usize, 0usize, 0usize);
        let mut loudest = 0.0f32;
        let mut mel_tile = [ZERO; N_MELS];
        let mut on_tile = |tile: Tile<'_>| {
            let n = tile.n_frames;
            let s = shape(tile.mag, scale);
            append(&mut rows[rms], &s.rms, n);
            append(&mut rows[centroid], &s.centroid, n);
            append(&mut rows[bandwidth], &s.bandwidth, n);
            append(&mut rows[rolloff], &s.rolloff, n);
            let (mut p, mut v) = plans.bands.peaks_and_valleys(tile.mag);
            let in_noise = |l: &usize| v.iter().any(|v| v[*l] < NOISE_SHARE * s.norm[*l]);
            let again: Vec<usize> = (0..n).filter(in_noise).collect();
            if !again.is_empty() {
                precise.clear();
                precise.extend_from_slice(tile.mag);
                for l in again {
                    let mag = plans.stft.precise_magnitudes(tile.frame(l));
                    precise.iter_mut().zip(mag).for_each(|(v, m)| v[l] = m);
                }
                (p, v) = plans.bands.peaks_and_valleys(precise);
            }
            for k in 0..N_BANDS {
                peaks[k].extend_from_slice(&p[k][..n]);
                valleys[k].extend_from_slice(&v[k][..n]);
            }
            magnitude_peaks.add(tile.mag, &s.max, n);
            squares(tile.mag, powers);
            power_peaks.add(powers, &s.max.map(|x| x * x), n);
            mel_bank.apply(tile.mag, &mut mel_tile);
            loudest = loudest.max(largest(&mel_tile));
            n_frames += n;
            if n_tiles < MAX_KEPT_TILES {
                mel.extend_from_slice(&mel_tile);
            }
            n_tiles += 1;
        };
        samples.pass(&mut |x| {
            n_samples += x.len();
            zcr.push(x);
            stft.push(x, &mut on_tile);
        })?;
        if n_samples == 0 {
            return Err(Error::NoAudio {
                n_bad_packets: 0,
                reason: "there are no samples".to_owned(),
            });
        }
        stft.finish(&mut on_tile);
        zcr.finish(&mut rows[Family::Zcr.first_row()]);
        let mut floor = [loudest];
        to_db(&mut floor, silence_db(recipe));
        Ok(FirstPass {
            tuning_step: magnitude_peaks.step_of_tuning(scratch),
            chroma_step: power_peaks.step_of_tuning(scratch),
            floor_db: floor[0] - TOP_DB,
            n_frames,
            n_samples,
        })
    }

    /// Chroma, MFCC and constant-Q at the tuning and level that the first pass has found.
    fn second_pass(
        &mut self,
        sample_rate: u32,
        samples: &mut dyn Samples,
        mel_bank: &MelBank,
        first: &FirstPass,
        rows: &mut [Vec<f64>],
    ) -> Result<()> {
        let chroma_bank = self.plans.chroma(first.chroma_step);
        let cqt_plan = self.plans.cqt(sample_rate, first.tuning_step)?;
        if first.n_samples < cqt_plan.min_samples() {
            return Err(Error::TooShort {
                n_samples: first.n_samples as u64,
                sample_rate,
                needed: cqt_plan.min_samples() as u64,
            });
        }
        let Self {
            plans,
            stft,
            cqt,
            mel,
            chroma,
            ..
        } = self;
        let again = stft.kept().is_none();
        let dct = &plans.dct;
        let silence = silence_db(plans.recipe);
        let mut mel_tile = [ZERO; N_MELS];
        let mut on_tile = |mag: &[V], mel: &mut [V], n: usize| {
            let c = chroma_bank.apply(mag);
            for (row, c) in rows[rows_of(Family::ChromaStft)].iter_mut().zip(&c) {
                append(row, c, n);
            }
            to_db(mel.as_flattened_mut(), silence);
            raise_to(first.floor_db, mel);
            dct.apply(mel, n, &mut rows[rows_of(Family::Mfcc)]);
        };
        let kept = stft.kept().unwrap_or_default();
        for (i, (mag, mel)) in kept
            .chunks_exact(N_BINS)
            .zip(mel.chunks_exact_mut(N_MELS))
            .enumerate()
        {
            on_tile(mag, mel, (first.n_frames - i * LANES).min(LANES));
        }
        let n_octave_frames = first.n_frames + 1;
        chroma.clear();
        chroma.resize(n_octave_frames, [0.0; N_CHROMA]);
        let mut fewest = usize::MAX;
        let mut counts = [0usize; 7];
        let mut on_octave = |octave: usize, start: usize, responses: &[[f32; 2 * N_OCTAVE]]| {
            counts[octave] = start + responses.len();
            for (sum, r) in chroma.iter_mut().skip(start).zip(responses) {
                for c in 0..N_CHROMA {
                    sum[c] += r[c];
                }
            }
        };
        cqt.start(cqt_plan);
        stft.start(false);
        let mut n_samples = 0usize;
        let mut on_stft = |tile: Tile<'_>| {
            mel_bank.apply(tile.mag, &mut mel_tile);
            on_tile(tile.mag, &mut mel_tile, tile.n_frames);
        };
        samples.pass(&mut |x| {
            n_samples += x.len();
            cqt.push(x, &mut on_octave);
            if again {
                stft.push(x, &mut on_stft);
            }
        })?;
        if n_samples != first.n_samples {
            return Err(Error::Changed {
                first: first.n_samples as u64,
                second: n_samples as u64,
            });
        }
        cqt.finish(&mut on_octave);
        if again {
            stft.finish(&mut on_stft);
        }
        for n in counts {
            fewest = fewest.min(n);
        }
        chroma.truncate(fewest);
        Ok(())
    }

    /// Mel bands in dB, `[128][n_frames]`.
    pub(crate) fn mel_spectrogram(
        &mut self,
        sample_rate: u32,
        samples: &mut dyn Samples,
    ) -> Result<Vec<Vec<f32>>> {
        let bank = self.plans.mel(sample_rate);
        let mut rows: Vec<Vec<f32>> = vec![Vec::new(); N_MELS];
        let mut tile_out = [ZERO; N_MELS];
        let mut on_tile = |tile: Tile<'_>| {
            bank.apply(tile.mag, &mut tile_out);
            for (row, v) in rows.iter_mut().zip(&tile_out) {
                row.extend_from_slice(&v[..tile.n_frames]);
            }
        };
        self.stft.start(false);
        samples.pass(&mut |x| self.stft.push(x, &mut on_tile))?;
        self.stft.finish(&mut on_tile);
        crate::signal::decibel::power_to_db(&mut rows);
        Ok(rows)
    }
}

struct FirstPass {
    tuning_step: usize,
    chroma_step: usize,
    floor_db: f32,
    n_frames: usize,
    n_samples: usize,
}

fn rows_of(family: Family) -> std::ops::Range<usize> {
    family.first_row()..family.first_row() + family.n_rows()
}

fn silence_db(recipe: Recipe) -> f32 {
    match recipe {
        Recipe::Fma => SILENCE_DB,
        Recipe::Librosa => SILENCE_DB_LIBROSA,
    }
}

fn edges(recipe: Recipe) -> Edges {
    match recipe {
        Recipe::Fma => Edges::Reflect,
        Recipe::Librosa => Edges::Zero,
    }
}
