"""What the makers share: programs that may be missing, tones without tags, and copies of them."""

import os
import shutil
import subprocess
import sys

OUT = os.path.abspath(sys.argv[1])
BASE = OUT + '.base'
JPEG = b'\xff\xd8\xff\xe0' + bytes(range(256)) * 12 + b'\xff\xd9'
PNG = b'\x89PNG\r\n\x1a\n' + bytes(range(256)) * 9
missing = {}


def sh(*args):
    """Runs a program; whether it was there and went well."""
    args = [str(a) for a in args]
    if shutil.which(args[0]) is None:
        missing[args[0]] = 'not installed'
        return False
    p = subprocess.run(
        args, capture_output=True, env=dict(os.environ, LC_ALL='C.UTF-8', QT_QPA_PLATFORM='offscreen', HOME='/tmp')
    )
    if p.returncode:
        missing.setdefault(args[0], (p.stderr or p.stdout).decode(errors='replace').strip()[-120:])
    return p.returncode == 0


def ff(*args):
    return sh('ffmpeg', '-v', 'error', '-y', *args)


def bases():
    """Tones without tags, one file for each container and layout."""
    os.makedirs(BASE, exist_ok=True)
    b = lambda n: f'{BASE}/{n}'
    tone = 'aevalsrc=0.3*sin(2*PI*220*t)+0.2*sin(2*PI*331*t*t)|0.3*sin(2*PI*277*t):s=44100:d=1.7'
    ff('-f', 'lavfi', '-i', tone, '-bitexact', '-c:a', 'pcm_s16le', b('base.wav'))
    plain = ('-i', b('base.wav'), '-map_metadata', '-1')
    ff(*plain, '-c:a', 'libmp3lame', '-b:a', '96k', '-id3v2_version', '0', '-write_id3v1', '0', b('cbr.mp3'))
    ff(*plain, '-c:a', 'libmp3lame', '-q:a', '4', '-id3v2_version', '0', '-write_xing', '0', b('no_xing.mp3'))
    ff(*plain, '-c:a', 'aac', '-b:a', '64k', b('adts.aac'))
    ff(*plain, '-c:a', 'aac', '-bitexact', b('end.m4a'))
    ff(*plain, '-c:a', 'aac', '-bitexact', '-movflags', '+faststart', b('faststart.m4a'))
    ff(*plain, '-c:a', 'alac', '-bitexact', b('alac.m4a'))
    ff(
        *plain,
        '-c:a',
        'aac',
        '-movflags',
        'frag_keyframe+empty_moov+default_base_moof',
        '-frag_duration',
        '400000',
        b('fragments.m4a'),
    )
    ff(*plain, '-c:a', 'flac', '-bitexact', b('ff.flac'))
    ff(*plain, '-c:a', 'libvorbis', b('ff.ogg'))
    ff(*plain, '-c:a', 'libopus', '-b:a', '48k', b('ff.opus'))
    ff(*plain, '-c:a', 'flac', '-f', 'ogg', b('flac.oga'))
    ff(*plain, '-c:a', 'pcm_s24le', '-bitexact', b('s24.wav'))
    ff(*plain, '-c:a', 'pcm_f32le', '-bitexact', b('f32.wav'))
    ff(*plain, '-ac', '1', '-ar', '22050', '-t', '0.8001', '-c:a', 'pcm_u8', '-bitexact', b('u8.wav'))
    ff(*plain, '-rf64', 'always', b('rf64.wav'))
    ff(*plain, '-c:a', 'pcm_s16be', '-bitexact', b('be.aiff'))
    ff(*plain, '-ac', '1', '-ar', '22050', '-c:a', 'pcm_s8', '-bitexact', b('s8.aiff'))
    ff(*plain, '-c:a', 'pcm_s16le', b('sowt.aifc'), '-f', 'aiff')
    g = open(b('base.wav'), 'rb').read()
    open(b('pipe.wav'), 'wb').write(g[:4] + b'\xff' * 4 + g[8:40] + b'\xff' * 4 + g[44:])


def new(base, name):
    """A copy of a base under a name of its own."""
    path = f'{OUT}/{name}{os.path.splitext(base)[1]}'
    if not os.path.exists(f'{BASE}/{base}'):
        raise FileNotFoundError(base)
    shutil.copy(f'{BASE}/{base}', path)
    return path
