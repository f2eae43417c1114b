"""How many recordings that were changed on purpose does `cratedigger audit` find to be near doubles?

    python crates/cratedigger/scripts/near_doubles.py target/release/cratedigger [--clips 300] [--changed 20] [--seed 3]

Synthesises clips, changes some of them in ways that a collection meets (other codecs, loudness, cuts, half the band), and audits all
clips together with one kind of changed ones at a time. A changed clip is found where it is in an entry with its original; an entry
that joins two originals is a false one. Needs Python and ffmpeg; prints Markdown.
"""
import argparse
import csv
import pathlib
import subprocess
import tempfile

KINDS = {
    "MP3, 96 kbit/s": (".mp3", ["-b:a", "96k"], []),
    "Vorbis, quality 3": (".ogg", ["-c:a", "libvorbis", "-q:a", "3"], []),
    "6 dB softer": (".flac", ["-af", "volume=-6dB"], []),
    "12 dB softer": (".flac", ["-af", "volume=-12dB"], []),
    "without its first second": (".flac", [], ["-ss", "1"]),
    "without its first 5 s": (".flac", [], ["-ss", "5"]),
    "mono, 22,050 Hz": (".flac", ["-ac", "1", "-ar", "22050"], []),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--changed", type=int, default=20)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        run = lambda *words: subprocess.run([args.command, *map(str, words), "--quiet"], check=True, stdout=subprocess.DEVNULL)
        run("synth", place / "all", "--clips", args.clips, "--seed", args.seed)
        clips = sorted(path for path in (place / "all").rglob("*") if path.suffix in (".wav", ".flac"))
        # The rows of clips in a folder are called by their paths, without the tables beside them.
        clips_folder = clips[0].parents[1] if clips[0].parent.name.isdigit() else clips[0].parent
        run("extract", clips_folder, "--out", place / "all.parquet")
        step = len(clips) // args.changed
        chosen = clips[step // 2 :: step][: args.changed]
        print("| change | found | false pairs of originals |\n|---|---|---|")
        for at, (kind, (ending, after, before)) in enumerate(KINDS.items()):
            folder = place / f"changed{at}"
            folder.mkdir()
            for clip in chosen:
                out = folder / f"changed-{clip.stem}{ending}"
                subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *before, "-i", clip, *after, out], check=True)
            run("extract", folder, "--out", place / f"changed{at}.parquet")
            labels = place / "labels.csv"
            # 000/000013.wav is track 13 of the dataset, and so called.
            names = [path.stem.lstrip("0") for path in clips] + [path.name for path in folder.iterdir()]
            with open(labels, "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["path", "genre"])
                # Labels take no part in the search for doubles.
                writer.writerows([name, "AB"[at % 2]] for at, name in enumerate(sorted(names)))
            out = place / f"list{at}.csv"
            run("audit", place / "all.parquet", place / f"changed{at}.parquet", "--labels", labels, "--method", "logistic-regression",
                "--out", out, "--top", "0")
            found, false = 0, 0
            with open(out, newline="", encoding="utf-8") as file:
                for entry in csv.DictReader(file):
                    if entry["kind"] != "double":
                        continue
                    ids = entry["ids"].split("; ")
                    changed = [id for id in ids if id.startswith("changed-")]
                    number = lambda id: pathlib.Path(id).stem.removeprefix("changed-").lstrip("0")
                    originals = {number(id) for id in ids if not id.startswith("changed-")}
                    found += sum(number(id) in originals for id in changed)
                    false += max(0, len(originals) - 1)
            print(f"| {kind} | {found} of {len(chosen)} | {false} |", flush=True)


main()
