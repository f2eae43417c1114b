// The gradient of each number of the output that came from somewhere, and its product with the normalised number.
@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read> origin: array<u32>;
@group(0) @binding(5) var<storage, read_write> of_bias: array<f32>;
@group(0) @binding(6) var<storage, read_write> of_weight: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.x + id.y * groups.x * 256u;
    if at >= s.len {
        return;
    }
    let k = at % s.c;
    var given = 0.0;
    var product = 0.0;
    if origin[at] != NONE {
        given = gradient[at];
        product = given * (x[corner(at) + offset(origin[at])] - table[k]) * table[s.c + k];
    }
    of_bias[at] = given;
    of_weight[at] = product;
}
