//! The finding `method_comparison`: which differences between the methods are more than chance.

use cratedigger_learn::{Dataset, Evaluation, PairedTests, paired_tests};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::learning::methods::Ends;
pub use crate::learning::methods::PValueFinding;

/// The finding `method_comparison`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodComparison {
    /// The method with the highest accuracy; of equal ones the first.
    pub best: String,
    /// The interval of its accuracy, over artists where they are known; wider than 95 % of one method, since it was chosen on these
    /// very tracks (Bonferroni: the level is 1 - 0.05 / methods). `null` with too few artists to tell.
    pub best_interval: Option<Ends>,
    /// Methods that it was chosen from.
    pub n_methods: u64,
    /// The other methods with the same accuracy: then none leads. Absent in findings written before ties were told.
    #[serde(default)]
    pub tied: Vec<String>,
    /// Test tracks, the same for all methods.
    pub n_test: u64,
    /// Groups of test tracks: artists, those that share an album counted as one, and single tracks of artists that are not known;
    /// `null` where artists are unknown.
    pub n_artists: Option<u64>,
    /// Every pair of methods.
    pub pairs: Vec<PairFinding>,
}

/// Two methods on the same test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairFinding {
    /// The first method.
    pub first: String,
    /// The second method.
    pub second: String,
    /// The first accuracy less the second one.
    pub difference: f64,
    /// 95 % interval of the difference: for artists that are independent of each other; for tracks where artists are unknown.
    pub difference_interval: Ends,
    /// Tracks that only the first method gets right.
    pub n_only_first: u64,
    /// Tracks that only the second method gets right.
    pub n_only_second: u64,
    /// Effect size: `n_only_first / n_only_second`, or `null`.
    pub odds_ratio: Option<f64>,
    /// Effect size: Cohen's g, or `null`.
    pub cohens_g: Option<f64>,
    /// McNemar's exact test, for tracks that are independent of each other.
    pub mcnemar_exact: PValueFinding,
    /// McNemar's test with continuity correction: the statistic.
    pub mcnemar_chi_squared: f64,
    /// Its p-value.
    pub mcnemar_corrected: PValueFinding,
    /// The test for artists that are independent of each other (sign flips; Obuchowski 1998 with over 1,000 that differ);
    /// `null` where artists are unknown.
    pub mcnemar_artists: Option<PValueFinding>,
    /// The p-value to go by: that of the artists, else McNemar's exact one, after Holm's correction for all pairs.
    pub adjusted: PValueFinding,
}

/// Compares every pair of evaluations of the same test rows; `None` without any.
///
/// # Errors
/// `Learn` where they are of different rows.
pub fn compare_methods(evaluations: &[&Evaluation], data: &Dataset) -> Result<Option<MethodComparison>> {
    let Some(best) = best(evaluations) else {
        return Ok(None);
    };
    let best = evaluations[best];
    let level = 1.0 - 0.05 / evaluations.len() as f64;
    let tied = evaluations
        .iter()
        .filter(|other| other.method != best.method && other.summary.accuracy == best.summary.accuracy)
        .map(|other| other.method.name().to_owned());
    Ok(Some(MethodComparison {
        best: best.method.name().to_owned(),
        best_interval: best.accuracy_interval_at(data, level)?.map(Ends::from),
        n_methods: evaluations.len() as u64,
        tied: tied.collect(),
        n_test: best.summary.n,
        n_artists: best.n_groups.map(|n| n as u64),
        pairs: paired_tests(evaluations, data)?.iter().map(pair).collect(),
    }))
}

/// The position of the evaluation with the highest accuracy; of equal ones the first.
pub fn best(evaluations: &[&Evaluation]) -> Option<usize> {
    let accuracy = |index: usize| evaluations[index].summary.accuracy;
    (0..evaluations.len()).reduce(|best, index| {
        if accuracy(index) > accuracy(best) {
            index
        } else {
            best
        }
    })
}

fn pair(test: &PairedTests) -> PairFinding {
    let mcnemar = &test.mcnemar;
    let interval = test.difference_interval();
    PairFinding {
        first: test.first.name().to_owned(),
        second: test.second.name().to_owned(),
        difference: mcnemar.difference,
        difference_interval: Ends {
            low: interval.low,
            high: interval.high,
        },
        n_only_first: mcnemar.only_first,
        n_only_second: mcnemar.only_second,
        odds_ratio: mcnemar.odds_ratio,
        cohens_g: mcnemar.cohens_g,
        mcnemar_exact: mcnemar.exact.into(),
        mcnemar_chi_squared: mcnemar.chi_squared,
        mcnemar_corrected: mcnemar.corrected.into(),
        mcnemar_artists: test.clustered.map(|clustered| clustered.p.into()),
        adjusted: test.adjusted.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use cratedigger_learn::Method;

    use super::*;
    use crate::learning::training::tests::{data, fold};
    use crate::learning::training::{baseline, train_and_test};

    #[test]
    fn pairs_are_those_of_the_methods() {
        let (data, fold) = (data(), fold());
        let least = baseline(&data, &fold, 0).unwrap();
        let methods = [
            Method::MAJORITY,
            Method::DECISION_TREE,
            Method::LOGISTIC_REGRESSION,
        ];
        let trained = methods.map(|method| train_and_test(method, &data, &fold, &least, 0).unwrap());
        let evaluations: Vec<&Evaluation> = trained.iter().map(|trained| &trained.evaluation).collect();
        let found = compare_methods(&evaluations, &data).unwrap().unwrap();
        assert_eq!(
            (found.n_test, found.n_artists, found.pairs.len()),
            (20, Some(10), 3)
        );
        let top = trained
            .iter()
            .map(|trained| trained.finding.accuracy)
            .fold(0.0, f64::max);
        let best = trained
            .iter()
            .find(|trained| trained.finding.name == found.best)
            .unwrap();
        assert_eq!(best.finding.accuracy, top);
        // Chosen from three, so that its interval is wider than its own.
        let (own, chosen) = (
            best.finding.accuracy_interval.as_ref().unwrap(),
            found.best_interval.unwrap(),
        );
        assert_eq!(found.n_methods, 3);
        assert!(chosen.low < own.low && chosen.high >= own.high);
        assert!(!found.tied.contains(&found.best));
        let mut same = evaluations[1].clone();
        same.method = Method::MLP;
        let found_twice = compare_methods(&[evaluations[1], &same], &data).unwrap().unwrap();
        assert_eq!(
            (found_twice.best.as_str(), found_twice.tied),
            ("decision-tree", vec!["mlp".to_owned()])
        );
        let pair = &found.pairs[0];
        assert_eq!(
            (pair.first.as_str(), pair.second.as_str()),
            ("majority", "decision-tree")
        );
        let difference = trained[0].finding.accuracy - trained[1].finding.accuracy;
        assert!((pair.difference - difference).abs() < 1e-12);
        assert_eq!(
            pair.n_only_first as f64 - pair.n_only_second as f64,
            (20.0 * difference).round()
        );
        assert!(pair.adjusted.p >= pair.mcnemar_artists.unwrap().p);
        assert!(compare_methods(&[], &data).unwrap().is_none());
    }
}
