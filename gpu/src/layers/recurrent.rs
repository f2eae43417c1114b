//! Recurrent layers.

use cratedigger_deep::Shape;

use super::map::{Backward, Map};
use super::products::{of_matrix, of_rows, rows_by, sums};
use crate::device::{Numbers, Record};
use crate::kernels::{Cell, Kernel};

/// A recurrent layer.
#[derive(Clone, Copy)]
pub(super) struct Recurrent {
    inputs: usize,
    hidden: usize,
    gru: bool,
}

/// What the way back needs.
pub(crate) struct Kept {
    layer: Recurrent,
    x: Map,
    gates: Numbers,
    /// The state before each frame.
    before: Numbers,
    /// The cells after each frame, of an LSTM.
    cells: Option<Numbers>,
}

impl Recurrent {
    pub(super) fn gru(inputs: usize, hidden: usize) -> Self {
        Self {
            inputs,
            hidden,
            gru: true,
        }
    }

    pub(super) fn lstm(inputs: usize, hidden: usize) -> Self {
        Self {
            inputs,
            hidden,
            gru: false,
        }
    }

    /// Numbers that the input and the state give to the gates.
    fn wide(self) -> usize {
        self.hidden * if self.gru { 3 } else { 4 }
    }

    /// The matrix of the state, transposed.
    pub(super) fn turned(self, weight: &[f32]) -> Vec<f32> {
        let (h, wide) = (self.hidden, self.wide());
        (0..h * wide).map(|at| weight[at % h * wide + at / h]).collect()
    }

    pub(super) fn forward(self, record: &mut Record<'_>, arrays: &[Numbers], x: Map) -> (Map, Kept) {
        let (n, t, h) = (x.shape.n, x.shape.t, self.hidden);
        let sizes = [n * t, self.wide(), self.inputs];
        let of_input = rows_by(record, &x.numbers, &arrays[0], &arrays[2], sizes);
        let device = record.device;
        let before = device.room(n * t * h);
        let shape = Shape {
            f: 1,
            c: h,
            ..x.shape
        };
        let out = Map::room(device, shape);
        let groups = [n, 1, 1];
        let (gates, cells) = if self.gru {
            let gates = device.room(n * t * 4 * h);
            let numbers = [&arrays[1], &arrays[3], &of_input, &gates, &before, &out.numbers];
            record.run(Kernel::Recurrent(Cell::GruForward, h), &[t], &numbers, groups);
            (gates, None)
        } else {
            let cells = device.room(n * t * h);
            let numbers = [&arrays[1], &of_input, &cells, &before, &out.numbers];
            record.run(Kernel::Recurrent(Cell::LstmForward, h), &[t], &numbers, groups);
            (of_input, Some(cells))
        };
        let kept = Kept {
            layer: self,
            x,
            gates,
            before,
            cells,
        };
        (out, kept)
    }
}

impl Kept {
    pub(super) fn backward(
        self,
        record: &mut Record<'_>,
        arrays: &[Numbers],
        gradient: &Map,
        wanted: bool,
    ) -> Backward {
        let Recurrent {
            inputs, hidden: h, ..
        } = self.layer;
        let (n, t, wide) = (self.x.shape.n, self.x.shape.t, self.layer.wide());
        let (rows, groups) = (n * t, [n, 1, 1]);
        let of_input = record.device.room(rows * wide);
        // of a GRU the gradients differ by the reset gate
        let mut of_hidden = None;
        if let (Some(cells), [.., turned]) = (&self.cells, arrays) {
            let numbers = [turned, &self.gates, cells, &gradient.numbers, &of_input];
            record.run(Kernel::Recurrent(Cell::LstmBackward, h), &[t], &numbers, groups);
        } else if let [.., turned] = arrays {
            let own = of_hidden.insert(record.device.room(rows * wide));
            let numbers = [
                turned,
                &self.gates,
                &self.before,
                &gradient.numbers,
                &of_input,
                own,
            ];
            record.run(Kernel::Recurrent(Cell::GruBackward, h), &[t], &numbers, groups);
        }
        let from_state = of_hidden.as_ref().unwrap_or(&of_input);
        let mut learnt = vec![
            of_matrix(record, &self.x.numbers, &of_input, (inputs, wide), rows),
            of_matrix(record, &self.before, from_state, (h, wide), rows),
            sums(record, &of_input, rows, wide),
        ];
        if let Some(of_hidden) = &of_hidden {
            learnt.push(sums(record, of_hidden, rows, wide));
        }
        let input = wanted.then(|| Map {
            shape: self.x.shape,
            numbers: of_rows(record, &of_input, &arrays[0], (inputs, wide), rows),
        });
        (input, learnt)
    }
}
