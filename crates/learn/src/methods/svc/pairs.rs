/// The pairs of `n` classes in their order: (0, 1), (0, 2), …, (1, 2), ….
pub(super) fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j)))
}
