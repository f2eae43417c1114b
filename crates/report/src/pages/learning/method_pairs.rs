//! What the section on the classifiers says of all methods together, of the best one, of genres and of tuning.

use crate::block::{Block, Cell, Table};
use crate::format::{count, count_of, list, minus, percent};
use crate::pages::learning::methods::{capitalised, name_of, optional};
use crate::pages::learning::{
    inspection as method_figures, probabilities as probability_figures, scores as score_figures,
};
use cratedigger_study::learning::genre_sets::GenreSet;
use cratedigger_study::learning::inspection::Inspection;
use cratedigger_study::learning::method_pairs::{MethodComparison, PValueFinding};
use cratedigger_study::learning::methods::ClassifierFinding;
use cratedigger_study::learning::tuning::Tuning;

/// Which differences are more than chance.
pub(crate) fn differences(comparison: &MethodComparison, blocks: &mut Vec<Block>) {
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
            "Tracks of one artist succeed or fail together, so the {} count as the independent ones (Obuchowski's test for \
             clustered pairs)",
            count_of(n, "test artist")
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
            optional(pair.cohens_g, 3),
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
fn p_text(p: &PValueFinding) -> String {
    if p.log10_p >= -4.0 {
        format!("{:.4}", p.p)
    } else {
        format!("< 1e{}", p.log10_p.ceil())
    }
}

/// Confusion matrices beside each other, and F1 by genre.
pub(crate) fn mistakes(classifiers: &[ClassifierFinding], blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("Which genres are taken for which?"));
    blocks.push(Block::Figures {
        figures: classifiers
            .iter()
            .map(|found| score_figures::confusion(&found.name, &found.confusion, found.n_test, true))
            .collect(),
    });
    blocks.extend(method_figures::f1_by_genre(classifiers).map(Block::figure));
}

/// Calibration, ROC and precision-recall curves.
pub(crate) fn probabilities(
    classifiers: &[ClassifierFinding],
    inspection: Option<&Inspection>,
    n_test: u64,
    blocks: &mut Vec<Block>,
) {
    let calibration = probability_figures::calibration(classifiers);
    let curves = inspection.map_or_else(Vec::new, |inspection| {
        probability_figures::curves(inspection, n_test)
    });
    if calibration.is_empty() && curves.is_empty() {
        return;
    }
    blocks.push(Block::heading("Can the probabilities be trusted?"));
    let error = |found: &ClassifierFinding| {
        found
            .probability
            .as_ref()
            .map_or(0.0, |scores| scores.expected_calibration_error)
    };
    let furthest = classifiers
        .iter()
        .filter(|found| found.probability.is_some())
        .reduce(|most, found| if error(found) > error(most) { found } else { most });
    if let Some(furthest) = furthest {
        let scaled = furthest
            .scaled_probability
            .as_ref()
            .map_or_else(String::new, |scaled| {
                format!(
                    ", after temperature scaling {}",
                    percent(scaled.expected_calibration_error)
                )
            });
        blocks.push(Block::text(format!(
            "A probability keeps its word where of the tracks that were given 80 % four in five are right. {} is furthest from \
             it: its probabilities are {} off on average{scaled}.",
            capitalised(name_of(&furthest.name)),
            percent(error(furthest)),
        )));
    }
    for figures in [calibration, curves] {
        if !figures.is_empty() {
            blocks.push(Block::Figures { figures });
        }
    }
}

/// Importance by family and the learning curve.
pub(crate) fn reliance(inspection: &Inspection, n_test: u64, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading(format!(
        "What does {} rely on?",
        name_of(&inspection.method)
    )));
    let mut words = Vec::new();
    if let Some(first) = inspection.importance.first() {
        words.push(format!(
            "Most of all on {}: without it {:.1} percentage points of accuracy are lost.",
            first.family,
            100.0 * first.mean
        ));
    }
    if let [.., before, last] = inspection.learning_curve.as_slice() {
        words.push(format!(
            "From {} to {} its accuracy goes from {} to {}.",
            count_of(before.n_train, "training track"),
            count(last.n_train),
            percent(before.accuracy),
            percent(last.accuracy)
        ));
    }
    blocks.push(Block::text(words.join(" ")));
    let importance = method_figures::importance(inspection).into_iter();
    let drawn: Vec<_> = importance
        .chain(method_figures::learning_curve(inspection, n_test))
        .collect();
    if !drawn.is_empty() {
        blocks.push(Block::Figures { figures: drawn });
    }
    let rows = inspection.importance.iter().map(|family| {
        vec![
            Cell::text(&family.family),
            Cell::count(family.n_columns),
            Cell::real(100.0 * family.mean, 2),
            Cell::real(100.0 * family.std, 2),
            Cell::real(100.0 * family.mean_balanced, 2),
        ]
    });
    let table = Table::new(
        "importance",
        "Percentage points lost without each family",
        &[
            ("family", "Family", false),
            ("n_columns", "Columns", true),
            ("mean", "Accuracy", true),
            ("std", "Standard deviation", true),
            ("mean_balanced", "Balanced accuracy", true),
        ],
        rows.collect(),
        usize::MAX,
    );
    blocks.push(Block::Table {
        table: table.folded(),
    });
    let rows = inspection.learning_curve.iter().map(|point| {
        vec![
            Cell::count(point.n_train),
            point.n_artists.map_or_else(Cell::missing, Cell::count),
            Cell::share(point.train_accuracy),
            Cell::bar(point.accuracy),
            Cell::bar(point.balanced_accuracy),
            Cell::real(point.fit_seconds, 2),
        ]
    });
    let table = Table::new(
        "learning-curve",
        "Scores by number of training tracks",
        &[
            ("n_train", "Training tracks", true),
            ("n_artists", "Artists", true),
            ("train_accuracy", "Accuracy on them", true),
            ("accuracy", "on test tracks", true),
            ("balanced_accuracy", "Balanced accuracy", true),
            ("fit_seconds", "Training (s)", true),
        ],
        rows.collect(),
        usize::MAX,
    );
    blocks.push(Block::Table {
        table: table.folded(),
    });
}

