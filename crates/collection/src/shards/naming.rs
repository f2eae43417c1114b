//! What a part is called, and what it says of itself.

use std::fmt;

use cratedigger_features::Limits;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::manifest::{Entry, Manifest};
use super::share::Shard;

/// Digits of the hash in a name.
const N_DIGITS: usize = 16;

/// What is made of the recordings of all shards: what must be the same for their parts to fit together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// `features` or `genres`.
    pub kind: String,
    /// Version of the recipe of the features.
    pub recipe: String,
    /// Hash and contract of an embedding, hash of a model, threshold: what else decides the numbers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub with: String,
    /// Limits, which decide what fails.
    pub max_duration_s: f64,
    /// In bytes.
    pub max_bytes: u64,
    /// As a share.
    pub max_lost: f64,
}

impl Recipe {
    /// With these limits.
    pub fn new(kind: &str, recipe: &str, with: String, limits: &Limits) -> Self {
        Self {
            kind: kind.to_owned(),
            recipe: recipe.to_owned(),
            with,
            max_duration_s: limits.max_duration_s,
            max_bytes: limits.max_bytes,
            max_lost: limits.max_lost,
        }
    }
}

/// What tells files such as models apart in a [`Recipe`].
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..2 * N_DIGITS].to_owned()
}

/// `part-00003-of-00064-0123456789abcdef.parquet`: the shard, and a hash of its recordings and of the recipe.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartName {
    /// Which shard.
    pub shard: Shard,
    /// The first digits of the hash.
    pub hash: String,
}

impl PartName {
    /// What the part of these recordings is called.
    pub fn of(shard: Shard, entries: &[Entry], recipe: &Recipe) -> Self {
        let mut hash = blake3::Hasher::new();
        let recipe = serde_json::to_string(recipe).unwrap_or_default();
        for text in [recipe, shard.to_string()] {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        for entry in entries {
            entry.hash_into(&mut hash);
        }
        Self {
            shard,
            hash: hash.finalize().to_hex()[..N_DIGITS].to_owned(),
        }
    }

    /// Reads a name; `None` for that of anything else.
    pub fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("part-")?.strip_suffix(".parquet")?;
        let (index, rest) = rest.split_once("-of-")?;
        let (of, hash) = rest.split_once('-')?;
        let is_hash = hash.len() == N_DIGITS && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let shard = Shard::new(index.parse().ok()?, of.parse().ok()?)?;
        let found = Self {
            shard,
            hash: hash.to_owned(),
        };
        (is_hash && found.to_string() == name).then_some(found)
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, of) = (self.shard.index(), self.shard.of());
        write!(f, "part-{index:05}-of-{of:05}-{}.parquet", self.hash)
    }
}

/// What a part says of itself in its footer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct AboutPart {
    /// Hash of the manifest.
    pub(super) manifest: String,
    /// Recordings of the manifest.
    pub(super) n_all: u64,
    /// Recordings of the shard.
    pub(super) n_inputs: u64,
    /// What is made of them.
    pub(super) recipe: Recipe,
    /// Rows, and recordings that gave none; 0 until they are known.
    #[serde(default)]
    pub(super) n_rows: u64,
    #[serde(default)]
    pub(super) n_failed: u64,
}

impl AboutPart {
    pub(super) fn of(manifest: &Manifest, n_inputs: usize, recipe: &Recipe) -> Self {
        Self {
            manifest: manifest.hash().to_owned(),
            n_all: manifest.n(),
            n_inputs: n_inputs as u64,
            recipe: recipe.clone(),
            n_rows: 0,
            n_failed: 0,
        }
    }

    pub(super) fn as_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::objects::Known;

    #[test]
    fn names_come_back_and_tell_inputs_and_recipes_apart() {
        let entry = |size| Entry {
            uri: "s3://b/a.mp3".to_owned(),
            known: Known {
                size,
                version: "\"x\"".to_owned(),
            },
            id: "a.mp3".to_owned(),
        };
        let limits = Limits::default();
        let fma = Recipe::new("features", "fma/1", String::new(), &limits);
        let shard = Shard::new(3, 64).unwrap();
        let name = PartName::of(shard, &[entry(1)], &fma);
        assert!(name.to_string().starts_with("part-00003-of-00064-"), "{name}");
        assert_eq!(PartName::parse(&name.to_string()), Some(name.clone()));
        let librosa = Recipe::new("features", "librosa/1", String::new(), &limits);
        let others = [
            PartName::of(shard, &[entry(2)], &fma),
            PartName::of(shard, &[entry(1), entry(1)], &fma),
            PartName::of(shard, &[entry(1)], &librosa),
            PartName::of(
                shard,
                &[entry(1)],
                &Recipe::new("features", "fma/1", String::new(), &limits.max_lost(0.5)),
            ),
        ];
        assert!(others.iter().all(|other| other.hash != name.hash));
        for wrong in [
            "part-3-of-64-0123456789abcdef.parquet",
            "part-00003-of-00064-0123456789ABCDEF.parquet",
            "x.parquet",
        ] {
            assert_eq!(PartName::parse(wrong), None, "{wrong}");
        }
    }
}
