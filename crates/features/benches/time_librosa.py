#!/usr/bin/env python3
"""Times the 518 features of a WAV file with the librosa of this interpreter: time_librosa.py CLIP.wav CLIP.mp3
Reading the WAV file stands in for decoding with 0.5.0 (its audioread starts ffmpeg); 0.11 decodes the MP3 file itself, and is timed at
the file's own rate and resampled to 22,050 Hz."""
import os, sys, time, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "data"))
import make_golden as g
import soundfile

wav, mp3 = sys.argv[1], sys.argv[2]


def run(rate):
    x, sr = soundfile.read(wav if g.OLD else mp3, dtype="float32", always_2d=True)
    x = g.mono(list(x.T))
    if rate:
        x, sr = g.librosa.resample(x, orig_sr=sr, target_sr=rate), rate
    f, _ = g.frames(x, sr)
    return [v for family, _ in g.SIZES for _, m in g.MOMENTS for v in m(f[family])]


for rate in [None] if g.OLD else [None, 22050]:
    best = None
    for i in range(4):  # the first run compiles and caches
        t = time.process_time(); run(rate); t = time.process_time() - t
        if i and (best is None or t < best):
            best = t
    print("librosa %-8s %9.1f ms at %s" % (g.librosa.__version__, best * 1e3, rate or "the file's own rate"))
