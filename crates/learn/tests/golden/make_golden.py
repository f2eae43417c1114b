"""Writes the golden files of this folder. Needs numpy, scikit-learn and xgboost; the versions used are in each file.

    python crates/learn/tests/golden/make_golden.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn import linear_model, model_selection, neighbors, neural_network, preprocessing, svm, tree

HERE = pathlib.Path(__file__).parent


def write(name, content):
    content = {"made_by": "make_golden.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__, **content}
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


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


def make_neighbours():
    """Neighbours and probabilities of rows of which no two are equally far, so that no tie of distances had to be broken."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(150, 6)).astype(np.float32)
    other = rng.normal(size=(60, 6)).astype(np.float32)
    three = np.digitize(x[:, 0] + x[:, 1] + 0.5 * rng.normal(size=150), [-0.6, 0.8])
    two = (three > 0).astype(int)
    wide, other_wide = x.astype(np.float64), other.astype(np.float64)
    cases = []
    for y, options in [
        (three, {}),
        (two, {}),
        (three, {"n_neighbors": 1}),
        (three, {"n_neighbors": 4}),
        (three, {"n_neighbors": 150}),
        (three, {"weights": "distance"}),
        (two, {"weights": "distance", "n_neighbors": 8}),
        (three, {"p": 1}),
        (three, {"p": 1, "weights": "distance", "n_neighbors": 12}),
    ]:
        # The k-d tree takes distances by their formula; brute force has to find the same neighbours.
        model = neighbors.KNeighborsClassifier(algorithm="kd_tree", **options).fit(wide, y)
        brute = neighbors.KNeighborsClassifier(algorithm="brute", **options).fit(wide, y)
        distance, found = model.kneighbors(other_wide)
        assert np.array_equal(found, brute.kneighbors(other_wide)[1])
        assert distance.shape[1] == 1 or np.diff(distance).min() > 1e-9, options
        assert np.allclose(model.predict_proba(other_wide), brute.predict_proba(other_wide), atol=1e-9)
        cases.append({"y": y.tolist(), "parameters": options, "neighbours": found.ravel().tolist() if found.shape[1] < 20 else None,
                      "class": model.predict(other_wide).tolist(), "proba": model.predict_proba(wide).ravel().tolist(),
                      "other_proba": model.predict_proba(other_wide).ravel().tolist()})
    write("neighbours.json", {"x": x.ravel().tolist(), "other": other.ravel().tolist(), "cases": cases})


def make_svc():
    """Machines fitted by scikit-learn's libsvm, whose steps ours repeat; sigmoids and coupled probabilities."""
    import warnings

    from sklearn.calibration import _sigmoid_calibration

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(11)
    x = rng.normal(size=(240, 6)).astype(np.float32)
    other = rng.normal(size=(60, 6)).astype(np.float32)
    four = np.digitize(x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * rng.normal(size=240), [-1.2, -0.2, 0.9])
    two = (four > 1).astype(int)
    uneven = rng.choice([0.0, 0.5, 1.0, 2.0], size=240)
    ones = np.ones(240)
    wide, other_wide = x.astype(np.float64), other.astype(np.float64)
    cases = []
    for y, weight, options in [
        (two, ones, {}),
        (four, ones, {}),
        (four, ones, {"C": 50.0, "tol": 1e-5}),
        (four, ones, {"C": 50.0, "shrinking": False}),
        (two, ones, {"C": 1000.0, "gamma": 0.5}),
        (four, ones, {"gamma": "auto", "C": 0.1}),
        (two, ones, {"kernel": "linear", "C": 3.0}),
        (four, ones, {"kernel": "linear"}),
        (four, ones, {"kernel": "poly", "degree": 2, "coef0": 1.0}),
        (two, ones, {"kernel": "poly", "degree": 1, "C": 2.0}),
        (four, ones, {"kernel": "poly"}),
        (four, ones, {"kernel": "sigmoid", "coef0": -0.5, "C": 0.5}),
        (four, uneven, {"gamma": 0.2}),
        (four, ones, {"class_weight": "balanced"}),
        (two, ones, {"class_weight": {0: 1.0, 1: 0.25}, "kernel": "linear"}),
        (four, ones, {"break_ties": True, "C": 0.05, "kernel": "linear"}),
    ]:
        model = svm.SVC(**options).fit(wide, y, weight)
        # libsvm's coefficients are of the first class of each pair: for two classes scikit-learn shows them turned round.
        rho = model._intercept_
        cases.append({"y": y.tolist(), "sample_weight": weight.tolist(), "parameters": rust_parameters(options),
                      "decision": model.decision_function(other_wide).ravel().tolist(), "class": model.predict(other_wide).tolist(),
                      "n_support": model.n_support_.tolist(), "rho": (-rho).tolist(), "n_iter": int(np.max(model.n_iter_))})
    coupling = []
    for y in [two, four]:
        model = svm.SVC(probability=True, decision_function_shape="ovo", random_state=0).fit(wide, y)
        decision = model.decision_function(other_wide).reshape(len(other), -1)
        if len(model.classes_) == 2:
            decision = -decision
        proba = model.predict_proba(other_wide)
        if len(model.classes_) == 2:
            # scikit-learn's libsvm couples the one pair and stops within 0.005; newer ones give what the sigmoid says.
            first = 1 / (1 + np.exp(decision[:, 0] * model.probA_[0] + model.probB_[0]))
            assert np.abs(proba[:, 0] - first).max() < 0.005
            proba = np.stack([first, 1 - first], axis=1)
        coupling.append({"n_classes": len(model.classes_), "decision": decision.ravel().tolist(), "prob_a": model.probA_.tolist(),
                         "prob_b": model.probB_.tolist(), "proba": proba.ravel().tolist()})
    sigmoids = []
    for n, gap, noise in [(80, 1.0, 1.0), (41, 0.2, 2.0), (200, 3.0, 1.0)]:
        labels = (rng.random(n) < 0.3).astype(int)
        values = gap * (2 * labels - 1) + noise * rng.normal(size=n)
        slope, offset = _sigmoid_calibration(values, labels)
        sigmoids.append({"values": values.tolist(), "labels": labels.tolist(), "slope": slope, "offset": offset})
    write("svc.json", {"x": x.ravel().tolist(), "other": other.ravel().tolist(), "cases": cases, "coupling": coupling,
                       "sigmoids": sigmoids})


