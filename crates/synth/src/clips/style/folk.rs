//! A guitar that is picked.

use crate::clips::canvas::{Canvas, Place, mix};
use crate::clips::drums::tom;
use crate::clips::filter::Biquad;
use crate::clips::oscillator::{Noise, Wave};
use crate::clips::song::{DORIAN, MAJOR, MINOR, MIXOLYDIAN, Melody, Song};
use crate::clips::strings::Pluck;
use crate::stream::Stream;

/// Picking patterns: for each eighth of a bar, the strings (0 the lowest) that are plucked.
const PATTERNS: [[&[usize]; 8]; 6] = [
    [&[0, 4], &[2], &[1], &[3], &[0], &[2], &[1, 4], &[3]],
    [&[0], &[2], &[3], &[4], &[1], &[4], &[3], &[2]],
    [&[0, 3], &[], &[1, 4], &[2], &[0], &[3], &[1], &[4]],
    [
        &[0],
        &[2, 3, 4],
        &[1],
        &[2, 3, 4],
        &[0],
        &[2, 3, 4],
        &[1],
        &[2, 3, 4],
    ],
    [&[0], &[3], &[2], &[4], &[0], &[3], &[2], &[4]],
    [
        &[0, 1, 2, 3, 4],
        &[],
        &[2, 3, 4],
        &[3, 4],
        &[],
        &[3, 4],
        &[2, 3, 4],
        &[4],
    ],
];
/// Steps of the scale above the chord's root that the strings sound.
const VOICING: [i32; 5] = [-7, -3, 0, 2, 4];

