//! Numbers and errors in the sentences that are findings themselves.

use cratedigger_learn::LearnError;

/// A count with its thousands set apart: `106,574`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 track`, `682 tracks`.
pub fn count_of(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// Things one after the other: `Folk, Jazz and Rock`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// One sentence of an error that stands for its whole chain.
pub fn sentence(error: &LearnError) -> String {
    let mut text = error.to_string();
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_sentence() {
        let error = LearnError::CannotSplit {
            n_rows: 3,
            reason: "no".into(),
        };
        assert_eq!(sentence(&error), "Cannot split 3 rows as asked: no.");
    }
}
