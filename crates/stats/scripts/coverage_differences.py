#!/usr/bin/env python3
"""Coverage of 95 % intervals of the difference of two methods' accuracies, and size of two tests at 0.05, by artists.

    pip install numpy scipy
    python3 coverage_differences.py

Each artist has 1 to 30 tracks and its own rates: one of the methods alone right with rates from a beta distribution whose
correlation between tracks of an artist is `rho`. `rows`: Agresti and Min's interval, which takes tracks for independent;
`artists`: the interval of `mcnemar_clustered`; `chi2` and `flips`: how often a true difference of none is found, by Obuchowski's
chi-squared and by sign flips (`mcnemar_clustered` takes the flips). The figures of docs/evaluation.md.
"""
import numpy as np
from scipy import stats

RUNS, RATE = 2000, 0.12


def interval(d, n_k, discordant):
    n, m = n_k.sum(), len(d)
    difference = d.sum() / n
    between = m / (m - 1) * ((d - difference * n_k) ** 2).sum() / n**2
    of_rows = (discordant + 1 - d.sum() ** 2 / (n + 2)) / (n + 2) ** 2
    rows = d.sum() / (n + 2), stats.norm.ppf(0.975) * np.sqrt(of_rows)
    return rows, (difference, stats.t.ppf(0.975, m - 1) * np.sqrt(max(between, of_rows)))


def p_flips(d):
    sizes = np.abs(d[d != 0]).astype(int)
    s, total = int(abs(d.sum())), int(sizes.sum())
    if s == 0:
        return 1.0
    f = np.zeros(total + 1)
    f[0] = 1
    for size in sizes:
        f = 0.5 * (f + np.concatenate([np.zeros(size), f[: total + 1 - size]]))
    return min(1.0, 2 * f[: (total - s) // 2 + 1].sum())


def main():
    rng = np.random.default_rng(12)
    print("artists  rho   rows   artists  chi2   flips")
    for m in (5, 8, 10, 12, 20, 40, 200):
        for rho in (0.05, 0.3, 0.7):
            held, found = np.zeros(2), np.zeros(2)
            a = RATE * (1 / rho - 1)
            b = (1 - RATE) * (1 / rho - 1)
            for _ in range(RUNS):
                n_k = np.minimum(rng.geometric(0.12, m), 30)
                first, second = rng.binomial(n_k, rng.beta(a, b, m)), rng.binomial(n_k, rng.beta(a, b, m))
                # Tracks that both alone would get right are right by both.
                both = rng.hypergeometric(first, n_k - first, np.maximum(second, 0))
                first, second = first - both, second - both
                d = first - second
                discordant = (first + second).sum()
                for k, (centre, half) in enumerate(interval(d, n_k, discordant)):
                    held[k] += abs(centre) <= half
                squares = (d.astype(float) ** 2).sum()
                chi2 = d.sum() ** 2 * (m - 1) / (m * squares) if squares else 0.0
                found += [stats.chi2.sf(chi2, 1) <= 0.05, p_flips(d) <= 0.05]
            print(f"{m:7d}  {rho:.2f}  {held[0]/RUNS:.3f}  {held[1]/RUNS:.3f}    {found[0]/RUNS:.3f}  {found[1]/RUNS:.3f}", flush=True)


main()
