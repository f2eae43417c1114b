"""Writes metrics.json and scores.json of this folder. Needs numpy, scipy and scikit-learn; the versions used are in each
file.

    python crates/learn/tests/golden/make_metrics.py
"""
import json
import pathlib

import numpy as np
import sklearn
from scipy import optimize, special
from sklearn import calibration, metrics

HERE = pathlib.Path(__file__).parent


def write(name, content):
    content = {"made_by": "make_metrics.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__, **content}
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def metric_case(y_true, y_pred, n_classes):
    present = sorted(set(y_true) | set(y_pred))
    labels = list(range(n_classes))
    p, r, f, s = metrics.precision_recall_fscore_support(y_true, y_pred, labels=labels, zero_division=0)
    return {
        "n_classes": n_classes, "y_true": list(map(int, y_true)), "y_pred": list(map(int, y_pred)),
        "counts": metrics.confusion_matrix(y_true, y_pred, labels=labels).tolist(),
        "row_normalised": metrics.confusion_matrix(y_true, y_pred, labels=labels, normalize="true").tolist(),
        "accuracy": metrics.accuracy_score(y_true, y_pred),
        "balanced_accuracy": metrics.balanced_accuracy_score(y_true, y_pred),
        "precision": p.tolist(), "recall": r.tolist(), "f1": f.tolist(), "support": s.tolist(),
        "macro_f1": metrics.f1_score(y_true, y_pred, labels=present, average="macro", zero_division=0),
        "weighted_f1": metrics.f1_score(y_true, y_pred, labels=labels, average="weighted", zero_division=0),
        "cohens_kappa": number(metrics.cohen_kappa_score(y_true, y_pred)),
        "matthews": metrics.matthews_corrcoef(y_true, y_pred),
    }


def number(value):
    """JSON has no NaN."""
    return None if np.isnan(value) else float(value)


def make_metrics():
    rng = np.random.default_rng(0)
    truth = rng.choice(5, size=200, p=[0.5, 0.25, 0.15, 0.07, 0.03])
    noisy = np.where(rng.random(200) < 0.6, truth, rng.choice(5, size=200, p=[0.7, 0.1, 0.1, 0.05, 0.05]))
    never = np.where(noisy == 3, 0, noisy)          # class 3 is never predicted
    absent_truth = np.where(truth == 4, 2, truth)   # class 4 has no true row but is predicted
    neither = np.where(never == 4, 1, never)        # class 5 of 6 neither occurs nor is predicted
    write("metrics.json", {"cases": [
        metric_case(truth, noisy, 5), metric_case(truth, never, 5),
        metric_case(absent_truth, noisy, 5), metric_case(absent_truth, neither, 6),
        metric_case([0, 0, 1], [0, 1, 1], 2), metric_case([1], [1], 2),
    ]})


def expected_calibration_error(y, proba, n_bins):
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    bins = np.minimum(np.ceil(confidence * n_bins).astype(int), n_bins)
    gaps = [(np.mean(bins == b), abs(right[bins == b].mean() - confidence[bins == b].mean())) for b in set(bins)]
    return sum(share * gap for share, gap in gaps)


def proba_case(y, proba):
    n_classes = proba.shape[1]
    labels = np.arange(n_classes)
    present = [k for k in labels if 0 < (y == k).sum() < len(y)]
    area = {k: metrics.roc_auc_score(y == k, proba[:, k]) for k in present}
    precision = {k: metrics.average_precision_score(y == k, proba[:, k]) for k in present}
    support = [(y == k).sum() for k in present]
    means = lambda scores: [np.mean(list(scores.values())), np.average(list(scores.values()), weights=support)]
    if len(present) == n_classes > 2:
        for kind, want in zip(["macro", "weighted"], means(area)):
            assert np.isclose(metrics.roc_auc_score(y, proba, multi_class="ovr", average=kind), want, rtol=1e-14)
    # Of two classes scikit-learn's top-k takes one column and a threshold, with the same meaning.
    top = [metrics.top_k_accuracy_score(y, proba[:, 1] if n_classes == 2 else proba, k=k, labels=labels) for k in (1, 2, 3)]
    scored = lambda scores: {"per_class": [scores.get(k) for k in labels], "means": means(scores)}
    return {
        "n_classes": n_classes, "y": y.tolist(), "proba": proba.ravel().tolist(),
        "values": [metrics.log_loss(y, proba, labels=labels),
                   metrics.brier_score_loss(y, proba[:, 1] if n_classes == 2 else proba, labels=labels), *top],
        "ece": expected_calibration_error(y, proba, 10), "roc_auc": scored(area), "average_precision": scored(precision),
    }


def make_scores():
    """Scores of probabilities, curves, calibration."""
    rng = np.random.default_rng(7)
    cases, curves, curve_bins, scaling = [], [], [], []
    for n, n_classes, sharp, missing in [(80, 2, 1.0, None), (90, 3, 2.0, None), (120, 5, 1.5, None), (60, 4, 0.3, 2)]:
        y = rng.choice(n_classes, size=n, p=rng.dirichlet(3 * np.ones(n_classes)))
        y[y == missing] = 0
        logits = rng.normal(size=(n, n_classes)) + sharp * np.eye(n_classes)[y]
        proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        # Certain and wrong; the others differ, since scikit-learn's top-k orders equal ones the other way round.
        proba[3] = np.eye(n_classes)[(y[3] + 1) % n_classes]
        proba[3, proba[3] == 0] = 1e-20 * np.arange(1, n_classes)
        cases.append(proba_case(y, proba))
    for n, digits in [(50, 8), (64, 1), (12, 0)]:
        y = rng.integers(2, size=n)
        scores = np.round(rng.normal(size=n) + 0.8 * y, digits) + 0.0
        fpr, tpr, thresholds = metrics.roc_curve(y, scores, drop_intermediate=False)
        precision, recall, cuts = metrics.precision_recall_curve(y, scores)
        curves.append({"y": y.tolist(), "scores": scores.tolist(), "fpr": fpr.tolist(), "tpr": tpr.tolist(),
                       "roc_thresholds": [None, *thresholds[1:].tolist()], "precision": precision.tolist(), "recall": recall.tolist(),
                       "pr_thresholds": cuts.tolist(),
                       "areas": [metrics.roc_auc_score(y, scores), metrics.average_precision_score(y, scores)]})
    for n_bins, digits in [(10, 8), (5, 1)]:
        proba = np.round(rng.random(100), digits)
        y = (rng.random(100) < proba ** 1.5).astype(int)
        true, predicted = calibration.calibration_curve(y, proba, n_bins=n_bins, strategy="uniform")
        curve_bins.append({"n_bins": n_bins, "y": y.tolist(), "proba": proba.tolist(),
                           "prob_true": true.tolist(), "prob_pred": predicted.tolist()})
    for n, n_cols, factor in [(120, 3, 4.0), (150, 4, 0.2), (100, 1, 3.0)]:
        n_classes = max(n_cols, 2)
        y = rng.integers(n_classes, size=n)
        truth = np.eye(n_classes)[y] if n_cols > 1 else (2 * y[:, None] - 1)
        decision = factor * (rng.normal(size=(n, n_cols)) + 1.2 * truth)
        given = decision[:, 0] if n_cols == 1 else decision
        scaler = calibration._TemperatureScaling().fit(given, y)
        logits = np.hstack([-decision, decision]) if n_cols == 1 else decision
        def slope(beta):
            p = special.softmax(beta * logits, axis=1)
            return ((p * logits).sum(axis=1) - logits[np.arange(n), y]).mean()
        exact_beta = optimize.brentq(slope, np.exp(-10), np.exp(10), xtol=1e-300, rtol=4 * np.finfo(float).eps)
        scaling.append({"n_cols": n_cols, "y": y.tolist(), "decision": decision.ravel().tolist(), "beta": float(scaler.beta_),
                        "exact_beta": exact_beta, "temperature_proba": special.softmax(scaler.beta_ * logits, axis=1).ravel().tolist()})
    write("scores.json", {"proba": cases, "curves": curves, "calibration": curve_bins, "scaling": scaling})


if __name__ == "__main__":
    make_metrics()
    make_scores()
