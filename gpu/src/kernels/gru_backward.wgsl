@group(0) @binding(0) var<uniform> s: Sizes;
// [3 H, H]: transposed
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> gates: array<f32>;
@group(0) @binding(3) var<storage, read> before: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> of_input: array<f32>;
@group(0) @binding(6) var<storage, read_write> of_hidden: array<f32>;

var<workgroup> carried: array<f32, H>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    for (var j = local; j < H; j += 256u) {
        carried[j] = 0.0;
    }
    workgroupBarrier();
    for (var left = s.t; left > 0u; left--) {
        let row = group.x * s.t + left - 1u;
        for (var j = local; j < H; j += 256u) {
            let first = row * 4u * H + j;
            let reset = gates[first];
            let update = gates[first + H];
            let fresh = gates[first + 2u * H];
            let d = carried[j] + gradient[row * H + j];
            let d_fresh = d * (1.0 - update) * (1.0 - fresh * fresh);
            let d_update = d * (before[row * H + j] - fresh) * update * (1.0 - update);
            let d_reset = d_fresh * gates[first + 3u * H] * reset * (1.0 - reset);
            let to = row * 3u * H + j;
            of_input[to] = d_reset;
            of_input[to + H] = d_update;
            of_input[to + 2u * H] = d_fresh;
            of_hidden[to] = d_reset;
            of_hidden[to + H] = d_update;
            of_hidden[to + 2u * H] = d_fresh * reset;
            carried[j] = d * update;
        }
        storageBarrier();
        workgroupBarrier();
        for (var k = local; k < H; k += 256u) {
            var sum = carried[k];
            for (var j = 0u; j < 3u * H; j++) {
                sum += of_hidden[row * 3u * H + j] * weight[j * H + k];
            }
            carried[k] = sum;
        }
        workgroupBarrier();
    }
}
