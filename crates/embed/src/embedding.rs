//! An embedding in use: from a recording to its columns, and to its tags where the network names some.

use std::path::Path;
use std::time::{Duration, Instant};

use cratedigger_features::{AudioInfo, Error as AudioError, Limits};

use crate::card::Card;
use crate::contract::{Axis, Contract, Pooling};
use crate::error::{Error, Result};
use crate::front::patches;
use crate::graph::runtime::{Network, Output};
use crate::hearing::{FrontEnd, Hearing};
use crate::library;
use crate::musicnn::rebuilt::rebuilt;
use crate::musicnn::weights::Weights;
use crate::sound::Sound;

/// A network with its front end, ready for any number of threads.
pub struct Embedding {
    card: Card,
    contract: Contract,
    network: Network,
    front_end: FrontEnd,
}

/// What the network says of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// A number for each of [`Embedding::columns`].
    pub values: Vec<f64>,
    /// A share from 0 to 1 for each tag of the contract, the mean over patches; empty where there are none.
    pub tags: Vec<f64>,
    /// Patches that were heard.
    pub n_patches: usize,
}

impl Embedding {
    /// Opens a file (`.onnx` with its contract beside it, or an imported `.safetensors`), or an imported network by its name.
    ///
    /// `said` are entries of the contract in place of those in the file: `key=value`.
    ///
    /// # Errors
    /// `Unknown`, `Contract`, `Graph`, `Damaged`, `File`.
    pub fn open(named: &str, said: &[String]) -> Result<Self> {
        let path = library::find(named, &library::folder()?)?;
        let bytes = std::fs::read(&path).map_err(|error| Error::from(error).in_file(&path))?;
        let open = || match path
            .extension()
            .is_some_and(|extension| extension == library::EXTENSION)
        {
            true if !said.is_empty() => Err(Error::Contract(
                "an imported network has its own; nothing can be said to it".to_owned(),
            )),
            true => {
                let (onnx, contract) = rebuilt(&Weights::from_bytes(&bytes)?)?;
                Self::new(onnx, contract, blake3::hash(&bytes).to_hex().to_string())
            }
            false => {
                let contract = Contract::read(&path, said)?;
                let hash = blake3::hash(&bytes).to_hex().to_string();
                Self::new(bytes, contract, hash)
            }
        };
        open().map_err(|error| error.in_file(&path))
    }

    /// A network of an ONNX file. It hears one patch of zeros at once, to see whether it fits its contract.
    pub(crate) fn new(onnx: Vec<u8>, contract: Contract, hash: String) -> Result<Self> {
        let network = Network::load(onnx, &contract)?;
        let hearing = Hearing::of(&contract);
        let outputs = network.run(vec![0.0; contract.patch * hearing.width()])?;
        let n_columns = units(&outputs[0], &contract)?.len();
        if let Some(tags) = outputs.get(1)
            && tags.values.len() != contract.tags.len()
        {
            return Err(Error::Graph(format!(
                "its output of tags has the shape {:?}, and the contract names {} tags",
                tags.shape,
                contract.tags.len()
            )));
        }
        let card = Card {
            name: contract.name.clone(),
            hash,
            contract: contract.in_words(),
            n_columns,
            licence: contract.licence.clone(),
            pretrained_on: contract.pretrained_on.clone(),
            source: contract.source.clone(),
        };
        Ok(Self {
            card,
            contract,
            network,
            front_end: FrontEnd::new(hearing),
        })
    }

    /// What must be known of it.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// What it hears, and what it says.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Names of its columns: `embedding.NAME.001`, …
    pub fn columns(&self) -> Vec<String> {
        (1..=self.card.n_columns)
            .map(|i| format!("embedding.{}.{i:03}", self.card.name))
            .collect()
    }

    /// What makes of a recording what the network hears.
    pub fn front_end(&self) -> &FrontEnd {
        &self.front_end
    }

    /// Describes a recording.
    ///
    /// # Errors
    /// `Audio` where it cannot be decoded; `TooShort`; `Graph`.
    pub fn describe(&self, sound: Sound<'_>, limits: &Limits) -> Result<(Described, AudioInfo)> {
        let (heard, info) = self.front_end.hear(sound, limits)?;
        Ok((self.describe_heard(&heard, Duration::MAX)?, info))
    }

