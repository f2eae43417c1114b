#![allow(clippy::unwrap_used)]

mod styles;
mod using;

use proptest::prelude::*;

use super::*;
use crate::test_support::cases;
use crate::{Dataset, FittedPipeline, Matrix, Method, Pipeline, Rows};
use cratedigger_stats::rng::SeededRng;

/// 90 rows in four classes, the third of which has no row; some values are missing.
fn data(n_present: usize) -> Dataset {
    let mut rng = SeededRng::new(11);
    let mut values = Vec::new();
    let y: Vec<usize> = (0..90).map(|row| [0, 1, 3][row % n_present]).collect();
    for (row, &class) in y.iter().enumerate() {
        for column in 0..5 {
            let value =
                rng.uniform(-1.0, 1.0) * 10f64.powi(column) + f64::from(u8::from(column as usize == class));
            values.push(if (row * 5 + column as usize) % 41 == 7 {
                f32::NAN
            } else {
                value as f32
            });
        }
    }
    let classes = ["Blues", "Folk", "Jazz", "Rock"].map(str::to_owned).to_vec();
    let mut data = Dataset::new(Matrix::new(90, 5, values).unwrap(), y, classes).unwrap();
    data.groups = Some((0..90).map(|row| row / 4).collect());
    data
}

const PIPELINE: &str = "impute=median,outliers=clip:2,log,quantile=normal:20,robust,standard";

fn fit(method: Method, data: &Dataset, pipeline: &str) -> Model {
    let pipeline: Pipeline = pipeline.parse().unwrap();
    let fitted = FittedPipeline::fit_rows(&*method.classifier(3), Rows::of(data), Some(&pipeline)).unwrap();
    let mut card = ModelCard::of(data);
    card.recipe = Some("fma/1 librosa-0.5.0".into());
    card.threshold = Some(0.5);
    card.scores.insert("accuracy".into(), 0.1 + 0.2);
    Model::new(fitted, card).unwrap()
}

/// All bits of what a model says.
fn bits(predictions: &Predictions) -> (Vec<usize>, Vec<u64>) {
    let scores = predictions
        .probabilities
        .as_ref()
        .or(predictions.decision.as_ref())
        .unwrap();
    let bits = scores.as_slice().iter().map(|value| value.to_bits()).collect();
    (predictions.classes.clone(), bits)
}

#[test]
fn every_method_says_the_same_after_loading_bit_by_bit() {
    let dir = tempfile::tempdir().unwrap();
    for &method in Method::ALL {
        for n_present in [2, 3] {
            let data = data(n_present);
            let model = fit(method, &data, PIPELINE);
            let path = dir.path().join(format!("{method}-{n_present}.cdmodel"));
            model.save(&path).unwrap();
            let loaded = Model::load(&path).unwrap();
            let (want, got) = (model.predict(&data.x).unwrap(), loaded.predict(&data.x).unwrap());
            assert_eq!(bits(&want), bits(&got), "{method}");
            let (want, got) = (model.pipeline(), loaded.pipeline());
            assert_eq!(want.steps(), got.steps());
            assert_eq!(want.model().n_iter(), got.model().n_iter(), "{method}");
            assert_eq!(want.model().converged(), got.model().converged(), "{method}");
            assert_eq!(
                want.model().feature_importance(),
                got.model().feature_importance(),
                "{method}"
            );
            assert_eq!(model.card(), loaded.card());
            assert_eq!(model.to_bytes().unwrap(), loaded.to_bytes().unwrap(), "{method}");
        }
    }
}

#[test]
fn saving_leaves_one_whole_file_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.cdmodel");
    let model = fit(Method::MAJORITY, &data(3), "impute=mean");
    model.save(&path).unwrap();
    model.save(&path).unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let nowhere = model
        .save(dir.path().join("no/such/folder/m.cdmodel"))
        .unwrap_err();
    assert!(nowhere.to_string().contains("m.cdmodel"), "{nowhere}");
    // The file can be read by anything that reads safetensors.
    let bytes = std::fs::read(&path).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.tensor("model.prior").unwrap().shape(), [4]);
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let bytes = fit(Method::DECISION_TREE, &data(3), "impute=mean")
        .to_bytes()
        .unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(
            Model::from_bytes(&changed).is_err(),
            "byte {at} of {}",
            bytes.len()
        );
    }
    for cut in [0, 4, 8, 20, bytes.len() / 2, bytes.len() - 1] {
        assert!(Model::from_bytes(&bytes[..cut]).is_err(), "{cut}");
    }
    let mut weight = bytes.clone();
    let last = bytes.len() - 3;
    weight[last] ^= 64;
    let error = Model::from_bytes(&weight).unwrap_err();
    assert!(matches!(error, ModelError::Checksum { .. }), "{error}");
}

