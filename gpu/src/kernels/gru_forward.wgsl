@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
// what the input gives to reset, update and new
@group(0) @binding(3) var<storage, read> of_input: array<f32>;
// reset, update, new, and what the state gave to new before the reset
@group(0) @binding(4) var<storage, read_write> gates: array<f32>;
@group(0) @binding(5) var<storage, read_write> before: array<f32>;
@group(0) @binding(6) var<storage, read_write> states: array<f32>;

var<workgroup> state: array<f32, H>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    for (var j = local; j < H; j += 256u) {
        state[j] = 0.0;
    }
    workgroupBarrier();
    for (var frame = 0u; frame < s.t; frame++) {
        let row = group.x * s.t + frame;
        for (var j = local; j < 3u * H; j += 256u) {
            var sum = bias[j];
            for (var k = 0u; k < H; k++) {
                sum += state[k] * weight[k * 3u * H + j];
            }
            if j < 2u * H {
                gates[row * 4u * H + j] = logistic(of_input[row * 3u * H + j] + sum);
            } else {
                gates[row * 4u * H + H + j] = sum;
            }
        }
        storageBarrier();
        workgroupBarrier();
        for (var j = local; j < H; j += 256u) {
            let first = row * 4u * H + j;
            let update = gates[first + H];
            let fresh = hyperbolic(of_input[row * 3u * H + 2u * H + j] + gates[first] * gates[first + 3u * H]);
            gates[first + 2u * H] = fresh;
            before[row * H + j] = state[j];
            state[j] = (1.0 - update) * fresh + update * state[j];
            states[row * H + j] = state[j];
        }
        workgroupBarrier();
    }
}
