//! Drones and collages of noise.

use crate::clips::canvas::{Canvas, Place};
use crate::clips::filter::{OnePole, Sweep, saturate};
use crate::clips::oscillator::{Noise, Partial, Wave, ring, turns};
use crate::stream::Stream;

/// What an artist likes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::clips) struct Band {
    /// Lowest frequency of drones.
    low_hz: f64,
    /// Ratios of the drone's voices to the lowest.
    ratios: [f64; 5],
    drone: f64,
    noise: f64,
    /// Events a second.
    density: f64,
    /// How likely each kind of event is.
    events: [f64; 5],
    grit: f64,
    beating: f64,
}

impl Band {
    pub(in crate::clips) fn draw(s: &mut Stream) -> Self {
        let harmonic = s.chance(0.5);
        let ratios = std::array::from_fn(|k| match (k, harmonic) {
            (0, _) => 1.0,
            (k, true) => (k + 1) as f64 * 0.5f64.powi((s.below(2)) as i32),
            (k, false) => s.between(1.0, 1.0 + 1.5 * k as f64),
        });
        // Most do one thing more than the other, few only one.
        let lean = s.uniform();
        Self {
            low_hz: s.log_normal(75.0, 0.5),
            ratios,
            drone: 0.25 + 0.75 * lean,
            noise: 0.35 + 0.65 * (1.0 - lean),
            density: s.log_normal(2.2, 0.5),
            events: std::array::from_fn(|_| s.uniform()),
            grit: s.log_normal(1.0, 0.7),
            beating: s.log_normal(0.4, 0.6),
        }
    }

    pub(in crate::clips) fn play(&self, s: &mut Stream, n: usize, rate: f64) -> Canvas {
        let mut canvas = Canvas::new(n, rate);
        self.drone(s, &mut canvas);
        self.weather(s, &mut canvas);
        self.collage(s, &mut canvas);
        if self.grit > 1.0 {
            let drive = self.grit as f32;
            for x in canvas.left.iter_mut().chain(&mut canvas.right) {
                *x = saturate(drive * *x);
            }
        }
        canvas
    }

    /// Voices that beat against each other and swell, each on its own.
    fn drone(&self, s: &mut Stream, canvas: &mut Canvas) {
        let (rate, n) = (canvas.rate, canvas.n_frames());
        let base = self.low_hz * s.log_normal(1.0, 0.12);
        for (k, ratio) in self.ratios.into_iter().enumerate() {
            let hz = (base * ratio).clamp(25.0, 0.2 * rate);
            let rich = s.chance(0.6);
            let mut pair = [0.0, self.beating].map(|off| {
                if rich {
                    Wave::saw(hz + off, rate, s.uniform())
                } else {
                    Wave::sine(hz + off, rate, s.uniform())
                }
            });
            let corner = hz * s.between(1.5, 9.0);
            let mut filter = Sweep::new(corner, s.between(0.1, 0.8), rate);
            let (slow, depth) = (s.between(0.03, 0.3), s.between(0.3, 0.9));
            let (begin, begin_filter) = (s.uniform(), s.uniform());
            let mut swell = 0f32;
            let track: Vec<f32> = (0..n)
                .map(|i| {
                    if i % 64 == 0 {
                        let t = slow * i as f64 / rate;
                        let wave = |x: f64| (std::f64::consts::TAU * x).sin();
                        swell = (1.0 - depth * (0.5 + 0.5 * wave(t + begin))) as f32;
                        filter.tune(corner * (0.7 * wave(0.7 * t + begin_filter)).exp(), rate);
                    }
                    swell * filter.low(pair[0].next() + pair[1].next())
                })
                .collect();
            let gain = self.drone * 0.3 / (1.0 + 0.4 * k as f64);
            canvas.add(0, &track, Place::new(gain, s.between(-0.8, 0.8), 0.35));
        }
    }

    /// Noise through wandering bands.
    fn weather(&self, s: &mut Stream, canvas: &mut Canvas) {
        let (rate, n) = (canvas.rate, canvas.n_frames());
        for _ in 0..2 {
            let mut noise = Noise::new(s.below(1 << 30) as u32);
            let (centre, reach) = (s.log_normal(1_200.0, 0.9), s.between(0.3, 1.5));
            let slow = [s.between(0.05, 0.5), s.between(0.1, 0.9)];
            let begin = [s.uniform(), s.uniform()];
            let mut band = Sweep::new(centre, s.between(0.2, 0.93), rate);
            let mut level = 0f32;
            let track: Vec<f32> = (0..n)
                .map(|i| {
                    if i % 64 == 0 {
                        let t = i as f64 / rate;
                        let wave = |k: usize| (std::f64::consts::TAU * (slow[k] * t + begin[k])).sin();
                        band.tune(centre * (reach * wave(0)).exp(), rate);
                        level = (0.55 + 0.45 * wave(1)) as f32;
                    }
                    level * band.band(noise.next())
                })
                .collect();
            let gain = 0.9 * self.noise * s.between(0.3, 1.0);
            canvas.add(0, &track, Place::new(gain, s.between(-0.9, 0.9), 0.2));
        }
    }

