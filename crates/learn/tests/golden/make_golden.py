"""Writes the golden files of this folder. Needs mpmath, numpy, scipy, scikit-learn, statsmodels and xgboost; the versions used
are in each file.

    python crates/learn/tests/golden/make_golden.py
"""
import json
import pathlib

import mpmath as mp
import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import optimize, special, stats
from sklearn import calibration, linear_model, metrics, model_selection, neural_network, preprocessing, svm, tree
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

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
        "weighted_precision": metrics.precision_score(y_true, y_pred, labels=labels, average="weighted", zero_division=0),
        "weighted_recall": metrics.recall_score(y_true, y_pred, labels=labels, average="weighted", zero_division=0),
        "micro_f1": metrics.f1_score(y_true, y_pred, labels=labels, average="micro", zero_division=0),
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
    lbfgs = []
    for n_classes, alpha, weighted in [(2, 0.5, False), (3, 0.1, False), (3, 1.0, True)]:
        y = rng.integers(n_classes, size=23)
        weight = rng.choice([0.5, 1.0, 2.0], size=23) if weighted else None
        model = neural_network.MLPClassifier(hidden_layer_sizes=(), solver="lbfgs", alpha=alpha, tol=1e-9, max_iter=10_000,
                                             random_state=0).fit(x.astype(np.float64), y, sample_weight=weight)
        lbfgs.append({"y": y.tolist(), "alpha": alpha, "sample_weight": None if weight is None else weight.tolist(),
                      "proba": model.predict_proba(x.astype(np.float64)).ravel().tolist()})
    write("mlp.json", {"x": x.ravel().tolist(), "cases": cases, "lbfgs": lbfgs})


def rust_parameters(options):
    """scikit-learn's parameters as our serde names them."""
    weight = options.get("class_weight")
    renamed = {**options}
    if weight is not None:
        renamed["class_weight"] = "balanced" if weight == "balanced" else [weight[k] for k in sorted(weight)]
    return renamed


def make_linear():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(90, 5)).astype(np.float32)
    wide = x.astype(np.float64)
    noise = rng.normal(size=90)
    two = (wide[:, 0] + 0.5 * wide[:, 1] + 0.8 * noise > 0.4).astype(int)
    three = np.digitize(wide[:, 0] - wide[:, 2] + 0.7 * noise, [-0.5, 1.0])
    uneven = rng.choice([0.5, 1.0, 2.0], size=90)
    ones = np.ones(90)
    svm_cases = []
    for y, weight, options in [
        (two, ones, {}),
        (three, ones, {}),
        (three, uneven, {"C": 0.05, "intercept_scaling": 3.0}),
        (two, ones, {"loss": "hinge"}),
        (three, uneven, {"loss": "hinge", "C": 0.3}),
        (two, ones, {"class_weight": "balanced", "fit_intercept": False}),
        (three, ones, {"class_weight": {0: 0.5, 1: 3.0, 2: 1.5}, "C": 0.2}),
    ]:
        exact = svm.LinearSVC(tol=1e-10, max_iter=1_000_000, dual=True, random_state=0, **options).fit(wide, y, weight)
        decision = exact.decision_function(wide)
        n_classes = y.max() + 1
        classes = [1] if n_classes == 2 else range(n_classes)
        objectives = []
        for plane, positive in enumerate(classes):
            class_weight = options.get("class_weight")
            if class_weight == "balanced":
                class_weight = dict(enumerate(90 / (n_classes * np.bincount(y))))
            class_weight = class_weight or {}
            # liblinear applies a class's weight to its own rows only, unless there are two classes.
            by_class = [class_weight.get(k, 1.0) if n_classes == 2 or k == positive else 1.0 for k in range(n_classes)]
            cost = options.get("C", 1.0) * weight * np.array(by_class)[y]
            score = decision if n_classes == 2 else decision[:, plane]
            slack = np.maximum(0, 1 - np.where(y == positive, 1, -1) * score)
            slack = slack if options.get("loss") == "hinge" else slack ** 2
            last = exact.intercept_[plane] / options.get("intercept_scaling", 1.0) if options.get("fit_intercept", True) else 0
            objectives.append(0.5 * (exact.coef_[plane] ** 2).sum() + 0.5 * last ** 2 + (cost * slack).sum())
        svm_cases.append({"y": y.tolist(), "sample_weight": weight.tolist(), "parameters": rust_parameters(options),
                          "decision": decision.ravel().tolist(), "objective": objectives})
    l1_cases = []
    for y, weight, options in [(two, ones, {}), (three, ones, {"C": 0.1}), (three, uneven, {"C": 0.4, "intercept_scaling": 2.0}),
                               (two, uneven, {"C": 0.05, "fit_intercept": False})]:
        options = {"penalty": "l1", "dual": False, **options}
        exact = svm.LinearSVC(tol=1e-10, max_iter=1_000_000, random_state=0, **options).fit(wide, y, weight)
        decision = exact.decision_function(wide)
        objectives = []
        for plane, positive in enumerate([1] if y.max() == 1 else range(3)):
            score = decision if y.max() == 1 else decision[:, plane]
            slack = np.maximum(0, 1 - np.where(y == positive, 1, -1) * score)
            last = exact.intercept_[plane] / options.get("intercept_scaling", 1.0) if options.get("fit_intercept", True) else 0
            objectives.append(np.abs(exact.coef_[plane]).sum() + abs(last) + (options.get("C", 1.0) * weight * slack ** 2).sum())
        l1_cases.append({"y": y.tolist(), "sample_weight": weight.tolist(), "parameters": options,
                         "decision": decision.ravel().tolist(), "objective": objectives})
    logistic_cases = []
    for y, weight, options in [
        (two, ones, {}), (three, ones, {}), (two, uneven, {"C": 0.1}), (three, uneven, {"C": 20.0}),
        (three, ones, {"class_weight": "balanced"}), (two, ones, {"fit_intercept": False}),
    ]:
        exact = linear_model.LogisticRegression(tol=1e-10, max_iter=10_000, solver="newton-cholesky", **options).fit(wide, y, weight)
        logistic_cases.append({"y": y.tolist(), "sample_weight": weight.tolist(), "parameters": rust_parameters(options),
                               "decision": exact.decision_function(wide).ravel().tolist(),
                               "proba": exact.predict_proba(wide).ravel().tolist()})
    write("linear.json", {"x": x.ravel().tolist(), "svm": svm_cases, "svm_l1": l1_cases, "logistic": logistic_cases})