    /// The same of a file.
    ///
    /// # Errors
    /// As [`Self::describe`].
    pub fn describe_path(&self, path: &Path, limits: &Limits) -> Result<(Described, AudioInfo)> {
        self.describe(Sound::Path(path), limits)
    }

    /// Describes samples of one channel at `sample_rate` Hz.
    ///
    /// # Errors
    /// `TooShort`; `Graph`.
    pub fn describe_samples(&self, samples: &[f32], sample_rate: u32) -> Result<Described> {
        let heard = self.front_end.samples(samples.to_vec(), sample_rate);
        self.describe_heard(&heard, Duration::MAX)
    }

    /// Describes what its [`Self::front_end`] heard of a recording, within a time.
    ///
    /// # Errors
    /// `TooShort`; `Graph`; `Audio` where the time is over, which is looked at with each patch.
    pub fn describe_heard(&self, heard: &[f32], time: Duration) -> Result<Described> {
        let end = Instant::now().checked_add(time);
        let (contract, width) = (&self.contract, self.front_end.hearing().width());
        let starts = patches::starts(heard.len() / width, contract)?;
        let n_patches = starts.len();
        let mut values = Pool::new(contract.pooling, self.card.n_columns);
        let mut tags = Pool::new(Pooling::Mean, contract.tags.len());
        for start in starts {
            if end.is_some_and(|end| Instant::now() > end) {
                return Err(Error::Audio(AudioError::TookTooLong {
                    limit_s: time.as_secs_f64(),
                }));
            }
            let outputs = self.network.run(patches::cut(heard, start, contract, width))?;
            values.add(&units(&outputs[0], contract)?);
            if let Some(output) = outputs.get(1) {
                tags.add(&output.values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
            }
        }
        let described = Described {
            values: values.finish(),
            tags: tags.finish(),
            n_patches,
        };
        match described
            .values
            .iter()
            .chain(&described.tags)
            .all(|value| value.is_finite())
        {
            true => Ok(described),
            false => Err(Error::Graph("it gives values that are no numbers".to_owned())),
        }
    }
}

/// A vector that others are pooled into.
struct Pool {
    pooling: Pooling,
    values: Vec<f64>,
    n: usize,
}

impl Pool {
    fn new(pooling: Pooling, n_units: usize) -> Self {
        let nothing = match pooling {
            Pooling::Mean => 0.0,
            Pooling::Max => f64::NEG_INFINITY,
        };
        Self {
            pooling,
            values: vec![nothing; n_units],
            n: 0,
        }
    }

    fn add(&mut self, values: &[f64]) {
        self.n += 1;
        for (pooled, value) in self.values.iter_mut().zip(values) {
            match self.pooling {
                Pooling::Mean => *pooled += value,
                // A value that is no number stays one.
                Pooling::Max if value.is_nan() => *pooled = f64::NAN,
                Pooling::Max => {
                    *pooled = if pooled.is_nan() {
                        *pooled
                    } else {
                        pooled.max(*value)
                    }
                }
            }
        }
    }

    fn finish(self) -> Vec<f64> {
        let n = self.n.max(1) as f64;
        match self.pooling {
            Pooling::Mean => self.values.into_iter().map(|sum| sum / n).collect(),
            Pooling::Max => self.values,
        }
    }
}

/// The units of an output, pooled over its other dimensions.
fn units(output: &Output, contract: &Contract) -> Result<Vec<f64>> {
    let shape = &output.shape;
    let axes = contract.output_axes(shape.len());
    let fits = axes.len() == shape.len() && !shape.is_empty() && !output.values.is_empty();
    let batch = axes.iter().position(|axis| *axis == Axis::Batch);
    if !fits || batch.is_some_and(|at| shape[at] != 1) {
        return Err(Error::Graph(format!(
            "its output has the shape {shape:?}, and the contract says {axes:?} of one patch"
        )));
    }
    let at = axes
        .iter()
        .position(|axis| *axis == Axis::Unit)
        .unwrap_or(shape.len() - 1);
    let (n_units, behind) = (shape[at], shape[at + 1..].iter().product::<usize>());
    let n_before = shape[..at].iter().product::<usize>();
    let mut pool = Pool::new(contract.pooling, n_units);
    for before in 0..n_before {
        for place in 0..behind {
            let unit = |u: usize| f64::from(output.values[(before * n_units + u) * behind + place]);
            pool.add(&(0..n_units).map(unit).collect::<Vec<_>>());
        }
    }
    Ok(pool.finish())
}
