#!/usr/bin/env python3
"""Writes the golden file of the tests of independence and of corrections.

    pip install scipy statsmodels mpmath
    python3 check_tests.py ../tests/golden

`independence.json`: scipy.stats.chi2_contingency(correction=False) and chisquare, statsmodels' standardized_resids and
multipletests, fisher_exact, Bergsma's (2013) corrected V by his formulas and scipy.stats.ncx2 for its interval; logarithms of
p-values from mpmath with 60 digits.

Made with scipy 1.17.1, statsmodels 0.15.0, mpmath 1.4.1.
"""
import json
import os
import sys

import mpmath
import numpy as np
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import Table
from statsmodels.stats.multitest import multipletests

mpmath.mp.dps = 60
TABLES = {
    "small": [[10, 20], [30, 40]],
    "two continents, three genres": [[3127, 4105, 2301], [2954, 2211, 2675]],
    "underflow": [[14182, 120, 33], [90, 9372, 410]],
    "underflow too": [[40000, 3, 7, 1000], [12, 30000, 800, 5], [600, 20, 25000, 77]],
    "below five": [[3, 1, 0], [2, 6, 4], [1, 0, 9]],
    "independent": [[10, 20, 30], [20, 40, 60]],
    "seven by sixteen": [[(7 * r + 13 * c * c + r * c * 31) % 97 + 1 for c in range(16)] for r in range(7)],
    "nearly independent": [[1003, 2011, 2987], [1999, 4007, 6001]],
}


def log10_sf(x, dof):
    return float(mpmath.log10(mpmath.gammainc(mpmath.mpf(dof) / 2, mpmath.mpf(x) / 2, mpmath.inf, regularized=True)))


def noncentrality(statistic, dof, probability):
    """The noncentrality with which scipy gives this probability of at most the statistic."""
    if statistic <= 0 or stats.chi2.cdf(statistic, dof) <= probability:
        return 0.0
    f = lambda ncp: stats.ncx2.cdf(statistic, dof, ncp) - probability
    high = max(statistic, 1.0)
    while f(high) > 0:
        high *= 2
    return optimize.brentq(f, 1e-12, high, xtol=1e-13, rtol=1e-15, maxiter=500)


def association(name, observed, mean_factor, variance_factor):
    """The corrected V and its interval, where shuffles gave these multiples of the mean and variance of independent things."""
    n, (r, c) = int(observed.sum()), observed.shape
    statistic, dof = stats.chi2_contingency(observed, correction=False)[0], (r - 1) * (c - 1)
    mean, variance = mean_factor * dof * n / (n - 1), variance_factor * 2 * dof
    if mean_factor == variance_factor == 1:
        # Independent things: Bergsma's formulas as he wrote them.
        phi = max(0, statistic / n - (r - 1) * (c - 1) / (n - 1))
        r_, c_ = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    else:
        phi = max(0, statistic / n - mean / n)
        r_, c_ = (k - (k - 1) ** 2 * mean / n / dof for k in (r, c))
    smaller = min(r_, c_) - 1
    v = lambda phi: float(min(1.0, np.sqrt(phi / smaller)))
    d = min(dof, 2 * mean**2 / variance)
    low, high = (v(noncentrality(statistic / (mean / d), d, q) * mean / d / n) for q in (0.975, 0.025))
    return {"name": name, "observed": observed.tolist(), "mean": mean, "variance": variance, "corrected": v(phi), "low": low, "high": high}


def main(out):
    golden = {"tables": [], "equal": [], "tails": [], "noncentral": [], "association": [], "fisher": []}
    for name, table in TABLES.items():
        observed = np.array(table)
        r = stats.chi2_contingency(observed, correction=False)
        golden["tables"].append({
            "name": name, "observed": table, "statistic": r.statistic, "dof": r.dof, "p": r.pvalue, "log10_p": log10_sf(r.statistic, r.dof),
            "expected": r.expected_freq.tolist(), "residuals": np.asarray(Table(observed, shift_zeros=False).standardized_resids).tolist(),
            "cramers_v": float(stats.contingency.association(observed, method="cramer", correction=False)),
        })
    for counts in ([3127, 2954], [14182, 120], [10, 10, 10], [5, 0, 9, 100], [40000, 12, 600]):
        r = stats.chisquare(counts)
        golden["equal"].append({"counts": counts, "statistic": r.statistic, "p": r.pvalue, "log10_p": log10_sf(r.statistic, len(counts) - 1)})
    for dof in (1, 2, 3, 6, 15, 90, 400):
        for x in (0.01, 0.7, dof * 0.9, dof + 1.5, dof * 3.0, 900.0, 1e5):
            golden["tails"].append({"x": x, "dof": dof, "log10_sf": log10_sf(x, dof)})
    for dof in (1, 2, 6, 90):
        for ncp in (0.0, 0.3, 4.0, 150.0, 2500.0, 40000.0):
            for at in (0.2, 0.9, 1.1):
                x = (dof + ncp) * at
                golden["noncentral"].append({"x": x, "dof": dof, "noncentrality": ncp, "cdf": float(stats.ncx2.cdf(x, dof, ncp) if ncp else stats.chi2.cdf(x, dof))})
    for name, mean_factor, variance_factor in [(name, *factors) for name in TABLES for factors in ((1.0, 1.0), (3.0, 20.0), (8.0, 70.0))]:
        golden["association"].append(association(name, np.array(TABLES[name]), mean_factor, variance_factor))
    for table in ([[3, 1], [2, 6]], [[0, 9], [7, 2]], [[10, 200], [1, 4000]], [[0, 4], [3, 900]], [[2, 3], [3, 2]], [[150, 0], [2, 4000]]):
        golden["fisher"].append({"table": table, "p": stats.fisher_exact(table).pvalue})
    p = [0.03, 0.2, 0.01, 0.02, 0.02, 0.9, 1.0, 1e-200, 4e-7, 0.051, 0.049, 1e-3]
    golden["multiple"] = {"p": p, **{m: multipletests(p, method=m)[1].tolist() for m in ("holm", "fdr_bh")}}
    with open(os.path.join(out, "independence.json"), "w") as file:
        json.dump(golden, file, indent=0)
        file.write("\n")


main(sys.argv[1])
