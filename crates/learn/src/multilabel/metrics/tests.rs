#![allow(clippy::unwrap_used)]
use serde_json::Value;

use super::*;
use crate::test_support::{assert_close, floats, golden, indices};

fn matrix(names: usize, values: &Value) -> LabelMatrix {
    let flat = indices(values);
    let rows: Vec<Vec<usize>> = flat
        .chunks(names)
        .map(|row| (0..names).filter(|&label| row[label] == 1).collect())
        .collect();
    LabelMatrix::new((0..names).map(|label| label.to_string()).collect(), &rows).unwrap()
}

fn tree(golden: &Value) -> Hierarchy {
    let parents = golden["parent"].as_array().unwrap().iter();
    Hierarchy::new(
        parents
            .map(|parent| parent.as_u64().map(|parent| parent as usize))
            .collect(),
    )
    .unwrap()
}

#[test]
fn scores_equal_scikit_learn_and_hiclass() {
    let golden = golden(include_str!("../../../tests/golden/multilabel.json"));
    let tree = tree(&golden);
    for case in golden["metrics"].as_array().unwrap() {
        let labels = matrix(6, &case["y"]);
        let scores = ScoreMatrix::new(labels.n_rows(), 6, floats(&case["scores"])).unwrap();
        let ranking = RankingScores::new(&labels, &tree, &scores).unwrap();
        let each = |of: fn(&LabelScore) -> Option<f64>| -> Vec<f64> {
            ranking
                .per_label
                .iter()
                .map(|score| of(score).unwrap_or(f64::NAN))
                .collect()
        };
        assert_close(&each(|score| score.roc_auc), &floats(&case["roc_auc"]), 1e-12);
        assert_close(
            &each(|score| score.average_precision),
            &floats(&case["average_precision"]),
            1e-12,
        );
        let means = |averages: Averages| {
            [
                averages.macro_average.unwrap(),
                averages.weighted_average.unwrap(),
            ]
        };
        assert_close(&means(ranking.roc_auc), &floats(&case["roc_auc_means"]), 1e-12);
        assert_close(
            &means(ranking.average_precision),
            &floats(&case["average_precision_means"]),
            1e-12,
        );
        let by_level: Vec<f64> = ranking
            .by_level
            .iter()
            .map(|level| level.macro_average.unwrap())
            .collect();
        assert_close(&by_level, &floats(&case["by_level"]), 1e-12);
        assert_close(
            &[ranking.label_ranking_average_precision],
            &[case["label_ranking"].as_f64().unwrap()],
            1e-12,
        );
        let found = HierarchicalScores::new(&labels, &tree, &matrix(6, &case["claimed"])).unwrap();
        assert_close(
            &[found.precision, found.recall, found.f1],
            &floats(&case["hierarchical"]),
            1e-12,
        );
    }
}

#[test]
fn label_ranking_is_the_share_of_right_labels_above_each() {
    let labels = LabelMatrix::new(
        ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        &[vec![0, 2], vec![3], vec![], vec![0, 1, 2, 3]],
    )
    .unwrap();
    let scores = [
        0.9, 0.5, 0.5, 0.1, 0.2, 0.4, 0.4, 0.3, 0.1, 0.2, 0.3, 0.4, 0.4, 0.3, 0.2, 0.1,
    ];
    let scores = ScoreMatrix::new(4, 4, scores.to_vec()).unwrap();
    let mut sum = 0.0;
    for row in 0..4 {
        let (has, scores) = (labels.row(row), scores.row(row));
        let own: Vec<usize> = (0..4).filter(|&label| has[label]).collect();
        if own.is_empty() || own.len() == 4 {
            sum += 1.0;
            continue;
        }
        let share = |&label: &usize| {
            let above = |other: &usize| scores[*other] >= scores[label];
            own.iter().filter(|other| above(other)).count() as f64 / (0..4).filter(above).count() as f64
        };
        sum += own.iter().map(share).sum::<f64>() / own.len() as f64;
    }
    let ranking = RankingScores::new(&labels, &Hierarchy::flat(4), &scores).unwrap();
    assert_close(&[ranking.label_ranking_average_precision], &[sum / 4.0], 1e-15);
}

#[test]
fn nothing_claimed_scores_nothing() {
    let names = vec!["a".to_owned(), "b".to_owned()];
    let labels = LabelMatrix::new(names.clone(), &[vec![0], vec![1]]).unwrap();
    let none = LabelMatrix::new(names, &[vec![], vec![]]).unwrap();
    let tree = Hierarchy::flat(2);
    let found = HierarchicalScores::new(&labels, &tree, &none).unwrap();
    assert_eq!((found.precision, found.recall, found.f1), (0.0, 0.0, 0.0));
    let found = HierarchicalScores::new(&none, &tree, &labels).unwrap();
    assert_eq!((found.precision, found.recall, found.f1), (0.0, 0.0, 0.0));
    let scores = ScoreMatrix::new(2, 2, vec![0.5; 4]).unwrap();
    let ranking = RankingScores::new(&none, &tree, &scores).unwrap();
    assert_eq!(ranking.roc_auc.macro_average, None);
    assert!(HierarchicalScores::new(&labels, &Hierarchy::flat(3), &labels).is_err());
}

#[test]
fn labels_without_rows_have_no_weighted_mean() {
    let none = Averages::over([(Some(0.5), 0), (None, 0)].into_iter());
    assert_eq!((none.macro_average, none.weighted_average), (Some(0.5), None));
    let nothing = Averages::over([(None, 3)].into_iter());
    assert_eq!((nothing.macro_average, nothing.weighted_average), (None, None));
}
