//! Somebody talks.

use crate::clips::canvas::{Canvas, Place};
use crate::clips::filter::Sweep;
use crate::clips::oscillator::Wave;
use crate::clips::song::{DORIAN, MAJOR, MINOR, Song};
use crate::clips::voice::{Speaker, Syllable};
use crate::stream::Stream;

/// A speaker, now and then two, and what is heard behind them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    speaker: Speaker,
    guest: Option<Speaker>,
    /// Syllables a second.
    pace: f64,
    /// Seconds of a pause between phrases.
    pause_s: f64,
    /// Syllables of a phrase.
    phrase: f64,
    music: f64,
    room: f64,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        Self {
            speaker: Speaker::draw(s),
            guest: s.chance(0.2).then(|| Speaker::draw(s)),
            pace: s.between(3.6, 6.4),
            pause_s: s.log_normal(0.4, 0.4),
            phrase: s.log_normal(11.0, 0.35),
            music: if s.chance(0.3) { s.between(0.01, 0.05) } else { 0.0 },
            room: s.between(0.02, 0.3),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let mut canvas = Canvas::new(n, rate);
        let mut tracks = [canvas.track(), canvas.track()];
        let mut at = -s.between(0.0, 1.5);
        let mut turn = 0;
        while at * rate < n as f64 {
            let (phrase, until) = self.phrase(s, at, rate);
            let speaker = match &self.guest {
                Some(guest) if turn == 1 => guest,
                _ => &self.speaker,
            };
            speaker.say(s, &phrase, rate, &mut tracks[turn]);
            at = until + self.pause_s * s.log_normal(1.0, 0.5);
            if self.guest.is_some() && s.chance(0.4) {
                turn = 1 - turn;
            }
        }
        let pan = 0.1 * s.normal();
        canvas.add(0, &tracks[0], Place::new(0.8, pan, self.room));
        if self.guest.is_some() {
            canvas.add(0, &tracks[1], Place::new(0.8, pan + 0.3, self.room));
        }
        if self.music > 0.0 {
            self.background(s, &mut canvas);
        }
        canvas
    }

    /// The syllables of a phrase that begins at `at` seconds, and the second in which it ends.
    fn phrase(&self, s: &mut Stream, mut at: f64, rate: f64) -> (Vec<Syllable>, f64) {
        let n = (self.phrase * s.log_normal(1.0, 0.5)).clamp(2.0, 40.0) as usize;
        let melody = self.speaker.melody;
        let rises = s.chance(0.2);
        let mut syllables = Vec::with_capacity(n);
        for i in 0..n {
            let share = i as f64 / n as f64;
            let stressed = s.chance(0.35);
            let length = s.log_normal(1.0 / self.pace, 0.28)
                * if stressed { 1.25 } else { 0.9 }
                * if i + 1 == n { 1.5 } else { 1.0 };
            // The pitch falls through a phrase, jumps on stresses, and rises at the end of a question.
            let line = melody * (0.6 - 1.2 * share) + if stressed { 0.7 * melody } else { 0.0 };
            let end = match i + 1 == n {
                true if rises => line + 1.5 * melody,
                true => line - 0.8 * melody,
                false => line - 0.2 * melody,
            };
            syllables.push(Syllable {
                at: (at * rate) as i64,
                n: (length * rate) as usize,
                stress: s.between(0.7, 1.0) * if stressed { 1.3 } else { 0.9 } * (1.1 - 0.3 * share),
                bend: [line, end],
            });
            at += length;
            // Words are a little apart.
            if s.chance(0.12) {
                at += s.between(0.03, 0.12);
            }
        }
        (syllables, at)
    }

    /// Soft chords.
    fn background(&self, s: &mut Stream, canvas: &mut Canvas) {
        let (n, rate) = (canvas.n_frames(), canvas.rate);
        let bpm = s.between(60.0, 90.0);
        let song = Song::draw(s, n, rate, bpm, &[MAJOR, MINOR, DORIAN]);
        let n_bar = (song.bar_s() * rate) as usize + 4_000;
        let mut note = vec![0f32; n_bar];
        for bar in 0..song.n_bars() {
            note.fill(0.0);
            for third in 0..3 {
                let mut wave = Wave::saw(song.hz(song.chord(bar) + 2 * third, 0), rate, s.uniform());
                note.iter_mut().for_each(|x| *x += wave.next());
            }
            let mut soft = Sweep::new(700.0, 0.1, rate);
            for (i, x) in note.iter_mut().enumerate() {
                let edge = (i.min(n_bar - i) as f32 * (1.0 / 4_000.0)).min(1.0);
                *x = edge * soft.low(*x);
            }
            canvas.add(song.step(bar, 0), &note, Place::new(self.music, 0.0, 0.5));
        }
    }
}
