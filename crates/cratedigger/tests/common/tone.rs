//! Recordings that are told apart by their sound and their length.

/// A mono WAV file of `n` samples at 22,050 Hz, with a tone of its own.
pub(crate) fn tone(number: u32, n: u32) -> Vec<u8> {
    let rate = 22_050_u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 2 * n).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate.to_le_bytes());
    bytes.extend((2 * rate).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((2 * n).to_le_bytes());
    let f = 100.0 + 30.0 * f64::from(number);
    for i in 0..n {
        let t = f64::from(i) / f64::from(rate);
        let x = (std::f64::consts::TAU * f * t).sin() + 0.3 * (std::f64::consts::TAU * 3.01 * f * t).sin();
        bytes.extend(((x * 9000.0) as i16).to_le_bytes());
    }
    bytes
}
