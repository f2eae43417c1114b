//! From weights to a network that can be run, with the contract that it has.

use super::network::N_FRAMES;
use super::weights::{Architecture, Weights};
use super::{network, vgg};
use crate::contract::{Contract, Input, Pooling, Tail};
use crate::error::{Error, Result};
use crate::library;

/// The ONNX file and its contract: patches of 3 seconds one after the other, what is left at the end dropped, as musicnn does.
pub(crate) fn rebuilt(weights: &Weights) -> Result<(Vec<u8>, Contract)> {
    let onnx = match weights.about.architecture {
        Architecture::Musicnn => network::onnx(weights)?,
        Architecture::Vgg => vgg::onnx(weights)?,
    };
    let about = &weights.about;
    let contract = Contract {
        name: about.name.clone(),
        input: Input::MusicnnMel,
        sample_rate: None,
        patch: N_FRAMES,
        hop: None,
        tail: Tail::Drop,
        layout: None,
        output: Some("penultimate".to_owned()),
        output_layout: None,
        pooling: Pooling::Mean,
        tags_output: Some("tags".to_owned()),
        tags: about.tags.clone(),
        licence: about.licence.clone(),
        pretrained_on: about.pretrained_on.clone(),
        source: about.source.clone(),
    };
    Ok((onnx, contract))
}

/// The ONNX file of an imported network, and its contract as TOML, for other runtimes.
///
/// # Errors
/// `Unknown`, `File`, `Damaged`.
pub fn export(named: &str) -> Result<(Vec<u8>, String)> {
    let path = library::find(named, &library::folder()?)?;
    let read = || {
        let weights = Weights::from_bytes(&std::fs::read(&path)?)?;
        let (onnx, contract) = rebuilt(&weights)?;
        let toml = toml::to_string(&contract).map_err(|error| Error::Contract(error.to_string()))?;
        Ok((onnx, toml))
    };
    read().map_err(|error: Error| error.in_file(&path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::graph::runtime::Network;
    use crate::musicnn::test_wheel::tiny;
    use crate::musicnn::weights::About;

    fn weights(architecture: Architecture) -> Weights {
        let parts = |name: &String| !name.contains("Adam") && name != "beta1_power";
        Weights {
            about: About {
                name: "tiny".to_owned(),
                architecture,
                licence: "ISC".to_owned(),
                licence_text: String::new(),
                pretrained_on: vec!["nothing".to_owned()],
                source: String::new(),
                tags: (0..50).map(|i| i.to_string()).collect(),
            },
            tensors: tiny(architecture)
                .into_iter()
                .filter(|(name, _)| parts(name))
                .collect(),
        }
    }

    /// Golden: `tests/golden/make_golden.py tiny`, plain sums in numpy.
    #[test]
    fn networks_equal_plain_sums() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/tiny.json")).unwrap();
        let mel: Vec<f32> = (0..187 * 96)
            .map(|i| {
                let (t, b) = ((i / 96) as f64, (i % 96) as f64);
                (1.5 + (t * 0.13 + b * 0.05).sin() + 0.5 * (b * 0.31 - t * 0.02).cos()) as f32
            })
            .collect();
        for (architecture, name) in [(Architecture::Musicnn, "musicnn"), (Architecture::Vgg, "vgg")] {
            let (onnx, contract) = rebuilt(&weights(architecture)).unwrap();
            let got = Network::load(onnx, &contract).unwrap().run(mel.clone()).unwrap();
            for (output, what) in got.iter().zip(["penultimate", "tags"]) {
                let want: Vec<f64> = serde_json::from_value(golden[name][what].clone()).unwrap();
                assert_eq!(output.values.len(), want.len(), "{name} {what}");
                assert!(
                    want.iter().any(|w| (w - want[0]).abs() > 0.01),
                    "{name} {what} says something"
                );
                for (i, (g, w)) in output.values.iter().zip(&want).enumerate() {
                    assert!((f64::from(*g) - w).abs() < 2e-5, "{name} {what} {i}: {g} {w}");
                }
            }
        }
    }

    #[test]
    fn weights_of_other_sizes_are_refused() {
        let mut lacking = weights(Architecture::Musicnn);
        lacking.tensors.remove("conv2d_3/bias");
        let error = rebuilt(&lacking).unwrap_err().to_string();
        assert!(
            error.contains("conv2d_3/bias") && error.contains("missing"),
            "{error}"
        );
        let mut other = weights(Architecture::Vgg);
        other.tensors.get_mut("dense/kernel").unwrap().shape = vec![5, 60];
        let error = rebuilt(&other).unwrap_err().to_string();
        assert!(
            error.contains("dense/kernel") && error.contains("[5, 60]"),
            "{error}"
        );
    }

    #[test]
    fn weights_come_back_from_their_bytes_and_damage_does_not() {
        let weights = weights(Architecture::Musicnn);
        let bytes = weights.to_bytes().unwrap();
        assert_eq!(Weights::from_bytes(&bytes).unwrap(), weights);
        assert_eq!(weights.to_bytes().unwrap(), bytes);
        for n in (0..bytes.len()).step_by(97) {
            assert!(Weights::from_bytes(&bytes[..n]).is_err(), "cut at {n}");
        }
    }
}
