//! The published figures beside those of a study.

use cratedigger_catalog::{Store, TableId};

use super::baselines;
use super::list::List;
use super::verdicts::{Published, Verdict};
use super::{facts, figures};
use crate::error::Result;
use crate::findings::Findings;
use crate::progress::Progress;

/// Tracks of the whole dataset.
pub const N_TRACKS_PUBLISHED: u64 = 106_574;

/// Sets the published figures beside those of `findings`, and the published baselines beside those of the same methods where they are
/// `wanted` and the whole dataset is at hand: this fits 180 models.
pub(crate) fn published(
    findings: &Findings,
    store: &Store,
    (wanted, seed): (bool, u64),
    progress: &mut Progress<'_>,
) -> Result<Published> {
    let whole = is_whole_dataset(store, findings)?;
    let medium = match (whole, wanted) {
        (true, true) => baselines::medium(store)?,
        (true, false) => Err("computed with --compare".to_owned()),
        (false, _) => Err("needs the whole dataset".to_owned()),
    };
    let mut of_baselines = List { figures: Vec::new() };
    baselines::add(&mut of_baselines, &medium, seed, progress)?;
    Ok(Published {
        baselines: of_baselines.figures,
        ..beside(findings, whole)
    })
}

/// The published figures beside those of `findings`, but for the baselines.
fn beside(findings: &Findings, whole_dataset: bool) -> Published {
    let mut list = List { figures: Vec::new() };
    figures::archive(findings, &mut list);
    facts::add(findings, &mut list);
    figures::gaps(findings, &mut list);
    figures::places(findings, &mut list);
    figures::tests(findings, &mut list);
    figures::outliers(findings, &mut list);
    figures::accuracies(findings, &mut list);
    let figures = std::mem::take(&mut list.figures);
    figures::times(findings, &mut list);
    let count = |verdict| figures.iter().filter(|figure| figure.verdict == verdict).count() as u64;
    Published {
        whole_dataset,
        n_equal: count(Verdict::Equal),
        n_near: count(Verdict::Near),
        n_different: count(Verdict::Different),
        n_not_computable: count(Verdict::NotComputable),
        figures,
        times_seconds: list.figures,
        baselines: Vec::new(),
    }
}

/// Whether a study is of the dataset that the published study used, whichever of its sections are left out.
///
/// # Errors
/// `Catalog`.
pub(crate) fn is_whole_dataset(store: &Store, findings: &Findings) -> Result<bool> {
    let n_tracks = match store.has(TableId::Tracks) {
        true => store.n_rows(TableId::Tracks)?,
        false => 0,
    };
    Ok(n_tracks == N_TRACKS_PUBLISHED && findings.provenance.synthetic.is_none())
}
