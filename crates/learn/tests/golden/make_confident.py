"""Writes confident.json: confident learning by cleanlab on given probabilities. Needs cleanlab, numpy and scikit-learn.

    python crates/learn/tests/golden/make_confident.py
"""
import json
import pathlib

import cleanlab
import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores, order_label_issues

HERE = pathlib.Path(__file__).parent
FILTERS = ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning"]


def case(seed, n, n_classes, sharpness, noise, absent=None, rare=None):
    rng = np.random.default_rng(seed)
    true = rng.choice(n_classes, size=n, p=rng.dirichlet(np.full(n_classes, 4.0)))
    y = np.where(rng.random(n) < noise, rng.integers(0, n_classes, n), true)
    if absent is not None:
        y[y == absent] = (absent + 1) % n_classes
    if rare is not None:
        y[y == rare] = (rare + 1) % n_classes
        y[0] = rare
    logits = rng.normal(size=(n, n_classes)) + sharpness * np.eye(n_classes)[true]
    proba = np.exp(logits)
    proba = np.round(proba / proba.sum(1, keepdims=True), 6)
    own, margin = (get_label_quality_scores(y, proba, method=m) for m in ("self_confidence", "normalized_margin"))
    issues = {name: find_label_issues(y, proba, filter_by=name, n_jobs=1) for name in FILTERS}
    found = issues["prune_by_noise_rate"]
    if rare is not None:
        assert compute_confident_joint(y, proba, calibrate=False)[rare].sum() == 1
    # No tie has to be broken among what is ordered.
    assert len(set(own[found])) == len(set(margin[found])) == found.sum()
    ranked = lambda by: order_label_issues(found, y, proba, rank_by=by).tolist()
    return {
        "n_classes": n_classes, "y": y.tolist(), "proba": proba.ravel().tolist(),
        "thresholds": np.asarray(get_confident_thresholds(y, proba)).tolist(),
        "counts": compute_confident_joint(y, proba, calibrate=False).tolist(),
        "calibrated": compute_confident_joint(y, proba).tolist(),
        **{name: np.flatnonzero(mask).tolist() for name, mask in issues.items()},
        "self_confidence": own.tolist(), "normalized_margin": margin.tolist(),
        "by_self_confidence": ranked("self_confidence"), "by_normalized_margin": ranked("normalized_margin"),
    }


cases = [
    case(1, 120, 2, 2.0, 0.1),
    case(2, 150, 3, 2.5, 0.15),
    case(3, 200, 5, 2.0, 0.2),
    case(4, 120, 4, 2.0, 0.1, absent=2),
    # The one row of class 1 is of no other class confidently: halves of it would be rounded in an order that cleanlab leaves open.
    case(8, 100, 4, 1.5, 0.3, rare=1),
    case(6, 160, 6, 0.5, 0.4),
]
content = {"made_by": "make_confident.py", "cleanlab": cleanlab.__version__, "numpy": np.__version__, "cases": cases}
(HERE / "confident.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
