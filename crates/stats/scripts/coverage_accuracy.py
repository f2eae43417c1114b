#!/usr/bin/env python3
"""Coverage of 95 % intervals of an accuracy over artists.

    pip install numpy scipy
    python3 coverage_accuracy.py

Each artist has its own rate of right tracks, from a beta distribution of mean `p` whose correlation between tracks of an artist is
`rho`. `mild`: 1 to 30 tracks an artist; `heavy`: 1 to 120, log-normal, where a few artists have most tracks. `bootstrap`: the
percentile interval over resampled artists; `interval`: that of `cluster_interval`; `width`: its mean width. The figures of
docs/evaluation.md.
"""
import numpy as np
from scipy import stats

RUNS, RESAMPLES = 2000, 200


def interval(right, n):
    half = n.mean() / 2
    r, m = np.append(right, [half, 0]), np.append(n, [half, half])
    share = r.sum() / m.sum()
    k = len(m)
    variance = (k - 1) / k * (((r - share * m) / (1 - m / m.sum())) ** 2).sum() / m.sum() ** 2
    deff = max(1, variance * m.sum() / (share * (1 - share)))
    t = stats.t.ppf(0.975, max(1, n.sum() ** 2 / (n.astype(float) ** 2).sum() - 1))
    p, rows = right.sum() / n.sum(), n.sum() / deff
    s = t * t / rows
    centre, spread = (p + s / 2) / (1 + s), t * np.sqrt(p * (1 - p) / rows + s / rows / 4) / (1 + s)
    return max(0, centre - spread), min(1, centre + spread)


def bootstrap(right, n, rng):
    drawn = rng.integers(0, len(n), (RESAMPLES, len(n)))
    return np.quantile(right[drawn].sum(1) / n[drawn].sum(1), [0.025, 0.975])


def main():
    rng = np.random.default_rng(20)
    sizes = {
        "mild": lambda m: np.minimum(rng.geometric(0.12, m), 30),
        "heavy": lambda m: np.clip(np.rint(rng.lognormal(1.2, 1.1, m)), 1, 120).astype(int),
    }
    print("| artists | tracks | `rho` | accuracy | bootstrap | interval | width |\n|---|---|---|---|---|---|---|")
    for m in (5, 12, 40, 200):
        for name, size in sizes.items():
            for rho in (0.05, 0.3):
                for p in (0.6, 0.8, 0.95):
                    a, b = p * (1 / rho - 1), (1 - p) * (1 / rho - 1)
                    held, width = np.zeros(2), 0.0
                    for _ in range(RUNS):
                        n = size(m)
                        right = rng.binomial(n, rng.beta(a, b, m))
                        for which, (low, high) in enumerate((bootstrap(right, n, rng), interval(right, n))):
                            held[which] += low <= p <= high
                        width += (high - low) / RUNS
                    print(f"| {m} | {name} | {rho:.2f} | {p} | {held[0] / RUNS:.3f} | {held[1] / RUNS:.3f} | {width:.2f} |", flush=True)


main()
