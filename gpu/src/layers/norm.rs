//! Batch normalisation, rectifier and the largest of each window.

use cratedigger_deep::Shape;

use super::map::{Backward, Map};
use super::products::{squared_differences, sums};
use crate::device::{Device, Numbers, Record};
use crate::kernels::Kernel;

/// What the way back needs.
pub(crate) struct Kept {
    x: Map,
    table: Numbers,
    /// The place of its window that each number came from.
    origin: Numbers,
    window: (usize, usize),
    out: Shape,
}

/// The sizes that the kernels want, behind the first.
fn sizes((frames, bands): (usize, usize), x: Shape, out: Shape) -> [usize; 8] {
    [x.n * x.t * x.f, x.c, frames, bands, x.t, x.f, out.t, out.f]
}

/// For each channel what it is scaled by, and its moments: those of the batch in training, else those that are remembered.
fn table(record: &mut Record<'_>, arrays: &[Numbers], x: &Map, training: bool) -> Numbers {
    let (c, places) = (x.shape.c, x.places());
    let out = record.device.room(5 * c);
    let run = |record: &mut Record<'_>, first: &Numbers, second: &Numbers, count: usize| {
        let numbers = [first, second, &arrays[0], &arrays[1], &out];
        record.each(Kernel::NormTable, c, &[count, c, 1, 1, 1, 1, 1, 1], &numbers);
    };
    if training {
        let first = sums(record, &x.numbers, places, c);
        let second = squared_differences(record, &x.numbers, places, c, &first);
        run(record, &first, &second, places);
    } else {
        run(record, &arrays[2], &arrays[3], 1);
    }
    out
}

pub(super) fn forward(
    record: &mut Record<'_>,
    window: (usize, usize),
    arrays: &[Numbers],
    x: Map,
    training: bool,
) -> (Map, Kept) {
    let table = table(record, arrays, &x, training);
    let shape = Shape {
        t: x.shape.t / window.0,
        f: x.shape.f / window.1,
        ..x.shape
    };
    let out = Map::room(record.device, shape);
    let origin = record.device.room(shape.len());
    let numbers = [&x.numbers, &table, &out.numbers, &origin];
    record.each(
        Kernel::NormForward,
        shape.len(),
        &sizes(window, x.shape, shape),
        &numbers,
    );
    let kept = Kept {
        x,
        table,
        origin,
        window,
        out: shape,
    };
    (out, kept)
}

impl Kept {
    /// The table, and the number of channels.
    pub(crate) fn table(&self) -> (&Numbers, usize) {
        (&self.table, self.out.c)
    }
}

pub(super) fn backward(record: &mut Record<'_>, kept: &Kept, gradient: &Map) -> Backward {
    let Kept {
        x,
        table,
        origin,
        window,
        out,
    } = kept;
    let (device, sizes): (&Device, _) = (record.device, sizes(*window, x.shape, *out));
    let (given, products) = (device.room(out.len()), device.room(out.len()));
    let numbers = [&x.numbers, table, &gradient.numbers, origin, &given, &products];
    record.each(Kernel::NormWinners, out.len(), &sizes, &numbers);
    let places = out.n * out.t * out.f;
    let of_bias = sums(record, &given, places, out.c);
    let of_weight = sums(record, &products, places, out.c);
    let input = Map::room(device, x.shape);
    let numbers = [
        &x.numbers,
        table,
        &gradient.numbers,
        origin,
        &of_bias,
        &of_weight,
        &input.numbers,
    ];
    record.each(Kernel::NormBackward, x.shape.len(), &sizes, &numbers);
    (Some(input), vec![of_weight, of_bias])
}
