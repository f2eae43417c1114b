"""Writes tests.json of this folder. Needs mpmath, numpy, scipy and statsmodels; the versions used are in the file.

    python crates/stats/tests/golden/make_tests.py
"""
import json
import pathlib

import mpmath as mp
import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

HERE = pathlib.Path(__file__).parent


def main():
    """Intervals and paired tests. The far tails are mpmath's, with 60 digits."""
    mp.mp.dps = 60
    ln_t = lambda t, df: mp.log(mp.betainc(mp.mpf(df) / 2, mp.mpf(1) / 2, 0, df / (df + mp.mpf(t) ** 2), regularized=True))
    ln_chi2 = lambda x: mp.log(mp.erfc(mp.sqrt(mp.mpf(x) / 2)))
    ln_coins = lambda k, n: mp.log(sum(mp.binomial(n, i) for i in range(k + 1))) - n * mp.log(2)
    t_of = lambda level, df: mp.findroot(lambda t: ln_t(t, df) - mp.log(1 - mp.mpf(level)), float(stats.t.ppf(0.5 + level / 2, df)))
    z_of = lambda level: mp.sqrt(2) * mp.erfinv(mp.mpf(level))
    rows = lambda function, arguments: [[*map(float, a), float(function(*a))] for a in arguments]
    coins = [(0, 1), (1, 6), (3, 9), (0, 40), (14, 30), (40, 101), (999, 2001), (100, 5000), (4000, 10001), (20, 20000)]
    content = {
        "ln_two_sided_t": rows(ln_t, [(1e-9, 4), (0.01, 1), (0.7, 9), (2.5, 4), (2.5, 4.5), (12, 9), (50, 9), (1e3, 19), (1e6, 99), (1e30, 4)]),
        "t_quantile": rows(t_of, [(0.5, 1), (0.9, 2), (0.95, 4), (0.95, 9), (0.99, 9), (0.999, 30), (0.95, 500), (1e-3, 4)]),
        "ln_chi_squared_1": rows(ln_chi2, [(1e-12,), (0.1,), (1,), (3.84,), (30,), (190,), (200,), (210,), (1500,), (1e6,)]),
        "ln_binomial_half": rows(ln_coins, coins),
        "normal_quantile": rows(z_of, [(0.001,), (0.1,), (0.4,), (0.6,), (0.9,), (0.95,), (0.99,), (0.9999,)]),
        "wilson": [[k, n, level, *proportion_confint(k, n, alpha=1 - level, method="wilson")]
                   for k, n, level in [(0, 7, 0.95), (7, 7, 0.95), (3, 7, 0.9), (50, 61, 0.95), (8123, 10007, 0.99)]],
        "fold_interval": [], "mcnemar": [], "t_test": [],
    }
    rng = np.random.default_rng(6)
    for n_folds, share, level in [(5, 0.0, 0.95), (5, 0.25, 0.95), (10, 1 / 9, 0.9), (2, 1.0, 0.99)]:
        scores = 0.8 + 0.05 * rng.normal(size=n_folds)
        error = np.sqrt((1 / n_folds + share) * scores.var(ddof=1))
        interval = stats.t.interval(level, n_folds - 1, loc=scores.mean(), scale=error)
        content["fold_interval"].append({"scores": scores.tolist(), "test_share": share, "level": level, "interval": list(interval)})
    for b, c, both, n in [(10, 4, 30, 60), (4, 10, 30, 60), (0, 3, 5, 8), (120, 80, 700, 1000), (900, 100, 8000, 10000), (3000, 9000, 7000, 20000)]:
        table = [[both, b], [c, n - b - c - both]]
        exact, corrected = mcnemar(table, exact=True), mcnemar(table, exact=False, correction=True)
        a, d, rows_ = b + 0.5, c + 0.5, n + 2  # Agresti and Min (2005)
        half = stats.norm.ppf(0.975) * np.sqrt(a + d - (a - d) ** 2 / rows_) / rows_
        content["mcnemar"].append({"b": b, "c": c, "both": both, "n": n, "values": [
            exact.pvalue, float(mp.log(2) + ln_coins(min(b, c), b + c)), corrected.statistic, corrected.pvalue,
            float(ln_chi2(corrected.statistic)), (b - c) / n, (a - d) / rows_ - half, (a - d) / rows_ + half]})
    for n_folds, share, shift in [(5, 0.0, 0.02), (5, 0.25, 0.02), (10, 1 / 9, -0.05), (10, 1 / 9, 3.0)]:
        first, second = 0.8 + shift + 0.03 * rng.normal(size=n_folds), 0.8 + 0.03 * rng.normal(size=n_folds)
        difference = first - second
        error = np.sqrt((1 / n_folds + share) * difference.var(ddof=1))
        t = difference.mean() / error
        if share == 0.0:
            assert np.isclose(t, stats.ttest_rel(first, second).statistic, rtol=1e-13)
        interval = stats.t.interval(0.95, n_folds - 1, loc=difference.mean(), scale=error)
        content["t_test"].append({"first": first.tolist(), "second": second.tolist(), "test_share": share, "values": [
            t, 2 * stats.t.sf(abs(t), n_folds - 1), float(ln_t(t, n_folds - 1)), difference.mean() / difference.std(ddof=1), *interval]})
    # Rows of a group are right or wrong together, so that the clustered variance is above that of rows.
    content["clustered"] = []
    cluster_rng = np.random.default_rng(13)
    for n_groups, shift in [(6, 0.05), (9, 0.1), (14, 0.2)]:
        groups = np.repeat(np.arange(n_groups), cluster_rng.integers(2, 9, n_groups))
        own = 0.6 * cluster_rng.random(n_groups)[groups]
        first = (own + cluster_rng.random(len(groups)) > 0.8 - shift).astype(int)
        second = (0.6 - own + cluster_rng.random(len(groups)) > 0.8 + shift).astype(int)
        d = np.bincount(groups, first - second)
        flips = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf)
        fit = OLS((first - second).astype(float), np.ones(len(groups))).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        content["clustered"].append({"groups": groups.tolist(), "first": first.tolist(), "second": second.tolist(),
                                     "values": [flips.pvalue, *fit.conf_int(0.05)[0]]})
    # Right rows and all rows of each group; the sandwich of the jackknife by hand, t and Wilson's quadratic by scipy and numpy.
    content["cluster_interval"] = []
    for groups, level in [([[8, 10]] * 5, 0.95), ([[3, 3], [0, 4], [9, 10], [1, 1], [30, 60]], 0.95), ([[7, 9], [2, 9], [9, 9], [5, 9], [8, 9], [0, 9]], 0.9),
                          ([[5, 5]] * 8, 0.95), ([[0, 2]] * 6, 0.99), ([[int(9 * r), 9] for r in cluster_rng.random(40)], 0.95)]:
        right, n = np.array(groups, float).T
        half = n.mean() / 2
        r_, n_ = np.append(right, [half, 0]), np.append(n, [half, half])
        share = r_.sum() / n_.sum()
        # Leaving out a group moves the share by this; the jackknife around the share of all.
        moved = np.array([(r_.sum() - r_[k]) / (n_.sum() - n_[k]) - share for k in range(len(n_))])
        deff = max(1.0, (len(n_) - 1) / len(n_) * (moved**2).sum() / (share * (1 - share) / n_.sum()))
        t = stats.t.ppf(0.5 + level / 2, max(1.0, n.sum() ** 2 / (n**2).sum() - 1))
        p, rows_ = right.sum() / n.sum(), n.sum() / deff
        # Where (p - q)^2 = t^2 q (1 - q) / rows.
        ends = np.sort(np.roots([1 + t * t / rows_, -2 * p - t * t / rows_, p * p]).real)
        content["cluster_interval"].append({"groups": groups, "level": level, "interval": np.clip(ends, 0, 1).tolist()})
    content["holm"] = [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()}
                       for p in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.9, 0.2, 1e-12, 0.6], [0.03, 0.03, 0.03]]]
    p = np.concatenate([np.linspace(0.001, 0.999, 41), 10.0 ** -np.arange(4, 300, 25), 1 - 10.0 ** -np.arange(4, 16, 3)])
    content["normal"] = {"p": p.tolist(), "quantile": stats.norm.ppf(p).tolist()}
    content = {"made_by": "make_tests.py", "numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "mpmath": mp.__version__, **content}
    (HERE / "tests.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


main()
