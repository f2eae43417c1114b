//! Draws the mel spectrogram of an audio file, with chroma below it, as a PNG.
//!
//! ```sh
//! cargo run --release -p cratedigger-features --example spectrogram -- song.mp3 song.png
//! ```

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;

use cratedigger_features::{Extractor, Family, Recipe};

/// Pixels for each mel band, for each chroma row, and between the two.
const BAND: usize = 3;
const CHROMA: usize = 12;
const GAP: usize = 8;

/// Widest picture; longer recordings show the largest value of several frames.
const MAX_WIDTH: usize = 1600;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = args.as_slice() else {
        return Err("usage: spectrogram AUDIO OUT.png".into());
    };
    let extractor = Extractor::new(Recipe::Fma);
    let mel = extractor.mel_spectrogram(input)?;
    let frames = extractor.frames_path(input)?;
    let chroma = frames.family(Family::ChromaCqt);

    let n_frames = mel.n_frames();
    let step = n_frames.div_ceil(MAX_WIDTH).max(1);
    let width = n_frames.div_ceil(step);
    let height = mel.db.len() * BAND + GAP + chroma.len() * CHROMA;
    let mut pixels = vec![0u8; width * height * 3];
    let mut put = |x: usize, y: usize, value: f64| {
        pixels[3 * (y * width + x)..][..3].copy_from_slice(&colour(value));
    };
    let loudest = mel.db.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
    for (band, row) in mel.db.iter().rev().enumerate() {
        for (x, part) in row.chunks(step).enumerate() {
            let db = part.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            (0..BAND).for_each(|i| put(x, band * BAND + i, f64::from(1.0 + (db - loudest) / 80.0)));
        }
    }
    for (class, row) in chroma.iter().rev().enumerate() {
        for (x, part) in row.chunks(step).enumerate().take(width) {
            let value = part.iter().copied().fold(0.0, f64::max);
            (0..CHROMA).for_each(|i| put(x, mel.db.len() * BAND + GAP + class * CHROMA + i, value));
        }
    }

    let mut png = png::Encoder::new(BufWriter::new(File::create(output)?), width as u32, height as u32);
    png.set_color(png::ColorType::Rgb);
    png.set_depth(png::BitDepth::Eight);
    png.write_header()?.write_image_data(&pixels)?;
    println!(
        "{output}: {width} x {height}, {:.2} s, mel bands 0 to {} Hz (top), C to B (bottom), tuning {:+.2} semitones",
        frames.info().duration_s(),
        mel.sample_rate / 2,
        frames.tuning()
    );
    Ok(())
}

/// Black, purple, orange, white for 0 to 1.
fn colour(value: f64) -> [u8; 3] {
    const STOPS: [[f64; 3]; 4] = [
        [0.0, 0.0, 0.0],
        [100.0, 20.0, 120.0],
        [250.0, 140.0, 40.0],
        [255.0, 255.0, 240.0],
    ];
    let v = value.clamp(0.0, 1.0) * 3.0;
    let i = (v as usize).min(2);
    std::array::from_fn(|c| (STOPS[i][c] + (STOPS[i + 1][c] - STOPS[i][c]) * (v - i as f64)).round() as u8)
}
