//! Coded with loss and decoded again: Opus, whose encoder is pure Rust.

use opus_pure::{Application, MAX_PACKET_BYTES, MAX_PACKET_SAMPLES, OpusDecoder, OpusEncoder, RateControl};

use crate::error::{Error, Result};
use crate::signal::resample::{ResamplePlan, Resampler};

/// Opus works at this rate in Hz.
const RATE: u32 = 48_000;

/// Samples of a packet: 20 ms.
const PACKET: usize = 960;

/// Samples at another rate, both above zero.
pub(super) fn resampled(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to {
        return samples.to_vec();
    }
    let plan = ResamplePlan::new(from, to);
    let (mut resampler, mut out) = (Resampler::default(), Vec::new());
    resampler.start(&plan);
    resampler.push(&plan, samples, &mut out);
    resampler.finish(&plan, &mut out);
    out
}

/// What is left of a recording at so many kbit/s, without the encoder's delay and of the same length.
///
/// # Errors
/// [`Error::Panicked`] where the encoder or the decoder refuses, which would be a bug.
pub(super) fn round_trip(samples: &[f32], rate: u32, kbit_s: f64) -> Result<Vec<f32>> {
    let (coded, _) = coded(&resampled(samples, rate, RATE), kbit_s)?;
    let mut out = resampled(&coded, RATE, rate);
    out.resize(samples.len(), 0.0);
    Ok(out)
}

/// Samples at 48 kHz through the codec, and the number of bytes in between.
fn coded(samples: &[f32], kbit_s: f64) -> Result<(Vec<f32>, usize)> {
    let refused = |error: opus_pure::Error| Error::Panicked {
        message: format!("Opus: {error}"),
    };
    let mut encoder = OpusEncoder::new(RATE as i32, 1, Application::Audio).map_err(refused)?;
    encoder.bitrate_bps = (1000.0 * kbit_s) as i32;
    encoder.rate_control = RateControl::ConstrainedVbr;
    let mut decoder = OpusDecoder::new(RATE as i32, 1).map_err(refused)?;
    let delay = encoder.lookahead();
    let mut packet = vec![0; MAX_PACKET_BYTES];
    let mut decoded = vec![0.0; MAX_PACKET_SAMPLES];
    let (mut out, mut n_bytes) = (Vec::with_capacity(samples.len() + 2 * PACKET), 0);
    let mut input = samples.chunks(PACKET);
    while out.len() < samples.len() + delay {
        let mut frame = input.next().unwrap_or_default().to_vec();
        frame.resize(PACKET, 0.0);
        let n = encoder.encode(&frame, PACKET, &mut packet).map_err(refused)?;
        let n_samples = decoder
            .decode(&packet[..n], MAX_PACKET_SAMPLES, &mut decoded)
            .map_err(refused)?;
        out.extend_from_slice(&decoded[..n_samples.min(MAX_PACKET_SAMPLES)]);
        n_bytes += n;
    }
    out.drain(..delay);
    out.truncate(samples.len());
    Ok((out, n_bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Chords with an attack every half second.
    fn music(rate: u32) -> Vec<f32> {
        let rate = rate as f32;
        (0..(3.0 * rate) as u32)
            .map(|i| {
                let t = i as f32 / rate;
                let fall = (-6.0 * (t % 0.5)).exp();
                let tones = [220.0, 277.2, 329.6, 1760.0, 5000.0];
                let tone = |f: f32| (std::f32::consts::TAU * f * t).sin();
                0.15 * fall * tones.map(tone).iter().sum::<f32>()
            })
            .collect()
    }

    /// Signal to error in dB, between the ends.
    fn snr(want: &[f32], got: &[f32]) -> f32 {
        assert_eq!(want.len(), got.len());
        let (want, got) = (&want[4000..want.len() - 4000], &got[4000..got.len() - 4000]);
        let power = |x: f32, (a, b): (&f32, &f32)| x + (a - b) * (a - b);
        let error = want.iter().zip(got).fold(0.0, power);
        10.0 * (want.iter().map(|x| x * x).sum::<f32>() / error).log10()
    }

    #[test]
    fn more_bits_keep_more_and_nothing_moves() {
        for rate in [22_050, 44_100, 48_000] {
            let x = music(rate);
            let of = |kbit_s| snr(&x, &round_trip(&x, rate, kbit_s).unwrap());
            let (low, high) = (of(12.0), of(96.0));
            // A delay of a few samples would leave next to nothing of a tone of 5 kHz.
            assert!(high > 20.0 && low < high - 6.0, "{rate}: {low} {high}");
        }
        assert!(round_trip(&[], 44_100, 48.0).unwrap().is_empty());
        assert_eq!(round_trip(&[0.5; 10], 8000, 48.0).unwrap().len(), 10);
    }

    #[test]
    fn the_bits_are_about_those_that_were_asked_for() {
        let x = music(48_000);
        for kbit_s in [16.0, 48.0, 96.0] {
            let (_, n_bytes) = coded(&x, kbit_s).unwrap();
            let found = n_bytes as f64 * 8.0 / 1000.0 / 3.0;
            assert!(found > 0.8 * kbit_s && found < 1.2 * kbit_s, "{kbit_s}: {found}");
        }
    }

    #[test]
    fn a_rate_between_takes_what_lies_above_it() {
        let tone = |f: f64| -> Vec<f32> {
            (0..44_100)
                .map(|i| 0.5 * (std::f64::consts::TAU * f * f64::from(i) / 44_100.0).sin())
                .map(|x| x as f32)
                .collect()
        };
        let there_and_back = |x: &[f32]| {
            let mut out = resampled(&resampled(x, 44_100, 11_025), 11_025, 44_100);
            out.resize(x.len(), 0.0);
            out
        };
        assert!(snr(&tone(2000.0), &there_and_back(&tone(2000.0))) > 80.0);
        let gone = there_and_back(&tone(8000.0));
        assert!(gone[4000..40_000].iter().all(|x| x.abs() < 1e-4));
    }
}