def make_forest():
    """Forests without chance: every tree is the same, since splits of the cases have no ties (as those of `make_tree`)."""
    from sklearn.ensemble import RandomForestClassifier

    of_trees = json.loads((HERE / "tree.json").read_text())
    x = np.array(of_trees["x"], dtype=np.float32).reshape(-1, 6)
    other = np.array(of_trees["other"], dtype=np.float32).reshape(-1, 6)
    cases = []
    for case in of_trees["cases"]:
        options = dict(case["parameters"])
        if options.pop("ccp_alpha", None):
            continue
        if isinstance(options.get("class_weight"), list):
            options["class_weight"] = dict(enumerate(options["class_weight"]))
        options |= {"n_estimators": 3, "bootstrap": False, "max_features": None}
        model = RandomForestClassifier(random_state=0, **options).fit(x, case["y"], case["sample_weight"])
        cases.append({"y": case["y"], "sample_weight": case["sample_weight"], "parameters": rust_parameters(options),
                      "proba": model.predict_proba(other).ravel().tolist(), "importance": model.feature_importances_.tolist()})
    write("forest.json", {"x": of_trees["x"], "other": of_trees["other"], "cases": cases})


def short(values):
    """The shortest decimal numbers that are these float32."""
    return [float(str(np.float32(value))) for value in np.ravel(values)]


def trees_of(model):
    """Node arrays of every tree; `value` is the threshold of a split and the value of a leaf, `left` is -1 at a leaf."""
    booster = json.loads(bytes(model.get_booster().save_raw("json")))["learner"]["gradient_booster"]["model"]["trees"]
    return [{"feature": t["split_indices"], "value": short(t["split_conditions"]), "gain": short(t["loss_changes"]),
             "left": t["left_children"], "right": t["right_children"]} for t in booster]


def make_boosting():
    """XGBoost's trees and probabilities on columns of so few values that every value is a bin of its own; its bins of others."""
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
        (two, uneven, {"n_estimators": 12, "min_child_weight": 2.0}),
        (two, uneven, {"n_estimators": 20, "min_child_weight": 6.0}),
        (y, uneven, {"n_estimators": 8, "min_child_weight": 4.0}),
        (y, uneven, {"n_estimators": 10, "max_depth": 3, "learning_rate": 0.1, "reg_lambda": 4.0, "min_child_weight": 4.0}),
        (y, uneven, {"n_estimators": 8, "gamma": 1.5, "min_child_weight": 3.0}),
        (two, uneven, {"n_estimators": 20, "gamma": 3.0, "max_depth": 0, "min_child_weight": 3.0}),
        (y, uneven, {"n_estimators": 5, "max_delta_step": 0.5, "min_child_weight": 4.0}),
        (two, uneven, {"n_estimators": 10, "reg_alpha": 1.5, "min_child_weight": 2.0}),
        (y, uneven, {"n_estimators": 5, "reg_alpha": 0.7, "max_delta_step": 0.4, "reg_lambda": 0.5, "min_child_weight": 3.0}),
        (two, uneven, {"n_estimators": 10, "max_leaves": 5, "reg_lambda": 0.0, "min_child_weight": 2.0}),
        (two, uneven, {"n_estimators": 5, "max_depth": 4, "min_child_weight": 1.0}),
    ]:
        # Small nodes have ties, which rounding breaks: the first limit with which the order of columns does not matter.
        # (Which nodes `max_leaves` reaches depends on their order, not on that of the columns.)
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
                      "trees": trees_of(model),
                      "proba": short(model.predict_proba(x)), "other_proba": short(model.predict_proba(other)),
                      "importance": short(model.feature_importances_)})
    bins = []
    values = np.round(rng.gumbel(size=(400, 3)) * [1e4, 1e2, 10]).astype(np.float32)
    for weight, max_bin in [(None, 256), (rng.integers(1, 5, size=400), 256), (None, 200), (rng.integers(1, 5, size=400), 200)]:
        matrix = xgboost.QuantileDMatrix(values, label=np.zeros(400), weight=weight, max_bin=max_bin, nthread=1)
        pointers, cuts = matrix.get_quantile_cut()
        # The first of a column is below all values, the last above.
        bounds = [cuts[start + 1:end - 1].astype(float).tolist() for start, end in zip(pointers, pointers[1:])]
        bins.append({"max_bin": max_bin, "weight": None if weight is None else weight.tolist(), "bounds": bounds})
    write("boosting.json", {"xgboost": xgboost.__version__, "x": x.ravel().tolist(), "other": other.ravel().tolist(),
                            "cases": cases, "values": values.T.astype(float).tolist(), "bins": bins})


