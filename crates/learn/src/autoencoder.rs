//! The autoencoder of `cratedigger-deep` on recordings: trained without genres, kept in a file, and its code as columns
//! `autoencoder.mean.001`, …, `autoencoder.std.001`, ….

use std::ops::ControlFlow;

use cratedigger_deep::{Autoencoder as Network, AutoencoderOptions, DeepError, Epoch, TrainOptions};
use serde::{Deserialize, Serialize};

use crate::data::recordings::Recordings;
use crate::error::{LearnError, Result};
use crate::methods::by_name;
use crate::methods::network::clips::RowClips;
use crate::methods::network::words::{of_deep, told};
use crate::methods::network::{numbered, state};
use crate::model::bytes;
use crate::model::error::{ModelError, ModelResult};
use crate::params::words::{COUNT, NOT_NEGATIVE, POSITIVE, SEED, param};
use crate::params::{Param, Params};
use crate::watch::{FitEpoch, Watch};

/// What errors call it.
const NAME: &str = "autoencoder";

/// The entry of a file's metadata.
const FILE: &str = "cratedigger-autoencoder";

/// The parameters, under the names of networks of classes; masks and mixtures are of those alone.
const PARAMS: &[Param] = &[
    param("widths", "must be a list of 1 to 8 widths, such as [8,16,32]"),
    param("code", COUNT),
    param("excerpt_frames", COUNT),
    param("batch_size", COUNT),
    param("max_epochs", COUNT),
    param("learning_rate", POSITIVE),
    param("weight_decay", NOT_NEGATIVE),
    param("max_norm", POSITIVE),
    param("validation_fraction", "must be a share, at least 0 and below 1"),
    param("patience", COUNT),
    SEED,
];

/// How an autoencoder is trained.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoencoderSettings {
    /// Sizes of the network.
    #[serde(flatten)]
    pub sizes: AutoencoderOptions,
    /// How it is trained.
    #[serde(flatten)]
    pub training: TrainOptions,
}

impl AutoencoderSettings {
    /// The defaults with these parameters and this seed.
    ///
    /// # Errors
    /// `UnknownParameter`, `InvalidParameter`, or as the network says.
    pub fn new(params: &Params, seed: u64) -> Result<Self> {
        let settings: Self = by_name::filled(NAME, PARAMS, params, seed)?;
        settings.training.check().map_err(wrong)?;
        Ok(settings)
    }

    /// The fewest frames of `n_bands` numbers that a recording must have.
    ///
    /// # Errors
    /// `Library` where the sizes make no network for so many bands.
    pub fn fewest_frames(&self, n_bands: usize) -> Result<usize> {
        let frames = self.training.excerpt_frames;
        self.sizes.fewest_frames(n_bands, frames).map_err(wrong)
    }
}

fn wrong(error: DeepError) -> LearnError {
    of_deep(NAME, error)
}

/// What is to be known of an autoencoder.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoencoderCard {
    /// The recipe of the frames that it reads.
    pub frames: String,
    /// The recordings that it was trained on.
    pub n_recordings: usize,
    /// Where they come from.
    pub source: String,
    /// Parameters that were set; the others had their defaults.
    pub params: Params,
    /// The seed.
    pub seed: u64,
    /// Version of cratedigger that made it.
    pub cratedigger: String,
}

/// A trained autoencoder.
#[derive(Debug, Clone)]
pub struct Autoencoder {
    network: Network,
    card: AutoencoderCard,
}

impl Autoencoder {
    /// Trains on all rows. `groups`: that of each row, such as its artist, of which some are held out whole to know when to stop;
    /// without, single recordings are. What `watch` names as a checkpoint is gone on with. Fills in what of the card the training knows.
    ///
    /// # Errors
    /// `Frames` where a recording is too short or cannot be read; `Diverged`; `Library` where it was stopped, or where the checkpoint is
    /// of another training.
    pub fn train(
        settings: &AutoencoderSettings,
        recordings: &Recordings,
        groups: Option<&[i64]>,
        watch: Option<&dyn Watch>,
        card: AutoencoderCard,
    ) -> Result<Self> {
        let most = settings.training.max_epochs;
        let mut on_epoch = |epoch: &Epoch| match watch {
            Some(watch) => watch.epoch(&told(epoch, most)),
            None => ControlFlow::Continue(()),
        };
        let groups = groups.map(numbered);
        let network = Network::train(
            &settings.sizes,
            &settings.training,
            &RowClips(recordings),
            groups.as_deref(),
            watch.and_then(|watch| watch.checkpoint()),
            &mut on_epoch,
        )
        .map_err(wrong)?;
        Ok(Self {
            network,
            card: AutoencoderCard {
                frames: recordings.source().recipe().to_owned(),
                n_recordings: recordings.n_rows(),
                cratedigger: env!("CARGO_PKG_VERSION").to_owned(),
                ..card
            },
        })
    }

