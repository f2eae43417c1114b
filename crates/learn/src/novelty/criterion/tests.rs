#![allow(clippy::unwrap_used)]

use cratedigger_stats::rng::SeededRng;

use super::*;
use crate::novelty::ledoit_wolf;
use crate::split::given_folds;
use crate::state::ModelState;
use crate::test_support::{assert_close, floats, golden, indices, matrix};

#[test]
fn covariances_distances_and_areas_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/novelty.json"));
    for case in golden["cases"].as_array().unwrap() {
        let of = |name: &str| case[name].as_u64().unwrap() as usize;
        let (n_cols, n_classes, y) = (of("n_cols"), of("n_classes"), indices(&case["y"]));
        let found = ledoit_wolf(&floats(&case["centred"]), y.len(), n_cols);
        assert_close(&[found.shrinkage], &[case["shrinkage"].as_f64().unwrap()], 1e-9);
        assert_close(&found.values, &floats(&case["covariance"]), 1e-9);
        let classes = (0..n_classes).map(|class| class.to_string()).collect();
        let mut data = Dataset::new(matrix(&case["x"], n_cols), y, classes).unwrap();
        let groups = indices(&case["groups"]);
        data.groups = Some(groups.iter().map(|&group| group as i64).collect());
        let test = |fold: usize| (0..groups.len()).filter(|&row| groups[row] % 2 == fold).collect();
        let folds = given_folds(groups.len(), &[test(0), test(1)]).unwrap();
        let new = matrix(&case["new"], n_cols);
        // Families have folds of their own, and a test of their own.
        for kind in DetectorKind::ALL
            .into_iter()
            .filter(|kind| *kind != DetectorKind::Families)
        {
            let scores = Detector::fit(kind, &data, 0).unwrap().scores(&new).unwrap();
            assert_close(&scores, &floats(&case["scores"][kind.name()]), 1e-9);
            let found = leave_one_class_out(&data, &folds, kind, 0, None).unwrap();
            let areas: Vec<f64> = found.iter().map(|left| left.auroc.unwrap()).collect();
            assert_close(&areas, &floats(&case["left_out"][kind.name()]), 1e-9);
        }
    }
}

/// 240 rows of four classes by 48 artists; classes are apart in four columns of eight.
fn data(seed: u64) -> Dataset {
    let mut rng = SeededRng::new(seed);
    let mut values = Vec::new();
    for row in 0..240 {
        let (class, artist) = (row / 5 % 4, row / 5);
        for column in 0..8 {
            let own = if column == class { 6.0 } else { 0.0 };
            let voice = ((artist * 31 + column * 17) % 11) as f64 / 11.0;
            values.push((own + voice + rng.uniform(-1.0, 1.0)) as f32 * 10.0);
        }
    }
    let names = ["Folk", "Jazz", "Pop", "Rock"].map(str::to_owned).to_vec();
    let y = (0..240).map(|row| row / 5 % 4).collect();
    let mut data = Dataset::new(Matrix::new(240, 8, values).unwrap(), y, names).unwrap();
    data.groups = Some((0..240).map(|row| row / 5).collect());
    data
}

#[test]
fn a_class_that_was_left_out_is_told_and_chance_is_one_half() {
    let data = data(1);
    let folds = inner_folds(&data.y, 4, data.groups.as_deref(), 5, 0).unwrap();
    for kind in DetectorKind::ALL {
        let found = leave_one_class_out(&data, &folds, kind, 0, Some(2)).unwrap();
        assert_eq!(found.iter().map(|left| left.n_rows).sum::<usize>(), 240);
        assert!(
            found.iter().all(|left| left.auroc.unwrap() > 0.95),
            "{kind}: {found:?}"
        );
        assert_eq!(
            found,
            leave_one_class_out(&data, &folds, kind, 0, Some(1)).unwrap()
        );
        // Classes that are names only.
        let mut noise = data.clone();
        let mut rng = SeededRng::new(3);
        noise.y = (0..240).map(|_| rng.below(4)).collect();
        let found = leave_one_class_out(&noise, &folds, kind, 0, None).unwrap();
        let mean = found.iter().map(|left| left.auroc.unwrap()).sum::<f64>() / 4.0;
        assert!((mean - 0.5).abs() < 0.1, "{kind}: {mean}");
    }
}

