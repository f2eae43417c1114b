"""Writes search.json: order of a grid, ranks, and the rounds of successive halving, from scikit-learn.

    python crates/learn/tests/golden/make_search.py
"""
import json
import pathlib

import numpy as np
import sklearn
from scipy.stats import rankdata
from sklearn.dummy import DummyClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, ParameterGrid, StratifiedKFold

HERE = pathlib.Path(__file__).parent


class Dummy(DummyClassifier):
    """A classifier with as many candidates as wanted."""

    def __init__(self, candidate=0):
        self.candidate = candidate
        super().__init__(strategy="prior")


def main():
    halving = []
    for n_candidates, n_rows, n_folds, n_classes, factor in [
        (48, 2000, 5, 3, 3), (27, 2700, 5, 3, 3), (26, 2700, 5, 3, 3), (24, 300, 5, 3, 3), (2, 100, 2, 2, 3),
        (1, 100, 2, 2, 3), (100, 200, 4, 8, 3), (16, 1000, 3, 2, 2), (9, 90, 3, 2, 3), (10, 61, 5, 3, 4),
    ]:
        rng = np.random.default_rng(0)
        y = np.arange(n_rows) % n_classes
        x = rng.normal(size=(n_rows, 1))
        search = HalvingGridSearchCV(
            Dummy(), {"candidate": list(range(n_candidates))}, factor=factor, cv=StratifiedKFold(n_folds), refit=False)
        search.fit(x, y)
        halving.append({
            "n_candidates": n_candidates, "n_rows": n_rows, "n_folds": n_folds, "n_classes": n_classes, "factor": factor,
            "candidates": list(map(int, search.n_candidates_)), "resources": list(map(int, search.n_resources_)),
        })
    grid = {"solver": ["sgd", "adam"], "alpha": [0.1, 0.001], "hidden": [[5], [3, 2], [1]]}
    means = [0.5, 0.75, 0.5, 0.25, 0.75, 0.1]
    content = {
        "made_by": "make_search.py", "scikit-learn": sklearn.__version__, "halving": halving,
        "grid": grid, "combinations": [dict(p) for p in ParameterGrid(grid)],
        "means": means, "ranks": rankdata([-m for m in means], method="min").astype(int).tolist(),
    }
    (HERE / "search.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


main()
