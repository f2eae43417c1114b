// Recurrent layers: a workgroup runs over all frames of one excerpt, its state in the workgroup's memory.
struct Sizes {
    t: u32,
}

// Numbers of the state, and how many of them each thread has.
const H: u32 = HIDDEN;
const OWN: u32 = (H + 255u) / 256u;

fn logistic(x: f32) -> f32 {
    return 1.0 / (1.0 + exp(clamp(-x, -87.0, 87.0)));
}

fn hyperbolic(x: f32) -> f32 {
    return 1.0 - 2.0 / (1.0 + exp(clamp(2.0 * x, -87.0, 87.0)));
}
