// Sums of columns, `per` rows to a part: out[part, column].
struct Sizes {
    rows: u32,
    columns: u32,
    per: u32,
    // of all rows, for means
    count: u32,
}

@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
// the sums of the columns, where squares of differences to their means are summed
@group(0) @binding(3) var<storage, read> sums: array<f32>;

var<workgroup> lanes: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let column = group.x * 32u + local % 32u;
    let end = min((group.y + 1u) * s.per, s.rows);
    var sum = 0.0;
    if column < s.columns {
        let mean = MEAN;
        for (var row = group.y * s.per + local / 32u; row < end; row += 8u) {
            let value = x[row * s.columns + column] - mean;
            sum += TERM;
        }
    }
    lanes[local] = sum;
    workgroupBarrier();
    if local < 32u && column < s.columns {
        var all = lanes[local];
        for (var lane = 1u; lane < 8u; lane++) {
            all += lanes[lane * 32u + local];
        }
        out[group.y * s.columns + column] = all;
    }
}
