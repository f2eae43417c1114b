//! Drums: each sound is made once a clip and hit many times.

use super::filter::{Biquad, OnePole, saturate};
use super::oscillator::{Noise, Partial, Wave, fall, ring};

/// A bass drum: a sine that falls in pitch, and a click.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kick {
    /// Frequency that it ends at.
    pub(super) hz: f64,
    /// How many times higher it begins.
    pub(super) sweep: f64,
    /// Seconds of the fall in pitch.
    pub(super) bend_s: f64,
    /// Seconds until it has fallen by 60 dB.
    pub(super) t60_s: f64,
    /// Loudness of the click.
    pub(super) click: f64,
    /// How hard it is driven.
    pub(super) drive: f64,
}

impl Kick {
    /// The sound.
    pub(super) fn sound(&self, rate: f64, noise: &mut Noise) -> Vec<f32> {
        let mut out = vec![0f32; (1.1 * self.t60_s * rate) as usize];
        let mut wave = Wave::sine(self.hz, rate, 0.0);
        let (bend, decay) = (
            fall(3.0 * self.bend_s, rate) as f32,
            fall(self.t60_s, rate) as f32,
        );
        let click_fall = fall(0.02, rate) as f32;
        let (mut above, mut level) = ((self.sweep - 1.0) as f32, 1f32);
        let mut click = self.click as f32;
        for (i, o) in out.iter_mut().enumerate() {
            if i % 8 == 0 {
                wave.tune(self.hz * f64::from(1.0 + above), rate);
            }
            above *= bend;
            level *= decay;
            click *= click_fall;
            *o = saturate(self.drive as f32 * level * wave.next()) + click * noise.next();
        }
        fade(&mut out);
        out
    }
}

/// A snare drum: two modes of the skin and noise of the wires.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Snare {
    /// Lowest mode.
    pub(super) hz: f64,
    /// Loudness of the wires against the skin.
    pub(super) wires: f64,
    /// Middle of the wires' band in Hz.
    pub(super) wires_hz: f64,
    /// Seconds until the wires have fallen by 60 dB.
    pub(super) t60_s: f64,
}

impl Snare {
    /// The sound.
    pub(super) fn sound(&self, rate: f64, noise: &mut Noise) -> Vec<f32> {
        let mut out = vec![0f32; (self.t60_s.max(0.15) * rate) as usize];
        let skin =
            [(1.0, 0.6, 0.16), (1.78, 0.4, 0.11), (2.4, 0.15, 0.07)].map(|(ratio, gain, t60_s)| Partial {
                hz: ratio * self.hz,
                gain: 0.8 * gain,
                t60_s,
                phase: 0.0,
            });
        ring(&skin, rate, &mut out);
        let mut band = Biquad::band_pass(self.wires_hz, 0.6, rate);
        let decay = fall(self.t60_s, rate) as f32;
        let mut level = 1.6 * self.wires as f32;
        for o in &mut out {
            *o += level * band.next(noise.next());
            level *= decay;
        }
        fade(&mut out);
        out
    }
}

/// Metal: hi-hats, rides and crashes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cymbal {
    /// What is below is left out, in Hz.
    pub(super) low_hz: f64,
    /// Share of ringing modes, the rest is noise.
    pub(super) ringing: f64,
    /// Frequency that the modes are multiples of.
    pub(super) hz: f64,
}

impl Cymbal {
    /// The sound, dying in `t60_s` seconds.
    pub(super) fn sound(&self, t60_s: f64, rate: f64, noise: &mut Noise) -> Vec<f32> {
        let mut out = vec![0f32; (t60_s * rate) as usize];
        let modes: Vec<Partial> = [8.1, 11.3, 13.9, 16.7, 19.1, 23.3, 27.7, 31.1]
            .iter()
            .enumerate()
            .map(|(k, ratio)| Partial {
                hz: ratio * self.hz,
                gain: 0.25 * self.ringing,
                t60_s: t60_s * (1.0 - 0.05 * k as f64),
                phase: 0.37 * k as f64,
            })
            .collect();
        ring(&modes, rate, &mut out);
        let mut high = Biquad::high_pass(self.low_hz, 0.8, rate);
        let decay = fall(t60_s, rate) as f32;
        let mut level = (1.0 - self.ringing) as f32;
        for o in &mut out {
            *o = high.next(*o + level * noise.next());
            level *= decay;
        }
        fade(&mut out);
        out
    }
}

