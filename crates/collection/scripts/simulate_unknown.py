"""What a model calls unknown, as Markdown tables: genres that were left out of real rows, and speech among synthetic clips.

    cargo build --release -p cratedigger
    python crates/collection/scripts/simulate_unknown.py target/release/cratedigger SHARED/fma

Real rows: `train --unknown 0.05` leaves out each genre in turn, five folds of whole artists; AUROC of each detector. Synthetic clips of
five seconds: the model learns six genres; all clips of these genres, and those of people who talk (30 % of them with music behind), are
classified. `kept`: of the tracks of artists that were held out, which are music of the six genres, the share that is not unknown.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

MUSIC = "Electronic,Rock,Folk,Classical,Hip-Hop,Jazz"
REAL = {"mfcc-2000": "mfcc", "echonest-13129": "echonest"}


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def train(binary, data, place, share, *more):
    model = os.path.join(place, "x.cdmodel")
    run(binary, "-q", "train", *data, "--method", "logistic-regression", "--unknown", str(share), "--out", model, "--force", *more)
    return model, json.loads(run(binary, "model", "show", model, "--json"))["unknown"]


def real(binary, folder, place):
    for name, family in REAL.items():
        _, card = train(binary, [f"{folder}/{name}"], place, 0.05, "--features", family, "--genres", "all")
        trials, test = card["criterion"]["trials"], card["test"]
        print(f"\n`{name}`: by `{card['criterion']['detector']}`; of {test['n_rows']} test rows {test['n_unknown']} are unknown (5 % allowed).\n")
        print("| genre left out | tracks | " + " | ".join(f"`{one['detector']}`" for one in trials) + " |")
        print("|---|" + "---|" * (len(trials) + 1))
        for genres in zip(*[one["left_out"] for one in trials]):
            areas = ["–" if one["auroc"] is None else f"{one['auroc']:.3f}" for one in genres]
            print(f"| {genres[0]['label']} | {genres[0]['n_rows']:,} | " + " | ".join(areas) + " |")
        print("| mean | | " + " | ".join(f"{one['mean_auroc']:.3f}" for one in trials) + " |")


def genres(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    column = next(k for k in range(len(rows[0])) if (rows[0][k], rows[1][k]) == ("track", "genre_top"))
    return {row[0]: row[column] for row in rows[3:]}


def synthetic(binary, place):
    print("\n| clips, seed | share allowed | detector | kept | silence, noise, tones: unknown | speech: unknown |\n|---|---|---|---|---|---|")
    odd = os.path.join(place, "odd")
    sounds(odd)
    for clips, seed in [(400, 0), (400, 1), (1000, 20), (1000, 21)]:
        music = os.path.join(place, f"{clips}-{seed}")
        run(binary, "-q", "synth", music, "--clips", str(clips), "--seconds", "5", "--seed", str(seed), "--sample-rate", "22050", "--channels", "mono")
        run(binary, "-q", "extract", f"{music}/clips", "--out", f"{music}.parquet")
        labels = genres(f"{music}/tracks.csv")
        for share in (0.05, 0.01):
            model, card = train(binary, [f"{music}.parquet", "--labels", f"{music}/tracks.csv", "--genres", MUSIC], place, share)
            said = json.loads(run(binary, "-q", "classify", "--model", model, f"{music}.parquet", "--format", "json"))
            spoken = [row["verdict"] == "unknown" for row in said if labels[str(row["id"])] == "Spoken"]
            strange = [row["verdict"] == "unknown" for row in json.loads(run(binary, "-q", "classify", "--model", model, odd, "--format", "json"))]
            test = card["test"]
            print(f"| {clips}, {seed} | {share} | `{card['criterion']['detector']}` | {1 - test['n_unknown'] / test['n_rows']:.3f} | "
                  f"{sum(strange)} of {len(strange)} | {sum(spoken) / len(spoken):.2f} |", flush=True)


def sounds(folder):
    """Silence, white noise of two loudnesses, three tones, clicks: five seconds of 22,050 Hz each."""
    import math
    import random
    import struct
    import wave
    os.makedirs(folder)
    rng, n, rate = random.Random(0), 5 * 22050, 22050
    tone = lambda hertz, loud: lambda k: loud * math.sin(2 * math.pi * hertz * k / rate)
    of = {"silence": lambda k: 0.0, "noise": lambda k: 0.5 * rng.uniform(-1, 1), "hiss": lambda k: 0.01 * rng.uniform(-1, 1),
          "low": tone(110, 0.5), "tone": tone(440, 0.5), "high": tone(5000, 0.3), "clicks": lambda k: float(k % 5512 == 0)}
    for name, sample in of.items():
        with wave.open(os.path.join(folder, f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(b"".join(struct.pack("<h", int(32000 * sample(k))) for k in range(n)))


def main():
    binary, folder = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as place:
        real(binary, folder, place)
        synthetic(binary, place)


main()
