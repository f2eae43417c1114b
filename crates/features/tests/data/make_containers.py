#!/usr/bin/env python3
"""Writes small files of every container and codec, plain and with one number wrong beside whole sound, and how many samples
ffmpeg decodes from each (lengths.csv: name, rate, channels, samples per channel at that rate).

usage: make_containers.py OUT_DIR     (needs ffmpeg with libmp3lame, libvorbis, libopus; lame; made with ffmpeg 5.1 and lame 3.100)

All sound is made here: a chord with a little noise. he_aac.aac and he_aac.m4a (a copy) are not: Debian's ffmpeg does not encode HE-AAC.
They are the beginning of a generated sound by libfdk_aac and are kept as they are. ffmpeg joins the parts of a stream whose rate or channels change by
resampling, so that lengths are those of the first part's rate.
"""

import math
import os
import random
import struct
import subprocess
import sys

OUT = sys.argv[1]
os.makedirs(OUT, exist_ok=True)
RNG = random.Random(7)


def tone(rate, seconds, channels=1):
    """16-bit samples, interleaved."""
    x = []
    for i in range(int(rate * seconds)):
        for c in range(channels):
            t = i / rate
            v = 0.3 * math.sin(2 * math.pi * (220 + 110 * c) * t) + 0.2 * math.sin(2 * math.pi * 659 * t)
            x.append(int(32767 * 0.7 * (v + 0.02 * RNG.uniform(-1, 1))))
    return struct.pack(f"<{len(x)}h", *x)


def path(name):
    return os.path.join(OUT, name)


def put(name, *parts):
    with open(path(name), "wb") as f:
        f.write(b"".join(parts))


def get(name):
    with open(path(name), "rb") as f:
        return f.read()


def chunk(tag, data, size=None, end="<"):
    return tag + struct.pack(end + "I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)


def fmt(tag, channels, rate, bits, more=b""):
    align = channels * ((bits + 7) // 8)
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits) + more)


def riff(*chunks, size=None, magic=b"RIFF"):
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


def ffmpeg(*args):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *args], check=True)


def encode(source, name, *args):
    ffmpeg("-i", path(source), "-map_metadata", "-1", "-bitexact", *args, path(name))


def lame(source, name, *args):
    subprocess.run(["lame", "--quiet", *args, path(source), path(name)], check=True)


# Bases, deleted at the end.
R = 22050
LOW = 16000
pcm = tone(LOW, 0.1)
put("base_low.wav", riff(fmt(1, 1, LOW, 16), chunk(b"data", pcm)))
put("base.wav", riff(fmt(1, 1, R, 16), chunk(b"data", tone(R, 0.6))))
put("base_stereo.wav", riff(fmt(1, 2, R, 16), chunk(b"data", tone(R, 0.6, 2))))
put("base_48k.wav", riff(fmt(1, 1, 48000, 16), chunk(b"data", tone(48000, 0.3))))
BASES = ["base_low.wav", "base.wav", "base_stereo.wav", "base_48k.wav"]

