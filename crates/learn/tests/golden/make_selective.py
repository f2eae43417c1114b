"""Writes selective.json of this folder: risk-coverage curves by the authors' own program, thresholds by a version of SGR in numpy and scipy,
prediction sets by crepes and MAPIE.

    pip install numpy scipy scikit-learn crepes mapie matplotlib
    git clone https://github.com/IML-DKFZ/fd-shifts       # c4467aec134e99691359da209f811d91283fc1e3
    PYTHONPATH=fd-shifts python crates/learn/tests/golden/make_selective.py

`choose_threshold` is also what `crates/learn/scripts/simulate_risk.py` draws from.
"""
import json
import pathlib

import numpy as np
from scipy import stats

HERE = pathlib.Path(__file__).parent


def group_bound(wrong, groups, confidence):
    """Upper end of Wilson's interval of effective rows over groups (see `make_tests.py` of the crate `stats`), at least Clopper and Pearson's."""
    k, n = wrong.sum(), len(wrong)
    of_rows = 1.0 if k == n else stats.beta.ppf(confidence, k + 1, n - k)
    if groups is None:
        return of_rows
    _, index = np.unique(groups, return_inverse=True)
    sizes, errors = np.bincount(index).astype(float), np.bincount(index, wrong)
    if len(sizes) < 5:
        return 1.0
    half = sizes.mean() / 2
    w_, n_ = np.append(errors, [half, 0]), np.append(sizes, [half, half])
    share = w_.sum() / n_.sum()
    moved = (w_.sum() - w_) / (n_.sum() - n_) - share
    effect = max(1.0, (len(n_) - 1) / len(n_) * (moved**2).sum() / (share * (1 - share) / n_.sum()))
    t = stats.t.ppf(confidence, max(1.0, n**2 / (sizes**2).sum() - 1))
    p, rows = k / n, n / effect
    # The larger root of (p - q)^2 = t^2 q (1 - q) / rows.
    end = np.roots([1 + t * t / rows, -2 * p - t * t / rows, p * p]).real.max()
    return max(min(end, 1.0), of_rows)


def choose_threshold(confidence, wrong, groups, max_risk, level):
    """Selection with guaranteed risk: (threshold or None, bound, answered, wrong)."""
    steps = np.unique(confidence)[::-1]
    level = 1 - (1 - level) / max(1, np.ceil(np.log2(len(steps) + 1)))
    low, high, kept, least = 0, len(steps), None, 1.0
    while low < high:
        middle = (low + high) // 2
        answered = confidence >= steps[middle]
        bound = group_bound(wrong[answered], None if groups is None else groups[answered], level)
        least = min(least, bound)
        if bound <= max_risk:
            low, kept = middle + 1, (steps[middle], bound, int(answered.sum()), int(wrong[answered].sum()))
        else:
            high = middle
    return kept or (None, least, None, None)


def risk_coverage(rng):
    import matplotlib
    matplotlib.use("agg")
    np.trapz = np.trapezoid  # its name before numpy 2
    from fd_shifts.analysis.rc_stats import RiskCoverageStats
    from sklearn.metrics import auc

    cases = []
    for n, digits in [(1, 3), (2, 3), (40, 9), (40, 1), (200, 2), (200, 9), (60, 0)]:
        confidence = np.round(rng.uniform(0.2, 1, n), digits)
        wrong = (rng.uniform(size=n) > confidence).astype(int)
        found = RiskCoverageStats(confidence, wrong)
        aurc, augrc = found.aurc / 1000, found.augrc / 1000
        assert abs(aurc - auc(found.coverages, found.selective_risks)) < 1e-12
        assert abs(augrc - auc(found.coverages, found.generalized_risks)) < 1e-12
        cases.append({"confidence": confidence.tolist(), "wrong": wrong.tolist(), "aurc": aurc, "augrc": augrc,
                      # From the surest on, without the point of coverage 0.
                      "coverages": found.coverages[:-1][::-1].tolist(), "risks": found.selective_risks[:-1][::-1].tolist(),
                      "thresholds": found.thresholds[::-1].tolist()})
    return cases


