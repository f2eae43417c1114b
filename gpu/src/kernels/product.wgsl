// A product of matrices: out[row, column] = the sum of at_a(row, k) * at_b(k, column) over k, and bias[column].
// Where what is summed is long, each layer z of workgroups sums `per` of it; the parts are added afterwards, in order.
struct Sizes {
    m: u32,
    n: u32,
    k: u32,
    per: u32,
    // of the maps whose windows are read
    t: u32,
    f: u32,
    c: u32,
    with_bias: u32,
}

@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const ROWS: u32 = 64u;
const COLUMNS: u32 = 32u;
const DEPTH: u32 = 16u;

var<workgroup> tile_a: array<f32, 1024>;
var<workgroup> tile_b: array<f32, 512>;

// Number k of the 3 x 3 window around a place of the map `a`, zeros around it.
fn window(place: u32, k: u32) -> f32 {
    let cell = k / s.c;
    let frame = (place / s.f) % s.t + cell / 3u;
    let band = place % s.f + cell % 3u;
    if frame < 1u || frame > s.t || band < 1u || band > s.f {
        return 0.0;
    }
    let excerpt = place / (s.f * s.t);
    return a[((excerpt * s.t + frame - 1u) * s.f + band - 1u) * s.c + k % s.c];
}

fn at_a(row: u32, k: u32) -> f32 {
    return AT_A;
}

fn at_b(k: u32, column: u32) -> f32 {
    return AT_B;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let first_row = group.x * ROWS;
    let first_column = group.y * COLUMNS;
    let first = group.z * s.per;
    let end = min(first + s.per, s.k);
    let my_row = local / 16u * 4u;
    let my_column = local % 16u * 2u;
    var sums: array<f32, 8>;
    for (var k0 = first; k0 < end; k0 += DEPTH) {
        for (var i = 0u; i < 4u; i++) {
            let at = local + i * 256u;
            let row = first_row + at / DEPTH;
            let k = k0 + at % DEPTH;
            var value = 0.0;
            if row < s.m && k < end {
                value = at_a(row, k);
            }
            tile_a[at % DEPTH * ROWS + at / DEPTH] = value;
        }
        for (var i = 0u; i < 2u; i++) {
            let at = local + i * 256u;
            let k = k0 + at / COLUMNS;
            let column = first_column + at % COLUMNS;
            var value = 0.0;
            if column < s.n && k < end {
                value = at_b(k, column);
            }
            tile_b[at] = value;
        }
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k++) {
            let b0 = tile_b[k * COLUMNS + my_column];
            let b1 = tile_b[k * COLUMNS + my_column + 1u];
            for (var i = 0u; i < 4u; i++) {
                let value = tile_a[k * ROWS + my_row + i];
                sums[i * 2u] += value * b0;
                sums[i * 2u + 1u] += value * b1;
            }
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 8u; i++) {
        let row = first_row + my_row + i / 2u;
        let column = first_column + my_column + i % 2u;
        if row < s.m && column < s.n {
            var value = sums[i];
            if s.with_bias == 1u {
                value += bias[column];
            }
            out[(group.z * s.m + row) * s.n + column] = value;
        }
    }
}
