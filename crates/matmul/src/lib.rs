//! Products of dense matrices, by the fastest kernel that the processor has (AVX-512, AVX2, NEON), chosen at run time.
//!
//! ```text
//! View (values, rows, columns) --t()--> View of the transpose, nothing copied
//!        a, b ----------------------- product(a, b) --> rows of a x columns of b, row after row
//!        a, b, out ------------------ write_product, add_product --> the same, into the caller's memory
//! ```
//!
//! The only crate of the workspace with `unsafe` code: one call, whose conditions [`View::new`] and [`product`] check. Products
//! of 192 x 192 x 192 and more are divided between rayon's threads; which thread computes what changes no sum, so that the
//! result does not depend on their number.
//!
//! ```
//! use cratedigger_matmul::{View, product};
//!
//! let a = View::new(&[1.0_f32, 2.0, 3.0, 4.0], 2, 2);
//! assert_eq!(product(a, a.t()), [5.0, 11.0, 11.0, 25.0]);
//! ```

use gemm_common::Parallelism;

/// Multiplications above which a product is worth several threads.
const PARALLEL: usize = 192 * 192 * 192;

/// A dense matrix in somebody's memory, or the transpose of one.
#[derive(Debug, Clone, Copy)]
pub struct View<'a, T> {
    values: &'a [T],
    n_rows: usize,
    n_cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> View<'a, T> {
    /// `values`: row after row, `n_rows * n_cols` of them.
    ///
    /// # Panics
    /// Where there are more or fewer values.
    pub fn new(values: &'a [T], n_rows: usize, n_cols: usize) -> Self {
        assert_eq!(
            Some(values.len()),
            n_rows.checked_mul(n_cols),
            "a matrix of {n_rows} x {n_cols} has {} values",
            values.len()
        );
        Self {
            values,
            n_rows,
            n_cols,
            row_stride: n_cols,
            col_stride: 1,
        }
    }

    /// The transpose.
    #[must_use]
    pub fn t(self) -> Self {
        Self {
            values: self.values,
            n_rows: self.n_cols,
            n_cols: self.n_rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }
}

/// The product `a . b`, row after row.
///
/// # Panics
/// Where `a` has not as many columns as `b` has rows.
pub fn product<T: Element>(a: View<'_, T>, b: View<'_, T>) -> Vec<T> {
    let mut out = vec![T::default(); a.n_rows * b.n_cols];
    let work = a.n_rows.saturating_mul(b.n_cols).saturating_mul(a.n_cols);
    let parallelism = if work < PARALLEL {
        Parallelism::None
    } else {
        Parallelism::Rayon(0)
    };
    multiply(a, b, &mut out, false, parallelism);
    out
}

/// Adds the product `a . b` to `out`, row after row, on the calling thread alone: for callers that divide their work themselves.
///
/// # Panics
/// Where `a` has not as many columns as `b` has rows, or `out` not as many values as the product.
pub fn add_product<T: Element>(a: View<'_, T>, b: View<'_, T>, out: &mut [T]) {
    multiply(a, b, out, true, Parallelism::None);
}

/// Writes the product `a . b` over `out`, otherwise as [`add_product`].
///
/// # Panics
/// As [`add_product`].
pub fn write_product<T: Element>(a: View<'_, T>, b: View<'_, T>, out: &mut [T]) {
    multiply(a, b, out, false, Parallelism::None);
}

fn multiply<T: Element>(a: View<'_, T>, b: View<'_, T>, out: &mut [T], add: bool, parallelism: Parallelism) {
    assert_eq!(
        a.n_cols, b.n_rows,
        "a matrix of {} x {} cannot be multiplied by one of {} x {}",
        a.n_rows, a.n_cols, b.n_rows, b.n_cols
    );
    let (n_rows, n_cols) = (a.n_rows, b.n_cols);
    assert_eq!(
        out.len(),
        n_rows * n_cols,
        "a product of {n_rows} x {n_cols} into {} values",
        out.len()
    );
    if out.is_empty() {
        return;
    }
    if a.n_cols == 0 {
        if !add {
            out.fill(T::default());
        }
        return;
    }
    // The kernels write columns: of a result in rows they compute the transpose, b^T . a^T.
    let (a, b, out_rows, out_strides) = match n_cols {
        1 => (a, b, n_rows, (1, 1)),
        _ => (b.t(), a.t(), n_cols, (n_cols, 1)),
    };
    T::multiply(a, b, out, add, out_rows, out_strides, parallelism);
}

