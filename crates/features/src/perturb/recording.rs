//! A recording, changed, as a WAV file in memory.

use std::io::{Read, Seek};
use std::path::Path;

use super::codec::{resampled, round_trip};
use super::kind::{Change, ChangeKind};
use super::{filters, noise};
use crate::audio::decode::Decoder;
use crate::audio::limits::Limits;
use crate::error::{Error, Result};
use crate::extractor::files::reopened;

/// The largest sample of a file of 16 bits.
const FULL_SCALE: f64 = 32_767.0 / 32_768.0;

/// Bytes of a header.
const N_HEADER: u32 = 44;

impl Change {
    /// The mono mix of samples at `sample_rate` Hz, changed. But for the gain, which clips as a file would, what would leave full scale by the
    /// change is turned down.
    ///
    /// # Errors
    /// [`Error::Panicked`] where a codec refuses.
    pub fn apply(&self, samples: &[f32], sample_rate: u32) -> Result<Vec<f32>> {
        let rate = f64::from(sample_rate);
        let double = || samples.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let single = |x: Vec<f64>| x.into_iter().map(|x| x as f32).collect::<Vec<f32>>();
        let mut out = match self.kind {
            ChangeKind::None => samples.to_vec(),
            ChangeKind::Gain => {
                let gain = 10f64.powf(self.strength / 20.0);
                return Ok(single(double().into_iter().map(|x| gain * x).collect()));
            }
            ChangeKind::Eq => {
                let mut x = double();
                filters::tilt(&mut x, rate, self.strength);
                single(x)
            }
            ChangeKind::Lowpass => single(filters::low_pass(double(), rate, self.strength)),
            ChangeKind::Noise => {
                let mut x = double();
                noise::add(&mut x, self.strength, noise::seed_of(samples, self.seed));
                single(x)
            }
            ChangeKind::Resample if self.strength < rate => {
                let between = self.strength as u32;
                let mut x = resampled(&resampled(samples, sample_rate, between), between, sample_rate);
                x.resize(samples.len(), 0.0);
                x
            }
            ChangeKind::Resample => samples.to_vec(),
            ChangeKind::Excerpt => {
                let n = ((samples.len() as f64 * self.strength).round() as usize).min(samples.len());
                let start = (samples.len() - n) / 2;
                samples[start..start + n].to_vec()
            }
            ChangeKind::Codec => round_trip(samples, sample_rate, self.strength)?,
        };
        let peak = |x: &[f32]| x.iter().fold(0.0, |peak: f64, &x| peak.max(f64::from(x).abs()));
        let (before, after) = (peak(samples), peak(&out));
        if after > FULL_SCALE.max(before) {
            let scale = FULL_SCALE.max(before) / after;
            out.iter_mut().for_each(|x| *x = (f64::from(*x) * scale) as f32);
        }
        Ok(out)
    }

    /// A file, changed: a WAV file of one channel at the file's rate.
    ///
    /// # Errors
    /// [`Error::File`] around the reason, as for [`Extractor::extract_path`](crate::Extractor::extract_path).
    pub fn of_path(&self, path: &Path, limits: &Limits) -> Result<Vec<u8>> {
        Decoder::open(path, limits)
            .and_then(|decoder| self.of_decoder(decoder, limits))
            .map_err(|e| e.in_file(path))
    }

    /// The same of audio bytes.
    ///
    /// # Errors
    /// As [`Self::of_path`], without a path.
    pub fn of_reader(&self, reader: impl Read + Seek + Send, limits: &Limits) -> Result<Vec<u8>> {
        reopened(reader, limits, |open| self.of_decoder(open()?, limits))
    }

    fn of_decoder(&self, mut decoder: Decoder<'_>, limits: &Limits) -> Result<Vec<u8>> {
        let mut samples = Vec::new();
        while decoder.next_samples(&mut samples)? {}
        let Some(info) = decoder.info() else {
            return Err(Error::NoAudio {
                n_bad_packets: 0,
                reason: "there are no samples".to_owned(),
            });
        };
        limits.check_lost(&info)?;
        wav(&self.apply(&samples, info.sample_rate)?, info.sample_rate)
    }
}

