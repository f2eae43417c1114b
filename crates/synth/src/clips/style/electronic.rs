//! Four on the floor.

use crate::clips::canvas::{Canvas, Place, mix};
use crate::clips::drums::{Cymbal, Kick, clap};
use crate::clips::filter::Sweep;
use crate::clips::oscillator::{Noise, Wave, fall, turns};
use crate::clips::song::{DORIAN, HARMONIC_MINOR, MINOR, PHRYGIAN, Song};
use crate::stream::Stream;

/// A producer's machines.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    bpm: f64,
    kick: Kick,
    hat: Cymbal,
    clap_hz: f64,
    /// Which sixteenths of a beat the bass plays.
    bass: Bass,
    bass_hz: f64,
    bass_resonance: f64,
    pad_gain: f64,
    pad_hz: f64,
    detune: f64,
    arpeggio: f64,
    duck: f64,
    echo_beats: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bass {
    /// Between the kicks.
    OffBeat,
    /// Three sixteenths after each kick.
    Rolling,
    /// A pattern of sixteenths, with slides of the filter.
    Acid,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        Self {
            bpm: s.between(117.0, 143.0),
            kick: Kick {
                hz: s.between(42.0, 58.0),
                sweep: s.between(4.0, 8.0),
                bend_s: s.between(0.012, 0.035),
                t60_s: s.between(0.28, 0.5),
                click: s.between(0.05, 0.4),
                drive: s.between(1.0, 2.4),
            },
            hat: Cymbal {
                low_hz: s.between(6_000.0, 9_500.0),
                ringing: s.between(0.1, 0.6),
                hz: s.between(330.0, 560.0),
            },
            clap_hz: s.between(900.0, 2_000.0),
            bass: s.pick(&[Bass::OffBeat, Bass::Rolling, Bass::Acid]),
            bass_hz: s.log_normal(500.0, 0.5),
            bass_resonance: s.between(0.2, 0.9),
            pad_gain: s.between(0.05, 0.16),
            pad_hz: s.log_normal(1_800.0, 0.5),
            detune: s.between(0.04, 0.22),
            arpeggio: s.between(0.0, 0.3),
            duck: s.between(0.4, 0.95),
            echo_beats: s.pick(&[0.5, 0.75, 1.0]),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let bpm = self.bpm * s.log_normal(1.0, 0.015);
        let song = Song::draw(s, n, rate, bpm, &[MINOR, MINOR, DORIAN, PHRYGIAN, HARMONIC_MINOR]);
        let mut canvas = Canvas::new(n, rate);
        let noise = &mut Noise::new(s.below(1 << 30) as u32);
        self.drums(s, &song, &mut canvas, noise);
        let ducked = self.ducking(&song, n);
        self.bass(s, &song, &mut canvas, &ducked);
        self.pad(s, &song, &mut canvas, &ducked);
        if self.arpeggio > 0.06 {
            self.arpeggio(s, &song, &mut canvas);
        }
        canvas
    }

    fn drums(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let rate = song.rate;
        let kick = self.kick.sound(rate, noise);
        let closed = self.hat.sound(s.between(0.04, 0.07), rate, noise);
        let open = self.hat.sound(s.between(0.16, 0.3), rate, noise);
        let hands = clap(self.clap_hz, s.between(0.1, 0.22), rate, noise);
        let hat_gain = s.between(0.12, 0.28);
        for bar in 0..song.n_bars() {
            for step in 0..16 {
                let at = song.step(bar, step);
                if step % 4 == 0 {
                    canvas.add(at, &kick, Place::new(0.95, 0.0, 0.01));
                }
                if step % 4 == 2 {
                    canvas.add(at, &open, Place::new(1.2 * hat_gain, 0.15, 0.05));
                } else {
                    let accent = if step % 2 == 0 { 1.0 } else { 0.6 };
                    canvas.add(at, &closed, Place::new(accent * hat_gain, -0.2, 0.03));
                }
                if step % 8 == 4 {
                    canvas.add(at, &hands, Place::new(0.4, 0.0, 0.35));
                }
            }
        }
    }

    /// What the bass drum leaves to the others, sample by sample.
    fn ducking(&self, song: &Song, n: usize) -> Vec<f32> {
        let mut gain = vec![1f32; n];
        let beat = song.beat_s() * song.rate;
        let depth = self.duck as f32;
        let first = song.step(0, 0) as f64;
        for (i, g) in gain.iter_mut().enumerate() {
            let phase = ((i as f64 - first) / beat) as f32;
            let phase = phase - phase.floor();
            let back = (1.0 - 1.6 * phase).max(0.0);
            *g = 1.0 - depth * back * back;
        }
        gain
    }

    fn bass(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, ducked: &[f32]) {
        let rate = song.rate;
        let pattern: Vec<(usize, i32, f64)> = (0..16)
            .filter_map(|step| {
                let leap = if s.chance(0.25) { 7 } else { 0 };
                let plays = match self.bass {
                    Bass::OffBeat => step % 4 == 2,
                    Bass::Rolling => step % 4 != 0,
                    Bass::Acid => s.chance(0.72),
                };
                let accent = if s.chance(0.3) { 1.0 } else { 0.65 };
                plays.then_some((step, leap, accent))
            })
            .collect();
        let mut track = canvas.track();
        let len = (if self.bass == Bass::OffBeat { 0.42 } else { 0.23 }) * song.beat_s();
        let n_note = (len * rate) as usize;
        let mut note = vec![0f32; n_note];
        for bar in 0..song.n_bars() {
            for &(step, leap, accent) in &pattern {
                let mut wave = Wave::saw(song.hz(song.chord(bar) + leap, -1), rate, 0.0);
                let mut filter = Sweep::new(self.bass_hz, self.bass_resonance, rate);
                let mut open = 4.0 * accent;
                for (i, x) in note.iter_mut().enumerate() {
                    if i % 32 == 0 {
                        filter.tune(self.bass_hz * (0.5 + open), rate);
                        open *= 0.985;
                    }
                    let edge = (i.min(n_note - i) as f32 * 0.01).min(1.0);
                    *x = edge * filter.low(wave.next());
                }
                mix(&mut track, song.step(bar, step), &note, accent);
            }
        }
        for (x, g) in track.iter_mut().zip(ducked) {
            *x *= 0.4 + 0.6 * g;
        }
        canvas.add(0, &track, Place::new(0.5, 0.0, 0.0));
    }

    fn pad(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, ducked: &[f32]) {
        let rate = song.rate;
        let n_bar = (song.bar_s() * rate) as usize + 400;
        let (rise, period) = (s.between(0.2, 0.6), s.between(5.0, 14.0));
        let mut filters = [0, 1].map(|_| Sweep::new(self.pad_hz, 0.25, rate));
        for side in 0..2 {
            let mut track = canvas.track();
            let mut note = vec![0f32; n_bar];
            for bar in 0..song.n_bars() {
                note.fill(0.0);
                for third in 0..3 {
                    let root = song.chord(bar) + 2 * third;
                    let off = (self.detune * (f64::from(third) - 1.0 + 0.7 * f64::from(side)) / 12.0).exp2();
                    let mut wave = Wave::saw(off * song.hz(root, 1), rate, s.uniform());
                    for (i, x) in note.iter_mut().enumerate() {
                        let edge = (i.min(n_bar - i) as f32 * (1.0 / 400.0)).min(1.0);
                        *x += edge * wave.next();
                    }
                }
                mix(&mut track, song.step(bar, 0), &note, 1.0);
            }
            let filter = &mut filters[side as usize];
            for (i, (x, g)) in track.iter_mut().zip(ducked).enumerate() {
                if i % 64 == 0 {
                    let t = i as f64 / (rate * period);
                    filter.tune(
                        self.pad_hz * (rise * (std::f64::consts::TAU * t).sin()).exp(),
                        rate,
                    );
                }
                *x = g * filter.low(*x);
            }
            let pan = 1.4 * f64::from(side) - 0.7;
            canvas.add(0, &track, Place::new(self.pad_gain, pan, 0.3));
        }
    }

    fn arpeggio(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas) {
        let rate = song.rate;
        let n_note = (0.3 * rate) as usize;
        let steps: Vec<i32> = (0..16).map(|_| s.pick(&[0, 2, 4, 7, 9, 11])).collect();
        let rests: Vec<bool> = (0..16).map(|_| s.chance(0.3)).collect();
        let width = turns(s.between(0.15, 0.5));
        let decay = fall(0.25, rate) as f32;
        let echo = (self.echo_beats * song.beat_s() * rate) as i64;
        let mut note = vec![0f32; n_note];
        for bar in 0..song.n_bars() {
            for step in 0..16 {
                if rests[step] {
                    continue;
                }
                let mut wave = Wave::saw(song.hz(song.chord(bar) + steps[step], 1), rate, 0.0);
                let mut level = 1f32;
                for (i, x) in note.iter_mut().enumerate() {
                    let edge = (i.min(n_note - i) as f32 * 0.02).min(1.0);
                    // Two saws, one upside down, make a pulse.
                    let pulse = wave.at(width);
                    *x = edge * level * (wave.next() - pulse);
                    level *= decay;
                }
                let at = song.step(bar, step);
                let place = Place::new(0.45 * self.arpeggio, 0.0, 0.2);
                for (k, pan) in [0.1, -0.8, 0.8].into_iter().enumerate() {
                    let later = at + k as i64 * echo;
                    canvas.add(later, &note, place.panned(pan).times(0.5f64.powi(k as i32)));
                }
            }
        }
    }
}
