//! Decimal text to numbers, exactly.

/// The double nearest to a decimal text, ties to even: what Python's `float()` gives.
///
/// Spaces around the number are skipped, as by pandas. `inf` and `infinity` are taken in any case; a text that means
/// not-a-number is none (those that pandas reads as missing are handled before).
pub(crate) fn float(cell: &[u8]) -> Option<f64> {
    if let Some((value, end)) = decimal(cell, 0)
        && end == cell.len()
    {
        return Some(value);
    }
    let text = std::str::from_utf8(cell.trim_ascii()).ok()?;
    text.parse::<f64>().ok().filter(|v| !v.is_nan())
}

/// A whole number; `12.0` and `1.2e1` count as whole, as pandas writes them beside missing values.
pub(crate) fn whole(cell: &[u8]) -> Option<i64> {
    let cell = cell.trim_ascii();
    if let Ok(value) = std::str::from_utf8(cell).ok()?.parse::<i64>() {
        return Some(value);
    }
    // Beyond 2^53 a double no longer tells neighbouring whole numbers apart.
    let value = float(cell)?;
    (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64)
}

const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Reads the decimal number that starts at `start`: its value and the position behind it.
///
/// `None` does not mean that there is no number, only that this fast way does not apply: the digits without the point must
/// be at most 2^53 and the power of ten at most 10^22 in size. Both are then exact doubles, so that the one multiplication or
/// division rounds once and gives the nearest double.
/// Source: W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990, section 3.
#[inline]
pub(crate) fn decimal(text: &[u8], start: usize) -> Option<(f64, usize)> {
    let negative = *text.get(start)? == b'-';
    let mut at = start + usize::from(negative);
    let first_digit = at;
    let mut digits: u64 = 0;
    while let Some(d) = digit(text, at) {
        digits = digits.wrapping_mul(10).wrapping_add(d);
        at += 1;
    }
    let mut n_digits = at - first_digit;
    let mut exponent: i32 = 0;
    if text.get(at) == Some(&b'.') {
        at += 1;
        let first_decimal = at;
        if let Some(eight) = eight_digits(text, at) {
            digits = digits.wrapping_mul(100_000_000).wrapping_add(eight);
            at += 8;
        }
        while let Some(d) = digit(text, at) {
            digits = digits.wrapping_mul(10).wrapping_add(d);
            at += 1;
        }
        let n_decimals = at - first_decimal;
        n_digits += n_decimals;
        exponent = -(n_decimals.min(1000) as i32);
    }
    // Up to 19 digits the accumulation above cannot have wrapped.
    if n_digits == 0 || n_digits > 19 || digits > 1 << 53 {
        return None;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        let down = match text.get(at)? {
            b'-' => {
                at += 1;
                true
            }
            b'+' => {
                at += 1;
                false
            }
            _ => false,
        };
        let first = at;
        let mut power: i32 = 0;
        while let Some(d) = digit(text, at) {
            if at - first == 3 {
                return None;
            }
            power = power * 10 + d as i32;
            at += 1;
        }
        if at == first {
            return None;
        }
        exponent += if down { -power } else { power };
    }
    let magnitude = digits as f64;
    let power = *POWERS_OF_TEN.get(exponent.unsigned_abs() as usize)?;
    let value = if exponent < 0 {
        magnitude / power
    } else {
        magnitude * power
    };
    Some((if negative { -value } else { value }, at))
}

#[inline]
fn digit(text: &[u8], at: usize) -> Option<u64> {
    let d = text.get(at)?.wrapping_sub(b'0');
    (d < 10).then_some(u64::from(d))
}

