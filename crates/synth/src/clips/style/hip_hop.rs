//! Breakbeats, sub bass, a looped sample and rap.

use crate::clips::canvas::{Canvas, Place, mix};
use crate::clips::drums::{Cymbal, Kick, Snare};
use crate::clips::filter::{Biquad, saturate};
use crate::clips::oscillator::{Noise, Partial, Wave, ring};
use crate::clips::song::{DORIAN, HARMONIC_MINOR, MINOR, Song, hz};
use crate::clips::voice::{Speaker, Syllable};
use crate::stream::Stream;

/// Sixteenths of the bass drum; the snare drum has 4 and 12.
const KICKS: [&[usize]; 6] = [
    &[0, 7, 10],
    &[0, 3, 10],
    &[0, 2, 8, 11],
    &[0, 6, 9, 14],
    &[0, 10, 11],
    &[0, 3, 6, 10],
];

/// A rapper and a producer.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    bpm: f64,
    swing: f64,
    kick: Kick,
    snare: Snare,
    hat: Cymbal,
    fast_hats: bool,
    sub: f64,
    sub_drive: f64,
    glide_s: f64,
    sample: f64,
    sample_hz: f64,
    wow: f64,
    crackle: f64,
    rapper: Speaker,
    rap: f64,
    density: f64,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        let rapper = Speaker::draw(s);
        Self {
            bpm: s.between(76.0, 104.0),
            swing: s.between(0.05, 0.4),
            kick: Kick {
                hz: s.between(46.0, 62.0),
                sweep: s.between(2.5, 4.5),
                bend_s: s.between(0.015, 0.04),
                t60_s: s.between(0.25, 0.7),
                click: s.between(0.1, 0.5),
                drive: s.between(1.2, 3.0),
            },
            snare: Snare {
                hz: s.between(170.0, 260.0),
                wires: s.between(0.6, 1.1),
                wires_hz: s.between(1_800.0, 4_500.0),
                t60_s: s.between(0.12, 0.28),
            },
            hat: Cymbal {
                low_hz: s.between(5_500.0, 8_500.0),
                ringing: s.between(0.0, 0.4),
                hz: s.between(350.0, 520.0),
            },
            fast_hats: s.chance(0.35),
            sub: s.between(0.3, 0.6),
            sub_drive: s.between(1.0, 3.0),
            glide_s: s.between(0.0, 0.12),
            sample: s.between(0.12, 0.35),
            sample_hz: s.log_normal(1_500.0, 0.45),
            wow: s.between(0.0, 0.006),
            crackle: if s.chance(0.6) { s.between(0.02, 0.12) } else { 0.0 },
            rapper: Speaker {
                melody: 0.6 * rapper.melody,
                ..rapper
            },
            rap: s.between(0.5, 1.1),
            density: s.between(0.6, 0.95),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let bpm = self.bpm * s.log_normal(1.0, 0.02);
        let mut song = Song::draw(s, n, rate, bpm, &[MINOR, MINOR, DORIAN, HARMONIC_MINOR]);
        song.swing = self.swing;
        // Loops of two chords.
        song.chords = [song.chords[0], song.chords[1], song.chords[0], song.chords[1]];
        let mut canvas = Canvas::new(n, rate);
        let noise = &mut Noise::new(s.below(1 << 30) as u32);
        let kicks = s.pick(&KICKS);
        self.drums(s, &song, &mut canvas, noise, kicks);
        self.sub(s, &song, &mut canvas, kicks);
        self.loop_(s, &song, &mut canvas, noise);
        if s.chance(0.85) {
            self.rap(s, &song, &mut canvas);
        }
        canvas
    }

    fn drums(
        &self,
        s: &mut Stream,
        song: &Song,
        canvas: &mut Canvas,
        noise: &mut Noise,
        kicks: &'static [usize],
    ) {
        let rate = song.rate;
        let kick = self.kick.sound(rate, noise);
        let snare = self.snare.sound(rate, noise);
        let hat = self.hat.sound(s.between(0.04, 0.09), rate, noise);
        for bar in 0..song.n_bars() {
            for step in 0..16 {
                let at = song.played(s, bar, step, 0.004);
                let hit = s.between(0.85, 1.0);
                if kicks.contains(&step) {
                    canvas.add(at, &kick, Place::new(0.8 * hit, 0.0, 0.02));
                }
                if step == 4 || step == 12 {
                    canvas.add(at, &snare, Place::new(0.62 * hit, 0.0, 0.12));
                } else if step % 2 == 1 && s.chance(0.08) {
                    canvas.add(at, &snare, Place::new(0.14 * hit, 0.0, 0.1));
                }
                if step % 2 == 0 || (self.fast_hats && s.chance(0.7)) {
                    let gain = if step % 4 == 2 { 0.26 } else { 0.17 };
                    canvas.add(at, &hat, Place::new(gain * hit, 0.25, 0.02));
                }
            }
        }
    }

    /// A sine far below, on the bass drum's steps, that slides between notes.
    fn sub(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, kicks: &[usize]) {
        let rate = song.rate;
        let mut track = canvas.track();
        let mut notes: Vec<(i64, f64)> = Vec::new();
        for bar in 0..song.n_bars() {
            for &step in kicks {
                let leap = if s.chance(0.2) { 4 } else { 0 };
                let mut note = song.note(song.chord(bar) + leap);
                while note > 43.0 {
                    note -= 12.0;
                }
                notes.push((song.step(bar, step), hz(note)));
            }
        }
        let follow = 1.0 - (-32.0 / ((self.glide_s + 0.004) * rate)).exp();
        let mut wave = Wave::sine(50.0, rate, 0.0);
        let (mut now, mut level, mut k) = (50.0, 0f32, 0);
        let drive = self.sub_drive as f32;
        let decay = (-32.0 / (0.55 * rate)).exp() as f32;
        for (i, x) in track.iter_mut().enumerate() {
            if i % 32 == 0 {
                while k + 1 < notes.len() && notes[k + 1].0 <= i as i64 {
                    k += 1;
                    level = 1.0;
                }
                if let Some(&(at, to)) = notes.get(k) {
                    if i == 0 && at <= 0 {
                        level = 0.7;
                    }
                    now += follow * (to - now);
                }
                wave.tune(now, rate);
                level *= decay;
            }
            *x = saturate(drive * level * wave.next());
        }
        let place = Place::new(self.sub / self.sub_drive.sqrt(), 0.0, 0.0);
        canvas.add(0, &track, place);
    }

    /// Two bars of an old record: muffled chords of bells or keys, over and over.
    fn loop_(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas, noise: &mut Noise) {
        let rate = song.rate;
        let mut track = canvas.track();
        let hits: Vec<usize> = [0, 3, 6, 8, 11, 14]
            .into_iter()
            .filter(|_| s.chance(0.55))
            .collect();
        let ratio = s.pick(&[1.0, 2.0, 3.0, 3.93]);
        let t60_s = s.between(0.6, 1.8);
        let mut chords: Vec<Vec<f32>> = Vec::new();
        for bar in 0..2 {
            let mut sound = vec![0f32; (t60_s * rate) as usize];
            let partials: Vec<Partial> = [0, 2, 4, 6]
                .into_iter()
                .flat_map(|third| {
                    let base = song.hz(song.chord(bar) + third, 1) * (1.0 + self.wow * s.normal());
                    [(1.0, 0.22, 1.0), (ratio, 0.1, 0.5)].map(|(times, gain, share)| Partial {
                        hz: times * base,
                        gain,
                        t60_s: share * t60_s,
                        phase: 0.0,
                    })
                })
                .collect();
            ring(&partials, rate, &mut sound);
            chords.push(sound);
        }
        for bar in 0..song.n_bars() {
            for &step in &hits {
                mix(&mut track, song.step(bar, step), &chords[bar % 2], 1.0);
            }
        }
        Biquad::low_pass(self.sample_hz, 0.8, rate).run(&mut track);
        if self.crackle > 0.0 {
            let rare = 1.0 - (14.0 / rate) as f32;
            let crackle = self.crackle as f32;
            for x in &mut track {
                let white = noise.next();
                *x += crackle * (0.02 * white + if white.abs() > rare { 3.0 * white } else { 0.0 });
            }
        }
        canvas.add(0, &track, Place::new(self.sample, -0.1, 0.12));
    }

    /// A syllable on most sixteenths, with a rest at the end of the line.
    fn rap(&self, s: &mut Stream, song: &Song, canvas: &mut Canvas) {
        let rate = song.rate;
        let n_step = 0.25 * song.beat_s() * rate;
        let mut syllables = Vec::new();
        for bar in 0..song.n_bars() {
            let until = 16 - s.below(4);
            let mut step = s.below(2);
            while step < until {
                let len = if s.chance(0.25) { 2 } else { 1 };
                if s.chance(self.density) {
                    let accent = step.is_multiple_of(4) || s.chance(0.2);
                    let high = if accent { self.rapper.melody } else { 0.0 };
                    syllables.push(Syllable {
                        at: song.played(s, bar, step, 0.008),
                        n: (0.93 * n_step * len as f64) as usize,
                        stress: if accent { 1.2 } else { 0.85 },
                        bend: [high, high - 0.7 * self.rapper.melody],
                    });
                }
                step += len;
            }
        }
        let mut track = canvas.track();
        self.rapper.say(s, &syllables, rate, &mut track);
        canvas.add(0, &track, Place::new(0.42 * self.rap, 0.0, 0.08));
    }
}
