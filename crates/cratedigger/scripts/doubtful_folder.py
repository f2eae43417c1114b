"""A folder of music whose genre tags are doubtful: synthetic clips by artist and album as FLAC with tags, of which some are wrong.

    python crates/cratedigger/scripts/doubtful_folder.py target/release/cratedigger music [--clips 400] [--share 0.05] [--seed 1]

Writes music/artist-N/album-N/track-N.flac, and music-wrong.csv beside it with the files whose tag is not their genre. Needs Python and ffmpeg.
"""
import argparse
import csv
import pathlib
import random
import subprocess
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("command")
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--clips", type=int, default=400)
parser.add_argument("--share", type=float, default=0.05)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place) / "clips"
    subprocess.run([args.command, "synth", place, "--clips", str(args.clips), "--seed", str(args.seed), "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(place / "tracks.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    column = {names: at for at, names in enumerate(zip(rows[0], rows[1]))}
    value = lambda row, *names: row[column[names]]
    tracks = [row for row in rows[3:] if value(row, "track", "genre_top")]
    genres = sorted({value(row, "track", "genre_top") for row in tracks})
    draw = random.Random(args.seed)
    wrong = set(draw.sample(range(len(tracks)), round(args.share * len(tracks))))
    found = {path.stem.lstrip("0"): path for path in place.rglob("*.wav")}
    with open(args.folder.with_name(args.folder.name + "-wrong.csv"), "w", newline="") as told:
        told = csv.writer(told)
        told.writerow(["path", "genre", "tag"])
        for at, row in enumerate(tracks):
            genre = tag = value(row, "track", "genre_top")
            name = pathlib.Path(f"artist-{value(row, 'artist', 'id')}", f"album-{value(row, 'album', 'id')}", f"track-{row[0]}.flac")
            if at in wrong:
                tag = draw.choice([other for other in genres if other != genre])
                told.writerow([name, genre, tag])
            out = args.folder / name
            out.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", found[row[0]], "-metadata", f"genre={tag}", out], check=True)
