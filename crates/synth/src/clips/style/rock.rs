//! Distorted guitars, bass and drums.

use crate::clips::canvas::{Canvas, Place, mix};
use crate::clips::drums::{Cymbal, Kick, Snare, tom};
use crate::clips::filter::{Biquad, OnePole, saturate};
use crate::clips::oscillator::Noise;
use crate::clips::song::{DORIAN, MAJOR, MINOR, MIXOLYDIAN, Melody, Song};
use crate::clips::strings::Pluck;
use crate::stream::Stream;

/// Sixteenths of a bar on which the bass drum and the snare drum are hit.
const BEATS: [(&[usize], &[usize]); 5] = [
    (&[0, 8, 10], &[4, 12]),
    (&[0, 6, 8], &[4, 12]),
    (&[0, 2, 8, 10], &[4, 12]),
    (&[0, 4, 8, 12], &[2, 6, 10, 14]),
    (&[0, 7, 10], &[8]),
];

/// A group and its equipment.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    bpm: f64,
    /// Lowest string as a MIDI number.
    lowest: f64,
    guitar: Pluck,
    drive: f64,
    cabinet_hz: f64,
    presence_db: f64,
    kick: Kick,
    snare: Snare,
    metal: Cymbal,
    guitars: f64,
    bass: f64,
    drums: f64,
    muted: f64,
    solo: f64,
    loose_s: f64,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        Self {
            bpm: s.between(92.0, 182.0),
            lowest: s.pick(&[36.0, 38.0, 39.0, 40.0, 40.0, 40.0]),
            guitar: Pluck {
                t60_s: s.between(3.0, 7.0),
                brightness: s.between(0.5, 1.0),
                position: s.between(0.07, 0.2),
                damping: s.between(0.0, 0.25),
            },
            drive: s.log_normal(14.0, 0.6),
            cabinet_hz: s.between(3_300.0, 6_000.0),
            presence_db: s.between(-1.0, 7.0),
            kick: Kick {
                hz: s.between(52.0, 72.0),
                sweep: s.between(2.0, 3.5),
                bend_s: s.between(0.01, 0.02),
                t60_s: s.between(0.18, 0.3),
                click: s.between(0.3, 0.8),
                drive: s.between(1.0, 1.8),
            },
            snare: Snare {
                hz: s.between(160.0, 230.0),
                wires: s.between(0.5, 1.0),
                wires_hz: s.between(2_500.0, 5_000.0),
                t60_s: s.between(0.18, 0.38),
            },
            metal: Cymbal {
                low_hz: s.between(3_500.0, 6_500.0),
                ringing: s.between(0.1, 0.4),
                hz: s.between(300.0, 480.0),
            },
            guitars: s.between(0.3, 0.5),
            bass: s.between(0.25, 0.5),
            drums: s.between(0.6, 1.1),
            muted: s.between(0.0, 0.8),
            solo: s.uniform(),
            loose_s: s.between(0.001, 0.006),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let bpm = self.bpm * s.log_normal(1.0, 0.025);
        let mut song = Song::draw(s, n, rate, bpm, &[MINOR, MIXOLYDIAN, MAJOR, DORIAN]);
        song.key = self.lowest + f64::from(s.below(6) as i32);
        let mut canvas = Canvas::new(n, rate);
        let noise = &mut Noise::new(s.below(1 << 30) as u32);
        self.drums(s, &song, &mut canvas, noise);
        self.riff(s, &song, &mut canvas, noise);
        if s.chance(self.solo) {
            self.lead(s, &song, &mut canvas, noise);
        }
        canvas
    }

    fn drums(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let rate = song.rate;
        let kick = self.kick.sound(rate, noise);
        let snare = self.snare.sound(rate, noise);
        let hat = self.metal.sound(s.between(0.07, 0.35), rate, noise);
        let crash = self.metal.sound(1.8, rate, noise);
        let toms = [150.0, 115.0, 85.0].map(|hz| tom(hz, 0.35, rate, noise));
        let (kicks, snares) = s.pick(&BEATS);
        let every = s.pick(&[2, 2, 4]);
        let gain = self.drums;
        for bar in 0..song.n_bars() {
            let fill = bar % 4 == 3 && s.chance(0.7);
            for step in 0..16 {
                let at = song.played(s, bar, step, self.loose_s);
                let hit = s.between(0.85, 1.0) * gain;
                if fill && step >= 12 {
                    let which = &toms[(step - 12).min(2)];
                    canvas.add(at, which, Place::new(0.7 * hit, 0.4 * (step as f64 - 13.5), 0.15));
                    continue;
                }
                if kicks.contains(&step) {
                    canvas.add(at, &kick, Place::new(0.8 * hit, 0.0, 0.03));
                }
                if snares.contains(&step) {
                    canvas.add(at, &snare, Place::new(0.6 * hit, 0.05, 0.25));
                }
                if step % every == 0 {
                    canvas.add(at, &hat, Place::new(0.22 * hit, -0.45, 0.05));
                }
                if step == 0 && bar % 2 == 0 {
                    canvas.add(at, &crash, Place::new(0.3 * hit, 0.5, 0.15));
                }
            }
        }
    }

    /// Power chords by two guitars, and the bass below them.
    fn riff(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let rate = song.rate;
        // Eighths on which a chord is struck; what is not struck rings on.
        let density = s.between(0.45, 1.0);
        let struck: Vec<usize> = (0..8).filter(|&i| i == 0 || s.chance(density)).collect();
        let muted: Vec<bool> = struck.iter().map(|_| s.chance(self.muted)).collect();
        let dead = Pluck {
            t60_s: 0.35,
            damping: 0.7,
            ..self.guitar
        };
        let bass = Pluck {
            t60_s: 2.5,
            brightness: 0.35,
            position: 0.15,
            damping: 0.4,
        };
        let mut low = canvas.track();
        for side in 0..2 {
            let mut track = canvas.track();
            let off = 0.05 * s.normal();
            for bar in 0..song.n_bars() {
                let root = song.chord(bar);
                for (k, &eighth) in struck.iter().enumerate() {
                    let until = struck.get(k + 1).copied().unwrap_or(8);
                    let len = (until - eighth) as f64 * 0.5 * song.beat_s();
                    let at = song.played(s, bar, 2 * eighth, self.loose_s);
                    let how = if muted[k] { &dead } else { &self.guitar };
                    let note = song.note(root) + off;
                    for (semitones, gain) in [(0.0, 1.0), (7.0, 0.8), (12.0, 0.6)] {
                        let hz = crate::clips::song::hz(note + semitones);
                        mix(&mut track, at, &how.note(hz, len, rate, noise), gain);
                    }
                    if side == 0 {
                        let hz = 0.5 * crate::clips::song::hz(note);
                        mix(&mut low, at, &bass.note(hz.max(36.0), len, rate, noise), 1.0);
                    }
                }
            }
            self.amplify(rate, &mut track);
            let pan = 1.6 * f64::from(side) - 0.8;
            canvas.add(0, &track, Place::new(self.guitars, pan, 0.12));
        }
        let mut dark = OnePole::new(900.0, rate);
        low.iter_mut().for_each(|x| *x = saturate(1.6 * dark.next(*x)));
        canvas.add(0, &low, Place::new(self.bass, 0.0, 0.0));
    }

    fn amplify(&self, rate: f64, track: &mut [f32]) {
        let mut tight = Biquad::high_pass(110.0, 0.7, rate);
        let mut presence = Biquad::peak(2_400.0, 0.8, self.presence_db, rate);
        let [mut cabinet, mut steeper] = [0.9, 0.7].map(|q| Biquad::low_pass(self.cabinet_hz, q, rate));
        let drive = self.drive as f32;
        for x in track {
            let y = saturate(drive * tight.next(*x));
            let y = saturate(1.5 * (y + 0.15 * y * y));
            *x = steeper.next(cabinet.next(presence.next(y)));
        }
    }

    fn lead(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let mut melody = Melody::new(7, 21);
        let mut track = canvas.track();
        for bar in 0..song.n_bars() {
            let mut step = 0;
            while step < 16 {
                let len = s.pick(&[1, 2, 2, 4]);
                if s.chance(0.85) {
                    let pitch = song.hz(melody.next(s, song.chord(bar), step % 4 == 0), 1);
                    let at = song.played(s, bar, step, self.loose_s);
                    let seconds = 0.25 * len as f64 * song.beat_s();
                    let note = self.guitar.note(pitch, seconds, song.rate, noise);
                    mix(&mut track, at, &note, 1.0);
                }
                step += len;
            }
        }
        self.amplify(song.rate, &mut track);
        canvas.add(0, &track, Place::new(0.7 * self.guitars, 0.15, 0.4));
    }
}
