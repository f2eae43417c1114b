#![allow(clippy::unwrap_used)]
use super::*;
use crate::analysis::Analyser;
use crate::answers::Genres;
use cratedigger_features::{FrameRecipe, Limits, MelRecipe};
use cratedigger_learn::model::{SetsCard, StyleCard, StylesCard};
use cratedigger_learn::multilabel::{LabelRows, fit_labels};
use cratedigger_learn::selective::ConformalSets;
use cratedigger_learn::{Dataset, FittedPipeline, Hierarchy, LabelMatrix, Method, Rows, TrainSet};

/// Two columns of `mfcc` that tell the classes apart, one of `zcr` that says nothing.
fn model(method: Method, change: impl FnOnce(&mut ModelCard)) -> Model {
    let mut rows = Vec::new();
    let mut y = Vec::new();
    for i in 0..40 {
        let (class, wobble) = (i % 2, (i / 2) as f32 / 20.0);
        let sign = if class == 0 { -1.0 } else { 1.0 };
        rows.push([
            5.0 + sign + 0.1 * wobble,
            -3.0 + 2.0 * sign - 0.2 * wobble,
            wobble,
        ]);
        y.push(class);
    }
    let x = Matrix::from_rows(&rows).unwrap();
    let mut data = Dataset::new(x, y, vec!["Folk".into(), "Rock".into()]).unwrap();
    data.feature_names = ["mfcc.mean.02", "mfcc.mean.01", "zcr.mean.01"]
        .map(str::to_owned)
        .to_vec();
    let train = TrainSet::new(&data.x, &data.y, 2).unwrap();
    let classifier = method.classifier(0);
    let pipeline = FittedPipeline::fit(&*classifier, &train).unwrap();
    let mut card = ModelCard::of(&data);
    change(&mut card);
    Model::new(pipeline, card).unwrap()
}

fn classifier(method: Method, change: impl FnOnce(&mut ModelCard), threshold: Option<f64>) -> Classifier {
    Classifier::new(model(method, change), "ab".into(), threshold, None).unwrap()
}

fn one(row: Vec<f32>) -> Matrix {
    Matrix::new(1, row.len(), row).unwrap()
}

#[test]
fn verdicts_and_sets_are_in_the_answer() {
    let sets = |card: &mut ModelCard| {
        let calibration = ConformalSets {
            coverage: 0.9,
            quantile: Some(0.3),
            class_quantiles: vec![None, Some(0.01)],
            ..ConformalSets::default()
        };
        card.threshold = Some(0.75);
        card.sets = Some(SetsCard {
            calibration,
            ..SetsCard::default()
        });
    };
    let c = classifier(Method::LOGISTIC_REGRESSION, sets, None);
    let answer = |row: Vec<f32>| {
        let verdict = c.classify_row(&one(row)).unwrap();
        serde_json::to_value(Genres::new(verdict, &c.card().labels)).unwrap()
    };
    let sure = answer(vec![6.0, -1.0, 0.5]);
    assert_eq!(
        (&sure["verdict"], &sure["genre"], &sure["abstained"]),
        (&"named".into(), &"Rock".into(), &false.into())
    );
    assert_eq!(sure["set"]["coverage"], 0.9);
    assert_eq!(sure["set"]["genres"], serde_json::json!(["Rock"]));
    // Nothing leaves Folk out of the sets by genre.
    let per_class = sure["set"]["genres_per_class"].as_array().unwrap();
    assert!(per_class.contains(&"Folk".into()), "{per_class:?}");
    // Half-way between the two.
    let unsure = answer(vec![5.0475, -3.095, 0.475]);
    assert_eq!(
        (&unsure["verdict"], &unsure["abstained"]),
        (&"uncertain".into(), &true.into())
    );
    assert!(unsure["genre"].is_null());
    assert_eq!(unsure["set"]["genres"], serde_json::json!([]));
    assert_eq!(unsure["set"]["genres_per_class"], serde_json::json!(["Folk"]));
    let plain = classifier(Method::LOGISTIC_REGRESSION, |_| {}, None);
    let verdict = plain.classify_row(&one(vec![6.0, -1.0, 0.5])).unwrap();
    let plain = serde_json::to_value(Genres::new(verdict, &plain.card().labels)).unwrap();
    assert!(plain["set"].is_null() && plain.as_object().unwrap().contains_key("set"));
}