    /// Things that happen now and then.
    fn collage(&self, s: &mut Stream, canvas: &mut Canvas) {
        let rate = canvas.rate;
        let seconds = canvas.n_frames() as f64 / rate;
        let n_events = (self.density * seconds).ceil() as usize;
        for _ in 0..n_events {
            let at = (s.uniform() * canvas.n_frames() as f64) as i64;
            let sound = match s.weighted(self.events.into_iter()) {
                0 => burst(s, rate),
                1 => ring_modulation(s, rate, self.low_hz),
                2 => scrap_metal(s, rate),
                3 => grains(s, rate),
                _ => glide(s, rate),
            };
            let gain = s.log_normal(0.35, 0.5);
            canvas.add(
                at,
                &sound,
                Place::new(gain, s.between(-1.0, 1.0), s.between(0.0, 0.8)),
            );
        }
    }
}

/// A stretch of noise that begins or ends abruptly.
fn burst(s: &mut Stream, rate: f64) -> Vec<f32> {
    let n = (s.log_normal(0.35, 0.8) * rate) as usize;
    let mut noise = Noise::new(s.below(1 << 30) as u32);
    let mut band = Sweep::new(s.log_normal(1_800.0, 0.8), s.between(0.0, 0.9), rate);
    let reversed = s.chance(0.5);
    (0..n)
        .map(|i| {
            let t = i as f32 / n as f32;
            let level = if reversed { t * t } else { (1.0 - t) * (1.0 - t) };
            2.0 * level * band.band(noise.next())
        })
        .collect()
}

/// Two tones multiplied: sums and differences, like bells and robots.
fn ring_modulation(s: &mut Stream, rate: f64, low_hz: f64) -> Vec<f32> {
    let n = (s.log_normal(0.8, 0.7) * rate) as usize;
    let mut a = Wave::sine(low_hz * s.between(2.0, 12.0), rate, 0.0);
    let mut b = Wave::sine(low_hz * s.between(1.0, 20.0), rate, 0.0);
    let depth = turns(0.15);
    (0..n)
        .map(|i| {
            let t = i as f32 / n as f32;
            let level = 4.0 * t * (1.0 - t);
            let turn = b.next();
            level * a.next_at((turn * depth as f32) as i32 as u32) * turn
        })
        .collect()
}

/// Something of metal is struck.
fn scrap_metal(s: &mut Stream, rate: f64) -> Vec<f32> {
    let t60_s = s.log_normal(1.2, 0.6);
    let partials: [Partial; 8] = std::array::from_fn(|_| Partial {
        hz: s.log_normal(1_100.0, 0.8),
        gain: 0.25 * s.uniform(),
        t60_s: t60_s * s.between(0.3, 1.0),
        phase: s.uniform(),
    });
    let mut out = vec![0f32; (t60_s * rate) as usize];
    ring(&partials, rate, &mut out);
    out
}

/// A swarm of clicks.
fn grains(s: &mut Stream, rate: f64) -> Vec<f32> {
    let n = (s.log_normal(0.9, 0.5) * rate) as usize;
    let mut noise = Noise::new(s.below(1 << 30) as u32);
    let mut low = OnePole::new(s.log_normal(4_000.0, 0.6), rate);
    let rare = 1.0 - (s.log_normal(90.0, 0.9) / rate) as f32;
    (0..n)
        .map(|_| {
            let x = noise.next();
            low.next(if x.abs() > rare { 6.0 * x } else { 0.0 })
        })
        .collect()
}

/// A tone that slides.
fn glide(s: &mut Stream, rate: f64) -> Vec<f32> {
    let n = (s.log_normal(1.1, 0.6) * rate) as usize;
    let (from, octaves) = (s.log_normal(400.0, 0.8), s.between(-2.5, 2.5));
    let mut wave = Wave::saw((from * octaves.max(0.0).exp2()).min(6_000.0), rate, 0.0);
    (0..n)
        .map(|i| {
            let t = i as f64 / n as f64;
            if i % 32 == 0 {
                wave.tune(from * (octaves * t).exp2(), rate);
            }
            (2.4 * t * (1.0 - t)) as f32 * wave.next()
        })
        .collect()
}