# --- WAV
F = fmt(1, 1, LOW, 16)
put("wav_sizes_0.wav", riff(F, chunk(b"data", pcm, size=0), size=0))
put("wav_sizes_largest.wav", riff(F, chunk(b"data", pcm, size=0xFFFFFFFF), size=0xFFFFFFFF))
put("wav_size_7ffff000.wav", riff(F, chunk(b"data", pcm, size=0x7FFFF000), size=0x7FFFF024))
put("wav_data_a_byte_more.wav", riff(F, chunk(b"data", pcm, size=len(pcm) + 1)))
put("wav_riff_8_short.wav", riff(F, chunk(b"data", pcm), size=28 + len(pcm)))
put("wav_fmt_20.wav", riff(fmt(1, 1, LOW, 16, b"\2\0\0\0"), chunk(b"data", pcm)))
put("wav_fmt_28.wav", riff(fmt(1, 1, LOW, 16, b"\x0a\0" + bytes(10)), chunk(b"data", pcm)))
put("wav_12_bits.wav", riff(fmt(1, 1, LOW, 12), chunk(b"data", pcm)))
put("wav_list_in_front.wav", riff(chunk(b"LIST", b"INFOINAM" + struct.pack("<I", 5000)), F, chunk(b"data", pcm)))
put("wav_list_behind.wav", riff(F, chunk(b"data", pcm), chunk(b"LIST", b"INFOIGNR\4\0\0\0Rock")))
LONG = chunk(b"ds64", struct.pack("<QQQI", len(pcm) + 72, len(pcm), len(pcm) // 2, 0))
for magic in (b"RF64", b"BW64"):
    put(f"wav_{magic.decode().lower()}.wav", riff(LONG, F, chunk(b"data", pcm, size=0xFFFFFFFF), size=0xFFFFFFFF, magic=magic))
for codec in ("pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw", "adpcm_ima_wav", "adpcm_ms"):
    encode("base_low.wav", f"wav_{codec}.wav", "-c:a", codec)
encode("base.wav", "wav_mp3.wav", "-c:a", "libmp3lame", "-b:a", "32k")

# --- AIFF
encode("base_low.wav", "aiff_plain.aiff", "-c:a", "pcm_s16be")
aiff = get("aiff_plain.aiff")
put("aiff_form_100_more.aiff", aiff[:4], struct.pack(">I", len(aiff) + 92), aiff[8:])
put("aiff_form_8_short.aiff", aiff[:4], struct.pack(">I", len(aiff) - 16), aiff[8:])
for name, tail in (("empty", b"ID3 \0\0\0\0"), ("cut", b"ID3 \0\0\x10\0ID3\3\0\0"), ("half_a_head", b"ID3 \0\0")):
    put(f"aiff_tag_{name}.aiff", aiff[:4], struct.pack(">I", len(aiff) - 8 + len(tail)), aiff[8:], tail)
for codec in ("pcm_s16le", "pcm_s24be", "pcm_f32be", "pcm_f64be", "pcm_alaw", "pcm_mulaw"):
    encode("base_low.wav", f"aifc_{codec}.aifc", "-f", "aiff", "-c:a", codec)

# --- FLAC
encode("base_low.wav", "flac_plain.flac", "-c:a", "flac")
flac = get("flac_plain.flac")
put("flac_min_block_0.flac", flac[:8], bytes(2), flac[10:])
put("flac_no_length.flac", flac[:21], bytes([flac[21] & 0xF0]), bytes(4), flac[26:])
put("flac_newline_behind.flac", flac, b"\n")
put("flac_ape_behind.flac", flac, b"APETAGEX", bytes(400))
put("flac_id3_around.flac", b"ID3\3\0\0\0\0\0\x0fTCON\0\0\0\5\0\0\0Rock", flac, b"TAG" + b"x" * 125)
encode("base_low.wav", "flac_in_ogg.oga", "-c:a", "flac")
encode("base_low.wav", "flac_in_mp4.mp4", "-c:a", "flac", "-strict", "-2")

# --- MP3
lame("base.wav", "mp3_header.mp3", "-V", "6")
lame("base.wav", "mp3_no_header.mp3", "-t", "-V", "6")
lame("base_stereo.wav", "mp3_stereo.mp3", "-t", "-b", "64", "--resample", "22.05")
lame("base_48k.wav", "mp3_48k.mp3", "-b", "64", "--resample", "48")
encode("base.wav", "mp3_8k.mp3", "-ar", "8000", "-c:a", "libmp3lame", "-b:a", "16k")
mp3 = get("mp3_header.mp3")
at = mp3.index(b"Xing") + 8
count = struct.unpack(">I", mp3[at:at + 4])[0]
for name, n in (("0", 0), ("half", count // 2), ("double", 2 * count)):
    put(f"mp3_xing_{name}.mp3", mp3[:at], struct.pack(">I", n), mp3[at + 4:])
put("mp3_joined.mp3", mp3, mp3)
put("mp3_tags_around.mp3", b"ID3\4\0\0\0\0\0\x0a0123456789", mp3, b"TAG" + b"x" * 125)
put("mp3_mono_then_stereo.mp3", get("mp3_no_header.mp3"), get("mp3_stereo.mp3"))
put("mp3_stereo_then_mono.mp3", get("mp3_stereo.mp3"), get("mp3_no_header.mp3"))
encode("base.wav", "mp2.mp2", "-c:a", "mp2", "-b:a", "32k")

# --- Ogg
CRC = []
for i in range(256):
    c = i << 24
    for _ in range(8):
        c = (c << 1 ^ 0x04C11DB7 if c >> 31 else c << 1) & 0xFFFFFFFF
    CRC.append(c)


def pages(x):
    at = 0
    while at < len(x):
        n = x[at + 26]
        size = 27 + n + sum(x[at + 27:at + 27 + n])
        yield bytearray(x[at:at + size])
        at += size


def seal(page):
    page[22:26] = bytes(4)
    c = 0
    for b in page:
        c = (c << 8 & 0xFFFFFFFF) ^ CRC[c >> 24 ^ b]
    page[22:26] = struct.pack("<I", c)
    return bytes(page)


def serial(x, n):
    def change(p):
        p[14:18] = struct.pack("<I", n)
        return seal(p)
    return b"".join(change(p) for p in pages(x))


encode("base.wav", "ogg_vorbis.ogg", "-c:a", "libvorbis", "-q:a", "0", "-page_duration", "100000")
ogg = get("ogg_vorbis.ogg")
all_pages = list(pages(ogg))
sound = [i for i, p in enumerate(all_pages) if struct.unpack("<q", p[6:14])[0] > 0]
for i in sound[1:-1:2]:
    all_pages[i][6:14] = b"\xff" * 8
put("ogg_every_second_page_without_position.ogg", *(seal(p) for p in all_pages))
put("ogg_chained.ogg", ogg, serial(ogg, 99))
encode("base_48k.wav", "ogg_opus.opus", "-c:a", "libopus", "-b:a", "24k")
put("ogg_opus_chained.opus", get("ogg_opus.opus"), serial(get("ogg_opus.opus"), 98))

# --- AAC, MP4, CAF, Matroska
encode("base.wav", "adts.aac", "-c:a", "aac", "-b:a", "32k")
encode("base.wav", "adts_main.aac", "-c:a", "aac", "-b:a", "32k", "-profile:a", "aac_main", "-strict", "-2")
encode("base.wav", "m4a_ltp.m4a", "-c:a", "aac", "-b:a", "32k", "-profile:a", "aac_ltp", "-strict", "-2")
encode("base.wav", "m4a_six_channels.m4a", "-c:a", "aac", "-b:a", "64k", "-ac", "6")
encode("base.wav", "m4a_index_behind.m4a", "-c:a", "aac", "-b:a", "32k")
encode("base.wav", "m4a_index_first.m4a", "-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart")
encode("base.wav", "m4a_fragmented.m4a", "-c:a", "aac", "-b:a", "32k", "-movflags", "frag_keyframe+empty_moov")
encode("base_low.wav", "m4a_alac.m4a", "-c:a", "alac")
encode("base_48k.wav", "mp4_opus.mp4", "-c:a", "libopus", "-b:a", "24k")
encode("base.wav", "mp4_mp3.mp4", "-c:a", "libmp3lame", "-b:a", "32k")
for codec in ("pcm_s16be", "pcm_f32le", "pcm_mulaw", "alac"):
    encode("base_low.wav", f"caf_{codec}.caf", "-c:a", codec)
for codec, source in (("libvorbis", "base.wav"), ("libopus", "base_48k.wav"), ("aac", "base.wav"), ("libmp3lame", "base.wav"),
                      ("flac", "base_low.wav"), ("pcm_s24le", "base_low.wav")):
    more = ["-b:a", "32k"] if codec in ("libopus", "aac", "libmp3lame") else []
    encode(source, f"mka_{codec}.mka", "-c:a", codec, *more)

for name in BASES:
    os.remove(path(name))

lines = []
for name in sorted(os.listdir(OUT)):
    if name.endswith(".csv"):
        continue
    shown = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "stream=sample_rate,channels",
                            "-of", "csv=p=0", path(name)], check=True, capture_output=True, text=True).stdout
    rate, channels = shown.split("\n")[0].strip(",").split(",")[:2]
    raw = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path(name), "-map", "0:a:0", "-f", "s16le", "-ac", channels,
                          "-ar", rate, "-"], check=True, capture_output=True).stdout
    lines.append(f"{name},{rate},{channels},{len(raw) // 2 // int(channels)}")
with open(path("lengths.csv"), "w") as f:
    f.write("name,rate,channels,samples\n" + "\n".join(lines) + "\n")
