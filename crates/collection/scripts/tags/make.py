#!/usr/bin/env python3
"""About 500 small audio files with tags as many programs write them, by those programs where they can be had.

usage: make.py DIR

Programs: ffmpeg, lame, flac, metaflac, oggenc, vorbiscomment, opusenc, sox, eyeD3, id3v2 (id3lib), id3tool, mp3info, kid3-cli,
AtomicParsley; TagLib (pytaglib) and mutagen (Picard, beets, Quod Libet, puddletag) as libraries; and byte by byte what iTunes,
Traktor, Serato, Windows Media Player, Bandcamp, Beatport, Jamendo, the Free Music Archive, Amazon, yt-dlp and others write. A
program that is not installed is said and left out.

    apt-get install ffmpeg lame flac vorbis-tools opus-tools sox eyed3 id3v2 id3tool mp3info kid3-cli atomicparsley
    pip install mutagen pytaglib
"""

import os

from by_hand import by_hand
from common import BASE, OUT, bases, ff, missing, new, sh
from libraries import libraries

# What is said, from little to much. Genres of several words, several, none, by number.
SAID = [
    dict(title='Song', artist='Artist'),
    dict(title='Song', artist='Artist', album='Album', track='01', genre='Jazz'),
    dict(title='Tïtle ☃', artist='Ärtist', album='Альбом', track='3/12', date='2019', genre='Vaporwave', comment='a comment'),
    dict(title='Long ' * 40, artist='A & B feat. C', genre='Hip-Hop'),
    dict(title='x', genre='Rock/Pop'),
    dict(artist='only the artist', track='12', date='1999-05-03'),
]