#[test]
fn files_that_are_no_models_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tracks.csv");
    std::fs::write(&path, "track_id,genre\n1,Rock\n").unwrap();
    let error = Model::load(&path).unwrap_err().to_string();
    assert!(
        error.contains("tracks.csv") && error.contains("not a cratedigger model"),
        "{error}"
    );
    let missing = Model::load(dir.path().join("none.cdmodel"))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("none.cdmodel"), "{missing}");
    let foreign =
        safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    assert!(matches!(
        Model::from_bytes(&foreign),
        Err(ModelError::NotAModel { .. })
    ));
}

/// A model whose card or state was changed before it was written, with a checksum that fits.
fn rewritten(model: &Model, change: impl Fn(&mut ModelState, &mut ModelCard)) -> ModelResult<Model> {
    let (mut state, header) = bytes::read::<ModelCard>(bytes::MODEL, &model.to_bytes().unwrap()).unwrap();
    let mut card = header.card;
    change(&mut state, &mut card);
    Model::from_bytes(&bytes::write(bytes::MODEL, &state, &card).unwrap())
}

#[test]
fn contradictions_behind_a_good_checksum_are_refused() {
    let data = data(3);
    let tree = fit(Method::DECISION_TREE, &data, "impute=mean,standard");
    let mlp = fit(Method::MLP, &data, "impute=mean,standard");
    let boosting = fit(Method::GRADIENT_BOOSTING, &data, "impute=mean");
    assert!(rewritten(&tree, |_, _| {}).is_ok());
    let indices = |state: &mut ModelState, name: &str, at: usize, value: i64| {
        if let TensorValues::I64(values) = &mut state.tensors.get_mut(name).unwrap().values {
            values[at] = value;
        }
    };
    type Change<'a> = &'a dyn Fn(&mut ModelState, &mut ModelCard);
    let cases: [(&Model, Change<'_>); 17] = [
        (&tree, &|state, _| indices(state, "model.left", 0, 0)),
        (&tree, &|state, _| indices(state, "model.right", 0, 1 << 40)),
        (&tree, &|state, _| indices(state, "model.feature", 0, -1)),
        (&tree, &|state, _| indices(state, "model.classes", 0, 3)),
        (&tree, &|state, _| drop(state.tensors.remove("model.weights"))),
        (&tree, &|state, _| drop(state.tensors.remove("pipeline.1.mean"))),
        (&tree, &|_, card| card.labels.truncate(2)),
        (&tree, &|_, card| card.feature_names.push("more".into())),
        (&tree, &|_, card| card.feature_names.clear()),
        (&tree, &|_, card| card.method = "random-forest".into()),
        (&tree, &|_, card| card.pipeline = "impute=mean,whiten".into()),
        (&tree, &|_, card| card.temperature = Some(0.0)),
        (&tree, &|_, card| card.sets = Some(SetsCard::default())),
        (&mlp, &|state, _| state.put_fact("n_layers", 1)),
        (&mlp, &|state, _| state.put_fact("n_layers", u64::MAX)),
        (&mlp, &|state, _| drop(state.facts.remove("activation"))),
        (&boosting, &|state, _| indices(state, "model.starts", 1, 0)),
    ];
    for (at, (model, change)) in cases.into_iter().enumerate() {
        let error = rewritten(model, change)
            .err()
            .unwrap_or_else(|| panic!("case {at} was accepted"));
        assert!(matches!(error, ModelError::Damaged { .. }), "case {at}: {error}");
    }
    // NaN in a weight cannot even be written by us; as bytes it is refused.
    let text =
        serde_json::json!({"format": 9, "checksum": "", "card": {"cratedigger": "7.0.0"}, "facts": {}})
            .to_string();
    let metadata = std::collections::HashMap::from([("cratedigger".to_owned(), text)]);
    let newer = safetensors::serialize(
        Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(),
        Some(metadata),
    )
    .unwrap();
    let error = Model::from_bytes(&newer).unwrap_err().to_string();
    assert!(error.contains("7.0.0") && error.contains("update"), "{error}");
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let mut state = ModelState::default();
    assert!(
        state
            .put("w", &[2], TensorValues::F32(vec![1.0, f32::NAN]))
            .is_err()
    );
    assert!(
        state
            .put("w", &[1], TensorValues::F64(vec![f64::INFINITY]))
            .is_err()
    );
    assert!(
        state
            .put("w", &[usize::MAX, 2], TensorValues::F64(vec![]))
            .is_err()
    );
    assert!(state.put("w", &[3], TensorValues::F32(vec![1.0])).is_err());
}

proptest! {
    #![proptest_config(cases(400))]

    /// Whatever is done to a file, loading ends with an error or a model that answers.
    #[test]
    fn damaged_files_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let data = data(3);
        let model = styles::with(fit(Method::DECISION_TREE, &data, "impute=mean,standard"), Method::DECISION_TREE, &data);
        let (state, header) = bytes::read::<ModelCard>(bytes::MODEL, &model.to_bytes().unwrap()).unwrap();
        let mut bytes = model.to_bytes().unwrap();
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = Model::from_bytes(&bytes);
        // And past the checksum: any of the arrays with any values.
        let mut state = state;
        let names: Vec<String> = state.tensors.keys().cloned().collect();
        for (at, byte) in changes {
            let tensor = state.tensors.get_mut(&names[at.index(names.len())]).unwrap();
            let n = tensor.values.len();
            match &mut tensor.values {
                TensorValues::I64(values) => values[at.index(n)] = i64::from(byte as i8),
                TensorValues::F64(values) => values[at.index(n)] = f64::from(byte as i8) * 1e300,
                TensorValues::F32(values) => values[at.index(n)] = f32::from(byte as i8) * 1e38,
            }
        }
        if let Ok(model) = Model::from_bytes(&bytes::write(bytes::MODEL, &state, &header.card).unwrap()) {
            let _ = model.predict(&data.x);
            let _ = model.styles().map(|styles| styles.predict(&data.x));
        }
    }
}