/// Single-precision samples of one channel as a WAV file.
fn wav(samples: &[f32], sample_rate: u32) -> Result<Vec<u8>> {
    let too_many = || Error::TooManySamples {
        limit: u64::from((u32::MAX - N_HEADER) / 4),
    };
    let n_bytes = samples.len().checked_mul(4).ok_or_else(too_many)?;
    let n_bytes = u32::try_from(n_bytes)
        .ok()
        .filter(|n| *n <= u32::MAX - N_HEADER)
        .ok_or_else(too_many)?;
    let mut out = Vec::with_capacity(N_HEADER as usize + n_bytes as usize);
    out.extend(b"RIFF");
    out.extend((N_HEADER - 8 + n_bytes).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0");
    // Floating point, one channel.
    out.extend([3, 0, 1, 0]);
    out.extend(sample_rate.to_le_bytes());
    out.extend((4 * sample_rate).to_le_bytes());
    out.extend([4, 0, 32, 0]);
    out.extend(b"data");
    out.extend(n_bytes.to_le_bytes());
    out.extend(samples.iter().flat_map(|x| x.to_le_bytes()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Cursor;

    use super::*;
    use crate::{Extractor, Recipe};

    fn change(kind: ChangeKind, strength: f64) -> Change {
        Change::new(kind, strength, 5).unwrap()
    }

    /// A chord that swells, in steps of 16 bits, for four seconds.
    fn chord(rate: u32) -> Vec<f32> {
        (0..4 * rate)
            .map(|i| {
                let t = i as f32 / rate as f32;
                let tones = [196.0f32, 246.9, 293.7, 3100.0].map(|f| (std::f32::consts::TAU * f * t).sin());
                let x = 0.2 * (0.5 + 0.1 * t) * tones.iter().sum::<f32>();
                (x * 32_768.0).round() / 32_768.0
            })
            .collect()
    }

    #[test]
    fn a_recording_that_is_not_changed_has_the_same_features_bit_by_bit() {
        let extractor = Extractor::new(Recipe::Fma);
        let x = chord(22_050);
        let file = wav(&x, 22_050).unwrap();
        let limits = Limits::default();
        let again = change(ChangeKind::None, 0.0)
            .of_reader(Cursor::new(&file), &limits)
            .unwrap();
        assert_eq!(again, file);
        let of_samples = extractor.extract_samples(&x, 22_050).unwrap();
        let of_file = extractor.extract_reader(Cursor::new(&again)).unwrap();
        assert_eq!(of_samples.values(), of_file.values());
    }

    #[test]
    fn each_change_changes_what_it_should() {
        let x = chord(22_050);
        let power = |x: &[f32]| x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        for kind in ChangeKind::ALL {
            for &strength in kind.strengths() {
                let change = change(kind, strength);
                let y = change.apply(&x, 22_050).unwrap();
                assert_eq!(y, change.apply(&x, 22_050).unwrap(), "{change}");
                let same = kind == ChangeKind::None || change.to_string().starts_with("resample:22050");
                assert_eq!(y == x, same, "{change}");
                let n = match kind {
                    ChangeKind::Excerpt => (x.len() as f64 * strength) as usize,
                    _ => x.len(),
                };
                assert_eq!(y.len(), n, "{change}");
            }
        }
        let soft = change(ChangeKind::Gain, -6.0).apply(&x, 22_050).unwrap();
        assert!((10.0 * (power(&soft) / power(&x)).log10() + 6.0).abs() < 1e-5);
        let half = change(ChangeKind::Excerpt, 0.5).apply(&x, 22_050).unwrap();
        assert_eq!(half, x[22_050..3 * 22_050]);
        // Gain clips; others turn down.
        let loud = change(ChangeKind::Gain, 20.0).apply(&x, 22_050).unwrap();
        assert!(loud.iter().any(|x| x.abs() > 1.0));
        let full: Vec<f32> = x.iter().map(|x| x * 1.4).collect();
        let bass = change(ChangeKind::Eq, 20.0).apply(&full, 22_050).unwrap();
        let peak = bass.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        assert!((0.99..1.0).contains(&peak), "{peak}");
    }

    #[test]
    fn files_that_cannot_be_read_are_told_of_with_their_name() {
        let none = change(ChangeKind::None, 0.0);
        let missing = none
            .of_path(Path::new("nowhere.wav"), &Limits::default())
            .unwrap_err();
        assert!(missing.to_string().starts_with("nowhere.wav: "), "{missing}");
        assert!(
            none.of_reader(Cursor::new(b"no audio"), &Limits::default())
                .is_err()
        );
        let short = Limits::default().max_duration_s(1.0);
        let file = wav(&chord(22_050), 22_050).unwrap();
        assert!(none.of_reader(Cursor::new(&file), &short).is_err());
    }
}
