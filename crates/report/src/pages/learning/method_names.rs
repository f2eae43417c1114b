//! What a method is called in a sentence, and its colour.

use cratedigger_learn::Method;

/// What a method is called in a sentence: its title with the name that the command line knows it by.
pub(crate) fn name_of(method: &str) -> String {
    match method.parse::<Method>() {
        Ok(known) if known != Method::MAJORITY => format!("{} ({known})", known.title()),
        _ => method.to_owned(),
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
