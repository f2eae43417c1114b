"""Fits scikit-learn's and XGBoost's classifiers on the tables of `examples/compare.rs`, on the same rows.

    python crates/learn/benches/peers.py export DIR          writes the tables and folds both sides read
    python crates/learn/benches/peers.py run DIR/NAME METHOD  prints accuracy and fit time of the Python peer
    python crates/learn/benches/peers.py table COMPARE DIR/speed ROUNDS [METHOD ...]
                                      runs both sides in turn, ROUNDS times, and prints the best times as a Markdown table

COMPARE is the compiled example (`target/release/examples/compare`). Both sides get two threads.

Tables: `speed` (25,621 x 518 standardised synthetic rows in 3 classes, one hold-out of 25 %), and where the shared data
are present `mfcc` (1,990 x 140) and `echonest` and `echonest-artist` (9,355 x 8, 12 genres; folds plain and by artist),
5 folds each. A table is a folder with `x.f32` (little-endian, row after row) and `meta.json`.
"""
import csv
import json
import os
import pathlib
import sys
import time

# The peers' matrix products as their library chooses them: an instruction set forced from outside would slow them down.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import numpy as np  # noqa: E402


def shared():
    given = os.environ.get("CRATEDIGGER_SHARED")
    return pathlib.Path(given) if given else pathlib.Path(__file__).parents[4] / "shared"


def write(folder, name, x, y, tests, groups=None):
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    x.astype("<f4").tofile(folder / "x.f32")
    meta = {"n_rows": len(x), "n_cols": x.shape[1], "n_classes": int(y.max()) + 1, "y": y.tolist(),
            "groups": None if groups is None else groups.tolist(), "tests": [t.tolist() for t in tests]}
    (folder / "meta.json").write_text(json.dumps(meta))


def read(folder):
    folder = pathlib.Path(folder)
    meta = json.loads((folder / "meta.json").read_text())
    x = np.fromfile(folder / "x.f32", dtype="<f4").reshape(meta["n_rows"], meta["n_cols"])
    return x, np.array(meta["y"]), [np.array(t) for t in meta["tests"]]


def labels():
    with open(shared() / "fma" / "labels.csv", newline="") as file:
        return {int(r["track_id"]): (r["genre_top"], int(r["artist_id"])) for r in csv.DictReader(file)}


def table(path, n_columns):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[4:]
    ids, values = [], []
    for row in rows:
        cells = row[1:1 + n_columns]
        if all(cells):
            ids.append(int(row[0]))
            values.append([float(cell) for cell in cells])
    return np.array(ids), np.array(values, dtype=np.float32)


