//! Long short-term memory.

use cratedigger_matmul::{View, add_product, product};
use multiversion::multiversion;

use super::frames_first::FramesFirst;
use super::layer::{Array, LayerKind};
use super::math::{logistic, tanh};
use super::narrow::{add_rows, transposed};
use super::parts::of_bias;
use super::recurrent::{Back, Recurrent};

/// See [`LayerKind::Lstm`].
#[derive(Debug, Clone)]
pub(crate) struct Lstm {
    inputs: usize,
    hidden: usize,
    parameters: Vec<Array>,
}

/// What a part of the excerpts leaves behind.
pub(super) struct Run {
    x: FramesFirst,
    /// The state before the first frame and after each.
    states: FramesFirst,
    /// The cells before the first frame and after each.
    cells: FramesFirst,
    /// Input, forget, cell, output.
    gates: FramesFirst,
}

impl Lstm {
    pub(crate) fn new(inputs: usize, hidden: usize) -> Self {
        let wide = 4 * hidden;
        Self {
            inputs,
            hidden,
            parameters: vec![
                Array::filled("weight_input", &[inputs, wide], 0.0),
                Array::filled("weight_hidden", &[hidden, wide], 0.0),
                Array::filled("bias", &[wide], 0.0),
            ],
        }
    }

    fn of_input(&self) -> View<'_, f32> {
        View::new(&self.parameters[0].values, self.inputs, 4 * self.hidden)
    }
}

impl Recurrent for Lstm {
    type Run = Run;

    fn sizes(&self) -> (usize, usize) {
        (self.inputs, self.hidden)
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Lstm {
            inputs: self.inputs,
            hidden: self.hidden,
        }
    }

    fn arrays(&self) -> &[Array] {
        &self.parameters
    }

    fn arrays_mut(&mut self) -> &mut [Array] {
        &mut self.parameters
    }

    fn states(run: &Run) -> &FramesFirst {
        &run.states
    }

    fn run(&self, x: FramesFirst) -> Run {
        let (n, t, h) = (x.n, x.t, self.hidden);
        let of_hidden = &self.parameters[1].values;
        let mut gates = FramesFirst {
            n,
            t,
            width: 4 * h,
            values: self.parameters[2].values.repeat(n * t),
        };
        add_product(
            View::new(&x.values, n * t, self.inputs),
            self.of_input(),
            &mut gates.values,
        );
        let mut states = FramesFirst::zeros(n, t + 1, h);
        let mut cells = FramesFirst::zeros(n, t + 1, h);
        for frame in 0..t {
            let gates = gates.frame_mut(frame);
            add_rows(h, states.frame(frame), of_hidden, gates);
            let (before, after) = cells.values.split_at_mut((frame + 1) * n * h);
            let before = &before[frame * n * h..];
            let states = states.frame_mut(frame + 1);
            step(h, gates, before, &mut after[..n * h], states);
        }
        Run {
            x,
            states,
            cells,
            gates,
        }
    }

    /// From the gradient of the states to that of what came in, and of the parameters.
    fn back(&self, run: &Run, gradient: &FramesFirst, wanted: bool) -> Back {
        let Run {
            x,
            states,
            cells,
            gates,
        } = run;
        let (n, t, h) = (x.n, x.t, self.hidden);
        let of_hidden = transposed(&self.parameters[1].values, 4 * h);
        let mut of_gates = FramesFirst::zeros(n, t, 4 * h);
        let mut carried = vec![0.0_f32; n * h];
        let mut of_cells = vec![0.0_f32; n * h];
        for frame in (0..t).rev() {
            let (before, after) = (cells.frame(frame), cells.frame(frame + 1));
            let (gates, given) = (gates.frame(frame), gradient.frame(frame));
            let d_gates = of_gates.frame_mut(frame);
            step_back(h, [gates, before, after, &carried, given], d_gates, &mut of_cells);
            carried.fill(0.0);
            add_rows(4 * h, d_gates, &of_hidden, &mut carried);
        }
        let d_gates = View::new(&of_gates.values, n * t, 4 * h);
        let parameters = vec![
            product(View::new(&x.values, n * t, self.inputs).t(), d_gates),
            product(View::new(&states.values[..n * t * h], n * t, h).t(), d_gates),
            of_bias(&of_gates.values, 4 * h),
        ];
        let input = wanted.then(|| FramesFirst {
            n,
            t,
            width: self.inputs,
            values: product(d_gates, self.of_input().t()),
        });
        (input, parameters)
    }
}

/// One frame of some excerpts: from what came in to the gates, the cells and the states. Compiled for several kinds of processors; without
/// fused multiplications, so that all give the same bits.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn step(h: usize, gates: &mut [f32], before: &[f32], after: &mut [f32], states: &mut [f32]) {
    let rows = gates.chunks_exact_mut(4 * h).zip(before.chunks_exact(h));
    let rows = rows
        .zip(after.chunks_exact_mut(h))
        .zip(states.chunks_exact_mut(h));
    for (((gates, before), after), state) in rows {
        let (input, rest) = gates.split_at_mut(h);
        let (forget, rest) = rest.split_at_mut(h);
        let (cell, output) = rest.split_at_mut(h);
        let gates = input.iter_mut().zip(forget).zip(cell).zip(output);
        let cells = before.iter().zip(after).zip(state);
        for ((((input, forget), cell), output), ((before, after), state)) in gates.zip(cells) {
            *input = logistic(*input);
            *forget = logistic(*forget);
            *cell = tanh(*cell);
            *output = logistic(*output);
            *after = *forget * before + *input * *cell;
            *state = *output * tanh(*after);
        }
    }
}

/// The way back: from the gates, the cells before and after, the gradients of the states from the next frame and from above, to the gradient
/// of what came in; that of the cells goes on to the frame before.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn step_back(h: usize, given: [&[f32]; 5], d_gates: &mut [f32], of_cells: &mut [f32]) {
    let [gates, before, after, carried, above] = given;
    for (k, (d_gates, of_cells)) in d_gates
        .chunks_exact_mut(4 * h)
        .zip(of_cells.chunks_exact_mut(h))
        .enumerate()
    {
        let gates = &gates[k * 4 * h..][..4 * h];
        let (input, forget) = (&gates[..h], &gates[h..2 * h]);
        let (cell, output) = (&gates[2 * h..3 * h], &gates[3 * h..]);
        let (before, after) = (&before[k * h..][..h], &after[k * h..][..h]);
        let (carried, above) = (&carried[k * h..][..h], &above[k * h..][..h]);
        let (d_input, rest) = d_gates.split_at_mut(h);
        let (d_forget, rest) = rest.split_at_mut(h);
        let (d_new, d_output) = rest.split_at_mut(h);
        let d_output = &mut d_output[..h];
        for j in 0..h {
            let d = carried[j] + above[j];
            let out = tanh(after[j]);
            let d_cell = of_cells[j] + d * output[j] * (1.0 - out * out);
            d_input[j] = d_cell * cell[j] * input[j] * (1.0 - input[j]);
            d_forget[j] = d_cell * before[j] * forget[j] * (1.0 - forget[j]);
            d_new[j] = d_cell * input[j] * (1.0 - cell[j] * cell[j]);
            d_output[j] = d * out * output[j] * (1.0 - output[j]);
            of_cells[j] = d_cell * forget[j];
        }
    }
}
