//! Which differences between methods are more than chance.

use cratedigger_study::learning::method_pairs::{MethodComparison, PValueFinding};

use crate::block::{Block, Cell, Table};
use crate::format::{count_of, list};

/// Which differences are more than chance.
pub(crate) fn pairs(comparison: &MethodComparison, blocks: &mut Vec<Block>) {
    if comparison.pairs.is_empty() {
        return;
    }
    blocks.push(Block::heading("Which differences are more than chance?"));
    let alike: Vec<String> = comparison
        .pairs
        .iter()
        .filter(|pair| pair.adjusted.p > 0.05)
        .filter_map(
            |pair| match (pair.first == comparison.best, pair.second == comparison.best) {
                (true, _) => Some(pair.second.clone()),
                (_, true) => Some(pair.first.clone()),
                _ => None,
            },
        )
        .collect();
    let independent = match comparison.n_artists {
        Some(n) => format!(
            "Tracks of one artist or album succeed or fail together, so the {} of test tracks that share one count as the \
             independent ones (sign flips of whole groups)",
            count_of(n, "group")
        ),
        None => "Tracks count as independent of each other (McNemar's exact test)".to_owned(),
    };
    let verdict = match alike.is_empty() {
        true => format!(
            "The lead of {} over every other method is more than chance (p < 0.05).",
            comparison.best
        ),
        false => format!(
            "That {} leads {} may be chance (p > 0.05).",
            comparison.best,
            list(&alike)
        ),
    };
    blocks.push(Block::text(format!(
        "All methods were tested on the same {}, so that each pair is compared on the tracks that only one of the two names \
         rightly. {independent}; p-values are corrected for {} by Holm's method. {verdict}",
        count_of(comparison.n_test, "track"),
        count_of(comparison.pairs.len() as u64, "pair"),
    )));
    let rows = comparison.pairs.iter().map(|pair| {
        vec![
            Cell::name(&pair.first),
            Cell::name(&pair.second),
            Cell::real(100.0 * pair.difference, 2),
            Cell::real(100.0 * pair.difference_interval.low, 2),
            Cell::real(100.0 * pair.difference_interval.high, 2),
            Cell::count(pair.n_only_first),
            Cell::count(pair.n_only_second),
            Cell::optional(pair.cohens_g, 3),
            p_cell(&pair.mcnemar_exact),
            pair.mcnemar_artists.as_ref().map_or_else(Cell::missing, p_cell),
            p_cell(&pair.adjusted),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "pairs",
            "Differences in accuracy, in percentage points; alone: tracks that only one names rightly",
            &[
                ("first", "First", false),
                ("second", "Second", false),
                ("difference", "Difference", true),
                ("difference_low", "from", true),
                ("difference_high", "to", true),
                ("n_only_first", "First alone", true),
                ("n_only_second", "Second alone", true),
                ("cohens_g", "Cohen's g", true),
                ("p_tracks", "p (tracks)", true),
                ("p_artists", "p (artists)", true),
                ("p_adjusted", "p corrected", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
}

/// A p-value as people read it, sorted by its logarithm.
fn p_cell(p: &PValueFinding) -> Cell {
    let shown = p_text(p);
    Cell {
        sort: Some(p.log10_p),
        exact: if p.p > 0.0 { p.p.to_string() } else { shown.clone() },
        shown,
        bar: None,
    }
}

/// `0.0321`, or `< 1e-16`: the next power of ten above it, however small.
pub(crate) fn p_text(p: &PValueFinding) -> String {
    if p.log10_p >= -4.0 {
        format!("{:.4}", p.p)
    } else {
        format!("< 1e{}", p.log10_p.ceil())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_read_well_however_small() {
        let p = |p: f64, log10_p: f64| p_text(&PValueFinding { p, log10_p });
        assert_eq!(p(0.0321, 0.0321f64.log10()), "0.0321");
        assert_eq!(p(3.2e-17, -16.49), "< 1e-16");
        assert_eq!(p(0.0, -512.3), "< 1e-512");
        let cell = p_cell(&PValueFinding {
            p: 0.0,
            log10_p: -512.3,
        });
        assert_eq!((cell.exact.as_str(), cell.sort), ("< 1e-512", Some(-512.3)));
    }
}