    /// What is to be known of it.
    pub fn card(&self) -> &AutoencoderCard {
        &self.card
    }

    /// What each epoch brought. Without seconds where it was read from a file.
    pub fn curve(&self) -> Vec<FitEpoch> {
        let curve = self.network.curve();
        curve.iter().map(|epoch| told(epoch, curve.len())).collect()
    }

    /// The fewest frames that a recording must have.
    pub fn fewest_frames(&self) -> usize {
        self.network.fewest_frames()
    }

    /// Names of the numbers of a recording's code: means over time, then standard deviations.
    pub fn columns(&self) -> Vec<String> {
        let n = self.network.code_len() / 2;
        ["mean", "std"]
            .iter()
            .flat_map(|statistic| (1..=n).map(move |at| format!("autoencoder.{statistic}.{at:03}")))
            .collect()
    }

    /// The codes of recordings, a number for each of [`Autoencoder::columns`], row after row. A recording's code does not depend on the
    /// others.
    ///
    /// # Errors
    /// `Frames` where they are of another recipe, too short, or cannot be read.
    pub fn encode(&self, recordings: &Recordings) -> Result<Vec<f32>> {
        let found = recordings.source().recipe();
        if found != self.card.frames {
            return Err(LearnError::frames(format!(
                "the autoencoder reads frames of `{}`, and these are of `{found}`",
                self.card.frames
            )));
        }
        self.network.encode(&RowClips(recordings)).map_err(wrong)
    }

    /// What is left of the frames of one recording that went through the code: as many numbers, in the units of the frames.
    ///
    /// # Errors
    /// `Frames` where they are too few or no numbers; `Library` where they are no whole frames.
    pub fn reconstruct(&self, frames: &[f32]) -> Result<Vec<f32>> {
        self.network.reconstruct(frames).map_err(wrong)
    }

    /// The bytes of its file; the same training gives the same bytes.
    ///
    /// # Errors
    /// `Learn` where a weight is not finite.
    pub fn to_bytes(&self) -> ModelResult<Vec<u8>> {
        let state = state::put(self.network.state().map_err(wrong)?)?;
        bytes::write(FILE, &state, &self.card)
    }

