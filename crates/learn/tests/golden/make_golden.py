"""Writes the golden files of this folder. Needs numpy and scikit-learn; the versions used are in each file.

    python crates/learn/tests/golden/make_golden.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics, model_selection, neural_network, preprocessing

HERE = pathlib.Path(__file__).parent


def write(name, content):
    content = {"made_by": "make_golden.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__, **content}
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def metric_case(y_true, y_pred, n_classes):
    present = sorted(set(y_true) | set(y_pred))
    labels = list(range(n_classes))
    p, r, f, s = metrics.precision_recall_fscore_support(y_true, y_pred, labels=labels, zero_division=0)
    macro = metrics.precision_recall_fscore_support(y_true, y_pred, labels=present, average="macro", zero_division=0)
    return {
        "n_classes": n_classes, "y_true": list(map(int, y_true)), "y_pred": list(map(int, y_pred)),
        "counts": metrics.confusion_matrix(y_true, y_pred, labels=labels).tolist(),
        "row_normalised": metrics.confusion_matrix(y_true, y_pred, labels=labels, normalize="true").tolist(),
        "accuracy": metrics.accuracy_score(y_true, y_pred),
        "balanced_accuracy": metrics.balanced_accuracy_score(y_true, y_pred),
        "precision": p.tolist(), "recall": r.tolist(), "f1": f.tolist(), "support": s.tolist(),
        "macro_precision": macro[0], "macro_recall": macro[1], "macro_f1": macro[2],
        "weighted_f1": metrics.f1_score(y_true, y_pred, labels=labels, average="weighted", zero_division=0),
    }


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


def make_splits():
    rng = np.random.default_rng(1)
    cases = []
    for n, n_classes, n_splits in [(103, 3, 5), (57, 4, 4), (60, 2, 9), (200, 6, 3)]:
        weights = rng.dirichlet(np.ones(n_classes))
        y = rng.choice(n_classes, size=n, p=weights)
        if min(np.bincount(y, minlength=n_classes)) < 2:
            y[: 2 * n_classes] = np.repeat(np.arange(n_classes), 2)
        # Group sizes are all different, so that no tie has to be broken.
        sizes = []
        while sum(sizes) < n:
            sizes.append(len(sizes) + 1)
        sizes[-1] -= sum(sizes) - n
        groups = rng.permutation(np.repeat(rng.permutation(len(sizes)) * 7 - 3, sizes))
        zeros = np.zeros(n)
        stratified = model_selection.StratifiedKFold(n_splits, shuffle=True, random_state=0)
        # StratifiedGroupKFold without shuffling takes the groups in ascending order.
        grouped = model_selection.StratifiedGroupKFold(n_splits).split(zeros, y, groups)
        plain = model_selection.GroupKFold(n_splits).split(zeros, y, groups)
        train, test = model_selection.train_test_split(np.arange(n), test_size=0.25, stratify=y, random_state=0)
        cases.append({
            "y": y.tolist(), "groups": groups.tolist(), "n_classes": n_classes, "n_splits": n_splits,
            "stratified_counts": [np.bincount(y[t], minlength=n_classes).tolist() for _, t in stratified.split(zeros, y)],
            "stratified_group_tests": [t.tolist() for _, t in grouped],
            "group_tests": [t.tolist() for _, t in plain] if len(set(sizes)) == len(sizes) else None,
            "hold_out_train_counts": np.bincount(y[train], minlength=n_classes).tolist(),
            "hold_out_test_counts": np.bincount(y[test], minlength=n_classes).tolist(),
        })
    write("splits.json", {"cases": cases})


def make_scaler():
    rng = np.random.default_rng(2)
    x = (rng.normal(size=(40, 6)) * [1, 1e-3, 1e3, 1, 0, 0] + [0, 1, 1e4, 1e6, 0.1, -7]).astype(np.float32)
    x[5, 0] = np.nan
    scaler = preprocessing.StandardScaler().fit(x.astype(np.float64))
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in x]
    write("scaler.json", {"x": rows, "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()})


class RecordedMlp(neural_network.MLPClassifier):
    """Keeps the weights it started from."""

    def _initialize(self, *args):
        super()._initialize(*args)
        self.first = [c.astype(np.float32) for c in self.coefs_], [i.astype(np.float32) for i in self.intercepts_]
        self.coefs_ = [c.astype(np.float64) for c in self.first[0]]
        self.intercepts_ = [i.astype(np.float64) for i in self.first[1]]


def make_mlp():
    """Three epochs over 23 rows in batches of 10, 10 and 3, in f64 and in the given order: nine steps."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(23, 5)).astype(np.float32)
    lists = lambda arrays: [a.ravel().tolist() for a in arrays]
    cases = []
    for n_classes, options in [
        (3, {"activation": "relu"}),
        (2, {"activation": "tanh", "hidden_layer_sizes": (6, 4)}),
        (3, {"activation": "logistic", "alpha": 0.5}),
        (3, {"activation": "tanh", "solver": "sgd", "learning_rate_init": 0.1}),
        (2, {"activation": "tanh", "solver": "sgd", "learning_rate": "invscaling", "nesterovs_momentum": False}),
        (2, {"activation": "relu", "sample_weight": True}),
    ]:
        y = rng.integers(n_classes, size=23)
        weight = rng.choice([0.5, 1.0, 2.0], size=23) if options.pop("sample_weight", False) else None
        parameters = {"hidden_layer_sizes": (7,), "learning_rate_init": 0.01, "batch_size": 10, "max_iter": 3,
                      "shuffle": False, **options}
        model = RecordedMlp(random_state=0, **parameters).fit(x.astype(np.float64), y, sample_weight=weight)
        cases.append({
            "n_classes": n_classes, "y": y.tolist(), "sample_weight": None if weight is None else weight.tolist(),
            "parameters": {**parameters, "hidden_layer_sizes": list(parameters["hidden_layer_sizes"])},
            "first_weights": lists(model.first[0]), "first_biases": lists(model.first[1]),
            "weights": lists(model.coefs_), "biases": lists(model.intercepts_), "loss_curve": model.loss_curve_,
            "proba": model.predict_proba(x.astype(np.float64)).ravel().tolist(),
        })
    write("mlp.json", {"x": x.ravel().tolist(), "cases": cases})


if __name__ == "__main__":
    make_metrics()
    make_splits()
    make_scaler()
    make_mlp()
