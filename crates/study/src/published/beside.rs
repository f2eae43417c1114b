//! The published figures beside those of a study.

use super::figures;
use super::list::List;
use super::verdicts::{Published, Verdict};
use crate::findings::Findings;

/// Tracks of the whole dataset.
pub const N_TRACKS_PUBLISHED: u64 = 106_574;

/// Sets the published figures beside those of `findings`.
pub fn published(findings: &Findings) -> Published {
    let mut list = List { figures: Vec::new() };
    figures::archive(findings, &mut list);
    figures::gaps(findings, &mut list);
    figures::places(findings, &mut list);
    figures::tests(findings, &mut list);
    figures::outliers(findings, &mut list);
    figures::accuracies(findings, &mut list);
    let figures = std::mem::take(&mut list.figures);
    figures::times(findings, &mut list);
    let count = |verdict| figures.iter().filter(|figure| figure.verdict == verdict).count() as u64;
    Published {
        whole_dataset: is_whole_dataset(findings),
        n_equal: count(Verdict::Equal),
        n_near: count(Verdict::Near),
        n_different: count(Verdict::Different),
        n_not_computable: count(Verdict::NotComputable),
        figures,
        times_seconds: list.figures,
    }
}

/// Whether these findings are of the dataset that the published study used.
pub fn is_whole_dataset(findings: &Findings) -> bool {
    findings.overview.n_tracks == N_TRACKS_PUBLISHED && findings.provenance.synthetic.is_none()
}
