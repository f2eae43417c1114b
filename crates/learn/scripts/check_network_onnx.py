"""Checks the ONNX export of the networks on frames against onnxruntime, to 1e-5.

    pip install onnx onnxruntime numpy
    cargo build --release -p cratedigger-learn --features deep --example network_onnx
    python crates/learn/scripts/check_network_onnx.py target/release/examples/network_onnx

The example trains small networks on noise and writes each as ONNX, with the recordings and what the network says of them.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5


def excerpts(frames, n):
    """The fewest excerpts of `n` frames that cover a recording, evenly spaced."""
    count = max(1, -(-len(frames) // n))
    last = max(0, len(frames) - n)
    starts = [0] if count == 1 else [last * k // (count - 1) for k in range(count)]
    return np.stack([frames[start:start + n] for start in starts])


def main(example):
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(pathlib.Path(example).resolve()), folder], check=True)
        for path in sorted(pathlib.Path(folder).glob("*.onnx")):
            told = json.loads(path.with_suffix(".json").read_text())
            model = onnx.load(path)
            onnx.checker.check_model(model, full_check=True)
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            error = 0.0
            for frames, want in zip(told["recordings"], told["probabilities"]):
                frames = np.array(frames, dtype=np.float32).reshape(-1, told["n_bands"])
                label, got = session.run(["label", "probabilities"], {"excerpts": excerpts(frames, told["excerpt_frames"])})
                error = max(error, float(np.max(np.abs(got[0] - want))))
                best = np.sort(want)
                if best[-1] - best[-2] > TOLERANCE and label[0] != f"genre {int(np.argmax(want))}":
                    sys.exit(f"{path.stem}: {label[0]} for {want}")
            print(f"{path.stem:12} {len(told['recordings'])} recordings: largest difference {error:.1e}")
            worst = max(worst, error)
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}: all within {worst:.1e}")
    if worst > TOLERANCE:
        sys.exit("too large")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