#[test]
fn a_file_larger_than_any_model_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.cdmodel");
    // A hole: it takes no place on the disk.
    let file = std::fs::File::create(&path).unwrap();
    file.set_len((4 << 30) + 1).unwrap();
    let error = Model::load(&path).unwrap_err().to_string();
    assert!(
        error.contains("huge.cdmodel") && error.contains("4294967297 bytes"),
        "{error}"
    );
}

#[test]
fn the_card_tells_what_a_user_must_know() {
    let text = fit(Method::MLP, &data(3), "impute=mean,standard")
        .card()
        .to_string();
    for part in [
        "mlp",
        "impute=mean,standard",
        "Blues, Folk, Jazz, Rock",
        "fma/1 librosa-0.5.0",
        "90 rows by 23 artists",
        "accuracy",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn only_what_onnx_can_express_is_exported() {
    let data = data(3);
    for method in [
        Method::MLP,
        Method::LOGISTIC_REGRESSION,
        Method::LINEAR_SVC,
        Method::SVC,
        Method::RANDOM_FOREST,
    ] {
        let model = fit(method, &data, "impute=median,outliers=clip:2,log,robust,standard");
        assert!(model.to_onnx().unwrap().len() > 500);
        let quantile = fit(method, &data, PIPELINE).to_onnx().unwrap_err().to_string();
        assert!(quantile.contains("quantile=normal:20"), "{quantile}");
    }
    for method in [Method::DECISION_TREE, Method::GRADIENT_BOOSTING, Method::MAJORITY] {
        let error = fit(method, &data, "impute=mean").to_onnx().unwrap_err();
        assert!(matches!(error, ModelError::Onnx { .. }), "{error}");
    }
}

#[test]
fn names_that_no_table_is_wide_enough_for_are_refused() {
    let mut long = data(3);
    long.classes[1] = "x".repeat(70_000);
    let error = long.check().unwrap_err().to_string();
    assert_eq!(
        error,
        "the name of class 1 has 70000 characters; at most 1000 are taken"
    );
    long.classes[1] = "é".repeat(1000);
    long.check().unwrap();
    // In a file of somebody else's.
    let model = fit(Method::MAJORITY, &data(3), PIPELINE);
    for change in [0, 1] {
        let mut card = model.card().clone();
        match change {
            0 => card.labels[1] = "x".repeat(70_000),
            _ => card.feature_names[1] = "x".repeat(70_000),
        }
        let pipeline = Model::from_bytes(&model.to_bytes().unwrap())
            .unwrap()
            .into_parts()
            .0;
        let bytes = Model::new(pipeline, card).unwrap().to_bytes().unwrap();
        let error = Model::from_bytes(&bytes).unwrap_err().to_string();
        assert!(
            error.contains("1 has 70000 characters") && error.len() < 300,
            "{error}"
        );
    }
}
