//! Fit and predict of every method on rows made here: 2,000 x 64 in 3 classes, and 1,000 rows to predict.
//!
//!     cargo bench -p cratedigger-learn --bench fit
//!
//! The accuracy on the rows to predict is printed once per method: a time without the score beside it says little.
#![allow(missing_docs)] // `criterion_group!` makes a public function.

use std::hint::black_box;

use cratedigger_learn::{Classifier, FittedClassifier, LearnError, Matrix, Method, TrainSet};
use criterion::{Criterion, criterion_group, criterion_main};

const N_TRAIN: usize = 2000;
const N_TEST: usize = 1000;
const N_COLS: usize = 64;

/// Uniform in -0.5..0.5.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}

/// Three overlapping classes: a tenth of the features lean towards the class, the product of two more does too.
fn rows(n: usize, seed: u64) -> Result<(Matrix, Vec<usize>), LearnError> {
    let mut uniform = Uniform(seed);
    let mut values = Vec::with_capacity(n * N_COLS);
    let mut y = Vec::with_capacity(n);
    for row in 0..n {
        let class = row % 3;
        let start = values.len();
        // The sum of three uniform numbers is close enough to normal.
        values.extend((0..N_COLS).map(|_| 2.0 * (uniform.next() + uniform.next() + uniform.next())));
        for column in 0..6 {
            values[start + column] += if column % 3 == class { 0.6 } else { 0.0 };
        }
        if class == 2 {
            values[start + 7] = values[start + 6].signum() * values[start + 7].abs();
        }
        y.push(class);
    }
    Ok((Matrix::new(n, N_COLS, values)?, y))
}

fn fit(
    classifier: &dyn Classifier,
    x: &Matrix,
    y: &[usize],
) -> Result<Box<dyn FittedClassifier>, LearnError> {
    classifier.fit(&TrainSet::new(x, y, 3)?)
}

fn methods(c: &mut Criterion) {
    let train = rows(N_TRAIN, 1);
    let test = rows(N_TEST, 2);
    let (Ok((x, y)), Ok((test_x, test_y))) = (train, test) else {
        unreachable!("as many values as the shape says");
    };
    let mut group = c.benchmark_group(format!("{N_TRAIN}x{N_COLS}"));
    group.sample_size(10);
    for &method in Method::ALL {
        let classifier = method.classifier(0);
        let model = match fit(&*classifier, &x, &y) {
            Ok(model) => model,
            Err(error) => panic!("{method}: {error}"),
        };
        if let Ok(predicted) = model.predict(&test_x) {
            let n_right = predicted.iter().zip(&test_y).filter(|(a, b)| a == b).count();
            println!("{method}: accuracy {:.3}", n_right as f64 / N_TEST as f64);
        }
        group.bench_function(format!("{method}/fit"), |b| {
            b.iter(|| black_box(fit(&*classifier, &x, &y).is_ok()));
        });
        group.bench_function(format!("{method}/predict"), |b| {
            b.iter(|| black_box(model.predict(&test_x).is_ok()));
        });
    }
    group.finish();
}

criterion_group!(benches, methods);
criterion_main!(benches);
