//! Constant-Q transform: 84 bins from C1, one octave at a time on a signal halved in rate between octaves.

use std::sync::Arc;

use multiversion::multiversion;
use pulp::{Simd, WithSimd};

use crate::error::{Error, Result};
use crate::recipe::{HOP_LENGTH, Recipe};
use crate::signal::cqt_basis::{Basis, Filter, N_OCTAVE, Taps};
use crate::signal::decimate::Decimator;
use crate::signal::framing::{Edges, Framer};
use crate::signal::kaiser::SOXR_ONE_STAGE;
use crate::signal::overlap_save::{OverlapSave, State};

const N_OCTAVES: usize = 7;
/// Bins in all, from C1 to B7.
pub(crate) const N_CQT: usize = N_OCTAVE * N_OCTAVES;

/// Equivalent noise bandwidth of a Hann window in bins, as tabulated in librosa's `filters.py`.
const HANN_BANDWIDTH: f64 = 1.50018310546875;

/// Pass-band of resampy's `kaiser_fast`, as a share of the Nyquist frequency.
const BW_FASTEST: f64 = 0.85;

struct Octave {
    basis: Arc<Basis>,
    hop_length: usize,
    /// Whether the signal is halved before this octave.
    halve: bool,
    /// Factors that the magnitudes are multiplied by.
    scale: [f64; N_OCTAVE],
}

/// The filters for one sample rate and tuning.
pub(crate) struct CqtPlan {
    /// Early decimation of the whole signal.
    early: usize,
    /// From the highest octave down.
    octaves: Vec<Octave>,
    /// The filter before each halving, in the blocks of soxr, whose rounding noise is what chroma shows behind a sound that
    /// stops. None in the `fma` recipe, where nothing is left.
    halving: Option<OverlapSave>,
    recipe: Recipe,
    /// Fewest samples that the transform is defined for.
    min_samples: usize,
}

impl CqtPlan {
    /// Filters for a sample rate in Hz and a tuning in semitones.
    ///
    /// Source: librosa 0.5.0, `core/constantq.py`, `cqt`, and `filters.py`, `constant_q`; for the `librosa` recipe librosa
    /// 0.11.0, `vqt` and `wavelet`. Responses are computed in the time domain with the inverse transforms of the
    /// sparsified spectra, which is the same sum in another order.
    ///
    /// # Errors
    /// [`Error::RateTooLow`] if the highest band reaches beyond half the rate.
    pub(crate) fn new(recipe: Recipe, sample_rate: u32, tuning: f64) -> Result<Self> {
        match recipe {
            Recipe::Fma => Self::fma(sample_rate, tuning),
            Recipe::Librosa => Self::librosa(sample_rate, tuning),
        }
    }

    fn fma(sample_rate: u32, tuning: f64) -> Result<Self> {
        let q = 1.0 / (2f64.powf(1.0 / 12.0) - 1.0);
        let edge = 1.0 + 0.5 * HANN_BANDWIDTH / q;
        let nyquist = f64::from(sample_rate) / 2.0;
        let top = c1() * 2f64.powi(6);
        let cutoff = top * 2f64.powf(11.0 / 12.0) * edge;
        let fast = cutoff < BW_FASTEST * nyquist;
        let wanted = (BW_FASTEST * nyquist / cutoff).log2().ceil() - 2.0;
        let n_twos = HOP_LENGTH.trailing_zeros() as usize;
        let count = if fast {
            (wanted.max(0.0) as usize).min(n_twos + 1 - N_OCTAVES)
        } else {
            0
        };
        let early = 1 << count;
        let rate = f64::from(sample_rate) / early as f64;
        let correction = 2f64.powf(tuning / 12.0);
        let highest = correction * top * 2f64.powf(11.0 / 12.0) * edge;
        if highest > rate / 2.0 {
            return Err(Error::RateTooLow {
                sample_rate,
                needed_hz: highest,
            });
        }
        let filters = |f_min: f64| -> Vec<Filter> {
            (0..N_OCTAVE)
                .map(|k| {
                    let hz = correction * f_min * 2f64.powf(k as f64 / 12.0);
                    let length = q * rate / hz;
                    Filter::from_start(length, q / length)
                })
                .collect()
        };
        // Too near the Nyquist frequency for the fast filter: the highest octave is done before any halving, the next
        // one at the same rate.
        let n_slow = usize::from(!fast);
        let mut bases = vec![Arc::new(Basis::new(&filters(top), false))];
        if !fast {
            bases.push(Arc::new(Basis::new(&filters(top / 2.0), false)));
        }
        let octaves = (0..N_OCTAVES)
            .map(|i| Octave {
                basis: Arc::clone(&bases[i.min(n_slow)]),
                hop_length: (HOP_LENGTH / early) >> i.saturating_sub(n_slow),
                halve: i > n_slow,
                scale: std::array::from_fn(|k| {
                    let bin = N_CQT - N_OCTAVE * (i + 1) + k;
                    let hz = correction * c1() * 2f64.powf(bin as f64 / 12.0);
                    1.0 / (q * rate / hz).sqrt()
                }),
            })
            .collect();
        let n_halvings = N_OCTAVES - 1 - n_slow;
        let min_samples = (1 << (n_halvings - 1)) * early + 1;
        Ok(Self {
            early,
            octaves,
            halving: None,
            recipe: Recipe::Fma,
            min_samples,
        })
    }

