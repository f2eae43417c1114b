//! What a network wants to hear, and which of its outputs is the embedding: declared, since a graph does not say it.
//!
//! A wrong front end gives numbers all the same, and wrong genres with them. So nothing is guessed: what the contract leaves
//! open has one documented default, and what the graph says otherwise is refused.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::front::mel;

/// What the network is fed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// Samples of one channel at the declared rate.
    Waveform,
    /// Log-mel frames of the `musicnn` front end: see [`crate::front::mel`].
    MusicnnMel,
}

/// What becomes of the end of a recording that fills no whole patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tail {
    /// It is left out; a recording shorter than one patch is refused.
    #[default]
    Drop,
    /// Zeros follow it.
    Zeros,
}

/// How the outputs of all patches become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Their mean.
    #[default]
    Mean,
    /// The largest value of each unit.
    Max,
}

/// What a dimension of an input or an output means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// Patches; one at a time.
    Batch,
    /// Samples or frames.
    Time,
    /// Mel bands of an input.
    Band,
    /// One channel of sound.
    Channel,
    /// The numbers of an output that become columns.
    Unit,
}

/// The contract, as the TOML file beside the network says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Name of the columns: letters, digits, `_` and `-`. By default the file's name without its extension.
    #[serde(default)]
    pub name: String,
    /// What the network is fed with.
    pub input: Input,
    /// Rate of a waveform in Hz; that of the mel front end is 16,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// What the network hears at once: samples of a waveform, or frames.
    pub patch: usize,
    /// From the beginning of a patch to that of the next; by default the patches follow each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<usize>,
    /// The end of a recording.
    #[serde(default)]
    pub tail: Tail,
    /// Dimensions of the input; by default batch and time, or batch, time and band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Vec<Axis>>,
    /// Name of the output that is the embedding; it may be left out where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Dimensions of that output; by default batch first, unit last, and time between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_layout: Option<Vec<Axis>>,
    /// How patches (and, where the output has it, time) become one vector.
    #[serde(default)]
    pub pooling: Pooling,
    /// Name of the output that has a share from 0 to 1 for each tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags_output: Option<String>,
    /// The tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The licence of the weights.
    pub licence: String,
    /// The data that the network was trained on.
    pub pretrained_on: Vec<String>,
    /// Where the weights come from.
    #[serde(default)]
    pub source: String,
}

