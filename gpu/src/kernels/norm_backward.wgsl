// The gradient of what came in: that of the largest of each window, and what each number's part in mean and variance moves.
@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read> origin: array<u32>;
@group(0) @binding(5) var<storage, read> of_bias: array<f32>;
@group(0) @binding(6) var<storage, read> of_weight: array<f32>;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.x + id.y * groups.x * 256u;
    if at >= s.len {
        return;
    }
    let k = at % s.c;
    let band = at / s.c % s.f;
    let frame = at / (s.c * s.f) % s.t;
    let excerpt = at / (s.c * s.f * s.t);
    let out_band = band / s.bands;
    let out_frame = frame / s.frames;
    var given = 0.0;
    if out_band < s.out_f && out_frame < s.out_t {
        let there = ((excerpt * s.out_t + out_frame) * s.out_f + out_band) * s.c + k;
        if origin[there] == frame % s.frames * s.bands + band % s.bands {
            given = gradient[there];
        }
    }
    let normed = (x[at] - table[k]) * table[s.c + k];
    let moved = (of_bias[k] + normed * of_weight[k]) / f32(s.count);
    out[at] = table[2u * s.c + k] * (given - moved);
}
