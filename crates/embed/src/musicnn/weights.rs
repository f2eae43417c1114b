//! A network's weights in one file of the format safetensors, with what must be known of them.

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::checkpoint::Tensor;
use crate::error::{Error, Result};

/// The one entry of the file's metadata.
const METADATA_KEY: &str = "cratedigger.embedding";

/// Which network the weights are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Architecture {
    /// musicnn.
    Musicnn,
    /// The VGG-like baseline of the same package.
    Vgg,
}

/// What must be known of the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) architecture: Architecture,
    pub(crate) licence: String,
    pub(crate) licence_text: String,
    pub(crate) pretrained_on: Vec<String>,
    pub(crate) source: String,
    pub(crate) tags: Vec<String>,
}

/// Tensors by the names that they had in the checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    pub(crate) about: About,
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

impl Weights {
    /// The bytes of the file; the same weights give the same bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let wrong = |error: String| Error::damaged(format!("the weights of {}", self.about.name), error);
        let about = serde_json::to_string(&self.about).map_err(|error| wrong(error.to_string()))?;
        let raw: Vec<(&String, &Tensor, Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| {
                let bytes = tensor
                    .values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                (name, tensor, bytes)
            })
            .collect();
        let views: Result<Vec<(&String, TensorView<'_>)>, _> = raw
            .iter()
            .map(|(name, tensor, bytes)| {
                Ok((*name, TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?))
            })
            .collect();
        let views = views.map_err(|error: safetensors::SafeTensorError| wrong(error.to_string()))?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), about)]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| wrong(error.to_string()))
    }

    /// The weights of a file.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let wrong = |problem: String| Error::damaged("the file of weights", problem);
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| wrong(error.to_string()))?;
        let about = metadata
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get(METADATA_KEY));
        let about = about.ok_or_else(|| {
            wrong(format!(
                "its metadata have no entry `{METADATA_KEY}`, so `cratedigger embedding import` did not write it"
            ))
        })?;
        let about: About = serde_json::from_str(about).map_err(|error| wrong(error.to_string()))?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(wrong(format!("tensor `{name}` is not of single precision")));
            }
            let values: Vec<f32> = view
                .data()
                .chunks_exact(4)
                .map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]))
                .collect();
            let shape = view.shape().to_vec();
            tensors.insert(name, Tensor { shape, values });
        }
        Ok(Self { about, tensors })
    }

    /// A tensor whose sizes are these, `None` for one that is free.
    pub(crate) fn get(&self, name: &str, shape: &[Option<usize>]) -> Result<&Tensor> {
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| self.wrong(format!("tensor `{name}` is missing")))?;
        let fits = tensor.shape.len() == shape.len()
            && tensor
                .shape
                .iter()
                .zip(shape)
                .all(|(found, wanted)| wanted.is_none_or(|wanted| wanted == *found))
            && tensor.values.len() == tensor.shape.iter().product::<usize>()
            && !tensor.values.is_empty();
        match fits {
            true => Ok(tensor),
            false => Err(self.wrong(format!(
                "tensor `{name}` has the shape {:?}, expected {shape:?}",
                tensor.shape
            ))),
        }
    }

    fn wrong(&self, problem: String) -> Error {
        Error::damaged(format!("the weights of {}", self.about.name), problem)
    }
}
