//! Products of matrices, and the layers that are made of them: convolutions and dense layers.

use cratedigger_deep::Shape;

use super::map::{Backward, Map};
use crate::device::{Numbers, Record};
use crate::kernels::{Kernel, Left, Right};

/// What one part of a long sum sums up, of a product and of columns.
const PART: usize = 2048;
/// Most parts of a product.
const MOST_PARTS: usize = 1024;
/// Rows and columns that one workgroup of a product writes, and columns that one of a sum writes.
const TILE: (usize, usize) = (64, 32);

/// A product of matrices of `m` x `k` and `k` x `n` numbers; `window` are frames, bands and channels of the map whose windows are read.
pub(super) fn product(
    record: &mut Record<'_>,
    (left, a): (Left, &Numbers),
    (right, b): (Right, &Numbers),
    [m, n, k]: [usize; 3],
    window: Shape,
    bias: Option<&Numbers>,
) -> Numbers {
    let per = if k <= 2 * PART {
        k
    } else {
        PART.max(k.div_ceil(MOST_PARTS))
    };
    let parts = k.div_ceil(per);
    let out = record.device.room(parts * m * n);
    let with_bias = usize::from(bias.is_some());
    record.run(
        Kernel::Product(left, right),
        &[m, n, k, per, window.t, window.f, window.c, with_bias],
        &[a, b, bias.unwrap_or(b), &out],
        [m.div_ceil(TILE.0), n.div_ceil(TILE.1), parts],
    );
    if parts == 1 {
        return out;
    }
    sums(record, &out, parts, m * n)
}

/// The sums of `columns` columns.
pub(super) fn sums(record: &mut Record<'_>, x: &Numbers, rows: usize, columns: usize) -> Numbers {
    let out = part_sums(record, Kernel::Sums, x, rows, columns, None);
    whole(record, out, columns)
}

/// The sums of squared differences to the means, of columns with these sums.
pub(super) fn squared_differences(
    record: &mut Record<'_>,
    x: &Numbers,
    rows: usize,
    columns: usize,
    of: &Numbers,
) -> Numbers {
    let out = part_sums(record, Kernel::SquaredDifferences, x, rows, columns, Some(of));
    whole(record, out, columns)
}

fn whole(record: &mut Record<'_>, mut parts: Numbers, columns: usize) -> Numbers {
    while parts.len() > columns {
        let rows = parts.len() / columns;
        parts = part_sums(record, Kernel::Sums, &parts, rows, columns, None);
    }
    parts
}

fn part_sums(
    record: &mut Record<'_>,
    kernel: Kernel,
    x: &Numbers,
    rows: usize,
    columns: usize,
    of: Option<&Numbers>,
) -> Numbers {
    let parts = rows.div_ceil(PART / 2);
    let out = record.device.room(parts * columns);
    let mut numbers = vec![x, &out];
    numbers.extend(of);
    let groups = [columns.div_ceil(TILE.1), parts, 1];
    record.run(kernel, &[rows, columns, PART / 2, rows], &numbers, groups);
    out
}

/// A convolution by 3 x 3 windows.
pub(super) fn conv(
    record: &mut Record<'_>,
    (inputs, outputs): (usize, usize),
    weight: &Numbers,
    bias: Option<&Numbers>,
    x: &Map,
) -> Map {
    let sizes = [x.places(), outputs, 9 * inputs];
    let (a, b) = ((Left::Windows, &x.numbers), (Right::Plain, weight));
    Map {
        shape: Shape {
            c: outputs,
            ..x.shape
        },
        numbers: product(record, a, b, sizes, x.shape, bias),
    }
}

pub(super) fn conv_back(
    record: &mut Record<'_>,
    bias: bool,
    weight: &Numbers,
    x: &Map,
    gradient: &Map,
    wanted: bool,
) -> Backward {
    let (inputs, outputs, places) = (x.shape.c, gradient.shape.c, x.places());
    let (a, b) = (
        (Left::WindowsTransposed, &x.numbers),
        (Right::Plain, &gradient.numbers),
    );
    let mut learnt = vec![product(
        record,
        a,
        b,
        [9 * inputs, outputs, places],
        x.shape,
        None,
    )];
    if bias {
        learnt.push(sums(record, &gradient.numbers, places, outputs));
    }
    let input = wanted.then(|| {
        let (a, b) = ((Left::Windows, &gradient.numbers), (Right::Turned, weight));
        let sizes = [places, inputs, 9 * outputs];
        Map {
            shape: x.shape,
            numbers: product(record, a, b, sizes, gradient.shape, None),
        }
    });
    (input, learnt)
}

/// The product of `rows` rows with a matrix, and the bias.
pub(super) fn rows_by(
    record: &mut Record<'_>,
    x: &Numbers,
    weight: &Numbers,
    bias: &Numbers,
    sizes: [usize; 3],
) -> Numbers {
    let (a, b) = ((Left::Plain, x), (Right::Plain, weight));
    product(record, a, b, sizes, NO_WINDOW, Some(bias))
}

/// The gradient of a matrix of `m` x `n` by which `rows` rows were multiplied.
pub(super) fn of_matrix(
    record: &mut Record<'_>,
    x: &Numbers,
    gradient: &Numbers,
    (m, n): (usize, usize),
    rows: usize,
) -> Numbers {
    let (a, b) = ((Left::Transposed, x), (Right::Plain, gradient));
    product(record, a, b, [m, n, rows], NO_WINDOW, None)
}

/// The gradient of rows that were multiplied by a matrix of `m` x `n`.
pub(super) fn of_rows(
    record: &mut Record<'_>,
    gradient: &Numbers,
    weight: &Numbers,
    (m, n): (usize, usize),
    rows: usize,
) -> Numbers {
    let (a, b) = ((Left::Plain, gradient), (Right::Transposed, weight));
    product(record, a, b, [rows, m, n], NO_WINDOW, None)
}

/// Of products that read no windows.
const NO_WINDOW: Shape = Shape {
    n: 1,
    t: 1,
    f: 1,
    c: 1,
};

/// A dense layer, on the channels of each place.
pub(super) fn dense(record: &mut Record<'_>, outputs: usize, arrays: &[Numbers], x: &Map) -> Map {
    let sizes = [x.places(), outputs, x.shape.c];
    Map {
        shape: Shape {
            c: outputs,
            ..x.shape
        },
        numbers: rows_by(record, &x.numbers, &arrays[0], &arrays[1], sizes),
    }
}

pub(super) fn dense_back(
    record: &mut Record<'_>,
    weight: &Numbers,
    x: &Map,
    gradient: &Map,
    wanted: bool,
) -> Backward {
    let (places, sizes) = (x.places(), (x.shape.c, gradient.shape.c));
    let learnt = vec![
        of_matrix(record, &x.numbers, &gradient.numbers, sizes, places),
        sums(record, &gradient.numbers, places, sizes.1),
    ];
    let input = wanted.then(|| Map {
        shape: x.shape,
        numbers: of_rows(record, &gradient.numbers, weight, sizes, places),
    });
    (input, learnt)
}
