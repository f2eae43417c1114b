//! Samples as the bytes of a file, for what takes files only.

/// A WAV file of 32-bit floating-point samples of one channel; none where they are more than such a file can have.
pub(crate) fn wave(samples: &[f32], sample_rate: u32) -> Option<Vec<u8>> {
    let n_bytes = u32::try_from(samples.len()).ok()?.checked_mul(4)?;
    let mut file = Vec::with_capacity(samples.len() * 4 + 44);
    file.extend(b"RIFF");
    file.extend(n_bytes.checked_add(36)?.to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    // IEEE floating point, one channel.
    file.extend(3u16.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend(sample_rate.to_le_bytes());
    file.extend(sample_rate.checked_mul(4)?.to_le_bytes());
    file.extend(4u16.to_le_bytes());
    file.extend(32u16.to_le_bytes());
    file.extend(b"data");
    file.extend(n_bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    Some(file)
}