def guarantee(rng):
    cases = []
    for n_groups, size, max_risk, level in [(0, 300, 0.1, 0.9), (0, 300, 0.3, 0.95), (0, 40, 0.02, 0.95), (60, 10, 0.2, 0.9), (60, 10, 0.1, 0.95),
                                            (120, 3, 0.15, 0.95), (4, 50, 0.5, 0.9), (30, 20, 0.4, 0.99), (12, 6, 0.05, 0.95)]:
        groups = None if n_groups == 0 else np.repeat(np.arange(n_groups), rng.integers(1, 2 * size, n_groups))
        n = size if groups is None else len(groups)
        confidence = np.round(rng.uniform(0.2, 1, n), 3)
        luck = rng.uniform(size=n) if groups is None else np.where(rng.uniform(size=n) < 0.5, rng.uniform(size=n_groups)[groups], rng.uniform(size=n))
        wrong = (luck > confidence**0.2).astype(int)
        threshold, bound, answered, errors = choose_threshold(confidence, wrong, groups, max_risk, level)
        cases.append({"confidence": confidence.tolist(), "wrong": wrong.tolist(), "groups": None if groups is None else groups.tolist(),
                      "max_risk": max_risk, "level": level, "threshold": threshold, "bound": bound, "n_answered": answered, "n_wrong": errors})
    assert sum(case["threshold"] is None for case in cases) in range(2, len(cases) - 3)
    return cases


class Given:
    """A classifier whose probabilities are its inputs, for MAPIE."""

    def __init__(self, n_classes):
        self.classes_ = np.arange(n_classes)
        self.n_features_in_, self.fitted_ = n_classes, True

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return x

    def predict(self, x):
        return x.argmax(axis=1)

    def __sklearn_is_fitted__(self):
        return True


def conformal(rng):
    from crepes import ConformalClassifier
    from crepes.extras import hinge
    from mapie.classification import SplitConformalClassifier

    cases = []
    # (n + 1) (1 - coverage) is not whole here: where it is, crepes keeps a class whose p-value is just that, and MAPIE does not.
    for n, n_classes, coverage in [(100, 3, 0.9), (57, 2, 0.8), (333, 8, 0.95), (12, 4, 0.9), (5, 3, 0.9), (200, 5, 0.55)]:
        assert abs((n + 1) * (1 - coverage) - round((n + 1) * (1 - coverage))) > 1e-6
        while True:
            draw = lambda rows: rng.dirichlet(np.full(n_classes, 0.6), rows)
            proba, test = draw(n), draw(25)
            y = np.array([rng.choice(n_classes, p=p) for p in proba])
            of_class = np.bincount(y, minlength=n_classes)
            whole = (of_class + 1) * (1 - coverage)
            if (of_class > 0).all() and (abs(whole - whole.round()) > 1e-6).all():
                break
        alphas, classes = hinge(proba, np.arange(n_classes), y), np.arange(n_classes)
        plain = ConformalClassifier().fit(alphas).predict_set(hinge(test), confidence=coverage, smoothing=False)
        # By class: each class is asked of the calibrating rows that are of it.
        by_class = ConformalClassifier().fit(alphas, bins=y)
        per_class = np.column_stack([
            ConformalClassifier().fit(alphas[y == k]).predict_set(hinge(test)[:, [k]], confidence=coverage, smoothing=False)[:, 0] for k in classes])
        together = by_class.predict_set(np.repeat(hinge(test), n_classes, axis=0), bins=np.tile(classes, len(test)), confidence=coverage, smoothing=False)
        assert (together.reshape(len(test), n_classes, n_classes)[:, classes, classes] == per_class).all()
        quantile = None
        if np.ceil((n + 1) * coverage) <= n:
            mapie = SplitConformalClassifier(Given(n_classes), confidence_level=coverage, conformity_score="lac", prefit=True).conformalize(proba, y)
            assert (mapie.predict_set(test)[1][:, :, 0] == plain).all()
            quantile = float(np.sort(alphas)[int(np.ceil((n + 1) * coverage)) - 1])
            assert quantile == float(mapie._mapie_classifier.quantiles_[0]), (quantile, mapie._mapie_classifier.quantiles_)
        cases.append({"n_classes": n_classes, "coverage": coverage, "y": y.tolist(), "proba": proba.ravel().tolist(), "test": test.ravel().tolist(),
                      "quantile": quantile, "plain": plain.ravel().tolist(), "per_class": per_class.ravel().tolist()})
    return cases


def main():
    import crepes
    import mapie
    import scipy
    rng = np.random.default_rng(17)
    content = {"made_by": "make_selective.py", "fd-shifts": "c4467ae", "scipy": scipy.__version__, "crepes": crepes.__version__, "mapie": mapie.__version__,
               "risk_coverage": risk_coverage(rng), "guarantee": guarantee(rng), "conformal": conformal(rng)}
    (HERE / "selective.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
