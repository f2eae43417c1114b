"""`study --compare` from end to end on a synthetic archive of the whole dataset's shape, before anybody has to find out on the dataset itself.

    python crates/cratedigger/scripts/whole_compare.py target/release/cratedigger FOLDER [more options of study]

Writes FOLDER/whole (106,574 tracks, 1.2 GB) and FOLDER/report, without the file that marks an archive as synthetic, since a synthetic one has nothing
to be compared with. The figures themselves mean nothing; that each has a verdict does. Says how many and how long it took.
"""
import json
import pathlib
import subprocess
import sys
import time

command, folder, *more = sys.argv[1:]
folder = pathlib.Path(folder)
folder.mkdir(parents=True, exist_ok=True)


def run(*words):
    start = time.monotonic()
    subprocess.run([command, *map(str, words)], check=True)
    print(f"{words[0]}: {time.monotonic() - start:.0f} s", flush=True)


if not (folder / "whole" / "features.csv").exists():
    run("synth", folder / "whole", "--tracks", 106_574, "--quiet")
(folder / "whole" / "SYNTHETIC.json").unlink(missing_ok=True)
run("study", folder / "whole", "--compare", "--out", folder / "report", "--cache", folder / "cache", *more)
comparison = json.loads((folder / "report" / "findings.json").read_text())["comparison"]
assert comparison["whole_dataset"]
for name in ["figures", "baselines"]:
    verdicts = [figure["verdict"] for figure in comparison[name]]
    print(name, {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))})
computed = [figure for figure in comparison["baselines"] if figure["ours"] is not None]
assert len(comparison["baselines"]) == 243 and len(computed) == 180, len(computed)
