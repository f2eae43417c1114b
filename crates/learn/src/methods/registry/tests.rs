#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::*;
use crate::estimator::Classifier;
use crate::methods::boosting::GradientBoosting;
use crate::methods::by_name::fields;
use crate::methods::linear::LogisticRegression;
use crate::methods::mlp::MlpClassifier;
use crate::methods::neighbours::KNeighborsClassifier;
use crate::methods::random_forest::RandomForest;
use crate::methods::stacking::StackingClassifier;
use crate::methods::svc::Svc;
use crate::methods::svm::LinearSvc;
use crate::methods::tree::DecisionTree;
use crate::params::{Param, ParamValue, parse_param};

fn with(method: Method, params: &[(&str, &str)]) -> Result<Box<dyn Classifier>> {
    let params = params
        .iter()
        .map(|(name, value)| (name.to_string(), value.parse().unwrap()))
        .collect();
    method.classifier_with(&params, 7)
}

fn value(classifier: &dyn Classifier, name: &str) -> ParamValue {
    let params = classifier.params();
    params.into_iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn names_are_read_back_and_unknown_ones_list_the_others() {
    for &method in Method::ALL {
        assert_eq!(method.name().parse::<Method>().unwrap(), method);
        assert_eq!(method.classifier(0).method(), method);
    }
    let error = "svm".parse::<Method>().unwrap_err().to_string();
    assert!(
        error.contains("`svm`") && error.contains("mlp") && error.contains("majority"),
        "{error}"
    );
}

#[test]
fn the_order_is_that_of_the_list() {
    assert!(Method::ALL.is_sorted_by(|a, b| a < b));
}

#[test]
fn every_field_is_in_the_table_and_the_other_way_round() {
    let check = |method: Method, fields: Map<String, Value>| {
        let mut names: Vec<&str> = method.params().iter().map(|param| param.name).collect();
        names.sort_unstable();
        let mut fields: Vec<&str> = fields.keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(names, fields, "{method}");
    };
    check(Method::LINEAR_SVC, fields(&LinearSvc::default()));
    check(Method::MLP, fields(&MlpClassifier::default()));
    check(Method::DECISION_TREE, fields(&DecisionTree::default()));
    check(Method::GRADIENT_BOOSTING, fields(&GradientBoosting::default()));
    check(
        Method::LOGISTIC_REGRESSION,
        fields(&LogisticRegression::default()),
    );
    check(
        Method::K_NEAREST_NEIGHBOURS,
        fields(&KNeighborsClassifier::default()),
    );
    check(Method::STACKING, fields(&StackingClassifier::default()));
    check(Method::SVC, fields(&Svc::default()));
    check(Method::RANDOM_FOREST, fields(&RandomForest::default()));
    assert!(Method::MAJORITY.params().is_empty());
}

#[test]
fn parameters_are_read_back_from_values_text_json_and_toml() {
    for &method in Method::ALL {
        let default = method.classifier(9);
        let listed = default.params();
        assert_eq!(listed.len(), method.params().len());
        let named: BTreeMap<String, ParamValue> =
            listed.iter().map(|(n, v)| (n.to_string(), v.clone())).collect();
        let again = |params: &BTreeMap<String, ParamValue>| {
            format!("{:?}", method.classifier_with(params, 1).unwrap())
        };
        let want = format!("{default:?}");
        assert_eq!(again(&named), want, "from values");
        let text = listed
            .iter()
            .map(|(n, v)| parse_param(&format!("{n} = {v}")).unwrap())
            .collect();
        assert_eq!(again(&text), want, "from text");
        let json = serde_json::to_string(&named).unwrap();
        assert_eq!(again(&serde_json::from_str(&json).unwrap()), want, "from JSON");
    }
}

#[test]
fn values_are_read_as_a_person_means_them() {
    for (text, want) in [
        ("none", ParamValue::None),
        ("None", ParamValue::None),
        ("True", ParamValue::Bool(true)),
        (" 12 ", ParamValue::Int(12)),
        ("-3", ParamValue::Int(-3)),
        ("1e-3", ParamValue::Float(0.001)),
        (".5", ParamValue::Float(0.5)),
        ("relu", ParamValue::Text("relu".into())),
        ("infinity", ParamValue::Text("infinity".into())),
        ("'relu'", ParamValue::Text("relu".into())),
        ("[100, 50]", ParamValue::IntList(vec![100, 50])),
        ("(100,)", ParamValue::IntList(vec![100])),
        ("100,50", ParamValue::IntList(vec![100, 50])),
        ("[]", ParamValue::IntList(vec![])),
        ("1, 2.5", ParamValue::FloatList(vec![1.0, 2.5])),
        ("a,b", ParamValue::Text("a,b".into())),
    ] {
        assert_eq!(text.parse::<ParamValue>().unwrap(), want, "{text}");
    }
    assert_eq!(
        serde_json::from_str::<ParamValue>("null").unwrap(),
        ParamValue::None
    );
    assert_eq!(
        serde_json::from_str::<ParamValue>("[1, 2.5]").unwrap(),
        ParamValue::FloatList(vec![1.0, 2.5])
    );
    assert!(parse_param("alpha").is_err());
    assert!(parse_param("=3").is_err());
    assert_eq!(parse_param("a==b").unwrap().1, ParamValue::Text("=b".into()));
}

#[test]
fn numbers_fit_where_they_can() {
    let mlp = with(
        Method::MLP,
        &[("alpha", "1"), ("max_iter", "50.0"), ("hidden_layer_sizes", "64")],
    )
    .unwrap();
    assert_eq!(value(&*mlp, "alpha"), ParamValue::Float(1.0));
    assert_eq!(value(&*mlp, "max_iter"), ParamValue::Int(50));
    assert_eq!(value(&*mlp, "hidden_layer_sizes"), ParamValue::IntList(vec![64]));
    assert_eq!(
        value(&*mlp, "random_state"),
        ParamValue::Int(7),
        "the seed that was passed"
    );
    let seeded = with(Method::MLP, &[("seed", "18446744073709551615")]).unwrap();
    assert_eq!(value(&*seeded, "random_state").to_string(), u64::MAX.to_string());

    let tree = |features: &str| {
        with(Method::DECISION_TREE, &[("max_features", features)]).map(|t| value(&*t, "max_features"))
    };
    assert_eq!(tree("sqrt").unwrap(), ParamValue::Text("sqrt".into()));
    assert_eq!(tree("3").unwrap(), ParamValue::Int(3));
    assert_eq!(tree("0.5").unwrap(), ParamValue::Float(0.5));
    assert_eq!(tree("none").unwrap(), ParamValue::None);

    let svm = with(Method::LINEAR_SVC, &[("dual", "true"), ("class_weight", "1,2.5")]).unwrap();
    assert_eq!(value(&*svm, "dual"), ParamValue::Bool(true));
    assert_eq!(
        value(&*svm, "class_weight"),
        ParamValue::FloatList(vec![1.0, 2.5])
    );
    let boosting = with(Method::GRADIENT_BOOSTING, &[("eta", "0.1"), ("lambda", "2")]).unwrap();
    assert_eq!(value(&*boosting, "learning_rate"), ParamValue::Float(0.1));
    assert_eq!(value(&*boosting, "reg_lambda"), ParamValue::Float(2.0));
}

#[test]
fn what_cannot_be_is_said() {
    let error = with(Method::MLP, &[("alfa", "1")]).unwrap_err().to_string();
    assert!(
        error.contains("alfa") && error.contains("mlp") && error.contains("alpha, batch_size"),
        "{error}"
    );
    let error = with(Method::MAJORITY, &[("C", "1")]).unwrap_err().to_string();
    assert!(error.contains("none"), "{error}");
    for (method, name, text, hint) in [
        (Method::MLP, "activation", "softplus", "relu, tanh or logistic"),
        (Method::MLP, "max_iter", "2.5", "whole number"),
        (Method::MLP, "max_iter", "-2", "whole number"),
        (Method::MLP, "alpha", "-1", "not negative"),
        (Method::MLP, "alpha", "true", "number"),
        (
            Method::MLP,
            "hidden_layer_sizes",
            "100,x",
            "list of whole numbers",
        ),
        (Method::DECISION_TREE, "max_depth", "0", "at least 1"),
        (Method::DECISION_TREE, "max_features", "cube", "sqrt, log2"),
        (Method::GRADIENT_BOOSTING, "subsample", "2", "at most 1"),
        (Method::LINEAR_SVC, "class_weight", "heavy", "balanced"),
        (Method::LINEAR_SVC, "fit_intercept", "1", "true or false"),
        (Method::LOGISTIC_REGRESSION, "C", "none", "number above 0"),
    ] {
        let error = with(method, &[(name, text)]).unwrap_err();
        assert!(
            matches!(&error, LearnError::InvalidParameter { name: found, .. } if *found == name),
            "{error}"
        );
        assert!(error.to_string().contains(hint), "{error}");
    }
    let nan = BTreeMap::from([("max_depth".to_owned(), ParamValue::Float(f64::NAN))]);
    assert!(Method::DECISION_TREE.classifier_with(&nan, 0).is_err());
    let twice = with(
        Method::GRADIENT_BOOSTING,
        &[("eta", "0.1"), ("learning_rate", "0.2")],
    )
    .unwrap_err();
    assert!(twice.to_string().contains("twice"), "{twice}");
}

#[test]
fn the_documentation_lists_the_parameters() {
    let text = include_str!("../../../../../docs/classifiers.md");
    for &method in Method::ALL {
        let name = |param: &Param| match param.aliases {
            [] | ["seed"] | ["num_boost_round"] => format!("`{}`", param.name),
            [alias, ..] => format!("`{}` (`{alias}`)", param.name),
        };
        let names: Vec<String> = method.params().iter().map(name).collect();
        let row = format!("| `{method}` | {} |", names.join(" "));
        assert!(
            names.is_empty() || text.contains(&row),
            "docs/classifiers.md lacks the line\n{row}"
        );
    }
}