/// The number that eight digits in a row make, all at once.
#[inline]
fn eight_digits(text: &[u8], at: usize) -> Option<u64> {
    let bytes: [u8; 8] = text.get(at..at + 8)?.try_into().ok()?;
    let word = u64::from_le_bytes(bytes);
    // Every byte in 0x30..=0x39: the high nibble is 3, and stays 3 when 6 is added.
    let high = word & 0xF0F0_F0F0_F0F0_F0F0;
    let high_of_sum = word.wrapping_add(0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0;
    if high != 0x3030_3030_3030_3030 || high_of_sum != 0x3030_3030_3030_3030 {
        return None;
    }
    // Pairs of digits, then of pairs, then of quadruples; the first digit is in the lowest byte.
    let pairs = (word & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(1 + (10 << 8)) >> 8 & 0x00FF_00FF_00FF_00FF;
    let quads = pairs.wrapping_mul(1 + (100 << 16)) >> 16 & 0x0000_FFFF_0000_FFFF;
    Some(quads.wrapping_mul(1 + (10_000 << 32)) >> 32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// The standard library parses exactly; it is the reference here.
    fn assert_exact(text: &str) {
        let want: f64 = text.parse().unwrap();
        let got = float(text.as_bytes()).unwrap_or_else(|| panic!("{text} is a number"));
        assert_eq!(got.to_bits(), want.to_bits(), "{text}: {got:e} for {want:e}");
    }

    #[test]
    fn numbers_as_the_dataset_writes_them_are_exact() {
        for text in [
            "0",
            "-0",
            "0.0",
            "-0.0000000000e+00",
            "7.1806526184e+00",
            "-1.9959013462e+00",
            "1.0",
            "165.922",
            "3e-10",
            "40.0583238",
            "-74.4056612",
            "9007199254740992",
            "9007199254740993",
            "9007199254740992e22",
            "1e22",
            "1e23",
            "1e-22",
            "1e-23",
            "123456789012345678",
            "1234567890123456789",
            "12345678901234567890",
            "0.1",
            ".5",
            "5.",
            "1E5",
            "1e+5",
            "2.2250738585072011e-308",
            "5e-324",
            "1.7976931348623157e308",
            "1e309",
            "0.00000000000000000001",
            "12345678",
            "1.12345678",
            "1.1234567",
            "1.123456789",
            "00000000000000000000000001.5",
        ] {
            assert_exact(text);
        }
    }

    #[test]
    fn random_decimals_of_every_length_are_exact() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for _ in 0..200_000 {
            let value = f64::from_bits(rng.random::<u64>());
            if value.is_finite() {
                assert_exact(&format!("{value:e}"));
            }
            let value = rng.random_range(-1e3..1e3);
            assert_exact(&format!("{value:.*e}", rng.random_range(0..20)));
            assert_exact(&format!("{value:.*}", rng.random_range(0..20)));
        }
    }

    #[test]
    fn texts_that_are_no_numbers_are_refused() {
        for text in [
            "", "-", ".", "e5", "1e", "1e+", "1.2.3", "12a", "1 2", "0x10", "1,5", "--1", "NAN", "1_000",
            "１",
        ] {
            assert_eq!(float(text.as_bytes()), None, "{text}");
            assert_eq!(whole(text.as_bytes()), None, "{text}");
        }
        assert_eq!(float(b" 1.5 "), Some(1.5));
        assert_eq!(float(b"-inf"), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn whole_numbers_may_have_a_zero_fraction() {
        for (text, want) in [
            ("12", Some(12)),
            ("-1", Some(-1)),
            ("000002", Some(2)),
            ("256000.0", Some(256_000)),
            ("1.2e1", Some(12)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1.5", None),
            ("1e300", None),
            ("inf", None),
            (" 7 ", Some(7)),
            ("+3", Some(3)),
        ] {
            assert_eq!(whole(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn eight_digits_at_once_are_the_same_as_one_by_one() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        for _ in 0..100_000 {
            let n: u64 = rng.random_range(0..100_000_000);
            assert_eq!(eight_digits(format!("{n:08}").as_bytes(), 0), Some(n));
        }
        for byte in 0..=255u8 {
            for at in 0..8 {
                let mut text = *b"12345678";
                text[at] = byte;
                assert_eq!(
                    eight_digits(&text, 0).is_some(),
                    byte.is_ascii_digit(),
                    "{byte} at {at}"
                );
            }
        }
    }
}
