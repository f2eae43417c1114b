"""Writes temperature.json of this folder: the least smoothed log loss, by scipy.optimize. Needs numpy and scipy.

    python crates/learn/tests/golden/make_temperature.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import optimize, special

HERE = pathlib.Path(__file__).parent
LEAST, MOST = np.exp(-10), np.exp(10)


def objective(logits, y, beta):
    """Mean cross entropy of softmax(beta z) against (n [k = y] + 2 / K) / (n + 2)."""
    n, n_classes = logits.shape
    target = (n * np.eye(n_classes)[y] + 2 / n_classes) / (n + 2)
    return -(target * special.log_softmax(beta * logits, axis=1)).sum(axis=1).mean()


def case(name, kind, y, scores):
    logits = np.log(scores + 1e-12) if kind == "proba" else scores
    n, n_classes = logits.shape
    target = (n * np.eye(n_classes)[y] + 2 / n_classes) / (n + 2)

    def slope(beta):
        return ((special.softmax(beta * logits, axis=1) - target) * logits).sum(axis=1).mean()

    beta = optimize.brentq(slope, LEAST, MOST, xtol=1e-300, rtol=4 * np.finfo(float).eps)
    # The same without a derivative, as far as a flat minimum can be found so.
    found = optimize.minimize_scalar(lambda at: objective(logits, y, np.exp(at)), bounds=(-10, 10), method="bounded", options={"xatol": 1e-10})
    assert abs(found.x - np.log(beta)) < 1e-4, (name, found.x, np.log(beta))
    n_wrong = int((logits.max(axis=1) > logits[np.arange(n), y]).sum())
    limit = 1 + np.sqrt(1 + n_wrong)
    used = min(beta, limit) if kind == "proba" else beta
    proba = special.softmax(used * logits, axis=1)
    print(f"{name:12} {kind:8} n {n:4} wrong {n_wrong:3} beta {beta:9.4f} used {used:8.4f} "
          f"log loss {-special.log_softmax(logits, axis=1)[np.arange(n), y].mean():8.4f} -> "
          f"{-np.log(proba[np.arange(n), y]).mean():7.4f}")
    return {"name": name, "kind": kind, "n_cols": n_classes, "y": y.tolist(), "scores": scores.ravel().tolist(), "beta": beta,
            "n_wrong": n_wrong, "used": used, "proba": proba.ravel().tolist()}


def main():
    rng = np.random.default_rng(12)
    cases = []
    # A grown tree: all of the probability in one class, which is right in seven of ten rows.
    y = rng.integers(3, size=120)
    said = np.where(rng.random(120) < 0.7, y, rng.integers(3, size=120))
    cases.append(case("tree", "proba", y, np.eye(3)[said]))
    # Nine of ten trees agree: some zeros.
    votes = rng.multinomial(8, [0.5, 0.2, 0.2, 0.1], size=90)
    y = rng.integers(4, size=90)
    votes = np.array([np.roll(v, k) for v, k in zip(votes, y)])
    cases.append(case("votes", "proba", y, votes / 8))
    # Every row right and none of them sure.
    y = np.arange(150) % 2
    margin = rng.uniform(0.05, 0.5, size=150)
    p = special.expit(margin)
    cases.append(case("separable", "proba", y, np.where(np.eye(2)[y] > 0, p[:, None], 1 - p[:, None])))
    # The same as decision values, which may have any scale.
    cases.append(case("margins", "decision", y, np.where(np.eye(2)[y] > 0, margin[:, None], -margin[:, None]) / 50))
    # Much too sure, and not sure enough.
    for name, factor in [("bold", 5.0), ("modest", 0.3)]:
        y = rng.integers(5, size=200)
        logits = rng.normal(size=(200, 5)) + 1.2 * np.eye(5)[y]
        cases.append(case(name, "proba", y, special.softmax(factor * logits, axis=1)))
        cases.append(case(name, "decision", y, factor * logits))
    content = {"made_by": "make_temperature.py", "scipy": scipy.__version__, "numpy": np.__version__, "cases": cases}
    (HERE / "temperature.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
