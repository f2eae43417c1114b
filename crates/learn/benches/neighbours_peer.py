"""Fit and predict of the k nearest neighbours beside scikit-learn's, two threads on both sides, as a Markdown table.

    cargo build --release -p cratedigger-learn --example compare
    python crates/learn/benches/neighbours_peer.py target/release/examples/compare [ROUNDS]

20,000 x 518 standardised synthetic rows in 3 classes and 2,000 rows to predict, float32 on both sides. Both sides
standardise as part of the fit; each runs in a process of its own, in turn; the best of ROUNDS (2).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

N_TRAIN, N_TEST = 20_000, 2_000
THREADS = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "RAYON_NUM_THREADS": "2"}


def export(folder):
    import numpy as np
    import peers
    from sklearn.datasets import make_classification
    from sklearn.preprocessing import StandardScaler

    x, y = make_classification(n_samples=N_TRAIN + N_TEST, n_features=518, n_informative=60, n_redundant=200, n_classes=3,
                               class_sep=1.0, flip_y=0.1, random_state=0)
    peers.write(folder, "neighbours", StandardScaler().fit_transform(x), y, [np.arange(N_TRAIN, N_TRAIN + N_TEST)])


def run_peer(folder):
    import time

    import numpy as np
    import peers

    from sklearn.preprocessing import StandardScaler

    x, y, [test] = peers.read(folder)
    train = np.setdiff1d(np.arange(len(y)), test)
    model, _ = peers.peer("k-nearest-neighbours")
    times = [time.perf_counter()]
    scaler = StandardScaler().fit(x[train])
    model.fit(scaler.transform(x[train]), y[train])
    times.append(time.perf_counter())
    predicted = model.predict(scaler.transform(x[test]))
    times.append(time.perf_counter())
    print(json.dumps({"mean_accuracy": float((predicted == y[test]).mean()), "fit_seconds": times[1] - times[0],
                      "predict_seconds": times[2] - times[1]}))


def main(compare, rounds):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        export(folder)
        table = str(folder / "neighbours")
        commands = {"cratedigger": [compare, table, "k-nearest-neighbours", "0", "2"],
                    "scikit-learn": [sys.executable, __file__, "--peer", table]}
        best = {}
        for _ in range(rounds):
            for name, command in commands.items():
                out = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **THREADS}).stdout
                result = json.loads(out.strip().splitlines()[-1])
                result["sum"] = result["fit_seconds"] + result["predict_seconds"]
                best[name] = min(best.get(name, result), result, key=lambda result: result["sum"])
    print("| | fit, s | predict, s | sum, s | ratio | accuracy |\n|---|---|---|---|---|---|")
    for name, r in best.items():
        print(f"| {name} | {r['fit_seconds']:.2f} | {r['predict_seconds']:.2f} | {r['sum']:.2f} | "
              f"{r['sum'] / best['cratedigger']['sum']:.1f} | {r['mean_accuracy']:.4f} |")


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        run_peer(sys.argv[2])
    else:
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2)
