//! The formula signals of data/make_golden.py, and the comparison of feature tables.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::f64::consts::PI;
use std::path::PathBuf;

use cratedigger_features::{Family, mix_to_mono};

pub mod hostile;
pub mod silence;
#[cfg(feature = "decode")]
pub mod whole;

/// A file of tests/data.
pub fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Noise in [-1, 1) from a linear congruential generator.
pub struct Noise(pub u32);

impl Noise {
    pub fn sample(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0) / 2f64.powi(31) - 1.0
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (((self.sample() + 1.0) / 2.0 * n as f64) as usize).min(n.saturating_sub(1))
    }
}

/// Name, rate, and mono samples, rounded to 16 bits per channel.
pub fn signals() -> Vec<(&'static str, u32, Vec<f32>)> {
    let make = |rate: u32, seconds: f64, f: &mut dyn FnMut(usize, f64) -> f64| -> Vec<f32> {
        (0..(seconds * f64::from(rate)) as usize)
            .map(|i| f(i, i as f64 / f64::from(rate)) as f32)
            .collect()
    };
    let sine = |hz: f64, t: f64| (2.0 * PI * hz * t).sin();
    let saw = |hz: f64, t: f64| {
        (1..9)
            .map(|k| sine(hz * f64::from(k), t) / f64::from(k))
            .sum::<f64>()
    };
    let noisy = |seed: u32| {
        let mut noise = Noise(seed);
        move || noise.sample()
    };
    let (mut n1, mut n7, mut n3, mut n5, mut n9) = (noisy(1), noisy(7), noisy(3), noisy(5), noisy(9));
    let (mut n13, mut n15, mut n17) = (noisy(13), noisy(15), noisy(17));
    let channels: Vec<(&'static str, u32, Vec<Vec<f32>>)> = vec![
        (
            "tone",
            22_050,
            vec![make(22_050, 5.0, &mut |_, t| 0.5 * sine(440.0, t))],
        ),
        (
            "detuned_chord",
            22_050,
            vec![make(22_050, 5.0, &mut |_, t| {
                0.1 * (saw(223.0, t) + saw(281.0, t) + saw(334.1, t))
            })],
        ),
        ("noise", 22_050, vec![make(22_050, 5.0, &mut |_, _| 0.3 * n1())]),
        (
            "chirp",
            22_050,
            vec![make(22_050, 5.0, &mut |_, t| {
                0.5 * (2.0 * PI * (55.0 * t + 0.5 * 900.0 * t * t)).sin()
            })],
        ),
        (
            "pulses",
            22_050,
            vec![make(
                22_050,
                5.0,
                &mut |i, _| if i % 5512 == 0 { 0.9 } else { 0.0 } + 0.001 * n7(),
            )],
        ),
        ("silence", 22_050, vec![make(22_050, 2.0, &mut |_, _| 0.0)]),
        (
            "clipped",
            22_050,
            vec![make(22_050, 5.0, &mut |_, t| {
                (3.0 * sine(110.0, t) + 0.5 * n3()).clamp(-1.0, 1.0)
            })],
        ),
        (
            "stereo_44100",
            44_100,
            vec![
                make(44_100, 4.0, &mut |_, t| 0.4 * sine(330.0, t) + 0.05 * n5()),
                make(44_100, 4.0, &mut |_, t| 0.4 * sine(495.0, t) * (-t).exp()),
            ],
        ),
        (
            "stereo_48000",
            48_000,
            vec![
                make(48_000, 4.0, &mut |_, t| {
                    let s = sine(61.7, t);
                    0.3 * if s == 0.0 { 0.0 } else { s.signum() }
                }),
                make(48_000, 4.0, &mut |_, _| 0.3 * n9()),
            ],
        ),
        (
            "short",
            22_050,
            vec![make(22_050, 6000.0 / 22_050.0, &mut |_, t| 0.5 * sine(1000.0, t))],
        ),
        (
            "rate_32000",
            32_000,
            vec![make(32_000, 1.0, &mut |_, t| 0.4 * sine(261.0, t) + 0.02 * n13())],
        ),
        (
            "rate_96000",
            96_000,
            vec![make(96_000, 1.0, &mut |_, t| 0.4 * sine(262.0, t) + 0.02 * n15())],
        ),
        (
            "rate_9000",
            9_000,
            vec![make(9_000, 1.0, &mut |_, t| {
                0.3 * sine(263.0, t) + 0.3 * sine(500.0, t * (1.0 + t)) + 0.05 * n17()
            })],
        ),
    ];
    channels
        .into_iter()
        .map(|(name, rate, channels)| {
            let mut mono = Vec::new();
            mix_to_mono(&channels, &mut mono);
            (name, rate, mono)
        })
        .collect()
}

