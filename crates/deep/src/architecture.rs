//! The networks, as lists of layers.

use serde::{Deserialize, Serialize};

use crate::error::{DeepError, Result};
use crate::layers::{LayerKind, Summary};

/// The recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Gated recurrent unit (Cho et al. 2014).
    #[default]
    Gru,
    /// Long short-term memory (Hochreiter and Schmidhuber 1997).
    Lstm,
}

/// A short-chunk CNN (Won et al. 2020, "Evaluation of CNN-based automatic music tagging models"): blocks of a 3 x 3 convolution, batch
/// normalisation, rectifier and 2 x 2 maximum; then mean and maximum over what is left of the excerpt, a dense layer and the classes.
///
/// The paper's has seven blocks of 128 to 512 channels; these defaults are for two cores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cnn {
    /// Channels of each block.
    pub widths: Vec<usize>,
    /// Numbers of the dense layer before the classes; 0: none.
    pub hidden: usize,
    /// Share of the dense layer's numbers that each training step leaves out.
    pub dropout: f64,
}

impl Default for Cnn {
    fn default() -> Self {
        Self {
            widths: vec![16, 32, 64, 64, 128],
            hidden: 128,
            dropout: 0.25,
        }
    }
}

/// Convolutions, then a recurrent network over time (Choi et al. 2017, "Convolutional recurrent neural networks for music
/// classification"). Blocks as those of [`Cnn`]; the first two halve the time, all of them take maxima over bands.
///
/// The paper's has four blocks of 68 to 137 channels and two layers of 68 units, with the last state for the classes; here they get mean and
/// maximum of all states, which learns from fewer clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crnn {
    /// Channels of each block.
    pub widths: Vec<usize>,
    /// The recurrent cell.
    pub cell: Cell,
    /// Numbers of its state.
    pub hidden: usize,
    /// Recurrent layers.
    pub n_layers: usize,
    /// Share of the numbers between recurrent layers and before the classes that each training step leaves out.
    pub dropout: f64,
}

impl Default for Crnn {
    fn default() -> Self {
        Self {
            widths: vec![16, 32, 32, 64],
            cell: Cell::Gru,
            hidden: 64,
            n_layers: 1,
            dropout: 0.25,
        }
    }
}

/// A recurrent network on the frames as they are, of any number of bands: mean and maximum of all states, then the classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lstm {
    /// The recurrent cell.
    pub cell: Cell,
    /// Numbers of its state.
    pub hidden: usize,
    /// Recurrent layers.
    pub n_layers: usize,
    /// Share of the numbers between recurrent layers and before the classes that each training step leaves out.
    pub dropout: f64,
}

impl Default for Lstm {
    fn default() -> Self {
        Self {
            cell: Cell::Lstm,
            hidden: 64,
            n_layers: 1,
            dropout: 0.25,
        }
    }
}

/// Which network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// Convolutions.
    Cnn(Cnn),
    /// Convolutions, then a recurrent network.
    Crnn(Crnn),
    /// A recurrent network.
    Lstm(Lstm),
}

/// Most numbers that an option of a network's size can have.
const WIDEST: usize = 4096;

impl Architecture {
    /// Its layers for frames of `n_bands` numbers.
    ///
    /// # Errors
    /// `Option` where a size makes no sense.
    pub fn layers(&self, n_bands: usize, n_classes: usize) -> Result<Vec<LayerKind>> {
        size("n_bands", n_bands)?;
        size("n_classes", n_classes)?;
        match self {
            Self::Cnn(cnn) => cnn.layers(n_bands, n_classes),
            Self::Crnn(crnn) => crnn.layers(n_bands, n_classes),
            Self::Lstm(lstm) => lstm.layers(n_bands, n_classes),
        }
    }
}

fn size(name: &'static str, value: usize) -> Result<usize> {
    match value {
        1..=WIDEST => Ok(value),
        _ => Err(DeepError::option(
            name,
            value,
            format!("a number from 1 to {WIDEST}"),
        )),
    }
}

fn dropout(value: f64) -> Result<LayerKind> {
    match value {
        0.0..0.95 => Ok(LayerKind::Dropout(value as f32)),
        _ => Err(DeepError::option("dropout", value, "at least 0 and below 0.95")),
    }
}

