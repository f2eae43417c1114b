#!/usr/bin/env python3
"""Statistics of single-precision rows, from numpy and scipy themselves: librosa_statistics.csv, librosa_constants.csv.

usage: make_statistics.py OUT_DIR      (made with numpy 2.4.6, scipy 1.17.1)
A line is: layout of the array (C: frames of a row side by side, F: rows of a frame), number of frames, spread and offset of
the row, and its seven statistics in the order of the features. Rows are spread * noise + offset in single precision, the noise
that of make_golden.py with seed 21; a spread of 0 makes a constant.
In librosa_constants.csv a line is: layout, constant, and where its skewness is a number among lengths 1 to 2000: first and last
length of each run, and the skewness to five decimals.
"""
import csv, os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from scipy import stats

f = np.float32
CONSTANTS = [-1131.3709716796875, -1131.370849609375, 0.10000000149011612, 0.2886751294136047, 0.0, 1e-30]


def noise(n, seed):
    out, x = np.empty(n), seed
    for i in range(n):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        out[i] = x / 2.0 ** 31 - 1.0
    return out.astype(f)


def seven(a):
    s = [stats.kurtosis(a, axis=1), np.max(a, axis=1), np.mean(a, axis=1), np.median(a, axis=1), np.min(a, axis=1),
         stats.skew(a, axis=1), np.std(a, axis=1)]
    assert all(v.dtype == f for v in s)
    return [v[0] for v in s]


def rows():
    for n in [1, 2, 3, 7, 8, 9, 15, 16, 17, 22, 87, 127, 128, 129, 136, 137, 255, 256, 257, 431, 1000, 1292, 2584]:
        for spread, offset in [(1.0, 0.0), (10.0, 3.0), (1.0, 1000.0)]:
            yield n, spread, offset
        for c in CONSTANTS:
            yield n, 0.0, c
    # Constants over all lengths, where the mean misses them (and where it just does not).
    for c in CONSTANTS:
        missed = [False] * 2001
        for n in range(1, 2001):
            missed[n] = np.mean(np.full((1, n), c, f), axis=1)[0] != f(c)
        edges = [n for n in range(2, 2001) if missed[n] != missed[n - 1]]
        for n in edges[::max(1, len(edges) // 40)]:
            yield n, 0.0, c


def runs(layout, c):
    """(first, last, skewness) of runs of lengths at which a constant row has a skewness."""
    out = []
    for n in range(1, 2001):
        a = np.full((2, n), c, f)
        s = stats.skew(np.asfortranarray(a) if layout == "F" else a, axis=1)[0]
        if np.isnan(s):
            continue
        s = round(float(s), 5)
        if out and out[-1][1] == n - 1 and out[-1][2] == s:
            out[-1][1] = n
        else:
            out.append([n, n, s])
    return out


def main():
    basis = noise(3000, 21)
    with open(os.path.join(sys.argv[1], "librosa_statistics.csv"), "w") as h:
        w = csv.writer(h, lineterminator="\n")
        seen = set()
        for n, spread, offset in rows():
            if (n, spread, offset) in seen:
                continue
            seen.add((n, spread, offset))
            row = basis[:n] * f(spread) + f(offset)
            # Two rows, so that the layouts differ.
            a = np.stack([row, row[::-1]])
            for layout, v in (("C", np.ascontiguousarray(a)), ("F", np.asfortranarray(a))):
                w.writerow([layout, n, "%.9g" % spread, "%.9g" % offset] + ["%.9g" % x for x in seven(v)])
    with open(os.path.join(sys.argv[1], "librosa_constants.csv"), "w") as h:
        for layout in "CF":
            for c in CONSTANTS:
                cells = ["%d-%d:%.6g" % tuple(run) for run in runs(layout, c)]
                h.write(",".join([layout, "%.9g" % c] + cells) + "\n")


if __name__ == "__main__":
    main()
