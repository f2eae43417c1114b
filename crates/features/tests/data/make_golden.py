#!/usr/bin/env python3
"""Golden values for the formula signals, from librosa itself.

usage: OPENBLAS_NUM_THREADS=1 make_golden.py OUT_DIR   (one thread: see make_silence.py)
With librosa 0.5.0, resampy 0.1.5, numpy 1.12.1, scipy 0.19.0 (Python 3.6) it writes fma.csv (518 features of each
signal) and fma_stages.csv (single frames of every stage); with librosa 0.11.0 (soxr 1.1.0, numpy 2.4, scipy 1.17) it
writes librosa.csv, at 22,050 Hz. There most rows are single precision, and so are their statistics. On processors with
AVX-512, that is: elsewhere numpy's logarithm of silence, and with it the mean of its MFCC, is another number by a step.
The signals are the formulas below; tests/common/mod.rs repeats them.
"""
import csv, os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from scipy import stats
import librosa

OLD = librosa.__version__ == "0.5.0"
SIZES = [("chroma_cens", 12), ("chroma_cqt", 12), ("chroma_stft", 12), ("mfcc", 20), ("rmse", 1),
         ("spectral_bandwidth", 1), ("spectral_centroid", 1), ("spectral_contrast", 7), ("spectral_rolloff", 1),
         ("tonnetz", 6), ("zcr", 1)]
MOMENTS = [("kurtosis", lambda v: stats.kurtosis(v, axis=1)), ("max", lambda v: np.max(v, axis=1)),
           ("mean", lambda v: np.mean(v, axis=1)), ("median", lambda v: np.median(v, axis=1)),
           ("min", lambda v: np.min(v, axis=1)), ("skew", lambda v: stats.skew(v, axis=1)),
           ("std", lambda v: np.std(v, axis=1))]


def noise(n, seed):
    out, x = np.empty(n), seed
    for i in range(n):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        out[i] = x / 2.0 ** 31 - 1.0
    return out


def signals():
    def t(seconds, rate):
        return np.arange(int(seconds * rate)) / float(rate)
    a = t(5, 22050)
    saw = lambda f: sum(np.sin(2 * np.pi * f * k * a) / k for k in range(1, 9))
    yield "tone", 22050, [0.5 * np.sin(2 * np.pi * 440.0 * a)]
    yield "detuned_chord", 22050, [0.1 * (saw(223.0) + saw(281.0) + saw(334.1))]
    yield "noise", 22050, [0.3 * noise(5 * 22050, 1)]
    yield "chirp", 22050, [0.5 * np.sin(2 * np.pi * (55.0 * a + 0.5 * 900.0 * a * a))]
    yield "pulses", 22050, [np.where(np.arange(5 * 22050) % 5512 == 0, 0.9, 0.0) + 0.001 * noise(5 * 22050, 7)]
    yield "silence", 22050, [np.zeros(2 * 22050)]
    yield "clipped", 22050, [np.clip(3.0 * np.sin(2 * np.pi * 110.0 * a) + 0.5 * noise(5 * 22050, 3), -1.0, 1.0)]
    b = t(4, 44100)
    yield "stereo_44100", 44100, [0.4 * np.sin(2 * np.pi * 330.0 * b) + 0.05 * noise(4 * 44100, 5),
                                  0.4 * np.sin(2 * np.pi * 495.0 * b) * np.exp(-b)]
    c = t(4, 48000)
    yield "stereo_48000", 48000, [0.3 * np.sign(np.sin(2 * np.pi * 61.7 * c)), 0.3 * noise(4 * 48000, 9)]
    yield "short", 22050, [0.5 * np.sin(2 * np.pi * 1000.0 * np.arange(6000) / 22050.0)]
    d = t(1, 32000)
    yield "rate_32000", 32000, [0.4 * np.sin(2 * np.pi * 261.0 * d) + 0.02 * noise(32000, 13)]
    e = t(1, 96000)
    yield "rate_96000", 96000, [0.4 * np.sin(2 * np.pi * 262.0 * e) + 0.02 * noise(96000, 15)]
    f = t(1, 9000)
    yield "rate_9000", 9000, [0.3 * np.sin(2 * np.pi * 263.0 * f) + 0.3 * np.sin(2 * np.pi * 500.0 * f * (1 + f)) + 0.05 * noise(9000, 17)]