/// Rows of an artist are each other's nearest; what is local must not be measured by them.
#[test]
fn distances_among_rows_are_to_other_artists() {
    let mut rng = SeededRng::new(5);
    let mut values = Vec::new();
    for _ in 0..60 {
        let centre: Vec<f64> = (0..6).map(|_| rng.uniform(-1.0, 1.0)).collect();
        for _ in 0..6 {
            values.extend(centre.iter().map(|at| (at + rng.uniform(-0.01, 0.01)) as f32));
        }
    }
    let names = vec!["Folk".to_owned()];
    let mut data = Dataset::new(Matrix::new(360, 6, values).unwrap(), vec![0; 360], names).unwrap();
    let new = Matrix::new(1, 6, vec![0.2; 6]).unwrap();
    let score = |data: &Dataset| {
        let detector = Detector::fit(DetectorKind::LocalNeighbours, data, 0).unwrap();
        detector.scores(&new).unwrap()[0]
    };
    let by_rows = score(&data);
    data.groups = Some((0..360).map(|row| row / 6).collect());
    let by_artists = score(&data);
    assert!(
        by_rows > 10.0 && by_artists < 2.0,
        "{by_rows} and {by_artists}: each artist has six rows in one place"
    );
}

#[test]
fn what_is_unlike_is_unknown_and_known_rows_are_seldom() {
    let (data, new) = (data(1), data(2));
    let novelty = Novelty::fit(&data, 0.05, 7, None).unwrap();
    let criterion = novelty.criterion();
    assert_eq!((criterion.false_alarm, criterion.n_rows), (0.05, 240));
    assert_eq!((criterion.trials.len(), criterion.by_artist), (4, true));
    let best = criterion.trials.iter().map(|trial| trial.mean_auroc.unwrap());
    let chosen = criterion
        .trials
        .iter()
        .find(|trial| trial.detector == criterion.detector);
    assert_eq!(
        chosen.unwrap().mean_auroc.unwrap(),
        best.fold(f64::NEG_INFINITY, f64::max)
    );
    let n_unknown = |x: &Matrix| {
        let scores = novelty.scores(x).unwrap();
        scores.iter().filter(|score| **score > 1.0).count()
    };
    assert!(n_unknown(&new.x) <= 30, "{} of 240", n_unknown(&new.x));
    let mut strange = new.x.clone();
    strange
        .as_mut_slice()
        .iter_mut()
        .for_each(|value| *value = -*value * 3.0 - 400.0);
    assert_eq!(n_unknown(&strange), 240);
    let infinite = Matrix::new(2, 8, [[f32::INFINITY; 8], [f32::NAN; 8]].concat()).unwrap();
    let scores = novelty.scores(&infinite).unwrap();
    assert!(
        scores[0] > 1.0 && scores.iter().all(|score| score.is_finite()),
        "{scores:?}"
    );
    assert!(novelty.scores(&Matrix::new(1, 7, vec![0.0; 7]).unwrap()).is_err());
    assert_eq!(Novelty::fit(&data, 0.05, 7, Some(1)).unwrap(), novelty);
}

