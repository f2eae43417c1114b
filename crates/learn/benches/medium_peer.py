"""Fit and predict of methods beside scikit-learn's on rows of the shape of the dataset's subset medium, as a Markdown table.

    cargo build --release -p cratedigger-learn --example compare
    python crates/learn/benches/medium_peer.py target/release/examples/compare METHOD[,METHOD ...] [ROUNDS]

19,922 x 518 standardised synthetic rows in 16 classes of the sizes of the genres of medium, and 2,573 rows to predict: the
official split's training and test side. float32 for cratedigger and for scikit-learn where it takes it. Both sides standardise as
part of the fit where the method wants it; each runs in a process of its own, in turn, with two threads (scikit-learn's support
vector machines take one); the best of ROUNDS (1).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

N_TRAIN, N_TEST = 19_922, 2_573
GENRES = [7103, 6314, 2251, 2201, 1519, 1350, 1186, 1018, 619, 510, 384, 178, 154, 118, 74, 21]
THREADS = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "RAYON_NUM_THREADS": "2"}


def export(folder):
    import numpy as np
    import peers
    from sklearn.datasets import make_classification
    from sklearn.preprocessing import StandardScaler

    shares = np.array(GENRES) / sum(GENRES)
    x, y = make_classification(n_samples=N_TRAIN + N_TEST, n_features=518, n_informative=60, n_redundant=200, n_classes=16,
                               n_clusters_per_class=2, weights=shares[:-1], class_sep=1.5, flip_y=0.1, random_state=0)
    peers.write(folder, "medium", StandardScaler().fit_transform(x), y, [np.arange(N_TRAIN, N_TRAIN + N_TEST)])


def run_peer(folder, method):
    import warnings

    import numpy as np
    import peers
    from sklearn.preprocessing import StandardScaler

    warnings.simplefilter("ignore")
    x, y, [test] = peers.read(folder)
    train = np.setdiff1d(np.arange(len(y)), test)
    model, scaled = peers.peer(method)
    started, cpu = time.perf_counter(), time.process_time()
    scaler = StandardScaler().fit(x[train]) if scaled else None
    model.fit(scaler.transform(x[train]) if scaled else x[train], y[train])
    fitted = time.perf_counter()
    predicted = model.predict(scaler.transform(x[test]) if scaled else x[test])
    print(json.dumps({"mean_accuracy": float((predicted == y[test]).mean()), "fit_seconds": fitted - started,
                      "predict_seconds": time.perf_counter() - fitted, "cpu_seconds": time.process_time() - cpu}))


def main(compare, methods, rounds):
    import sklearn

    print(f"| method | scikit-learn {sklearn.__version__} or ours | fit, s | predict, s | CPU, s | ratio | ratio of CPU | accuracy |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        export(pathlib.Path(folder))
        table = str(pathlib.Path(folder) / "medium")
        for method in methods:
            best = {}
            for _ in range(rounds):
                for name, command in {"cratedigger": [compare, table, method, "0", "2"],
                                      "scikit-learn": [sys.executable, __file__, "--peer", table, method]}.items():
                    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **THREADS})
                    result = json.loads(done.stdout.strip().splitlines()[-1])
                    result["sum"] = result["fit_seconds"] + result["predict_seconds"]
                    best[name] = min(best.get(name, result), result, key=lambda result: result["sum"])
            for name, r in best.items():
                ours = best["cratedigger"]
                print(f"| {method} | {name} | {r['fit_seconds']:.2f} | {r['predict_seconds']:.2f} | {r['cpu_seconds']:.1f} | "
                      f"{r['sum'] / ours['sum']:.1f} | {r['cpu_seconds'] / ours['cpu_seconds']:.1f} | "
                      f"{r['mean_accuracy']:.4f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--export":
        export(pathlib.Path(sys.argv[2]))
    elif sys.argv[1] == "--peer":
        run_peer(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