#[test]
fn the_effect_of_a_family_is_the_change_when_it_is_replaced_by_the_training_mean() {
    for temperature in [None, Some(2.5)] {
        let c = classifier(
            Method::LOGISTIC_REGRESSION,
            |card| card.temperature = temperature,
            None,
        );
        let row = vec![5.6, -1.4, 0.9];
        let verdict = c.classify_row(&one(row.clone())).unwrap();
        assert_eq!(verdict.top, 1);
        // By the definition: the columns' means over the 40 rows, and the model asked again.
        let means = [5.0475_f32, -3.095, 0.475];
        let families = verdict.families.unwrap();
        assert_eq!(families.len(), 2);
        for (family, effect) in families {
            let mut replaced = row.clone();
            match family {
                Family::Mfcc => replaced[..2].copy_from_slice(&means[..2]),
                Family::Zcr => replaced[2] = means[2],
                other => panic!("{other} is not in the model"),
            }
            let x = Matrix::new(1, 3, replaced).unwrap();
            let p = c.model.predict(&x).unwrap().probabilities.unwrap().row(0)[1];
            let want = verdict.probabilities[1] - p;
            assert!((effect - want).abs() < 1e-5, "{family}: {effect}, not {want}");
            if family == Family::Mfcc {
                assert!(effect > 0.2, "the telling family has an effect of {effect}");
            }
        }
    }
}

#[test]
fn a_machine_whose_margins_were_calibrated_explains_itself_too() {
    let c = classifier(Method::LINEAR_SVC, |card| card.temperature = Some(0.7), None);
    let verdict = c.classify_row(&one(vec![5.6, -1.4, 0.9])).unwrap();
    assert_eq!(verdict.top, 1);
    let families = verdict.families.unwrap();
    assert_eq!(families[0].0, Family::Mfcc);
    assert!(families[0].1 > 0.2, "{families:?}");
}

#[test]
fn below_the_threshold_no_genre_is_named_and_the_flag_wins_over_the_model() {
    let row = vec![5.2, -2.7, 0.5];
    let own = |card: &mut ModelCard| card.threshold = Some(0.999_999);
    let by_model = classifier(Method::LOGISTIC_REGRESSION, own, None);
    assert_eq!(by_model.threshold(), 0.999_999);
    assert_eq!(
        by_model.classify_row(&one(row.clone())).unwrap().said,
        Said::Uncertain
    );
    let by_flag = classifier(Method::LOGISTIC_REGRESSION, own, Some(0.0));
    assert_eq!(
        by_flag.classify_row(&one(row.clone())).unwrap().said,
        Said::Genre(1)
    );
    let by_default = classifier(Method::LOGISTIC_REGRESSION, |_| (), None);
    assert_eq!(by_default.threshold(), LIKELIER_THAN_NOT);
}

#[test]
fn models_that_cannot_be_served_are_refused_with_the_reason() {
    let refuse = |model| {
        Classifier::new(model, String::new(), None, None)
            .map(|_| ())
            .unwrap_err()
    };
    let margins = refuse(model(Method::LINEAR_SVC, |_| ()));
    assert!(margins.in_one_line().contains("probabilities"), "{margins:?}");
    let recipe = refuse(model(Method::LOGISTIC_REGRESSION, |card| {
        card.recipe = Some("fma/99".into());
    }));
    assert!(recipe.in_one_line().contains("fma/99"), "{recipe:?}");
    let columns = refuse(model(Method::LOGISTIC_REGRESSION, |card| {
        card.feature_names[2] = "danceability".into();
    }));
    assert!(columns.in_one_line().contains("danceability"), "{columns:?}");
}

#[test]
fn a_tree_does_not_know_what_is_typical() {
    let c = classifier(Method::DECISION_TREE, |_| (), None);
    assert_eq!(c.classify_row(&one(vec![6.0, -1.0, 0.5])).unwrap().families, None);
}

#[test]
fn a_model_finds_its_columns_among_the_518() {
    let c = classifier(Method::LOGISTIC_REGRESSION, |_| (), None);
    let names: Vec<&str> = c
        .columns
        .iter()
        .map(|at| columns()[at.unwrap()].name.as_str())
        .collect();
    assert_eq!(names, ["mfcc.mean.02", "mfcc.mean.01", "zcr.mean.01"]);
}