#[test]
fn one_class_leaves_none_out_and_what_is_no_sound_has_no_say() {
    let data = data(1);
    let of_one: Vec<usize> = (0..240).filter(|&row| data.y[row] == 0).collect();
    let one = data.take_rows(&of_one).unwrap();
    let novelty = Novelty::fit(&one, 0.05, 7, None).unwrap();
    assert_eq!(
        (novelty.criterion().detector, novelty.criterion().trials.len()),
        (DetectorKind::Neighbours, 0)
    );
    let mut named = data.clone();
    named.feature_names[0] = "place.country.category".to_owned();
    named.feature_names[1] = "year.optional".to_owned();
    let by_sound = Novelty::fit(&named, 0.05, 7, None).unwrap();
    let alone = named.take_cols(&[2, 3, 4, 5, 6, 7]).unwrap();
    let want = Novelty::fit(&alone, 0.05, 7, None).unwrap();
    assert_eq!(by_sound.scores(&named.x).unwrap(), want.scores(&alone.x).unwrap());
    let none = data.take_cols(&[]).unwrap();
    assert!(matches!(
        Novelty::fit(&none, 0.05, 7, None),
        Err(LearnError::InvalidParameter { .. })
    ));
    // 0.001 takes 999 rows.
    let few = Novelty::fit(&data, 0.001, 7, None).unwrap_err();
    assert!(few.to_string().contains("999 training rows"), "{few}");
    for wrong in [0.0, 1.0, f64::NAN] {
        assert!(Novelty::fit(&data, wrong, 7, None).is_err(), "{wrong}");
    }
}

#[test]
fn thresholds_are_those_of_their_rank() {
    let scores: Vec<f64> = (1..=99).map(f64::from).collect();
    // 100 * 0.95 = 95th of 99.
    assert_eq!(threshold(scores.clone(), 0.05), 95.0);
    assert_eq!(threshold(scores.clone(), 0.01), 99.0);
    assert!(check_rate(0.01, 99).is_ok() && check_rate(0.01, 98).is_err());
    assert!(threshold(vec![0.0; 99], 0.05) > 0.0);
    let mut rng = SeededRng::new(8);
    let draw = |rng: &mut SeededRng| (0..19).map(|_| rng.unit()).collect::<Vec<f64>>();
    let n_alarms = (0..4000)
        .filter(|_| threshold(draw(&mut rng), 0.1) < rng.unit())
        .count();
    // Binomial with 4,000 trials: the share is 0.1 exactly, four deviations are 76.
    assert!(n_alarms.abs_diff(400) < 76, "{n_alarms}");
}

#[test]
fn a_state_keeps_every_bit_and_damaged_ones_are_refused() {
    let data = data(1);
    for kind in DetectorKind::ALL {
        let criterion = Criterion {
            detector: kind,
            false_alarm: 0.01,
            threshold: 3.5,
            ..Criterion::default()
        };
        let novelty = Novelty {
            detector: Detector::fit(kind, &data, 0).unwrap(),
            columns: (0..8).collect(),
            criterion: criterion.clone(),
        };
        let state = novelty.state().unwrap();
        let read = |state: &ModelState, criterion: &Criterion, n| Novelty::read(state, criterion.clone(), n);
        let again = read(&state, &criterion, 8).unwrap();
        assert_eq!(again, novelty);
        let bits = |novelty: &Novelty| {
            let scores = novelty.scores(&data.x).unwrap();
            scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(&again), bits(&novelty));
        assert!(read(&state, &criterion, 7).is_err());
        for threshold in [0.0, f64::NAN, f64::INFINITY] {
            let wrong = Criterion {
                threshold,
                ..criterion.clone()
            };
            assert!(read(&state, &wrong, 8).is_err(), "{threshold}");
        }
        for name in state.tensors.keys().cloned().collect::<Vec<_>>() {
            let mut damaged = state.clone();
            damaged.tensors.remove(&name);
            assert!(read(&damaged, &criterion, 8).is_err(), "{name}");
            let mut damaged = state.clone();
            damaged
                .put(&name, &[1], crate::model::TensorValues::F32(vec![1.0]))
                .unwrap();
            assert!(read(&damaged, &criterion, 8).is_err(), "{name}");
        }
        let mut damaged = state.clone();
        damaged.put_fact("scaler", 7);
        assert!(read(&damaged, &criterion, 8).is_err());
    }
}
