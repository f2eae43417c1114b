#!/usr/bin/env python3
"""Coverage of 95 % intervals of Cramer's V of continents by genres, with tracks that come by artists.

    pip install numpy scipy
    python3 coverage_cramers_v.py "2 x 3" 400 40 150 600
    python3 coverage_cramers_v.py "6 x 12" 200 40
    python3 coverage_cramers_v.py "6 x 12" 200 150

(the table, runs, and numbers of artists)

Artists have 1 to 120 tracks (log-normal), a continent, and shares of genres of their own: Dirichlet around their continent's, of the
concentration `c` (0.3: nearly all tracks of one genre; 3: a mixture). Tables of 2 continents by 3 genres and of 6 by 12 (of which
the least continent has 1 % of the artists and the least genre 1 % of the tracks). `tracks`: the noncentral interval with tracks as
independent; `bootstrap`: the percentile interval over resampled artists; `interval`: that of `association`; `V`: its mean as it is
counted, shuffled (mean over runs of the median) and corrected. The figures of docs/evaluation.md.
"""
import sys

import numpy as np
from scipy import optimize, stats

SHUFFLES, RESAMPLES = 300, 100
CASES = {
    "2 x 3": (np.array([0.55, 0.45]), np.array([0.45, 0.35, 0.2])),
    "6 x 12": (
        np.array([0.47, 0.36, 0.07, 0.06, 0.03, 0.01]),
        np.array([0.28, 0.18, 0.16, 0.1, 0.08, 0.06, 0.05, 0.03, 0.02, 0.02, 0.01, 0.01]),
    ),
}


def statistic(tables):
    rows, columns = tables.sum(-1, keepdims=True), tables.sum(-2, keepdims=True)
    expected = rows * columns / tables.sum((-1, -2), keepdims=True)
    return np.where(expected > 0, (tables - expected) ** 2 / np.where(expected > 0, expected, 1), 0).sum((-1, -2))


def genres_of(continents, genres, truth, rng):
    """Shares of genres on each continent whose V is `truth`."""
    smaller = min(len(continents), len(genres)) - 1

    def at(strength):
        shares = genres * np.exp(strength * direction)
        return shares / shares.sum(1, keepdims=True)

    def v(strength):
        return np.sqrt(statistic(continents[:, None] * at(strength)) / smaller)

    while True:
        direction = rng.normal(size=(len(continents), len(genres)))
        if v(20) > truth:
            return at(optimize.brentq(lambda s: v(s) - truth, 0, 20)) if truth else at(0)


def noncentrality(x, dof, q):
    if x <= 0 or stats.chi2.cdf(x, dof) <= q:
        return 0.0
    high = max(x, 1.0)
    while stats.ncx2.cdf(x, dof, high) > q:
        high *= 2
    return optimize.brentq(lambda ncp: stats.ncx2.cdf(x, dof, ncp) - q, 1e-12, high, xtol=1e-8, rtol=1e-10)


def ends(x, mean, dof, n, r, c):
    """The interval and the corrected V of `association`."""
    scale = mean / dof
    smaller = min(k - 1 - (k - 1) ** 2 * mean / n / ((r - 1) * (c - 1)) for k in (r, c))
    v = lambda chi: min(1.0, np.sqrt(max(chi, 0) / n / smaller))
    return *(v(noncentrality(x / scale, dof, q) * scale) for q in (0.975, 0.025)), v(x - mean)


def main(name, runs, artists):
    rng = np.random.default_rng(8)
    continents, genres = CASES[name]
    print("| table | artists | `c` | true V | tracks | bootstrap | interval | V counted | shuffled | corrected |\n|---|---|---|---|---|---|---|---|---|---|")
    for m in artists:
        for c in (0.3, 3.0):
            for truth in (0.0, 0.03, 0.05, 0.1, 0.3):
                held, mean_v = np.zeros(3), np.zeros(3)
                for _ in range(runs):
                    pi = genres_of(continents, genres, truth, rng)
                    row = rng.choice(len(continents), m, p=continents)
                    own = np.maximum(rng.gamma(np.maximum(c * pi[row], 1e-12)), 1e-300)
                    sizes = np.clip(np.rint(rng.lognormal(1.2, 1.1, m)), 1, 120).astype(int)
                    counts = rng.multinomial(sizes, own / own.sum(1, keepdims=True))
                    one = np.eye(len(continents))[row]
                    table = one.T @ counts
                    n, x = table.sum(), float(statistic(table))
                    r_, c_ = (table.sum(1) > 0).sum(), (table.sum(0) > 0).sum()
                    if min(r_, c_) < 2:
                        held += 1
                        continue
                    of = (r_ - 1) * (c_ - 1)
                    shuffled = np.stack([one[rng.permutation(m)].T @ counts for _ in range(SHUFFLES)])
                    null = statistic(shuffled)
                    low, high, corrected = ends(x, null.mean(), min(of, 2 * null.mean() ** 2 / null.var(ddof=1)), n, r_, c_)
                    held[2] += low <= truth <= high
                    smaller = min(r_, c_) - 1
                    plain = lambda chi: np.sqrt(chi / n / smaller)
                    held[0] += plain(noncentrality(x, of, 0.975)) <= truth <= plain(noncentrality(x, of, 0.025))
                    drawn = rng.integers(0, m, (RESAMPLES, m))
                    again = np.stack([one[d].T @ counts[d] for d in drawn])
                    v = np.sqrt(statistic(again) / again.sum((1, 2)) / smaller)
                    held[1] += np.quantile(v, 0.025) <= truth <= np.quantile(v, 0.975)
                    mean_v += np.array([plain(x), plain(np.median(null)), corrected]) / runs
                figures = " | ".join(f"{h / runs:.3f}" for h in held) + " | " + " | ".join(f"{v:.3f}" for v in mean_v)
                print(f"| {name} | {m} | {c} | {truth} | {figures} |", flush=True)


main(sys.argv[1], int(sys.argv[2]), [int(m) for m in sys.argv[3:]])