impl Contract {
    /// Reads the file beside a network, if there is one, and puts what was said on the command line (`key=value`, the value as
    /// in TOML, or a text without quotes) in its place.
    ///
    /// # Errors
    /// `Contract` where a key is lacking, unknown or without sense.
    pub fn read(network: &Path, said: &[String]) -> Result<Self> {
        let path = network.with_extension("toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && said.is_empty() => {
                return Err(Error::Contract(format!(
                    "{} does not say what the network hears; write `input`, `patch`, `licence` and `pretrained_on` into it, or \
                     give them on the command line (docs/embeddings.md)",
                    path.display()
                )));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::from(error).in_file(&path)),
        };
        let stem = network
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Self::parse(&text, said, &stem).map_err(|error| match text.is_empty() {
            true => error,
            false => error.in_file(&path),
        })
    }

    /// The contract of a text in TOML, with what was said besides. `name` is what it is called where it does not say.
    ///
    /// # Errors
    /// `Contract`.
    pub fn parse(text: &str, said: &[String], name: &str) -> Result<Self> {
        let wrong = |error: toml::de::Error| Error::Contract(error.to_string().trim_end().to_owned());
        let mut table: toml::Table = toml::from_str(text).map_err(wrong)?;
        for pair in said {
            let Some((key, value)) = pair.split_once('=') else {
                return Err(Error::Contract(format!("`{pair}` is no KEY=VALUE")));
            };
            let parsed: Result<toml::Table, _> = toml::from_str(&format!("value = {}", value.trim()));
            let value = match parsed {
                Ok(mut one) => one.remove("value"),
                Err(_) => None,
            }
            .unwrap_or_else(|| toml::Value::String(value.trim().to_owned()));
            table.insert(key.trim().to_owned(), value);
        }
        let mut contract: Self = table.try_into().map_err(wrong)?;
        if contract.name.is_empty() {
            contract.name = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        }
        contract.check()?;
        Ok(contract)
    }

    /// Rate in Hz that the sound is brought to.
    pub fn rate(&self) -> u32 {
        match self.input {
            Input::MusicnnMel => mel::SAMPLE_RATE,
            Input::Waveform => self.sample_rate.unwrap_or(0),
        }
    }

    /// From the beginning of a patch to that of the next.
    pub fn step(&self) -> usize {
        self.hop.unwrap_or(self.patch)
    }

    /// Length of a patch in seconds.
    pub fn patch_s(&self) -> f64 {
        let samples = match self.input {
            Input::Waveform => self.patch,
            Input::MusicnnMel => self.patch * mel::HOP_LENGTH,
        };
        samples as f64 / f64::from(self.rate().max(1))
    }

    /// Dimensions of the input.
    pub fn input_axes(&self) -> Vec<Axis> {
        self.layout.clone().unwrap_or_else(|| match self.input {
            Input::Waveform => vec![Axis::Batch, Axis::Time],
            Input::MusicnnMel => vec![Axis::Batch, Axis::Time, Axis::Band],
        })
    }

    /// Dimensions of an output of that rank, batch first and unit last where nothing else is said.
    pub(crate) fn output_axes(&self, rank: usize) -> Vec<Axis> {
        self.output_layout.clone().unwrap_or_else(|| {
            (0..rank)
                .map(|at| match at {
                    _ if at + 1 == rank => Axis::Unit,
                    0 => Axis::Batch,
                    _ => Axis::Time,
                })
                .collect()
        })
    }

    /// All that the numbers depend on, in one line; the same for contracts that mean the same.
    pub fn in_words(&self) -> String {
        let axes = |axes: &[Axis]| format!("{axes:?}").to_lowercase();
        format!(
            "{} at {} Hz, patch {}, hop {}, tail {}, layout {}, output {}{}, {}",
            match self.input {
                Input::Waveform => "waveform",
                Input::MusicnnMel => "musicnn-mel",
            },
            self.rate(),
            self.patch,
            self.step(),
            match self.tail {
                Tail::Drop => "dropped",
                Tail::Zeros => "filled with zeros",
            },
            axes(&self.input_axes()),
            self.output.as_deref().unwrap_or("the only one"),
            self.output_layout
                .as_deref()
                .map_or(String::new(), |layout| format!(" {}", axes(layout))),
            match self.pooling {
                Pooling::Mean => "mean",
                Pooling::Max => "largest",
            }
        )
    }

    fn check(&self) -> Result<()> {
        let refuse = |text: String| Err(Error::Contract(text));
        if self.name.is_empty() || !self.name.chars().all(is_plain) {
            return refuse(format!(
                "the name `{}` has more than letters, digits, `_` and `-`",
                self.name
            ));
        }
        match (self.input, self.sample_rate) {
            (Input::Waveform, None) => return refuse("a waveform needs its `sample_rate` in Hz".into()),
            (Input::Waveform, Some(rate)) if !(1000..=192_000).contains(&rate) => {
                return refuse(format!("sample_rate {rate} is outside 1000 to 192000"));
            }
            (Input::MusicnnMel, Some(rate)) if rate != mel::SAMPLE_RATE => {
                return refuse(format!(
                    "the front end `musicnn-mel` works at 16000 Hz, not at {rate}"
                ));
            }
            _ => {}
        }
        if self.patch == 0 || self.patch > 1 << 24 || self.step() == 0 {
            return refuse(format!(
                "patch {} and hop {} must be above 0",
                self.patch,
                self.step()
            ));
        }
        let wanted: &[Axis] = match self.input {
            Input::Waveform => &[Axis::Batch, Axis::Time],
            Input::MusicnnMel => &[Axis::Batch, Axis::Time, Axis::Band],
        };
        let axes = self.input_axes();
        let once = |axis: &Axis| axes.iter().filter(|a| *a == axis).count();
        if wanted.iter().any(|axis| once(axis) != 1)
            || once(&Axis::Channel) > 1
            || axes.len() != wanted.len() + once(&Axis::Channel)
        {
            return refuse(format!(
                "the layout {axes:?} needs each of {wanted:?} once, and `channel` at most once"
            ));
        }
        if let Some(axes) = &self.output_layout {
            let units = axes.iter().filter(|axis| **axis == Axis::Unit).count();
            let others = axes
                .iter()
                .all(|axis| matches!(axis, Axis::Unit | Axis::Time | Axis::Batch));
            if units != 1 || !others {
                return refuse(format!(
                    "output_layout {axes:?} needs `unit` once, and else only `batch` and `time`"
                ));
            }
        }
        if self.tags_output.is_some() == self.tags.is_empty() {
            return refuse("`tags` and `tags_output` belong together".into());
        }
        if self.licence.trim().is_empty() || self.pretrained_on.is_empty() {
            return refuse("`licence` and `pretrained_on` must say something, `unknown` if need be".into());
        }
        Ok(())
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WHOLE: &str = "input = \"waveform\"\nsample_rate = 22050\npatch = 43844\nhop = 36164\ntail = \"zeros\"\n\
        layout = [\"batch\", \"time\", \"channel\"]\nlicence = \"Apache-2.0\"\npretrained_on = [\"GuitarSet\"]\n";

    #[test]
    fn a_contract_is_read_and_the_command_line_goes_first() {
        let read = Contract::parse(WHOLE, &[], "nmp v2.x").unwrap();
        assert_eq!(
            (read.name.as_str(), read.rate(), read.step()),
            ("nmp-v2-x", 22_050, 36_164)
        );
        assert!((read.patch_s() - 43_844.0 / 22_050.0).abs() < 1e-12);
        let said = [
            "name=bp".to_owned(),
            "hop = 100".into(),
            "pretrained_on=[\"a\", \"FMA\"]".into(),
        ];
        let other = Contract::parse(WHOLE, &said, "nmp").unwrap();
        assert_eq!((other.name.as_str(), other.step()), ("bp", 100));
        assert_eq!(other.pretrained_on, ["a", "FMA"]);
        let said = [
            "input=musicnn-mel",
            "patch=187",
            "licence=ISC",
            "pretrained_on=[\"MSD\"]",
        ]
        .map(str::to_owned);
        let mel = Contract::parse("", &said, "m").unwrap();
        assert_eq!((mel.rate(), mel.input_axes().len()), (16_000, 3));
        assert!((mel.patch_s() - 2.992).abs() < 1e-12);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (said, word) in [
            ("sample_rate=22", "outside"),
            ("patch=0", "above 0"),
            ("hop=0", "above 0"),
            ("name=a.b", "letters"),
            ("layout=[\"batch\", \"band\"]", "layout"),
            ("layout=[\"batch\", \"time\", \"time\"]", "layout"),
            ("output_layout=[\"batch\", \"time\"]", "unit"),
            ("tags=[\"rock\"]", "belong together"),
            ("licence= ", "unknown"),
            ("colour=red", "colour"),
            ("input=wave", "wave"),
            ("patch", "KEY=VALUE"),
        ] {
            let error = Contract::parse(WHOLE, &[said.to_owned()], "x")
                .unwrap_err()
                .to_string();
            assert!(error.contains(word), "{said}: {error}");
        }
        let lacking = Contract::parse("input = \"waveform\"", &[], "x")
            .unwrap_err()
            .to_string();
        assert!(lacking.contains("patch"), "{lacking}");
        let folder = tempfile::tempdir().unwrap();
        let none = Contract::read(&folder.path().join("n.onnx"), &[])
            .unwrap_err()
            .to_string();
        assert!(
            none.contains("n.toml") && none.contains("pretrained_on"),
            "{none}"
        );
    }
}
