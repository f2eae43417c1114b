"""Writes preprocess.json: what scikit-learn, scipy and numpy make of one table, step by step.

    python crates/learn/tests/golden/make_preprocess.py
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer, RobustScaler, StandardScaler

HERE = pathlib.Path(__file__).parent


def outliers(x, treatment, threshold, robust, train):
    """By z-scores of scipy, fitted on `train`."""
    mean, median = np.nanmean(train, axis=0), np.nanmedian(train, axis=0)
    if robust:
        center, spread = median, stats.median_abs_deviation(train, axis=0, scale="normal", nan_policy="omit")
    else:
        center, spread = mean, np.nanstd(train, axis=0)
        # scipy agrees where it can be asked
        assert np.allclose(stats.zscore(train[:, 0], nan_policy="omit"), (train[:, 0] - mean[0]) / spread[0], equal_nan=True)
    safe = np.where(spread > 1e-12, spread, np.inf)
    far = np.abs(x - center) / safe > threshold
    out = x.copy()
    if treatment == "clip":
        out = np.where(far, center + np.sign(x - center) * threshold * np.where(spread > 1e-12, spread, 0), x)
    elif treatment in ("mean", "median", "nan"):
        out = np.where(far, {"mean": mean, "median": median, "nan": np.full_like(mean, np.nan)}[treatment], x)
    return out


class Outliers:
    def __init__(self, *how):
        self.how = how

    def fit(self, x, y=None):
        self.train = x
        return self

    def transform(self, x):
        return outliers(x, *self.how, self.train)

    def fit_transform(self, x, y=None):
        return self.fit(x).transform(x)


def log():
    return FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x)))


def main():
    rng = np.random.default_rng(5)
    n = 61
    x = np.column_stack([
        rng.normal(size=n), np.exp(2 * rng.normal(size=n)), rng.integers(0, 4, size=n) - 1.5, np.full(n, 0.1),
        rng.standard_t(2, size=n) * 1000,
    ]).astype(np.float32)
    x[rng.random(size=x.shape) < 0.1] = np.nan
    x[:, 3] = np.float32(0.1)
    fresh = np.vstack([x[:9], np.nanmin(x, axis=0), np.nanmax(x, axis=0), np.nanmin(x, axis=0) - 1, np.nanmax(x, axis=0) + 100])
    fresh = np.vstack([fresh, rng.normal(size=(8, 5)) * 3]).astype(np.float32)
    x, fresh = x.astype(float), fresh.astype(float)

    def quantile(output, n_quantiles=1000):
        return QuantileTransformer(output_distribution=output, n_quantiles=min(n_quantiles, n), subsample=None)

    steps = {
        "impute=mean": SimpleImputer(strategy="mean"),
        "impute=median": SimpleImputer(strategy="median"),
        "impute=constant:-2.5": SimpleImputer(strategy="constant", fill_value=-2.5),
        "log": log(),
        "standard": StandardScaler(),
        "robust": RobustScaler(),
        "quantile=uniform": quantile("uniform"),
        "quantile=normal": quantile("normal"),
        "quantile=uniform:7": quantile("uniform", 7),
        "quantile=normal:20": quantile("normal", 20),
        "outliers=keep": Outliers("keep", 3, False),
        "impute=median,outliers=clip:2,quantile=normal:30,standard": make_pipeline(
            SimpleImputer(strategy="median"), Outliers("clip", 2, False), quantile("normal", 30), StandardScaler()),
        "log,impute=mean,robust": make_pipeline(log(), SimpleImputer(strategy="mean"), RobustScaler()),
        "outliers=nan:1.5,impute=mean,standard": make_pipeline(
            Outliers("nan", 1.5, False), SimpleImputer(strategy="mean"), StandardScaler()),
    }
    for treatment in ("nan", "mean", "median", "clip"):
        steps[f"outliers={treatment}:1.5"] = Outliers(treatment, 1.5, False)
        steps[f"outliers={treatment}:2.5:robust"] = Outliers(treatment, 2.5, True)

    def rows(table):
        return [[None if np.isnan(v) else v for v in row] for row in table.tolist()]

    cases = []
    for text, step in steps.items():
        step.fit(x)
        cases.append({"pipeline": text, "train": rows(step.transform(x)), "fresh": rows(step.transform(fresh))})
    content = {
        "made_by": "make_preprocess.py", "scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__,
        "x": rows(x), "fresh": rows(fresh), "cases": cases,
    }
    (HERE / "preprocess.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


main()
