//! Filters and shapers that instruments and recordings are coloured with.

/// A second-order section in transposed direct form II. Coefficients: R. Bristow-Johnson, "Cookbook formulae for audio
/// equalizer biquad filter coefficients".
#[derive(Clone, Debug)]
pub(super) struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    z: [f32; 2],
}

impl Biquad {
    fn new(b: [f64; 3], a: [f64; 3]) -> Self {
        Self {
            b: b.map(|x| (x / a[0]) as f32),
            a: [(a[1] / a[0]) as f32, (a[2] / a[0]) as f32],
            z: [0.0; 2],
        }
    }

    /// Cosine and alpha of a corner at `hz`, which is kept below Nyquist's frequency.
    fn corner(hz: f64, q: f64, rate: f64) -> (f64, f64) {
        let (sin, cos) = (std::f64::consts::TAU * hz.clamp(5.0, 0.47 * rate) / rate).sin_cos();
        (cos, sin / (2.0 * q))
    }

    /// Lets pass what is below `hz`.
    pub(super) fn low_pass(hz: f64, q: f64, rate: f64) -> Self {
        let (cos, alpha) = Self::corner(hz, q, rate);
        let b = 0.5 * (1.0 - cos);
        Self::new([b, 2.0 * b, b], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// Lets pass what is above `hz`.
    pub(super) fn high_pass(hz: f64, q: f64, rate: f64) -> Self {
        let (cos, alpha) = Self::corner(hz, q, rate);
        let b = 0.5 * (1.0 + cos);
        Self::new([b, -2.0 * b, b], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// Lets pass a band around `hz`, with gain 1 at its centre.
    pub(super) fn band_pass(hz: f64, q: f64, rate: f64) -> Self {
        let (cos, alpha) = Self::corner(hz, q, rate);
        Self::new([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// Raises or lowers a band around `hz` by `db`.
    pub(super) fn peak(hz: f64, q: f64, db: f64, rate: f64) -> Self {
        let (cos, alpha) = Self::corner(hz, q, rate);
        let gain = 10f64.powf(db / 40.0);
        Self::new(
            [1.0 + alpha * gain, -2.0 * cos, 1.0 - alpha * gain],
            [1.0 + alpha / gain, -2.0 * cos, 1.0 - alpha / gain],
        )
    }

    /// Raises or lowers all above `hz` by `db`, with a gentle slope.
    pub(super) fn high_shelf(hz: f64, db: f64, rate: f64) -> Self {
        let (cos, alpha) = Self::corner(hz, 0.5, rate);
        let gain = 10f64.powf(db / 40.0);
        let slope = 2.0 * gain.sqrt() * alpha;
        let (more, less) = (gain + 1.0, gain - 1.0);
        Self::new(
            [
                gain * (more + less * cos + slope),
                -2.0 * gain * (less + more * cos),
                gain * (more + less * cos - slope),
            ],
            [
                more - less * cos + slope,
                2.0 * (less - more * cos),
                more - less * cos - slope,
            ],
        )
    }

    /// The next sample.
    #[inline]
    pub(super) fn next(&mut self, x: f32) -> f32 {
        let y = self.b[0] * x + self.z[0];
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1];
        self.z[1] = self.b[2] * x - self.a[1] * y;
        y
    }

    /// Filters a signal in place.
    pub(super) fn run(mut self, signal: &mut [f32]) {
        for x in signal {
            *x = self.next(*x);
        }
    }
}

/// A resonant low-pass whose corner may move: the topology-preserving state-variable filter (V. Zavalishin, "The Art of VA
/// Filter Design", 2012, section 4).
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    g: f32,
    k: f32,
    d: f32,
    s: [f32; 2],
}

impl Sweep {
    /// At rest. `resonance`: 0 none, 1 nearly ringing.
    pub(super) fn new(hz: f64, resonance: f64, rate: f64) -> Self {
        let mut sweep = Self {
            g: 0.0,
            k: (2.0 - 1.95 * resonance.clamp(0.0, 1.0)) as f32,
            d: 0.0,
            s: [0.0; 2],
        };
        sweep.tune(hz, rate);
        sweep
    }

    /// Moves the corner.
    pub(super) fn tune(&mut self, hz: f64, rate: f64) {
        self.g = (std::f64::consts::PI * hz.clamp(10.0, 0.45 * rate) / rate).tan() as f32;
        self.d = 1.0 / (1.0 + self.g * (self.g + self.k));
    }

    #[inline]
    fn step(&mut self, x: f32) -> (f32, f32) {
        let band = self.d * (self.s[0] + self.g * (x - self.s[1]));
        let low = self.s[1] + self.g * band;
        self.s[0] = 2.0 * band - self.s[0];
        self.s[1] = 2.0 * low - self.s[1];
        (band, low)
    }

    /// The next low-passed sample.
    #[inline]
    pub(super) fn low(&mut self, x: f32) -> f32 {
        self.step(x).1
    }

    /// The next band-passed sample, with gain 1 at the centre.
    #[inline]
    pub(super) fn band(&mut self, x: f32) -> f32 {
        self.k * self.step(x).0
    }
}

/// A first-order low-pass.
#[derive(Clone, Debug)]
pub(super) struct OnePole {
    a: f32,
    y: f32,
}

impl OnePole {
    /// Lets pass what is below `hz`.
    pub(super) fn new(hz: f64, rate: f64) -> Self {
        Self {
            a: (1.0 - (-std::f64::consts::TAU * hz / rate).exp()) as f32,
            y: 0.0,
        }
    }

    /// The next sample.
    #[inline]
    pub(super) fn next(&mut self, x: f32) -> f32 {
        self.y += self.a * (x - self.y);
        self.y
    }
}

/// Close to the hyperbolic tangent: smooth, odd, within [-1, 1].
#[inline]
pub(super) fn saturate(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    let squared = x * x;
    x * (27.0 + squared) / (27.0 + 9.0 * squared)
}

/// A room: four delay lines that feed each other through a Hadamard matrix (J. Stautner and M. Puckette, "Designing
/// Multi-Channel Reverberators", 1982), with the highs falling faster.
pub(super) struct Room {
    lines: [Vec<f32>; 4],
    at: [usize; 4],
    gain: [f32; 4],
    damp: f32,
    low: [f32; 4],
}

impl Room {
    /// A room of `size` (1 a hall, 0.2 a closet) in which sound falls by 60 dB in `t60_s` seconds.
    pub(super) fn new(size: f64, t60_s: f64, damping: f64, rate: f64) -> Self {
        let seconds = [0.0473, 0.0597, 0.0711, 0.0839].map(|s| s * size.clamp(0.05, 2.0));
        let lines = seconds.map(|s| vec![0.0; ((s * rate) as usize).max(2)]);
        let gain = seconds.map(|s| (0.5 * 10f64.powf(-3.0 * s / t60_s.max(0.05))) as f32);
        Self {
            lines,
            at: [0; 4],
            gain,
            damp: damping.clamp(0.0, 0.95) as f32,
            low: [0.0; 4],
        }
    }

    /// What the room answers to a sample, left and right.
    #[inline]
    pub(super) fn next(&mut self, x: f32) -> (f32, f32) {
        let mut out = [0f32; 4];
        for k in 0..4 {
            let heard = self.lines[k][self.at[k]];
            self.low[k] = heard + self.damp * (self.low[k] - heard);
            out[k] = self.low[k] * self.gain[k];
        }
        let (a, b) = (out[0] + out[1], out[0] - out[1]);
        let (c, d) = (out[2] + out[3], out[2] - out[3]);
        for (k, back) in [a + c, b + d, a - c, b - d].into_iter().enumerate() {
            self.lines[k][self.at[k]] = x + back;
            self.at[k] += 1;
            if self.at[k] == self.lines[k].len() {
                self.at[k] = 0;
            }
        }
        (out[0] + out[2], out[1] + out[3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 44_100.0;

    /// Amplitude of the answer to a sine.
    fn gain(filter: &mut impl FnMut(f32) -> f32, hz: f64) -> f64 {
        let n = 44_100;
        let mut peak = 0f64;
        for i in 0..n {
            let x = (std::f64::consts::TAU * hz * f64::from(i) / RATE).sin();
            let y = filter(x as f32);
            if i > n / 2 {
                peak = peak.max(f64::from(y.abs()));
            }
        }
        peak
    }

    #[test]
    fn filters_pass_and_stop_what_they_say() {
        let db = |x: f64| 20.0 * x.log10();
        for (mut filter, hz, want) in [
            (Biquad::low_pass(1_000.0, 0.707, RATE), 50.0, 0.0),
            (Biquad::low_pass(1_000.0, 0.707, RATE), 1_000.0, -3.01),
            // 20 lg (tan(pi 10000 / 44100) / tan(pi 1000 / 44100))^2, the bilinear transform's warped 40 dB.
            (Biquad::low_pass(1_000.0, 0.707, RATE), 10_000.0, -43.3),
            (Biquad::high_pass(1_000.0, 0.707, RATE), 1_000.0, -3.01),
            (Biquad::high_pass(1_000.0, 0.707, RATE), 10_000.0, 0.0),
            (Biquad::band_pass(500.0, 3.0, RATE), 500.0, 0.0),
            (Biquad::peak(500.0, 1.0, 9.0, RATE), 500.0, 9.0),
            (Biquad::high_shelf(1_000.0, -8.0, RATE), 18_000.0, -8.0),
            (Biquad::high_shelf(1_000.0, -8.0, RATE), 20.0, 0.0),
        ] {
            let got = db(gain(&mut |x| filter.next(x), hz));
            assert!((got - want).abs() < 0.35, "{hz} Hz: {got} dB, not {want}");
        }
        let mut sweep = Sweep::new(800.0, 0.0, RATE);
        assert!((db(gain(&mut |x| sweep.low(x), 800.0)) + 6.02).abs() < 0.2);
        let mut sweep = Sweep::new(800.0, 0.9, RATE);
        assert!(db(gain(&mut |x| sweep.band(x), 800.0)).abs() < 0.2);
    }

    #[test]
    fn a_room_falls_by_60_db_in_its_time() {
        let mut room = Room::new(0.5, 0.8, 0.0, RATE);
        let power = |room: &mut Room, n: usize, first: f32| -> f64 {
            (0..n)
                .map(|i| {
                    let (l, r) = room.next(if i == 0 { first } else { 0.0 });
                    f64::from(l * l + r * r)
                })
                .sum()
        };
        let quarter = (0.2 * RATE) as usize;
        power(&mut room, quarter, 1.0);
        let early = power(&mut room, quarter, 0.0);
        let late = power(&mut room, quarter, 0.0);
        // 0.2 s are a quarter of the time: 15 dB.
        let got = 10.0 * (early / late).log10();
        assert!((got - 15.0).abs() < 1.5, "{got} dB");
    }

    #[test]
    fn saturation_is_near_the_hyperbolic_tangent() {
        for i in -40..=40 {
            let x = f64::from(i) * 0.1;
            let got = f64::from(saturate(x as f32));
            assert!((got - x.tanh()).abs() < 0.027, "{x}");
            assert!(got.abs() <= 1.0);
        }
    }
}
