"""What the way through Python costs, in pairs in one go: python crates/python/scripts/measure.py extract CLIPS… | predict EXAMPLE

`extract`: the command and `extract_many` on the same files, turn by turn. `predict`: `predict_proba` of 25,621 x 518 rows by a
perceptron, by logistic regression and by boosting, and the same by EXAMPLE, which is
`cargo build --release -p cratedigger-learn --example predict_seconds`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import cratedig


def told(what: str, ours: list[float], theirs: list[float]) -> None:
    """Medians, and the median of the ratios of pairs."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    print(
        f"{what}: Python {statistics.median(ours):.4f} s, without {statistics.median(theirs):.4f} s, "
        f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}, {len(ratios)} pairs)"
    )


def extract(files: list[str], n_rounds: int = 7) -> None:
    """The command and Python, each with its helpers, and each writing Parquet."""
    import pyarrow.parquet as pq

    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "f.parquet"
        for _ in range(n_rounds):
            started = time.perf_counter()
            subprocess.run(
                [cratedig.program(), "--quiet", "extract", "--force", f"--out={out}", *files],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            theirs.append(time.perf_counter() - started)
            started = time.perf_counter()
            pq.write_table(cratedig.extract_many(files).to_arrow(), Path(folder) / "g.parquet")
            ours.append(time.perf_counter() - started)
    told(f"extraction of {len(files)} files", ours, theirs)


def predict(example: str, n_rounds: int = 5, n_rows: int = 25_621) -> None:
    """The same model and rows, here and there."""
    from cratedig.sklearn import GradientBoostingClassifier, LogisticRegression, MLPClassifier

    random = np.random.default_rng(0)
    x = random.normal(size=(n_rows, 518)).astype(np.float32)
    y = np.argmax(x[:, :8] + random.normal(size=(n_rows, 8)), axis=1)
    methods = [MLPClassifier(max_iter=2), LogisticRegression(max_iter=5), GradientBoostingClassifier(n_estimators=20)]
    with tempfile.TemporaryDirectory() as folder:
        file, rows = Path(folder) / "m.cdmodel", Path(folder) / "rows"
        rows.write_bytes(x.tobytes())
        for method in methods:
            model = method.fit(x[:4000], y[:4000]).to_model()
            model.save(file)
            ours, theirs = [], []
            for _ in range(n_rounds):
                for _ in range(5):
                    started = time.perf_counter()
                    found = model.predict_proba(x)
                    ours.append(time.perf_counter() - started)
                done = subprocess.run([example, str(file), str(rows), "5"], capture_output=True, text=True, check=True)
                lines = [line.split() for line in done.stdout.splitlines()]
                assert np.isclose(float(lines[0][1]), found.sum(), rtol=1e-12)
                theirs += [float(line[0]) for line in lines]
            told(f"predict_proba by {type(method).__name__}", ours, theirs)


def main() -> None:
    """Measures what is asked."""
    match sys.argv[1:]:
        case ["extract", *files] if files:
            extract(files)
        case ["predict", example]:
            predict(example)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
