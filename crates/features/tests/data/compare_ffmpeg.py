#!/usr/bin/env python3
"""Compares what the decoder gives with what ffmpeg gives, sample by sample.

usage: compare_ffmpeg.py DECODE_EXAMPLE FILES...      (needs ffmpeg and numpy)
For each file: samples here and in ffmpeg, the shift at which the two agree best, the largest and the root mean square
difference at shift 0 in 16-bit steps. Exit 1 if a length or a shift differs. Opus is decoded by libopus in ffmpeg.
"""
import os, subprocess, sys, tempfile
import numpy as np


def ffmpeg(path, channels):
    decoder = ["-c:a", "libopus"] if "opus" in os.path.basename(path) else []
    raw = subprocess.check_output(["ffmpeg", "-v", "error"] + decoder
                                  + ["-i", path, "-map", "0:a:0", "-f", "s16le", "-c:a", "pcm_s16le", "-"])
    return np.frombuffer(raw, "<i2").reshape(-1, channels).mean(axis=1)


def best_shift(a, b):
    """The shift of a against b with the largest correlation, up to 4096 samples either way."""
    n = min(len(a), len(b), 1 << 17)
    size = max(1 << (2 * n - 1).bit_length(), 1 << 14)
    c = np.fft.irfft(np.fft.rfft(a[:n], size) * np.conj(np.fft.rfft(b[:n], size)), size)
    lags = np.concatenate([np.arange(0, 4097), np.arange(-4096, 0)])
    return int(lags[np.argmax(c[lags])])


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sys.argv[2:]:
            line = subprocess.run([sys.argv[1], folder, path], stdout=subprocess.PIPE, text=True).stdout.strip()
            if not line:
                bad += 1
                continue
            name, rate, channels, n, n_bad, *_ = line.rsplit(",", 7)
            got = np.fromfile(os.path.join(folder, name + ".f32"), "<f4").astype(float) * 32768
            want = ffmpeg(path, int(channels))
            m = min(len(got), len(want))
            shift = best_shift(got, want) if m else 0
            d = got[:m] - want[:m]
            agree = len(got) == len(want) and shift == 0
            bad += not agree
            print("%-44s %5s Hz %s ch  %8d %8d  shift %5d  max %8.2f  rms %7.3f%s" % (
                name, rate, channels, len(got), len(want), shift, np.abs(d).max() if m else 0, np.sqrt(np.mean(d ** 2)) if m else 0,
                "" if agree else "   DIFFERS"))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