def make_tree():
    """Trees whose splits do not depend on the seed, so that no tie had to be broken."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(160, 6)).astype(np.float32)
    x[:, 5] = np.round(x[:, 5] * 2) / 2
    other = rng.normal(size=(80, 6)).astype(np.float32)
    noise = rng.normal(size=160)
    y = np.digitize(x[:, 0] + x[:, 1] * x[:, 2] + 0.8 * x[:, 5] + 0.5 * noise, [-0.7, 0.9])
    two = (y > 0).astype(int)
    uneven = rng.choice([0.5, 1.0, 2.0], size=160)
    ones = np.ones(160)
    cases = []
    for labels, weight, options in [
        (y, ones, {"max_depth": 4}),
        (y, ones, {"max_depth": 4, "criterion": "entropy"}),
        (two, ones, {"min_samples_leaf": 12, "max_depth": 3}),
        (y, ones, {"min_samples_split": 30, "min_impurity_decrease": 0.01}),
        (y, uneven, {"max_depth": 4}),
        (y, ones, {"max_depth": 4, "class_weight": "balanced"}),
        (y, ones, {"max_depth": 4, "class_weight": {0: 1.0, 1: 0.25, 2: 3.0}, "criterion": "entropy"}),
        (y, ones, {"min_samples_leaf": 6, "ccp_alpha": 0.012}),
        (two, uneven, {"min_samples_leaf": 8, "ccp_alpha": 0.02, "criterion": "entropy"}),
        (y, uneven, {"max_leaf_nodes": 7, "min_samples_leaf": 4}),
        (two, ones, {"max_leaf_nodes": 4, "criterion": "entropy", "max_depth": 3}),
        (y, uneven, {"min_weight_fraction_leaf": 0.06}),
        (y, ones, {"min_samples_leaf": 0.04, "min_samples_split": 0.2}),
    ]:
        # Small nodes have ties, which go to a random feature: split none of those that have one.
        least = options.get("min_samples_split", 10)
        for min_samples_split in [least] if isinstance(least, float) else range(least, 100, 5):
            options["min_samples_split"] = min_samples_split
            fits = [tree.DecisionTreeClassifier(random_state=k, **options).fit(x, labels, weight) for k in range(20)]
            first = fits[0]
            if all(np.array_equal(fit.tree_.threshold, first.tree_.threshold) for fit in fits):
                break
        else:
            raise AssertionError(f"ties in {options}")
        cases.append({"y": labels.tolist(), "sample_weight": weight.tolist(), "parameters": rust_parameters(options),
                      "proba": first.predict_proba(x).ravel().tolist(),
                      "other_proba": first.predict_proba(other).ravel().tolist(),
                      "importance": first.feature_importances_.tolist()})
    write("tree.json", {"x": x.ravel().tolist(), "other": other.ravel().tolist(), "cases": cases})


def make_boosting():
    """XGBoost's probabilities on columns of so few values that every value is a bin of its own."""
    import xgboost

    rng = np.random.default_rng(6)
    x = (np.round(rng.normal(size=(240, 5)) * [8, 5, 3, 10, 4]) / 8).astype(np.float32)
    other = (np.round(rng.normal(size=(60, 5)) * [20, 10, 9, 30, 12]) / 24).astype(np.float32)
    noise = rng.normal(size=240)
    y = np.digitize(x[:, 0] + x[:, 1] * x[:, 3] + 0.5 * noise, [-0.4, 0.9])
    two = (y > 0).astype(int)
    uneven = rng.uniform(0.5, 2.0, size=240)  # equal weights would give ties, which rounding breaks
    cases = []
    orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 0, 3], [1, 0, 3, 2, 4]]
    for labels, weight, options in [
        (two, uneven, {"n_estimators": 20, "min_child_weight": 2.0}),
        (two, uneven, {"n_estimators": 20, "min_child_weight": 6.0}),
        (y, uneven, {"n_estimators": 20, "min_child_weight": 4.0}),
        (y, uneven, {"n_estimators": 30, "max_depth": 3, "learning_rate": 0.1, "reg_lambda": 4.0, "min_child_weight": 4.0}),
        (y, uneven, {"n_estimators": 20, "gamma": 1.5, "min_child_weight": 3.0}),
        (two, uneven, {"n_estimators": 20, "gamma": 3.0, "max_depth": 0, "min_child_weight": 3.0}),
        (y, uneven, {"n_estimators": 10, "max_delta_step": 0.5, "min_child_weight": 4.0}),
    ]:
        # Small nodes have ties, which rounding breaks: the first limit with which the order of columns does not matter.
        for limit in range(1, 40):
            options["min_child_weight"] = max(options.get("min_child_weight", 1.0), limit)
            fits = [xgboost.XGBClassifier(tree_method="hist", n_jobs=1, **options).fit(x[:, order], labels, sample_weight=weight)
                    for order in orders]
            model = fits[0]
            if all(np.allclose(fit.predict_proba(other[:, order]), model.predict_proba(other), atol=1e-6)
                   for fit, order in zip(fits, orders)):
                break
        else:
            raise AssertionError(f"ties in {options}")
        cases.append({"y": labels.tolist(), "sample_weight": weight.tolist(), "parameters": options,
                      "proba": model.predict_proba(x).astype(float).ravel().tolist(),
                      "other_proba": model.predict_proba(other).astype(float).ravel().tolist(),
                      "importance": model.feature_importances_.astype(float).tolist()})
    write("boosting.json", {"xgboost": xgboost.__version__, "x": x.ravel().tolist(), "other": other.ravel().tolist(),
                            "cases": cases})
