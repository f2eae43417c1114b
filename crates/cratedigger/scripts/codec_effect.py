"""What `evaluate --perturb codec` does to a model's answers, beside what ffmpeg's encoders do to the same clips at the same bit rates.

    python crates/cratedigger/scripts/codec_effect.py target/release/cratedigger [--clips 240] [--seed 3]

Synthetic clips; a logistic regression is trained on 60 % of the artists and answers the others, as they are, after `--perturb codec`, and as
files that ffmpeg made of the mono mix: Opus (libopus), MP3 (libmp3lame). Needs ffmpeg.
"""
import argparse
import csv
import json
import pathlib
import random
import subprocess
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("command")
parser.add_argument("--clips", type=int, default=240)
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--method", default="logistic-regression")
parser.add_argument("--rates", default="48,16")
args = parser.parse_args()
rates = [int(rate) for rate in args.rates.split(",")]


def run(*words):
    return subprocess.run([args.command, *map(str, words)], check=True, capture_output=True, text=True).stdout


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    run("synth", place / "clips", "--clips", args.clips, "--seed", args.seed, "--sample-rate", 44100, "--quiet")
    clips = place / "clips" / "clips"
    labels = place / "clips" / "tracks.csv"
    run("extract", clips, "--out", place / "f.parquet")
    model = place / "m.cdmodel"
    with open(labels, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    column = {names: at for at, names in enumerate(zip(rows[0], rows[1]))}
    genre = {row[0]: row[column["track", "genre_top"]] for row in rows[3:]}
    artist = {row[0]: row[column["artist", "id"]] for row in rows[3:]}
    artists = sorted(set(artist.values()))
    apart = set(random.Random(args.seed).sample(artists, round(0.4 * len(artists))))
    held_out = [track for track in genre if artist[track] in apart]
    (place / "folds.json").write_text(json.dumps([[int(track) for track in held_out]]))
    run("train", place / "f.parquet", "--labels", labels, "--method", args.method, "--folds", place / "folds.json", "--out", model)
    changes = ",".join(f"codec:{rate}" for rate in rates)
    ours = json.loads(run("evaluate", place / "f.parquet", "--labels", labels, "--model", model, "--perturb", changes,
                          "--audio", clips, "--json"))
    n = ours["n_tested"]
    print(f"{args.clips} clips, {n} of {ours['n_artists']} artists tested, {args.method}")
    print("| coded by | kbit/s | accuracy before | after | other answers |")
    print("|---|---|---|---|---|")
    for of in ours["perturbed"]["changes"]:
        found = of["found"]
        name = "nothing" if of["change"] == "none" else "`--perturb codec`"
        print(f"| {name} | {of['strength'] or ''} | {found['accuracy_before']:.4f} | {found['accuracy_after']:.4f} "
              f"| {found['n_flipped'] / found['n']:.4f} |")
    said = lambda source: {row["id"]: row["probabilities"] for row in json.loads(
        run("classify", "--model", model, source, "--threshold", 0, "--format", "json"))}
    answer = lambda probabilities: max(sorted(probabilities), key=probabilities.get)
    before = said(place / "f.parquet")
    for coder, suffix in [("libopus", "opus"), ("libmp3lame", "mp3")]:
        for rate in rates:
            out = place / f"{coder}-{rate}"
            for path in sorted(clips.rglob("*.wav")):
                to = (out / path.relative_to(clips)).with_suffix(f".{suffix}")
                to.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, "-ac", "1", "-c:a", coder, "-b:a", f"{rate}k",
                                to], check=True)
            run("extract", out, "--out", place / f"{coder}-{rate}.parquet")
            table = place / f"{coder}-{rate}.parquet"
            after = said(table)
            ids = [track for track in held_out if track in after]
            right = lambda answers: sum(answer(answers[i]) == genre[i] for i in ids) / len(ids)
            flipped = sum(answer(before[i]) != answer(after[i]) for i in ids) / len(ids)
            print(f"| {coder} | {rate} | {right(before):.4f} | {right(after):.4f} | {flipped:.4f} |")
