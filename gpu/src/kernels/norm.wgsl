// Batch normalisation, rectifier and the largest of each window.
struct Sizes {
    len: u32,
    count: u32,
    c: u32,
    frames: u32,
    bands: u32,
    // of what comes in
    t: u32,
    f: u32,
    // of what goes out
    out_t: u32,
    out_f: u32,
}

const NONE: u32 = 0xffffffffu;

// Where the window of this number of the output begins in the input.
fn corner(at: u32) -> u32 {
    let k = at % s.c;
    let band = at / s.c % s.out_f;
    let frame = at / (s.c * s.out_f) % s.out_t;
    let excerpt = at / (s.c * s.out_f * s.out_t);
    return ((excerpt * s.t + frame * s.frames) * s.f + band * s.bands) * s.c + k;
}

// From the first of its window to this place of it.
fn offset(place: u32) -> u32 {
    return (place / s.bands * s.f + place % s.bands) * s.c;
}
