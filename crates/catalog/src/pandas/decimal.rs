//! Numbers as text, the way pandas writes them.
//!
//! The dataset's `features.csv` was written with C's `%.10e`: 11 significant digits. [`Decimal11`] gives those digits, the
//! same as the C library's correctly rounded ones, several times faster than the general algorithm, and the value that
//! reading them back gives, so that the Parquet files hold what the CSV files hold.

/// `10^k`, exact in double precision for k = 0..=22.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

const PAIRS: &[u8; 200] = b"00010203040506070809101112131415161718192021222324252627282930313233343536373839\
40414243444546474849505152535455565758596061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// A number rounded to 11 significant decimal digits: `mantissa * 10^(exponent - 10)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal11 {
    negative: bool,
    /// 0, or in `10^10..10^11`.
    mantissa: u64,
    /// Of the first digit.
    exponent: i32,
}

impl Decimal11 {
    /// Rounds `x`, which must be finite, half to even on its exact binary value, as C does.
    pub fn of(x: f64) -> Self {
        let negative = x.is_sign_negative();
        let a = x.abs();
        if a == 0.0 {
            return Self {
                negative,
                mantissa: 0,
                exponent: 0,
            };
        }
        // 1e-12 <= a < 1e11: the scaling power is exact and the product off by less than 1e-5.
        if (1e-12..1e11).contains(&a) {
            let mut exponent = decimal_exponent(a);
            let scaled = a * POWERS[(10 - exponent) as usize];
            let floor = scaled.floor();
            let rest = scaled - floor;
            if (rest - 0.5).abs() > 1e-4 {
                let mut mantissa = floor as u64 + u64::from(rest > 0.5);
                if mantissa == 100_000_000_000 {
                    mantissa = 10_000_000_000;
                    exponent += 1;
                }
                if mantissa >= 10_000_000_000 {
                    return Self {
                        negative,
                        mantissa,
                        exponent,
                    };
                }
            }
        }
        Self::general(negative, a)
    }

    /// The standard library's correctly rounded digits, for what the short way cannot decide.
    fn general(negative: bool, a: f64) -> Self {
        let text = format!("{a:.10e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = digits
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |m, d| m * 10 + u64::from(d - b'0'));
        Self {
            negative,
            mantissa,
            exponent: exponent.parse().unwrap_or(0),
        }
    }

    /// The double that reading the digits gives.
    pub fn value(self) -> f64 {
        let m = self.mantissa as f64;
        let k = self.exponent - 10;
        // An exact integer and an exact power of ten: one rounding, so the nearest double.
        let a = match k {
            0..=22 => m * POWERS[k as usize],
            -22..=-1 => m / POWERS[-k as usize],
            _ => format!("{}e{k}", self.mantissa).parse().unwrap_or(0.0),
        };
        if self.negative { -a } else { a }
    }

    /// Appends the digits as `%.10e` does: `-1.2345678901e+02`.
    pub fn write(self, out: &mut Vec<u8>) {
        let mut text = [0u8; 18];
        let mut n = 0;
        if self.negative {
            text[0] = b'-';
            n = 1;
        }
        let mut pair = |at: usize, value: u64| {
            let i = 2 * value as usize;
            text[at..at + 2].copy_from_slice(&PAIRS[i..i + 2]);
        };
        let (high, low) = (self.mantissa / 100_000_000, self.mantissa % 100_000_000);
        pair(n + 2, high % 100);
        pair(n + 4, low / 1_000_000);
        pair(n + 6, low / 10_000 % 100);
        pair(n + 8, low / 100 % 100);
        pair(n + 10, low % 100);
        let exponent = self.exponent.unsigned_abs();
        pair(n + 14, u64::from(exponent % 100));
        text[n] = b'0' + (high / 100) as u8;
        text[n + 1] = b'.';
        text[n + 12] = b'e';
        text[n + 13] = if self.exponent < 0 { b'-' } else { b'+' };
        if exponent >= 100 {
            out.extend_from_slice(&text[..n + 14]);
            push_int(out, i64::from(exponent));
        } else {
            out.extend_from_slice(&text[..n + 16]);
        }
    }
}

