//! Resampling by a windowed sinc, as librosa 0.7 did it by default: `kaiser_best` of resampy 0.2.
//!
//! Source: resampy 0.2.2, `filters.py` (`sinc_window`), `data/kaiser_best.npz` (64 zero crossings, 2^9 steps each, roll-off
//! 0.9475937167399596, Kaiser window of beta 14.769656459379492) and `interpn.py` (`resample_f`). Where the rate falls, the step
//! through the table is cut down to a whole number there, which widens the filter by up to 0.6 % and is kept here, since
//! networks have heard it. (librosa 0.10 and later resample by soxr, resampy 0.4 by another filter of the same name.)

/// Zero crossings on each side.
const N_ZEROS: usize = 64;
/// Steps of the table between two zero crossings.
const N_STEPS: usize = 512;
/// Where the pass band ends, as a share of the Nyquist frequency.
const ROLL_OFF: f64 = 0.947_593_716_739_959_6;
/// Shape of the window.
const BETA: f64 = 14.769_656_459_379_492;
/// Phases that are kept; ratios that have more (rates that hardly occur) are computed as they come.
const MAX_PHASES: u64 = 1024;

/// A filter from one rate to another.
pub struct Resampler {
    from: u32,
    to: u32,
    /// The right half of the filter, and its differences.
    window: Vec<f64>,
    delta: Vec<f64>,
    /// Whole steps of the table from one sample to the next.
    index_step: usize,
    scale: f64,
}

/// Weights of the samples around a position: of …, `n - 1`, `n` and of `n + 1`, `n + 2`, …
struct Phase {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Resampler {
    /// From `from` Hz to `to` Hz, both above zero.
    pub fn new(from: u32, to: u32) -> Self {
        let ratio = f64::from(to) / f64::from(from);
        let n = N_STEPS * N_ZEROS;
        let taper = 1.0 / bessel(BETA);
        let mut window: Vec<f64> = (0..=n)
            .map(|i| {
                let zero_crossings = i as f64 / N_STEPS as f64;
                let share = i as f64 / n as f64;
                let kaiser = bessel(BETA * (1.0 - share * share).max(0.0).sqrt()) * taper;
                ROLL_OFF * sinc(ROLL_OFF * zero_crossings) * kaiser
            })
            .collect();
        if ratio < 1.0 {
            window.iter_mut().for_each(|w| *w *= ratio);
        }
        let mut delta: Vec<f64> = window.windows(2).map(|pair| pair[1] - pair[0]).collect();
        delta.push(0.0);
        let scale = ratio.min(1.0);
        Self {
            from,
            to,
            window,
            delta,
            index_step: ((scale * N_STEPS as f64) as usize).max(1),
            scale,
        }
    }

    /// The whole signal at the new rate, `ceil(n to / from)` samples. As librosa does, what resampy leaves out at the end is a
    /// zero.
    pub fn run(&self, x: &[f32]) -> Vec<f32> {
        if self.from == self.to {
            return x.to_vec();
        }
        let (from, to) = (u64::from(self.from), u64::from(self.to));
        let n_out = (x.len() as u64 * to).div_ceil(from) as usize;
        // resampy: int(n * ratio), in double precision.
        let n_computed = ((x.len() as f64 * (f64::from(self.to) / f64::from(self.from))) as usize).min(n_out);
        let g = gcd(from, to);
        let (up, down) = (to / g, from / g);
        let phases: Vec<Phase> = match up {
            up if up <= MAX_PHASES => (0..=up).map(|p| self.phase(p as f64 / up as f64)).collect(),
            _ => Vec::new(),
        };
        // The position is summed up as resampy does it: where it falls short of a whole number by its rounding, the sample
        // before is the middle.
        let increment = 1.0 / (f64::from(self.to) / f64::from(self.from));
        let mut register = 0.0f64;
        let mut out = vec![0.0; n_out];
        for (t, o) in out[..n_computed].iter_mut().enumerate() {
            let exact = t as u64 * down;
            let n = register as usize;
            let short = (exact / up) as usize > n;
            let made;
            let phase = if phases.is_empty() {
                made = self.phase(register - n as f64);
                &made
            } else if short {
                &phases[up as usize]
            } else {
                &phases[(exact % up) as usize]
            };
            *o = phase.apply(x, n);
            register += increment;
        }
        out
    }

