//! The sets of families of columns that `--sources` names.

use std::str::FromStr;

/// Sets of families of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sources {
    /// The features, then with each of the inputs, then with all.
    Each,
    /// These.
    Sets(Vec<Vec<String>>),
}

impl FromStr for Sources {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "each" {
            return Ok(Self::Each);
        }
        let families = |set: &str| -> Vec<String> {
            let names = set.split([',', '+']).map(str::trim);
            names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let sets: Vec<Vec<String>> = text
            .split(';')
            .map(families)
            .filter(|set| !set.is_empty())
            .collect();
        match sets.is_empty() {
            true => Err(
                "sets of families are wanted, as in `518; 518+place; 518+place+year`, or `each`".to_owned(),
            ),
            false => Ok(Self::Sets(sets)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sets_are_read_from_their_text() {
        let sets = |text: &str| text.parse::<Sources>();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let want = Sources::Sets(vec![
            names(&["518"]),
            names(&["518", "place"]),
            names(&["mfcc", "year"]),
        ]);
        assert_eq!(sets("518; 518+place ;mfcc, year;").unwrap(), want);
        assert_eq!(sets(" each ").unwrap(), Sources::Each);
        assert_eq!(sets("518").unwrap(), Sources::Sets(vec![names(&["518"])]));
        assert!(sets("").is_err() && sets(" ; ").is_err());
    }
}