#[test]
fn a_model_of_frames_gets_those_of_its_recipe_and_no_features() {
    let with_recipe = |recipe: &str| {
        let source = FramesInMemory::new(recipe, 96, vec![vec![0.5; 96 * 4], vec![0.1; 96 * 4]]).unwrap();
        let rows = Recordings::new(Arc::new(source), vec![0, 1, 0]).unwrap();
        let x = Matrix::new(3, 0, vec![]).unwrap().with_recordings(rows).unwrap();
        let data = Dataset::new(x, vec![0, 1, 1], vec!["Folk".into(), "Rock".into()]).unwrap();
        let train = TrainSet::new(&data.x, &data.y, 2).unwrap();
        let pipeline = FittedPipeline::fit(&*Method::MAJORITY.classifier(0), &train).unwrap();
        let model = Model::new(pipeline, ModelCard::of(&data)).unwrap();
        Classifier::new(model, "ab".into(), None, None)
    };
    let recipe = FrameRecipe::Mel(MelRecipe::default()).to_string();
    let c = with_recipe(&recipe).unwrap();
    assert!(!c.reads_features());
    let limits = Limits::default();
    let analyser = Analyser::new(c.recipe(), c.reads_features(), &c.card().frames, limits, None).unwrap();
    let tone: Vec<f32> = (0..8000).map(|i| (i as f32 * 0.1).sin()).collect();
    let sound = analyser.samples(&tone, 16_000).unwrap();
    assert!(sound.features.is_none());
    assert_eq!((sound.frames.len(), sound.frames[0].n_frames()), (1, 32));
    assert_eq!(sound.info.n_samples, 8000);
    let verdict = c.classify(&sound).unwrap();
    assert_eq!((verdict.top, verdict.probabilities.len()), (1, 2));
    let unknown = with_recipe("mel/9 sr=1").err().unwrap().to_string();
    assert!(unknown.contains("mel/9 sr=1"), "{unknown}");
}

#[test]
fn styles_are_in_the_answer_as_it_is_described() {
    let plain = model(Method::LOGISTIC_REGRESSION, |card| card.threshold = Some(0.75));
    let rows: Vec<[f32; 3]> = (0..40)
        .map(|i| {
            let (sign, wobble) = (if i % 2 == 0 { -1.0 } else { 1.0 }, (i / 2) as f32 / 20.0);
            [
                5.0 + sign + 0.1 * wobble,
                -3.0 + 2.0 * sign - 0.2 * wobble,
                wobble,
            ]
        })
        .collect();
    let x = Matrix::from_rows(&rows).unwrap();
    let data = Dataset::new(x, vec![0; 40], vec!["all".into()]).unwrap();
    let labels_of: Vec<Vec<usize>> = (0..40)
        .map(|i| match i % 4 {
            0 | 2 => vec![0],
            1 => vec![2],
            _ => vec![2, 1],
        })
        .collect();
    let names = ["Folk", "Punk", "Rock"].map(str::to_owned).to_vec();
    let labels = LabelMatrix::new(names, &labels_of).unwrap();
    let tree = Hierarchy::new(vec![None, Some(2), None]).unwrap();
    let labelled = LabelRows {
        rows: Rows::of(&data),
        labels: &labels,
        tree: &tree,
    };
    let styles = fit_labels(&*Method::LOGISTIC_REGRESSION.classifier(0), &labelled, None).unwrap();
    let genre = |genre: &str, parent: Option<&str>, threshold| StyleCard {
        genre: genre.into(),
        parent: parent.map(str::to_owned),
        threshold,
        ..StyleCard::default()
    };
    let card = StylesCard {
        genres: vec![
            genre("Folk", None, Some(0.9)),
            genre("Punk", Some("Rock"), Some(0.2)),
            genre("Rock", None, None),
        ],
        ..StylesCard::default()
    };
    let model = plain.with_styles(styles, card).unwrap();
    let c = Classifier::new(model, "ab".into(), None, None).unwrap();
    let verdict = c.classify_row(&one(vec![6.0, -1.0, 0.5])).unwrap();
    let answer = serde_json::to_value(Genres::new(verdict, &c.card().labels)).unwrap();
    let styles = answer["styles"].as_array().unwrap();
    let told: Vec<_> = styles
        .iter()
        .map(|style| {
            (
                style["genre"].as_str().unwrap(),
                style["parent"].as_str(),
                style["named"] == true,
            )
        })
        .collect();
    // Rock is named since Punk is, though it has no threshold.
    assert_eq!(
        told,
        [
            ("Rock", None, true),
            ("Punk", Some("Rock"), true),
            ("Folk", None, false)
        ]
    );
    let p: Vec<f64> = styles
        .iter()
        .map(|style| style["probability"].as_f64().unwrap())
        .collect();
    assert!(p[0] > 0.9 && p[1] > 0.2 && p[1] <= p[0] && p[2] < 0.1, "{p:?}");
    let doc: serde_json::Value = serde_json::from_str(crate::assets::OPENAPI).unwrap();
    let described = doc["components"]["schemas"]["Style"]["properties"]
        .as_object()
        .unwrap();
    assert!(described.keys().eq(styles[0].as_object().unwrap().keys()));
    let without = classifier(Method::LOGISTIC_REGRESSION, |_| {}, None);
    let verdict = without.classify_row(&one(vec![6.0, -1.0, 0.5])).unwrap();
    let answer = serde_json::to_value(Genres::new(verdict, &without.card().labels)).unwrap();
    assert!(answer["styles"].is_null() && answer.as_object().unwrap().contains_key("styles"));
}
