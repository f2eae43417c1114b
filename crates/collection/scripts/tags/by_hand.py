"""Files made byte by byte: versions, flags and layouts that few programs write."""

import os
import struct

from mutagen.apev2 import APEv2
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from common import BASE, OUT, PNG, new, sh


def by_hand():
    au = open(f'{BASE}/cbr.mp3', 'rb').read()
    ss = lambda n: bytes((n >> k) & 0x7F for k in (21, 14, 7, 0))
    T = lambda s: b'\0' + s.encode('latin-1')
    f3 = lambda i, b, fl=b'\0\0': i + struct.pack('>I', len(b)) + fl + b
    f4 = lambda i, b, fl=b'\0\0': i + ss(len(b)) + fl + b
    f2 = lambda i, b: i + struct.pack('>I', len(b))[1:] + b
    tag = lambda v, body, flags=0, pad=0: b'ID3' + bytes([v, 0, flags]) + ss(len(body) + pad) + body + bytes(pad)
    raw = lambda name, head, tail=b'', audio=au: open(f'{OUT}/hand_{name}.mp3', 'wb').write(head + audio + tail)
    v1 = (
        lambda g, c=b'c': b'TAG'
        + b'Title'.ljust(30, b'\0')
        + b'Artist'.ljust(30, b' ')
        + b'Album'.ljust(30, b'\0')
        + b'1999'
        + c.ljust(28, b'\0')
        + b'\0\5'
        + bytes([g])
    )
    t3, p3 = f3(b'TIT2', T('x')), f3(b'TPE1', T('a'))
    t4, p4 = f4(b'TIT2', b'\3x'), f4(b'TPE1', b'\3a')
    for name, g in dict(two='(17)(6)', refined='(4)Eurodisco', bare='17', empty='', slash='Rock/Pop', brackets='((live)').items():
        raw(f'v23_genre_{name}', tag(3, f3(b'TCON', T(g)) + t3))
    raw('v24_genre_nul', tag(4, f4(b'TCON', b'\3Jazz\0Funk\0') + t4))
    raw('v23_two_tit2', tag(3, t3 + f3(b'TIT2', T('second')) + p3))
    raw('v23_two_tcon', tag(3, f3(b'TCON', T('Jazz')) + t3 + f3(b'TCON', T('Funk'))))
    raw('v23_empty_frames', tag(3, f3(b'TIT2', b'\0') + f3(b'TPE1', b'') + f3(b'COMM', b'\0eng\0')))
    raw('v23_utf16_no_bom', tag(3, f3(b'TIT2', b'\1' + 'Tï'.encode('utf-16-le')) + p3))
    raw('v23_cp1251', tag(3, f3(b'TIT2', b'\0' + 'Песня'.encode('cp1251')) + p3))
    raw('v23_utf8', tag(3, f3(b'TIT2', b'\3T\xc3\xaf') + p3))
    raw('v23_unknown', tag(3, f3(b'XSOP', T('s')) + f3(b'NCON', bytes(40)) + t3 + f3(b'RGAD', bytes(8))))
    raw(
        'v24_itunes_sizes',
        tag(
            4,
            f4(b'TPE1', b'\3a')
            + b'TIT2'
            + struct.pack('>I', 301)
            + b'\0\0\3'
            + b'long ' * 60
            + b'APIC'
            + struct.pack('>I', 14 + len(PNG))
            + b'\0\0\0image/png\0\3\0'
            + PNG
            + t4,
        ),
    )
    raw('v24_unsync', tag(4, f4(b'TIT2', b'\3x', b'\0\2') + f4(b'PRIV', b'o\0\xff\x00\xe0\xff\x00\x00', b'\0\2'), 0x80))
    raw(
        'v23_unsync',
        tag(3, (t3 + f3(b'PRIV', b'o\0\xff\xe0\xff\0') + f3(b'TCON', b'\1\xff\xfeJ\0a\0')).replace(b'\xff', b'\xff\0'), 0x80),
    )
    raw('v23_extended', tag(3, struct.pack('>IHI', 6, 0, 30) + t3 + p3, 0x40, 30))
    raw('v24_extended', tag(4, ss(6) + b'\1\0' + t4 + p4, 0x40))
    b = t4 + p4
    raw('v24_footer', b'ID3\4\0\x10' + ss(len(b)) + b + b'3DI\4\0\x10' + ss(len(b)))
    raw('v24_at_end', b'', b'ID3\4\0\x10' + ss(len(b)) + b + b'3DI\4\0\x10' + ss(len(b)))
    raw('v24_data_length', tag(4, f4(b'TCON', ss(5) + b'\3Jazz', b'\0\1') + t4))
    raw('v24_grouped', tag(4, f4(b'TIT2', b'\x81\3x', b'\0\x40') + f4(b'TCON', b'\x81\3Jazz', b'\0\x40')))
    raw('v23_encrypted', tag(3, f3(b'TIT2', b'\x80' + bytes(20), b'\0\x40') + p3))
    raw(
        'v22',
        tag(
            2,
            f2(b'TT2', T('x'))
            + f2(b'TP1', T('a'))
            + f2(b'TCO', T('(17)'))
            + f2(b'COM', b'\0eng\0hello')
            + f2(b'PIC', b'\0PNG\3\0' + PNG)
            + f2(b'ULT', b'\0eng\0l'),
        ),
    )
    raw('v22_itunes', tag(2, f2(b'TT2', T('x')) + f2(b'PCS', bytes(4)) + f2(b'TS2', T('s')) + f2(b'CM1', T('?')), pad=60))
    raw('v23_padding_64k', tag(3, t3, pad=65536))
    raw('v23_size_0', tag(3, b''))
    raw('v23_two_tags', tag(3, t3 + f3(b'TCON', T('Jazz'))) + tag(4, p4 + f4(b'TCON', b'\3Funk')))
    raw('v23_junk_behind', tag(3, t3 + p3 + b'\xde\xad' * 20))
    raw('v23_v22_names', tag(3, f3(b'TT2\0', T('x')) + f3(b'TP1\0', T('a'))))
    raw('zeros_behind_tag', tag(3, t3) + bytes(300))
    raw('v1_hidden', b'', v1(17) + bytes(40))
    for g in (0, 12, 17, 80, 147, 148, 191, 192, 255):
        raw(f'v1_{g}', b'', v1(g))
    raw('v1_and_v23', tag(3, f3(b'TCON', T('Techno')) + t3), v1(17))
    raw('v1_and_empty_v24', tag(4, b'', pad=20), v1(255))
    raw('v1_latin1', b'', b'TAG' + 'Tïtle'.encode('latin-1').ljust(30, b'\0') + bytes(64) + bytes(30) + b'\xff')
    ly = b'LYRICSBEGININD0000200'
    raw('lyrics3', b'', ly + b'%06dLYRICS200' % len(ly) + v1(255))
    for i, (name, items) in enumerate(
        dict(
            ape_titled={'Title': 't', 'Artist': ['A', 'B'], 'Genre': 'Techno', 'Cover Art (Front)': 'x'},
            ape_gain={'MP3GAIN_MINMAX': '100,200', 'REPLAYGAIN_TRACK_GAIN': '-6 dB'},
            ape_untold={'Title': 't', 'Weird Key': 'v'},
        ).items()
    ):
        for with_v1 in (0, 1):
            d = f'{OUT}/hand_{name}_{with_v1}.mp3'
            open(d, 'wb').write(au)
            a = APEv2()
            for k, x in items.items():
                a[k] = x
            a.save(d)
            if with_v1:
                open(d, 'ab').write(v1(255))
    W = lambda t, b: t + struct.pack('<I', len(b)) + b + b'\0' * (len(b) % 2)
    g = open(f'{BASE}/base.wav', 'rb').read()
    body = g[12:]
    wav = lambda name, *ch: open(f'{OUT}/hand_{name}.wav', 'wb').write(
        b'RIFF' + struct.pack('<I', 4 + sum(map(len, ch))) + b'WAVE' + b''.join(ch)
    )
    info = b'INFO' + W(b'INAM', b'Name\0') + W(b'IART', b'Artist') + W(b'IGNR', b'Techno\0') + W(b'ISFT', b'soft')
    cue = W(b'cue ', struct.pack('<I', 1) + struct.pack('<II4sIII', 1, 0, b'data', 0, 0, 0))
    adtl = W(b'LIST', b'adtl' + W(b'labl', struct.pack('<I', 1) + b'mark\0'))
    smpl = W(b'smpl', bytes(36))
    bext = W(b'bext', b'desc'.ljust(602, b'\0'))
    wav('info_cue_adtl_smpl', bext, body[:24], W(b'LIST', info), body[24:], cue, adtl, smpl)
    wav('info_and_id3', body, W(b'LIST', info), W(b'id3 ', tag(3, f3(b'TCON', T('Jazz')) + t3)))
    wav('id3_upper', body, W(b'ID3 ', tag(3, f3(b'TCON', T('Jazz')) + t3)))
    wav('info_unknown', body, W(b'LIST', b'INFO' + W(b'ITRK', b'3') + W(b'IXYZ', b'?') + W(b'TRCK', b'3')))
    wav('info_latin1', body, W(b'LIST', b'INFO' + W(b'INAM', 'Café'.encode('latin-1')) + W(b'IGNR', 'Café'.encode('latin-1'))))
    wav('unpadded', body, b'note' + struct.pack('<I', 3) + b'abc', W(b'LIST', info), cue)
    for n in (
        's24.wav',
        'f32.wav',
        'u8.wav',
        'rf64.wav',
        'pipe.wav',
        's8.aiff',
        'sowt.aifc',
        'fragments.m4a',
        'no_xing.mp3',
        'cbr.mp3',
        'adts.aac',
        'ff.flac',
        'ff.ogg',
        'ff.opus',
        'flac.oga',
        'end.m4a',
        'faststart.m4a',
        'be.aiff',
        'base.wav',
    ):
        if os.path.exists(f'{BASE}/{n}'):
            new(n, 'bare_' + n.replace('.', '_'))
    fl = open(f'{BASE}/ff.flac', 'rb').read()
    open(f'{OUT}/hand_id3_around.flac', 'wb').write(tag(3, t3 + f3(b'TCON', T('Jazz'))) + fl + v1(17))
    vc = struct.pack('<I', 3) + b'abc' + struct.pack('<II', 1, 10) + b'GENRE=Jazz'
    open(f'{OUT}/hand_two_comments.flac', 'wb').write(fl[:42] + bytes([4]) + struct.pack('>I', len(vc))[1:] + vc + fl[42:])
    d = new('ff.flac', 'hand_no_comments')
    sh('metaflac', '--remove', '--block-type=VORBIS_COMMENT,PADDING', '--dont-use-padding', d)
    ap = b'riff' + bytes(200)
    open(f'{OUT}/hand_application.flac', 'wb').write(fl[:42] + bytes([2]) + struct.pack('>I', len(ap))[1:] + ap + fl[42:])
    for n, cls in (('ff.ogg', OggVorbis), ('ff.opus', OggOpus)):
        for extra in (0, 180, 200, 215, 230, 240, 250, 255, 470, 65000, 130000):  # about multiples of 255 bytes and of a page
            d = new(n, f'hand_length_{extra}')
            f = cls(d)
            f.delete()
            f = cls(d)
            f['artist'] = 'x' * extra
            f.save(padding=lambda i: 0)
    m = open(f'{BASE}/faststart.m4a', 'rb').read()
    i = m.find(b'udta')
    if i > 0:
        open(f'{OUT}/hand_no_udta.m4a', 'wb').write(m[:i] + b'free' + m[i + 4 :])
