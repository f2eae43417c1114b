"""How often sets hold the genre, and how wrong answers are, with whole artists held out, as Markdown tables.

    cargo build --release -p cratedigger
    python crates/learn/scripts/simulate_sets.py target/release/cratedigger SHARED/fma

`evaluate --test-size 0.4 --coverage C --max-risk R` with the seeds 0 to 19: each holds out other artists, of whom one half calibrates the other.
`held`: the mean over the seeds of the share of sets that hold the genre, with its standard error (deviation over the seeds / sqrt(20)), and
the least and the largest; `genres` in a set. `by genre`: the genre whose sets hold it least often, over all seeds, among genres with 100
test tracks or more. `interval holds it`: seeds whose 95 % interval over artists holds what was asked. `answered`, `wrong`: of answers by --max-risk, over all seeds; `broken`: seeds in which a larger share is wrong.
"""
import json
import statistics
import subprocess
import sys

SEEDS = range(20)
SETS = {
    "`mfcc-2000`, Rock and Hip-Hop": ["mfcc-2000", "--features", "mfcc", "--genres", "all"],
    "`echonest-13129`, 12 genres": ["echonest-13129", "--features", "echonest", "--genres", "all"],
}


def run(binary, folder, data, coverage, risk, seed):
    name, *more = data
    command = [binary, "evaluate", f"{folder}/{name}", *more, "--method", "logistic-regression", "--test-size", "0.4", "--coverage", str(coverage),
               "--max-risk", str(risk), "--seed", str(seed), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def least(runs, field):
    """The genre that is held least often over all runs."""
    found = {}
    for one in runs:
        for genre in one["sets"]["by_class"]:
            if genre["n"]:
                n, held = found.get(genre["label"], (0, 0))
                found[genre["label"]] = (n + genre["n"], held + genre["n"] * genre[field])
    share, label = min((held / n, label) for label, (n, held) in found.items() if n >= 100)
    return f"{label} {share:.3f}"


def main():
    binary, folder = sys.argv[1:3]
    sets, answers = [], []
    for title, data in SETS.items():
        for coverage, risk in [(0.8, 0.1), (0.9, 0.2), (0.95, 0.3)]:
            runs = [run(binary, folder, data, coverage, risk, seed) for seed in SEEDS]
            for kind, field in [("plain", "coverage"), ("per_class", "coverage_per_class")]:
                held = [one["sets"][kind]["coverage"] for one in runs]
                error = statistics.stdev(held) / len(held) ** 0.5
                intervals = [one["sets"][kind]["coverage_interval"] for one in runs]
                within = sum(one["low"] <= coverage <= one["high"] for one in intervals)
                size = statistics.mean(one["sets"][kind]["mean_size"] for one in runs)
                sets.append(f"| {title} | {coverage} | {kind.replace('_', ' ')} | {statistics.mean(held):.4f} ± {error:.4f} | {min(held):.3f} to {max(held):.3f} | "
                            f"{within} of {len(runs)} | "
                            f"{size:.2f} | {least(runs, field)} |")
            found = [one["answers"] for one in runs]
            n = sum(one["n_tested"] for one in runs)
            answered, wrong = sum(one["n_answered"] for one in found), sum(one["n_wrong"] for one in found)
            broken = sum(one["risk"] is not None and one["risk"] > risk for one in found)
            silent = sum(threshold is None for one in found for threshold in one["thresholds"])
            answers.append(f"| {title} | {risk} | {1 - sum(one['accuracy'] * one['n_tested'] for one in runs) / n:.3f} | {answered / n:.3f} | "
                           f"{wrong / max(1, answered):.3f} | {broken} of {len(runs)} | {silent} of {2 * len(runs)} |")
    print("| data | asked | kind | held | of a seed | interval holds it | genres | by genre, least |\n|---|---|---|---|---|---|---|---|")
    print("\n".join(sets))
    print("\n| data | max risk | wrong of all | answered | wrong of these | broken | halves without a threshold |\n|---|---|---|---|---|---|---|")
    print("\n".join(answers))


main()