/// A type whose matrices can be multiplied: `f32`, `f64`.
pub trait Element: Copy + Default + sealed::Sealed {
    #[doc(hidden)]
    fn multiply(
        a: View<'_, Self>,
        b: View<'_, Self>,
        out: &mut [Self],
        add: bool,
        out_rows: usize,
        out_strides: (usize, usize),
        parallelism: Parallelism,
    );
}

mod sealed {
    /// Nobody else's types have kernels.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

macro_rules! element {
    ($type: ty, $kernel: path) => {
        impl Element for $type {
            fn multiply(
                a: View<'_, Self>,
                b: View<'_, Self>,
                out: &mut [Self],
                add: bool,
                out_rows: usize,
                (out_col_stride, out_row_stride): (usize, usize),
                parallelism: Parallelism,
            ) {
                use $kernel as kernel;
                assert_eq!(a.n_cols, b.n_rows);
                assert_eq!((out_rows, out.len()), (a.n_rows, a.n_rows * b.n_cols));
                // SAFETY: the kernel reads `a.n_rows * a.n_cols` values of `a` and `b.n_rows * b.n_cols` of `b`, each at (row *
                // row stride + column * column stride), which `View` keeps inside of its slice; and it writes (with `add`,
                // reads first) the places of `out` by the same rule, all of them inside by the assertion above, since
                // its strides are those of a dense matrix. `out` is borrowed mutably, so that it overlaps neither.
                unsafe {
                    kernel::get_gemm_fn()(
                        a.n_rows,
                        b.n_cols,
                        a.n_cols,
                        out.as_mut_ptr(),
                        out_col_stride as isize,
                        out_row_stride as isize,
                        add,
                        a.values.as_ptr(),
                        a.col_stride as isize,
                        a.row_stride as isize,
                        b.values.as_ptr(),
                        b.col_stride as isize,
                        b.row_stride as isize,
                        if add { 1.0 } else { 0.0 },
                        1.0,
                        false,
                        false,
                        false,
                        parallelism,
                    );
                }
            }
        }
    };
}

element!(f32, gemm_f32::gemm::f32);
element!(f64, gemm_f64::gemm::f64);

#[cfg(test)]
mod tests {
    use super::*;

    /// Values without a pattern.
    fn values(n: usize, salt: usize) -> Vec<f64> {
        (0..n)
            .map(|k| (((k + salt) * 7_919 % 1_013) as f64 - 506.0) / 128.0)
            .collect()
    }

    fn at(view: &View<'_, f64>, row: usize, col: usize) -> f64 {
        view.values[row * view.row_stride + col * view.col_stride]
    }

    /// The slow, obvious formula.
    fn slow(a: View<'_, f64>, b: View<'_, f64>) -> Vec<f64> {
        let mut out = Vec::new();
        for row in 0..a.n_rows {
            for col in 0..b.n_cols {
                out.push((0..a.n_cols).map(|k| at(&a, row, k) * at(&b, k, col)).sum());
            }
        }
        out
    }

    fn assert_close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
        assert_eq!(got.len(), want.len(), "{what}");
        for (k, (got, want)) in got.iter().zip(want).enumerate() {
            assert!((got - want).abs() <= tolerance, "{what}: {k}: {got} for {want}");
        }
    }

