"""Writes multilabel.json of this folder: scores of several labels a row, by scikit-learn and hiclass, and fits of
scikit-learn's OneVsRestClassifier and MLPClassifier. Needs numpy, scikit-learn and hiclass.

    python crates/learn/tests/golden/make_multilabel.py
"""
import json
import pathlib
import warnings

import hiclass
import hiclass.metrics
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (average_precision_score, f1_score, label_ranking_average_precision_score, log_loss,
                             roc_auc_score)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier

HERE = pathlib.Path(__file__).parent
# 0 and 4 are roots; 1 and 2 below 0, 3 below 2, 5 below 4.
PARENT = [None, 0, 0, 2, None, 4]


def path(label):
    """Names from the root down to a label."""
    return (path(PARENT[label]) if PARENT[label] is not None else []) + [str(label)]


def close(y):
    y = y.copy()
    for label in (3, 1, 2, 5):
        y[:, PARENT[label]] |= y[:, label]
    return y


def sets(y):
    """What hiclass takes: for each row a list of paths, filled up with empty words."""
    rows = np.full((len(y), 6, 3), "", dtype=object)
    for row, labels in enumerate(y):
        for k, label in enumerate(np.flatnonzero(labels)):
            rows[row, k, : len(path(label))] = path(label)
    return rows.astype(str)


def metrics(rng, n, ties, empty):
    y = close((rng.random((n, 6)) < [0.3, 0.2, 0.3, 0.2, 0.3, 0.15]).astype(int))
    if empty:
        y[:, 1] = 0
    scores = np.clip(rng.normal(0.3 + 0.3 * y, 0.25), 0, 1)
    if ties:
        scores = np.round(scores, 1)
    claimed = (scores > 0.45).astype(int)
    some = y.any(axis=0)
    auc = [roc_auc_score(y[:, k], scores[:, k]) if some[k] else None for k in range(6)]
    ap = [average_precision_score(y[:, k], scores[:, k]) if some[k] else None for k in range(6)]
    true_sets, claimed_sets = sets(y), sets(close(claimed))
    precision = hiclass.metrics.precision(true_sets, claimed_sets)
    recall = hiclass.metrics.recall(true_sets, claimed_sets)
    return {
        "n": n, "y": y.ravel().tolist(), "scores": scores.ravel().tolist(), "claimed": claimed.ravel().tolist(),
        "roc_auc": auc, "average_precision": ap,
        "roc_auc_means": [roc_auc_score(y[:, some], scores[:, some], average=how) for how in ("macro", "weighted")],
        "average_precision_means": [average_precision_score(y[:, some], scores[:, some], average=how)
                                    for how in ("macro", "weighted")],
        "by_level": [average_precision_score(y[:, level], scores[:, level], average="macro")
                     for level in ([k for k in ks if some[k]] for ks in ([0, 4], [1, 2, 5], [3]))],
        "label_ranking": label_ranking_average_precision_score(y, scores),
        # hiclass' own f1 is defined for two dimensions only: the harmonic mean of its two.
        "hierarchical": [precision, recall, 2 * precision * recall / (precision + recall)],
    }


def fits(rng):
    n, n_test = 90, 20
    x = rng.normal(size=(n + n_test, 4)).astype(np.float32).astype(float)
    y = close((x @ rng.normal(size=(4, 6)) + rng.normal(size=(n + n_test, 6)) > 0.9).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linear = OneVsRestClassifier(LogisticRegression(C=0.5, tol=1e-10, max_iter=10000)).fit(x[:n], y[:n])
        network = MLPClassifier((5,), activation="tanh", solver="lbfgs", alpha=0.1, max_iter=2000, tol=1e-7,
                                random_state=0, max_fun=100000).fit(x[:n], y[:n])
    return {
        "x": x[:n].ravel().tolist(), "y": y[:n].ravel().tolist(), "x_test": x[n:].ravel().tolist(),
        "logistic": linear.predict_proba(x[n:]).ravel().tolist(),
        # A network as it stands, and what it says: forward and loss, whatever the path to it was.
        "weights": [w.ravel().tolist() for w in network.coefs_],
        "biases": [b.tolist() for b in network.intercepts_],
        "network": network.predict_proba(x[n:]).ravel().tolist(),
        "network_loss": float(network.loss_),
    }


def main():
    rng = np.random.default_rng(17)
    out = {
        "versions": {"scikit-learn": sklearn.__version__, "hiclass": hiclass.__version__},
        "parent": PARENT,
        "metrics": [metrics(rng, n, ties, empty) for n, ties, empty in
                    [(40, False, False), (60, True, False), (50, True, True)]],
        "fits": fits(rng),
    }
    (HERE / "multilabel.json").write_text(json.dumps(out) + "\n")


main()
