"""How many labels that were flipped on purpose does `cratedigger audit` put among the first 10 % of the tracks to listen to?

    python crates/cratedigger/scripts/flipped_labels.py target/release/cratedigger FOLDER… [--seeds 3] [--share 0.05]

FOLDER holds the dataset's tables with genres and features. The genres of a share of the labelled tracks, drawn at random, are replaced
by other genres (every other one as likely) in a copy, which is audited. What counts as heard: an entry of the list is all of its
tracks, in the order of the list, until 10 % of all tracks are heard. Besides, the same by the sound alone (`probability`, `margin`).
Needs Python alone; prints Markdown, a line for each folder and seed.
"""
import argparse
import csv
import pathlib
import random
import shutil
import subprocess
import tempfile


def flip(folder, copy, share, seed):
    """Copies the tables; returns the ids of the tracks whose genre is another one."""
    for table in pathlib.Path(folder).glob("*.csv"):
        shutil.copyfile(table, copy / table.name)
    path = copy / "tracks.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    genre = next(at for at, names in enumerate(zip(rows[0], rows[1])) if names == ("track", "genre_top"))
    with_features = ids_with_features(copy)
    labelled = [row for row in rows[3:] if row[genre] and row[0] in with_features]
    genres = sorted({row[genre] for row in labelled})
    draw = random.Random(seed)
    flipped = draw.sample(labelled, round(share * len(labelled)))
    for row in flipped:
        row[genre] = draw.choice([other for other in genres if other != row[genre]])
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return {row[0] for row in flipped}


def ids_with_features(folder):
    table = next(path for name in ("features.csv", "echonest.csv") if (path := folder / name).exists())
    with open(table, newline="", encoding="utf-8") as file:
        return {row[0] for row in csv.reader(file) if row[0].isdigit() and (len(row) < 2 or row[1])}


def heard(entries, n):
    """The first `n` tracks of a list of lists of ids."""
    found = {}
    for ids in entries:
        found.update(dict.fromkeys(ids))
        if len(found) >= n:
            break
    return set(list(found)[:n])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("folder", nargs="+")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.05)
    args, more = parser.parse_known_args()
    print("| data | seed | tracks | flipped | found by `audit` | by self-confidence | by margin | found among the first 5 % |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in args.folder:
        for seed in range(args.seeds):
            with tempfile.TemporaryDirectory() as place:
                place = pathlib.Path(place)
                (place / "tables").mkdir()
                flipped = flip(folder, place / "tables", args.share, seed)
                out = place / "list.csv"
                subprocess.run(
                    [args.command, "audit", str(place / "tables"), "--all", "--out", str(out), "--seed", str(seed), "--quiet",
                     "--cache", str(place / "cache"), *more],
                    check=True, stdout=subprocess.DEVNULL,
                )
                with open(out, newline="", encoding="utf-8") as file:
                    entries = list(csv.DictReader(file))
            tracks = [entry for entry in entries if entry["kind"] == "track"]
            n = len(tracks)
            flipped &= {entry["id"] for entry in tracks}

            def share(lists, part):
                return len(heard(lists, round(part * n)) & flipped) / len(flipped)

            by = lambda column: [[entry["id"]] for entry in sorted(tracks, key=lambda entry: float(entry[column]))]
            whole = [entry["ids"].split("; ") for entry in entries]
            print(
                f"| {pathlib.Path(folder).name} | {seed} | {n} | {len(flipped)} | {share(whole, 0.1):.1%} | "
                f"{share(by('probability'), 0.1):.1%} | {share(by('margin'), 0.1):.1%} | {share(whole, 0.05):.1%} |",
                flush=True,
            )


main()
