//! Plucked strings (K. Karplus and A. Strong, "Digital Synthesis of Plucked-String and Drum Timbres", 1983, tuned as in
//! D. Jaffe and J. Smith, "Extensions of the Karplus-Strong Plucked-String Algorithm", 1983).

use super::oscillator::{Noise, fall};

/// A string and how it is plucked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pluck {
    /// Seconds until the string has fallen by 60 dB (the fundamental; what is above falls faster).
    pub(super) t60_s: f64,
    /// 0 a soft thumb, 1 a hard pick.
    pub(super) brightness: f64,
    /// Where it is plucked, as a share of the string's length.
    pub(super) position: f64,
    /// How fast the highs fall: 0 steel, 1 nylon.
    pub(super) damping: f64,
}

impl Pluck {
    /// The sound of a note of `hz` that is let go after `seconds`, 0.03 s before its end.
    pub(super) fn note(&self, hz: f64, seconds: f64, rate: f64, noise: &mut Noise) -> Vec<f32> {
        // The loop's low-pass (1 - s) y[n] + s y[n - 1] delays by s samples (at low frequencies), the interpolation the rest.
        let stretch = 0.06 + 0.44 * self.damping.clamp(0.0, 1.0);
        let period = rate / hz.clamp(20.0, 0.2 * rate);
        let whole = (period - stretch - 0.1).floor();
        let part = period - stretch - whole;
        let tune = ((1.0 - part) / (1.0 + part)) as f32;
        let n_line = (whole as usize).max(2);
        let gain = fall(self.t60_s, rate).powf(period);
        // What is plucked: noise, soft or hard, less itself where the string is touched.
        let soft = (0.08 + 0.9 * self.brightness.clamp(0.0, 1.0)) as f32;
        let mut line = vec![0f32; n_line];
        let (mut low, mut lower) = (0f32, 0f32);
        for x in &mut line {
            low += soft * (noise.next() - low);
            lower += soft * (low - lower);
            *x = lower;
        }
        let touch = ((self.position * n_line as f64) as usize).clamp(1, n_line - 1);
        let plain = line.clone();
        let mut mean = 0.0;
        for i in 0..n_line {
            line[i] -= 0.9 * plain[(i + touch) % n_line];
            mean += line[i];
        }
        mean /= n_line as f32;
        let mut squares = 1e-9;
        for x in &mut line {
            *x -= mean;
            squares += *x * *x;
        }
        let level = 0.35 / (squares / n_line as f32).sqrt();
        line.iter_mut().for_each(|x| *x *= level);

        let n = ((seconds * rate) as usize).min((1.6 * self.t60_s * rate) as usize);
        let n_release = ((0.03 * rate) as usize).min(n / 2);
        let (direct, delayed) = ((gain * (1.0 - stretch)) as f32, (gain * stretch) as f32);
        let (mut last, mut all_in, mut all_out) = (0f32, 0f32, 0f32);
        let mut out = vec![0f32; n];
        let mut at = 0;
        for o in &mut out {
            let y = line[at];
            *o = y;
            let damped = direct * y + delayed * last;
            last = y;
            all_out = tune * (damped - all_out) + all_in;
            all_in = damped;
            line[at] = all_out;
            at += 1;
            if at == n_line {
                at = 0;
            }
        }
        for (i, o) in out[n - n_release..].iter_mut().enumerate() {
            *o *= 1.0 - (i + 1) as f32 / n_release.max(1) as f32;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frequency in `[low, high]` with the most power, by the plain definition.
    fn strongest(signal: &[f32], low: f64, high: f64, rate: f64) -> f64 {
        let mut best = (0.0, 0.0);
        let mut hz = low;
        while hz <= high {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, &x) in signal.iter().enumerate() {
                let t = std::f64::consts::TAU * hz * i as f64 / rate;
                re += f64::from(x) * t.cos();
                im += f64::from(x) * t.sin();
            }
            let power = re * re + im * im;
            if power > best.1 {
                best = (hz, power);
            }
            hz *= 1.000_5;
        }
        best.0
    }

    #[test]
    fn strings_are_in_tune() {
        for (hz, damping) in [(82.41, 0.2), (440.0, 0.1), (659.26, 0.9)] {
            let pluck = Pluck {
                t60_s: 3.0,
                brightness: 0.6,
                position: 0.21,
                damping,
            };
            let note = pluck.note(hz, 0.8, 44_100.0, &mut Noise::new(3));
            let got = strongest(&note[4_000..], 0.94 * hz, 1.06 * hz, 44_100.0);
            let cents = 1_200.0 * (got / hz).log2();
            assert!(cents.abs() < 6.0, "{hz} Hz is {cents} cents off");
        }
    }

    #[test]
    fn a_note_ends_in_silence() {
        let pluck = Pluck {
            t60_s: 4.0,
            brightness: 0.9,
            position: 0.1,
            damping: 0.0,
        };
        let note = pluck.note(196.0, 0.25, 44_100.0, &mut Noise::new(1));
        assert_eq!(note.len(), 11_025);
        assert!(note[..2_000].iter().any(|x| x.abs() > 0.1));
        assert_eq!(note.last(), Some(&0.0));
    }
}