    /// The autoencoder of a file's bytes.
    ///
    /// # Errors
    /// `NotAnAutoencoder`, `Newer`, `Checksum`, `Damaged`. Bytes of any content give an error or an autoencoder, never a panic.
    pub fn from_bytes(bytes: &[u8]) -> ModelResult<Self> {
        let (state, header) = bytes::read::<AutoencoderCard>(FILE, bytes).map_err(|error| match error {
            ModelError::NotAModel { reason } => ModelError::NotAnAutoencoder { reason },
            error => error,
        })?;
        let damaged = |error: String| ModelError::damaged(error);
        let state = state::take(&state).map_err(|error| damaged(error.to_string()))?;
        let network = Network::from_state(&state).map_err(|error| damaged(error.to_string()))?;
        Ok(Self {
            network,
            card: header.card,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::data::recordings::FramesInMemory;
    use crate::parallel::with_threads;

    /// Recordings of 40 and more frames of 8 bands: a band that is loud, another in each half of them.
    fn recordings(recipe: &str) -> Recordings {
        let recording = |r: usize| {
            let value = |at: usize| {
                let (frame, band) = (at / 8, at % 8);
                let loud = usize::from(r % 2 == 1) * 4 + frame / 4 % 2;
                f32::from(u8::from(band == loud)) + 0.01 * ((at * 31 + r * 17) % 13) as f32
            };
            (0..8 * (40 + r)).map(value).collect()
        };
        let source = FramesInMemory::new(recipe, 8, (0..12).map(recording).collect()).unwrap();
        Recordings::new(Arc::new(source), (0..12).collect()).unwrap()
    }

    fn settings(more: &[(&str, &str)]) -> Result<AutoencoderSettings> {
        let small = [
            ("widths", "4,8"),
            ("code", "2"),
            ("excerpt_frames", "16"),
            ("max_epochs", "3"),
            ("batch_size", "4"),
        ];
        let params = small.iter().chain(more);
        let params = params.map(|(name, value)| ((*name).to_owned(), value.parse().unwrap()));
        AutoencoderSettings::new(&params.collect(), 7)
    }

    fn trained(threads: usize) -> Autoencoder {
        let (rows, card) = (recordings("mel/1"), AutoencoderCard::default());
        let groups: Vec<i64> = (0..12).map(|row| row / 2).collect();
        with_threads(Some(threads), || {
            Autoencoder::train(&settings(&[])?, &rows, Some(&groups), None, card.clone())
        })
        .unwrap()
    }

    #[test]
    fn one_thread_and_two_give_the_same_file_and_the_file_the_same_codes() {
        let one = trained(1);
        let bytes = one.to_bytes().unwrap();
        assert!(trained(2).to_bytes().unwrap() == bytes);
        let again = Autoencoder::from_bytes(&bytes).unwrap();
        assert_eq!(again.card(), one.card());
        assert_eq!(
            (one.card().frames.as_str(), one.card().n_recordings),
            ("mel/1", 12)
        );
        assert_eq!(one.curve().len(), 3);
        assert!(one.curve()[2].train_loss < one.curve()[0].train_loss);
        let rows = recordings("mel/1");
        let codes = one.encode(&rows).unwrap();
        assert_eq!(again.encode(&rows).unwrap(), codes);
        // Two bands are left of eight, with two channels each, by their means and deviations.
        let columns = one.columns();
        assert_eq!((columns.len(), codes.len()), (8, 12 * 8));
        assert_eq!(
            (columns[0].as_str(), columns[7].as_str()),
            ("autoencoder.mean.001", "autoencoder.std.004")
        );
        // A recording by itself has the same code.
        assert_eq!(one.encode(&rows.take_rows(&[5])).unwrap(), codes[5 * 8..6 * 8]);
        let frames: Vec<f32> = (0..8 * 40).map(|at| at as f32).collect();
        assert_eq!(one.reconstruct(&frames).unwrap().len(), frames.len());
    }

    #[test]
    fn what_is_no_autoencoder_is_refused() {
        let bytes = trained(1).to_bytes().unwrap();
        let refused = |bytes: &[u8]| Autoencoder::from_bytes(bytes).unwrap_err();
        let mut damaged = bytes.clone();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert!(matches!(refused(&damaged), ModelError::Checksum { .. }));
        assert!(matches!(refused(b"text"), ModelError::NotAnAutoencoder { .. }));
        // A model is none, and the other way round.
        assert!(matches!(
            crate::Model::from_bytes(&bytes).unwrap_err(),
            ModelError::NotAModel { .. }
        ));
        for n in (0..bytes.len()).step_by(97) {
            assert!(Autoencoder::from_bytes(&bytes[..n]).is_err());
        }
        let other = trained(1).encode(&recordings("mel/2")).unwrap_err().to_string();
        assert!(other.contains("mel/1") && other.contains("mel/2"), "{other}");
    }

    #[test]
    fn parameters_are_read_by_name() {
        let found = settings(&[("seed", "3")]).unwrap();
        assert_eq!(
            (found.sizes.widths.as_slice(), found.sizes.code),
            ([4, 8].as_slice(), 2)
        );
        assert_eq!((found.training.random_state, found.training.max_epochs), (3, 3));
        assert_eq!(settings(&[]).unwrap().training.random_state, 7);
        assert_eq!(found.fewest_frames(8).unwrap(), 4);
        assert!(settings(&[("code", "0")]).unwrap().fewest_frames(8).is_err());
        assert!(settings(&[("code", "3000")]).unwrap().fewest_frames(8).is_err());
        for (name, value) in [("mixup", "0.2"), ("widths", "wide"), ("learning_rate", "0")] {
            assert!(settings(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
