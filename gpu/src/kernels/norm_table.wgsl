// For each channel: mean, 1 / deviation, scale, shift, and the variance of which one less is divided by.
@group(0) @binding(0) var<uniform> s: Sizes;
// in training sums, and sums of squared differences; in use mean and variance
@group(0) @binding(1) var<storage, read> first: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let k = id.x;
    if k >= s.c {
        return;
    }
    let mean = first[k] / f32(s.count);
    let variance = second[k] / f32(s.count);
    let inverse = 1.0 / sqrt(variance + 1e-5);
    out[k] = mean;
    out[s.c + k] = inverse;
    out[2u * s.c + k] = weight[k] * inverse;
    out[3u * s.c + k] = bias[k] - mean * weight[k] * inverse;
    out[4u * s.c + k] = second[k] / f32(max(s.count, 2u) - 1u);
}
