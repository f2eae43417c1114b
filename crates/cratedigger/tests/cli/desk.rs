//! A folder with synthetic archives in it.

use std::fs;
use std::path::Path;

use serde_json::Value;

pub(crate) use crate::common_desk::Desk;

impl Desk {
    /// A synthetic archive of `n` tracks in `name`.
    pub(crate) fn archive(&self, name: &str, n: &str, more: &[&str]) {
        self.ok(&[&["synth", name, "--tracks", n], more].concat());
    }
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
