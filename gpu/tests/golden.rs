//! Networks with given weights on the device against PyTorch: `crates/deep/tests/golden/make_golden.py` made the values.
//!
//! Any device will do, a driver that computes on the processor too (Mesa's llvmpipe). Where there is none, the tests say that they are
//! skipped.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, cases, close, gpu, largest_difference};
use cratedigger_deep::{Engine, Shape, Tensor};

#[test]
fn outputs_moments_and_gradients_are_those_of_pytorch() {
    let Some(gpu) = gpu() else { return };
    let all = cases();
    assert!(all.len() >= 8);
    let mut largest = 0.0_f64;
    for case in &all {
        let worker = gpu.open(&case.layers).unwrap();
        worker.put(&case.slices()).unwrap();
        if !case.training {
            let out = worker.output(case.x.clone()).unwrap();
            largest = largest.max(close(&out.values, &case.out, &case.name));
            continue;
        }
        // twice: what the first batch left must not matter
        for _ in 0..2 {
            let none = vec![None; case.layers.len()];
            let (out, moments) = worker.forward(case.x.clone(), none).unwrap();
            largest = largest.max(close(&out.values, &case.out, &case.name));
            assert_eq!(moments.iter().flatten().count(), case.n_norms());
            let gradients = worker.backward(case.gradient_of(&out)).unwrap();
            assert_eq!(gradients.len(), case.gradients.len(), "{}", case.name);
            for (at, (got, want)) in gradients.iter().zip(&case.gradients).enumerate() {
                let what = format!("{}, array {at}", case.name);
                largest = largest.max(close(got, want, &what));
            }
        }
    }
    println!("largest difference to PyTorch: {largest:.1e}");
}

#[test]
fn an_excerpt_gets_the_same_bits_in_any_company() {
    let Some(gpu) = gpu() else { return };
    for case in cases().iter().filter(|case| !case.training) {
        let worker = gpu.open(&case.layers).unwrap();
        worker.put(&case.slices()).unwrap();
        let all = worker.output(case.x.clone()).unwrap();
        let (size, width) = (case.x.shape.excerpt(), all.shape.excerpt());
        for n in 0..case.x.shape.n {
            let shape = Shape { n: 1, ..case.x.shape };
            let x = Tensor::new(shape, case.x.values[n * size..][..size].to_vec());
            let alone = worker.output(x).unwrap();
            assert_eq!(alone.values, all.values[n * width..][..width], "{}", case.name);
        }
    }
}

#[test]
fn long_sums_are_made_in_parts() {
    let Some(gpu) = gpu() else { return };
    // more places than a part of a product and of a sum, odd sizes, and channels beyond a tile
    let layers = serde_json::from_value(serde_json::json!([
        {"conv": {"inputs": 1, "outputs": 35, "bias": true}},
        {"dense": {"inputs": 35, "outputs": 2}},
    ]))
    .unwrap();
    let shape = Shape {
        n: 3,
        t: 67,
        f: 33,
        c: 1,
    };
    let case = Case::drawn(layers, shape);
    let worker = gpu.open(&case.layers).unwrap();
    worker.put(&case.slices()).unwrap();
    let (out, _) = worker.forward(case.x.clone(), vec![None; 2]).unwrap();
    let ones = Tensor::new(out.shape, vec![1.0; out.shape.len()]);
    let gradients = worker.backward(ones).unwrap();
    // the slow formulas
    let (x, weight, dense) = (&case.x.values, &case.arrays[0][0], &case.arrays[1][0]);
    let at = |n: usize, t: usize, f: usize, dt: usize, df: usize| match (
        (t + dt).checked_sub(1),
        (f + df).checked_sub(1),
    ) {
        (Some(t), Some(f)) if t < shape.t && f < shape.f => f64::from(x[(n * shape.t + t) * shape.f + f]),
        _ => 0.0,
    };
    let (mut windows, mut places) = ([0.0; 9], 0.0);
    let mut of_dense = vec![0.0; 35];
    for n in 0..shape.n {
        for t in 0..shape.t {
            for f in 0..shape.f {
                places += 1.0;
                for (cell, sum) in windows.iter_mut().enumerate() {
                    *sum += at(n, t, f, cell / 3, cell % 3);
                }
            }
        }
    }
    for (co, of_dense) in of_dense.iter_mut().enumerate() {
        *of_dense = places * f64::from(case.arrays[0][1][co]);
        for (cell, sum) in windows.iter().enumerate() {
            *of_dense += sum * f64::from(weight[cell * 35 + co]);
        }
    }
    let through: Vec<f64> = (0..35)
        .map(|co| f64::from(dense[2 * co]) + f64::from(dense[2 * co + 1]))
        .collect();
    let of_weight: Vec<f64> = (0..9 * 35).map(|k| windows[k / 35] * through[k % 35]).collect();
    let of_bias: Vec<f64> = through.iter().map(|value| value * places).collect();
    let of_dense: Vec<f64> = of_dense.iter().flat_map(|&value| [value, value]).collect();
    let wanted = [of_weight, of_bias, of_dense, vec![places; 2]];
    assert_eq!(gradients.len(), wanted.len());
    for (got, want) in gradients.iter().zip(&wanted) {
        let scale = want.iter().fold(1.0_f64, |most, value| most.max(value.abs()));
        assert!(largest_difference(got, want) < 1e-5 * scale);
    }
}

#[test]
fn moments_are_those_of_the_batch() {
    let Some(gpu) = gpu() else { return };
    // what is normalised comes in as it is, far from 0 beside its deviation, and in more places than a part of a sum
    for (n, t, f) in [(11, 1, 1), (5, 30, 41)] {
        let layers = serde_json::from_value(
            serde_json::json!([{"norm-relu-pool": {"channels": 3, "frames": 1, "bands": 1}}]),
        );
        let mut case = Case::drawn(layers.unwrap(), Shape { n, t, f, c: 3 });
        case.x
            .values
            .iter_mut()
            .for_each(|value| *value = *value * 0.125 + 4.0);
        let worker = gpu.open(&case.layers).unwrap();
        worker.put(&case.slices()).unwrap();
        let (_, moments) = worker.forward(case.x.clone(), vec![None]).unwrap();
        let [mean, variance] = moments[0].as_ref().unwrap();
        let count = (n * t * f) as f64;
        for k in 0..3 {
            let of_channel = || {
                case.x
                    .values
                    .iter()
                    .skip(k)
                    .step_by(3)
                    .map(|&value| f64::from(value))
            };
            let want = of_channel().sum::<f64>() / count;
            let squares: f64 = of_channel().map(|value| (value - want).powi(2)).sum();
            assert!((f64::from(mean[k]) - want).abs() < 1e-5, "{n}: {mean:?}");
            let want = squares / (count - 1.0);
            assert!(
                (f64::from(variance[k]) / want - 1.0).abs() < 1e-4,
                "{n}: {variance:?} {want}"
            );
        }
    }
}

#[test]
fn what_the_device_cannot_do_is_an_error() {
    let Some(gpu) = gpu() else { return };
    let case = &cases()[0];
    let worker = gpu.open(&case.layers).unwrap();
    worker.put(&case.slices()).unwrap();
    let out = worker.output(case.x.clone()).unwrap();
    let told = worker.backward(out).unwrap_err();
    assert!(told.contains("no batch went forward"), "{told}");
    let told = worker.put(&case.slices()[1..]).unwrap_err();
    assert!(told.contains("layers"), "{told}");
    // the device goes on
    assert!(worker.output(case.x.clone()).is_ok());
}
