"""Writes novelty.json: Ledoit and Wolf's covariance, Mahalanobis distances, nearest neighbours, and classes left out, by scikit-learn.

    python crates/learn/tests/golden/make_novelty.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
K = 5


def single(scaler, x):
    # The values that are compared are single precision, as in a model.
    return scaler.transform(x.astype(np.float64)).astype(np.float32).astype(np.float64)


def centred(scaled, y):
    return scaled - np.array([scaled[y == k].mean(0) if (y == k).any() else np.zeros(scaled.shape[1]) for k in range(y.max() + 1)])[y]


def neighbours(scaled, y, groups, new):
    return NearestNeighbors(n_neighbors=K, algorithm="brute").fit(scaled).kneighbors(new)[0].mean(1)


def local(scaled, y, groups, new):
    own = []
    for row, group in enumerate(groups):
        others = scaled[groups != group]
        k = min(K, len(others))
        own.append(NearestNeighbors(n_neighbors=k, algorithm="brute").fit(others).kneighbors(scaled[[row]])[0].mean())
    distances, nearest = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(scaled).kneighbors(new)
    return distances.mean(1) / np.array(own)[nearest].mean(1)


def mahalanobis(scaled, y, groups, new):
    lw = LedoitWolf(assume_centered=True).fit(centred(scaled, y))
    return np.min([lw.mahalanobis(new - scaled[y == k].mean(0)) for k in np.unique(y)], 0)


PARTS = ["mfcc", "chroma_cens", "mfcc", "tonnetz"]


def squashed(x, fitted_on):
    low, middle, high = np.percentile(fitted_on, [25, 50, 75], axis=0)
    z = (x - middle) / np.where(high > low, (high - low) / 1.349, fitted_on.std(0))
    return np.sign(z) * np.log1p(np.abs(z))


def of_part(x, y, new):
    """The squared distance to the nearest class, in its own covariance or, with fewer than 20 rows, that within all."""
    together = LedoitWolf(assume_centered=True).fit(centred(x, y))
    shapes = [LedoitWolf().fit(x[y == k]) if (y == k).sum() >= 20 else together for k in np.unique(y)]
    means = [x[y == k].mean(0) for k in np.unique(y)]
    return np.min([((new - mean) @ shape.precision_ * (new - mean)).sum(1) for shape, mean in zip(shapes, means)], 0)


def families(scaled, y, groups, new):
    names = [f"{PARTS[k % 4]}.mean.{k:02}" for k in range(scaled.shape[1])]
    parts = [list(range(0, scaled.shape[1], 2)), list(range(1, scaled.shape[1], 2))]
    side = groups % 2
    distances = np.array([of_part(squashed(scaled, scaled)[:, part], y, squashed(new, scaled)[:, part]) for part in parts]).T
    usual = []
    for part in parts:
        others = []
        for fold in (0, 1):
            train, test = scaled[side != fold], scaled[side == fold]
            others.extend(of_part(squashed(train, train)[:, part], y[side != fold], squashed(test, train)[:, part]))
        usual.append(np.quantile(others, 0.9))
    return {"names": names, "scaled": scaled.ravel().tolist(), "scaled_new": new.ravel().tolist(), "usual": usual,
            "distances": distances.ravel().tolist(), "scores": (distances / usual).max(1).tolist()}


DETECTORS = {"neighbours": neighbours, "local-neighbours": local, "mahalanobis": mahalanobis}


def case(seed, n, n_cols, n_classes):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    groups = np.arange(n) // 2 % (n // 3)
    means = rng.normal(size=(n_classes, n_cols)) * 2
    mixing = rng.normal(size=(n_cols, n_cols))
    x = (means[y] + rng.normal(size=(n, n_cols)) @ mixing).astype(np.float32)
    new = (rng.normal(size=(12, n_cols)) * 3).astype(np.float32)
    scaler = StandardScaler().fit(x.astype(np.float64))
    scaled, scaled_new = single(scaler, x), single(scaler, new)
    lw = LedoitWolf(assume_centered=True).fit(centred(scaled, y))
    # Two folds of whole groups; each class is left out of the training rows of each.
    side = groups % 2
    left_out = {}
    for name, detector in DETECTORS.items():
        areas = []
        for k in range(n_classes):
            of_folds = []
            for fold in (0, 1):
                train, test = (side != fold) & (y != k), side == fold
                fitted = StandardScaler().fit(x[train].astype(np.float64))
                scores = detector(single(fitted, x[train]), y[train], groups[train], single(fitted, x[test]))
                of_folds.append(roc_auc_score(y[test] == k, scores))
            areas.append(np.mean(of_folds))
        left_out[name] = areas
    return {
        "n_cols": n_cols, "n_classes": n_classes, "y": y.tolist(), "groups": groups.tolist(), "x": x.ravel().tolist(),
        "new": new.ravel().tolist(), "centred": centred(scaled, y).ravel().tolist(), "shrinkage": lw.shrinkage_,
        "covariance": lw.covariance_.ravel().tolist(), "left_out": left_out, "families": families(scaled, y, groups, scaled_new),
        "scores": {name: detector(scaled, y, groups, scaled_new).tolist() for name, detector in DETECTORS.items()},
    }


cases = [case(1, 60, 4, 3), case(2, 36, 7, 2), case(3, 40, 12, 4)]
content = {"made_by": "make_novelty.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__, "cases": cases}
(HERE / "novelty.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