/// The methods on fewer and more genres.
pub(crate) fn sets(sets: &[GenreSet], blocks: &mut Vec<Block>) {
    if sets.is_empty() {
        return;
    }
    blocks.push(Block::heading("How many genres can be told apart?"));
    blocks.extend(method_figures::genre_sets(sets).map(Block::figure));
    if let Some(most) = sets.iter().rfind(|set| set.n_train < set.n_train_available) {
        blocks.push(Block::caveat(format!(
            "For this comparison alone every set was trained on about {} (of {} genres there are {}), so that it takes a short \
             time and sets differ in nothing but their genres. With all tracks scores are higher.",
            count_of(most.n_train, "track"),
            most.genres.len(),
            count(most.n_train_available),
        )));
    }
    let row = |set: &GenreSet, scores: &cratedigger_study::learning::genre_sets::SetScores| {
        vec![
            Cell::count(set.genres.len() as u64),
            Cell::name(&scores.name),
            Cell::bar(scores.accuracy),
            Cell::share(scores.accuracy_interval.low),
            Cell::share(scores.accuracy_interval.high),
            Cell::bar(scores.balanced_accuracy),
            Cell::real(scores.macro_f1, 3),
            Cell::share(set.baseline_accuracy),
            Cell::count(set.n_train),
            Cell::count(set.n_test),
            Cell::real(scores.fit_seconds, 2),
        ]
    };
    let rows = sets
        .iter()
        .flat_map(|set| set.methods.iter().map(move |scores| row(set, scores)));
    blocks.push(Block::Table {
        table: Table::new(
            "genre-sets",
            "Scores by number of genres",
            &[
                ("n_genres", "Genres", true),
                ("name", "Method", false),
                ("accuracy", "Accuracy", true),
                ("accuracy_low", "from", true),
                ("accuracy_high", "to", true),
                ("balanced_accuracy", "Balanced accuracy", true),
                ("macro_f1", "Mean F1", true),
                ("baseline", "Simplest guess", true),
                ("n_train", "Trained on", true),
                ("n_test", "Tested on", true),
                ("fit_seconds", "Training (s)", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
    let skipped = sets.iter().flat_map(|set| &set.skipped);
    blocks.extend(skipped.map(|reason| Block::Notice { text: reason.clone() }));
}

/// Before and after tuning.
pub(crate) fn tuned(tuning: &Tuning, n_test: u64, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("Does tuning help?"));
    let parameters = |parameters: &serde_json::Map<String, serde_json::Value>| {
        let each = parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let verdict = if tuning.p.p > 0.05 {
        "which may be chance"
    } else if tuning.difference > 0.0 {
        "which is more than chance"
    } else {
        "and that is more than chance: what did best on some tracks does not have to do best on others"
    };
    blocks.push(Block::text(format!(
        "Of {} for {}, cross-validated on {} in {} folds, the best is {}. Trained on all training tracks it moves the accuracy \
         on the test tracks from {} to {} ({} percentage points, p = {}), {verdict}. This is a small search; cratedigger \
         tune makes a larger one.",
        count_of(tuning.candidates.len() as u64, "candidate"),
        name_of(&tuning.method),
        count_of(tuning.n_search, "training track"),
        tuning.n_folds,
        parameters(&tuning.best),
        percent(tuning.before.accuracy),
        percent(tuning.after.accuracy),
        minus(&format!("{:+.1}", 100.0 * tuning.difference)),
        p_text(&tuning.p)
    )));
    blocks.push(Block::figure(method_figures::tuning(tuning, n_test)));
    let rows = tuning.candidates.iter().map(|candidate| {
        vec![
            Cell::text(parameters(&candidate.parameters)),
            candidate.mean.map_or_else(Cell::missing, Cell::bar),
            candidate.std.map_or_else(Cell::missing, Cell::share),
            Cell::real(candidate.fit_seconds, 2),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "tuning",
            "Candidates, the best first",
            &[
                ("parameters", "Parameters", false),
                ("mean", "Mean accuracy", true),
                ("std", "Standard deviation", true),
                ("fit_seconds", "Training (s)", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
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
