//! Frames and maps over them as numbers of a finding: fewer, rounded.

use cratedigger_learn::{FrameMap, Recordings};

use super::Picture;
use crate::error::Result;

/// Frames of a picture, at most: three seconds of the usual spectrogram.
const FRAMES: usize = 192;

/// Frames of a column, and bands of a row.
const POOL: usize = 3;

/// Frames from the middle of a recording, at least `fewest` where it has them.
pub(super) fn middle(recordings: &Recordings, row: usize, fewest: usize) -> Result<Vec<f32>> {
    let n_frames = recordings.n_frames(row);
    let n = n_frames.min(FRAMES.max(fewest));
    let mut frames = vec![0.0; n * recordings.source().n_bands()];
    recordings.read(row, (n_frames - n) / 2, &mut frames)?;
    Ok(frames)
}

/// Frames, pooled by means.
pub(super) fn of_frames(frames: &[f32], n_bands: usize) -> Picture {
    pooled(frames, n_bands, POOL, 1.0)
}

/// A map that is as fine as the frames, divided by its largest absolute value.
pub(super) fn of_gradient(map: &FrameMap) -> Picture {
    let largest = map
        .values
        .iter()
        .fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = if largest > 0.0 {
        1.0 / f64::from(largest)
    } else {
        1.0
    };
    pooled(&map.values, map.n_bands, POOL, scale)
}

/// A map of patches.
pub(super) fn of_patches(map: &FrameMap, patch: (usize, usize)) -> Picture {
    Picture {
        frames_per_column: patch.0 as u64,
        bands_per_row: patch.1 as u64,
        ..pooled(&map.values, map.n_bands, 1, 1.0)
    }
}

fn pooled(values: &[f32], n_bands: usize, pool: usize, scale: f64) -> Picture {
    let n_frames = values.len() / n_bands.max(1);
    let mean = |frame: usize, band: usize| {
        let (mut sum, mut n) = (0.0, 0.0);
        for frame in frame..(frame + pool).min(n_frames) {
            for band in band..(band + pool).min(n_bands) {
                sum += f64::from(values[frame * n_bands + band]);
                n += 1.0;
            }
        }
        (1e4 * scale * sum / n).round() / 1e4
    };
    let columns = |band: usize| {
        (0..n_frames)
            .step_by(pool)
            .map(|frame| mean(frame, band))
            .collect()
    };
    Picture {
        frames_per_column: pool as u64,
        bands_per_row: pool as u64,
        rows: (0..n_bands).step_by(pool).map(columns).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_bands_as_rows_and_means_of_its_frames() {
        // Three frames of three bands, counted up.
        let frames: Vec<f32> = (0..9).map(|value| value as f32).collect();
        assert_eq!(pooled(&frames, 3, 2, 1.0).rows, [vec![2.0, 6.5], vec![3.5, 8.0]]);
        let picture = of_frames(&frames, 3);
        assert_eq!((picture.rows, picture.bands_per_row), (vec![vec![4.0]], 3));
        let map = FrameMap {
            n_frames: 3,
            n_bands: 3,
            values: frames.iter().map(|value| -value).collect(),
        };
        assert_eq!(of_gradient(&map).rows, [[-0.5]]);
        let patches = of_patches(&map, (8, 4));
        assert_eq!((patches.frames_per_column, patches.bands_per_row), (8, 4));
        assert_eq!(patches.rows[2], [-2.0, -5.0, -8.0]);
        let blank = FrameMap {
            values: vec![0.0; 9],
            ..map
        };
        assert!(
            of_gradient(&blank)
                .rows
                .iter()
                .flatten()
                .all(|&value| value == 0.0)
        );
    }
}
