"""Scores of `cratedigger evaluate` beside those of scikit-learn and XGBoost on the same folds, as a Markdown table.

    cargo build --release -p cratedigger
    python crates/learn/scripts/same_folds.py target/release/cratedigger SHARED/fma [METHOD ...]

Needs numpy, scikit-learn and xgboost. For each table the folds are drawn by scikit-learn, written as lists of track ids,
and both sides are trained and tested on them with their default parameters; features are standardised on the training rows
for the SVMs, the perceptron, logistic regression and the nearest neighbours, on both sides. `mfcc-2000` has 1,990 complete rows of 140 features
(Rock, Hip-Hop), stratified 5 folds; `echonest-13129` has 9,355 rows of 8 features in 12 genres, 5 folds by artist.

The perceptron, the tree and the forest are fitted with five seeds on both sides, since one seed moves their accuracy by up to a point; the
table has the mean and the standard deviation over the seeds (n - 1).
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "benches"))
from peers import genre_of_track, peer, table  # noqa: E402

REQUIRED = {
    "mfcc-2000": {"linear-svc": 0.90, "decision-tree": 0.81, "mlp": 0.908, "gradient-boosting": 0.910},
    "echonest-13129": {"linear-svc": 0.56, "decision-tree": 0.50, "mlp": 0.615, "gradient-boosting": 0.618},
}
METHODS = ["linear-svc", "decision-tree", "mlp", "gradient-boosting", "logistic-regression", "k-nearest-neighbours", "svc",
           "random-forest", "majority"]
SEEDS = {"mlp": [0, 1, 2, 3, 4], "decision-tree": [0, 1, 2, 3, 4], "random-forest": [0, 1, 2, 3, 4]}


def load(fma, name):
    file, n_columns, folder = {
        "mfcc-2000": ("features.csv", 140, "mfcc-2000"),
        "echonest-13129": ("echonest.csv", 8, "echonest-13129"),
    }[name]
    ids, x = table(fma / folder / file, n_columns)
    known = genre_of_track(fma / folder / "tracks.csv")
    keep = np.array([bool(known[i][0]) for i in ids])
    ids, x = ids[keep], x[keep]
    genres = sorted({known[i][0] for i in ids})
    y = np.array([genres.index(known[i][0]) for i in ids])
    return ids, x, y, np.array([known[i][1] for i in ids])


def folds_of(name, x, y, artist):
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if name == "mfcc-2000":
        return [t for _, t in StratifiedKFold(5, shuffle=True, random_state=0).split(x, y)]
    return [t for _, t in StratifiedGroupKFold(5, shuffle=True, random_state=0).split(x, y, artist)]


def ours(binary, folder, name, method, folds_file, seed):
    features = ["--features", "echonest"] if name.startswith("echonest") else []
    command = [binary, "evaluate", str(folder), "--method", method, *features, "--folds", str(folds_file),
               "--seed", str(seed), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def theirs(method, x, y, tests, seed):
    from sklearn.preprocessing import StandardScaler

    accuracy = []
    for test in tests:
        train = np.setdiff1d(np.arange(len(y)), test)
        model, scale = peer(method)
        if "random_state" in model.get_params():
            model.set_params(random_state=seed)
        train_x, test_x = x[train], x[test]
        if scale:
            scaler = StandardScaler().fit(train_x)
            train_x, test_x = scaler.transform(train_x), scaler.transform(test_x)
        model.fit(train_x, y[train])
        accuracy.append(float((model.predict(test_x) == y[test]).mean()))
    return float(np.mean(accuracy))


def told(scores):
    """The mean, with the spread over the seeds where there are several."""
    spread = f" ± {np.std(scores, ddof=1):.4f}" if len(scores) > 1 else ""
    return f"{np.mean(scores):.4f}{spread}"


def main():
    warnings.simplefilter("ignore")
    binary, fma = sys.argv[1], pathlib.Path(sys.argv[2])
    methods = sys.argv[3:] or METHODS
    print("| table | method | cratedigger | scikit-learn / XGBoost | required |\n|---|---|---|---|---|")
    short = []
    for name in REQUIRED:
        ids, x, y, artist = load(fma, name)
        tests = folds_of(name, x, y, artist)
        with tempfile.TemporaryDirectory() as folder:
            folds_file = pathlib.Path(folder) / "folds.json"
            folds_file.write_text(json.dumps([ids[test].tolist() for test in tests]))
            for method in methods:
                seeds = SEEDS.get(method, [0])
                results = [ours(binary, fma / name, name, method, folds_file, seed) for seed in seeds]
                if results[0]["n_rows"] != len(y):
                    sys.exit(f"{name}: cratedigger has {results[0]['n_rows']} rows, the script {len(y)}")
                mine = [result["mean_accuracy"] for result in results]
                other = [theirs(method, x, y, tests, seed) for seed in seeds]
                need = REQUIRED[name].get(method)
                print(f"| {name} | {method} | {told(mine)} | {told(other)} | {'' if need is None else need} |", flush=True)
                mine = float(np.mean(mine))
                if need is not None and mine < need:
                    short.append(f"{name}, {method}: {mine:.4f} < {need}")
    if short:
        sys.exit("below what is required: " + "; ".join(short))


if __name__ == "__main__":
    main()
