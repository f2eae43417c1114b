//! Patterns of a few notes that rise, or fall: the same sounds in both, so that only the order of events tells them apart.
//!
//! Every note is dry, quiet at both of its ends and the same backwards as forwards, and so a piece that falls is the one that rises
//! turned around, pattern by pattern. What is summed up over time (mean, spread, any moment of a descriptor) cannot tell them
//! apart; what hears two notes one after the other can.

use crate::clips::canvas::{Canvas, Place};
use crate::clips::song::hz;
use crate::stream::Stream;

/// Semitones between neighbours of a pattern, at least and at most.
const STEPS: [usize; 2] = [3, 5];

/// What an artist has whatever the piece.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    /// Whether the patterns rise.
    rises: bool,
    /// Notes of a pattern.
    n_notes: usize,
    /// Seconds from note to note, and between patterns.
    slot_s: f64,
    rest_s: f64,
    /// Share of a slot that sounds.
    length: f64,
    /// MIDI number that the lowest notes are near.
    low: f64,
    /// Amplitude of each harmonic, of the one before.
    bright: f64,
}

/// A note of a piece.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Event {
    /// The frame of its middle.
    at: usize,
    /// Pitch in Hz.
    hz: f64,
    /// Amplitude.
    gain: f64,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream, rises: bool) -> Self {
        Self {
            rises,
            n_notes: 3 + s.below(2),
            slot_s: s.between(0.11, 0.19),
            rest_s: s.between(0.22, 0.4),
            length: s.between(0.6, 0.85),
            low: s.between(55.0, 67.0),
            bright: s.between(0.25, 0.65),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let mut canvas = Canvas::new(n, rate);
        let half = (0.5 * self.length * self.slot_s * rate) as usize;
        for event in self.events(s, n, rate) {
            let sound = self.sound(event.hz, half, rate);
            canvas.add(
                event.at as i64 - half as i64,
                &sound,
                Place::new(event.gain, 0.0, 0.0),
            );
        }
        canvas
    }

    /// The notes, pattern after pattern. Rising and falling draw the same: the order within a pattern is all that differs.
    fn events(&self, s: &mut Stream, n: usize, rate: f64) -> Vec<Event> {
        let slot = (self.slot_s * rate) as usize;
        let mut events = Vec::new();
        let mut at = (s.between(0.0, 0.1) * rate) as usize;
        loop {
            let mut note = self.low + s.between(0.0, 5.0);
            let mut pattern: Vec<(f64, f64)> = (0..self.n_notes)
                .map(|_| {
                    let this = (hz(note), s.between(0.7, 1.0));
                    note += (STEPS[0] + s.below(STEPS[1] - STEPS[0] + 1)) as f64;
                    this
                })
                .collect();
            if !self.rises {
                pattern.reverse();
            }
            if at + self.n_notes * slot > n {
                return events;
            }
            for (hz, gain) in pattern {
                events.push(Event {
                    at: at + slot / 2,
                    hz,
                    gain,
                });
                at += slot;
            }
            at += (self.rest_s * s.between(0.8, 1.25) * rate) as usize;
        }
    }

    /// Harmonics in phase at the middle, under half a period of a cosine, squared.
    fn sound(&self, hz: f64, half: usize, rate: f64) -> Vec<f32> {
        let n_harmonics = ((0.4 * rate / hz) as usize).clamp(1, 8);
        (0..=2 * half)
            .map(|i| {
                let t = (i as f64 - half as f64) / rate;
                let envelope = (std::f64::consts::FRAC_PI_2 * t * rate / half.max(1) as f64)
                    .cos()
                    .powi(2);
                let mut amplitude = 0.5;
                let mut sum = 0.0;
                for k in 1..=n_harmonics {
                    sum += amplitude * (std::f64::consts::TAU * hz * k as f64 * t).cos();
                    amplitude *= self.bright;
                }
                (envelope * sum) as f32
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stream::Domain;

    fn stream(index: u64) -> Stream {
        Stream::new(3, Domain::Clip, index)
    }

    #[test]
    fn rising_and_falling_pieces_are_the_same_events_in_another_order() {
        for index in 0..20 {
            let up = Band::draw(&mut stream(index), true);
            let down = Band {
                rises: false,
                ..up.clone()
            };
            assert_eq!(down, Band::draw(&mut stream(index), false));
            let of = |band: &Band| band.events(&mut stream(100 + index), 80_000, 16_000.0);
            let (rising, falling) = (of(&up), of(&down));
            assert!(rising.len() >= 9, "{}", rising.len());
            // The same times, the same multiset of sounds, and each pattern turned around.
            let times = |events: &[Event]| events.iter().map(|e| e.at).collect::<Vec<_>>();
            assert_eq!(times(&rising), times(&falling));
            let sounds = |events: &[Event]| {
                let mut all: Vec<(f64, f64)> = events.iter().map(|e| (e.hz, e.gain)).collect();
                all.sort_by(|a, b| a.partial_cmp(b).unwrap());
                all
            };
            assert_eq!(sounds(&rising), sounds(&falling));
            for (a, b) in rising.chunks(up.n_notes).zip(falling.chunks(up.n_notes)) {
                assert!(a.windows(2).all(|pair| pair[0].hz < pair[1].hz));
                assert!(
                    a.iter()
                        .rev()
                        .zip(b)
                        .all(|(a, b)| (a.hz, a.gain) == (b.hz, b.gain))
                );
            }
        }
    }

    #[test]
    fn a_note_is_the_same_backwards_and_quiet_at_its_ends() {
        let band = Band::draw(&mut stream(0), true);
        let sound = band.sound(330.0, 700, 16_000.0);
        let backwards: Vec<f32> = sound.iter().rev().copied().collect();
        let same = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
        assert!(sound.iter().zip(&backwards).all(same));
        assert!(sound[0].abs() < 1e-6 && sound[700] > 0.5);
    }
}
