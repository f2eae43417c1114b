//! Gated recurrent units.

use cratedigger_matmul::{View, add_product, product};

use super::frames_first::FramesFirst;
use super::layer::{Array, LayerKind};
use super::math::{logistic, tanh};
use super::parts::of_bias;
use super::recurrent::{Back, Recurrent};

/// See [`LayerKind::Gru`].
#[derive(Debug, Clone)]
pub(crate) struct Gru {
    inputs: usize,
    hidden: usize,
    parameters: Vec<Array>,
}

/// What a part of the excerpts leaves behind.
pub(super) struct Run {
    x: FramesFirst,
    /// The state before the first frame and after each.
    states: FramesFirst,
    /// Reset, update, new, and what the state gave to new before the reset.
    gates: FramesFirst,
}

impl Gru {
    pub(crate) fn new(inputs: usize, hidden: usize) -> Self {
        let wide = 3 * hidden;
        Self {
            inputs,
            hidden,
            parameters: vec![
                Array::filled("weight_input", &[inputs, wide], 0.0),
                Array::filled("weight_hidden", &[hidden, wide], 0.0),
                Array::filled("bias_input", &[wide], 0.0),
                Array::filled("bias_hidden", &[wide], 0.0),
            ],
        }
    }

    fn weights(&self) -> (View<'_, f32>, View<'_, f32>) {
        let (h, p) = (self.hidden, &self.parameters);
        (
            View::new(&p[0].values, self.inputs, 3 * h),
            View::new(&p[1].values, h, 3 * h),
        )
    }
}

impl Recurrent for Gru {
    type Run = Run;

    fn sizes(&self) -> (usize, usize) {
        (self.inputs, self.hidden)
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Gru {
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
        let mut of_input = self.parameters[2].values.repeat(n * t);
        add_product(View::new(&x.values, n * t, self.inputs), w_input, &mut of_input);
        let mut states = FramesFirst::zeros(n, t + 1, h);
        let mut gates = FramesFirst::zeros(n, t, 4 * h);
        let mut of_state = Vec::with_capacity(n * 3 * h);
        for frame in 0..t {
            of_state.clear();
            for _ in 0..n {
                of_state.extend_from_slice(&self.parameters[3].values);
            }
            add_product(View::new(states.frame(frame), n, h), w_hidden, &mut of_state);
            let (before, after) = states.values.split_at_mut((frame + 1) * n * h);
            let before = &before[frame * n * h..];
            let gates = gates.frame_mut(frame);
            for k in 0..n {
                let i = &of_input[(frame * n + k) * 3 * h..][..3 * h];
                let s = &of_state[k * 3 * h..][..3 * h];
                let (before, after) = (&before[k * h..][..h], &mut after[k * h..][..h]);
                let (reset, rest) = gates[k * 4 * h..][..4 * h].split_at_mut(h);
                let (update, rest) = rest.split_at_mut(h);
                let (new, given) = rest.split_at_mut(h);
                for j in 0..h {
                    reset[j] = logistic(i[j] + s[j]);
                    update[j] = logistic(i[h + j] + s[h + j]);
                    given[j] = s[2 * h + j];
                    new[j] = tanh(i[2 * h + j] + reset[j] * given[j]);
                    after[j] = (1.0 - update[j]) * new[j] + update[j] * before[j];
                }
            }
        }
        Run { x, states, gates }
    }

    /// From the gradient of the states to that of what came in, and of the parameters.
    fn back(&self, run: &Run, gradient: &FramesFirst, wanted: bool) -> Back {
        let Run { x, states, gates } = run;
        let (n, t, h) = (x.n, x.t, self.hidden);
        let (w_input, w_hidden) = self.weights();
        let mut of_input = FramesFirst::zeros(n, t, 3 * h);
        let mut of_hidden = FramesFirst::zeros(n, t, 3 * h);
        let mut carried = vec![0.0_f32; n * h];
        for frame in (0..t).rev() {
            let (before, gates) = (states.frame(frame), gates.frame(frame));
            let given = gradient.frame(frame);
            let d_input = of_input.frame_mut(frame);
            let d_hidden = of_hidden.frame_mut(frame);
            for k in 0..n {
                let gates = &gates[k * 4 * h..][..4 * h];
                let d_input = &mut d_input[k * 3 * h..][..3 * h];
                let d_hidden = &mut d_hidden[k * 3 * h..][..3 * h];
                for j in 0..h {
                    let (reset, update, new, of_state) =
                        (gates[j], gates[h + j], gates[2 * h + j], gates[3 * h + j]);
                    let d = carried[k * h + j] + given[k * h + j];
                    let d_new = d * (1.0 - update) * (1.0 - new * new);
                    let d_update = d * (before[k * h + j] - new) * update * (1.0 - update);
                    let d_reset = d_new * of_state * reset * (1.0 - reset);
                    d_input[j] = d_reset;
                    d_input[h + j] = d_update;
                    d_input[2 * h + j] = d_new;
                    d_hidden[j] = d_reset;
                    d_hidden[h + j] = d_update;
                    d_hidden[2 * h + j] = d_new * reset;
                    carried[k * h + j] = d * update;
                }
            }
            add_product(View::new(d_hidden, n, 3 * h), w_hidden.t(), &mut carried);
        }
        let d_input = View::new(&of_input.values, n * t, 3 * h);
        let d_hidden = View::new(&of_hidden.values, n * t, 3 * h);
        let parameters = vec![
            product(View::new(&x.values, n * t, self.inputs).t(), d_input),
            product(View::new(&states.values[..n * t * h], n * t, h).t(), d_hidden),
            of_bias(&of_input.values, 3 * h),
            of_bias(&of_hidden.values, 3 * h),
        ];
        let input = wanted.then(|| FramesFirst {
            n,
            t,
            width: self.inputs,
            values: product(d_input, w_input.t()),
        });
        (input, parameters)
    }
}
