//! Centred frames of a stream of samples, with reflected or zero edges.

/// What lies beyond the ends of the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// The signal mirrored at its first and last sample, repeatedly if it is shorter than the edge.
    Reflect,
    /// Zeros.
    Zero,
}

/// Cuts a stream into frames of `frame_length` samples, centred on every `hop_length`-th sample.
///
/// A signal of `n` samples gives `1 + n / hop_length` frames, the same as padding the whole signal by half a frame on
/// both sides and cutting it up. Source: librosa 0.5.0, `core/spectrum.py`, `stft` (`center=True`) and
/// `util/utils.py`, `frame`.
pub(crate) struct Framer {
    frame_length: usize,
    hop_length: usize,
    edges: Edges,
    buf: Vec<f32>,
    /// Where in `buf` the next frame starts; may lie beyond its end if the hop is longer than the frame.
    next: usize,
    /// Whether the left edge has been put in front.
    started: bool,
}

impl Framer {
    pub(crate) fn new(frame_length: usize, hop_length: usize, edges: Edges) -> Self {
        Self {
            frame_length,
            hop_length,
            edges,
            buf: Vec::new(),
            next: 0,
            started: false,
        }
    }

    fn pad(&self) -> usize {
        self.frame_length / 2
    }

    /// Forgets the signal, keeps the memory.
    pub(crate) fn reset(&mut self) {
        self.buf.clear();
        self.next = 0;
        self.started = false;
    }

    /// Adds samples at the end.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        let pad = self.pad();
        // The right edge mirrors the last pad + 1 samples: keep them even if no frame needs them any more.
        let keep_from = self.next.min(self.buf.len().saturating_sub(pad + 1));
        if self.started && keep_from >= (1 << 14) {
            self.buf.copy_within(keep_from.., 0);
            self.buf.truncate(self.buf.len() - keep_from);
            self.next -= keep_from;
        }
        self.buf.extend_from_slice(samples);
        if !self.started {
            self.start();
        }
    }

    fn start(&mut self) {
        let (pad, n) = (self.pad(), self.buf.len());
        match self.edges {
            Edges::Zero => {
                self.buf.resize(n + pad, 0.0);
                self.buf.rotate_right(pad);
                self.started = true;
            }
            Edges::Reflect if n > pad => {
                self.buf.resize(n + pad, 0.0);
                self.buf.copy_within(0..n, pad);
                for i in 0..pad {
                    self.buf[i] = self.buf[2 * pad - i];
                }
                self.started = true;
            }
            Edges::Reflect => {}
        }
    }

    /// Adds the right edge; no samples may follow.
    pub(crate) fn finish(&mut self) {
        let pad = self.pad();
        match (self.edges, self.started) {
            (Edges::Zero, true) => self.buf.resize(self.buf.len() + pad, 0.0),
            (Edges::Reflect, true) => {
                let n = self.buf.len();
                for i in 0..pad {
                    self.buf.push(self.buf[n - 2 - i]);
                }
            }
            // Without samples there is nothing to mirror, and nothing to frame.
            (_, false) if self.buf.is_empty() => {}
            (_, false) => {
                let x = std::mem::take(&mut self.buf);
                let period = 2 * (x.len() as i64 - 1).max(1);
                self.buf.extend((-(pad as i64)..(x.len() + pad) as i64).map(|i| {
                    let j = i.rem_euclid(period) as usize;
                    // A single sample is repeated, as numpy's `pad` does.
                    if x.len() == 1 {
                        x[0]
                    } else {
                        x[j.min(period as usize - j)]
                    }
                }));
            }
        }
        self.started = true;
    }

    /// Number of whole frames that can be taken now.
    pub(crate) fn n_ready(&self) -> usize {
        if !self.started || self.buf.len() < self.next + self.frame_length {
            return 0;
        }
        1 + (self.buf.len() - self.next - self.frame_length) / self.hop_length
    }

    /// The samples from the next frame on: frame `i` of them starts at `i * hop_length`.
    pub(crate) fn pending(&self) -> &[f32] {
        &self.buf[self.next..]
    }

    /// Moves on by `n_frames`.
    pub(crate) fn consume(&mut self, n_frames: usize) {
        self.next += n_frames * self.hop_length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole-signal definition.
    fn frames_by_definition(x: &[f32], length: usize, hop: usize, edges: Edges) -> Vec<Vec<f32>> {
        let pad = (length / 2) as i64;
        let n = x.len() as i64;
        let at = |mut i: i64| -> f32 {
            if edges == Edges::Zero {
                return if (0..n).contains(&i) { x[i as usize] } else { 0.0 };
            }
            if n == 1 {
                return x[0];
            }
            while !(0..n).contains(&i) {
                i = if i < 0 { -i } else { 2 * (n - 1) - i };
            }
            x[i as usize]
        };
        (0..=x.len() / hop)
            .map(|t| {
                (0..length as i64)
                    .map(|j| at((t * hop) as i64 + j - pad))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn any_chunking_gives_the_frames_of_the_definition() {
        let x: Vec<f32> = (0..40_000).map(|i| ((i * 7919) % 10_007) as f32).collect();
        for edges in [Edges::Reflect, Edges::Zero] {
            for (length, hop) in [(256, 512), (256, 4), (2048, 512), (64, 1)] {
                for n in [1, 2, 3, 31, 32, 33, 127, 128, 129, 200, 1024, 1025, 5000, 40_000] {
                    if hop == 1 && n > 2000 {
                        continue;
                    }
                    let want = frames_by_definition(&x[..n], length, hop, edges);
                    for chunk in [1, 37, 1152, 20_000] {
                        if chunk == 1 && n > 2000 {
                            continue;
                        }
                        let mut framer = Framer::new(length, hop, edges);
                        framer.push(&[5.0; 100]);
                        framer.reset();
                        let mut got = Vec::new();
                        let mut take = |framer: &mut Framer| {
                            let ready = framer.n_ready();
                            for i in 0..ready {
                                got.push(framer.pending()[i * hop..i * hop + length].to_vec());
                            }
                            framer.consume(ready);
                        };
                        for part in x[..n].chunks(chunk) {
                            framer.push(part);
                            take(&mut framer);
                        }
                        framer.finish();
                        take(&mut framer);
                        assert!(
                            got == want,
                            "length {length} hop {hop} n {n} chunk {chunk} {edges:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn no_samples_give_no_frames() {
        let mut framer = Framer::new(64, 16, Edges::Reflect);
        framer.push(&[]);
        framer.finish();
        assert_eq!(framer.n_ready(), 0);
    }
}