/// A table in the dataset's format: column names (`mfcc.mean.01`) and rows.
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<(String, Vec<f64>)>,
}

impl Table {
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(|l| l.split(',').collect::<Vec<_>>());
        let head: Vec<Vec<&str>> = lines.by_ref().take(3).collect();
        let columns = (1..head[0].len())
            .map(|i| format!("{}.{}.{}", head[0][i], head[1][i], head[2][i]))
            .collect();
        let rows = lines
            .skip(1)
            .map(|l| {
                (
                    l[0].to_owned(),
                    l[1..].iter().map(|v| v.parse().unwrap_or(f64::NAN)).collect(),
                )
            })
            .collect();
        Self { columns, rows }
    }

    pub fn load(path: &std::path::Path) -> Self {
        Self::parse(&std::fs::read_to_string(path).unwrap())
    }

    /// The rows whose name passes a test, and the others.
    pub fn split(&self, test: impl Fn(&str) -> bool) -> (Self, Self) {
        let (a, b) = self.rows.iter().cloned().partition(|r| test(&r.0));
        let table = |rows| Self {
            columns: self.columns.clone(),
            rows,
        };
        (table(a), table(b))
    }

    /// The columns of some families.
    pub fn of_families(&self, families: &[Family]) -> Self {
        let names: Vec<String> = families.iter().map(|f| format!("{}.", f.name())).collect();
        let is_in = |c: &String| names.iter().any(|n| c.starts_with(n));
        let keep = |row: &[f64]| {
            let cells = self.columns.iter().zip(row);
            cells.filter(|(c, _)| is_in(c)).map(|(_, v)| *v).collect()
        };
        Self {
            columns: self.columns.iter().filter(|c| is_in(c)).cloned().collect(),
            rows: self
                .rows
                .iter()
                .map(|(id, row)| (id.clone(), keep(row)))
                .collect(),
        }
    }

    /// The largest error in units of each column's standard deviation over the rows of `self`, for all families but
    /// spectral contrast, and for spectral contrast; both must hold the limits. Rows missing in `got` fail.
    pub fn assert_close(&self, got: &Table, limit: f64, contrast_limit: f64) {
        assert_eq!(self.columns, got.columns);
        for (j, column) in self.columns.iter().enumerate() {
            let want: Vec<f64> = self.rows.iter().map(|r| r.1[j]).filter(|v| !v.is_nan()).collect();
            let mean = want.iter().sum::<f64>() / want.len() as f64;
            let mut spread =
                (want.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / want.len() as f64).sqrt();
            if spread < 1e-6 * (1.0 + mean.abs()) {
                spread = 1e-6 + mean.abs();
            }
            let limit = if column.starts_with("spectral_contrast") {
                contrast_limit
            } else {
                limit
            };
            for (id, row) in &self.rows {
                let other = got.rows.iter().find(|r| r.0 == *id);
                let (w, g) = (
                    row[j],
                    other.unwrap_or_else(|| panic!("row {id} is missing")).1[j],
                );
                let close = (w.is_nan() && g.is_nan()) || (g - w).abs() <= limit * spread;
                assert!(
                    close,
                    "{id} {column}: {g} instead of {w} (spread {spread}, limit {limit})"
                );
            }
        }
    }
}
