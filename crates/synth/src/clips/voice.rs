//! A voice: a buzz or breath through four moving resonances, syllable after syllable.
//!
//! Formants of the vowels: G. Peterson and H. Barney, "Control Methods Used in a Study of the Vowels", 1952 (men's means,
//! rounded); a speaker's throat scales them.

use super::filter::{Biquad, OnePole, Sweep};
use super::oscillator::{Noise, Wave};
use crate::stream::Stream;

/// The first three formants of vowels, in Hz.
const VOWELS: [[f64; 3]; 8] = [
    [270.0, 2_290.0, 3_010.0],
    [390.0, 1_990.0, 2_550.0],
    [530.0, 1_840.0, 2_480.0],
    [660.0, 1_720.0, 2_410.0],
    [730.0, 1_090.0, 2_440.0],
    [570.0, 840.0, 2_410.0],
    [300.0, 870.0, 2_240.0],
    [490.0, 1_350.0, 1_690.0],
];
/// The nasal murmur.
const NASAL: [f64; 3] = [250.0, 1_150.0, 2_250.0];
/// Samples between two settings of the resonances.
const STEP: usize = 64;

/// Whose voice it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Speaker {
    /// Middle of the pitch in Hz.
    pub(super) hz: f64,
    /// How far the pitch moves, in semitones.
    pub(super) melody: f64,
    /// How much higher the formants are than a man's.
    pub(super) throat: f64,
    /// Share of breath in the buzz.
    pub(super) breath: f64,
    /// How fast the buzz loses its highs: corner in Hz.
    pub(super) tilt_hz: f64,
    /// Loudness of hisses.
    pub(super) hiss: f64,
    /// Unsteadiness of the pitch.
    pub(super) jitter: f64,
}

/// How a syllable begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Onset {
    Vowel,
    /// Closed lips or tongue, then a burst.
    Stop,
    /// A hiss.
    Fricative,
    /// Through the nose.
    Nasal,
}

/// A syllable to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syllable {
    /// First frame; may lie before the recording.
    pub(super) at: i64,
    /// Length in frames.
    pub(super) n: usize,
    /// Loudness.
    pub(super) stress: f64,
    /// Pitch against the speaker's middle, in semitones, at the beginning and at the end.
    pub(super) bend: [f64; 2],
}

impl Speaker {
    /// Anyone: a low or a high voice.
    pub(super) fn draw(s: &mut Stream) -> Self {
        let high = s.chance(0.45);
        Self {
            hz: if high {
                s.between(165.0, 235.0)
            } else {
                s.between(85.0, 140.0)
            },
            melody: s.between(1.5, 4.5),
            throat: if high {
                s.between(1.1, 1.22)
            } else {
                s.between(0.94, 1.06)
            },
            breath: s.between(0.02, 0.14),
            tilt_hz: s.between(500.0, 1_500.0),
            hiss: s.between(0.5, 1.3),
            jitter: s.between(0.004, 0.02),
        }
    }

    /// Says syllables, in the order of time, onto a track.
    pub(super) fn say(&self, s: &mut Stream, syllables: &[Syllable], rate: f64, track: &mut [f32]) {
        let mut mouth = Mouth::new(self, rate, s.below(1 << 30) as u32);
        for (i, syllable) in syllables.iter().enumerate() {
            let onset = match s.below(10) {
                0..=1 => Onset::Vowel,
                2..=4 => Onset::Stop,
                5..=7 => Onset::Fricative,
                _ => Onset::Nasal,
            };
            let vowel = VOWELS[s.below(VOWELS.len())];
            // The mouth moves on to the next syllable before this one ends.
            let next = syllables.get(i + 1).map_or(0, |n| n.at - syllable.at);
            let n = match usize::try_from(next) {
                Ok(gap) if gap > 0 => syllable.n.min(gap),
                _ => syllable.n,
            };
            mouth.syllable(self, s, onset, vowel, &Syllable { n, ..*syllable }, track);
        }
    }
}

struct Mouth {
    rate: f64,
    buzz: Wave,
    tilt: [OnePole; 2],
    noise: Noise,
    formants: [f64; 4],
    resonances: [Sweep; 4],
}

impl Mouth {
    fn new(speaker: &Speaker, rate: f64, seed: u32) -> Self {
        let formants = [500.0, 1_500.0, 2_500.0, 3_500.0].map(|hz| hz * speaker.throat);
        let narrow = [0.90, 0.95, 0.95, 0.94];
        Self {
            rate,
            buzz: Wave::saw(speaker.hz, rate, 0.0),
            tilt: [
                OnePole::new(speaker.tilt_hz, rate),
                OnePole::new(3.0 * speaker.tilt_hz, rate),
            ],
            noise: Noise::new(seed),
            formants,
            resonances: std::array::from_fn(|k| Sweep::new(formants[k], narrow[k], rate)),
        }
    }

