//! A piano on its own.

use crate::clips::canvas::{Canvas, Place};
use crate::clips::filter::{Biquad, OnePole};
use crate::clips::oscillator::{Noise, Partial, fall, ring};
use crate::clips::song::{HARMONIC_MINOR, MAJOR, MINOR, Melody, Song, hz};
use crate::stream::Stream;

/// A pianist and a piano.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    bpm: f64,
    /// How much softer every next partial is.
    softness: f64,
    /// How far partials are stretched.
    stiffness: f64,
    /// Where the hammer strikes, as a share of the string.
    hammer: f64,
    thump: f64,
    /// Seconds until middle C has fallen by 60 dB.
    t60_s: f64,
    /// How far the strings of a note are apart, in cents.
    detune: f64,
    rubato: f64,
    dynamics: f64,
    pedal: f64,
    room: f64,
    /// How likely each way to play is.
    manner: [f64; 4],
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        Self {
            bpm: s.between(56.0, 128.0),
            softness: s.between(0.9, 1.7),
            stiffness: s.log_normal(0.000_4, 0.5),
            hammer: s.between(0.1, 0.16),
            thump: s.between(0.02, 0.12),
            t60_s: s.between(3.5, 8.0),
            detune: s.between(0.3, 2.5),
            rubato: s.between(0.01, 0.08),
            dynamics: s.between(0.1, 0.5),
            pedal: s.uniform(),
            room: s.between(0.15, 0.5),
            manner: std::array::from_fn(|_| 0.1 + s.uniform()),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let bpm = self.bpm * s.log_normal(1.0, 0.05);
        let mut song = Song::draw(s, n, rate, bpm, &[MAJOR, MAJOR, MINOR, HARMONIC_MINOR]);
        song.n_beats = s.pick(&[3, 4, 4]);
        let mut piano = Piano {
            band: self,
            canvas: Canvas::new(n, rate),
            noise: Noise::new(s.below(1 << 30) as u32),
            phase: s.uniform(),
        };
        let manner = s.weighted(self.manner.into_iter());
        let mut melody = Melody::new(7, 16);
        // A phrase swells and sinks over four bars.
        for bar in 0..song.n_bars() {
            let root = song.chord(bar);
            let swell = 1.0 + self.dynamics * ((bar % 4) as f64 - 1.5) / 1.5;
            let n_eighths = 2 * song.n_beats;
            match manner {
                0 => {
                    // A tune over a broken chord.
                    for eighth in 0..n_eighths {
                        let step = root + [0, 4, 2, 4][eighth % 4];
                        piano.play(
                            s,
                            &song,
                            bar,
                            eighth as f64 * 0.5,
                            song.note(step),
                            0.5 * swell,
                            0.6,
                        );
                    }
                    piano.tune(s, &song, bar, &mut melody, swell);
                }
                1 => {
                    // Arpeggios up and down in sixteenths.
                    for sixteenth in 0..2 * n_eighths {
                        let k = sixteenth % 8;
                        let up = if k < 5 { k } else { 8 - k } as i32;
                        let step = root - 7 + [0, 4, 7, 9, 11][up as usize];
                        let loud = if k == 0 { 0.9 } else { 0.55 };
                        piano.play(
                            s,
                            &song,
                            bar,
                            sixteenth as f64 * 0.25,
                            song.note(step),
                            loud * swell,
                            0.8,
                        );
                    }
                    let top = melody.next(s, root, true);
                    piano.play(s, &song, bar, 0.0, song.note(top + 7), swell, 3.0);
                }
                2 => {
                    // Full chords, one a beat or slower.
                    let every = s.pick(&[1, 2]);
                    for beat in (0..song.n_beats).step_by(every) {
                        let top = melody.next(s, root, beat == 0);
                        for step in [root - 7, root, root + 2, root + 4, top] {
                            piano.play(
                                s,
                                &song,
                                bar,
                                beat as f64,
                                song.note(step),
                                0.7 * swell,
                                every as f64,
                            );
                        }
                    }
                }
                _ => {
                    // Fast runs over low fifths.
                    for step in [root - 14, root - 10] {
                        piano.play(s, &song, bar, 0.0, song.note(step), 0.9 * swell, 2.5);
                    }
                    for sixteenth in 0..2 * n_eighths {
                        if s.chance(0.88) {
                            let step = melody.next(s, root, sixteenth % 8 == 0);
                            let at = sixteenth as f64 * 0.25;
                            piano.play(s, &song, bar, at, song.note(step + 3), 0.7 * swell, 0.3);
                        }
                    }
                }
            }
        }
        piano.canvas
    }
}

