//! A model that names all genres of a row beside the one.

use super::*;
use crate::multilabel::{FittedLabels, LabelEvaluation, ThresholdFor, hold_out_labels};
use crate::{CvOptions, Hierarchy, LabelMatrix, Splitter};

/// Rock with Punk below it, and Folk; labels that the columns say something of.
fn labels(data: &Dataset) -> (LabelMatrix, Hierarchy) {
    let of_row = |row: usize| {
        let x = data.x.row(row);
        let mut has = if data.y[row] == 1 { vec![2] } else { vec![0] };
        if data.y[row] != 1 && x[2] > 0.0 {
            has.push(1);
        }
        has
    };
    let names = ["Rock", "Punk", "Folk"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<usize>> = (0..data.n_rows()).map(of_row).collect();
    (
        LabelMatrix::new(names, &rows).unwrap(),
        Hierarchy::new(vec![None, Some(0), None]).unwrap(),
    )
}

fn learnt(method: Method, data: &Dataset) -> (FittedLabels, LabelEvaluation, StylesCard) {
    let (labels, tree) = labels(data);
    let fold = Splitter::Artist.hold_out(data, 0.3, 0).unwrap();
    let options = CvOptions {
        pipeline: Some("impute=median,standard".parse().unwrap()),
        n_jobs: Some(1),
    };
    let classifier = method.classifier(0);
    let (labels, wanted) = ((&labels, &tree), ThresholdFor::F1);
    let (model, found) = hold_out_labels(&*classifier, data, labels, &fold, &options, wanted, 0).unwrap();
    let mut card = StylesCard::new(&model, &found, &labels.0.take_rows(&fold.train));
    card.min_support = 5;
    card.left_out.push(LeftOutCard {
        genre: "Polka".into(),
        n_rows: 3,
        n_artists: 2,
    });
    (model, found, card)
}

/// The model with styles by a method.
pub(super) fn with(model: Model, method: Method, data: &Dataset) -> Model {
    let (styles, _, card) = learnt(method, data);
    model.with_styles(styles, card).unwrap()
}

#[test]
fn styles_are_the_same_after_loading_bit_by_bit() {
    let data = data(3);
    for method in [
        Method::LOGISTIC_REGRESSION,
        Method::GRADIENT_BOOSTING,
        Method::MLP,
        Method::RANDOM_FOREST,
    ] {
        let plain = fit(method, &data, "impute=mean,standard");
        let want = bits(&plain.predict(&data.x).unwrap());
        let model = with(plain, method, &data);
        let bytes = model.to_bytes().unwrap();
        let loaded = Model::from_bytes(&bytes).unwrap();
        let (want_styles, styles) = (model.styles().unwrap(), loaded.styles().unwrap());
        let (a, b) = (
            want_styles.predict(&data.x).unwrap(),
            styles.predict(&data.x).unwrap(),
        );
        let exact = |said: &StylePredictions| -> Vec<u64> {
            said.probabilities
                .as_slice()
                .iter()
                .map(|p| p.to_bits())
                .collect()
        };
        assert_eq!((exact(&a), &a.named), (exact(&b), &b.named), "{method}");
        assert!(a.probabilities.rows().all(|row| row[1] <= row[0]), "{method}");
        assert!(a.named.iter().any(|named| named.contains(&1)), "{method}");
        for (row, named) in a.probabilities.rows().zip(&a.named) {
            // By hand: at or above the threshold, and what is above.
            let over =
                |label: usize| styles.thresholds().as_slice()[label].is_some_and(|least| row[label] >= least);
            let by_hand: Vec<usize> = (0..3)
                .filter(|&label| over(label) || (label == 0 && over(1)))
                .collect();
            assert_eq!(named, &by_hand);
        }
        // The one genre is what it was, and the file is the same again.
        assert_eq!(bits(&loaded.predict(&data.x).unwrap()), want, "{method}");
        assert_eq!(model.card(), loaded.card());
        assert_eq!(loaded.to_bytes().unwrap(), bytes, "{method}");
        // Another recipe leaves everything but itself.
        let renamed = loaded.with_recipe("librosa/1");
        assert_eq!(renamed.card().recipe.as_deref(), Some("librosa/1"));
        assert_eq!(
            renamed.with_recipe("fma/1 librosa-0.5.0").to_bytes().unwrap(),
            bytes
        );
    }
}

#[test]
fn the_card_tells_what_is_named_and_how_well() {
    let data = data(3);
    let (model, found, card) = learnt(Method::LOGISTIC_REGRESSION, &data);
    let claimed = &found.claims[0].claimed;
    for (label, genre) in card.genres.iter().enumerate() {
        let count = |of: &dyn Fn(usize) -> bool| (0..found.rows.len()).filter(|&row| of(row)).count() as f64;
        let has = |row: usize| found.labels.row(row)[label];
        let said = |row: usize| claimed.row(row)[label];
        let right = count(&|row| has(row) && said(row));
        assert_eq!(genre.n_test as f64, count(&has));
        assert_eq!(
            genre.precision,
            (count(&said) > 0.0).then(|| right / count(&said))
        );
        assert_eq!(genre.recall, Some(right / count(&has)));
    }
    let plain = fit(Method::MLP, &data, "impute=mean,standard");
    let model = plain.with_styles(model, card).unwrap();
    let text = model.card().to_string();
    for part in [
        "3 genres of",
        "logistic-regression after impute=median,standard",
        "1 more have fewer than 5 rows",
        "\nRock ",
        "\n  Punk ",
        "hierarchical_f1",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    // A card without what it tells of says nothing of it.
    let card = model.card().clone();
    let plain = fit(Method::MLP, &data, "impute=mean,standard");
    assert_eq!(
        Model::new(plain.into_parts().0, card).unwrap().card().styles,
        None
    );
    // The export says what is not in it.
    let onnx = model.to_onnx().unwrap();
    let told = |bytes: &[u8]| bytes.windows(12).any(|window| window == b"not_exported");
    assert!(told(&onnx) && !told(&fit(Method::MLP, &data, "impute=mean").to_onnx().unwrap()));
}

#[test]
fn styles_that_contradict_their_card_are_refused() {
    let data = data(3);
    let model = with(
        fit(Method::MLP, &data, "impute=mean,standard"),
        Method::DECISION_TREE,
        &data,
    );
    assert!(rewritten(&model, |_, _| {}).is_ok());
    type Change<'a> = &'a dyn Fn(&mut ModelState, &mut StylesCard);
    let cases: [Change<'_>; 16] = [
        &|_, card| card.genres[0].genre = "Polka".into(),
        &|_, card| card.genres[1].parent = None,
        &|_, card| card.genres[1].parent = Some("Folk".into()),
        &|_, card| drop(card.genres.pop()),
        &|_, card| card.genres[2].threshold = Some(1.5),
        &|_, card| card.genres[2].threshold = Some(-0.1),
        &|state, _| state.put_fact("styles.parents", [Some(1), Some(0), None]),
        &|state, _| state.put_fact("styles.parents", [Some(9), None, None]),
        &|state, _| state.put_fact("styles.labels", ["Rock", "Punk"]),
        &|state, _| state.put_fact("styles.method", "oracle"),
        &|state, _| state.put_fact("styles.pipeline", "impute=mean,whiten"),
        &|state, _| state.put_fact("styles.always", [Some(0.5), None, None]),
        &|state, _| state.put_fact("styles.always", [None::<f64>]),
        &|state, _| drop(state.facts.remove("styles.always")),
        &|state, _| drop(state.tensors.remove("styles.pipeline.1.mean")),
        &|state, _| {
            if let TensorValues::I64(values) =
                &mut state.tensors.get_mut("styles.label.1.left").unwrap().values
            {
                values[0] = 0;
            }
        },
    ];
    for (at, change) in cases.into_iter().enumerate() {
        let changed = rewritten(&model, |state, card| change(state, card.styles.as_mut().unwrap()));
        let error = changed.err().unwrap_or_else(|| panic!("case {at} was accepted"));
        assert!(matches!(error, ModelError::Damaged { .. }), "case {at}: {error}");
    }
    // A card that tells of styles that are not there, and one that says nothing of those that are.
    let plain = fit(Method::MLP, &data, "impute=mean,standard");
    let card = model.card().styles.clone();
    assert!(rewritten(&plain, |_, changed| changed.styles = card.clone()).is_err());
    assert!(
        rewritten(&model, |_, card| card.styles = None)
            .unwrap()
            .styles()
            .is_none()
    );
    // Other features.
    let (styles, _, card) = learnt(Method::DECISION_TREE, &data);
    let narrow = data.take_cols(&[0, 1, 2]).unwrap();
    let narrow = fit(Method::MLP, &narrow, "impute=mean,standard");
    assert!(narrow.with_styles(styles, card).is_err());
}
