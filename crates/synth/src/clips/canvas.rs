//! What instruments play onto: two channels and a send to the room.

/// Where and how loud a sound is put.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// Amplitude.
    pub(super) gain: f64,
    /// -1 left, 0 middle, 1 right.
    pub(super) pan: f64,
    /// How much of it goes to the room.
    pub(super) send: f64,
}

impl Place {
    /// A place in the mix.
    pub(super) const fn new(gain: f64, pan: f64, send: f64) -> Self {
        Self { gain, pan, send }
    }

    /// The same place, louder or softer.
    pub(super) fn times(self, gain: f64) -> Self {
        Self {
            gain: self.gain * gain,
            ..self
        }
    }

    /// The same loudness elsewhere between the loudspeakers.
    pub(super) fn panned(self, pan: f64) -> Self {
        Self { pan, ..self }
    }
}

/// A stereo recording in the making.
pub(super) struct Canvas {
    /// Sample rate in Hz.
    pub(super) rate: f64,
    /// Left channel.
    pub(super) left: Vec<f32>,
    /// Right channel.
    pub(super) right: Vec<f32>,
    /// What the room hears.
    pub(super) send: Vec<f32>,
}

impl Canvas {
    /// Silence of `n` frames.
    pub(super) fn new(n: usize, rate: f64) -> Self {
        Self {
            rate,
            left: vec![0.0; n],
            right: vec![0.0; n],
            send: vec![0.0; n],
        }
    }

    /// Number of frames.
    pub(super) fn n_frames(&self) -> usize {
        self.left.len()
    }

    /// A mono track of the canvas' length.
    pub(super) fn track(&self) -> Vec<f32> {
        vec![0.0; self.n_frames()]
    }

    /// Adds a sound that begins at frame `at`, which may lie before the beginning; what sticks out is cut.
    pub(super) fn add(&mut self, at: i64, sound: &[f32], place: Place) {
        let Some((from, sound)) = visible(at, sound, self.n_frames()) else {
            return;
        };
        // Equal power: 3 dB less in the middle.
        let angle = std::f64::consts::FRAC_PI_4 * (1.0 + place.pan.clamp(-1.0, 1.0));
        let (sin, cos) = angle.sin_cos();
        let (left, right) = ((place.gain * cos) as f32, (place.gain * sin) as f32);
        let send = (place.gain * place.send) as f32;
        let range = from..from + sound.len();
        for ((l, r), &x) in self.left[range.clone()]
            .iter_mut()
            .zip(&mut self.right[range.clone()])
            .zip(sound)
        {
            *l += left * x;
            *r += right * x;
        }
        if send != 0.0 {
            for (s, &x) in self.send[range].iter_mut().zip(sound) {
                *s += send * x;
            }
        }
    }
}

/// Adds `gain` times a sound to a mono track, as [`Canvas::add`] does.
pub(super) fn mix(track: &mut [f32], at: i64, sound: &[f32], gain: f64) {
    if let Some((from, sound)) = visible(at, sound, track.len()) {
        for (t, &x) in track[from..].iter_mut().zip(sound) {
            *t += gain as f32 * x;
        }
    }
}

/// The part of a sound from frame `at` that lies within `n` frames, and where it begins.
fn visible(at: i64, sound: &[f32], n: usize) -> Option<(usize, &[f32])> {
    let skip = usize::try_from(-at.min(0)).ok()?;
    let from = usize::try_from(at.max(0)).ok()?;
    let sound = sound.get(skip..)?;
    let len = sound.len().min(n.checked_sub(from)?);
    (len > 0).then(|| (from, &sound[..len]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_cut_at_both_ends() {
        let sound = [1.0f32, 2.0, 3.0];
        for (at, want) in [
            (-4, [0.0f32; 4]),
            (-1, [2.0, 3.0, 0.0, 0.0]),
            (0, [1.0, 2.0, 3.0, 0.0]),
            (2, [0.0, 0.0, 1.0, 2.0]),
            (4, [0.0; 4]),
            (9, [0.0; 4]),
        ] {
            let mut track = [0f32; 4];
            mix(&mut track, at, &sound, 1.0);
            assert_eq!(track, want, "at {at}");
            let mut canvas = Canvas::new(4, 8_000.0);
            canvas.add(at, &sound, Place::new(1.0, -1.0, 0.5));
            assert_eq!(canvas.left, want);
            assert!(canvas.right.iter().all(|x| x.abs() < 1e-6));
            assert_eq!(canvas.send, want.map(|x| 0.5 * x));
        }
    }
}
