//! The changes that `--perturb` names.

use std::str::FromStr;

use anyhow::Result;
use cratedigger_features::{Change, ChangeKind};

/// Kinds of changes, each with a strength or with those that are tried unless one is named.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::commands::evaluate) struct Changes(Vec<(ChangeKind, Option<f64>)>);

impl Changes {
    /// The changes in the order asked for, each once; `control`: with none at all before them.
    pub(super) fn changes(&self, seed: u64, control: bool) -> Result<Vec<Change>> {
        let mut changes: Vec<Change> = Vec::new();
        if control {
            changes.push(Change::new(ChangeKind::None, 0.0, seed)?);
        }
        for &(kind, strength) in &self.0 {
            let one = strength.map(|strength| vec![strength]);
            for strength in one.unwrap_or_else(|| kind.strengths().to_vec()) {
                let change = Change::new(kind, strength, seed)?;
                if !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }
        Ok(changes)
    }
}

impl FromStr for Changes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut asked = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            if part == "all" {
                let all = ChangeKind::ALL
                    .into_iter()
                    .filter(|&kind| kind != ChangeKind::None);
                asked.extend(all.map(|kind| (kind, None)));
                continue;
            }
            let (kind, strength) = match part.split_once(':') {
                None => (part, None),
                Some((kind, strength)) => {
                    let number = strength.trim().parse::<f64>();
                    let number = number.map_err(|_| format!("`{part}`: `{strength}` is no number"))?;
                    (kind, Some(number))
                }
            };
            let kind: ChangeKind = kind
                .parse()
                .map_err(|error: cratedigger_features::Error| error.to_string())?;
            if let Some(strength) = strength {
                Change::new(kind, strength, 0).map_err(|error| error.to_string())?;
            }
            asked.push((kind, strength));
        }
        match asked.is_empty() {
            true => Err("changes are wanted, as in `gain,lowpass:4000`, or `all`".to_owned()),
            false => Ok(Self(asked)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn changes_are_read_from_their_text() {
        let words = |text: &str, control: bool| -> Vec<String> {
            let changes = text.parse::<Changes>().unwrap().changes(7, control).unwrap();
            changes.iter().map(Change::in_words).collect()
        };
        assert_eq!(
            words("gain, lowpass:3000,gain:-12,excerpt:0.5", false),
            ["gain -6 dB", "gain -12 dB", "lowpass 3000 Hz", "excerpt 0.5"]
        );
        assert_eq!(words("none,codec:24", true), ["none", "codec 24 kbit/s"]);
        assert_eq!(words("all", false).len(), 14);
        for text in ["", ",", "loud", "gain:x", "gain:99", "codec:1"] {
            assert!(text.parse::<Changes>().is_err(), "{text}");
        }
    }
}