/// Hands: four bursts of noise, close together.
pub(super) fn clap(hz: f64, t60_s: f64, rate: f64, noise: &mut Noise) -> Vec<f32> {
    let mut out = vec![0f32; ((0.03 + t60_s) * rate) as usize];
    let mut band = Biquad::band_pass(hz, 0.9, rate);
    let (short, long) = (fall(0.03, rate) as f32, fall(t60_s, rate) as f32);
    let bursts = [
        0,
        (0.010 * rate) as usize,
        (0.021 * rate) as usize,
        (0.030 * rate) as usize,
    ];
    let mut level = 0f32;
    for (i, o) in out.iter_mut().enumerate() {
        if bursts.contains(&i) {
            level = 2.0;
        }
        level *= if i < bursts[3] { short } else { long };
        *o = level * band.next(noise.next());
    }
    fade(&mut out);
    out
}

/// A tom or hand drum.
pub(super) fn tom(hz: f64, t60_s: f64, rate: f64, noise: &mut Noise) -> Vec<f32> {
    let kick = Kick {
        hz,
        sweep: 1.5,
        bend_s: 0.05,
        t60_s,
        click: 0.15,
        drive: 1.1,
    };
    kick.sound(rate, noise)
}

/// A brush that is drawn over a snare drum for `seconds`.
pub(super) fn brush(seconds: f64, rate: f64, noise: &mut Noise) -> Vec<f32> {
    let n = (seconds * rate) as usize;
    let mut low = OnePole::new(4_500.0, rate);
    let mut high = Biquad::high_pass(900.0, 0.7, rate);
    (0..n)
        .map(|i| {
            let t = i as f32 / n.max(1) as f32;
            let swell = t * (1.0 - t) * (1.0 - t) * 6.0;
            swell * high.next(low.next(noise.next()))
        })
        .collect()
}

/// Ends a sound softly.
fn fade(sound: &mut [f32]) {
    let n = sound.len().min(256);
    let from = sound.len() - n;
    for (i, x) in sound[from..].iter_mut().enumerate() {
        *x *= 1.0 - (i + 1) as f32 / n as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 44_100.0;

    fn power(sound: &[f32]) -> f64 {
        sound.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / sound.len().max(1) as f64
    }

    /// Zero crossings a second: a rough idea of how bright a sound is.
    fn brightness(sound: &[f32]) -> f64 {
        let n = sound.windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count();
        n as f64 * RATE / sound.len() as f64
    }

    #[test]
    fn drums_die_away_and_differ_in_brightness() {
        let noise = &mut Noise::new(5);
        let kick = Kick {
            hz: 50.0,
            sweep: 5.0,
            bend_s: 0.03,
            t60_s: 0.4,
            click: 0.2,
            drive: 1.5,
        }
        .sound(RATE, noise);
        let snare = Snare {
            hz: 190.0,
            wires: 0.7,
            wires_hz: 3_500.0,
            t60_s: 0.25,
        }
        .sound(RATE, noise);
        let hat = Cymbal {
            low_hz: 7_000.0,
            ringing: 0.3,
            hz: 420.0,
        }
        .sound(0.08, RATE, noise);
        for sound in [
            &kick,
            &snare,
            &hat,
            &clap(1_500.0, 0.2, RATE, noise),
            &tom(110.0, 0.5, RATE, noise),
        ] {
            assert!(sound.iter().all(|x| x.is_finite() && x.abs() < 3.0));
            let third = sound.len() / 3;
            assert!(power(&sound[..third]) > 30.0 * power(&sound[2 * third..]));
            assert_eq!(sound.last(), Some(&0.0));
        }
        assert!(3.0 * brightness(&kick) < brightness(&snare));
        assert!(1.5 * brightness(&snare) < brightness(&hat));
        assert!(power(&brush(0.2, RATE, noise)) > 1e-4);
    }
}
