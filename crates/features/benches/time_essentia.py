#!/usr/bin/env python3
"""Times Essentia's MusicExtractor on a clip: time_essentia.py CLIP.mp3"""
import sys, time
import essentia, essentia.standard as es
essentia.log.infoActive = False
essentia.log.warningActive = False
best = None
for i in range(3):
    t = time.process_time(); es.MusicExtractor()(sys.argv[1]); t = time.process_time() - t
    best = t if best is None or t < best else best
print("essentia %-8s %8.1f ms" % (essentia.__version__, best * 1e3))
