//! Sources of sound: band-limited sawtooth and sine waves from tables, white noise, and ringing partials.

use std::sync::OnceLock;

/// Samples of a table: a power of two.
const SIZE: usize = 2048;
const BITS: u32 = SIZE.trailing_zeros();
/// Harmonics of the tables. A note takes the richest one that stays below [`TOP`] of the sample rate.
const HARMONICS: [usize; 18] = [
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512,
];
/// Highest frequency that is synthesised, as a share of the sample rate.
const TOP: f64 = 0.45;

/// A period of a sawtooth with the first harmonics of [`HARMONICS`]; each table repeats its first sample at the end.
fn tables() -> &'static [Vec<f32>] {
    static TABLES: OnceLock<Vec<Vec<f32>>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let sine: Vec<f64> = (0..SIZE)
            .map(|i| (std::f64::consts::TAU * i as f64 / SIZE as f64).sin())
            .collect();
        let table = |n: usize| {
            let mut table: Vec<f32> = (0..SIZE)
                .map(|i| {
                    // Lanczos' factors keep the sum from overshooting at the jump.
                    let sum: f64 = (1..=n)
                        .map(|k| {
                            let x = std::f64::consts::PI * k as f64 / (n + 1) as f64;
                            sine[k * i % SIZE] / k as f64 * x.sin() / x
                        })
                        .sum();
                    (sum * std::f64::consts::FRAC_2_PI) as f32
                })
                .collect();
            if n == 1 {
                table = sine.iter().map(|&y| y as f32).collect();
            }
            table.push(table[0]);
            table
        };
        HARMONICS.iter().map(|&n| table(n)).collect()
    })
}

/// A periodic wave read from a table.
#[derive(Clone)]
pub(super) struct Wave {
    table: &'static [f32],
    phase: u32,
    step: u32,
}

impl Wave {
    /// A sawtooth of `hz`, from -1 to 1 or a little more, with the harmonics that fit below Nyquist's frequency.
    pub(super) fn saw(hz: f64, rate: f64, phase: f64) -> Self {
        let fitting = HARMONICS
            .partition_point(|&n| n as f64 * hz <= TOP * rate)
            .saturating_sub(1);
        Self::of(fitting, hz, rate, phase)
    }

    /// A sine of `hz`; `phase` counts periods.
    pub(super) fn sine(hz: f64, rate: f64, phase: f64) -> Self {
        Self::of(0, hz, rate, phase)
    }

    fn of(table: usize, hz: f64, rate: f64, phase: f64) -> Self {
        let mut wave = Self {
            table: &tables()[table],
            phase: turns(phase),
            step: 0,
        };
        wave.tune(hz, rate);
        wave
    }

    /// Changes the frequency, not the phase nor the number of harmonics.
    pub(super) fn tune(&mut self, hz: f64, rate: f64) {
        self.step = turns(hz / rate);
    }

    /// The next sample.
    #[inline]
    pub(super) fn next(&mut self) -> f32 {
        let value = self.at(0);
        self.phase = self.phase.wrapping_add(self.step);
        value
    }

    /// The next sample with the phase moved by `offset` (2^32 is a period); for phase modulation and pulse waves.
    #[inline]
    pub(super) fn next_at(&mut self, offset: u32) -> f32 {
        let value = self.at(offset);
        self.phase = self.phase.wrapping_add(self.step);
        value
    }

    /// The sample at the present phase moved by `offset`.
    #[inline]
    pub(super) fn at(&self, offset: u32) -> f32 {
        let phase = self.phase.wrapping_add(offset);
        let i = (phase >> (32 - BITS)) as usize;
        let part = (phase & ((1 << (32 - BITS)) - 1)) as f32 * (1.0 / (1u32 << (32 - BITS)) as f32);
        let (a, b) = (self.table[i], self.table[i + 1]);
        a + part * (b - a)
    }
}

/// A number of periods as a phase of 32 bits.
#[inline]
pub(super) fn turns(periods: f64) -> u32 {
    ((periods - periods.floor()) * 4_294_967_296.0) as u32
}

/// White noise, uniform in `[-1, 1)` (Marsaglia's xorshift with 32 bits).
#[derive(Clone)]
pub(super) struct Noise(u32);

impl Noise {
    /// A generator; every seed gives another stretch of the same sequence.
    pub(super) fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9) | 1)
    }

    /// The next sample.
    #[inline]
    pub(super) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as i32 as f32 * (1.0 / 2_147_483_648.0)
    }
}

