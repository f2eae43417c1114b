//! Probabilities from decision values of pairs.

/// Probabilities of a pair are at least this far from 0 and 1.
const LEAST: f64 = 1e-7;

/// The two numbers of `1 / (1 + exp(slope * value + offset))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sigmoid {
    pub(super) slope: f64,
    pub(super) offset: f64,
}

impl Sigmoid {
    /// The sigmoid that makes the labels (`true`: the class that positive values speak for) likeliest, towards which they are
    /// smoothed: Newton's method with backtracking.
    ///
    /// Source: Platt 2000; Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs", algorithm 1; libsvm's constants.
    pub(super) fn fit(values: &[f64], labels: &[bool]) -> Self {
        let n_positive = labels.iter().filter(|&&label| label).count() as f64;
        let n_negative = labels.len() as f64 - n_positive;
        let high = (n_positive + 1.0) / (n_positive + 2.0);
        let low = 1.0 / (n_negative + 2.0);
        let target = |label: bool| if label { high } else { low };
        let loss = |sigmoid: Self| -> f64 {
            let terms = values.iter().zip(labels).map(|(value, &label)| {
                let power = sigmoid.power(*value);
                let (factor, tail) = match power >= 0.0 {
                    true => (target(label), (-power).exp()),
                    false => (target(label) - 1.0, power.exp()),
                };
                factor * power + tail.ln_1p()
            });
            terms.sum()
        };
        let mut best = Self {
            slope: 0.0,
            offset: ((n_negative + 1.0) / (n_positive + 1.0)).ln(),
        };
        let mut least = loss(best);
        for _ in 0..100 {
            let mut hessian = [1e-12, 1e-12, 0.0];
            let mut gradient = [0.0, 0.0];
            for (value, &label) in values.iter().zip(labels) {
                let p = best.probability(*value);
                let curvature = p * (1.0 - p);
                hessian[0] += value * value * curvature;
                hessian[1] += curvature;
                hessian[2] += value * curvature;
                let difference = target(label) - p;
                gradient[0] += value * difference;
                gradient[1] += difference;
            }
            if gradient.iter().all(|g: &f64| g.abs() < 1e-5) {
                break;
            }
            let determinant = hessian[0] * hessian[1] - hessian[2] * hessian[2];
            let step = [
                -(hessian[1] * gradient[0] - hessian[2] * gradient[1]) / determinant,
                -(hessian[0] * gradient[1] - hessian[2] * gradient[0]) / determinant,
            ];
            let slope = gradient[0] * step[0] + gradient[1] * step[1];
            let mut size = 1.0;
            let found = loop {
                let tried = Self {
                    slope: best.slope + size * step[0],
                    offset: best.offset + size * step[1],
                };
                let loss = loss(tried);
                if loss < least + 1e-4 * size * slope {
                    break Some((tried, loss));
                }
                size /= 2.0;
                if size < 1e-10 {
                    break None;
                }
            };
            match found {
                Some(found) => (best, least) = found,
                None => break,
            }
        }
        best
    }

    fn power(self, value: f64) -> f64 {
        value * self.slope + self.offset
    }

    fn probability(self, value: f64) -> f64 {
        let power = self.power(value);
        match power >= 0.0 {
            true => (-power).exp() / (1.0 + (-power).exp()),
            false => 1.0 / (1.0 + power.exp()),
        }
    }

    /// The probability of the class that positive values speak for, never quite 0 or 1.
    pub(super) fn of(self, value: f64) -> f64 {
        self.probability(value).clamp(LEAST, 1.0 - LEAST)
    }
}

/// Probabilities of `n` classes from those of the first of each pair, in the order (0, 1), (0, 2), …, (1, 2), ….
///
/// Source: Wu, Lin and Weng 2004, "Probability estimates for multi-class classification by pairwise coupling", algorithm 2 of the
/// second approach, ended as libsvm ends it.
pub(super) fn couple(pairs: &[f64], n: usize) -> Vec<f64> {
    if let ([p], 2) = (pairs, n) {
        return vec![*p, 1.0 - p];
    }
    let mut of_pair = vec![0.0; n * n];
    for (&p, (i, j)) in pairs.iter().zip(super::pairs::pairs(n)) {
        of_pair[i * n + j] = p;
        of_pair[j * n + i] = 1.0 - p;
    }
    let mut q = vec![0.0; n * n];
    for t in 0..n {
        for j in (0..n).filter(|&j| j != t) {
            q[t * n + t] += of_pair[j * n + t] * of_pair[j * n + t];
            q[t * n + j] = -of_pair[j * n + t] * of_pair[t * n + j];
        }
    }
    let mut p = vec![1.0 / n as f64; n];
    for _ in 0..n.max(100) {
        let mut qp: Vec<f64> = q
            .chunks_exact(n)
            .map(|q| q.iter().zip(&p).map(|(q, p)| q * p).sum())
            .collect();
        let mut pqp: f64 = p.iter().zip(&qp).map(|(p, qp)| p * qp).sum();
        let error = qp.iter().map(|qp| (qp - pqp).abs()).fold(0.0, f64::max);
        if error < 0.005 / n as f64 {
            break;
        }
        for t in 0..n {
            let q = &q[t * n..(t + 1) * n];
            let change = (pqp - qp[t]) / q[t];
            let scale = 1.0 + change;
            p[t] += change;
            pqp = (pqp + change * (change * q[t] + 2.0 * qp[t])) / scale / scale;
            for j in 0..n {
                qp[j] = (qp[j] + change * q[j]) / scale;
                p[j] /= scale;
            }
        }
    }
    p
}