/// A player, the instrument, and who else is there.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    bpm: f64,
    n_beats: usize,
    guitar: Pluck,
    /// Resonances of the body: Hz and dB.
    body: [[f64; 2]; 3],
    tuning: f64,
    loose_s: f64,
    strum_s: f64,
    second: Second,
    foot: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Second {
    Nobody,
    /// A second plucked instrument plays a melody.
    Picker,
    /// A whistle.
    Whistle,
    /// A bowed fiddle.
    Fiddle,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        Self {
            bpm: s.between(68.0, 132.0),
            n_beats: s.pick(&[3, 4, 4, 4]),
            guitar: Pluck {
                t60_s: s.between(1.8, 5.0),
                brightness: s.between(0.35, 0.95),
                position: s.between(0.1, 0.35),
                damping: s.between(0.02, 0.35),
            },
            body: [
                [s.between(90.0, 120.0), s.between(2.0, 7.0)],
                [s.between(180.0, 250.0), s.between(1.0, 6.0)],
                [s.between(350.0, 900.0), s.between(-4.0, 4.0)],
            ],
            tuning: s.pick(&[-4.0, -2.0, 0.0, 0.0, 2.0, 5.0]),
            loose_s: s.between(0.003, 0.014),
            strum_s: s.between(0.004, 0.02),
            second: s.pick(&[
                Second::Nobody,
                Second::Nobody,
                Second::Picker,
                Second::Whistle,
                Second::Fiddle,
            ]),
            foot: if s.chance(0.25) { s.between(0.2, 0.5) } else { 0.0 },
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let bpm = self.bpm * s.log_normal(1.0, 0.03);
        let mut song = Song::draw(s, n, rate, bpm, &[MAJOR, MAJOR, MIXOLYDIAN, DORIAN, MINOR]);
        song.n_beats = self.n_beats;
        song.key = 46.0 + self.tuning + f64::from(s.below(7) as i32) + 0.05 * s.normal();
        song.swing = s.between(0.0, 0.25);
        let mut canvas = Canvas::new(n, rate);
        let noise = &mut Noise::new(s.below(1 << 30) as u32);
        let pattern = s.pick(&PATTERNS);
        let mut track = canvas.track();
        for bar in 0..song.n_bars() {
            for eighth in 0..2 * song.n_beats {
                let strings = pattern[eighth % 8];
                let at = song.played(s, bar, 2 * eighth, self.loose_s);
                for (k, &string) in strings.iter().enumerate() {
                    let hz = song.hz(song.chord(bar) + VOICING[string], 0);
                    let held = (3.0 + 2.0 * s.uniform()) * song.beat_s();
                    let gain = s.between(0.6, 1.0) * if string == 0 { 1.15 } else { 0.85 };
                    let late = (k as f64 * self.strum_s * rate) as i64;
                    let note = self.guitar.note(hz.max(65.0), held.min(1.5), rate, noise);
                    mix(&mut track, at + late, &note, gain);
                }
            }
            if self.foot > 0.0 {
                let thump = tom(70.0, 0.15, rate, noise);
                for beat in 0..song.n_beats {
                    canvas.add(
                        song.at(bar, beat as f64),
                        &thump,
                        Place::new(self.foot, 0.0, 0.05),
                    );
                }
            }
        }
        for [hz, db] in self.body {
            Biquad::peak(hz, 2.0, db, rate).run(&mut track);
        }
        canvas.add(0, &track, Place::new(0.6, s.between(-0.3, 0.3), 0.3));
        match self.second {
            Second::Nobody => {}
            Second::Picker => self.picker(s, &song, &mut canvas, noise),
            Second::Whistle => self.blown(s, &song, &mut canvas, noise, false),
            Second::Fiddle => self.blown(s, &song, &mut canvas, noise, true),
        }
        canvas
    }

    fn picker(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let bright = Pluck {
            t60_s: 1.0,
            brightness: 0.9,
            position: 0.12,
            damping: 0.1,
        };
        let mut melody = Melody::new(7, 16);
        for bar in 0..song.n_bars() {
            for eighth in 0..2 * song.n_beats {
                if s.chance(0.6) {
                    let step = melody.next(s, song.chord(bar), eighth % 4 == 0);
                    let note = bright.note(song.hz(step, 1), 0.7, song.rate, noise);
                    let at = song.played(s, bar, 2 * eighth, self.loose_s);
                    canvas.add(at, &note, Place::new(s.between(0.2, 0.35), 0.5, 0.3));
                }
            }
        }
    }

    /// A melody on one sustained instrument: a whistle, or a fiddle.
    fn blown(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise, bowed: bool) {
        let rate = song.rate;
        let mut melody = Melody::new(7, 15);
        let vibrato_hz = s.between(4.8, 6.2);
        for bar in 0..song.n_bars() {
            let mut eighth = 0;
            while eighth < 2 * song.n_beats {
                let len = s.pick(&[1, 2, 2, 3]);
                let step = melody.next(s, song.chord(bar), eighth % 4 == 0);
                let n = (0.5 * len as f64 * song.beat_s() * rate * 0.95) as usize;
                let hz = song.hz(step, 1);
                let mut wave = if bowed {
                    Wave::saw(hz, rate, 0.0)
                } else {
                    Wave::sine(hz, rate, 0.0)
                };
                let mut body = Biquad::low_pass(2_600.0, 0.9, rate);
                let edge = 1.0 / (0.05 * rate) as f32;
                let note: Vec<f32> = (0..n)
                    .map(|i| {
                        if i % 32 == 0 {
                            let t = i as f64 / rate;
                            let depth = 0.006 * (4.0 * t).min(1.0);
                            let wobble = (std::f64::consts::TAU * vibrato_hz * t).sin();
                            wave.tune(hz * (1.0 + depth * wobble), rate);
                        }
                        let swell = (i.min(n - i) as f32 * edge).min(1.0);
                        let x = wave.next() + 0.05 * noise.next();
                        swell * if bowed { body.next(x) } else { x }
                    })
                    .collect();
                if s.chance(0.8) {
                    let at = song.played(s, bar, 2 * eighth, self.loose_s);
                    let gain = if bowed { 0.09 } else { 0.11 };
                    canvas.add(at, &note, Place::new(gain, -0.4, 0.5));
                }
                eighth += len;
            }
        }
    }
}
