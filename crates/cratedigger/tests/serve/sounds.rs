//! Clips of three styles that sound clearly different, a model of them, and a file that is long for its size.

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use cratedigger_features::{Extractor, Recipe, columns, write_csv_header, write_csv_row};
use cratedigger_learn::{Dataset, FittedPipeline, Matrix, Method, Model, ModelCard, TrainSet};

pub(crate) const STYLES: [&str; 3] = ["Drone", "Noise", "Pulse"];

const RATE: u32 = 22_050;

/// A clip of a style; the number varies pitch, tempo and noise.
pub(crate) fn clip(style: usize, number: u32, seconds: f64) -> Vec<u8> {
    let n = (seconds * f64::from(RATE)) as usize;
    let mut state = 1 + 2 * number + 1000 * style as u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) * 2.0 - 1.0
    };
    let f = 110.0 * (1.0 + f64::from(number % 7) / 7.0);
    let period = 4000 + 300 * (number as usize % 5);
    let samples = (0..n).map(|i| {
        let t = i as f64 / f64::from(RATE);
        let tone = |k: f64| (std::f64::consts::TAU * f * k * t).sin();
        match style {
            0 => 0.3 * tone(1.0) + 0.2 * tone(1.5) + 0.1 * tone(2.0) + 0.002 * noise(),
            1 => 0.4 * noise(),
            _ => noise() * 0.8 * (-((i % period) as f64) / 250.0).exp() + 0.05 * tone(4.0),
        }
    });
    wav(samples.map(|x| (x * 30_000.0) as i16))
}

/// A mono WAV file.
fn wav(samples: impl ExactSizeIterator<Item = i16>) -> Vec<u8> {
    let n = 2 * samples.len() as u32;
    let mut out = Vec::with_capacity(44 + n as usize);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(36 + n).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend_from_slice(&RATE.to_le_bytes());
    out.extend_from_slice(&(2 * RATE).to_le_bytes());
    out.extend_from_slice(b"\x02\0\x10\0data");
    out.extend_from_slice(&n.to_le_bytes());
    samples.for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
    out
}

static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let extractor = Extractor::new(Recipe::Fma);
    let (mut rows, mut y) = (Vec::new(), Vec::new());
    for style in 0..STYLES.len() {
        for number in 0..8 {
            let features = extractor
                .extract_reader(Cursor::new(clip(style, number, 1.0)))
                .unwrap();
            rows.push(features.values().iter().map(|&v| v as f32).collect::<Vec<f32>>());
            y.push(style);
        }
    }
    let x = Matrix::from_rows(&rows).unwrap();
    let mut data = Dataset::new(x, y, STYLES.map(str::to_owned).to_vec()).unwrap();
    data.feature_names = columns().iter().map(|c| c.name.clone()).collect();
    let train = TrainSet::new(&data.x, &data.y, STYLES.len()).unwrap();
    let classifier = Method::LOGISTIC_REGRESSION.classifier(0);
    let pipeline = FittedPipeline::fit(&*classifier, &train).unwrap();
    let mut card = ModelCard::of(&data);
    card.recipe = Some(Recipe::Fma.version().to_owned());
    Model::new(pipeline, card).unwrap().to_bytes().unwrap()
});

/// A file of features of the clips that the model was trained on: `Drone 3` is the fourth of its style.
pub(crate) fn write_features(path: &Path) {
    let extractor = Extractor::new(Recipe::Fma);
    let mut csv = Vec::new();
    write_csv_header(&mut csv).unwrap();
    for (style, name) in STYLES.iter().enumerate() {
        for number in 0..8 {
            let features = extractor
                .extract_reader(Cursor::new(clip(style, number, 1.0)))
                .unwrap();
            write_csv_row(&mut csv, &format!("{name} {number}"), features.values()).unwrap();
        }
    }
    std::fs::write(path, csv).unwrap();
}

/// The bytes of the model's file.
pub(crate) fn model() -> &'static [u8] {
    &MODEL
}

/// A FLAC file of silence: each frame says 65,535 times the same sample in some 13 bytes.
pub(crate) fn silence(seconds: u32) -> Vec<u8> {
    const BLOCK: u16 = 65_535;
    let rate = 44_100_u32;
    let n_frames = (u64::from(seconds) * u64::from(rate)).div_ceil(u64::from(BLOCK));
    let total = n_frames * u64::from(BLOCK);
    let mut out = b"fLaC\x80\0\0\x22".to_vec();
    out.extend_from_slice(&BLOCK.to_be_bytes());
    out.extend_from_slice(&BLOCK.to_be_bytes());
    out.extend_from_slice(&[0; 6]);
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples
    let packed = u64::from(rate) << 44 | 15 << 36 | total;
    out.extend_from_slice(&packed.to_be_bytes());
    out.extend_from_slice(&[0; 16]);
    for number in 0..n_frames {
        let start = out.len();
        // sync, fixed block size; 16 bits of block size - 1 follow, 44.1 kHz; mono, 16 bits
        out.extend_from_slice(&[0xff, 0xf8, 0x79, 0x08]);
        out.extend_from_slice(&utf8_like(number));
        out.extend_from_slice(&(BLOCK - 1).to_be_bytes());
        out.push(crc(&out[start..], 8, 0x07) as u8);
        // a constant subframe of the value 0
        out.extend_from_slice(&[0, 0, 0]);
        let sum = crc(&out[start..], 16, 0x8005) as u16;
        out.extend_from_slice(&sum.to_be_bytes());
    }
    out
}

fn utf8_like(number: u64) -> Vec<u8> {
    let c = char::from_u32(u32::try_from(number).unwrap()).unwrap();
    c.to_string().into_bytes()
}

fn crc(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let top = 1 << (bits - 1);
    let mask = (1_u32 << bits) - 1;
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u32::from(byte) << (bits - 8)), |crc, _| {
            ((crc << 1) ^ if crc & top != 0 { polynomial } else { 0 }) & mask
        })
    })
}

#[test]
fn the_long_file_is_a_valid_one() {
    let features = Extractor::new(Recipe::Fma)
        .extract_reader(Cursor::new(silence(20)))
        .unwrap();
    assert_eq!(features.info().n_bad_packets, 0);
    assert!((20.0..22.0).contains(&features.info().duration_s()));
    assert!(silence(10 * 3600).len() < 400_000);
}
