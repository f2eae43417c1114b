// Layers without a window; each is a function of one number of what it writes.
struct Sizes {
    len: u32,
    c: u32,
    t: u32,
    f: u32,
    frames: u32,
    bands: u32,
    width: u32,
}

@group(0) @binding(0) var<uniform> s: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
// of those that read a second array
@group(0) @binding(3) var<storage, read> other: array<f32>;

// Dropout: the product with factors.
fn multiply(at: u32) {
    out[at] = x[at] * other[at];
}

// Each number `frames` x `bands` times; t and f are those of the small map.
fn repeat(at: u32) {
    let band = at / s.c % (s.f * s.bands);
    let frame = at / (s.c * s.f * s.bands) % (s.t * s.frames);
    let excerpt = at / (s.c * s.f * s.bands * s.t * s.frames);
    out[at] = x[((excerpt * s.t + frame / s.frames) * s.f + band / s.bands) * s.c + at % s.c];
}

// The way back: the sum over the large map.
fn gather(at: u32) {
    let band = at / s.c % s.f;
    let frame = at / (s.c * s.f) % s.t;
    let excerpt = at / (s.c * s.f * s.t);
    let line = s.f * s.bands;
    var sum = 0.0;
    for (var i = 0u; i < s.frames; i++) {
        for (var j = 0u; j < s.bands; j++) {
            let row = (excerpt * s.t + frame) * s.frames + i;
            sum += x[(row * line + band * s.bands + j) * s.c + at % s.c];
        }
    }
    out[at] = sum;
}

// Means of channels, then their largest values where `width` is 2 c.
fn summary(at: u32) {
    let excerpt = at / s.width;
    let k = at % s.width;
    let places = s.t * s.f;
    let first = excerpt * places * s.c + k % s.c;
    if k < s.c {
        var sum = 0.0;
        for (var place = 0u; place < places; place++) {
            sum += x[first + place * s.c];
        }
        out[at] = sum / f32(places);
    } else {
        var most = x[first];
        for (var place = 1u; place < places; place++) {
            most = max(most, x[first + place * s.c]);
        }
        out[at] = most;
    }
}

// The way back; `other` is what came in. The first of equal maxima gets the gradient.
fn summary_back(at: u32) {
    let k = at % s.c;
    let places = s.t * s.f;
    let excerpt = at / (s.c * places);
    let place = at / s.c % places;
    var sum = x[excerpt * s.width + k] / f32(places);
    if s.width > s.c {
        let first = excerpt * places * s.c + k;
        var best = 0u;
        for (var p = 1u; p < places; p++) {
            if other[first + p * s.c] > other[first + best * s.c] {
                best = p;
            }
        }
        if best == place {
            sum += x[excerpt * s.width + s.c + k];
        }
    }
    out[at] = sum;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.x + id.y * groups.x * 256u;
    if at < s.len {
        CALL(at);
    }
}
