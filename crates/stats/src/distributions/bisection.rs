/// Where the falling function `ln_beyond` is `ln (1 - level)`, by bisection down to neighbouring numbers.
pub(super) fn where_falls_to(level: f64, ln_beyond: impl Fn(f64) -> f64) -> f64 {
    let target = (-level).ln_1p();
    let (mut low, mut high) = (0.0, 1.0);
    while ln_beyond(high) > target {
        high *= 2.0;
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if ln_beyond(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
}