pub(crate) fn widths(widths: &[usize]) -> Result<()> {
    if widths.is_empty() || widths.len() > 8 {
        return Err(DeepError::option(
            "widths",
            format!("{widths:?}"),
            "1 to 8 widths",
        ));
    }
    widths
        .iter()
        .try_for_each(|&width| size("widths", width).map(drop))
}

/// Convolution, normalisation, rectifier and maxima.
pub(crate) fn block(
    layers: &mut Vec<LayerKind>,
    inputs: usize,
    channels: usize,
    (frames, bands): (usize, usize),
) {
    layers.push(LayerKind::Conv {
        inputs,
        outputs: channels,
        bias: false,
    });
    layers.push(LayerKind::NormReluPool {
        channels,
        frames,
        bands,
    });
}

impl Cnn {
    fn layers(&self, n_bands: usize, n_classes: usize) -> Result<Vec<LayerKind>> {
        widths(&self.widths)?;
        let (mut layers, mut inputs, mut bands) = (Vec::new(), 1, n_bands);
        for &width in &self.widths {
            let pool = if bands > 1 { 2 } else { 1 };
            block(&mut layers, inputs, width, (2, pool));
            (inputs, bands) = (width, bands / pool);
        }
        layers.push(LayerKind::Summarise(Summary::MeanMax));
        let mut inputs = 2 * inputs;
        if self.hidden > 0 {
            let outputs = size("hidden", self.hidden)?;
            layers.push(LayerKind::Dense { inputs, outputs });
            layers.push(LayerKind::NormReluPool {
                channels: outputs,
                frames: 1,
                bands: 1,
            });
            inputs = outputs;
        }
        layers.push(dropout(self.dropout)?);
        layers.push(LayerKind::Dense {
            inputs,
            outputs: n_classes,
        });
        Ok(layers)
    }
}

/// Recurrent layers, mean and maximum of their states, and the classes.
fn recurrent(
    layers: &mut Vec<LayerKind>,
    mut inputs: usize,
    (cell, hidden, n_layers): (Cell, usize, usize),
    left_out: f64,
    n_classes: usize,
) -> Result<()> {
    size("hidden", hidden)?;
    if !(1..=4).contains(&n_layers) {
        return Err(DeepError::option("n_layers", n_layers, "a number from 1 to 4"));
    }
    for layer in 0..n_layers {
        if layer > 0 {
            layers.push(dropout(left_out)?);
        }
        layers.push(match cell {
            Cell::Gru => LayerKind::Gru { inputs, hidden },
            Cell::Lstm => LayerKind::Lstm { inputs, hidden },
        });
        inputs = hidden;
    }
    layers.push(LayerKind::Summarise(Summary::MeanMax));
    layers.push(dropout(left_out)?);
    layers.push(LayerKind::Dense {
        inputs: 2 * hidden,
        outputs: n_classes,
    });
    Ok(())
}

impl Crnn {
    fn layers(&self, n_bands: usize, n_classes: usize) -> Result<Vec<LayerKind>> {
        widths(&self.widths)?;
        let (mut layers, mut inputs, mut bands) = (Vec::new(), 1, n_bands);
        for (index, &width) in self.widths.iter().enumerate() {
            let frames = if index < 2 { 2 } else { 1 };
            let wanted = if index < 2 { 2 } else { 3 };
            let pool = wanted.min(bands);
            block(&mut layers, inputs, width, (frames, pool));
            (inputs, bands) = (width, bands / pool);
        }
        let shape = (self.cell, self.hidden, self.n_layers);
        recurrent(&mut layers, bands * inputs, shape, self.dropout, n_classes)?;
        Ok(layers)
    }
}

impl Lstm {
    fn layers(&self, n_bands: usize, n_classes: usize) -> Result<Vec<LayerKind>> {
        let mut layers = Vec::new();
        let shape = (self.cell, self.hidden, self.n_layers);
        recurrent(&mut layers, n_bands, shape, self.dropout, n_classes)?;
        Ok(layers)
    }
}
