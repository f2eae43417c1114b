//! Gated recurrent units.

use cratedigger_matmul::{View, add_product, product};
use multiversion::multiversion;

use super::frames_first::FramesFirst;
use super::layer::{Array, LayerKind};
use super::math::{logistic, tanh};
use super::narrow::{add_rows, transposed};
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

    fn of_input(&self) -> View<'_, f32> {
        View::new(&self.parameters[0].values, self.inputs, 3 * self.hidden)
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
        let mut of_input = self.parameters[2].values.repeat(n * t);
        add_product(
            View::new(&x.values, n * t, self.inputs),
            self.of_input(),
            &mut of_input,
        );
        let mut states = FramesFirst::zeros(n, t + 1, h);
        let mut gates = FramesFirst::zeros(n, t, 4 * h);
        let mut of_state = Vec::with_capacity(n * 3 * h);
        for frame in 0..t {
            of_state.clear();
            for _ in 0..n {
                of_state.extend_from_slice(&self.parameters[3].values);
            }
            add_rows(h, states.frame(frame), &self.parameters[1].values, &mut of_state);
            let (before, after) = states.values.split_at_mut((frame + 1) * n * h);
            let before = &before[frame * n * h..];
            let gates = gates.frame_mut(frame);
            let of_input = &of_input[frame * n * 3 * h..][..n * 3 * h];
            step(h, [of_input, &of_state, before], gates, &mut after[..n * h]);
        }
        Run { x, states, gates }
    }

    /// From the gradient of the states to that of what came in, and of the parameters.
    fn back(&self, run: &Run, gradient: &FramesFirst, wanted: bool) -> Back {
        let Run { x, states, gates } = run;
        let (n, t, h) = (x.n, x.t, self.hidden);
        let w_hidden = transposed(&self.parameters[1].values, 3 * h);
        let mut of_input = FramesFirst::zeros(n, t, 3 * h);
        let mut of_hidden = FramesFirst::zeros(n, t, 3 * h);
        let mut carried = vec![0.0_f32; n * h];
        for frame in (0..t).rev() {
            let (before, gates) = (states.frame(frame), gates.frame(frame));
            let given = gradient.frame(frame);
            let d_input = of_input.frame_mut(frame);
            let d_hidden = of_hidden.frame_mut(frame);
            step_back(h, [gates, before, given], d_input, d_hidden, &mut carried);
            add_rows(3 * h, d_hidden, &w_hidden, &mut carried);
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
            values: product(d_input, self.of_input().t()),
        });
        (input, parameters)
    }
}

/// One frame of some excerpts: from what came in, what the states before gave, and these states, to the gates and the states. Compiled for
/// several kinds of processors; without fused multiplications, so that all give the same bits.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn step(h: usize, given: [&[f32]; 3], gates: &mut [f32], after: &mut [f32]) {
    let [of_input, of_state, before] = given;
    for (k, (gates, after)) in gates
        .chunks_exact_mut(4 * h)
        .zip(after.chunks_exact_mut(h))
        .enumerate()
    {
        let i = &of_input[k * 3 * h..][..3 * h];
        let s = &of_state[k * 3 * h..][..3 * h];
        let (i_reset, i_update, i_new) = (&i[..h], &i[h..2 * h], &i[2 * h..]);
        let (s_reset, s_update, s_new) = (&s[..h], &s[h..2 * h], &s[2 * h..]);
        let before = &before[k * h..][..h];
        let (reset, rest) = gates.split_at_mut(h);
        let (update, rest) = rest.split_at_mut(h);
        let (new, given) = rest.split_at_mut(h);
        let (given, after) = (&mut given[..h], &mut after[..h]);
        for j in 0..h {
            reset[j] = logistic(i_reset[j] + s_reset[j]);
            update[j] = logistic(i_update[j] + s_update[j]);
            given[j] = s_new[j];
            new[j] = tanh(i_new[j] + reset[j] * given[j]);
            after[j] = (1.0 - update[j]) * new[j] + update[j] * before[j];
        }
    }
}

/// The way back: from the gates, the states before and the gradients from above, with those from the next frame in `carried`, to the
/// gradients of what came in and of what the states gave; `carried` keeps what goes to the states past the gates.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn step_back(h: usize, given: [&[f32]; 3], d_input: &mut [f32], d_hidden: &mut [f32], carried: &mut [f32]) {
    let [gates, before, above] = given;
    let both = d_input
        .chunks_exact_mut(3 * h)
        .zip(d_hidden.chunks_exact_mut(3 * h));
    for (k, ((d_input, d_hidden), carried)) in both.zip(carried.chunks_exact_mut(h)).enumerate() {
        let gates = &gates[k * 4 * h..][..4 * h];
        let (reset, update) = (&gates[..h], &gates[h..2 * h]);
        let (new, of_state) = (&gates[2 * h..3 * h], &gates[3 * h..]);
        let (before, above) = (&before[k * h..][..h], &above[k * h..][..h]);
        let (i_reset, rest) = d_input.split_at_mut(h);
        let (i_update, i_new) = rest.split_at_mut(h);
        let (h_reset, rest) = d_hidden.split_at_mut(h);
        let (h_update, h_new) = rest.split_at_mut(h);
        let (i_new, h_new) = (&mut i_new[..h], &mut h_new[..h]);
        for j in 0..h {
            let d = carried[j] + above[j];
            let d_new = d * (1.0 - update[j]) * (1.0 - new[j] * new[j]);
            let d_update = d * (before[j] - new[j]) * update[j] * (1.0 - update[j]);
            let d_reset = d_new * of_state[j] * reset[j] * (1.0 - reset[j]);
            i_reset[j] = d_reset;
            i_update[j] = d_update;
            i_new[j] = d_new;
            h_reset[j] = d_reset;
            h_update[j] = d_update;
            h_new[j] = d_new * reset[j];
            carried[j] = d * update[j];
        }
    }
}
