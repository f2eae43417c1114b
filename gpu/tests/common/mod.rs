//! Networks of the golden file, and the device.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::path::Path;

use cratedigger_deep::{Engine, LayerKind, Shape, Tensor};
use cratedigger_gpu::Gpu;
use serde_json::Value;

/// A device, a driver that computes on the processor too; none, with a word, where there is none.
pub fn gpu() -> Option<Gpu> {
    let tell = |name: &str| println!("on {name}");
    let devices = [Gpu::new(tell), Gpu::named("llvmpipe", tell)];
    let found = devices.into_iter().find(|gpu| gpu.open(&[]).is_ok());
    if found.is_none() {
        println!("skipped: there is no GPU and no driver in the place of one");
    }
    found
}

/// As `numbers` of the script.
pub fn numbers(n: usize, salt: i64, scale: f32) -> Vec<f32> {
    (0..n as i64)
        .map(|k| ((k * 7919 + salt * 104_729 + k * k % 613) % 1013 - 506) as f32 / 512.0 * scale)
        .collect()
}

/// A network, its input, and what PyTorch makes of it.
pub struct Case {
    pub name: String,
    pub training: bool,
    pub layers: Vec<LayerKind>,
    pub arrays: Vec<Vec<Vec<f32>>>,
    pub x: Tensor,
    pub out: Vec<f64>,
    pub gradients: Vec<Vec<f64>>,
}

/// Sizes of a layer's arrays, and which of them is a variance.
fn sizes(kind: LayerKind) -> (Vec<usize>, Option<usize>) {
    match kind {
        LayerKind::Conv {
            inputs,
            outputs,
            bias,
        } => {
            let mut all = vec![9 * inputs * outputs];
            all.extend(bias.then_some(outputs));
            (all, None)
        }
        LayerKind::NormReluPool { channels, .. } => (vec![channels; 4], Some(3)),
        LayerKind::Gru { inputs, hidden } => {
            let wide = 3 * hidden;
            (vec![inputs * wide, hidden * wide, wide, wide], None)
        }
        LayerKind::Lstm { inputs, hidden } => {
            let wide = 4 * hidden;
            (vec![inputs * wide, hidden * wide, wide], None)
        }
        LayerKind::Dense { inputs, outputs } => (vec![inputs * outputs, outputs], None),
        _ => (Vec::new(), None),
    }
}

impl Case {
    /// With the numbers of the script.
    pub fn drawn(layers: Vec<LayerKind>, shape: Shape) -> Self {
        // the script counts what is learnt and what is remembered layer by layer, in this order
        let mut salt = 0;
        let arrays = layers
            .iter()
            .map(|&kind| {
                let (sizes, variance) = sizes(kind);
                let of = |(at, n): (usize, usize)| {
                    salt += 1;
                    let mut values = numbers(n, salt, 0.5);
                    if variance == Some(at) {
                        values.iter_mut().for_each(|value| *value = value.abs() + 0.5);
                    }
                    values
                };
                sizes.into_iter().enumerate().map(of).collect()
            })
            .collect();
        Self {
            name: String::new(),
            training: false,
            layers,
            arrays,
            x: Tensor::new(shape, numbers(shape.len(), 77, 1.0)),
            out: Vec::new(),
            gradients: Vec::new(),
        }
    }

    pub fn slices(&self) -> Vec<Vec<&[f32]>> {
        self.arrays
            .iter()
            .map(|all| all.iter().map(Vec::as_slice).collect())
            .collect()
    }

    pub fn n_norms(&self) -> usize {
        let is_norm = |kind: &&LayerKind| matches!(kind, LayerKind::NormReluPool { .. });
        self.layers.iter().filter(is_norm).count()
    }

    /// The gradient of the script's loss.
    pub fn gradient_of(&self, out: &Tensor) -> Tensor {
        let values = if self.name == "autoencoder" {
            let (shape, x) = (out.shape, &self.x);
            let difference = |(at, &value): (usize, &f32)| {
                let (f, row) = (at % shape.f, at / shape.f);
                let (t, n) = (row % shape.t, row / shape.t);
                let want = x.values[(n * x.shape.t + t) * x.shape.f + f];
                2.0 * (value - want) / shape.len() as f32
            };
            out.values.iter().enumerate().map(difference).collect()
        } else {
            let n = out.shape.n;
            let targets: Vec<f32> = numbers(n * 3, 91, 1.0).iter().map(|v| v.abs() + 0.125).collect();
            let total: f32 = (1..=n).map(|k| k as f32 / n as f32).sum();
            let row = |(k, (out, target)): (usize, (&[f32], &[f32]))| -> Vec<f32> {
                let sum: f32 = out.iter().map(|value| value.exp()).sum();
                let of_targets: f32 = target.iter().sum();
                let weight = (k + 1) as f32 / n as f32 / total;
                let both = out.iter().zip(target);
                both.map(|(value, target)| (value.exp() / sum - target / of_targets) * weight)
                    .collect()
            };
            let rows = out.values.chunks_exact(3).zip(targets.chunks_exact(3));
            rows.enumerate().flat_map(row).collect()
        };
        Tensor::new(out.shape, values)
    }
}

/// All cases of the golden file.
pub fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/deep/tests/golden/torch.json");
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let shape = Shape {
        n: 5,
        t: 14,
        f: 12,
        c: 1,
    };
    let of = |case: &Value| Case {
        name: case["name"].as_str().unwrap().to_owned(),
        training: case["training"].as_bool().unwrap(),
        out: serde_json::from_value(case["out"].clone()).unwrap(),
        gradients: serde_json::from_value(case["gradients"].clone()).unwrap(),
        ..Case::drawn(serde_json::from_value(case["layers"].clone()).unwrap(), shape)
    };
    golden["cases"].as_array().unwrap().iter().map(of).collect()
}

pub fn largest_difference(got: &[f32], want: &[f64]) -> f64 {
    assert_eq!(got.len(), want.len());
    let differences = got
        .iter()
        .zip(want)
        .map(|(&got, want)| (f64::from(got) - want).abs());
    differences.fold(0.0, |most, value| if value <= most { most } else { value })
}

/// The largest difference, which is below 1e-4.
pub fn close(got: &[f32], want: &[f64], what: &str) -> f64 {
    let largest = largest_difference(got, want);
    assert!(largest < 1e-4, "{what}: {largest}");
    largest
}
