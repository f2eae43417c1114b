//! Features, recipes and temperatures of a model in use.

use super::*;
use crate::metrics::{PROBABILITY_FLOOR, TemperatureFit, TemperatureScaling};

#[test]
fn features_are_found_by_name_in_any_order() {
    let model = fit(Method::MAJORITY, &data(3), "impute=mean");
    let names = ["track_id", "x4", "x0", "x3", "x1", "x2", "x9"];
    assert_eq!(model.columns(&names).unwrap(), [2, 4, 5, 3, 1]);
    let error = model.columns(&["x0", "x3"]).unwrap_err().to_string();
    assert!(
        error.contains("3 of the 5") && error.contains("x1, x2, x4"),
        "{error}"
    );
}

#[test]
fn another_recipe_is_refused_with_both_names() {
    let model = fit(Method::MAJORITY, &data(3), "impute=mean");
    model.check_recipe("fma/1 librosa-0.5.0").unwrap();
    let error = model
        .check_recipe("librosa/1 librosa-0.11.0 22050")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("fma/1 librosa-0.5.0") && error.contains("librosa-0.11.0"),
        "{error}"
    );
}

#[test]
fn a_temperature_flattens_and_keeps_the_order() {
    let data = data(3);
    let plain = fit(Method::LOGISTIC_REGRESSION, &data, "impute=mean,standard");
    let mut card = plain.card().clone();
    card.temperature = Some(2.0);
    let (state, _) = bytes::read::<ModelCard>(bytes::MODEL, &plain.to_bytes().unwrap()).unwrap();
    let warm = Model::from_bytes(&bytes::write(bytes::MODEL, &state, &card).unwrap()).unwrap();
    let (a, b) = (plain.predict(&data.x).unwrap(), warm.predict(&data.x).unwrap());
    assert_eq!(a.classes, b.classes);
    for (p, q) in a
        .probabilities
        .unwrap()
        .rows()
        .zip(b.probabilities.unwrap().rows())
    {
        // At temperature 2 the square roots, normalised; class 2 has no rows and stays at 0.
        let roots: f64 = p.iter().map(|p| p.sqrt()).sum();
        for (p, q) in p.iter().zip(q) {
            assert!((p.sqrt() / roots - q).abs() < 1e-14);
        }
        assert_eq!(q[2], 0.0);
    }
}

#[test]
fn a_temperature_of_one_changes_no_bit_and_others_must_be_positive() {
    let data = data(3);
    let with = |temperature: f64| {
        let plain = fit(Method::LOGISTIC_REGRESSION, &data, "impute=mean,standard");
        let mut card = plain.card().clone();
        card.temperature = Some(temperature);
        Model::new(plain.into_parts().0, card)
    };
    let plain = fit(Method::LOGISTIC_REGRESSION, &data, "impute=mean,standard");
    let want = bits(&plain.predict(&data.x).unwrap());
    assert_eq!(bits(&with(1.0).unwrap().predict(&data.x).unwrap()), want);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(with(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_temperature_makes_probabilities_of_decision_values() {
    for n_present in [2, 3] {
        let data = data(n_present);
        let plain = fit(Method::LINEAR_SVC, &data, "impute=mean,standard");
        let mut card = plain.card().clone();
        card.temperature = Some(0.5);
        let (state, _) = bytes::read::<ModelCard>(bytes::MODEL, &plain.to_bytes().unwrap()).unwrap();
        let calibrated = Model::from_bytes(&bytes::write(bytes::MODEL, &state, &card).unwrap()).unwrap();
        let (a, b) = (
            plain.predict(&data.x).unwrap(),
            calibrated.predict(&data.x).unwrap(),
        );
        assert!(a.probabilities.is_none() && b.decision.is_none());
        assert_eq!(a.classes, b.classes);
        for (d, p) in a.decision.unwrap().rows().zip(b.probabilities.unwrap().rows()) {
            // Four classes, one hyperplane each for those with rows: exp(2 d), normalised.
            let powers: Vec<f64> = d.iter().map(|d| (2.0 * d).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for (power, p) in powers.iter().zip(p) {
                assert!((power / sum - p).abs() < 1e-12, "{d:?} {p}");
            }
        }
        assert!(calibrated.to_onnx().is_err());
    }
}

#[test]
fn a_temperature_softens_certainty_and_older_files_mean_what_they_meant() {
    let data = data(3);
    let plain = fit(Method::DECISION_TREE, &data, "impute=mean");
    let with = |floor: Option<f64>| {
        let mut card = plain.card().clone();
        (card.temperature, card.probability_floor) = (Some(20.0), floor);
        let (state, _) = bytes::read::<ModelCard>(bytes::MODEL, &plain.to_bytes().unwrap()).unwrap();
        Model::from_bytes(&bytes::write(bytes::MODEL, &state, &card).unwrap())
    };
    let proba = |model: &Model| model.predict(&data.x).unwrap().probabilities.unwrap();
    let (hard, old) = (proba(&plain), proba(&with(None).unwrap()));
    let soft = proba(&with(Some(PROBABILITY_FLOOR)).unwrap());
    assert!(hard.as_slice().iter().all(|&p| p == 0.0 || p == 1.0));
    assert_eq!(hard, old);
    // exp(ln(1e-12) / 20) against 1; class 2 has no rows, and the tree cannot mean it.
    let other = 1e-12f64.powf(0.05);
    for (hard, soft) in hard.rows().zip(soft.rows()) {
        for class in [0, 1, 3] {
            let want = if hard[class] == 1.0 { 1.0 } else { other } / (1.0 + 2.0 * other);
            assert!((soft[class] - want).abs() < 1e-12, "{soft:?}");
        }
        assert_eq!(soft[2], 0.0);
    }
    for bad in [-1e-9, 0.5, 1e300] {
        assert!(with(Some(bad)).is_err(), "{bad}");
    }
    // A file from before has no such field.
    let mut card = serde_json::to_value(plain.card()).unwrap();
    card.as_object_mut().unwrap().remove("probability_floor").unwrap();
    let card: ModelCard = serde_json::from_value(card).unwrap();
    assert_eq!(card.probability_floor, None);
}

#[test]
fn a_card_says_what_its_temperature_was_fitted_on() {
    let fit = |n_wrong, limited| {
        let mut card = ModelCard::default();
        card.set_temperature(&TemperatureFit {
            scaling: TemperatureScaling { temperature: 0.5 },
            n_rows: 150,
            n_wrong,
            limited,
        });
        assert_eq!(card.temperature, Some(0.5));
        assert_eq!(card.probability_floor, Some(PROBABILITY_FLOOR));
        card.notes.join("; ")
    };
    assert_eq!(
        fit(9, false),
        "the temperature was fitted on 150 held-out rows that are not scored"
    );
    assert!(fit(0, true).contains("none of them is wrong"));
    assert!(fit(0, false).contains("none of them is wrong"));
    assert!(fit(3, true).contains("only 3 of them are wrong"));
}
