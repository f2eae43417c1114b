//! What a piece is written in: key, scale, chords, and the time of every sixteenth.

use crate::stream::Stream;

/// Seven notes of an octave, in semitones above the key note.
pub(super) type Scale = [i32; 7];

/// The scales that pieces are in.
pub(super) const MAJOR: Scale = [0, 2, 4, 5, 7, 9, 11];
pub(super) const MINOR: Scale = [0, 2, 3, 5, 7, 8, 10];
pub(super) const DORIAN: Scale = [0, 2, 3, 5, 7, 9, 10];
pub(super) const MIXOLYDIAN: Scale = [0, 2, 4, 5, 7, 9, 10];
pub(super) const PHRYGIAN: Scale = [0, 1, 3, 5, 7, 8, 10];
pub(super) const HARMONIC_MINOR: Scale = [0, 2, 3, 5, 7, 8, 11];

/// Chord roots as steps of the scale, one a bar.
const PROGRESSIONS: [[i32; 4]; 10] = [
    [0, 4, 5, 3],
    [0, 5, 3, 4],
    [0, 3, 4, 3],
    [5, 3, 0, 4],
    [0, 6, 5, 4],
    [0, 2, 3, 4],
    [1, 4, 0, 5],
    [0, 0, 3, 3],
    [0, 5, 1, 4],
    [0, 6, 3, 0],
];

/// The frequency of a MIDI note number, tuned to 440 Hz.
pub(super) fn hz(note: f64) -> f64 {
    440.0 * ((note - 69.0) / 12.0).exp2()
}

/// The written side of a piece.
#[derive(Clone, Debug)]
pub(super) struct Song {
    /// Sample rate in Hz.
    pub(super) rate: f64,
    /// Length in frames.
    pub(super) n: usize,
    /// Quarter notes a minute.
    pub(super) bpm: f64,
    /// Beats of a bar.
    pub(super) n_beats: usize,
    /// MIDI number of the key note in the octave below middle C, and the tuning of the instruments in it.
    pub(super) key: f64,
    /// The scale above it.
    pub(super) scale: Scale,
    /// Chord roots as steps of the scale, bar by bar, again and again.
    pub(super) chords: [i32; 4],
    /// How late every second sixteenth is, as a share of a sixteenth.
    pub(super) swing: f64,
    /// How far into the first bar the recording begins, in seconds.
    pub(super) offset_s: f64,
}

impl Song {
    /// A piece of `n` frames at `bpm` in one of `scales`: key, chords and beginning are drawn.
    pub(super) fn draw(s: &mut Stream, n: usize, rate: f64, bpm: f64, scales: &[Scale]) -> Self {
        let mut song = Self {
            rate,
            n,
            bpm,
            n_beats: 4,
            key: 48.0 + s.below(12) as f64 + 0.08 * s.normal(),
            scale: s.pick(scales),
            chords: s.pick(&PROGRESSIONS),
            swing: 0.0,
            offset_s: 0.0,
        };
        song.offset_s = s.uniform() * song.bar_s();
        song
    }

    /// Seconds of a beat.
    pub(super) fn beat_s(&self) -> f64 {
        60.0 / self.bpm
    }

    /// Seconds of a bar.
    pub(super) fn bar_s(&self) -> f64 {
        self.beat_s() * self.n_beats as f64
    }

    /// Bars that are heard, the first and the last in part.
    pub(super) fn n_bars(&self) -> usize {
        ((self.n as f64 / self.rate + self.offset_s) / self.bar_s()).ceil() as usize
    }

    /// The frame of a time in beats from the beginning of a bar.
    pub(super) fn at(&self, bar: usize, beats: f64) -> i64 {
        let seconds = bar as f64 * self.bar_s() + beats * self.beat_s() - self.offset_s;
        (seconds * self.rate).floor() as i64
    }

    /// The frame of a sixteenth of a bar, swung.
    pub(super) fn step(&self, bar: usize, step: usize) -> i64 {
        let late = if step % 2 == 1 { self.swing } else { 0.0 };
        self.at(bar, (step as f64 + late) * 0.25)
    }

    /// The frame of a sixteenth, as a player hits it who is `loose_s` seconds off now and then.
    pub(super) fn played(&self, s: &mut Stream, bar: usize, step: usize, loose_s: f64) -> i64 {
        self.step(bar, step) + (s.normal() * loose_s * self.rate) as i64
    }

    /// The root of a bar's chord, as a step of the scale.
    pub(super) fn chord(&self, bar: usize) -> i32 {
        self.chords[bar % self.chords.len()]
    }

    /// The MIDI number of a step of the scale; steps below 0 and above 6 lie in other octaves.
    pub(super) fn note(&self, step: i32) -> f64 {
        let octave = step.div_euclid(7);
        self.key + f64::from(12 * octave + self.scale[step.rem_euclid(7) as usize])
    }

    /// The frequency of a step of the scale, `octaves` higher.
    pub(super) fn hz(&self, step: i32, octaves: i32) -> f64 {
        hz(self.note(step) + f64::from(12 * octaves))
    }
}

/// A melody that walks up and down the scale and leaps now and then; chord notes on strong beats.
pub(super) struct Melody {
    step: i32,
    low: i32,
    high: i32,
}

impl Melody {
    /// Between two steps of the scale.
    pub(super) fn new(low: i32, high: i32) -> Self {
        Self {
            step: (low + high) / 2,
            low,
            high,
        }
    }

    /// The next step over a chord on `root`.
    pub(super) fn next(&mut self, s: &mut Stream, root: i32, strong: bool) -> i32 {
        let by = [-4, -2, -1, -1, 1, 1, 2, 4][s.below(8)];
        let mut to = self.step + by;
        if strong {
            // The nearest note of the triad.
            let off = (to - root).rem_euclid(7);
            to += [0, -1, 0, 1, 0, -1, 1][off as usize];
        }
        if to < self.low {
            to += 2 * ((self.low - to + 1) / 2 + 1);
        }
        if to > self.high {
            to -= 2 * ((to - self.high + 1) / 2 + 1);
        }
        self.step = to;
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Domain;

    #[test]
    fn notes_of_a_scale_and_the_time_of_a_step() {
        let song = Song {
            rate: 1_000.0,
            n: 5_000,
            bpm: 120.0,
            n_beats: 4,
            key: 57.0,
            scale: MINOR,
            chords: [0, 5, 3, 4],
            swing: 0.5,
            offset_s: 0.5,
        };
        assert_eq!(song.hz(0, 1), 440.0);
        assert_eq!(song.note(7), 69.0);
        assert_eq!(song.note(-1), 55.0);
        assert_eq!(song.note(9), 72.0);
        // 5 s and the half second before them, of bars of 2 s.
        assert_eq!(song.n_bars(), 3);
        assert_eq!(song.step(1, 4), 2_000);
        assert_eq!(song.step(0, 1), -500 + 187);
    }

    #[test]
    fn melodies_stay_in_range_and_on_chords() {
        let mut s = Stream::new(1, Domain::World, 5);
        let mut melody = Melody::new(3, 14);
        let mut seen = std::collections::BTreeSet::new();
        for i in 0..2_000 {
            let step = melody.next(&mut s, i % 7, false);
            assert!((1..=16).contains(&step), "{step}");
            seen.insert(step);
        }
        assert!(seen.len() > 9);
        for root in 0..7 {
            let step = Melody::new(-50, 50).next(&mut s, root, true);
            assert!([0, 2, 4].contains(&(step - root).rem_euclid(7)), "{step}");
        }
    }
}
