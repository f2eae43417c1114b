#!/usr/bin/env python3
"""Golden frames of log-mel spectrograms for the formula signals, from librosa 0.11.0 (soxr 1.1.0, numpy 2.4).

usage: make_mel.py OUT_DIR   (writes mel.csv)
Each line: signal, recipe, number of frames, frame, values. A signal with an @ is taken as if it were at the recipe's rate, so
that nothing is resampled. Recipes are the texts of FrameRecipe, without the version. The
default is musicnn's front end, melspectrogram(n_fft=512, hop_length=256, n_mels=96) at 16 kHz and log10(1 + 10000 x), whose
librosa of 2019 mirrored the ends.
"""
import csv, os, sys
import numpy as np
import librosa
from make_golden import mono, signals

assert librosa.__version__ == "0.11.0", librosa.__version__
RECIPES = [
    dict(sr=16000, n_fft=512, hop_length=256, n_mels=96, f_min=0, f_max=8000, edges="reflect", log="log10(1+10000x)"),
    dict(sr=22050, n_fft=2048, hop_length=512, n_mels=128, f_min=0, f_max=11025, edges="zero", log="db"),
    dict(sr=12000, n_fft=1024, hop_length=200, n_mels=64, f_min=50, f_max=5500.5, edges="zero", log="log10(1+10000x)"),
]
SIGNALS = ("stereo_44100", "chirp", "noise", "silence", "short", "rate_9000", "stereo_48000")


def mel(x, sr, r):
    if sr != r["sr"]:
        x = librosa.resample(x, orig_sr=sr, target_sr=r["sr"])
    power = librosa.feature.melspectrogram(
        y=x, sr=r["sr"], n_fft=r["n_fft"], hop_length=r["hop_length"], n_mels=r["n_mels"], fmin=r["f_min"], fmax=r["f_max"],
        pad_mode={"reflect": "reflect", "zero": "constant"}[r["edges"]])
    if r["log"] == "db":
        return librosa.power_to_db(power, top_db=None)
    return np.log10(1 + 10000 * power.astype(np.float64))


def main():
    rows = []
    for name, sr, channels in signals():
        if name not in SIGNALS:
            continue
        for r, same in [(r, same) for same in (False, True) for r in RECIPES]:
            if same and name not in ("noise", "chirp", "short"):
                continue
            values = mel(mono(channels), r["sr"] if same else sr, r)
            text = " ".join("%s=%s" % item for item in r.items())
            n = values.shape[1]
            for t in sorted(set([0, 1, n // 3, n - 1])):
                rows.append([name + "@" * same, text, n, t] + ["%.6g" % v for v in values[:, t]])
    with open(os.path.join(sys.argv[1], "mel.csv"), "w") as h:
        csv.writer(h, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
