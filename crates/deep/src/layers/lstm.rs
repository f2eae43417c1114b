//! Long short-term memory.

use cratedigger_matmul::{View, add_product, product, write_product};

use super::frames_first::FramesFirst;
use super::layer::{Array, LayerKind};
use super::math::{logistic, tanh};
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

    fn weights(&self) -> (View<'_, f32>, View<'_, f32>) {
        let (h, p) = (self.hidden, &self.parameters);
        (
            View::new(&p[0].values, self.inputs, 4 * h),
            View::new(&p[1].values, h, 4 * h),
        )
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
        let (w_input, w_hidden) = self.weights();
        let mut gates = FramesFirst {
            n,
            t,
            width: 4 * h,
            values: self.parameters[2].values.repeat(n * t),
        };
        add_product(
            View::new(&x.values, n * t, self.inputs),
            w_input,
            &mut gates.values,
        );
        let mut states = FramesFirst::zeros(n, t + 1, h);
        let mut cells = FramesFirst::zeros(n, t + 1, h);
        for frame in 0..t {
            let gates = gates.frame_mut(frame);
            add_product(View::new(states.frame(frame), n, h), w_hidden, gates);
            let (before, after) = cells.values.split_at_mut((frame + 1) * n * h);
            let before = &before[frame * n * h..];
            let states = states.frame_mut(frame + 1);
            for k in 0..n {
                let (input, rest) = gates[k * 4 * h..][..4 * h].split_at_mut(h);
                let (forget, rest) = rest.split_at_mut(h);
                let (cell, output) = rest.split_at_mut(h);
                let (before, after) = (&before[k * h..][..h], &mut after[k * h..][..h]);
                let state = &mut states[k * h..][..h];
                for j in 0..h {
                    input[j] = logistic(input[j]);
                    forget[j] = logistic(forget[j]);
                    cell[j] = tanh(cell[j]);
                    output[j] = logistic(output[j]);
                    after[j] = forget[j] * before[j] + input[j] * cell[j];
                    state[j] = output[j] * tanh(after[j]);
                }
            }
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
        let (w_input, w_hidden) = self.weights();
        let mut of_gates = FramesFirst::zeros(n, t, 4 * h);
        let mut carried = vec![0.0_f32; n * h];
        let mut of_cells = vec![0.0_f32; n * h];
        for frame in (0..t).rev() {
            let (before, after) = (cells.frame(frame), cells.frame(frame + 1));
            let (gates, given) = (gates.frame(frame), gradient.frame(frame));
            let d_gates = of_gates.frame_mut(frame);
            for k in 0..n {
                let gates = &gates[k * 4 * h..][..4 * h];
                let d_gates = &mut d_gates[k * 4 * h..][..4 * h];
                for j in 0..h {
                    let at = k * h + j;
                    let (input, forget, cell, output) =
                        (gates[j], gates[h + j], gates[2 * h + j], gates[3 * h + j]);
                    let d = carried[at] + given[at];
                    let out = tanh(after[at]);
                    let d_cell = of_cells[at] + d * output * (1.0 - out * out);
                    d_gates[j] = d_cell * cell * input * (1.0 - input);
                    d_gates[h + j] = d_cell * before[at] * forget * (1.0 - forget);
                    d_gates[2 * h + j] = d_cell * input * (1.0 - cell * cell);
                    d_gates[3 * h + j] = d * out * output * (1.0 - output);
                    of_cells[at] = d_cell * forget;
                }
            }
            write_product(View::new(d_gates, n, 4 * h), w_hidden.t(), &mut carried);
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
            values: product(d_gates, w_input.t()),
        });
        (input, parameters)
    }
}