    fn syllable(
        &mut self,
        speaker: &Speaker,
        s: &mut Stream,
        onset: Onset,
        vowel: [f64; 3],
        what: &Syllable,
        track: &mut [f32],
    ) {
        let n_onset = match onset {
            Onset::Vowel => 0.015,
            Onset::Stop => s.between(0.04, 0.07),
            Onset::Fricative => s.between(0.06, 0.12),
            Onset::Nasal => s.between(0.04, 0.08),
        };
        let n_onset = ((n_onset * self.rate) as usize).min(what.n / 2);
        let n_release = ((0.045 * self.rate) as usize).min(what.n / 3);
        let hiss_hz = s.between(2_800.0, 7_500.0);
        let mut hiss = Biquad::band_pass(hiss_hz.min(0.4 * self.rate), 1.6, self.rate);
        let burst_hz = s.between(1_200.0, 4_500.0);
        let mut burst = Biquad::band_pass(burst_hz, 1.5, self.rate);
        let voiced = s.chance(0.5);
        let glide = 1.0 - (-(STEP as f64) / (0.022 * self.rate)).exp();
        let gains = [1.0f32, 0.55, 0.28, 0.16];
        let (mut level, mut rub) = (0f32, 0f32);
        for block in (0..what.n).step_by(STEP) {
            let in_onset = block < n_onset;
            let share = block as f64 / what.n as f64;
            let semitones = what.bend[0] + share * (what.bend[1] - what.bend[0]);
            let wobble = 1.0 + speaker.jitter * s.normal();
            self.buzz
                .tune(speaker.hz * (semitones / 12.0).exp2() * wobble, self.rate);
            let target = if in_onset && onset == Onset::Nasal {
                NASAL
            } else {
                vowel
            };
            for k in 0..4 {
                let to = speaker.throat * target.get(k).copied().unwrap_or(3_600.0);
                self.formants[k] += glide * (to - self.formants[k]);
                self.resonances[k].tune(self.formants[k], self.rate);
            }
            // Loudness of the buzz and of the noise at the teeth, approached smoothly.
            let (buzz_to, rub_to) = match onset {
                _ if block + n_release >= what.n => (0.0, 0.0),
                _ if !in_onset => (what.stress, 0.0),
                Onset::Vowel => (what.stress, 0.0),
                Onset::Nasal => (0.45 * what.stress, 0.0),
                Onset::Fricative => (if voiced { 0.25 * what.stress } else { 0.0 }, 0.55 * what.stress),
                Onset::Stop if 4 * block > 3 * n_onset => (0.0, 0.9 * what.stress),
                Onset::Stop => (0.0, 0.0),
            };
            let rub_to = rub_to * speaker.hiss;
            for i in block..(block + STEP).min(what.n) {
                level += 0.004 * (buzz_to as f32 - level);
                rub += 0.012 * (rub_to as f32 - rub);
                let white = self.noise.next();
                let flow = self.tilt[0].next(self.buzz.next());
                let flow = level * (3.0 * self.tilt[1].next(flow) + speaker.breath as f32 * white);
                let mut y = 0.0;
                for (resonance, gain) in self.resonances.iter_mut().zip(gains) {
                    y += gain * resonance.band(flow);
                }
                y += rub
                    * match onset {
                        Onset::Stop => burst.next(white),
                        _ => hiss.next(white),
                    };
                let at = what.at + i as i64;
                if let Some(t) = usize::try_from(at).ok().and_then(|at| track.get_mut(at)) {
                    *t += y;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Domain;

    #[test]
    fn a_voice_speaks_where_its_syllables_are() {
        let rate = 22_050.0;
        let mut s = Stream::new(4, Domain::World, 9);
        let speaker = Speaker::draw(&mut s);
        let syllable = |at| Syllable {
            at,
            n: 4_000,
            stress: 1.0,
            bend: [1.0, -1.0],
        };
        let mut track = vec![0f32; 22_050];
        speaker.say(&mut s, &[syllable(-2_000), syllable(9_000)], rate, &mut track);
        let power = |from: usize, to: usize| {
            track[from..to].iter().map(|x| f64::from(x * x)).sum::<f64>() / (to - from) as f64
        };
        assert!(track.iter().all(|x| x.is_finite() && x.abs() < 20.0));
        assert!(power(10_500, 12_500) > 1e-4);
        assert!(power(0, 800) > 1e-4);
        assert_eq!(power(3_000, 8_900), 0.0);
        assert_eq!(power(14_000, 22_000), 0.0);
    }
}
