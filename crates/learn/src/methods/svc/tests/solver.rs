//! The solver and its rows, on problems small enough to be solved the slow way.

use cratedigger_stats::rng::SeededRng;

use crate::methods::svc::kernel;
use crate::methods::svc::parameters::SvcKernel;
use crate::methods::svc::rows::KernelRows;
use crate::methods::svc::smo::{Stopping, solve};

/// Rows around two points, and their signs.
fn two_clouds(n: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut rng = SeededRng::new(seed);
    let y: Vec<f64> = (0..n).map(|row| if row % 3 == 0 { 1.0 } else { -1.0 }).collect();
    let values = y
        .iter()
        .flat_map(|y| [0.4 * y + rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)])
        .collect();
    (values, y)
}

const RBF: kernel::Kernel = kernel::Kernel {
    kind: SvcKernel::Rbf,
    degree: 3,
    gamma: 0.7,
    coef0: 0.0,
};

fn stopping(tol: f64, shrinking: bool) -> Stopping {
    Stopping {
        tol,
        max_iter: None,
        shrinking,
    }
}

/// The value of the dual problem by its formula, the kernel written out.
fn objective(values: &[f64], coef: &[f64]) -> f64 {
    let rows: Vec<&[f64]> = values.chunks_exact(2).collect();
    let mut sum = 0.0;
    for (a, of_a) in rows.iter().zip(coef) {
        for (b, of_b) in rows.iter().zip(coef) {
            let squared: f64 = a.iter().zip(*b).map(|(a, b)| (a - b) * (a - b)).sum();
            sum += 0.5 * of_a * of_b * (-0.7 * squared).exp();
        }
    }
    sum - coef.iter().map(|coef| coef.abs()).sum::<f64>()
}

/// Minimises the dual problem the slow way: every pair of rows in turn is moved to its best place, until none moves.
fn slow(values: &[f64], y: &[f64], cost: f64) -> Vec<f64> {
    let n = y.len();
    let kernel = |a: usize, b: usize| {
        let squared: f64 = (0..2)
            .map(|k| (values[2 * a + k] - values[2 * b + k]).powi(2))
            .sum();
        (-0.7 * squared).exp()
    };
    let kernel: Vec<Vec<f64>> = (0..n).map(|a| (0..n).map(|b| kernel(a, b)).collect()).collect();
    let mut coef = vec![0.0; n];
    loop {
        let mut moved: f64 = 0.0;
        for a in 0..n {
            for b in 0..a {
                // coef[a] grows by t and coef[b] becomes less by t.
                let slope = |row: usize| (0..n).map(|k| coef[k] * kernel[row][k]).sum::<f64>() - y[row];
                let best = -(slope(a) - slope(b)) / (2.0 - 2.0 * kernel[a][b]);
                let bounds = |row: usize| if y[row] > 0.0 { (0.0, cost) } else { (-cost, 0.0) };
                let low = (bounds(a).0 - coef[a]).max(coef[b] - bounds(b).1);
                let high = (bounds(a).1 - coef[a]).min(coef[b] - bounds(b).0);
                let t = best.clamp(low, high);
                coef[a] += t;
                coef[b] -= t;
                moved = moved.max(t.abs());
            }
        }
        if moved < 1e-9 {
            return coef;
        }
    }
}

#[test]
fn the_optimum_is_that_of_the_slow_way() {
    for (seed, cost) in [(1, 1.0), (2, 10.0), (3, 0.3)] {
        let (values, y) = two_clouds(40, seed);
        let rows = KernelRows::new(RBF, values.clone(), 2, 1 << 20, false);
        let got = solve(rows, y.clone(), vec![cost; 40], stopping(1e-7, true));
        let want = slow(&values, &y, cost);
        assert!((objective(&values, &got.coef) - objective(&values, &want)).abs() < 1e-6);
        assert!(got.coef.iter().sum::<f64>().abs() < 1e-9);
        assert!(
            got.coef
                .iter()
                .zip(&y)
                .all(|(coef, y)| (0.0..=cost).contains(&(coef * y)))
        );
    }
}

#[test]
fn neither_a_small_cache_nor_several_threads_change_a_bit() {
    let (values, y) = two_clouds(700, 5);
    let fit = |bytes, parallel| {
        let rows = KernelRows::new(RBF, values.clone(), 2, bytes, parallel);
        solve(rows, y.clone(), vec![5.0; 700], stopping(1e-3, true))
    };
    let large = fit(1 << 30, false);
    assert_eq!(large, fit(0, false), "three batches of rows are kept");
    assert_eq!(large, fit(150 * 700 * 4, true));
}

#[test]
fn rows_that_are_left_out_change_the_optimum_by_no_more_than_the_tolerance() {
    let (values, y) = two_clouds(700, 6);
    let fit = |shrinking| {
        let rows = KernelRows::new(RBF, values.clone(), 2, 1 << 30, false);
        solve(rows, y.clone(), vec![50.0; 700], stopping(1e-4, shrinking))
    };
    let (with, without) = (fit(true), fit(false));
    assert_ne!(with, without, "nothing was left out");
    let (a, b) = (objective(&values, &with.coef), objective(&values, &without.coef));
    assert!((a - b).abs() < 1e-5 * b.abs(), "{a} {b}");
    assert!((with.rho - without.rho).abs() < 1e-3);
}

#[test]
fn values_of_the_kernel_are_those_of_the_formula_wherever_rows_stand() {
    let mut rng = SeededRng::new(2);
    let values: Vec<f64> = (0..150 * 5).map(|_| rng.uniform(-1.0, 1.0)).collect();
    let kernel = kernel::Kernel {
        kind: SvcKernel::Poly,
        degree: 2,
        gamma: 0.5,
        coef0: 1.0,
    };
    let mut rows = KernelRows::new(kernel, values.clone(), 5, 0, false);
    let mut order: Vec<usize> = (0..150).collect();
    for _ in 0..60 {
        let pair = (rng.below(150), rng.below(150));
        rows.swap(&[pair]);
        order.swap(pair.0, pair.1);
        let wanted: Vec<usize> = (0..7).map(|_| rng.below(150)).collect();
        let mut wanted: Vec<usize> = wanted.into_iter().filter(|row| *row % 2 == 0).collect();
        wanted.sort_unstable();
        wanted.dedup();
        rows.keep(&wanted);
        for row in wanted {
            for other in 0..150 {
                let product: f64 = (0..5)
                    .map(|k| values[5 * order[row] + k] * values[5 * order[other] + k])
                    .sum();
                let want = (0.5 * product + 1.0).powi(2);
                assert!((f64::from(rows.row(row)[other]) - want).abs() < 1e-6);
            }
        }
    }
}
