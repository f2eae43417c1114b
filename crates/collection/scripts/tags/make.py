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
import os, shutil, struct, subprocess, sys
from mutagen import aiff, flac, id3, mp4, wave
from mutagen.apev2 import APEv2
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

OUT = os.path.abspath(sys.argv[1]); BASE = OUT + '.base'
JPEG = b'\xff\xd8\xff\xe0' + bytes(range(256)) * 12 + b'\xff\xd9'; PNG = b'\x89PNG\r\n\x1a\n' + bytes(range(256)) * 9
missing = {}


def sh(*args):
    """Runs a program; whether it was there and went well."""
    args = [str(a) for a in args]
    if shutil.which(args[0]) is None:
        missing[args[0]] = 'not installed'; return False
    p = subprocess.run(args, capture_output=True, env=dict(os.environ, LC_ALL='C.UTF-8', QT_QPA_PLATFORM='offscreen', HOME='/tmp'))
    if p.returncode: missing.setdefault(args[0], (p.stderr or p.stdout).decode(errors='replace').strip()[-120:])
    return p.returncode == 0


def ff(*args): return sh('ffmpeg', '-v', 'error', '-y', *args)


def bases():
    """Tones without tags, one file for each container and layout."""
    os.makedirs(BASE, exist_ok=True); b = lambda n: f'{BASE}/{n}'
    tone = 'aevalsrc=0.3*sin(2*PI*220*t)+0.2*sin(2*PI*331*t*t)|0.3*sin(2*PI*277*t):s=44100:d=1.7'
    ff('-f', 'lavfi', '-i', tone, '-bitexact', '-c:a', 'pcm_s16le', b('base.wav')); plain = ('-i', b('base.wav'), '-map_metadata', '-1')
    ff(*plain, '-c:a', 'libmp3lame', '-b:a', '96k', '-id3v2_version', '0', '-write_id3v1', '0', b('cbr.mp3'))
    ff(*plain, '-c:a', 'libmp3lame', '-q:a', '4', '-id3v2_version', '0', '-write_xing', '0', b('no_xing.mp3'))
    ff(*plain, '-c:a', 'aac', '-b:a', '64k', b('adts.aac')); ff(*plain, '-c:a', 'aac', '-bitexact', b('end.m4a')); ff(*plain, '-c:a', 'aac', '-bitexact', '-movflags', '+faststart', b('faststart.m4a'))
    ff(*plain, '-c:a', 'alac', '-bitexact', b('alac.m4a')); ff(*plain, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov', '-frag_duration', '400000', b('fragments.m4a'))
    ff(*plain, '-c:a', 'flac', '-bitexact', b('ff.flac')); ff(*plain, '-c:a', 'libvorbis', b('ff.ogg')); ff(*plain, '-c:a', 'libopus', '-b:a', '48k', b('ff.opus')); ff(*plain, '-c:a', 'flac', '-f', 'ogg', b('flac.oga'))
    ff(*plain, '-c:a', 'pcm_s24le', '-bitexact', b('s24.wav')); ff(*plain, '-c:a', 'pcm_f32le', '-bitexact', b('f32.wav')); ff(*plain, '-ac', '1', '-ar', '22050', '-t', '0.8001', '-c:a', 'pcm_u8', '-bitexact', b('u8.wav')); ff(*plain, '-rf64', 'always', b('rf64.wav'))
    ff(*plain, '-c:a', 'pcm_s16be', '-bitexact', b('be.aiff')); ff(*plain, '-ac', '1', '-ar', '22050', '-c:a', 'pcm_s8', '-bitexact', b('s8.aiff')); ff(*plain, '-c:a', 'pcm_s16le', b('sowt.aifc'), '-f', 'aiff')
    g = open(b('base.wav'), 'rb').read(); open(b('pipe.wav'), 'wb').write(g[:4] + b'\xff' * 4 + g[8:40] + b'\xff' * 4 + g[44:])


def new(base, name):
    """A copy of a base under a name of its own."""
    path = f'{OUT}/{name}{os.path.splitext(base)[1]}'
    if not os.path.exists(f'{BASE}/{base}'): raise FileNotFoundError(base)
    shutil.copy(f'{BASE}/{base}', path); return path


# What is said, from little to much. Genres of several words, several, none, by number.
SAID = [
    dict(title='Song', artist='Artist'), dict(title='Song', artist='Artist', album='Album', track='01', genre='Jazz'),
    dict(title='Tïtle ☃', artist='Ärtist', album='Альбом', track='3/12', date='2019', genre='Vaporwave', comment='a comment'), dict(title='Long ' * 40, artist='A & B feat. C', genre='Hip-Hop'),
    dict(title='x', genre='Rock/Pop'), dict(artist='only the artist', track='12', date='1999-05-03'),
]


def programs():
    for i, s in enumerate(SAID):
        kv = {k: v for k, v in s.items()}
        args = [a for k, v in kv.items() for a in ('-metadata', f'{k}={v}')]
        for base in ('cbr.mp3', 'end.m4a', 'ff.flac', 'ff.ogg', 'ff.opus', 'base.wav', 'be.aiff'):
            ext = os.path.splitext(base)[1]; out = f'{OUT}/ffmpeg_{i}{ext}'
            ff('-i', f'{BASE}/{base}', *args, '-c', 'copy', *(['-write_id3v2', '1'] if ext == '.aiff' else []), *(['-movflags', '+faststart'] if ext == '.m4a' and i % 2 else []), out)
        for v in (3, 4): ff('-i', f'{BASE}/cbr.mp3', *args, '-c', 'copy', '-id3v2_version', v, '-write_id3v1', '1', f'{OUT}/ffmpeg_v2{v}_{i}.mp3')
        lame = [a for k, f in dict(title='--tt', artist='--ta', album='--tl', track='--tn', genre='--tg', comment='--tc', date='--ty').items() if k in kv for a in (f, kv[k][:4] if k == 'date' else kv[k])]
        for mode in ([], ['--id3v1-only'], ['--id3v2-only'], ['--add-id3v2', '--pad-id3v2-size', '300']): sh('lame', '--silent', *mode, *lame, f'{BASE}/base.wav', f'{OUT}/lame_{i}_{len(mode)}{"".join(mode)[5:8]}.mp3')
        vc = [f'{dict(track="TRACKNUMBER").get(k, k.upper())}={v}' for k, v in kv.items()]
        sh('flac', '-s', '-f', *[a for c in vc for a in ('-T', c)], f'{BASE}/base.wav', '-o', f'{OUT}/flac_{i}.flac')
        d = new('ff.flac', f'metaflac_{i}'); sh('metaflac', '--remove-all-tags', *[f'--set-tag={c}' for c in vc], d)
        if i % 2: sh('metaflac', '--remove', '--block-type=PADDING', '--dont-use-padding', d)
        sh('oggenc', '-Q', *[a for c in vc for a in ('-c', c)], f'{BASE}/base.wav', '-o', f'{OUT}/oggenc_{i}.ogg')
        sh('vorbiscomment', '-w', *[a for c in vc for a in ('-t', c)], new('ff.ogg', f'vorbiscomment_{i}'))
        sh('opusenc', '--quiet', *[a for c in vc for a in ('--comment', c)], f'{BASE}/base.wav', f'{OUT}/opusenc_{i}.opus')
        for ext in ('wav', 'aiff', 'flac', 'ogg'): sh('sox', f'{BASE}/base.wav', *[a for k, v in kv.items() for a in ('--add-comment', f'{k}={v}')], f'{OUT}/sox_{i}.{ext}')
        eye = [a for k, f in dict(title='-t', artist='-a', album='-A', genre='-G', comment='-c').items() if k in kv for a in (f, kv[k])]
        for mode in ('-1', '-2'): sh('eyeD3', '-Q', mode, *(['--to-v2.3'] if i % 2 and mode == '-2' else []), *eye, new('cbr.mp3', f'eyed3{mode}_{i}'))
        for mode in ('-1', '-2'): sh('id3v2', mode, *[a for k, f in dict(title='-t', artist='-a', album='-A', track='-T', genre='-g', comment='-c', date='-y').items() if k in kv for a in (f, kv[k])], new('no_xing.mp3', f'id3v2{mode}_{i}'))
        sh('mp3info', *[a for k, f in dict(title='-t', artist='-a', album='-l', track='-n').items() if k in kv for a in (f, kv[k].split('/')[0][:30])], new('cbr.mp3', f'mp3info_{i}'))
        sh('id3tool', *[a for k, f in dict(title='-t', artist='-r', album='-a').items() if k in kv for a in (f, kv[k][:30])], new('cbr.mp3', f'id3tool_{i}'))
        for base in ('cbr.mp3', 'end.m4a', 'faststart.m4a', 'ff.flac', 'ff.ogg', 'ff.opus', 'base.wav', 'be.aiff', 'adts.aac'):
            cmds = [a for k, v in kv.items() for a in ('-c', f"set {dict(track='tracknumber').get(k, k)} '{v}'")]
            d = new(base, f'kid3_{i}_{base.split(".")[0]}'); sh('kid3-cli', *cmds, d)
            if base == 'cbr.mp3': sh('kid3-cli', *cmds, '-c', 'syncto 1', new(base, f'kid3_v1_{i}'))
        for base in ('end.m4a', 'faststart.m4a', 'alac.m4a'): sh('AtomicParsley', new(base, f'atomicparsley_{i}_{base.split(".")[0]}'), *[a for k, f in dict(title='--title', artist='--artist', album='--album', track='--tracknum', genre='--genre', comment='--comment', date='--year').items() if k in kv for a in (f, kv[k])], '--overWrite')
        try:
            import taglib
            for base in ('cbr.mp3', 'end.m4a', 'faststart.m4a', 'ff.flac', 'ff.ogg', 'ff.opus', 'flac.oga', 'base.wav', 'be.aiff'):
                with taglib.File(new(base, f'taglib_{i}_{base.split(".")[0]}'), save_on_exit=True) as f:
                    for k, v in kv.items(): f.tags[dict(track='TRACKNUMBER').get(k, k.upper())] = [v] if k != 'genre' or i % 2 else [v, 'Second', 'Third']
        except ImportError: missing['pytaglib'] = 'not installed'


def frames_of(v):
    """Sets of frames as programs and shops write them, of ID3v2.3 or 2.4."""
    F = id3; e = 1 if v == 3 else 3; T = lambda name, *s: getattr(F, name)(encoding=e, text=list(s)); X = lambda d, *s: F.TXXX(encoding=e, desc=d, text=list(s))
    base = [T('TIT2', 'Song'), T('TPE1', 'Artist'), T('TALB', 'Album'), T('TPE2', 'Artist'), T('TYER', '2019') if v == 3 else T('TDRC', '2019')]; pic = lambda t=3, d='': F.APIC(encoding=0, mime='image/jpeg', type=t, desc=d, data=JPEG); C = lambda d, s, l='eng': F.COMM(encoding=e, lang=l, desc=d, text=s)
    return dict(
        picard=[*base, T('TRCK', '3/12'), T('TPOS', '1/1'), T('TSOP', 'Artist'), T('TSO2', 'Artist'), T('TPUB', 'Label'), T('TMED', 'CD'), T('TSRC', 'US1'), F.UFID(owner='http://musicbrainz.org', data=b'0f2c'), *[X(d, 'x') for d in ('MusicBrainz Artist Id', 'MusicBrainz Album Id', 'Acoustid Id', 'BARCODE', 'SCRIPT', 'Artists')], pic()],
        picard_genres=[*base, T('TCON', 'Jazz', 'Funk', 'Soul') if v == 4 else T('TCON', 'Jazz/Funk/Soul'), T('TRCK', '3/12')],
        itunes=[*base, T('TRCK', '3/12'), T('TENC', 'iTunes 12'), C('iTunNORM', ' 0000'), C('iTunSMPB', ' 0000'), T('TCMP', '1'), pic(0), T('TCON', '(17)')], bandcamp=[*base, T('TRCK', '3'), C('', 'Visit https://artist.bandcamp.com', 'XXX'), pic(3, 'cover')],
        beatport=[*base, T('TRCK', '03'), T('TKEY', 'Am'), T('TBPM', '126'), T('TOWN', 'beatport.com'), F.WOAF(url='http://www.beatport.com/x'), F.WPUB(url='http://www.beatport.com/l'), T('TCON', 'Techno (Peak Time / Driving)'), T('TFLT', 'MP3'), T('TLEN', '300000')],
        fma=[*base, T('TRCK', '3'), T('TCOP', 'CC BY-NC-SA'), F.WOAF(url='http://freemusicarchive.org/music/x'), F.WCOP(url='http://creativecommons.org/'), C('', 'URL: http://freemusicarchive.org/...'), T('TCON', 'Avant-Garde')], jamendo=[*base, *[getattr(F, w)(url='http://jamendo') for w in ('WOAF', 'WOAS', 'WOAR', 'WCOP', 'WPUB')]],
        traktor=[*base, T('TKEY', '8A'), T('TBPM', '127.998'), F.PRIV(owner='TRAKTOR4', data=bytes(range(256)) * 8), X('INITIALKEY', 'x'), F.POPM(email='traktor@native-instruments.de', rating=204, count=3)], serato=[*base, *[F.GEOB(encoding=0, mime='application/octet-stream', filename='', desc=d, data=bytes(300)) for d in ('Serato Analysis', 'Serato Markers2', 'Serato Overview')], X('SERATO_PLAYCOUNT', '3')],
        wmp=[*base, *[F.PRIV(owner=o, data=bytes(16)) for o in ('WM/MediaClassPrimaryID', 'WM/Provider', 'PeakValue')], F.POPM(email='Windows Media Player 9 Series', rating=255), F.MCDI(data=bytes(50)), T('TCON', 'Rock')], mixedinkey=[*base, T('TKEY', '8A'), X('EnergyLevel', '7'), C('', '8A - 7')], amazon=[*base, F.PRIV(owner='www.amazon.com', data=b'<?xml?>'), C('', 'Amazon.com Song ID: 1'), T('TCON', 'Pop')],
        ytdlp=[*base, X('description', 'long'), X('purl', 'https://y'), X('comment', 'https://y'), T('TSSE', 'Lavf60')], podcast=[*base, F.WFED(url='http://f'), F.PCST(value=1), T('TDES', 'd'), T('TCAT', 'c'), F.CHAP(element_id='c0', start_time=0, end_time=1000, start_offset=0xffffffff, end_offset=0xffffffff, sub_frames=[F.TIT2(encoding=0, text='c'), F.TCON(encoding=0, text='inner')]), F.CTOC(element_id='toc', flags=3, child_element_ids=['c0'], sub_frames=[])],
        covers=[*base, pic(3, 'front'), pic(4, 'back'), pic(3, 'second front'), F.APIC(encoding=0, mime='-->', type=3, desc='', data=b'http://x')], replaygain=[*base, *[X(d, '-6 dB') for d in ('replaygain_track_gain', 'replaygain_album_peak', 'MP3GAIN_MINMAX')], F.RVAD(adjustments=[0, 0]) if v == 3 else F.RVA2(desc='track', channel=1, gain=-3.0, peak=0.9)], kid3=[*base, F.WXXX(encoding=e, desc='', url='http://e.org'), F.WXXX(encoding=e, desc='Shop', url='http://shop.org'), T('TRCK', '01/12')],
        lyrics=[*base, F.USLT(encoding=e, lang='eng', desc='', text='a\nb'), F.USLT(encoding=e, lang='deu', desc='x', text='c'), F.SYLT(encoding=e, lang='eng', format=2, type=1, desc='', text=[('a', 100)])], mp3tag=[T('TIT2', 'x'), T('TPE1', 'A', 'B'), X('mood', 'calm', 'dark'), T('TCON', '(RX)' if v == 3 else 'RX')])


def libraries():
    for v in (3, 4):
        for name, frames in frames_of(v).items():
            for base in ('cbr.mp3', 'adts.aac', 'base.wav', 'be.aiff'):
                d = new(base, f'{name}_v2{v}_{base.split(".")[0]}'); t = {'wav': wave.WAVE, 'aiff': aiff.AIFF}.get(d.split('.')[-1])
                if t: t = t(d); t.add_tags(); tags = t.tags
                else: tags = id3.ID3()
                for f in frames: tags.add(f)
                tags.save(d, v2_version=v, **({} if t else dict(v1=2 if name in ('wmp', 'itunes', 'amazon') else 0)), padding=lambda i: 0 if name < 'k' else 700)
    comments = dict(picard=dict(title='1', artist=['One', 'Two'], albumartist='x', date='2019-01-02', tracknumber='03', tracktotal='12', discnumber='1/2', genre=['Jazz', 'Funk'], musicbrainz_albumid='x', acoustid_id='x', isrc=['a', 'b'], performer=['a (guitar)', 'b (bass)']), eac=dict(title='x', comment='EAC', DISCID='1', RIPDATE='2001', genre='Folk'), foobar=dict(title='x', replaygain_track_gain='-6.1 dB', **{'ALBUM ARTIST': 'y'}, STYLE='z', RATING='5'), bandcamp=dict(title='x', comment='Visit https://b', description='d', encoder='Lavf60'), empty=dict(comment='', title=''), lower=dict(genre='soul', GENRES='kept', unusual='v'), lyrics=dict(title='x', lyrics='a\nb' * 200, genre='Electronic'), qobuz=dict(title='x', UPC='1', copyright='c', genre='Pop, Rock'))
    for name, said in comments.items():
        for base, cls in (('ff.flac', flac.FLAC), ('ff.ogg', OggVorbis), ('ff.opus', OggOpus), ('flac.oga', OggFLAC)):
            d = new(base, f'{name}_{base.replace(".", "_")}'); f = cls(d); f.delete(); f = cls(d)
            if f.tags is None: f.add_tags()
            for k, x in said.items(): f[k] = x
            if name in ('bandcamp', 'picard'):
                p = flac.Picture(); p.data = JPEG * 20; p.type = 3; p.mime = 'image/jpeg'
                if cls is flac.FLAC: f.add_picture(p); f.add_picture(p)
                else:
                    import base64; f['metadata_block_picture'] = [base64.b64encode(p.write()).decode()]
            f.save(padding=lambda i: 0 if name < 'g' else 300)
    atoms = dict(itunes={'\xa9nam': 'x', '\xa9ART': ['One', 'Two'], 'aART': 'x', '\xa9gen': 'Rock', 'trkn': [(3, 12)], 'disk': [(1, 2)], 'cpil': True, 'pgap': True, 'tmpo': [128], 'stik': [1], 'rtng': [4], 'cnID': [12345], 'atID': [1], 'sfID': [143441], 'apID': 'me@x', 'purd': '2019', '----:com.apple.iTunes:iTunNORM': b' 0000', 'covr': [mp4.MP4Cover(JPEG, 13), mp4.MP4Cover(PNG, 14)]}, picard={'\xa9nam': 'x', '\xa9gen': ['Jazz', 'Funk'], 'soar': 's', 'sonm': 's', '----:com.apple.iTunes:MusicBrainz Album Id': b'abc', '----:com.apple.iTunes:mood': [b'calm', b'dark'], '----:com.apple.iTunes:GENRE': b'kept'}, numbered={'\xa9nam': 'x', 'gnre': [18]}, podcast={'\xa9nam': 'x', 'pcst': True, 'purl': b'http://x', 'egid': b'x', 'catg': 'c', 'keyw': 'k', 'desc': 'd', 'ldes': 'd' * 3000, '\xa9lyr': 'a\nb'}, audiobook={'\xa9nam': 'x', 'stik': [2], '\xa9mvn': 'm', '\xa9mvi': [1], 'shwm': [1], '\xa9wrk': 'w', '\xa9gen': 'Audiobook', 'covr': [mp4.MP4Cover(JPEG * 9, 0)]}, minimal={'\xa9too': 'Lavf60'})
    for name, said in atoms.items():
        for base in ('end.m4a', 'faststart.m4a', 'alac.m4a', 'fragments.m4a'):
            d = new(base, f'{name}_{base.split(".")[0]}'); f = mp4.MP4(d)
            if f.tags is None: f.add_tags()
            f.tags.clear()
            for k, x in said.items(): f[k] = x
            f.save(padding=lambda i: 0 if name < 'n' else 400)
            if name == 'numbered':   # mutagen reads `gnre` and writes the name; here the number again
                b = open(d, 'rb').read(); i = b.find(b'\xa9gen')
                if i > 0: n = b[i + 4:i + 8]; size = struct.unpack('>I', n)[0]; value = b'\0\x12' + bytes(size - 18); open(d, 'wb').write(b[:i] + b'gnre' + n + b[i + 8:i + 15] + b'\0' + b[i + 16:i + 20] + value[:size - 16] + b[i + 4 + size:])


def by_hand():
    au = open(f'{BASE}/cbr.mp3', 'rb').read(); ss = lambda n: bytes((n >> k) & 0x7f for k in (21, 14, 7, 0)); T = lambda s: b'\0' + s.encode('latin-1')
    f3 = lambda i, b, fl=b'\0\0': i + struct.pack('>I', len(b)) + fl + b; f4 = lambda i, b, fl=b'\0\0': i + ss(len(b)) + fl + b; f2 = lambda i, b: i + struct.pack('>I', len(b))[1:] + b
    tag = lambda v, body, flags=0, pad=0: b'ID3' + bytes([v, 0, flags]) + ss(len(body) + pad) + body + bytes(pad); raw = lambda name, head, tail=b'', audio=au: open(f'{OUT}/hand_{name}.mp3', 'wb').write(head + audio + tail)
    v1 = lambda g, c=b'c': b'TAG' + b'Title'.ljust(30, b'\0') + b'Artist'.ljust(30, b' ') + b'Album'.ljust(30, b'\0') + b'1999' + c.ljust(28, b'\0') + b'\0\5' + bytes([g]); t3, p3 = f3(b'TIT2', T('x')), f3(b'TPE1', T('a')); t4, p4 = f4(b'TIT2', b'\3x'), f4(b'TPE1', b'\3a')
    for name, g in dict(two='(17)(6)', refined='(4)Eurodisco', bare='17', empty='', slash='Rock/Pop', brackets='((live)').items(): raw(f'v23_genre_{name}', tag(3, f3(b'TCON', T(g)) + t3))
    raw('v24_genre_nul', tag(4, f4(b'TCON', b'\3Jazz\0Funk\0') + t4)); raw('v23_two_tit2', tag(3, t3 + f3(b'TIT2', T('second')) + p3)); raw('v23_two_tcon', tag(3, f3(b'TCON', T('Jazz')) + t3 + f3(b'TCON', T('Funk')))); raw('v23_empty_frames', tag(3, f3(b'TIT2', b'\0') + f3(b'TPE1', b'') + f3(b'COMM', b'\0eng\0'))); raw('v23_utf16_no_bom', tag(3, f3(b'TIT2', b'\1' + 'Tï'.encode('utf-16-le')) + p3)); raw('v23_cp1251', tag(3, f3(b'TIT2', b'\0' + 'Песня'.encode('cp1251')) + p3)); raw('v23_utf8', tag(3, f3(b'TIT2', b'\3T\xc3\xaf') + p3)); raw('v23_unknown', tag(3, f3(b'XSOP', T('s')) + f3(b'NCON', bytes(40)) + t3 + f3(b'RGAD', bytes(8))))
    raw('v24_itunes_sizes', tag(4, f4(b'TPE1', b'\3a') + b'TIT2' + struct.pack('>I', 301) + b'\0\0\3' + b'long ' * 60 + b'APIC' + struct.pack('>I', 14 + len(PNG)) + b'\0\0\0image/png\0\3\0' + PNG + t4)); raw('v24_unsync', tag(4, f4(b'TIT2', b'\3x', b'\0\2') + f4(b'PRIV', b'o\0\xff\x00\xe0\xff\x00\x00', b'\0\2'), 0x80)); raw('v23_unsync', tag(3, (t3 + f3(b'PRIV', b'o\0\xff\xe0\xff\0') + f3(b'TCON', b'\1\xff\xfeJ\0a\0')).replace(b'\xff', b'\xff\0'), 0x80)); raw('v23_extended', tag(3, struct.pack('>IHI', 6, 0, 30) + t3 + p3, 0x40, 30)); raw('v24_extended', tag(4, ss(6) + b'\1\0' + t4 + p4, 0x40))
    b = t4 + p4; raw('v24_footer', b'ID3\4\0\x10' + ss(len(b)) + b + b'3DI\4\0\x10' + ss(len(b))); raw('v24_at_end', b'', b'ID3\4\0\x10' + ss(len(b)) + b + b'3DI\4\0\x10' + ss(len(b))); raw('v24_data_length', tag(4, f4(b'TCON', ss(5) + b'\3Jazz', b'\0\1') + t4)); raw('v24_grouped', tag(4, f4(b'TIT2', b'\x81\3x', b'\0\x40') + f4(b'TCON', b'\x81\3Jazz', b'\0\x40'))); raw('v23_encrypted', tag(3, f3(b'TIT2', b'\x80' + bytes(20), b'\0\x40') + p3))
    raw('v22', tag(2, f2(b'TT2', T('x')) + f2(b'TP1', T('a')) + f2(b'TCO', T('(17)')) + f2(b'COM', b'\0eng\0hello') + f2(b'PIC', b'\0PNG\3\0' + PNG) + f2(b'ULT', b'\0eng\0l'))); raw('v22_itunes', tag(2, f2(b'TT2', T('x')) + f2(b'PCS', bytes(4)) + f2(b'TS2', T('s')) + f2(b'CM1', T('?')), pad=60)); raw('v23_padding_64k', tag(3, t3, pad=65536)); raw('v23_size_0', tag(3, b'')); raw('v23_two_tags', tag(3, t3 + f3(b'TCON', T('Jazz'))) + tag(4, p4 + f4(b'TCON', b'\3Funk'))); raw('v23_junk_behind', tag(3, t3 + p3 + b'\xde\xad' * 20)); raw('v23_v22_names', tag(3, f3(b'TT2\0', T('x')) + f3(b'TP1\0', T('a')))); raw('zeros_behind_tag', tag(3, t3) + bytes(300))
    for g in (0, 12, 17, 80, 147, 148, 191, 192, 255): raw(f'v1_{g}', b'', v1(g))
    raw('v1_and_v23', tag(3, f3(b'TCON', T('Techno')) + t3), v1(17)); raw('v1_and_empty_v24', tag(4, b'', pad=20), v1(255)); raw('v1_latin1', b'', b'TAG' + 'Tïtle'.encode('latin-1').ljust(30, b'\0') + bytes(64) + bytes(30) + b'\xff'); ly = b'LYRICSBEGININD0000200'; raw('lyrics3', b'', ly + b'%06dLYRICS200' % len(ly) + v1(255))
    for i, (name, items) in enumerate(dict(ape_titled={'Title': 't', 'Artist': ['A', 'B'], 'Genre': 'Techno', 'Cover Art (Front)': 'x'}, ape_gain={'MP3GAIN_MINMAX': '100,200', 'REPLAYGAIN_TRACK_GAIN': '-6 dB'}, ape_untold={'Title': 't', 'Weird Key': 'v'}).items()):
        for with_v1 in (0, 1):
            d = f'{OUT}/hand_{name}_{with_v1}.mp3'; open(d, 'wb').write(au + (v1(255) if with_v1 else b'')); a = APEv2()
            for k, x in items.items(): a[k] = x
            a.save(d)
    W = lambda t, b: t + struct.pack('<I', len(b)) + b + b'\0' * (len(b) % 2); g = open(f'{BASE}/base.wav', 'rb').read(); body = g[12:]; wav = lambda name, *ch: open(f'{OUT}/hand_{name}.wav', 'wb').write(b'RIFF' + struct.pack('<I', 4 + sum(map(len, ch))) + b'WAVE' + b''.join(ch))
    info = b'INFO' + W(b'INAM', b'Name\0') + W(b'IART', b'Artist') + W(b'IGNR', b'Techno\0') + W(b'ISFT', b'soft'); cue = W(b'cue ', struct.pack('<I', 1) + struct.pack('<II4sIII', 1, 0, b'data', 0, 0, 0)); adtl = W(b'LIST', b'adtl' + W(b'labl', struct.pack('<I', 1) + b'mark\0')); smpl = W(b'smpl', bytes(36)); bext = W(b'bext', b'desc'.ljust(602, b'\0'))
    wav('info_cue_adtl_smpl', bext, body[:24], W(b'LIST', info), body[24:], cue, adtl, smpl); wav('info_and_id3', body, W(b'LIST', info), W(b'id3 ', tag(3, f3(b'TCON', T('Jazz')) + t3))); wav('id3_upper', body, W(b'ID3 ', tag(3, f3(b'TCON', T('Jazz')) + t3))); wav('info_unknown', body, W(b'LIST', b'INFO' + W(b'ITRK', b'3') + W(b'IXYZ', b'?') + W(b'TRCK', b'3'))); wav('info_latin1', body, W(b'LIST', b'INFO' + W(b'INAM', 'Café'.encode('latin-1')) + W(b'IGNR', 'Café'.encode('latin-1')))); wav('unpadded', body, b'LIST' + struct.pack('<I', 15) + b'INFOINAM' + struct.pack('<I', 3) + b'abc', cue)
    for n in ('s24.wav', 'f32.wav', 'u8.wav', 'rf64.wav', 'pipe.wav', 's8.aiff', 'sowt.aifc', 'fragments.m4a', 'no_xing.mp3', 'cbr.mp3', 'adts.aac', 'ff.flac', 'ff.ogg', 'ff.opus', 'flac.oga', 'end.m4a', 'faststart.m4a', 'be.aiff', 'base.wav'):
        if os.path.exists(f'{BASE}/{n}'): new(n, 'bare_' + n.replace('.', '_'))
    fl = open(f'{BASE}/ff.flac', 'rb').read(); open(f'{OUT}/hand_id3_around.flac', 'wb').write(tag(3, t3 + f3(b'TCON', T('Jazz'))) + fl + v1(17)); vc = struct.pack('<I', 3) + b'abc' + struct.pack('<II', 1, 10) + b'GENRE=Jazz'; open(f'{OUT}/hand_two_comments.flac', 'wb').write(fl[:42] + bytes([4]) + struct.pack('>I', len(vc))[1:] + vc + fl[42:]); d = new('ff.flac', 'hand_no_comments'); sh('metaflac', '--remove', '--block-type=VORBIS_COMMENT,PADDING', '--dont-use-padding', d); ap = b'riff' + bytes(200); open(f'{OUT}/hand_application.flac', 'wb').write(fl[:42] + bytes([2]) + struct.pack('>I', len(ap))[1:] + ap + fl[42:])
    for n, cls in (('ff.ogg', OggVorbis), ('ff.opus', OggOpus)):
        for extra in (0, 180, 200, 215, 230, 240, 250, 255, 470, 65000, 130000):   # about multiples of 255 bytes and of a page
            d = new(n, f'hand_length_{extra}'); f = cls(d); f.delete(); f = cls(d); f['artist'] = 'x' * extra; f.save(padding=lambda i: 0)
    m = open(f'{BASE}/faststart.m4a', 'rb').read(); i = m.find(b'udta')
    if i > 0: open(f'{OUT}/hand_no_udta.m4a', 'wb').write(m[:i] + b'free' + m[i + 4:])


if __name__ == '__main__':
    os.makedirs(OUT, exist_ok=True); bases(); programs(); libraries(); by_hand()
    for d in os.listdir(OUT):
        if os.path.getsize(f'{OUT}/{d}') == 0: os.remove(f'{OUT}/{d}')
    for name, why in missing.items(): print(f'{name}: {why}')
    print(len(os.listdir(OUT)), 'files')
