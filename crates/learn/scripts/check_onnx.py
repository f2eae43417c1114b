"""Checks the ONNX export of every method that has one against onnxruntime, to 1e-5.

    pip install onnx onnxruntime numpy
    cargo build --release -p cratedigger
    python crates/learn/scripts/check_onnx.py target/release/cratedigger

Makes a synthetic archive in a temporary folder, trains models with different preprocessing, exports them, and compares what
onnxruntime gives for the archive's features with `cratedigger classify`.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5

MARGINS = ("linear-svc", "svc")

STACK = "estimators=logistic-regression(C=0.1)@mfcc; linear-svc@chroma_cens,zcr; mlp(hidden_layer_sizes=[8])@mfcc|robust"

CASES = [
    ("mlp", "top:3", "standard", ["--param", "hidden_layer_sizes=[30,20]"]),
    ("mlp", "top:2", "standard", ["--param", "hidden_layer_sizes=[16]", "--param", "activation=tanh"]),
    ("mlp", "top:4", "impute=median,outliers=clip:3,log,robust,standard", ["--param", "activation=logistic"]),
    ("mlp", "top:3", "none", ["--param", "hidden_layer_sizes=[5]", "--param", "max_iter=20"]),
    ("logistic-regression", "top:5", "outliers=mean:4,standard", []),
    ("logistic-regression", "top:2", "impute=mean,outliers=nan:4:robust,impute=constant:0.5,standard", []),
    ("mlp", "top:3", "standard", ["--param", "hidden_layer_sizes=[20]", "--calibrate"]),
    ("logistic-regression", "top:2", "standard", ["--calibrate"]),
    ("logistic-regression", "top:5", "standard", ["--param", "C=100", "--calibrate"]),
    ("linear-svc", "top:3", "standard", []),
    ("linear-svc", "top:2", "standard", []),
    ("svc", "top:4", "standard", []),
    ("svc", "top:2", "standard", ["--param", "C=10"]),
    ("svc", "top:3", "robust,standard", ["--param", "kernel=poly", "--param", "degree=2", "--param", "coef0=1"]),
    ("svc", "top:3", "standard", ["--param", "kernel=sigmoid", "--param", "break_ties=true"]),
    ("svc", "top:3", "standard", ["--param", "kernel=linear"]),
    ("random-forest", "top:5", "none", []),
    ("random-forest", "top:2", "log", ["--param", "n_estimators=30"]),
    ("random-forest", "top:3", "none", ["--calibrate"]),
    ("stacking", "top:3", "none", ["--param", STACK]),
    ("stacking", "top:2", "none", ["--param", STACK, "--calibrate"]),
]


def main(binary):
    binary = str(pathlib.Path(binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        def run(*args):
            done = subprocess.run([binary, "--quiet", *args], cwd=folder, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{args}: {done.stderr}")
            return done.stdout

        run("synth", "archive", "--tracks", "600")
        with open(pathlib.Path(folder, "archive", "features.csv"), newline="") as file:
            lines = list(csv.reader(file))
        names = [".".join(parts) for parts in zip(*(line[1:] for line in lines[:3]))]
        values = np.array([[float(v) if v else np.nan for v in line[1:]] for line in lines[4:]]).astype(np.float32)
        worst = 0.0
        for at, (method, genres, pipeline, more) in enumerate(CASES):
            run("train", "archive", "--method", method, "--genres", genres, "--pipeline", pipeline, "--out", f"{at}.cdmodel", *more)
            run("model", "export", f"{at}.cdmodel", "--onnx", f"{at}.onnx")
            model = onnx.load(pathlib.Path(folder, f"{at}.onnx"))
            onnx.checker.check_model(model, full_check=True)
            told = {entry.key: entry.value for entry in model.metadata_props}
            columns = [names.index(name) for name in json.loads(told["feature_names"])]
            rows = json.loads(run("classify", "--model", f"{at}.cdmodel", "archive/features.csv", "--format", "json"))
            session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            outputs = dict(zip((o.name for o in session.get_outputs()), session.run(None, {"features": values[:, columns]})))
            labels = json.loads(told["labels"])
            wanted = "probabilities" if method not in MARGINS else "decisions"
            want = np.array([[row[wanted][label] for label in labels] for row in rows])
            got = outputs["probabilities" if method not in MARGINS else "decision_function"]
            if got.shape[1] == 1:
                got = np.concatenate([-got, got], axis=1)
            # Decision values of a support vector machine may be large: relative to their size.
            error = float(np.max(np.abs(got - want) / np.maximum(1, np.abs(want))))
            top = np.sort(want, axis=1)
            clear = top[:, -1] - top[:, -2] > TOLERANCE
            genres_differ = int(np.sum((outputs["label"] != [row["genre"] for row in rows]) & clear))
            print(f"{method:20} {pipeline:62} {len(labels)} genres, {len(rows)} rows: largest difference {error:.1e}")
            if error > TOLERANCE or genres_differ:
                sys.exit(f"differs by {error}, {genres_differ} genres differ")
            worst = max(worst, error)
        print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}: all within {worst:.1e}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
