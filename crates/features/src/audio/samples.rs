//! Samples: 16-bit rounding of every channel and the mean over channels.

use multiversion::multiversion;

/// One step of a 16-bit sample.
const FULL_SCALE: f32 = 32_768.0;

/// Rounds every channel to multiples of 1/32768 (ties to even, clipped to [-1, 32767/32768]) and appends the mean over
/// channels to `out`.
///
/// `channels`: `[n_channels][n_frames]` in [-1, 1]; louder samples are clipped. A sample that is not a number stays one.
/// No channels append nothing.
///
/// The decoders of the time gave 16-bit integers; without the rounding the quiet bins of the spectrum, and so the spectral
/// contrast, differ widely from the published values. Source: the FMA's pipeline (ffmpeg to 16-bit PCM, librosa 0.5.0
/// `core/audio.py`, `to_mono`). Values are single precision as there.
///
/// # Panics
/// If the channels differ in length.
pub fn mix_to_mono(channels: &[Vec<f32>], out: &mut Vec<f32>) {
    let Some(first) = channels.first() else { return };
    assert!(
        channels.iter().all(|c| c.len() == first.len()),
        "channels differ in length"
    );
    let start = out.len();
    match channels {
        [one] => out.extend_from_slice(one),
        [left, right] => {
            out.resize(start + left.len(), 0.0);
            mix_two(left, right, &mut out[start..]);
            return;
        }
        _ => {
            out.extend_from_slice(first);
            round_in_place(&mut out[start..]);
            for c in &channels[1..] {
                add_rounded(c, &mut out[start..]);
            }
            let n = channels.len() as f32;
            out[start..].iter_mut().for_each(|x| *x /= n);
            return;
        }
    }
    round_in_place(&mut out[start..]);
}

#[inline(always)]
fn round_16(x: f32) -> f32 {
    (x * FULL_SCALE)
        .round_ties_even()
        .clamp(-FULL_SCALE, FULL_SCALE - 1.0)
        / FULL_SCALE
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+sse4.1"))]
fn round_in_place(x: &mut [f32]) {
    for x in x {
        *x = round_16(*x);
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+sse4.1"))]
fn add_rounded(x: &[f32], out: &mut [f32]) {
    for (x, o) in x.iter().zip(out) {
        *o += round_16(*x);
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+sse4.1"))]
fn mix_two(left: &[f32], right: &[f32], out: &mut [f32]) {
    for ((l, r), o) in left.iter().zip(right).zip(out) {
        *o = (round_16(*l) + round_16(*r)) / 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mono(channels: &[Vec<f32>]) -> Vec<f32> {
        let mut out = vec![9.0];
        mix_to_mono(channels, &mut out);
        assert_eq!(out.remove(0), 9.0);
        out
    }

    #[test]
    fn rounding_is_to_even_and_clips() {
        let step = 1.0 / 32_768.0f32;
        let x = vec![
            0.5 * step,
            1.5 * step,
            -0.5 * step,
            0.6 * step,
            1.0,
            7.0,
            -1.0,
            -7.0,
        ];
        let want = vec![0.0, 2.0 * step, 0.0, step, 1.0 - step, 1.0 - step, -1.0, -1.0];
        assert_eq!(mono(&[x]), want);
        assert!(mono(&[vec![f32::NAN]])[0].is_nan());
    }

    #[test]
    fn every_channel_is_rounded_before_the_mean() {
        let step = 1.0 / 32_768.0f32;
        let a = vec![0.6 * step; 19];
        let b = vec![0.0; 19];
        assert_eq!(mono(&[a.clone(), b.clone()]), vec![0.5 * step; 19]);
        let third = 2.0 * step / 3.0;
        assert_eq!(mono(&[a.clone(), b, a]), vec![third; 19]);
        assert!(mono(&[]).is_empty());
    }
}
