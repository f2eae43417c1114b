//! How a recording sounds whatever is played: room, tone, band, noise, loudness.
//!
//! Every style draws from the same distributions, so that none can be told by its loudness or its hiss.

use super::canvas::Canvas;
use super::filter::{Biquad, Room, saturate};
use super::oscillator::Noise;
use crate::stream::Stream;

/// An artist's way of recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Studio {
    /// Highs against lows, in dB.
    tilt_db: f64,
    /// What is below is cut, in Hz.
    low_hz: f64,
    /// What is above is cut, in Hz.
    high_hz: f64,
    /// Noise against the music, in dB.
    noise_db: f64,
    /// 0 bright hiss, 1 rumble.
    noise_dull: f64,
    /// A resonance of the room or the microphone: Hz and dB.
    ring: [f64; 2],
    /// Size of the room, seconds of its reverberation, how dull it is, how loud it is.
    room: [f64; 4],
    /// Mean loudness in dB below full scale.
    loudness_db: f64,
    /// Stereo width.
    width: f64,
}

impl Studio {
    /// Anywhere between a phone and a concert hall.
    pub(super) fn draw(s: &mut Stream) -> Self {
        let high_hz = match s.below(10) {
            0 => s.between(5_500.0, 8_000.0),
            1..=2 => s.between(8_000.0, 12_000.0),
            _ => s.between(14_000.0, 20_000.0),
        };
        Self {
            tilt_db: 2.6 * s.normal(),
            low_hz: s.log_normal(38.0, 0.45),
            high_hz,
            noise_db: s.between(-75.0, -45.0),
            noise_dull: s.uniform(),
            ring: [s.log_normal(700.0, 0.9), 2.5 * s.normal()],
            room: [
                s.between(0.15, 1.0),
                s.log_normal(0.7, 0.5),
                s.between(0.1, 0.7),
                s.log_normal(0.3, 0.5),
            ],
            loudness_db: s.between(-27.0, -14.0),
            width: s.between(0.4, 1.1),
        }
    }

    /// Adds the room and colours the recording; the result is within [-1, 1].
    ///
    /// `dry`: how much of the room a piece asks for is kept, per piece.
    pub(super) fn finish(&self, s: &mut Stream, canvas: Canvas) -> [Vec<f32>; 2] {
        let Canvas {
            rate,
            mut left,
            mut right,
            send,
        } = canvas;
        let [size, t60_s, damping, wet] = self.room;
        let mut room = Room::new(size, t60_s, damping, rate);
        let wet = (wet * s.log_normal(1.0, 0.15)) as f32;
        let width = (0.5 * self.width) as f32;
        for ((l, r), &x) in left.iter_mut().zip(&mut right).zip(&send) {
            let (a, b) = room.next(x + 1e-18);
            let (a, b) = (*l + wet * a, *r + wet * b);
            let (mid, side) = (0.5 * (a + b), width * (a - b));
            (*l, *r) = (mid + side, mid - side);
        }
        let tilt_db = self.tilt_db + 0.7 * s.normal();
        let high_hz = self.high_hz * s.log_normal(1.0, 0.05);
        let level = 10f64.powf((self.noise_db + 1.5 * s.normal()) / 20.0) * rms(&left, &right);
        let seed = s.below(1 << 30) as u32;
        for (k, channel) in [&mut left, &mut right].into_iter().enumerate() {
            let mut noise = Noise::new(seed + 77 * k as u32);
            let mut low = 0f32;
            let (bright, dull) = (
                (level * 1.7 * (1.0 - self.noise_dull)) as f32,
                (level * 25.0 * self.noise_dull) as f32,
            );
            let mut shelf = Biquad::high_shelf(1_100.0, tilt_db, rate);
            let mut ring = Biquad::peak(self.ring[0], 1.4, self.ring[1], rate);
            let mut cut = Biquad::high_pass(self.low_hz, 0.707, rate);
            let mut band = Biquad::low_pass(high_hz, 0.8, rate);
            let mut steeper = Biquad::low_pass(high_hz, 0.6, rate);
            for x in channel.iter_mut() {
                let white = noise.next();
                low += 0.004 * (white - low);
                let y = *x + bright * white + dull * low;
                let y = cut.next(ring.next(shelf.next(y)));
                *x = steeper.next(band.next(y));
            }
        }
        let target = 10f64.powf((self.loudness_db + 1.5 * s.normal()).min(-11.0) / 20.0);
        let mut gain = (target / rms(&left, &right).max(1e-9)) as f32;
        let peak = left.iter().chain(&right).fold(0f32, |m, x| m.max(x.abs()));
        // A limiter holds up to 9 dB back; what peaks even higher is turned down.
        gain = gain.min(2.8 / peak.max(1e-9));
        for x in left.iter_mut().chain(&mut right) {
            *x = limit(gain * *x);
        }
        [left, right]
    }
}

/// Leaves what is below a half alone and bends the rest smoothly below 1.
#[inline]
fn limit(x: f32) -> f32 {
    const KNEE: f32 = 0.5;
    let size = x.abs();
    if size <= KNEE {
        return x;
    }
    let bent = KNEE + (0.98 - KNEE) * saturate((size - KNEE) / (0.98 - KNEE));
    bent.copysign(x)
}

/// Root of the mean square over both channels.
fn rms(left: &[f32], right: &[f32]) -> f64 {
    let sum = |x: &[f32]| {
        // Blocks in single precision, their sums in double.
        x.chunks(64)
            .map(|c| f64::from(c.iter().map(|v| v * v).sum::<f32>()))
            .sum::<f64>()
    };
    ((sum(left) + sum(right)) / (left.len() + right.len()).max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Domain;

    #[test]
    fn recordings_are_as_loud_as_the_studio_likes_and_never_clip() {
        for seed in 0..12 {
            let mut s = Stream::new(seed, Domain::World, 11);
            let studio = Studio::draw(&mut s);
            let mut canvas = Canvas::new(20_000, 22_050.0);
            for (i, x) in canvas.left.iter_mut().enumerate() {
                // Loud spikes now and then.
                let spike = if i % 700 == 0 { 9.0 } else { 1.0 };
                *x = 100.0 * spike * (0.05 * i as f32).sin();
            }
            canvas.right.copy_from_slice(&canvas.left);
            let [left, right] = studio.finish(&mut s, canvas);
            assert!(left.iter().chain(&right).all(|x| x.abs() < 0.985));
            let db = 20.0 * rms(&left, &right).log10();
            assert!((db - studio.loudness_db).abs() < 7.0, "{db} {studio:?}");
        }
    }
}
