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
    let independent = match comparison.n_artists {
        Some(n) => format!(
            "Tracks of one artist or album succeed or fail together, so the {} of test tracks that share one count as the \
             independent ones (sign flips of whole groups)",
            count_of(n, "group")
        ),
        None => "Tracks count as independent of each other (McNemar's exact test)".to_owned(),
    };
    let verdict = verdict(comparison);
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

/// What the best method's lead is worth; with a tie none leads.
fn verdict(comparison: &MethodComparison) -> String {
    let MethodComparison { best, tied, .. } = comparison;
    let others = comparison.pairs.iter().filter_map(|pair| {
        let other = match (&pair.first == best, &pair.second == best) {
            (true, _) => &pair.second,
            (_, true) => &pair.first,
            _ => return None,
        };
        (!tied.contains(other)).then(|| (other.clone(), pair.adjusted.p < 0.05))
    });
    let (behind, alike): (Vec<_>, Vec<_>) = others.partition(|(_, shown)| *shown);
    let names = |others: &[(String, bool)]| {
        let names: Vec<String> = others.iter().map(|(name, _)| name.clone()).collect();
        list(&names)
    };
    let mut sentences = Vec::new();
    if !tied.is_empty() {
        sentences.push(format!(
            "{best} and {} have the same accuracy, so none of them leads.",
            list(tied)
        ));
    }
    match (behind.is_empty(), alike.is_empty()) {
        (true, true) => {}
        (false, true) if tied.is_empty() => sentences.push(format!(
            "The lead of {best} over every other method is more than chance (p < 0.05)."
        )),
        (false, true) => sentences.push(format!(
            "That {best} does better than {} is more than chance (p < 0.05).",
            names(&behind)
        )),
        (_, false) => sentences.push(format!(
            "That {best} does better than {} may be chance (p \u{2265} 0.05).",
            names(&alike)
        )),
    }
    sentences.join(" ")
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

/// A p-value in a sentence: `p = 0.0321` or `p < 1e-16`.
pub(crate) fn p_is(p: &PValueFinding) -> String {
    match p_text(p) {
        bound if bound.starts_with('<') => format!("p {bound}"),
        value => format!("p = {value}"),
    }
}

/// `0.0321`, or `< 1e-16`: the next power of ten above it, however small.
fn p_text(p: &PValueFinding) -> String {
    if p.log10_p >= -4.0 {
        format!("{:.4}", p.p)
    } else {
        format!("< 1e{}", p.log10_p.ceil())
    }
}

#[cfg(test)]
mod tests {
    use cratedigger_study::learning::method_pairs::PairFinding;
    use cratedigger_study::learning::methods::Ends;

    use super::*;

    #[test]
    fn a_tie_has_no_leader() {
        let p = |p: f64| PValueFinding {
            p,
            log10_p: p.log10(),
        };
        let pair = |first: &str, second: &str, adjusted: f64| PairFinding {
            first: first.to_owned(),
            second: second.to_owned(),
            difference: 0.0,
            difference_interval: Ends { low: 0.0, high: 0.0 },
            n_only_first: 0,
            n_only_second: 0,
            odds_ratio: None,
            cohens_g: None,
            mcnemar_exact: p(1.0),
            mcnemar_chi_squared: 0.0,
            mcnemar_corrected: p(1.0),
            mcnemar_artists: None,
            adjusted: p(adjusted),
        };
        let of = |tied: &[&str], pairs: Vec<PairFinding>| {
            verdict(&MethodComparison {
                best: "mlp".to_owned(),
                tied: tied.iter().map(|&name| name.to_owned()).collect(),
                best_interval: None,
                n_methods: 3,
                n_test: 9,
                n_artists: None,
                pairs,
            })
        };
        let tie = of(&["tree"], vec![pair("mlp", "tree", 1.0)]);
        assert_eq!(tie, "mlp and tree have the same accuracy, so none of them leads.");
        let third = vec![
            pair("mlp", "tree", 1.0),
            pair("svm", "mlp", 0.01),
            pair("svm", "tree", 0.01),
        ];
        assert!(
            of(&["tree"], third.clone())
                .ends_with("That mlp does better than svm is more than chance (p < 0.05).")
        );
        assert_eq!(
            of(&[], third),
            "That mlp does better than tree may be chance (p \u{2265} 0.05)."
        );
        assert!(of(&[], vec![pair("svm", "mlp", 0.01)]).starts_with("The lead of mlp over every other"));
    }

    #[test]
    fn p_values_read_well_however_small() {
        let p = |p: f64, log10_p: f64| p_text(&PValueFinding { p, log10_p });
        assert_eq!(p(0.0321, 0.0321f64.log10()), "0.0321");
        assert_eq!(p(3.2e-17, -16.49), "< 1e-16");
        assert_eq!(p(0.0, -512.3), "< 1e-512");
        let sentence = |p: f64, log10_p: f64| p_is(&PValueFinding { p, log10_p });
        assert_eq!(sentence(0.0321, 0.0321f64.log10()), "p = 0.0321");
        assert_eq!(sentence(3.2e-17, -16.49), "p < 1e-16");
        let cell = p_cell(&PValueFinding {
            p: 0.0,
            log10_p: -512.3,
        });
        assert_eq!((cell.exact.as_str(), cell.sort), ("< 1e-512", Some(-512.3)));
    }
}