def make_stacking():
    """Probabilities of scikit-learn's stacks on given folds of whole groups, with members that draw nothing."""
    from sklearn import compose, ensemble, pipeline

    rng = np.random.default_rng(51)
    x = rng.normal(size=(180, 5))
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    other = rng.normal(size=(40, 5)).astype(np.float32)
    groups = np.arange(180) // 4
    three = np.digitize(x[:, 0] + x[:, 1] * x[:, 2] + 0.7 * rng.normal(size=180), [-0.7, 0.6])
    two = (three > 0).astype(int)
    fold_of_group = rng.permutation(45) % 4
    tests = [np.flatnonzero(fold_of_group[groups] == fold) for fold in range(4)]
    folds = [(np.setdiff1d(np.arange(180), test), test) for test in tests]

    def of(columns, model, scaled=True):
        steps = [compose.ColumnTransformer([("columns", "passthrough", columns)])]
        return pipeline.make_pipeline(*steps, *([preprocessing.StandardScaler()] if scaled else []), model)

    def logistic(c=1.0):
        return linear_model.LogisticRegression(C=c, solver="newton-cg", tol=1e-12, max_iter=10_000)

    exact = "logistic-regression(tol=1e-10, max_iter=10000)"
    members = [
        (exact, of([0, 1, 2, 3, 4], logistic())),
        (f"{exact}@b", of([3, 4], logistic())),
        ("k-nearest-neighbours(n_neighbors=9)@a", of([0, 1, 2], neighbors.KNeighborsClassifier(9))),
        ("logistic-regression(C=0.05, tol=1e-10, max_iter=10000)@a,b|none", of([0, 1, 2, 3, 4], logistic(0.05), False)),
    ]
    cases = []
    for y, chosen, passthrough in [(three, [0, 2, 3], False), (two, [1, 2, 3], False), (three, [2], True), (two, [0, 1, 2, 3], True)]:
        model = ensemble.StackingClassifier([(str(at), members[at][1]) for at in chosen], logistic(), cv=folds, passthrough=passthrough)
        model.fit(x, y)
        cases.append({"y": y.tolist(), "estimators": "; ".join(members[at][0] for at in chosen), "final_estimator": exact,
                      "passthrough": passthrough, "proba": model.predict_proba(x).ravel().tolist(),
                      "other_proba": model.predict_proba(other).ravel().tolist()})
    write("stacking.json", {"x": x.ravel().tolist(), "other": other.ravel().tolist(), "tests": [t.tolist() for t in tests],
                            "cases": cases})


def make_encoder():
    """What scikit-learn's TargetEncoder makes of categories, some of them missing, some of them new."""
    rng = np.random.default_rng(12)
    x = np.column_stack([rng.integers(0, 6, size=120), rng.integers(0, 40, size=120)]).astype(np.float32)
    x[rng.random(120) < 0.15, 0] = np.nan
    other = np.array([[0, 3], [5, 39], [np.nan, 99], [77, np.nan]], dtype=np.float32)
    three = rng.integers(0, 3, size=120)
    three[x[:, 0] < 2] = 1
    two = (three > 0).astype(int)
    cases = []
    for y in (two, three):
        for smooth in ("auto", 0.0, 12.5):
            encoder = preprocessing.TargetEncoder(smooth=smooth, categories="auto").fit(x.astype(np.float64), y)
            cases.append({"y": y.tolist(), "smooth": smooth, "encoded": encoder.transform(x.astype(np.float64)).ravel().tolist(),
                          "other": encoder.transform(other.astype(np.float64)).ravel().tolist()})
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in (*x, *other)]
    write("encoder.json", {"rows": rows, "n_train": 120, "cases": cases})


if __name__ == "__main__":
    make_splits()
    make_scaler()
    make_mlp()
    make_linear()
    make_tree()
    make_forest()
    make_neighbours()
    make_svc()
    make_boosting()
    make_stacking()
    make_encoder()
