//! Whether two files sound the same, sample by sample.

use std::io::Cursor;

use crate::error::{Context, Result, refuse};
use cratedigger_features::{AudioInfo, Decoder, Limits};

/// Decodes both and compares every sample, the rate, the channels, the length and the number of damaged packets.
///
/// # Errors
/// One of them cannot be decoded, or they differ.
pub(super) fn check_same(old: &[u8], new: &[u8]) -> Result<()> {
    let before = listen(old).context("the audio cannot be decoded")?;
    let after = listen(new).context("the audio could not be decoded with the tag")?;
    if before != after {
        refuse!(
            Tag,
            "the audio would not be the same with the tag, so the file stays as it is"
        );
    }
    Ok(())
}

/// A hash over the bits of the samples, and what was decoded.
fn listen(bytes: &[u8]) -> Result<(blake3::Hash, Option<AudioInfo>)> {
    let limits = Limits::default();
    let mut decoder = Decoder::new(Box::new(Cursor::new(bytes)), &limits)?;
    let mut hasher = blake3::Hasher::new();
    let (mut samples, mut raw) = (Vec::new(), Vec::new());
    while decoder.next_samples(&mut samples)? {
        raw.extend(samples.drain(..).flat_map(f32::to_le_bytes));
        hasher.update(&raw);
        raw.clear();
    }
    Ok((hasher.finalize(), decoder.info()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wav(samples: &[i16]) -> Vec<u8> {
        let n = 2 * samples.len() as u32;
        let mut out = b"RIFF".to_vec();
        out.extend_from_slice(&(36 + n).to_le_bytes());
        out.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data");
        out.extend_from_slice(&n.to_le_bytes());
        samples
            .iter()
            .for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
        out
    }

    #[test]
    fn a_single_bit_of_a_single_sample_is_heard() {
        let samples: Vec<i16> = (0..5000).map(|i| (i * 37 % 2000) as i16).collect();
        let file = wav(&samples);
        check_same(&file, &file).unwrap();
        let mut other = samples.clone();
        other[4321] ^= 1;
        let error = check_same(&file, &wav(&other)).unwrap_err().to_string();
        assert!(error.contains("not be the same"), "{error}");
        assert!(check_same(&file, &wav(&samples[..4999])).is_err());
        assert!(check_same(&file, b"no audio").is_err());
    }
}
