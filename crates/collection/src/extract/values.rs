//! What the journal of an extraction keeps: the job, and the values of each file.

use serde::{Deserialize, Serialize};

use super::heard::{Heard, N_NUMBERS};
use super::journal::Head;
use super::record::{Kept, take_u64};

/// What a journal is of; rows made otherwise must not be mixed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// Version of the recipe.
    pub(super) recipe: String,
    /// Limits, which decide what fails.
    pub(super) max_duration_s: f64,
    pub(super) max_bytes: u64,
    #[serde(default)]
    pub(super) max_lost: f64,
    /// Hash and contract of the embedding; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) embedding: String,
}

impl Head for Job {
    const BEGINNING: &'static [u8] = b"{\"recipe\":";
    const WHAT: &'static str = "the journal of an extraction; begin again with --restart";
    const BUSY: &'static str = "another extraction is writing to";

    fn differs_from(&self, found: &Self) -> String {
        if found.embedding != self.embedding {
            let named = |text: &str| match text {
                "" => "no embedding".to_owned(),
                text => format!("the embedding {text}"),
            };
            return format!(
                "was begun with {}, and now it is {}. Ask for the former, or begin again with --restart",
                named(&found.embedding),
                named(&self.embedding)
            );
        }
        format!(
            "was begun with recipe `{}`, at most {} s, {} bytes and a share of {} lost; now it is `{}`, {} s, {} bytes and {}. Ask \
             for the former, or begin again with --restart",
            found.recipe,
            found.max_duration_s,
            found.max_bytes,
            found.max_lost,
            self.recipe,
            self.max_duration_s,
            self.max_bytes,
            self.max_lost
        )
    }
}

/// The values of a file, and what was heard of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Values {
    pub(super) values: Vec<f64>,
    pub(super) heard: Heard,
}

impl Kept for Values {
    fn put(&self, body: &mut Vec<u8>) {
        self.heard.put(body);
        self.values
            .iter()
            .for_each(|v| body.extend_from_slice(&v.to_le_bytes()));
    }

    fn take(mut rest: &[u8]) -> Option<Self> {
        Some(Self {
            heard: Heard::take(&mut rest)?,
            values: rest
                .chunks_exact(8)
                .map(|c| c.try_into().map(f64::from_le_bytes).ok())
                .collect::<Option<_>>()?,
        })
    }
}

impl Heard {
    /// Appends its numbers to the body of a record.
    pub(crate) fn put(&self, body: &mut Vec<u8>) {
        for number in self.numbers() {
            body.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Takes what [`Heard::put`] put off the front.
    pub(crate) fn take(rest: &mut &[u8]) -> Option<Self> {
        let mut numbers = [0; N_NUMBERS];
        for number in &mut numbers {
            *number = take_u64(rest)?;
        }
        Self::of_numbers(numbers)
    }
}
