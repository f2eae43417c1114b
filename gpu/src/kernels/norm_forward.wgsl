@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
// the place of the window that each number came from
@group(0) @binding(4) var<storage, read_write> origin: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.x + id.y * groups.x * 256u;
    if at >= s.len {
        return;
    }
    let k = at % s.c;
    let scale = table[2u * s.c + k];
    let shift = table[3u * s.c + k];
    let first = corner(at);
    var most = 0.0;
    var best = NONE;
    for (var place = 0u; place < s.frames * s.bands; place++) {
        let value = x[first + offset(place)] * scale + shift;
        if value > most {
            most = value;
            best = place;
        }
    }
    out[at] = most;
    origin[at] = best;
}
