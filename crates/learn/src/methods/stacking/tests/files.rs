//! Model files, states and ONNX.

use super::*;
use crate::model::{Model, ModelCard};
use crate::state::{ModelState, TensorValues};

fn model_of(estimators: &str, passthrough: bool) -> (Dataset, Model) {
    let data = rows(4);
    let classifier = StackingClassifier {
        passthrough,
        ..stack(estimators)
    };
    let fitted = FittedPipeline::fit_rows(&classifier, Rows::of(&data), None).unwrap();
    let card = ModelCard::of(&data);
    (data, Model::new(fitted, card).unwrap())
}

#[test]
fn a_model_file_holds_the_members() {
    let members = "gradient-boosting(n_estimators=4)@a,b; linear-svc@a,c; logistic-regression@kind; k-nearest-neighbours@b,kind; \
                   decision-tree(max_depth=3); mlp(max_iter=3, hidden_layer_sizes=4)@c; majority@a";
    for passthrough in [false, true] {
        let (data, model) = model_of(members, passthrough);
        let bytes = model.to_bytes().unwrap();
        let again = Model::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes().unwrap(), bytes);
        let bits = |model: &Model| {
            let proba = model.predict(&data.x).unwrap().probabilities.unwrap();
            proba.as_slice().iter().map(|p| p.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(&again), bits(&model));
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let (_, model) = model_of("linear-svc@a; decision-tree@b,kind", true);
    let good = model.pipeline().model().state().unwrap();
    assert_eq!(state::from_state(&good, 4, 3).unwrap().state().unwrap(), good);
    let refuse = |what: &str, n_features: usize, n_classes: usize, change: &dyn Fn(&mut ModelState)| {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(state::from_state(&bad, n_features, n_classes).is_err(), "{what}");
    };
    refuse("features", 3, 3, &|_| ());
    refuse("classes", 4, 2, &|_| ());
    refuse("no members", 4, 3, &|state| {
        state.put_fact("members", Vec::<u8>::new())
    });
    refuse("columns", 4, 3, &|state| {
        state.put_indices("member.1.columns", &[3, 1]).unwrap()
    });
    refuse("fewer columns", 4, 3, &|state| {
        state.put_indices("member.1.columns", &[3]).unwrap()
    });
    refuse("final", 4, 3, &|state| state.put_fact("final", "stacking"));
    refuse("other final", 4, 3, &|state| state.put_fact("final", "mlp"));
    refuse("passthrough", 4, 3, &|state| {
        state.put_fact("passthrough", Option::<String>::None)
    });
    refuse("pipeline", 4, 3, &|state| {
        state.put_fact("passthrough", "standard")
    });
    refuse("codes", 4, 3, &|state| {
        let values = TensorValues::F32(vec![2.0, 1.0]);
        state.put("member.1.pipeline.0.0.codes", &[2], values).unwrap();
    });
    let text = serde_json::to_string(&good.facts["members"]).unwrap();
    for (from, to) in [
        ("decision-tree\",\"pipeline", "stacking\",\"pipeline"),
        ("\"temperature\":", "\"temperature\":-"),
    ] {
        let text = text.replacen(from, to, 1);
        let facts: serde_json::Value = serde_json::from_str(&text).unwrap();
        refuse(to, 4, 3, &|state| state.put_fact("members", &facts));
    }
}

#[test]
fn frames_are_no_columns_and_recordings_go_with_their_rows() {
    use crate::data::recordings::{FramesInMemory, Recordings};
    use std::sync::Arc;

    let mut data = rows(6);
    let text = "majority@frames; decision-tree(max_depth=3)@a, frames";
    // Without recordings there is nothing to hear.
    let error = FittedPipeline::fit_rows(&stack(text), Rows::of(&data), None).unwrap_err();
    assert!(matches!(error, LearnError::Empty { .. }), "{error}");
    let frames = FramesInMemory::new("mel/1", 2, vec![vec![0.5; 8]; 200]).unwrap();
    let recordings = Recordings::new(Arc::new(frames), (0..200).collect()).unwrap();
    data.x = data.x.with_recordings(recordings).unwrap();
    let fitted = FittedPipeline::fit_rows(&stack(text), Rows::of(&data), None).unwrap();
    let model = Model::new(fitted, ModelCard::of(&data)).unwrap();
    let again = Model::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_eq!(again.predict(&data.x).unwrap(), model.predict(&data.x).unwrap());
}

#[test]
fn a_stack_is_exported_as_onnx_where_its_members_are() {
    let exported = |text: &str, last: &str, passthrough: bool| {
        let data = rows(7);
        let classifier = StackingClassifier {
            final_estimator: last.to_owned(),
            passthrough,
            ..stack(text)
        };
        let fitted = FittedPipeline::fit_rows(&classifier, Rows::of(&data), None).unwrap();
        let model = Model::new(fitted, ModelCard::of(&data)).unwrap();
        model.to_onnx().map_err(|error| error.to_string())
    };
    let last = "logistic-regression";
    let members = "logistic-regression@a; linear-svc@a,c; mlp(max_iter=3)@b,c|impute=mean,standard";
    assert!(exported(members, last, false).unwrap().len() > 1000);
    for (text, last, passthrough, hint) in [
        ("decision-tree@a; mlp(max_iter=3)@c", last, false, "decision-tree"),
        ("logistic-regression@kind", last, false, "encode=target"),
        ("logistic-regression@a", "decision-tree", false, "decision-tree"),
        ("logistic-regression@a", "linear-svc", false, "linear-svc"),
        ("logistic-regression@a", last, true, "passthrough"),
    ] {
        let error = exported(text, last, passthrough).unwrap_err();
        assert!(error.contains(hint), "{text}: {error}");
    }
}
