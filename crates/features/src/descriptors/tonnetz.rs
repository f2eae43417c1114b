//! Tonal centroid.

use std::f64::consts::PI;

use crate::descriptors::chroma::N_CHROMA;

/// Dimensions: fifths, minor thirds and major thirds, two axes each.
pub(crate) const N_TONNETZ: usize = 6;

/// Six rows from twelve chroma rows (CENS in both recipes).
///
/// Source: librosa 0.5.0, `feature/spectral.py`, `tonnetz` (after Harte, Sandler & Gasser 2006). Products are added in
/// double precision in the order of the reference's matrix product, so that constant rows agree to the last bit.
pub(crate) fn tonnetz(chroma: &[Vec<f64>]) -> Vec<Vec<f64>> {
    assert_eq!(chroma.len(), N_CHROMA);
    let n = chroma[0].len();
    let basis = basis();
    let mut rows = vec![Vec::new(); N_TONNETZ];
    for t in 0..n {
        let frame: [f64; N_CHROMA] = std::array::from_fn(|c| chroma[c][t]);
        let norm: f64 = frame.iter().map(|x| x.abs()).sum();
        let norm = if norm >= f64::MIN_POSITIVE { norm } else { 1.0 };
        let shares = frame.map(|x| x / norm);
        for (row, basis) in rows.iter_mut().zip(&basis) {
            let terms = basis.iter().copied().zip(shares);
            row.push(terms.fold(0.0, |s, (a, b)| s + a * b));
        }
    }
    rows
}

fn basis() -> [[f64; N_CHROMA]; N_TONNETZ] {
    const STEPS: [f64; N_TONNETZ] = [7.0 / 6.0, 7.0 / 6.0, 3.0 / 2.0, 3.0 / 2.0, 2.0 / 3.0, 2.0 / 3.0];
    const RADII: [f64; N_TONNETZ] = [1.0, 1.0, 1.0, 1.0, 0.5, 0.5];
    std::array::from_fn(|d| {
        // Even dimensions are sines: a cosine a quarter turn behind.
        let behind = if d % 2 == 0 { 0.5 } else { 0.0 };
        std::array::from_fn(|c| RADII[d] * (PI * (STEPS[d] * c as f64 - behind)).cos())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_class_lies_on_the_three_circles() {
        for c in 0..N_CHROMA {
            let chroma: Vec<Vec<f64>> = (0..N_CHROMA)
                .map(|i| vec![if i == c { 3.0 } else { 0.0 }; 3])
                .collect();
            let rows = tonnetz(&chroma);
            for (d, (step, radius)) in [(7.0, 1.0), (9.0, 1.0), (4.0, 0.5)].into_iter().enumerate() {
                // Seven semitones around the circle of fifths, nine and four around those of the thirds.
                let angle = 2.0 * PI * step * c as f64 / 12.0;
                for t in 0..3 {
                    assert!((rows[2 * d][t] - radius * angle.sin()).abs() < 1e-12, "{c} {d}");
                    assert!(
                        (rows[2 * d + 1][t] - radius * angle.cos()).abs() < 1e-12,
                        "{c} {d}"
                    );
                }
            }
        }
    }

    #[test]
    fn all_classes_alike_cancel() {
        let rows = tonnetz(&vec![vec![1.0; 2]; N_CHROMA]);
        assert!(rows.iter().flatten().all(|x| x.abs() < 1e-15));
        assert!(
            tonnetz(&vec![vec![0.0]; N_CHROMA])
                .iter()
                .flatten()
                .all(|x| *x == 0.0)
        );
    }
}