/// The exponent of the first decimal digit of `a`, which is in `1e-12..1e11`.
fn decimal_exponent(a: f64) -> i32 {
    let binary = ((a.to_bits() >> 52) as i32) - 1023;
    // floor(binary * log10(2)) is the answer or one less.
    let guess = (binary * 78_913) >> 18;
    let next = guess + 1;
    let reached = if next >= 0 {
        a >= POWERS[next as usize]
    } else {
        a * POWERS[-next as usize] >= 1.0
    };
    if reached { next } else { guess }
}

/// Appends an integer.
pub fn push_int(out: &mut Vec<u8>, value: i64) {
    let mut text = [0u8; 20];
    let mut at = text.len();
    let mut left = value.unsigned_abs();
    loop {
        at -= 1;
        text[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&text[at..]);
}

/// Appends a finite double as Python's `repr` does: the fewest digits that read back to it, a decimal point always, an
/// exponent below 1e-4 and from 1e16.
pub fn push_repr(out: &mut Vec<u8>, value: f64) {
    let a = value.abs();
    if a != 0.0 && !(1e-4..1e16).contains(&a) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
        out.extend_from_slice(format!("{digits}e{sign}{exponent:0>2}").as_bytes());
        return;
    }
    let start = out.len();
    out.extend_from_slice(format!("{value}").as_bytes());
    if !out[start..].contains(&b'.') {
        out.extend_from_slice(b".0");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn text(x: f64) -> String {
        let mut out = Vec::new();
        Decimal11::of(x).write(&mut out);
        String::from_utf8(out).unwrap()
    }

    /// `%.10e` from the standard library's exact digits.
    fn slow(x: f64) -> String {
        let text = format!("{x:.10e}");
        let (digits, exponent) = text.split_once('e').unwrap();
        let exponent: i32 = exponent.parse().unwrap();
        format!(
            "{digits}e{}{:02}",
            if exponent < 0 { '-' } else { '+' },
            exponent.abs()
        )
    }

    #[test]
    fn known_values_are_written_as_c_does() {
        // Expected texts from Python: '%.10e' % x.
        for (x, want) in [
            (7.180652618408203, "7.1806526184e+00"),
            (-0.0762811598, "-7.6281159800e-02"),
            (0.0, "0.0000000000e+00"),
            (-528.7030029296875, "-5.2870300293e+02"),
            (1777.0, "1.7770000000e+03"),
            (99999999999.5, "1.0000000000e+11"),
            (99999999999.95, "1.0000000000e+11"),
            (0.99999999999999, "1.0000000000e+00"),
            (1e300, "1.0000000000e+300"),
            (1e-5, "1.0000000000e-05"),
            (5e-324, "4.9406564584e-324"),
        ] {
            assert_eq!(text(x), want, "{x:?}");
        }
    }

    #[test]
    fn short_way_equals_the_standard_library_and_reads_back() {
        let mut s = ChaCha8Rng::seed_from_u64(11);
        for i in 0..400_000 {
            let mut x = s.random_range(-3.0..3.0) * 10f64.powi(s.random_range(-14..12));
            if i % 7 == 0 {
                // Values that sit on, or next to, a tie of the last digit.
                x = (f64::from(s.random_range(0..1_000_000_000)) + 0.5) / 10f64.powi(s.random_range(0..4));
            }
            let written = text(x);
            assert_eq!(written, slow(x), "{x:e}");
            assert_eq!(
                Decimal11::of(x).value().to_bits(),
                written.parse::<f64>().unwrap().to_bits(),
                "{x:e}"
            );
        }
    }

    #[test]
    fn every_power_of_ten_and_its_neighbours() {
        for k in -20..20 {
            let p: f64 = format!("1e{k}").parse().unwrap();
            for x in [
                p,
                f64::from_bits(p.to_bits() - 1),
                f64::from_bits(p.to_bits() + 1),
            ] {
                assert_eq!(text(x), slow(x), "{x:e}");
            }
        }
    }

    #[test]
    fn repr_is_pythons() {
        // Expected texts from Python: repr(x).
        for (x, want) in [
            (40.0583238, "40.0583238"),
            (2635.0, "2635.0"),
            (0.0, "0.0"),
            (-0.5, "-0.5"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e16, "1e+16"),
            (123456789012345.0, "123456789012345.0"),
        ] {
            let mut out = Vec::new();
            push_repr(&mut out, x);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
        let mut out = Vec::new();
        push_int(&mut out, -1);
        push_int(&mut out, i64::MIN);
        push_int(&mut out, 0);
        assert_eq!(out, b"-1-92233720368547758080");
    }
}