def programs():
    for i, s in enumerate(SAID):
        kv = {k: v for k, v in s.items()}
        args = [a for k, v in kv.items() for a in ('-metadata', f'{k}={v}')]
        for base in ('cbr.mp3', 'end.m4a', 'ff.flac', 'ff.ogg', 'ff.opus', 'base.wav', 'be.aiff'):
            ext = os.path.splitext(base)[1]
            out = f'{OUT}/ffmpeg_{i}{ext}'
            ff(
                '-i',
                f'{BASE}/{base}',
                *args,
                '-c',
                'copy',
                *(['-write_id3v2', '1'] if ext == '.aiff' else []),
                *(['-movflags', '+faststart'] if ext == '.m4a' and i % 2 else []),
                out,
            )
        for v in (3, 4):
            ff(
                '-i',
                f'{BASE}/cbr.mp3',
                *args,
                '-c',
                'copy',
                '-id3v2_version',
                v,
                '-write_id3v1',
                '1',
                f'{OUT}/ffmpeg_v2{v}_{i}.mp3',
            )
        lame = [
            a
            for k, f in dict(
                title='--tt', artist='--ta', album='--tl', track='--tn', genre='--tg', comment='--tc', date='--ty'
            ).items()
            if k in kv
            for a in (f, kv[k][:4] if k == 'date' else kv[k])
        ]
        for mode in ([], ['--id3v1-only'], ['--id3v2-only'], ['--add-id3v2', '--pad-id3v2-size', '300']):
            sh('lame', '--silent', *mode, *lame, f'{BASE}/base.wav', f'{OUT}/lame_{i}_{len(mode)}{"".join(mode)[5:8]}.mp3')
        vc = [f'{dict(track="TRACKNUMBER").get(k, k.upper())}={v}' for k, v in kv.items()]
        sh('flac', '-s', '-f', *[a for c in vc for a in ('-T', c)], f'{BASE}/base.wav', '-o', f'{OUT}/flac_{i}.flac')
        d = new('ff.flac', f'metaflac_{i}')
        sh('metaflac', '--remove-all-tags', *[f'--set-tag={c}' for c in vc], d)
        if i % 2:
            sh('metaflac', '--remove', '--block-type=PADDING', '--dont-use-padding', d)
        sh('oggenc', '-Q', *[a for c in vc for a in ('-c', c)], f'{BASE}/base.wav', '-o', f'{OUT}/oggenc_{i}.ogg')
        sh('vorbiscomment', '-w', *[a for c in vc for a in ('-t', c)], new('ff.ogg', f'vorbiscomment_{i}'))
        sh('opusenc', '--quiet', *[a for c in vc for a in ('--comment', c)], f'{BASE}/base.wav', f'{OUT}/opusenc_{i}.opus')
        for ext in ('wav', 'aiff', 'flac', 'ogg'):
            sh(
                'sox',
                f'{BASE}/base.wav',
                *[a for k, v in kv.items() for a in ('--add-comment', f'{k}={v}')],
                f'{OUT}/sox_{i}.{ext}',
            )
        eye = [
            a
            for k, f in dict(title='-t', artist='-a', album='-A', genre='-G', comment='-c').items()
            if k in kv
            for a in (f, kv[k])
        ]
        for mode in ('-1', '-2'):
            sh('eyeD3', '-Q', mode, *(['--to-v2.3'] if i % 2 and mode == '-2' else []), *eye, new('cbr.mp3', f'eyed3{mode}_{i}'))
        for mode in ('-1', '-2'):
            sh(
                'id3v2',
                mode,
                *[
                    a
                    for k, f in dict(title='-t', artist='-a', album='-A', track='-T', genre='-g', comment='-c', date='-y').items()
                    if k in kv
                    for a in (f, kv[k])
                ],
                new('no_xing.mp3', f'id3v2{mode}_{i}'),
            )
        sh(
            'mp3info',
            *[
                a
                for k, f in dict(title='-t', artist='-a', album='-l', track='-n').items()
                if k in kv
                for a in (f, kv[k].split('/')[0][:30])
            ],
            new('cbr.mp3', f'mp3info_{i}'),
        )
        sh(
            'id3tool',
            *[a for k, f in dict(title='-t', artist='-r', album='-a').items() if k in kv for a in (f, kv[k][:30])],
            new('cbr.mp3', f'id3tool_{i}'),
        )
        for base in ('cbr.mp3', 'end.m4a', 'faststart.m4a', 'ff.flac', 'ff.ogg', 'ff.opus', 'base.wav', 'be.aiff', 'adts.aac'):
            cmds = [a for k, v in kv.items() for a in ('-c', f"set {dict(track='tracknumber').get(k, k)} '{v}'")]
            d = new(base, f'kid3_{i}_{base.split(".")[0]}')
            sh('kid3-cli', *cmds, d)
            if base == 'cbr.mp3':
                sh('kid3-cli', *cmds, '-c', 'syncto 1', new(base, f'kid3_v1_{i}'))
        for base in ('end.m4a', 'faststart.m4a', 'alac.m4a'):
            sh(
                'AtomicParsley',
                new(base, f'atomicparsley_{i}_{base.split(".")[0]}'),
                *[
                    a
                    for k, f in dict(
                        title='--title',
                        artist='--artist',
                        album='--album',
                        track='--tracknum',
                        genre='--genre',
                        comment='--comment',
                        date='--year',
                    ).items()
                    if k in kv
                    for a in (f, kv[k])
                ],
                '--overWrite',
            )
        try:
            import taglib

            for base in (
                'cbr.mp3',
                'end.m4a',
                'faststart.m4a',
                'ff.flac',
                'ff.ogg',
                'ff.opus',
                'flac.oga',
                'base.wav',
                'be.aiff',
            ):
                with taglib.File(new(base, f'taglib_{i}_{base.split(".")[0]}'), save_on_exit=True) as f:
                    for k, v in kv.items():
                        f.tags[dict(track='TRACKNUMBER').get(k, k.upper())] = (
                            [v] if k != 'genre' or i % 2 else [v, 'Second', 'Third']
                        )
        except ImportError:
            missing['pytaglib'] = 'not installed'


if __name__ == '__main__':
    os.makedirs(OUT, exist_ok=True)
    bases()
    programs()
    libraries()
    by_hand()
    for d in os.listdir(OUT):
        if os.path.getsize(f'{OUT}/{d}') == 0:
            os.remove(f'{OUT}/{d}')
    for name, why in missing.items():
        print(f'{name}: {why}')
    print(len(os.listdir(OUT)), 'files')
