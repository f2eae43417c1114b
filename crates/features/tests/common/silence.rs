//! The signals of data/make_silence.py: digital silence before, within and behind music, and alone.

use std::f64::consts::PI;

use cratedigger_features::mix_to_mono;

use super::Noise;

/// Rate, and seconds of silence before music, in its middle and behind it.
const CASES: [(u32, [f64; 3]); 16] = [
    (22_050, [0.1, 0.0, 0.0]),
    (22_050, [0.0, 0.6, 0.0]),
    (22_050, [0.0, 0.0, 3.0]),
    (22_050, [0.0, 0.0, 15.0]),
    (32_000, [0.6, 0.0, 0.0]),
    (32_000, [0.0, 3.0, 0.0]),
    (32_000, [0.0, 0.0, 0.1]),
    (44_100, [3.0, 0.0, 0.0]),
    (44_100, [0.0, 1.0, 0.0]),
    (44_100, [0.0, 0.0, 0.6]),
    (44_100, [0.0, 15.0, 0.0]),
    (44_100, [0.7, 2.0, 5.0]),
    (48_000, [15.0, 0.0, 0.0]),
    (48_000, [0.0, 0.3, 0.0]),
    (48_000, [0.0, 0.0, 1.0]),
    (48_000, [2.0, 0.0, 2.0]),
];

/// Rate and seconds of signals that are nothing but silence.
const SILENT: [(u32, f64); 8] = [
    (22_050, 0.1),
    (22_050, 0.5),
    (22_050, 1.0),
    (22_050, 3.0),
    (44_100, 3.0),
    (44_100, 2.0),
    (32_000, 10.0),
    (48_000, 15.0),
];

/// Seconds of music.
const MUSIC: f64 = 1.6;

/// Plucked notes, four a second, each of three harmonics, over a little noise.
pub fn music(n: usize, rate: u32) -> Vec<f32> {
    let mut noise = Noise(23);
    (0..n)
        .map(|i| {
            let (note, t) = (4 * i / rate as usize, i as f64 / f64::from(rate));
            let f = 110.3 * 2f64.powf((7 * note % 29) as f64 / 12.0);
            let tone =
                (2.0 * PI * f * t).sin() + 0.5 * (4.0 * PI * f * t).sin() + 0.25 * (6.0 * PI * f * t).sin();
            (0.3 * (-6.0 * (t - note as f64 / 4.0)).exp() * tone + 0.01 * noise.sample()) as f32
        })
        .collect()
}

/// Name, rate, and samples rounded to 16 bits.
pub fn silences() -> Vec<(String, u32, Vec<f32>)> {
    let count = |seconds: f64, rate: u32| (seconds * f64::from(rate)) as usize;
    let mut out: Vec<(String, u32, Vec<f32>)> = CASES
        .iter()
        .map(|(rate, silence)| {
            let n = count(MUSIC, *rate);
            let m = music(n, *rate);
            let [before, within, behind] = silence.map(|s| vec![0.0; count(s, *rate)]);
            let x = [&before, &m[..n / 2], &within, &m[n / 2..], &behind].concat();
            (
                format!("{rate}_{}_{}_{}", silence[0], silence[1], silence[2]),
                *rate,
                x,
            )
        })
        .collect();
    out.extend(SILENT.map(|(rate, s)| (format!("{rate}_silent_{s}"), rate, vec![0.0; count(s, rate)])));
    for (_, _, x) in &mut out {
        let channels = [std::mem::take(x)];
        mix_to_mono(&channels, x);
    }
    out
}
