@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
// what the input gives to input, forget, cell and output; then the gates themselves
@group(0) @binding(2) var<storage, read_write> gates: array<f32>;
@group(0) @binding(3) var<storage, read_write> cells: array<f32>;
@group(0) @binding(4) var<storage, read_write> before: array<f32>;
@group(0) @binding(5) var<storage, read_write> states: array<f32>;

var<workgroup> state: array<f32, H>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    var cell: array<f32, OWN>;
    for (var j = local; j < H; j += 256u) {
        state[j] = 0.0;
        cell[j / 256u] = 0.0;
    }
    workgroupBarrier();
    for (var frame = 0u; frame < s.t; frame++) {
        let row = group.x * s.t + frame;
        for (var j = local; j < 4u * H; j += 256u) {
            var sum = gates[row * 4u * H + j];
            for (var k = 0u; k < H; k++) {
                sum += state[k] * weight[k * 4u * H + j];
            }
            if j / H == 2u {
                gates[row * 4u * H + j] = hyperbolic(sum);
            } else {
                gates[row * 4u * H + j] = logistic(sum);
            }
        }
        storageBarrier();
        workgroupBarrier();
        for (var j = local; j < H; j += 256u) {
            let first = row * 4u * H + j;
            let after = gates[first + H] * cell[j / 256u] + gates[first] * gates[first + 2u * H];
            before[row * H + j] = state[j];
            state[j] = gates[first + 3u * H] * hyperbolic(after);
            cell[j / 256u] = after;
            cells[row * H + j] = after;
            states[row * H + j] = state[j];
        }
        workgroupBarrier();
    }
}