/// One partial of a struck or sustained tone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partial {
    /// Frequency in Hz; what lies above the top of the band is left out.
    pub(super) hz: f64,
    /// Amplitude at the beginning.
    pub(super) gain: f64,
    /// Seconds until it has fallen by 60 dB.
    pub(super) t60_s: f64,
    /// Phase at the beginning, in periods.
    pub(super) phase: f64,
}

/// Adds decaying sines to `out`: each a point on the plane, turned and shrunk once a sample.
pub(super) fn ring(partials: &[Partial], rate: f64, out: &mut [f32]) {
    const LANES: usize = 8;
    for group in partials.chunks(LANES) {
        let (mut x, mut y) = ([0f32; LANES], [0f32; LANES]);
        let (mut c, mut s) = ([0f32; LANES], [0f32; LANES]);
        for (k, p) in group.iter().enumerate() {
            if p.hz < TOP * rate && p.hz > 0.0 {
                let shrink = fall(p.t60_s, rate);
                let (sin, cos) = (std::f64::consts::TAU * p.hz / rate).sin_cos();
                (c[k], s[k]) = ((shrink * cos) as f32, (shrink * sin) as f32);
                let (sin, cos) = (std::f64::consts::TAU * p.phase).sin_cos();
                (x[k], y[k]) = ((p.gain * cos) as f32, (p.gain * sin) as f32);
            }
        }
        for block in out.chunks_mut(256) {
            // Inaudible, and close to numbers that are slow to compute with.
            if x.iter().chain(&y).all(|v| v.abs() < 1e-7) {
                break;
            }
            for o in block {
                for k in 0..LANES {
                    let turned = c[k] * x[k] - s[k] * y[k];
                    y[k] = s[k] * x[k] + c[k] * y[k];
                    x[k] = turned;
                }
                *o += ((y[0] + y[4]) + (y[1] + y[5])) + ((y[2] + y[6]) + (y[3] + y[7]));
            }
        }
    }
}

/// The factor a sample that makes an amplitude fall by 60 dB in `t60_s` seconds.
pub(super) fn fall(t60_s: f64, rate: f64) -> f64 {
    (-6.907_755_278_982_137 / (t60_s.max(1e-4) * rate)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saw_is_the_sum_of_the_harmonics_below_nyquist() {
        let (rate, hz) = (8_000.0, 1_000.0);
        let mut wave = Wave::saw(hz, rate, 0.0);
        for i in 0..64 {
            let t = std::f64::consts::TAU * hz * f64::from(i) / rate;
            // Three harmonics lie below 3,600 Hz, damped by Lanczos' factors.
            let sum: f64 = (1..=3)
                .map(|k| {
                    let x = std::f64::consts::PI * f64::from(k) / 4.0;
                    (f64::from(k) * t).sin() / f64::from(k) * x.sin() / x
                })
                .sum();
            let want = sum * std::f64::consts::FRAC_2_PI;
            assert!((f64::from(wave.next()) - want).abs() < 1e-4, "sample {i}");
        }
    }

    #[test]
    fn ringing_partials_are_decaying_sines() {
        let (rate, n) = (44_100.0, 4_000);
        let partials: Vec<Partial> = (1..=11)
            .map(|k| Partial {
                hz: 110.0 * f64::from(k),
                gain: 1.0 / f64::from(k),
                t60_s: 0.4 / f64::from(k),
                phase: 0.1 * f64::from(k),
            })
            .collect();
        let mut got = vec![0f32; n];
        ring(&partials, rate, &mut got);
        for (i, &y) in got.iter().enumerate() {
            let t = (i + 1) as f64 / rate;
            let want: f64 = partials
                .iter()
                .map(|p| {
                    p.gain
                        * 10f64.powf(-3.0 * t / p.t60_s)
                        * (std::f64::consts::TAU * (p.hz * t + p.phase)).sin()
                })
                .sum();
            assert!((f64::from(y) - want).abs() < 2e-4, "sample {i}: {y} {want}");
        }
    }

    #[test]
    fn noise_is_centred_and_uniform() {
        let mut noise = Noise::new(7);
        let n = 100_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = f64::from(noise.next());
            assert!((-1.0..1.0).contains(&x));
            sum += x;
            squares += x * x;
        }
        assert!((sum / f64::from(n)).abs() < 0.01);
        assert!((squares / f64::from(n) - 1.0 / 3.0).abs() < 0.01);
    }
}
