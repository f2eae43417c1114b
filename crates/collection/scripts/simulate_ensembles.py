"""What places add, and what a stack is worth beside its members: the figures of docs/ensembles.md.

    cargo build --release
    python crates/collection/scripts/simulate_ensembles.py target/release/cratedigger sources DIR
    python crates/collection/scripts/simulate_ensembles.py target/release/cratedigger stacks DIR [--synth TRACKS] [--seeds N]

`sources`: raw coordinates and places beside Echonest's audio features, for the tracks of DIR (the dataset's tracks.csv, genres.csv and
echonest.csv) that have coordinates, and for all. `stacks`: a stack and each of its members alone on what it sees, by folds of
artists; of DIR, or of a synthetic archive of so many tracks. A stack is worse than its best member where its accuracy is below the lower
end of the best member's interval over artists.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Runs:
    def __init__(self, binary, folder):
        self.binary, self.folder = str(pathlib.Path(binary).resolve()), folder

    def run(self, *args):
        done = subprocess.run([self.binary, "--quiet", *args], cwd=self.folder, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(f"{args}: {done.stderr}")
        return done.stdout

    def json(self, *args):
        return json.loads(self.run("evaluate", *args, "--json"))


def with_coordinates(source, target):
    """A copy whose tracks all have coordinates, as the dataset's tables write them."""
    import csv
    target.mkdir()
    for name in ("genres.csv", "echonest.csv"):
        shutil.copy(source / name, target / name)
    with open(source / "tracks.csv", newline="") as file:
        lines = list(csv.reader(file))
    columns = list(zip(lines[0], lines[1]))
    at = [columns.index(("artist", name)) for name in ("latitude", "longitude")]
    kept = [line for line in lines[3:] if all(line[i] for i in at)]
    with open(target / "tracks.csv", "w", newline="") as file:
        csv.writer(file).writerows(lines[:3] + kept)


def sources(runs, source, work):
    located = work / "located"
    with_coordinates(source, located)
    for name, data, sets in [
        ("tracks with coordinates", located, "features; features+coordinates; features+place"),
        ("all tracks", source, "features; features+coordinates; features+place; features+language; features+place+language"),
    ]:
        for method in ("logistic-regression", "gradient-boosting", "mlp"):
            print(f"\n{name}, {method}")
            print(runs.run("evaluate", str(data), "--features", "echonest", "--inputs", "place,coordinates,language", "--method", method,
                           "--jobs", "1", "--sources", sets))


def stacks(runs, data, features, inputs, members, seeds):
    text = "; ".join(f"{method}@{families}" for method, families in members)
    print(f"estimators={text}")
    for seed in range(seeds):
        common = [*data, "--features", features, *inputs, "--jobs", "1", "--seed", str(seed)]
        alone = []
        for method, families in members:
            name, _, params = method.rstrip(")").partition("(")
            more = [part for param in params.split(",") if param for part in ("--param", param.strip())]
            families = families.replace(",", "+")
            found = runs.json(*common, "--method", name, *more, "--sources", families)
            alone.append(found["sources"][0])
        stack = runs.json(*common, "--method", "stacking", "--param", f"estimators={text}")
        best = max(alone, key=lambda member: member["accuracy"])
        low, high = (best["accuracy_interval"][end] for end in ("low", "high"))
        accuracies = " ".join(f"{member['accuracy']:.4f}" for member in alone)
        losses = " ".join("-" if member["log_loss"] is None else f"{member['log_loss']:.4f}" for member in alone)
        verdict = "worse" if stack["accuracy"] < low else "better" if stack["accuracy"] > high else "within"
        print(f"seed {seed}: members {accuracies}, best {low:.4f} - {high:.4f}, stack {stack['accuracy']:.4f} ({verdict}); "
              f"log loss {losses}, stack {stack['probability']['log_loss']:.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("what", choices=["sources", "stacks"])
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--synth", type=int)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        runs = Runs(args.binary, work)
        if args.what == "sources":
            sources(runs, args.dir.resolve(), work)
        elif args.synth:
            runs.run("synth", "archive", "--tracks", str(args.synth))
            members = [("gradient-boosting(n_estimators=30)", "mfcc"), ("logistic-regression(C=0.01)", "518")]
            stacks(runs, ["archive", "--genres", "top:5"], "all", [], members, args.seeds)
        else:
            members = [("gradient-boosting", "features"), ("mlp", "features"), ("logistic-regression", "features")]
            stacks(runs, [str(args.dir.resolve())], "echonest", [], members, args.seeds)


if __name__ == "__main__":
    main()
