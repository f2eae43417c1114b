"""What temperatures cost and bring, simulated: on the rows they were fitted on, on others like them, and on others unlike them.

    pip install numpy scipy
    python crates/learn/scripts/simulate_temperature.py

Rows are drawn as a model sees them: the true class, and logits that are too bold or too modest by a known factor. The
temperature is fitted as `TemperatureScaling::fit` does (smoothed targets, the least temperature that the mistakes allow) and
by plain maximum likelihood. `like` are 5,000 other rows of the same kind; `unlike` are rows of which some are drawn with another
class than the model saw. Every run is held against the bounds that the documentation states. Deterministic; about a minute.
"""
import numpy as np
from scipy import optimize, special

RUNS = 200
LEAST, MOST = np.exp(-10), np.exp(10)


def losses(logits, y, beta):
    return -special.log_softmax(beta * logits, axis=1)[np.arange(len(y)), y]


def inverse_temperature(logits, y, smoothing):
    n, n_classes = logits.shape
    target = (n * np.eye(n_classes)[y] + smoothing / n_classes) / (n + smoothing)

    def slope(beta):
        return ((special.softmax(beta * logits, axis=1) - target) * logits).sum()

    if slope(MOST) <= 0:
        return MOST
    if slope(LEAST) >= 0:
        return LEAST
    return optimize.brentq(slope, LEAST, MOST)


def fit(logits, y):
    n_wrong = (logits.max(axis=1) > logits[np.arange(len(y)), y]).sum()
    return min(inverse_temperature(logits, y, 2), 1 + np.sqrt(1 + n_wrong))


def draw(rng, n, n_classes, strength, factor):
    """Rows whose true posterior is softmax(z), told as softmax(factor z)."""
    y = rng.integers(n_classes, size=n)
    z = strength * (rng.normal(size=(n, n_classes)) + strength * np.eye(n_classes)[y])
    return factor * z, y


def shifted(rng, logits, y, share):
    """Some rows get another class than the one that they look like."""
    n_classes = logits.shape[1]
    away = rng.integers(1, n_classes, size=len(y))
    return np.where(rng.random(len(y)) < share, (y + away) % n_classes, y)


def tree(rng, n, n_classes, right):
    y = rng.integers(n_classes, size=n)
    said = np.where(rng.random(n) < right, y, (y + rng.integers(1, n_classes, size=n)) % n_classes)
    return np.log(np.eye(n_classes)[said] + 1e-12), y


def all_right(rng, n, _n_classes, _unused):
    """The issue's case: two classes, small margins, no mistake."""
    y = rng.integers(2, size=n)
    margin = rng.uniform(0.02, 0.5, size=n)
    return np.stack([np.where(y == 0, margin, 0), np.where(y == 1, margin, 0)], axis=1), y


def simulate(name, make, n, n_classes):
    rng = np.random.default_rng([n, n_classes, len(name)])
    rows = []
    for _ in range(RUNS):
        logits, y = make(rng, n)
        like, like_y = make(rng, 5_000)
        unlike_y = shifted(rng, like, like_y, 0.17)
        ours, plain = fit(logits, y), inverse_temperature(logits, y, 0)
        mean = lambda z, labels, beta: losses(z, labels, beta).mean()
        before = [mean(logits, y, 1), mean(like, like_y, 1), mean(like, unlike_y, 1)]
        after = [mean(logits, y, ours), mean(like, like_y, ours), mean(like, unlike_y, ours)]
        by_plain = [mean(like, like_y, plain), mean(like, unlike_y, plain)]
        # The bounds of the documentation: every row of any kind, and the rows of the fit.
        for labels in (like_y, unlike_y):
            one, scaled = losses(like, labels, 1), losses(like, labels, ours)
            bound = ours * one if ours >= 1 else ours * one + (1 - ours) * np.log(n_classes)
            assert (scaled <= bound + 1e-9).all(), (name, ours)
        all_classes = -special.log_softmax(logits, axis=1).mean()
        allowed = 0 if ours >= 1 else 2 / n * (all_classes - np.log(n_classes))
        assert after[0] <= before[0] + allowed + 1e-9, (name, before[0], after[0], allowed)
        rows.append([1 / ours, 1 / plain, before[1], after[1], by_plain[0], before[2], after[2], by_plain[1]])
    rows = np.array(rows)
    t, t_plain = np.quantile(rows[:, 0], [0.05, 0.95]), np.quantile(rows[:, 1], [0.05, 0.95])
    m = rows.mean(axis=0)
    worst = (rows[:, 3] - rows[:, 2]).max(), (rows[:, 4] - rows[:, 2]).max()
    print(f"| {name} | {n} | {t[0]:.3g} – {t[1]:.3g} | {t_plain[0]:.3g} – {t_plain[1]:.3g} | {m[2]:.3f} | {m[3]:.3f} | {m[4]:.3f} "
          f"| {worst[0]:+.3f} | {worst[1]:+.3f} | {m[5]:.3f} | {m[6]:.3f} | {m[7]:.3f} |", flush=True)


def main():
    print("| model | rows | T (5-95 %) | T plain | like: before | after | plain | worst | worst plain | unlike: before | after | plain |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for n in (20, 150, 1000):
        simulate("all right, not sure", lambda rng, n: all_right(rng, n, 2, None), n, 2)
    for n in (20, 150, 1000):
        simulate("nearly all right", lambda rng, n: draw(rng, n, 3, 2.2, 0.5), n, 3)
    for name, factor in [("true to its word", 1.0), ("5 times too bold", 5.0), ("5 times too modest", 0.2)]:
        for n in (20, 150, 1000):
            simulate(name, lambda rng, n: draw(rng, n, 8, 1.0, factor), n, 8)
    for n in (20, 150, 1000):
        simulate("tree, 60 % right", lambda rng, n: tree(rng, n, 8, 0.6), n, 8)
    print("every run within the bounds")


if __name__ == "__main__":
    main()
