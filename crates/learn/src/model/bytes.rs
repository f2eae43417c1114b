//! The bytes of the files of models and autoencoders: safetensors with a header in its metadata, and a checksum over everything.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::{Dtype, SafeTensors, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{ModelError, ModelResult};
use crate::state::{ModelState, Tensor, TensorValues};

/// Format that is written, and the newest that is read.
const FORMAT: u32 = 1;

/// The one entry of the file's metadata, which says what is in it. More than one would be written in random order.
pub(crate) const MODEL: &str = "cratedigger";

/// How a checksum begins; 64 hexadecimal digits follow.
const CHECKSUM_PREFIX: &str = "blake3:";

/// What the metadata hold; `C` is the card.
#[derive(Serialize, Deserialize)]
pub(crate) struct Header<C> {
    pub(crate) format: u32,
    /// BLAKE3 of the file in which these digits are zeros.
    checksum: String,
    pub(crate) card: C,
    pub(crate) facts: BTreeMap<String, Value>,
}

/// As much of the header as every format has.
#[derive(Deserialize)]
struct AnyHeader {
    format: u32,
    #[serde(default)]
    card: AnyCard,
}

#[derive(Default, Deserialize)]
struct AnyCard {
    #[serde(default)]
    cratedigger: String,
}

/// The file of these tensors and this card.
pub(crate) fn write<C: Serialize>(kind: &str, state: &ModelState, card: &C) -> ModelResult<Vec<u8>> {
    let no_checksum = format!("{CHECKSUM_PREFIX}{}", "0".repeat(64));
    let header = Header {
        format: FORMAT,
        checksum: no_checksum.clone(),
        card,
        facts: state.facts.clone(),
    };
    let header = serde_json::to_string(&header).map_err(|error| ModelError::damaged(error.to_string()))?;
    let metadata = HashMap::from([(kind.to_owned(), header)]);
    let mut bytes = safetensors::serialize(state.tensors.iter(), Some(metadata))
        .map_err(|error| ModelError::damaged(error.to_string()))?;
    let at = find(&bytes, no_checksum.as_bytes())
        .ok_or_else(|| ModelError::damaged("the header has no place for its checksum"))?;
    let checksum = blake3::hash(&bytes).to_hex();
    bytes[at + CHECKSUM_PREFIX.len()..at + no_checksum.len()].copy_from_slice(checksum.as_bytes());
    Ok(bytes)
}

/// The tensors and the header of a file. Every size is bounded by the length of the file.
pub(crate) fn read<C: DeserializeOwned>(kind: &str, bytes: &[u8]) -> ModelResult<(ModelState, Header<C>)> {
    let not_a_model = |reason: String| ModelError::NotAModel { reason };
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| not_a_model(error.to_string()))?;
    let header = metadata
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(kind))
        .ok_or_else(|| not_a_model(format!("its metadata have no entry `{kind}`")))?;
    let any: AnyHeader = serde_json::from_str(header).map_err(|error| not_a_model(error.to_string()))?;
    if any.format > FORMAT {
        return Err(ModelError::Newer {
            found: any.format,
            supported: FORMAT,
            version: any.card.cratedigger,
        });
    }
    let header: Header<C> =
        serde_json::from_str(header).map_err(|error| ModelError::damaged(error.to_string()))?;
    check(bytes, &header.checksum)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| ModelError::damaged(error.to_string()))?;
    let mut state = ModelState {
        facts: header.facts.clone(),
        ..ModelState::default()
    };
    for (name, view) in tensors.tensors() {
        let values = match view.dtype() {
            Dtype::F32 => TensorValues::F32(numbers(view.data(), f32::from_le_bytes)),
            Dtype::F64 => TensorValues::F64(numbers(view.data(), f64::from_le_bytes)),
            Dtype::I64 => TensorValues::I64(numbers(view.data(), i64::from_le_bytes)),
            other => return Err(ModelError::damaged(format!("`{name}` is of type {other:?}"))),
        };
        state
            .put(&name, view.shape(), values)
            .map_err(|error| ModelError::damaged(error.to_string()))?;
    }
    Ok((state, header))
}

fn check(bytes: &[u8], expected: &str) -> ModelResult<()> {
    let digits = expected.strip_prefix(CHECKSUM_PREFIX).unwrap_or_default();
    let is_checksum = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let place = find(bytes, expected.as_bytes()).filter(|_| is_checksum);
    let Some(place) = place else {
        return Err(ModelError::damaged("its header has no checksum"));
    };
    let (from, to) = (place + CHECKSUM_PREFIX.len(), place + expected.len());
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..from]);
    hasher.update(&[b'0'; 64]);
    hasher.update(&bytes[to..]);
    let found = format!("{CHECKSUM_PREFIX}{}", hasher.finalize().to_hex());
    match found == expected {
        true => Ok(()),
        false => Err(ModelError::Checksum {
            expected: expected.to_owned(),
            found,
        }),
    }
}

/// Where `needle` is first found.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    match needle.is_empty() {
        true => None,
        false => bytes.windows(needle.len()).position(|window| window == needle),
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], from: fn([u8; N]) -> T) -> Vec<T> {
    bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|chunk| from(*chunk))
        .collect()
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        match self.values {
            TensorValues::F32(_) => Dtype::F32,
            TensorValues::F64(_) => Dtype::F64,
            TensorValues::I64(_) => Dtype::I64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(match &self.values {
            TensorValues::F32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            TensorValues::F64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            TensorValues::I64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        })
    }

    fn data_len(&self) -> usize {
        self.values.len()
            * if let TensorValues::F32(_) = self.values {
                4
            } else {
                8
            }
    }
}