    fn librosa(sample_rate: u32, tuning: f64) -> Result<Self> {
        let rate = f64::from(sample_rate);
        let step = 2f64.powf(2.0 / 12.0);
        let q = (step + 1.0) / (step - 1.0);
        let f_min = c1() * 2f64.powf(tuning / 12.0);
        let hz = |bin: usize| f_min * 2f64.powf(bin as f64 / 12.0);
        let cutoff = hz(N_CQT - 1) * (1.0 + 0.5 * HANN_BANDWIDTH / q);
        if cutoff > rate / 2.0 {
            return Err(Error::RateTooLow {
                sample_rate,
                needed_hz: cutoff,
            });
        }
        let octaves = (0..N_OCTAVES)
            .map(|i| {
                let rate_here = rate / f64::from(1 << i);
                let first = N_CQT - N_OCTAVE * (i + 1);
                let filters: Vec<Filter> = (0..N_OCTAVE)
                    .map(|k| {
                        let length = q * rate_here / hz(first + k);
                        Filter::from_centre(length, hz(first + k) / rate_here)
                    })
                    .collect();
                Octave {
                    basis: Arc::new(Basis::new(&filters, true)),
                    hop_length: HOP_LENGTH >> i,
                    halve: i > 0,
                    // Halving keeps the energy (a factor of sqrt 2), and sqrt 2 more stands in for rescaled filters.
                    scale: std::array::from_fn(|k| f64::from(1 << i) / (q * rate / hz(first + k)).sqrt()),
                }
            })
            .collect();
        Ok(Self {
            early: 1,
            octaves,
            halving: Some(OverlapSave::new(SOXR_ONE_STAGE, 0.5, 1, 2)),
            recipe: Recipe::Librosa,
            min_samples: 1,
        })
    }

    /// Fewest samples that the transform is defined for.
    pub(crate) fn min_samples(&self) -> usize {
        self.min_samples
    }
}

/// Frequency of C1 in Hz.
fn c1() -> f64 {
    440.0 * 2f64.powf((24.0 - 69.0) / 12.0)
}

/// Streaming constant-Q magnitudes, times [`LIFT`](crate::signal::cqt_basis::LIFT).
///
/// Frames are centred on every 512-th sample, with a rectangular window; their number is the smallest over octaves.
#[derive(Default)]
pub(crate) struct Cqt {
    plan: Option<Arc<CqtPlan>>,
    early: Option<Decimator>,
    stages: Vec<Stage>,
    buffers: Vec<Vec<f32>>,
    early_buffer: Vec<f32>,
    responses: Vec<Taps>,
}

struct Stage {
    halve: Halving,
    framer: Framer,
    n_frames: usize,
}

/// What is done to the samples of the octave above.
enum Halving {
    None,
    Sum(Decimator),
    Blocks(State),
}

impl Halving {
    fn run(&mut self, plan: &CqtPlan, input: &[f32], end: bool, out: &mut Vec<f32>) {
        match (self, &plan.halving) {
            (Self::Sum(filter), _) => {
                filter.push(input, out);
                if end {
                    filter.finish(out);
                }
            }
            (Self::Blocks(state), Some(filter)) => {
                filter.push(state, input, out);
                if end {
                    filter.finish(state, 0, out);
                }
            }
            _ => out.extend_from_slice(input),
        }
    }
}

impl Cqt {
    /// Begins a signal.
    pub(crate) fn start(&mut self, plan: Arc<CqtPlan>) {
        let edges = match plan.recipe {
            Recipe::Fma => Edges::Reflect,
            Recipe::Librosa => Edges::Zero,
        };
        // Halving keeps the energy (a factor of sqrt 2), and sqrt 2 more stands in for rescaled filters.
        self.early = (plan.early > 1).then(|| Decimator::kaiser_fast(plan.early, (plan.early as f64).sqrt()));
        self.stages = plan
            .octaves
            .iter()
            .map(|o| Stage {
                halve: match (o.halve, &plan.halving) {
                    (false, _) => Halving::None,
                    (true, None) => Halving::Sum(Decimator::kaiser_fast(2, 2.0)),
                    (true, Some(filter)) => {
                        let mut state = State::default();
                        filter.start(&mut state);
                        Halving::Blocks(state)
                    }
                },
                framer: Framer::new(o.basis.n_fft, o.hop_length, edges),
                n_frames: 0,
            })
            .collect();
        self.buffers.resize_with(self.stages.len(), Vec::new);
        self.plan = Some(plan);
    }

    /// Adds samples; `sink` is given octave (0 is the highest), index of the first frame, and magnitudes by frame.
    pub(crate) fn push(&mut self, samples: &[f32], sink: &mut impl FnMut(usize, usize, &[Taps])) {
        self.advance(samples, false, sink);
    }

