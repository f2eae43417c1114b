"""Accuracy and balanced accuracy of every method by kind of split, as a table in Markdown.

    cargo build --release -p cratedigger
    python crates/learn/scripts/split_table.py target/release/cratedigger ../shared/fma/mfcc-2000 ../shared/fma/echonest-13129

DATA is what `cratedigger evaluate` takes: folders of the dataset's tables. Five folds, seed 0, default parameters. Further arguments
after `--` are passed on, such as `-- --method linear-svc,majority --genres top:8`.
"""
import json
import pathlib
import subprocess
import sys

SPLITS = ["random", "artist-plain", "artist"]


def evaluate(command, data, split, more):
    method = [] if "--method" in more else ["--method", "all"]
    run = subprocess.run(
        [command, "evaluate", data, *method, "--split", split, "--json", *more], capture_output=True, text=True, check=True)
    for line in run.stderr.splitlines():
        if line.startswith(("warning: ", "note: ")):
            print(f"    {split}: {line}", file=sys.stderr)
    found = json.loads(run.stdout)
    return found["methods"] if "methods" in found else [found]


def main():
    args = sys.argv[1:]
    more = []
    if "--" in args:
        args, more = args[:args.index("--")], args[args.index("--") + 1:]
    command, *folders = args
    for data in folders:
        print(pathlib.Path(data).name, file=sys.stderr)
        by_split = {split: evaluate(command, data, split, more) for split in SPLITS}
        first = by_split["artist"][0]
        print(f"{pathlib.Path(data).name}: {first['n_rows']} rows x {first['n_features']} features, {len(first['classes'])} genres, "
              f"{first['n_groups']} groups, {first['n_doubles']} doubles\n")
        print("| method | " + " | ".join(f"{split}: accuracy | balanced" for split in SPLITS) + " |")
        print("|---|" + "---|" * (2 * len(SPLITS)))
        for at, of_method in enumerate(first["method"] for first in by_split["artist"]):
            cells = []
            for split in SPLITS:
                found = by_split[split][at]
                assert found["method"] == of_method
                cells += [f"{found['accuracy']:.4f}", f"{found['balanced_accuracy']:.4f}"]
            print(f"| {of_method} | " + " | ".join(cells) + " |")
        for split in SPLITS:
            found = by_split[split][0]
            print(f"\n{split}: {found['n_tested_on_both_sides']} of {found['n_tested']} scored rows have artist or album in training.", end="")
        print("\n")


if __name__ == "__main__":
    main()
