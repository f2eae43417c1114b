"""How far a seed moves scores, beside the interval that is printed with them, as a Markdown table.

    cargo build --release -p cratedigger
    python crates/learn/scripts/seeds.py target/release/cratedigger SHARED/fma/mfcc-2000

`evaluate` with the seeds 0 to 4, in a stratified 5-fold cross-validation and on a quarter of the artists that is held out. A seed
draws the folds or the test artists and starts the fit. Columns: mean accuracy, its standard deviation over the seeds (n - 1),
and the mean distance from the accuracy to the ends of its 95 % interval over artists.
"""
import json
import statistics
import subprocess
import sys

METHODS = ["mlp", "linear-svc", "decision-tree", "logistic-regression", "gradient-boosting"]
SPLITS = {
    "`--cv 5 --split stratified`": ["--cv", "5", "--split", "stratified"],
    "`--test-size 0.25 --split artist`": ["--test-size", "0.25", "--split", "artist"],
}


def scores(binary, folder, split, seed):
    command = [binary, "evaluate", folder, "--method", ",".join(METHODS), "--features", "mfcc", "--genres", "all", *split,
               "--seed", str(seed), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["methods"]


def main():
    binary, folder = sys.argv[1:3]
    print("| split | method | accuracy | standard deviation | to the interval's ends | ratio |\n|---|---|---|---|---|---|")
    for name, split in SPLITS.items():
        runs = [scores(binary, folder, split, seed) for seed in range(5)]
        for at, method in enumerate(METHODS):
            found = [run[at] for run in runs]
            accuracy = [one["mean_accuracy"] for one in found]
            ends = statistics.mean((one["artist_interval"]["high"] - one["artist_interval"]["low"]) / 2 for one in found)
            spread = statistics.stdev(accuracy)
            print(f"| {name} | {method} | {statistics.mean(accuracy):.4f} | {spread:.4f} | {ends:.4f} | {spread / ends:.2f} |")


if __name__ == "__main__":
    main()
