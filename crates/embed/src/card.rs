//! What must be known of an embedding wherever its numbers go.

use serde::{Deserialize, Serialize};

/// What an embedding is: goes into files of features, model cards and reports.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// Its name, which is also that of its columns: `embedding.NAME.001`.
    pub name: String,
    /// BLAKE3 of the file of weights, in hexadecimal digits.
    pub hash: String,
    /// What the network hears and which of its outputs is taken, in words. With another hash or other words, the numbers mean
    /// something else.
    pub contract: String,
    /// Number of columns.
    pub n_columns: usize,
    /// The licence of the weights.
    pub licence: String,
    /// The data that the network was trained on.
    pub pretrained_on: Vec<String>,
    /// Where the weights come from.
    pub source: String,
}

/// Whether one of these data is the Free Music Archive's: scores on it then say nothing about other music.
pub fn names_the_fma(pretrained_on: &[String]) -> bool {
    pretrained_on.iter().any(|data| {
        let data = data.to_lowercase();
        let mut words = data.split(|c: char| !c.is_alphanumeric());
        words.any(|word| word == "fma") || data.contains("free music archive")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fma_is_known_by_its_names() {
        let is = |text: &str| names_the_fma(&[text.to_owned()]);
        for text in [
            "FMA",
            "fma_large",
            "FMA-full and others",
            "the Free Music Archive",
            "MSD, FMA",
        ] {
            assert!(is(text), "{text}");
        }
        for text in ["MagnaTagATune", "Million Song Dataset", "infma", "free music", ""] {
            assert!(!is(text), "{text}");
        }
        assert!(!names_the_fma(&[]));
    }
}
