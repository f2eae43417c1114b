"""The study's grid with `cratedigger tune` and with scikit-learn's GridSearchCV(n_jobs=2), on the same rows, in one run.

    cargo build --release -p cratedigger
    python crates/learn/benches/tune_peer.py target/release/cratedigger --rows 5124 --max-iter 200

Rows: standardised synthetic rows x 518 features in 3 classes, as of `peers.py`. Candidates: hidden_layer_sizes x solver x alpha
x learning_rate (24), times the values of --max-iter. 5 stratified folds. Prints wall and processor time of both and the
best mean accuracies. Needs numpy, pyarrow and scikit-learn; --skip-peer runs cratedigger alone.
"""
import argparse
import csv
import json
import os
import pathlib
import resource
import subprocess
import tempfile
import time
import warnings

# The peers' matrix products as their library chooses them: an instruction set forced from outside would slow them down.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import numpy as np  # noqa: E402

GRID = {
    "hidden_layer_sizes": [[100], [50, 50, 50], [50, 100, 50]],
    "solver": ["adam", "sgd"],
    "alpha": [0.0001, 0.05],
    "learning_rate": ["constant", "adaptive"],
}


def rows(n):
    from sklearn.datasets import make_classification
    from sklearn.preprocessing import StandardScaler

    x, y = make_classification(n_samples=n, n_features=518, n_informative=60, n_redundant=200, n_classes=3, class_sep=1.0,
                               flip_y=0.1, random_state=0)
    return StandardScaler().fit_transform(x).astype(np.float32), y


def processor_time(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def ours(binary, folder, x, y, grid):
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"track_id": pa.array(np.arange(len(y)))}
    columns |= {f"x.mean.{i:03d}": pa.array(x[:, i].astype(float)) for i in range(x.shape[1])}
    pq.write_table(pa.table(columns), folder / "features.parquet")
    with open(folder / "labels.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "genre"])
        out.writerows((i, "abc"[label]) for i, label in enumerate(y))
    toml = "".join(f"{name} = {json.dumps(values)}\n" for name, values in grid.items())
    (folder / "space.toml").write_text(toml)
    before, started = processor_time(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([binary, "tune", "features.parquet", "--labels", "labels.csv", "--space", "space.toml", "--split", "stratified",
                    "--out", "best.cdmodel", "--table", "table.csv", "--jobs", "2"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    wall, used = time.perf_counter() - started, processor_time(resource.RUSAGE_CHILDREN) - before
    with open(folder / "table.csv", newline="") as file:
        table = list(csv.DictReader(file))
    means = sorted(float(row["mean_test_score"]) for row in table)
    return wall, used, means


def peer(x, y, grid):
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.neural_network import MLPClassifier

    os.environ["PYTHONWARNINGS"] = "ignore"
    warnings.simplefilter("ignore")
    search = GridSearchCV(MLPClassifier(random_state=0), grid, cv=StratifiedKFold(5, shuffle=True, random_state=0), n_jobs=2)
    both = (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    before, started = sum(map(processor_time, both)), time.perf_counter()
    search.fit(x, y)
    wall = time.perf_counter() - started
    # The workers' time counts once they have ended.
    from joblib.externals.loky import get_reusable_executor
    get_reusable_executor().shutdown(wait=True)
    used = sum(map(processor_time, both)) - before
    return wall, used, sorted(search.cv_results_["mean_test_score"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=25621)
    parser.add_argument("--max-iter", default="100,200")
    parser.add_argument("--skip-peer", action="store_true")
    args = parser.parse_args()
    grid = GRID | {"max_iter": [int(n) for n in args.max_iter.split(",")]}
    n = int(np.prod([len(values) for values in grid.values()]))
    x, y = rows(args.rows)
    print(f"{n} candidates x 5 folds, {len(y)} rows x {x.shape[1]} features, 3 classes")
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        results["cratedigger tune"] = ours(str(args.binary.resolve()), pathlib.Path(folder), x, y, grid)
    if not args.skip_peer:
        results["GridSearchCV(n_jobs=2)"] = peer(x, y, grid)
    for name, (wall, used, means) in results.items():
        print(f"{name:24} {wall:8.1f} s, processor {used:8.1f} s; mean accuracy: best {means[-1]:.4f}, median {means[len(means) // 2]:.4f}")
    if len(results) == 2:
        (a, b, _), (c, d, _) = results.values()
        print(f"{c / a:.2f} times as fast by the clock, {d / b:.2f} times by processor time")


if __name__ == "__main__":
    main()
