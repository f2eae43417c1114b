//! A small group that swings.

use crate::clips::canvas::{Canvas, Place, mix};
use crate::clips::drums::{Cymbal, Kick, Snare, brush};
use crate::clips::filter::{OnePole, Sweep};
use crate::clips::oscillator::{Noise, Partial, Wave, fall, ring};
use crate::clips::song::{DORIAN, HARMONIC_MINOR, MAJOR, MIXOLYDIAN, Melody, Song};
use crate::clips::strings::Pluck;
use crate::stream::Stream;

/// A trio or quartet.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    bpm: f64,
    swing: f64,
    ride: Cymbal,
    ride_s: f64,
    brushes: bool,
    bass: Pluck,
    bass_gain: f64,
    /// Ratio of the electric piano's upper partial, and how long it rings.
    tine: f64,
    keys_s: f64,
    keys: f64,
    lead: Lead,
    horn_hz: f64,
    breath: f64,
    vibrato: f64,
    loose_s: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Horn,
    Vibraphone,
    Keys,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        Self {
            bpm: s.between(112.0, 220.0),
            swing: s.between(0.45, 0.75),
            ride: Cymbal {
                low_hz: s.between(3_000.0, 5_500.0),
                ringing: s.between(0.3, 0.65),
                hz: s.between(330.0, 470.0),
            },
            ride_s: s.between(0.5, 1.2),
            brushes: s.chance(0.4),
            bass: Pluck {
                t60_s: s.between(0.9, 2.2),
                brightness: s.between(0.15, 0.4),
                position: s.between(0.2, 0.4),
                damping: s.between(0.4, 0.9),
            },
            bass_gain: s.between(0.6, 1.1),
            tine: s.pick(&[4.0, 7.0, 11.2, 14.0]),
            keys_s: s.between(0.9, 2.0),
            keys: s.between(0.06, 0.14),
            lead: s.pick(&[Lead::Horn, Lead::Horn, Lead::Vibraphone, Lead::Keys]),
            horn_hz: s.between(900.0, 2_400.0),
            breath: s.between(0.02, 0.1),
            vibrato: s.between(0.002, 0.012),
            loose_s: s.between(0.004, 0.012),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let bpm = self.bpm * s.log_normal(1.0, 0.04);
        let mut song = Song::draw(s, n, rate, bpm, &[MAJOR, DORIAN, MIXOLYDIAN, HARMONIC_MINOR]);
        let round = s.pick(&[[1, 4, 0, 5], [0, 5, 1, 4], [0, 3, 2, 5], [1, 4, 1, 4]]);
        song.chords = round;
        let mut canvas = Canvas::new(n, rate);
        let noise = &mut Noise::new(s.below(1 << 30) as u32);
        self.drums(s, &song, &mut canvas, noise);
        self.walk(s, &song, &mut canvas, noise);
        self.comp(s, &song, &mut canvas);
        self.improvise(s, &song, &mut canvas, noise);
        canvas
    }

    /// The frame of an eighth; the second of each pair is late.
    fn eighth(&self, s: &mut Stream, song: &Song, bar: usize, eighth: usize) -> i64 {
        let late = if eighth % 2 == 1 { self.swing / 3.0 } else { 0.0 };
        let beats = (eighth as f64 + late) * 0.5;
        song.at(bar, beats) + (s.normal() * self.loose_s * song.rate) as i64
    }

    fn drums(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let rate = song.rate;
        let ride = self.ride.sound(self.ride_s, rate, noise);
        let pedal = self.ride.sound(0.06, rate, noise);
        let feather = Kick {
            hz: 60.0,
            sweep: 1.8,
            bend_s: 0.02,
            t60_s: 0.2,
            click: 0.05,
            drive: 1.0,
        }
        .sound(rate, noise);
        let snare = Snare {
            hz: 200.0,
            wires: 0.5,
            wires_hz: 4_000.0,
            t60_s: 0.15,
        }
        .sound(rate, noise);
        let sweep = brush(0.9 * song.beat_s(), rate, noise);
        for bar in 0..song.n_bars() {
            for eighth in 0..8 {
                let at = self.eighth(s, song, bar, eighth);
                let hit = s.between(0.7, 1.0);
                // ding, ding-a, ding, ding-a
                if matches!(eighth, 0 | 2 | 3 | 4 | 6 | 7) {
                    let accent = if eighth % 4 == 2 { 0.34 } else { 0.24 };
                    canvas.add(at, &ride, Place::new(accent * hit, 0.4, 0.1));
                }
                if eighth == 2 || eighth == 6 {
                    canvas.add(at, &pedal, Place::new(0.3 * hit, -0.4, 0.05));
                }
                if eighth % 2 == 0 {
                    canvas.add(at, &feather, Place::new(0.2 * hit, 0.0, 0.05));
                    if self.brushes {
                        canvas.add(at, &sweep, Place::new(0.35 * hit, -0.1, 0.2));
                    }
                }
                if s.chance(0.12) {
                    canvas.add(at, &snare, Place::new(0.25 * hit, -0.1, 0.2));
                }
            }
        }
    }

    /// A note of the bass on every beat, towards the next chord.
    fn walk(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let mut track = canvas.track();
        for bar in 0..song.n_bars() {
            let (root, next) = (song.chord(bar), song.chord(bar + 1));
            let line = [
                root,
                root + s.pick(&[2, 1, 4]),
                root + s.pick(&[4, 3, -1]),
                next + s.pick(&[1, -1]),
            ];
            for (beat, step) in line.into_iter().enumerate() {
                let at = self.eighth(s, song, bar, 2 * beat);
                let mut hz = song.hz(step, -1);
                while hz > 130.0 {
                    hz *= 0.5;
                }
                let note = self.bass.note(hz, 0.95 * song.beat_s(), song.rate, noise);
                mix(&mut track, at, &note, s.between(0.8, 1.0));
            }
        }
        let mut dark = OnePole::new(1_100.0, song.rate);
        track.iter_mut().for_each(|x| *x = dark.next(*x));
        canvas.add(0, &track, Place::new(self.bass_gain, -0.05, 0.06));
    }

    fn tines(&self, hz: f64, seconds: f64, loud: f64, rate: f64) -> Vec<f32> {
        let partial = |times: f64, gain: f64, t60_s: f64| Partial {
            hz: times * hz,
            gain: gain * loud,
            t60_s,
            phase: 0.0,
        };
        let partials = [
            partial(1.0, 1.0, self.keys_s),
            partial(2.0, 0.25 * loud, 0.7 * self.keys_s),
            partial(3.0, 0.1 * loud, 0.5 * self.keys_s),
            partial(self.tine, 0.2 * loud, 0.25),
        ];
        let mut out = vec![0f32; (seconds * rate) as usize];
        ring(&partials, rate, &mut out);
        let n = out.len().min((0.04 * rate) as usize);
        for (i, x) in out.iter_mut().rev().take(n).enumerate() {
            *x *= i as f32 / n as f32;
        }
        out
    }

    /// Seventh chords off the beat.
    fn comp(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas) {
        for bar in 0..song.n_bars() {
            let hits = s.pick(&[&[1usize, 4][..], &[0, 3], &[3, 6], &[2, 5], &[0, 5], &[7]]);
            for &eighth in hits {
                let at = self.eighth(s, song, bar, eighth);
                let loud = s.between(0.6, 1.0);
                let seconds = song.beat_s() * s.between(0.4, 1.8);
                for (k, step) in [2, 6, 8, 11].into_iter().enumerate() {
                    let hz = song.hz(song.chord(bar) + step, 0);
                    let sound = self.tines(hz, seconds, loud, song.rate);
                    let pan = 0.15 * k as f64 - 0.5;
                    canvas.add(at, &sound, Place::new(self.keys, pan, 0.25));
                }
            }
        }
    }

    fn improvise(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let mut melody = Melody::new(7, 18);
        for bar in 0..song.n_bars() {
            let mut eighth = 0;
            while eighth < 8 {
                let len = s.pick(&[1, 1, 1, 2, 3]);
                let plays = s.chance(0.75);
                let step = melody.next(s, song.chord(bar), eighth % 4 == 0);
                let at = self.eighth(s, song, bar, eighth);
                let seconds = 0.47 * len as f64 * song.beat_s();
                if plays {
                    let hz = song.hz(step, 0);
                    let (sound, gain) = match self.lead {
                        Lead::Horn => (self.horn(s, hz, seconds, song.rate, noise), 0.2),
                        Lead::Vibraphone => (vibraphone(hz, song.rate), 0.2),
                        Lead::Keys => (self.tines(2.0 * hz, seconds + 0.1, 1.0, song.rate), 0.22),
                    };
                    let gain = gain * s.between(0.75, 1.1);
                    canvas.add(at, &sound, Place::new(gain, 0.1, 0.35));
                }
                eighth += len;
            }
        }
    }

    /// A reed: a saw through a resonance that opens with the breath.
    fn horn(&self, s: &mut Stream, hz: f64, seconds: f64, rate: f64, noise: &mut Noise) -> Vec<f32> {
        let n = (seconds * rate) as usize;
        let mut wave = Wave::saw(hz, rate, 0.0);
        let mut throat = Sweep::new(self.horn_hz, 0.35, rate);
        let (edge, scoop) = (1.0 / (0.025 * rate) as f32, s.between(0.0, 0.05));
        let breath = self.breath as f32;
        (0..n)
            .map(|i| {
                if i % 64 == 0 {
                    let t = i as f64 / rate;
                    let wobble = (std::f64::consts::TAU * 5.4 * t).sin() * (3.0 * t).min(1.0);
                    let below = scoop * (-t / 0.03).exp();
                    wave.tune(hz * (1.0 + self.vibrato * wobble - below), rate);
                    throat.tune(self.horn_hz * (0.5 + (8.0 * t).min(0.7)), rate);
                }
                let swell = (i.min(n - i) as f32 * edge).min(1.0);
                swell * throat.low(wave.next() + breath * noise.next())
            })
            .collect()
    }
}

fn vibraphone(hz: f64, rate: f64) -> Vec<f32> {
    let n = (1.5 * rate) as usize;
    let mut out = vec![0f32; n];
    let partials =
        [(1.0, 0.9, 1.9), (3.98, 0.3, 0.7), (10.6, 0.12, 0.2)].map(|(times, gain, t60_s)| Partial {
            hz: times * hz,
            gain,
            t60_s,
            phase: 0.0,
        });
    ring(&partials, rate, &mut out);
    let mut motor = Wave::sine(5.5, rate, 0.0);
    let decay = fall(6.0, rate) as f32;
    let mut level = 1f32;
    for (i, x) in out.iter_mut().enumerate() {
        let edge = ((n - i) as f32 * 0.001).min(1.0);
        *x *= edge * level * (0.8 + 0.2 * motor.next());
        level *= decay;
    }
    out
}