def genre_of_track(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    column = next(i for i, (a, b) in enumerate(zip(rows[0], rows[1])) if (a, b) == ("track", "genre_top"))
    artist = next(i for i, (a, b) in enumerate(zip(rows[0], rows[1])) if (a, b) == ("artist", "id"))
    return {int(r[0]): (r[column], int(r[artist])) for r in rows[3:]}


def export(folder):
    from sklearn.datasets import make_classification
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split
    from sklearn.preprocessing import StandardScaler

    x, y = make_classification(n_samples=34162, n_features=518, n_informative=60, n_redundant=200, n_classes=3,
                               class_sep=1.0, flip_y=0.1, random_state=0)
    x = StandardScaler().fit_transform(x)
    _, test = train_test_split(np.arange(len(y)), test_size=8541, stratify=y, random_state=0)
    write(folder, "speed", x, y, [np.sort(test)])
    fma = shared() / "fma"
    if not fma.exists():
        print(f"skipped the real tables: {fma} is absent", file=sys.stderr)
        return
    for name, file, n_columns in [("mfcc", "mfcc-2000/features.csv", 140), ("echonest", "echonest-13129/echonest.csv", 8)]:
        ids, x = table(fma / file, n_columns)
        known = genre_of_track(fma / file.split("/")[0] / "tracks.csv")
        keep = np.array([bool(known[i][0]) for i in ids])
        ids, x = ids[keep], x[keep]
        genres = sorted({known[i][0] for i in ids})
        y = np.array([genres.index(known[i][0]) for i in ids])
        artist = np.array([known[i][1] for i in ids])
        print(name, x.shape, genres)
        folds = StratifiedKFold(5, shuffle=True, random_state=0).split(x, y)
        write(folder, name, x, y, [t for _, t in folds], artist)
        if name == "echonest":
            folds = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(x, y, artist)
            write(folder, "echonest-artist", x, y, [t for _, t in folds], artist)


def peer(method):
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC, LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    if method == "gradient-boosting":
        import xgboost

        return xgboost.XGBClassifier(n_jobs=2, random_state=0), False
    return {
        "linear-svc": (LinearSVC(random_state=0), True),
        "decision-tree": (DecisionTreeClassifier(random_state=0), False),
        "mlp": (MLPClassifier(random_state=0), True),
        "logistic-regression": (LogisticRegression(), True),
        "k-nearest-neighbours": (KNeighborsClassifier(algorithm="brute"), True),
        "svc": (SVC(), True),
        "random-forest": (RandomForestClassifier(n_jobs=2, random_state=0), False),
        "majority": (DummyClassifier(), False),
    }[method]


def run(folder, method, dtype=np.float32):
    import warnings

    from sklearn.preprocessing import StandardScaler

    warnings.simplefilter("ignore")
    x, y, tests = read(folder)
    x = x.astype(dtype)
    accuracy, seconds, cpu_seconds = [], 0.0, 0.0
    for test in tests:
        train = np.setdiff1d(np.arange(len(y)), test)
        model, scale = peer(method)
        train_x, test_x = x[train], x[test]
        started, cpu_started = time.perf_counter(), time.process_time()
        if scale:
            scaler = StandardScaler().fit(train_x)
            train_x, test_x = scaler.transform(train_x), scaler.transform(test_x)
        model.fit(train_x, y[train])
        seconds += time.perf_counter() - started
        cpu_seconds += time.process_time() - cpu_started
        accuracy.append(float((model.predict(test_x) == y[test]).mean()))
    n_iter = getattr(model, "n_iter_", None)
    n_iter = None if n_iter is None else int(np.max(n_iter))
    print(json.dumps({"peer": True, "dtype": np.dtype(dtype).name, "method": method, "mean_accuracy": float(np.mean(accuracy)),
                      "fold_accuracy": accuracy, "fit_seconds": seconds, "cpu_seconds": cpu_seconds, "n_iter_of_last": n_iter}))


def speed_table(compare, folder, rounds, methods):
    import subprocess

    environment = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "RAYON_NUM_THREADS": "2"}

    def last_line(command):
        out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        return json.loads(out.strip().splitlines()[-1])

    print("| method | ours, s | peer, s | ratio | ours, CPU s | peer, CPU s | ratio | ours, accuracy | peer, accuracy |")
    print("|---|---|---|---|---|---|---|---|---|")
    for method in methods:
        ours, peers = [], []
        for _ in range(rounds):
            ours.append(last_line([compare, folder, method, "0", "2"]))
            peers.append(last_line([sys.executable, __file__, "run", folder, method]))
        cells = []
        for key in ("fit_seconds", "cpu_seconds"):
            mine, other = (min(result[key] for result in results) for results in (ours, peers))
            cells += [f"{mine:.1f}", f"{other:.1f}", f"{other / mine:.1f}"]
        cells += [f"{results[0]['mean_accuracy']:.4f}" for results in (ours, peers)]
        print(f"| {method} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(pathlib.Path(sys.argv[2]))
    elif sys.argv[1] == "table":
        known = ["linear-svc", "decision-tree", "mlp", "gradient-boosting", "logistic-regression"]
        speed_table(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:] or known)
    else:
        run(sys.argv[2], sys.argv[3], np.float64 if "--f64" in sys.argv else np.float32)
