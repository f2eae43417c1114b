//! Layers without a window and without a matrix.

use cratedigger_deep::{Shape, Summary};

use super::map::Map;
use crate::device::{Numbers, Record};
use crate::kernels::Kernel;

/// The sizes that the kernels want, behind the first.
fn sizes(x: Shape, (frames, bands): (usize, usize), width: usize) -> [usize; 6] {
    [x.c, x.t, x.f, frames, bands, width]
}

/// Each number times its factor.
pub(super) fn multiply(record: &mut Record<'_>, x: &Map, factors: &Numbers) -> Map {
    let out = Map::room(record.device, x.shape);
    let numbers = [&x.numbers, &out.numbers, factors];
    record.each(
        Kernel::Simple("multiply"),
        out.shape.len(),
        &sizes(x.shape, (1, 1), 1),
        &numbers,
    );
    out
}

/// Each number `times.0` x `times.1` times.
pub(super) fn repeat(record: &mut Record<'_>, times: (usize, usize), x: &Map) -> Map {
    let shape = Shape {
        t: x.shape.t * times.0,
        f: x.shape.f * times.1,
        ..x.shape
    };
    let out = Map::room(record.device, shape);
    let numbers = [&x.numbers, &out.numbers];
    record.each(
        Kernel::Simple("repeat"),
        shape.len(),
        &sizes(x.shape, times, 1),
        &numbers,
    );
    out
}

/// The way back of [`repeat`].
pub(super) fn gather(record: &mut Record<'_>, times: (usize, usize), small: Shape, gradient: &Map) -> Map {
    let out = Map::room(record.device, small);
    let numbers = [&gradient.numbers, &out.numbers];
    record.each(
        Kernel::Simple("gather"),
        small.len(),
        &sizes(small, times, 1),
        &numbers,
    );
    out
}

/// Means of channels, and their largest values.
pub(super) fn summary(record: &mut Record<'_>, summary: Summary, x: &Map) -> Map {
    let width = match summary {
        Summary::Mean => x.shape.c,
        Summary::MeanMax => 2 * x.shape.c,
    };
    let shape = Shape {
        n: x.shape.n,
        t: 1,
        f: 1,
        c: width,
    };
    let out = Map::room(record.device, shape);
    let numbers = [&x.numbers, &out.numbers];
    record.each(
        Kernel::Simple("summary"),
        shape.len(),
        &sizes(x.shape, (1, 1), width),
        &numbers,
    );
    out
}

/// The way back of [`summary`].
pub(super) fn summary_back(record: &mut Record<'_>, x: &Map, gradient: &Map) -> Map {
    let out = Map::room(record.device, x.shape);
    let numbers = [&gradient.numbers, &out.numbers, &x.numbers];
    let sizes = sizes(x.shape, (1, 1), gradient.shape.c);
    record.each(Kernel::Simple("summary_back"), x.shape.len(), &sizes, &numbers);
    out
}
