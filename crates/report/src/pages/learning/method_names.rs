//! What a method is called in a sentence, and its colour.

use cratedigger_learn::Method;

/// What a method is called in a sentence.
pub(crate) fn name_of(method: &str) -> &str {
    match method {
        "mlp" => "the neural network (mlp)",
        "linear-svc" => "the linear support vector machine (linear-svc)",
        "decision-tree" => "the decision tree (decision-tree)",
        "gradient-boosting" => "gradient boosting (gradient-boosting)",
        "logistic-regression" => "logistic regression (logistic-regression)",
        other => other,
    }
}

/// A text with its first letter raised.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A method's colour, the same in every picture.
pub(crate) fn colour(method: &str) -> String {
    match Method::ALL.iter().position(|known| known.name() == method) {
        _ if method == Method::MAJORITY.name() => "@soft".to_owned(),
        Some(index) => format!("@c{}", index % 6 + 1),
        None => "@ink".to_owned(),
    }
}
