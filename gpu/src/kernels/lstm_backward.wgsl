@group(0) @binding(0) var<uniform> s: Sizes;
// [4 H, H]: transposed
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> gates: array<f32>;
@group(0) @binding(3) var<storage, read> cells: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> of_gates: array<f32>;

var<workgroup> carried: array<f32, H>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    var of_cell: array<f32, OWN>;
    for (var j = local; j < H; j += 256u) {
        carried[j] = 0.0;
        of_cell[j / 256u] = 0.0;
    }
    workgroupBarrier();
    for (var left = s.t; left > 0u; left--) {
        let row = group.x * s.t + left - 1u;
        for (var j = local; j < H; j += 256u) {
            let first = row * 4u * H + j;
            let input = gates[first];
            let forget = gates[first + H];
            let fresh = gates[first + 2u * H];
            let output = gates[first + 3u * H];
            var before = 0.0;
            if left > 1u {
                before = cells[(row - 1u) * H + j];
            }
            let d = carried[j] + gradient[row * H + j];
            let out = hyperbolic(cells[row * H + j]);
            let d_cell = of_cell[j / 256u] + d * output * (1.0 - out * out);
            of_gates[first] = d_cell * fresh * input * (1.0 - input);
            of_gates[first + H] = d_cell * before * forget * (1.0 - forget);
            of_gates[first + 2u * H] = d_cell * input * (1.0 - fresh * fresh);
            of_gates[first + 3u * H] = d * out * output * (1.0 - output);
            of_cell[j / 256u] = d_cell * forget;
        }
        storageBarrier();
        workgroupBarrier();
        for (var k = local; k < H; k += 256u) {
            var sum = 0.0;
            for (var j = 0u; j < 4u * H; j++) {
                sum += of_gates[row * 4u * H + j] * weight[j * H + k];
            }
            carried[k] = sum;
        }
        workgroupBarrier();
    }
}
