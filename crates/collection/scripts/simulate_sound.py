"""What an autoencoder's code is worth beside the 518 features, and what a stack of features and a network is worth beside its members:
figures of docs/deep.md.

    cargo build --release --features deep
    python crates/collection/scripts/simulate_sound.py target/release/cratedigger codes [--clips 800 --seconds 10]
    python crates/collection/scripts/simulate_sound.py target/release/cratedigger stacks [--clips 400 --seconds 2]

Both synthesise clips of eight styles and score by five folds (stacks: three) of whole artists. `codes`: the same method on the features,
on the code and on both, compared in pairs over artists. `stacks`: a stack is worse than its best member where its accuracy is below the
lower end of the best member's interval over artists.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


class Runs:
    def __init__(self, binary, folder, jobs):
        self.binary, self.folder, self.jobs = str(pathlib.Path(binary).resolve()), folder, jobs

    def run(self, *args):
        done = subprocess.run([self.binary, "--quiet", *args], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, "CRATEDIGGER_CACHE": "cache"})
        if done.returncode != 0:
            sys.exit(f"{args}: {done.stderr}")
        return done.stdout

    def scores(self, data, *args):
        common = ["--labels", "music/tracks.csv", "--genres", "all", "--jobs", self.jobs]
        return json.loads(self.run("evaluate", data, *common, *args, "--json"))


def interval(ends):
    return "none" if ends is None else f"{ends['low']:+.4f} to {ends['high']:+.4f}"


def codes(runs, seeds):
    for seed in range(seeds):
        start = time.time()
        runs.run("autoencoder", "train", "frames", "--artists", "music/tracks.csv", "--seed", str(seed), "--jobs", runs.jobs,
                 "--out", "own.cdauto", "--force")
        trained = time.time() - start
        runs.run("autoencoder", "encode", "frames", "--model", "own.cdauto", "--beside", "features.parquet", "--out", "both.parquet",
                 "--force")
        print(f"seed {seed}: trained in {trained:.0f} s", flush=True)
        for method in ("logistic-regression", "linear-svc", "mlp"):
            found = runs.scores("both.parquet", "--method", method, "--sources", "518; autoencoder; 518+autoencoder")
            for one in found["sources"]:
                gain = one.get("gain")
                beside = "" if gain is None else f", difference {gain['accuracy']['difference']:+.4f}, " \
                    f"{interval(gain['accuracy'].get('interval'))}"
                print(f"  {method} on {'+'.join(one['families'])}: {one['accuracy']:.4f}{beside}", flush=True)


def stacks(runs, seeds):
    network = {"max_epochs": 15, "excerpt_frames": 64}
    inside = ",".join(f"{name}={value}" for name, value in network.items())
    for method in ("logistic-regression", "gradient-boosting"):
        for seed in range(seeds):
            common = ["--frames", "frames", "--cv", "3", "--seed", str(seed)]
            params = [part for name, value in network.items() for part in ("--param", f"{name}={value}")]
            alone = [runs.scores("features.parquet", *common, "--method", method),
                     runs.scores("features.parquet", *common, "--method", "crnn", *params)]
            stack = runs.scores("features.parquet", *common, "--method", "stacking", "--param", "cv=3",
                                "--param", f"estimators={method}@518; crnn({inside})@frames")
            best = max(alone, key=lambda member: member["accuracy"])
            low, high = (best["artist_interval"][end] for end in ("low", "high"))
            verdict = "worse" if stack["accuracy"] < low else "better" if stack["accuracy"] > high else "within"
            losses = ", ".join(f"{one['probability']['log_loss']:.3f}" for one in (*alone, stack))
            print(f"{method} and crnn, seed {seed}: {alone[0]['accuracy']:.4f} {alone[1]['accuracy']:.4f}, best {low:.4f} to {high:.4f}, "
                  f"stack {stack['accuracy']:.4f} ({verdict}); log loss {losses}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("what", choices=["codes", "stacks"])
    parser.add_argument("--clips", type=int)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--jobs", default="2")
    args = parser.parse_args()
    clips, seconds = (800, 10) if args.what == "codes" else (400, 2)
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(args.binary, folder, args.jobs)
        runs.run("synth", "music", "--clips", str(args.clips or clips), "--seconds", str(args.seconds or seconds))
        runs.run("extract", "music/clips", "--out", "features.parquet", "--jobs", args.jobs)
        runs.run("mel", "music/clips", "--out", "frames", "--jobs", args.jobs)
        {"codes": codes, "stacks": stacks}[args.what](runs, args.seeds)


if __name__ == "__main__":
    main()
