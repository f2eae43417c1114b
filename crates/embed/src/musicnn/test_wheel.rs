//! Tiny networks with made-up weights, and a wheel of them, for tests.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::weights::Architecture;
use crate::checkpoint::{Tensor, test_bundle};

/// The tensors of a checkpoint: those of the network with few filters, and some of an optimiser.
pub(crate) fn tiny(architecture: Architecture) -> BTreeMap<String, Tensor> {
    let mut tensors = BTreeMap::new();
    let mut seed = 7u32;
    let mut add = |name: String, shape: &[usize]| {
        let n: usize = shape.iter().product();
        let (low, scale) = match name.rsplit('/').next() {
            Some("moving_variance") => (0.5, 1.0),
            Some("kernel") => (-0.5, 1.0 / (n as f32 / shape[shape.len() - 1] as f32).sqrt()),
            _ => (-0.5, 1.0),
        };
        let values = (0..n)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (low + (seed >> 8) as f32 / (1 << 24) as f32) * scale
            })
            .collect();
        let shape = shape.to_vec();
        tensors.insert(name, Tensor { shape, values });
    };
    let normalised = |add: &mut dyn FnMut(String, &[usize]), i: usize, n: usize| {
        let name = if i == 0 {
            "batch_normalization".to_owned()
        } else {
            format!("batch_normalization_{i}")
        };
        for part in ["gamma", "beta", "moving_mean", "moving_variance"] {
            add(format!("{name}/{part}"), &[n]);
        }
    };
    match architecture {
        Architecture::Musicnn => {
            let kernels: [&[usize]; 8] = [
                &[7, 38, 1, 4],
                &[7, 67, 1, 4],
                &[128, 1, 1, 2],
                &[64, 1, 1, 2],
                &[32, 1, 1, 2],
                &[7, 14, 1, 3],
                &[7, 3, 1, 3],
                &[7, 3, 1, 3],
            ];
            normalised(&mut add, 0, 1);
            for (i, shape) in kernels.into_iter().enumerate() {
                let name = if i == 0 {
                    "conv2d".to_owned()
                } else {
                    format!("conv2d_{i}")
                };
                add(format!("{name}/kernel"), shape);
                add(format!("{name}/bias"), &shape[3..]);
                normalised(&mut add, i + 1, shape[3]);
            }
            normalised(&mut add, 9, 46);
            normalised(&mut add, 10, 6);
            for (name, shape) in [("dense", [46, 6]), ("dense_1", [6, 50])] {
                add(format!("{name}/kernel"), &shape);
                add(format!("{name}/bias"), &shape[1..]);
            }
        }
        Architecture::Vgg => {
            normalised(&mut add, 0, 1);
            for i in 1..6 {
                let n_in = if i == 1 { 1 } else { 3 };
                add(format!("{i}CNN/kernel"), &[3, 3, n_in, 3]);
                add(format!("{i}CNN/bias"), &[3]);
                normalised(&mut add, i, 3);
            }
            add("dense/kernel".to_owned(), &[6, 50]);
            add("dense/bias".to_owned(), &[50]);
        }
    }
    for name in ["dense/kernel/Adam", "dense/kernel/Adam_1", "beta1_power"] {
        add(name.to_owned(), &[2, 3]);
    }
    tensors
}

/// A wheel with checkpoints of these tensors.
pub(crate) fn write_wheel(path: &Path, networks: &[(&str, BTreeMap<String, Tensor>)]) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
    let mut add = |name: &str, bytes: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    };
    for (name, tensors) in networks {
        let (index, data) = test_bundle(tensors);
        add(&format!("musicnn/{name}/.index"), &index);
        add(&format!("musicnn/{name}/.data-00000-of-00001"), &data);
    }
    add(
        "musicnn-9.dist-info/METADATA",
        b"Name: musicnn\nVersion: 9\nHome-page: http://here\nLicense: ISC\n\nLicense: no\n",
    );
    add("musicnn-9.dist-info/LICENSE.md", b"Permission to use\n");
    zip.finish().unwrap();
}