struct Piano<'a> {
    band: &'a Band,
    canvas: Canvas,
    noise: Noise,
    phase: f64,
}

impl Piano<'_> {
    fn tune(&mut self, s: &mut Stream, song: &Song, bar: usize, melody: &mut Melody, swell: f64) {
        let mut eighth = 0;
        while eighth < 2 * song.n_beats {
            let len = s.pick(&[1, 2, 2, 3, 4]);
            let step = melody.next(s, song.chord(bar), eighth % 4 == 0);
            let at = eighth as f64 * 0.5;
            self.play(
                s,
                song,
                bar,
                at,
                song.note(step) + 12.0,
                0.95 * swell,
                0.5 * len as f64,
            );
            eighth += len;
        }
    }

    /// A note `beats` after the beginning of a bar that is held for `held` beats.
    #[allow(clippy::too_many_arguments)]
    fn play(&mut self, s: &mut Stream, song: &Song, bar: usize, beats: f64, note: f64, loud: f64, held: f64) {
        let (band, rate) = (self.band, song.rate);
        let note = note.clamp(24.0, 103.0);
        // Time bends slowly, as breath does.
        let t = (bar as f64 * song.n_beats as f64 + beats) / (4.0 * song.n_beats as f64) + self.phase;
        let bend = band.rubato * song.beat_s() * 4.0 * (std::f64::consts::TAU * t).sin();
        let late = (bend + 0.008 * s.normal()) * rate;
        let at = song.at(bar, beats) + late as i64;
        let loud = loud * s.between(0.8, 1.1);
        let base = hz(note);
        let t60_s = band.t60_s * (261.6 / base).powf(0.55);
        let held_s = (held * song.beat_s() * if s.chance(band.pedal) { 2.2 } else { 1.0 }).min(0.9 * t60_s);
        let n = ((held_s + 0.12) * rate) as usize;
        if at + (n as i64) <= 0 || at >= song.n as i64 {
            return;
        }
        // What is struck harder is brighter.
        let softness = band.softness * (1.25 - 0.35 * loud) + 0.25 * ((note - 60.0) / 24.0).max(-0.5);
        let n_partials = if note < 55.0 { 15 } else { 7 };
        let mut partials: Vec<Partial> = (1..=n_partials)
            .map(|k| {
                let k = f64::from(k);
                Partial {
                    hz: k * base * (1.0 + band.stiffness * k * k).sqrt(),
                    gain: (std::f64::consts::PI * k * band.hammer).sin().abs().max(0.05) / k.powf(softness),
                    t60_s: t60_s / (1.0 + 0.22 * (k - 1.0)),
                    phase: 0.5 * (k % 2.0),
                }
            })
            .collect();
        // A second string beats against the first.
        let first = partials[0];
        partials.push(Partial {
            hz: first.hz * (band.detune / 1_200.0).exp2(),
            gain: 0.6 * first.gain,
            t60_s: 1.4 * t60_s,
            ..first
        });
        let mut sound = vec![0f32; n];
        ring(&partials, rate, &mut sound);
        // The hammer, and the damper at the end.
        let mut wood = OnePole::new(900.0, rate);
        let mut felt = Biquad::high_pass(90.0, 0.7, rate);
        let decay = fall(0.09, rate) as f32;
        let mut level = (band.thump * 3.0) as f32;
        let n_attack = (0.002 * rate) as usize;
        for (i, x) in sound.iter_mut().take((0.1 * rate) as usize).enumerate() {
            let rise = ((i + 1) as f32 / n_attack as f32).min(1.0);
            *x = rise * *x + level * felt.next(wood.next(self.noise.next()));
            level *= decay;
        }
        let n_damped = (0.12 * rate) as usize;
        for (i, x) in sound.iter_mut().rev().take(n_damped).enumerate() {
            let share = i as f32 / n_damped as f32;
            *x *= share * share;
        }
        let pan = ((note - 60.0) / 40.0).clamp(-0.7, 0.7);
        self.canvas
            .add(at, &sound, Place::new(0.5 * loud * loud.sqrt(), pan, band.room));
    }
}