def make_tests():
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
    content["holm"] = [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()}
                       for p in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.9, 0.2, 1e-12, 0.6], [0.03, 0.03, 0.03]]]
    write("tests.json", {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "mpmath": mp.__version__, **content})


def expected_calibration_error(y, proba, n_bins):
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    bins = np.minimum(np.ceil(confidence * n_bins).astype(int), n_bins)
    gaps = [(np.mean(bins == b), abs(right[bins == b].mean() - confidence[bins == b].mean())) for b in set(bins)]
    return [sum(share * gap for share, gap in gaps), max(gap for _, gap in gaps)]


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
    for n_bins, strategy, digits in [(10, "uniform", 8), (5, "uniform", 1), (4, "quantile", 8), (7, "quantile", 1)]:
        proba = np.round(rng.random(100), digits)
        y = (rng.random(100) < proba ** 1.5).astype(int)
        true, predicted = calibration.calibration_curve(y, proba, n_bins=n_bins, strategy=strategy)
        curve_bins.append({"n_bins": n_bins, "strategy": strategy, "y": y.tolist(), "proba": proba.tolist(),
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
        platt, exact_platt, columns = [], [], []
        for k in range(n_cols):
            positive = (y == (1 if n_cols == 1 else k)).astype(float)
            a, b = calibration._sigmoid_calibration(decision[:, k], positive)
            platt += [a, b]
            columns.append(special.expit(-(a * decision[:, k] + b)))
            exact_platt += newton_platt(decision[:, k], positive, a, b)
        p = np.stack([1 - columns[0], columns[0]], axis=1) if n_cols == 1 else np.stack(columns, axis=1)
        scaling.append({"n_cols": n_cols, "y": y.tolist(), "decision": decision.ravel().tolist(), "beta": float(scaler.beta_),
                        "exact_beta": exact_beta, "temperature_proba": special.softmax(scaler.beta_ * logits, axis=1).ravel().tolist(),
                        "platt": platt, "exact_platt": exact_platt, "platt_proba": (p / p.sum(axis=1, keepdims=True)).ravel().tolist()})
    write("scores.json", {"proba": cases, "curves": curves, "calibration": curve_bins, "scaling": scaling})


def newton_platt(d, positive, a, b):
    n1, n0 = positive.sum(), (1 - positive).sum()
    t = np.where(positive > 0, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    features, at = np.stack([d, np.ones_like(d)], axis=1), np.array([a, b])
    for _ in range(30):
        p = special.expit(-features @ at)
        at = at - np.linalg.solve((features * (p * (1 - p))[:, None]).T @ features, features.T @ (t - p))
    return at.tolist()


if __name__ == "__main__":
    make_tests()
    make_scores()
    make_metrics()
    make_splits()
    make_scaler()
    make_mlp()
    make_linear()
    make_tree()
    make_boosting()
