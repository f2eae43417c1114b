//! Decodes files as the extractor does and writes their mono samples (16-bit steps, raw little-endian f32 in [-1, 1]).
//!
//! ```sh
//! cargo run --release -p cratedigger-features --example decode -- OUT_DIR a.mp3 b.m4a
//! ```
//!
//! Prints name, rate, channels, samples, packets that were left out, samples that were lost, that were trimmed, and that the
//! container tells (empty if it does not), one file a line; writes OUT_DIR/NAME.f32. The script `tests/data/compare_ffmpeg.py`
//! compares them with what ffmpeg decodes. The exit code is 1 if a file could not be read.

use std::path::Path;
use std::process::ExitCode;

use cratedigger_features::{AudioInfo, Decoder, Error, Limits};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: decode OUT_DIR FILES")?;
    let mut code = ExitCode::SUCCESS;
    for file in args {
        let path = Path::new(&file);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match decode(path) {
            Ok((samples, info)) => {
                let bytes: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
                std::fs::write(Path::new(&out).join(format!("{name}.f32")), bytes)?;
                println!(
                    "{name},{},{},{},{},{},{},{}",
                    info.sample_rate,
                    info.n_channels,
                    info.n_samples,
                    info.n_bad_packets,
                    info.n_lost,
                    info.n_trimmed,
                    info.n_told.map_or(String::new(), |n| n.to_string())
                );
            }
            Err(e) => {
                eprintln!("{file}: {e}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn decode(path: &Path) -> Result<(Vec<f32>, AudioInfo), Error> {
    let mut decoder = Decoder::open(path, &Limits::default())?;
    let mut samples = Vec::new();
    while decoder.next_samples(&mut samples)? {}
    let info = decoder.info().ok_or_else(|| Error::NoAudio {
        n_bad_packets: 0,
        reason: "there are no samples".to_owned(),
    })?;
    Ok((samples, info))
}
