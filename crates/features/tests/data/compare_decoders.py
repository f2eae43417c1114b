#!/usr/bin/env python3
"""How far are features apart when two other decoders play the same MP3s, and where do their samples differ from ours?

usage: compare_decoders.py EXTRACT_CSV_EXAMPLE WORK_DIR     (needs ffmpeg, mpg123 and numpy)

WORK_DIR is that of compare_recoded.py, which has run: its MP3s, features of them (got.csv) and of ffmpeg's decoding (want.csv).
mpg123 decodes the files without a header and those of an average rate, to floating-point numbers that are rounded to 16 bits
as ffmpeg's are. Prints the share of frames in which a sample is another than ffmpeg's, how far from a tie of rounding
ffmpeg's own unrounded samples lie there, and the worst value of each family, in units of each column's spread.
"""
import csv, glob, os, subprocess, sys, wave
import numpy as np

KINDS = ["no_header", "abr"]


def samples(command, dtype):
    out = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(out, dtype).reshape(-1, 2)


def ffmpeg(path, form, dtype):
    return samples(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-f", form, "-c:a", "pcm_" + form, "-"], dtype)


def table(path):
    with open(path) as f:
        rows = list(csv.reader(f))
    names = [".".join(c) for c in zip(*(r[1:] for r in rows[:3]))]
    return names, {r[0]: np.array([float(v) for v in r[1:]]) for r in rows[4:]}


def main():
    tool, work = sys.argv[1:3]
    wavs = os.path.join(work, "mpg123")
    os.makedirs(wavs, exist_ok=True)
    for kind in KINDS:
        for path in sorted(glob.glob(os.path.join(work, "mp3", f"[0-9]*_{kind}.mp3"))):
            stem = os.path.basename(path)[:-4]
            if stem.split("_", 1)[1] != kind:
                continue
            rounded = ffmpeg(path, "s16le", "<i2").astype(int)
            exact = ffmpeg(path, "f32le", "<f4").astype(float) * 32768
            other = samples(["mpg123", "-q", "-e", "f32", "--gapless", "-s", path], "<f4").astype(float) * 32768
            other = np.clip(np.rint(other), -32768, 32767).astype(int)
            assert other.shape == rounded.shape, path
            assert (np.clip(np.rint(exact), -32768, 32767) == rounded).all(), "ffmpeg rounds to the nearest"
            off = other != rounded
            from_tie = np.abs(exact - np.floor(exact) - 0.5)[off]
            print(f"{stem}: {off.any(1).mean():.2%} of frames by {np.abs(other - rounded).max()} at most, "
                  f"from a tie {np.median(from_tie):.1e} (median), {from_tie.max():.1e} (worst)")
            with wave.open(os.path.join(wavs, stem + ".wav"), "wb") as out:
                out.setparams((2, 2, 44100, 0, "NONE", None))
                out.writeframes(other.astype("<i2").tobytes())
    subprocess.run([tool, wavs + ".csv", wavs], check=True, stdout=subprocess.DEVNULL)
    names, want = table(os.path.join(work, "want.csv"))
    ours, mpg123 = table(os.path.join(work, "got.csv"))[1], table(wavs + ".csv")[1]
    spread = np.std([want[k] for k in sorted(want)], axis=0)
    spread[spread == 0] = 1
    families = np.array([n.split(".")[0] for n in names])
    for what, a, b in [("ours, ffmpeg", ours, want), ("mpg123, ffmpeg", mpg123, want), ("mpg123, ours", mpg123, ours)]:
        worst = np.max([np.abs(a[k] - b[k]) / spread for k in sorted(mpg123)], axis=0)
        print(what, " ".join(f"{f}={worst[families == f].max():.1e}" for f in sorted(set(families))))


if __name__ == "__main__":
    main()
