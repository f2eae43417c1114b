#!/usr/bin/env python3
"""Clips encoded again by lame, with and without a header, cut, joined and padded: are the features those of ffmpeg's decoding?

usage: compare_recoded.py EXTRACT_CSV_EXAMPLE CLIPS_DIR WORK_DIR     (needs ffmpeg, lame and numpy)

Each file is decoded to 16-bit WAV by ffmpeg; features of the file and of the WAV are compared in units of each column's
standard deviation over the WAVs. Of the file whose header tells half of its frames ffmpeg drops some samples in the middle: it
is held against the same stream with a header of 0 frames. Of a file that is cut inside of a frame ffmpeg makes something of what
is left of it: that kind is printed, but has no limit; the other is cut between two frames. Prints the worst value of each family for each kind of file; exit 1 if one is above 0.002
(spectral contrast, which sees differences of one 16-bit step: 0.4).
"""
import csv, os, struct, subprocess, sys
import numpy as np


def run(*args):
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def frame_behind(data, place):
    """Where the first frame behind a place begins, of 128 kbit/s at 44,100 Hz."""
    at = 0
    while at < place:
        assert data[at] == 0xFF and data[at + 2] & 0xFC == 0x90, at
        at += 417 + (data[at + 2] >> 1 & 1)
    return at


def kinds(wav, stem):
    """Name and file of each kind of encoding."""
    def lame(kind, *args):
        name = f"{stem}_{kind}.mp3"
        run("lame", "--quiet", *args, wav, name)
        with open(name, "rb") as f:
            return name, f.read()

    def put(kind, data):
        with open(f"{stem}_{kind}.mp3", "wb") as f:
            f.write(data)

    _, header = lame("header", "-V", "4")
    lame("no_header", "-t", "-V", "4")
    _, without_header = lame("cbr_no_header", "-t", "-b", "128")
    _, abr = lame("abr", "--abr", "160")
    put("cut_in_a_frame", abr[: len(abr) * 2 // 3])
    put("cut", without_header[: frame_behind(without_header, len(without_header) * 2 // 3)])
    put("joined", header + abr)
    put("padded", b"ID3\4\0\0\0\0\1\0" + bytes(128) + header + bytes(3000) + b"TAG" + bytes(125))
    at = header.index(b"Xing") + 8
    n = struct.unpack(">I", header[at:at + 4])[0]
    put("xing_0", header[:at] + bytes(4) + header[at + 4:])
    put("xing_half", header[:at] + struct.pack(">I", n // 2) + header[at + 4:])


def table(tool, out, folder):
    run(tool, out, folder)
    with open(out) as f:
        rows = list(csv.reader(f))
    names = [".".join(c) for c in zip(*(r[1:] for r in rows[:3]))]
    return names, {r[0]: np.array([float(v) for v in r[1:]]) for r in rows[4:]}


def main():
    tool, clips, work = sys.argv[1:4]
    mp3s, wavs = os.path.join(work, "mp3"), os.path.join(work, "wav")
    os.makedirs(mp3s, exist_ok=True)
    os.makedirs(wavs, exist_ok=True)
    for clip in sorted(os.listdir(clips)):
        if clip.endswith(".mp3"):
            source = os.path.join(work, clip[:-4] + ".wav")
            run("ffmpeg", "-nostdin", "-y", "-i", os.path.join(clips, clip), "-c:a", "pcm_s16le", source)
            kinds(source, os.path.join(mp3s, clip[:-4]))
    for name in sorted(os.listdir(mp3s)):
        run("ffmpeg", "-nostdin", "-y", "-i", os.path.join(mp3s, name), "-c:a", "pcm_s16le", os.path.join(wavs, name[:-4] + ".wav"))
    names, got = table(tool, os.path.join(work, "got.csv"), mp3s)
    _, want = table(tool, os.path.join(work, "want.csv"), wavs)
    spread = np.std([want[k] for k in sorted(want)], axis=0)
    spread[spread == 0] = 1
    for key in list(want):
        if key.endswith("_xing_half"):
            want[key] = want[key[:-4] + "0"]
    families = sorted({n.split(".")[0] for n in names})
    bad = set(want) - set(got)
    for key in sorted(bad):
        print("no features:", key)
    worst = {}
    for key in sorted(set(got) & set(want)):
        off = np.abs(got[key] - want[key]) / spread
        kind = key.split("_", 1)[1]
        for i, name in enumerate(names):
            place = (kind, name.split(".")[0])
            worst[place] = max(worst.get(place, 0), off[i])
    for kind in sorted({k for k, _ in worst}):
        values = [worst[kind, f] for f in families]
        print(kind, " ".join(f"{f}={v:.1e}" for f, v in zip(families, values)))
    limits = {(k, f): 0.4 if f == "spectral_contrast" else 0.002 for k, f in worst if k != "cut_in_a_frame"}
    n = sum(worst[place] > limit for place, limit in limits.items())
    print(f"{len(got)} files, {n} families above their limit")
    sys.exit(bool(n or bad))


if __name__ == "__main__":
    main()