def mono(channels):
    x = np.stack(channels, axis=1).astype(np.float32)
    x = (np.clip(np.round(x * np.float32(32768)), -32768, 32767) / np.float32(32768)).astype(np.float32)
    return np.ascontiguousarray(x.mean(axis=1, dtype=np.float32))


def frames(x, sr):
    f, s = {}, {}
    f["zcr"] = librosa.feature.zero_crossing_rate(x, frame_length=2048, hop_length=512)
    s["tuning"] = np.array([[librosa.estimate_tuning(y=x, sr=sr)]])
    cqt = s["cqt"] = np.abs(librosa.cqt(x, sr=sr, hop_length=512, bins_per_octave=12, n_bins=84, tuning=None))
    kw = {} if OLD else dict(bins_per_octave=12)
    f["chroma_cqt"] = librosa.feature.chroma_cqt(C=cqt, n_chroma=12, n_octaves=7, **kw)
    f["chroma_cens"] = librosa.feature.chroma_cens(C=cqt, n_chroma=12, n_octaves=7, **kw)
    f["tonnetz"] = librosa.feature.tonnetz(chroma=f["chroma_cens"])
    stft = s["stft"] = np.abs(librosa.stft(x, n_fft=2048, hop_length=512))
    f["chroma_stft"] = librosa.feature.chroma_stft(S=stft ** 2, n_chroma=12)
    f["rmse"] = (librosa.feature.rmse if OLD else librosa.feature.rms)(S=stft)
    f["spectral_centroid"] = librosa.feature.spectral_centroid(S=stft)
    f["spectral_bandwidth"] = librosa.feature.spectral_bandwidth(S=stft)
    f["spectral_contrast"] = librosa.feature.spectral_contrast(S=stft, n_bands=6)
    f["spectral_rolloff"] = librosa.feature.spectral_rolloff(S=stft)
    s["mel_db"] = librosa.power_to_db(librosa.feature.melspectrogram(sr=sr, S=stft ** 2))
    f["mfcc"] = librosa.feature.mfcc(S=s["mel_db"], n_mfcc=20)
    return f, s


def main():
    rows, stages = [], []
    for name, sr, channels in signals():
        x = mono(channels)
        if not OLD and sr != 22050:
            x, sr = librosa.resample(x, orig_sr=sr, target_sr=22050), 22050
        f, s = frames(x, sr)
        rows.append([name] + ["%.10e" % v for family, _ in SIZES for _, m in MOMENTS for v in m(f[family])])
        if OLD and name in ("stereo_44100", "rate_9000", "short"):
            for stage, v in sorted(list(f.items()) + list(s.items())):
                if stage == "stft":
                    v = v[::5]
                for t in sorted(set([0, v.shape[1] // 3, v.shape[1] - 1])):
                    stages.append([name, stage, t] + ["%.7g" % x for x in v[:, t]])
    header = [["feature"], ["statistics"], ["number"]]
    for family, size in SIZES:
        for moment, _ in MOMENTS:
            for i in range(size):
                for line, v in zip(header, (family, moment, "%02d" % (i + 1))):
                    line.append(v)
    out = sys.argv[1]
    with open(os.path.join(out, "fma.csv" if OLD else "librosa.csv"), "w") as h:
        w = csv.writer(h, lineterminator="\n")
        w.writerows(header + [["track_id"] + [""] * 518] + rows)
    if OLD:
        with open(os.path.join(out, "fma_stages.csv"), "w") as h:
            csv.writer(h, lineterminator="\n").writerows(stages)


if __name__ == "__main__":
    main()