    /// Ends the signal.
    pub(crate) fn finish(&mut self, sink: &mut impl FnMut(usize, usize, &[Taps])) {
        self.advance(&[], true, sink);
    }

    fn advance(&mut self, samples: &[f32], end: bool, sink: &mut impl FnMut(usize, usize, &[Taps])) {
        let Some(plan) = &self.plan else { return };
        let mut samples = samples;
        if let Some(early) = &mut self.early {
            self.early_buffer.clear();
            early.push(samples, &mut self.early_buffer);
            if end {
                early.finish(&mut self.early_buffer);
            }
            samples = &self.early_buffer;
        }
        for i in 0..self.stages.len() {
            let (before, here) = self.buffers.split_at_mut(i);
            let input: &[f32] = before.last().map_or(samples, |b| b);
            let stage = &mut self.stages[i];
            let buffer = &mut here[0];
            buffer.clear();
            stage.halve.run(plan, input, end, buffer);
            stage.framer.push(buffer);
            if end {
                stage.framer.finish();
            }
            let n = stage.framer.n_ready();
            if n > 0 {
                let octave = &plan.octaves[i];
                self.responses.resize(n, [0.0; 2 * N_OCTAVE]);
                let x = stage.framer.pending();
                respond(
                    x,
                    octave.hop_length,
                    &octave.basis.taps,
                    &octave.scale,
                    &mut self.responses[..n],
                );
                sink(i, stage.n_frames, &self.responses[..n]);
                stage.framer.consume(n);
                stage.n_frames += n;
            }
        }
    }
}

/// Frames whose responses are summed side by side.
const N_TOGETHER: usize = 4;

/// Magnitudes of the twelve responses of frames, in the first half of each row.
fn respond(x: &[f32], hop: usize, taps: &[Taps], scale: &[f64; N_OCTAVE], out: &mut [Taps]) {
    let op = Respond { x, hop, taps, out };
    // Twenty-four sums fill three registers of eight; of sixteen they would waste a quarter.
    #[cfg(target_arch = "x86_64")]
    match pulp::x86::V3::try_new() {
        Some(v3) => Simd::vectorize(v3, op),
        None => op.with_simd(pulp::Scalar::new()),
    }
    #[cfg(not(target_arch = "x86_64"))]
    pulp::Arch::new().dispatch(op);
    to_magnitudes(out, scale);
}

/// Squares are taken in double precision: those of the tail of a sound would vanish in single.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn to_magnitudes(responses: &mut [Taps], scale: &[f64; N_OCTAVE]) {
    for r in responses {
        let magnitudes: [f32; N_OCTAVE] = std::array::from_fn(|c| {
            let (re, im) = (f64::from(r[c]), f64::from(r[N_OCTAVE + c]));
            ((re * re + im * im).sqrt() * scale[c]) as f32
        });
        r[..N_OCTAVE].copy_from_slice(&magnitudes);
    }
}

/// Real and imaginary parts of the responses.
struct Respond<'a> {
    x: &'a [f32],
    hop: usize,
    taps: &'a [Taps],
    out: &'a mut [Taps],
}

impl WithSimd for Respond<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            8 => self.frames::<S, 3>(simd),
            4 => self.frames::<S, 6>(simd),
            2 => self.frames::<S, 12>(simd),
            _ => self.frames::<pulp::Scalar, 24>(pulp::Scalar::new()),
        }
    }
}

impl Respond<'_> {
    /// `N` registers hold the sums of a frame.
    #[inline(always)]
    fn frames<S: Simd, const N: usize>(self, simd: S) {
        let Self { x, hop, taps, out } = self;
        let n = taps.len();
        let mut groups = out.chunks_exact_mut(N_TOGETHER);
        let mut at = 0;
        for group in &mut groups {
            let frames: [&[f32]; N_TOGETHER] = std::array::from_fn(|f| &x[at + f * hop..at + f * hop + n]);
            let mut sums = [[simd.splat_f32s(0.0); N]; N_TOGETHER];
            for i in 0..n {
                let t = S::as_simd_f32s(&taps[i]).0;
                for f in 0..N_TOGETHER {
                    let v = simd.splat_f32s(frames[f][i]);
                    for c in 0..N {
                        sums[f][c] = simd.mul_add_e_f32s(v, t[c], sums[f][c]);
                    }
                }
            }
            for (o, s) in group.iter_mut().zip(&sums) {
                S::as_mut_simd_f32s(o).0.copy_from_slice(s);
            }
            at += N_TOGETHER * hop;
        }
        for o in groups.into_remainder() {
            let mut sums = [simd.splat_f32s(0.0); N];
            for (v, t) in x[at..at + n].iter().zip(taps) {
                let (v, t) = (simd.splat_f32s(*v), S::as_simd_f32s(t).0);
                for c in 0..N {
                    sums[c] = simd.mul_add_e_f32s(v, t[c], sums[c]);
                }
            }
            S::as_mut_simd_f32s(o).0.copy_from_slice(&sums);
            at += hop;
        }
    }
}

#[cfg(test)]
#[path = "cqt_tests.rs"]
mod tests;
