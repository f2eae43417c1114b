#!/usr/bin/env bash
# Writes one short file of every supported format, and what ffmpeg decodes from each (decoded.csv).
# usage: make_audio.sh OUT_DIR      (needs ffmpeg with libmp3lame, libvorbis and libopus; made with ffmpeg 5.1)
set -euo pipefail
out=${1:?usage: make_audio.sh OUT_DIR}
mkdir -p "$out"
# Two chords with a little noise, left and right apart.
chord="0.2*sin(2*PI*220*t)+0.15*sin(2*PI*277.18*t)+0.1*sin(2*PI*659.3*t)|0.25*sin(2*PI*110*t)+0.1*sin(2*PI*1318.5*t*(1+0.2*t))"
make() { ffmpeg -v error -y -bitexact -f lavfi -i "aevalsrc='$chord':s=$2:d=$3" -map_metadata -1 "${@:4}" "$out/$1"; }
make pcm_s16.wav 16000 0.2 -c:a pcm_s16le
make pcm_u8.wav 16000 0.2 -c:a pcm_u8
make pcm_s24.wav 16000 0.1 -c:a pcm_s24le
make pcm_f32.wav 16000 0.1 -c:a pcm_f32le
make mono.wav 16000 0.2 -ac 1 -c:a pcm_s16le
make six_channels.wav 16000 0.1 -ac 6 -c:a pcm_s16le
make adpcm_ms.wav 16000 0.3 -c:a adpcm_ms
make pcm_s16.aiff 16000 0.2 -c:a pcm_s16be
make pcm_s16.caf 16000 0.2 -c:a pcm_s16le
make flac.flac 16000 0.3 -c:a flac
make mp3_cbr.mp3 44100 0.4 -c:a libmp3lame -b:a 64k
make mp3_vbr.mp3 22050 0.4 -c:a libmp3lame -q:a 6
make mp2.mp2 44100 0.3 -c:a mp2 -b:a 64k
make vorbis.ogg 22050 0.4 -c:a libvorbis -q:a 1
make aac.aac 22050 0.4 -c:a aac -b:a 48k
make aac.m4a 22050 0.4 -c:a aac -b:a 48k
make index_first.m4a 22050 0.4 -c:a aac -b:a 48k -movflags +faststart
make pages.ogg 22050 0.6 -c:a libvorbis -q:a 0 -page_duration 100000
make alac.m4a 16000 0.2 -c:a alac
make flac.mka 16000 0.2 -c:a flac
make pcm.mka 16000 0.1 -c:a pcm_s16le
make opus.opus 48000 0.3 -c:a libopus -b:a 48k
make opus_mono.opus 16000 0.3 -ac 1 -c:a libopus -b:a 12k -application voip
make opus_six.opus 48000 0.1 -ac 6 -c:a libopus -b:a 96k -mapping_family 1
make opus.mka 48000 0.2 -ac 1 -c:a libopus -b:a 32k
make opus.mp4 48000 0.2 -ac 1 -c:a libopus -b:a 32k
make fragments.m4a 22050 0.4 -ac 1 -c:a aac -b:a 32k -movflags +frag_keyframe+delay_moov
make edited.m4a 22050 0.4 -ac 1 -c:a aac -b:a 32k
make tagged.m4a 22050 0.4 -ac 1 -c:a aac -b:a 32k
make edited_alac.m4a 9600 0.45 -ac 1 -c:a alac
# Other edit lists than the encoder's, and iTunes' tag instead of one.
python3 - "$out" <<'PY'
import os, struct, sys


def change(name, f):
    path = os.path.join(sys.argv[1], name)
    x = bytearray(open(path, "rb").read())
    f(x)
    open(path, "wb").write(x)


def edit(start, length_ms):
    def f(x):
        struct.pack_into(">II", x, x.index(b"elst") + 12, length_ms, start)
    return f


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def tag(x):
    at = x.index(b"edts")
    x[at:at + 4] = b"free"
    moov = x.index(b"moov") - 4
    assert moov + struct.unpack_from(">I", x, moov)[0] == len(x)
    text = b" 00000000 00000600 000001D4 0000000000002274" + b" 00000000" * 8
    item = box(b"----", box(b"mean", bytes(4), b"com.apple.iTunes"), box(b"name", bytes(4), b"iTunSMPB"),
               box(b"data", struct.pack(">II", 1, 0), text))
    handler = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    x += box(b"udta", box(b"meta", bytes(4), handler, box(b"ilst", item)))
    struct.pack_into(">I", x, moov, len(x) - moov)


change("edited.m4a", edit(1500, 200))
change("edited_alac.m4a", edit(300, 330))
change("tagged.m4a", tag)
PY
# name, rate, channels, samples per channel, then every 97th sample of the mean over channels in 16-bit steps
python3 - "$out" <<'PY'
import os, subprocess, struct, sys
out = sys.argv[1]
with open(os.path.join(out, "decoded.csv"), "w") as h:
    for name in sorted(os.listdir(out)):
        if name.endswith(".csv"):
            continue
        p = os.path.join(out, name)
        info = subprocess.check_output(["ffprobe", "-v", "error", "-show_entries", "stream=sample_rate,channels", "-of", "csv=p=0", p])
        rate, channels = [int(v) for v in info.decode().strip().split(",")[:2]]
        # The reference decoder of Opus; ffmpeg's own differs from it by far more than rounding.
        decoder = ["-c:a", "libopus"] if name.startswith("opus") else []
        raw = subprocess.check_output(["ffmpeg", "-v", "error"] + decoder + ["-i", p, "-f", "s16le", "-c:a", "pcm_s16le", "-"])
        x = struct.unpack("<%dh" % (len(raw) // 2), raw)
        n = len(x) // channels
        mono = [sum(x[i * channels:(i + 1) * channels]) / channels for i in range(0, n, 97)]
        h.write(",".join([name, str(rate), str(channels), str(n)] + ["%g" % v for v in mono]) + "\n")
PY
