//! Numbers of half precision (IEEE 754 binary16, little endian) as bytes, and back.

use half::f16;

/// Appends numbers, rounded to the nearest; beyond what half precision holds (65,504) they become the largest that it does.
pub(super) fn push(values: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(values.iter().flat_map(|&value| halved(value).to_le_bytes()));
}

/// What [`push`] and [`read`] make of a number.
pub(super) fn round(value: f32) -> f32 {
    halved(value).to_f32()
}

fn halved(value: f32) -> f16 {
    f16::from_f32(value.clamp(f16::MIN.to_f32(), f16::MAX.to_f32()))
}

/// Numbers of single precision from twice as many bytes.
///
/// The exponent is moved by a multiplication, which is exact for all finite numbers and fast, since compilers make vector code of it.
/// Bytes that [`push`] does not write (infinite, no number) give large finite numbers.
pub(super) fn read(bytes: &[u8], out: &mut [f32]) {
    // 2^112 is the difference of the two exponents' biases.
    let scale = f32::from_bits((112 + 127) << 23);
    for (pair, value) in bytes.as_chunks::<2>().0.iter().zip(out) {
        let bits = u32::from(u16::from_le_bytes(*pair));
        let size = f32::from_bits((bits & 0x7fff) << 13) * scale;
        *value = f32::from_bits(size.to_bits() | ((bits & 0x8000) << 16));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_finite_numbers_are_read_as_the_library_does() {
        let mut out = [0.0];
        for bits in 0..=u16::MAX {
            let want = f16::from_bits(bits);
            if want.is_finite() {
                read(&bits.to_le_bytes(), &mut out);
                assert_eq!(out[0].to_bits(), want.to_f32().to_bits(), "{bits:04x}");
            }
        }
    }

    #[test]
    fn numbers_are_rounded_to_the_nearest_and_never_infinite() {
        let values = [0.0, -0.0, 1.0, 0.1, 1e-9, 65_519.0, 1e9, -1e9, 3.000_9];
        let mut bytes = Vec::new();
        push(&values, &mut bytes);
        let mut out = [1.0; 9];
        read(&bytes, &mut out);
        assert_eq!(out[..3], [0.0, 0.0, 1.0]);
        assert!(out[1].is_sign_negative());
        assert_eq!(out[5..8], [65_504.0, 65_504.0, -65_504.0]);
        for (value, rounded) in values.iter().zip(out) {
            assert_eq!(rounded, round(*value));
            let lost = (value.clamp(-65_504.0, 65_504.0) - rounded).abs();
            assert!(lost <= value.abs() / 2048.0 + 3e-8, "{value} {rounded}");
        }
    }
}