    fn phase(&self, share: f64) -> Phase {
        let half = |frac: f64| -> Vec<f32> {
            let index = frac * N_STEPS as f64;
            let offset = index as usize;
            let eta = index - offset as f64;
            let n = (self.window.len() - offset) / self.index_step;
            let at = |i: usize| offset + i * self.index_step;
            (0..n)
                .map(|i| (self.window[at(i)] + eta * self.delta[at(i)]) as f32)
                .collect()
        };
        let frac = self.scale * share;
        let mut left = half(frac);
        left.reverse();
        Phase {
            left,
            right: half(self.scale - frac),
        }
    }
}

impl Phase {
    fn apply(&self, x: &[f32], n: usize) -> f32 {
        let (before, behind) = x.split_at((n + 1).min(x.len()));
        let n_left = self.left.len().min(before.len());
        let left = dot(
            &self.left[self.left.len() - n_left..],
            &before[before.len() - n_left..],
        );
        let n_right = self.right.len().min(behind.len());
        left + dot(&self.right[..n_right], &behind[..n_right])
    }
}

/// In sixteen sums, whose order does not depend on anything.
fn dot(weights: &[f32], x: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (w, x) = (weights.chunks_exact(16), x.chunks_exact(16));
    let rest: f32 = w.remainder().iter().zip(x.remainder()).map(|(w, x)| w * x).sum();
    for (w, x) in w.zip(x) {
        for i in 0..16 {
            sums[i] += w[i] * x[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn sinc(x: f64) -> f64 {
    match x {
        0.0 => 1.0,
        x => (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x),
    }
}

/// The modified Bessel function of the first kind and order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    let quarter = x * x / 4.0;
    for k in 1..200 {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// resampy's loop as it stands there, sample by sample.
    fn by_definition(from: u32, to: u32, x: &[f32]) -> Vec<f64> {
        let r = Resampler::new(from, to);
        let ratio = f64::from(to) / f64::from(from);
        let n_out = (x.len() as f64 * ratio) as usize;
        let mut register = 0.0f64;
        (0..n_out)
            .map(|_| {
                let n = register as usize;
                let mut y = 0.0;
                for (side, frac) in [
                    (0, r.scale * (register - n as f64)),
                    (1, r.scale - r.scale * (register - n as f64)),
                ] {
                    let index = frac * 512.0;
                    let offset = index as usize;
                    let eta = index - offset as f64;
                    let longest = (r.window.len() - offset) / r.index_step;
                    let there = if side == 0 { n + 1 } else { x.len() - n - 1 };
                    for i in 0..longest.min(there) {
                        let at = offset + i * r.index_step;
                        let sample = if side == 0 { x[n - i] } else { x[n + i + 1] };
                        y += (r.window[at] + eta * r.delta[at]) * f64::from(sample);
                    }
                }
                register += 1.0 / ratio;
                y
            })
            .collect()
    }

    #[test]
    fn phases_equal_the_loop_at_every_kind_of_ratio() {
        let x: Vec<f32> = (0..3000)
            .map(|i| ((i * 7919 % 10_007) as f32 / 5003.5) - 1.0)
            .collect();
        for (from, to) in [
            (44_100, 16_000),
            (48_000, 16_000),
            (22_050, 16_000),
            (8000, 16_000),
            (44_101, 16_000),
            (44_100, 22_050),
        ] {
            let got = Resampler::new(from, to).run(&x);
            let want = by_definition(from, to, &x);
            assert_eq!(got.len(), (x.len() * to as usize).div_ceil(from as usize));
            for (i, (g, w)) in got.iter().zip(&want).enumerate() {
                assert!(
                    (f64::from(*g) - w).abs() < 2e-6,
                    "{from} to {to}, sample {i}: {g} {w}"
                );
            }
            assert!(got[want.len()..].iter().all(|x| *x == 0.0));
        }
    }

    #[test]
    fn a_tone_keeps_its_pitch_and_what_is_too_high_is_gone() {
        let tone = |hz: f64, rate: f64, n: usize| -> Vec<f32> {
            (0..n)
                .map(|i| (i as f64 * hz / rate * std::f64::consts::TAU).sin() as f32)
                .collect()
        };
        let low = Resampler::new(44_100, 16_000).run(&tone(1000.0, 44_100.0, 44_100));
        let want = tone(1000.0, 16_000.0, 16_000);
        for (g, w) in low.iter().zip(&want).skip(500).take(15_000) {
            assert!((g - w).abs() < 0.01, "{g} {w}");
        }
        let high = Resampler::new(44_100, 16_000).run(&tone(9000.0, 44_100.0, 44_100));
        assert!(high[500..15_500].iter().all(|x| x.abs() < 1e-3));
    }

    #[test]
    fn nothing_and_one_sample_are_no_trouble() {
        let r = Resampler::new(44_100, 16_000);
        assert!(r.run(&[]).is_empty());
        assert_eq!(r.run(&[1.0]).len(), 1);
        assert_eq!(Resampler::new(16_000, 16_000).run(&[1.0, 2.0]), [1.0, 2.0]);
    }
}
