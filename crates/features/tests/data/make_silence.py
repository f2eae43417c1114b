#!/usr/bin/env python3
"""Golden values for digital silence before, within and behind music, and alone, from librosa itself.

usage: OPENBLAS_NUM_THREADS=1 make_silence.py OUT_DIR
With the libraries of make_golden.py it writes fma_silence.csv (librosa 0.5.0) or librosa_silence.csv (librosa 0.11.0): the
518 features of each signal. One thread, because the matrix product of several leaves its own rounding at the seams between
them, which is the whole of the kurtosis of silence's MFCC. The signals are the formulas below; tests/common/silence.rs
repeats them.
"""
import csv, os, sys
import numpy as np
import librosa
from make_golden import MOMENTS, OLD, SIZES, frames, mono, noise

# Rate, and seconds of silence before music, in its middle and behind it. Music is as long as MUSIC says, or absent.
CASES = [(22050, 0.1, 0, 0), (22050, 0, 0.6, 0), (22050, 0, 0, 3), (22050, 0, 0, 15), (32000, 0.6, 0, 0), (32000, 0, 3, 0),
         (32000, 0, 0, 0.1), (44100, 3, 0, 0), (44100, 0, 1, 0), (44100, 0, 0, 0.6), (44100, 0, 15, 0), (44100, 0.7, 2, 5),
         (48000, 15, 0, 0), (48000, 0, 0.3, 0), (48000, 0, 0, 1), (48000, 2, 0, 2)]
SILENT = [(22050, 0.1), (22050, 0.5), (22050, 1), (22050, 3), (44100, 3), (44100, 2), (32000, 10), (48000, 15)]
MUSIC = 1.6


def music(n, rate):
    """Plucked notes, four a second, each of three harmonics, over a little noise."""
    i = np.arange(n)
    note, t = 4 * i // rate, i / float(rate)
    f = 110.3 * 2.0 ** ((7 * note % 29) / 12.0)
    tone = np.sin(2 * np.pi * f * t) + 0.5 * np.sin(4 * np.pi * f * t) + 0.25 * np.sin(6 * np.pi * f * t)
    return 0.3 * np.exp(-6.0 * (t - note / 4.0)) * tone + 0.01 * noise(n, 23)


def signals():
    for rate, before, within, behind in CASES:
        n = int(MUSIC * rate)
        m, gap = music(n, rate), lambda s: np.zeros(int(s * rate))
        parts = [gap(before), m[:n // 2], gap(within), m[n // 2:], gap(behind)]
        yield "%d_%g_%g_%g" % (rate, before, within, behind), rate, np.concatenate(parts)
    for rate, seconds in SILENT:
        yield "%d_silent_%g" % (rate, seconds), rate, np.zeros(int(seconds * rate))


def main():
    assert os.environ.get("OPENBLAS_NUM_THREADS") == "1", __doc__
    with open(os.path.join(sys.argv[1], "fma_silence.csv" if OLD else "librosa_silence.csv"), "w") as h:
        w = csv.writer(h, lineterminator="\n")
        cells = [(f, m, "%02d" % (i + 1)) for f, size in SIZES for m, _ in MOMENTS for i in range(size)]
        for k, level in enumerate(("feature", "statistics", "number")):
            w.writerow([level] + [c[k] for c in cells])
        w.writerow(["track_id"] + [""] * len(cells))
        for name, sr, x in signals():
            x = mono([x])
            if not OLD and sr != 22050:
                x, sr = librosa.resample(x, orig_sr=sr, target_sr=22050), 22050
            f, _ = frames(x, sr)
            w.writerow([name] + ["%.8g" % v for family, _ in SIZES for _, m in MOMENTS for v in m(f[family])])


if __name__ == "__main__":
    main()