    #[test]
    fn products_are_those_of_the_slow_formula_in_all_four_layouts() {
        let sizes = [1, 2, 3, 8, 17, 33, 64, 70];
        for &m in &sizes {
            for &k in &sizes {
                for &n in &sizes {
                    let (a, b) = (values(m * k, 1), values(k * n, 5));
                    let of_a = [View::new(&a, m, k), View::new(&a, k, m).t()];
                    let of_b = [View::new(&b, k, n), View::new(&b, n, k).t()];
                    for (which, a) in of_a.into_iter().enumerate() {
                        for b in of_b {
                            let want = slow(a, b);
                            let what = format!("{m} x {k} x {n}, layout {which}");
                            assert_close(&product(a, b), &want, 1e-9, &what);
                        }
                    }
                    let single =
                        |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
                    let (a32, b32) = (single(&a), single(&b));
                    let got: Vec<f64> = product(View::new(&a32, m, k), View::new(&b32, k, n))
                        .into_iter()
                        .map(f64::from)
                        .collect();
                    // Values are multiples of 2^-7 below 4, their products of 2^-14: sums of 70 are exact to 24 bits but for a few.
                    assert_close(
                        &got,
                        &slow(of_a[0], of_b[0]),
                        1e-3,
                        &format!("f32, {m} x {k} x {n}"),
                    );
                }
            }
        }
    }

    #[test]
    fn a_large_product_does_not_depend_on_the_number_of_threads() {
        let n = 300;
        let (a, b) = (values(n * n, 3), values(n * n, 11));
        let of = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.map(|pool| pool.install(|| product(View::new(&a, n, n), View::new(&b, n, n))))
        };
        let one = of(1).ok();
        assert!(one.is_some());
        assert_eq!(one, of(2).ok());
        assert_eq!(one, of(5).ok());
        assert_close(
            &one.unwrap_or_default(),
            &slow(View::new(&a, n, n), View::new(&b, n, n)),
            1e-8,
            "300",
        );
    }

    #[test]
    fn a_product_is_written_over_what_is_there_or_added_to_it() {
        for (m, k, n) in [(1, 1, 1), (5, 3, 1), (1, 4, 7), (17, 33, 9), (40, 9, 16)] {
            let (a, b) = (values(m * k, 1), values(k * n, 5));
            let (a, b) = (View::new(&a, m, k), View::new(&b, k, n));
            let before = values(m * n, 9);
            let mut out = before.clone();
            add_product(a, b, &mut out);
            let want: Vec<f64> = slow(a, b).iter().zip(&before).map(|(x, y)| x + y).collect();
            assert_close(&out, &want, 1e-9, "added");
            write_product(a, b, &mut out);
            assert_close(&out, &slow(a, b), 1e-9, "written");
        }
        let mut out = [3.0_f32];
        add_product(View::new(&[], 1, 0), View::new(&[], 0, 1), &mut out);
        assert_eq!(out, [3.0]);
        write_product(View::new(&[], 1, 0), View::new(&[], 0, 1), &mut out);
        assert_eq!(out, [0.0]);
    }

    #[test]
    #[should_panic(expected = "a product of 1 x 1 into 2 values")]
    fn a_product_into_another_size_is_refused() {
        write_product(
            View::new(&[1.0_f32], 1, 1),
            View::new(&[1.0_f32], 1, 1),
            &mut [0.0; 2],
        );
    }

    #[test]
    fn products_without_rows_columns_or_terms() {
        let none: [f32; 0] = [];
        assert_eq!(product(View::new(&none, 2, 0), View::new(&none, 0, 3)), [0.0; 6]);
        assert!(product(View::new(&none, 0, 4), View::new(&[0.0; 8], 4, 2)).is_empty());
    }

    #[test]
    #[should_panic(expected = "a matrix of 2 x 2 has 3 values")]
    fn a_wrong_number_of_values_is_refused() {
        let _ = View::new(&[1.0_f32, 2.0, 3.0], 2, 2);
    }

    #[test]
    #[should_panic(expected = "cannot be multiplied")]
    fn shapes_that_do_not_fit_are_refused() {
        let _ = product(View::new(&[1.0_f32, 2.0], 1, 2), View::new(&[1.0_f32, 2.0], 1, 2));
    }
}
