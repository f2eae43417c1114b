"""Files as programs that use mutagen write them, and frames, comments and atoms as shops and players write them."""

import base64
import struct

from mutagen import aiff, flac, id3, mp4, wave
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from common import JPEG, PNG, new


def frames_of(v):
    """Sets of frames as programs and shops write them, of ID3v2.3 or 2.4."""
    F = id3
    e = 1 if v == 3 else 3
    T = lambda name, *s: getattr(F, name)(encoding=e, text=list(s))
    X = lambda d, *s: F.TXXX(encoding=e, desc=d, text=list(s))
    base = [
        T('TIT2', 'Song'),
        T('TPE1', 'Artist'),
        T('TALB', 'Album'),
        T('TPE2', 'Artist'),
        T('TYER', '2019') if v == 3 else T('TDRC', '2019'),
    ]
    pic = lambda t=3, d='': F.APIC(encoding=0, mime='image/jpeg', type=t, desc=d, data=JPEG)
    C = lambda d, s, l='eng': F.COMM(encoding=e, lang=l, desc=d, text=s)
    return dict(
        picard=[
            *base,
            T('TRCK', '3/12'),
            T('TPOS', '1/1'),
            T('TSOP', 'Artist'),
            T('TSO2', 'Artist'),
            T('TPUB', 'Label'),
            T('TMED', 'CD'),
            T('TSRC', 'US1'),
            F.UFID(owner='http://musicbrainz.org', data=b'0f2c'),
            *[
                X(d, 'x')
                for d in ('MusicBrainz Artist Id', 'MusicBrainz Album Id', 'Acoustid Id', 'BARCODE', 'SCRIPT', 'Artists')
            ],
            pic(),
        ],
        picard_genres=[*base, T('TCON', 'Jazz', 'Funk', 'Soul') if v == 4 else T('TCON', 'Jazz/Funk/Soul'), T('TRCK', '3/12')],
        itunes=[
            *base,
            T('TRCK', '3/12'),
            T('TENC', 'iTunes 12'),
            C('iTunNORM', ' 0000'),
            C('iTunSMPB', ' 0000'),
            T('TCMP', '1'),
            pic(0),
            T('TCON', '(17)'),
        ],
        bandcamp=[*base, T('TRCK', '3'), C('', 'Visit https://artist.bandcamp.com', 'XXX'), pic(3, 'cover')],
        beatport=[
            *base,
            T('TRCK', '03'),
            T('TKEY', 'Am'),
            T('TBPM', '126'),
            T('TOWN', 'beatport.com'),
            F.WOAF(url='http://www.beatport.com/x'),
            F.WPUB(url='http://www.beatport.com/l'),
            T('TCON', 'Techno (Peak Time / Driving)'),
            T('TFLT', 'MP3'),
            T('TLEN', '300000'),
        ],
        fma=[
            *base,
            T('TRCK', '3'),
            T('TCOP', 'CC BY-NC-SA'),
            F.WOAF(url='http://freemusicarchive.org/music/x'),
            F.WCOP(url='http://creativecommons.org/'),
            C('', 'URL: http://freemusicarchive.org/...'),
            T('TCON', 'Avant-Garde'),
        ],
        jamendo=[*base, *[getattr(F, w)(url='http://jamendo') for w in ('WOAF', 'WOAS', 'WOAR', 'WCOP', 'WPUB')]],
        traktor=[
            *base,
            T('TKEY', '8A'),
            T('TBPM', '127.998'),
            F.PRIV(owner='TRAKTOR4', data=bytes(range(256)) * 8),
            X('INITIALKEY', 'x'),
            F.POPM(email='traktor@native-instruments.de', rating=204, count=3),
        ],
        serato=[
            *base,
            *[
                F.GEOB(encoding=0, mime='application/octet-stream', filename='', desc=d, data=bytes(300))
                for d in ('Serato Analysis', 'Serato Markers2', 'Serato Overview')
            ],
            X('SERATO_PLAYCOUNT', '3'),
        ],
        wmp=[
            *base,
            *[F.PRIV(owner=o, data=bytes(16)) for o in ('WM/MediaClassPrimaryID', 'WM/Provider', 'PeakValue')],
            F.POPM(email='Windows Media Player 9 Series', rating=255),
            F.MCDI(data=bytes(50)),
            T('TCON', 'Rock'),
        ],
        mixedinkey=[*base, T('TKEY', '8A'), X('EnergyLevel', '7'), C('', '8A - 7')],
        amazon=[*base, F.PRIV(owner='www.amazon.com', data=b'<?xml?>'), C('', 'Amazon.com Song ID: 1'), T('TCON', 'Pop')],
        ytdlp=[*base, X('description', 'long'), X('purl', 'https://y'), X('comment', 'https://y'), T('TSSE', 'Lavf60')],
        podcast=[
            *base,
            F.WFED(url='http://f'),
            F.PCST(value=1),
            T('TDES', 'd'),
            T('TCAT', 'c'),
            F.CHAP(
                element_id='c0',
                start_time=0,
                end_time=1000,
                start_offset=0xFFFFFFFF,
                end_offset=0xFFFFFFFF,
                sub_frames=[F.TIT2(encoding=0, text='c'), F.TCON(encoding=0, text='inner')],
            ),
            F.CTOC(element_id='toc', flags=3, child_element_ids=['c0'], sub_frames=[]),
        ],
        covers=[
            *base,
            pic(3, 'front'),
            pic(4, 'back'),
            pic(3, 'second front'),
            F.APIC(encoding=0, mime='-->', type=3, desc='', data=b'http://x'),
        ],
        replaygain=[
            *base,
            *[X(d, '-6 dB') for d in ('replaygain_track_gain', 'replaygain_album_peak', 'MP3GAIN_MINMAX')],
            F.RVAD(adjustments=[0, 0]) if v == 3 else F.RVA2(desc='track', channel=1, gain=-3.0, peak=0.9),
        ],
        kid3=[
            *base,
            F.WXXX(encoding=e, desc='', url='http://e.org'),
            F.WXXX(encoding=e, desc='Shop', url='http://shop.org'),
            T('TRCK', '01/12'),
        ],
        lyrics=[
            *base,
            F.USLT(encoding=e, lang='eng', desc='', text='a\nb'),
            F.USLT(encoding=e, lang='deu', desc='x', text='c'),
            F.SYLT(encoding=e, lang='eng', format=2, type=1, desc='', text=[('a', 100)]),
        ],
        mp3tag=[T('TIT2', 'x'), T('TPE1', 'A', 'B'), X('mood', 'calm', 'dark'), T('TCON', '(RX)' if v == 3 else 'RX')],
    )


def libraries():
    for v in (3, 4):
        for name, frames in frames_of(v).items():
            for base in ('cbr.mp3', 'adts.aac', 'base.wav', 'be.aiff'):
                d = new(base, f'{name}_v2{v}_{base.split(".")[0]}')
                t = {'wav': wave.WAVE, 'aiff': aiff.AIFF}.get(d.split('.')[-1])
                if t:
                    t = t(d)
                    t.add_tags()
                    tags = t.tags
                else:
                    tags = id3.ID3()
                for f in frames:
                    tags.add(f)
                tags.save(
                    d,
                    v2_version=v,
                    **({} if t else dict(v1=2 if name in ('wmp', 'itunes', 'amazon') else 0)),
                    padding=lambda i: 0 if name < 'k' else 700,
                )
    comments = dict(
        picard=dict(
            title='1',
            artist=['One', 'Two'],
            albumartist='x',
            date='2019-01-02',
            tracknumber='03',
            tracktotal='12',
            discnumber='1/2',
            genre=['Jazz', 'Funk'],
            musicbrainz_albumid='x',
            acoustid_id='x',
            isrc=['a', 'b'],
            performer=['a (guitar)', 'b (bass)'],
        ),
        eac=dict(title='x', comment='EAC', DISCID='1', RIPDATE='2001', genre='Folk'),
        foobar=dict(title='x', replaygain_track_gain='-6.1 dB', **{'ALBUM ARTIST': 'y'}, STYLE='z', RATING='5'),
        bandcamp=dict(title='x', comment='Visit https://b', description='d', encoder='Lavf60'),
        empty=dict(comment='', title=''),
        lower=dict(genre='soul', GENRES='kept', unusual='v'),
        lyrics=dict(title='x', lyrics='a\nb' * 200, genre='Electronic'),
        qobuz=dict(title='x', UPC='1', copyright='c', genre='Pop, Rock'),
    )
    for name, said in comments.items():
        for base, cls in (('ff.flac', flac.FLAC), ('ff.ogg', OggVorbis), ('ff.opus', OggOpus), ('flac.oga', OggFLAC)):
            d = new(base, f'{name}_{base.replace(".", "_")}')
            f = cls(d)
            f.delete()
            f = cls(d)
            if f.tags is None:
                f.add_tags()
            for k, x in said.items():
                f[k] = x
            if name in ('bandcamp', 'picard'):
                p = flac.Picture()
                p.data = JPEG * 20
                p.type = 3
                p.mime = 'image/jpeg'
                if cls is flac.FLAC:
                    f.add_picture(p)
                    f.add_picture(p)
                else:
                    f['metadata_block_picture'] = [base64.b64encode(p.write()).decode()]
            f.save(padding=lambda i: 0 if name < 'g' else 300)
    atoms = dict(
        itunes={
            '\xa9nam': 'x',
            '\xa9ART': ['One', 'Two'],
            'aART': 'x',
            '\xa9gen': 'Rock',
            'trkn': [(3, 12)],
            'disk': [(1, 2)],
            'cpil': True,
            'pgap': True,
            'tmpo': [128],
            'stik': [1],
            'rtng': [4],
            'cnID': [12345],
            'atID': [1],
            'sfID': [143441],
            'apID': 'me@x',
            'purd': '2019',
            '----:com.apple.iTunes:iTunNORM': b' 0000',
            'covr': [mp4.MP4Cover(JPEG, 13), mp4.MP4Cover(PNG, 14)],
        },
        picard={
            '\xa9nam': 'x',
            '\xa9gen': ['Jazz', 'Funk'],
            'soar': 's',
            'sonm': 's',
            '----:com.apple.iTunes:MusicBrainz Album Id': b'abc',
            '----:com.apple.iTunes:mood': [b'calm', b'dark'],
            '----:com.apple.iTunes:GENRE': b'kept',
        },
        numbered={'\xa9nam': 'x', '\xa9gen': 'ab'},
        podcast={
            '\xa9nam': 'x',
            'pcst': True,
            'purl': 'http://x',
            'egid': 'x',
            'catg': 'c',
            'keyw': 'k',
            'desc': 'd',
            'ldes': 'd' * 3000,
            '\xa9lyr': 'a\nb',
        },
        audiobook={
            '\xa9nam': 'x',
            'stik': [2],
            '\xa9mvn': 'm',
            '\xa9mvi': [1],
            'shwm': [1],
            '\xa9wrk': 'w',
            '\xa9gen': 'Audiobook',
            'covr': [mp4.MP4Cover(JPEG * 9, 0)],
        },
        minimal={'\xa9too': 'Lavf60'},
    )
    for name, said in atoms.items():
        for base in ('end.m4a', 'faststart.m4a', 'alac.m4a', 'fragments.m4a'):
            d = new(base, f'{name}_{base.split(".")[0]}')
            f = mp4.MP4(d)
            if f.tags is None:
                f.add_tags()
            f.tags.clear()
            for k, x in said.items():
                f[k] = x
            f.save(padding=lambda i: 0 if name < 'n' else 400)
            if name == 'numbered':  # mutagen reads `gnre` and writes names: here the number takes a name's place
                b = open(d, 'rb').read()
                i = b.find(b'\xa9gen')
                if i > 0:
                    n = b[i + 4 : i + 8]
                    size = struct.unpack('>I', n)[0]
                    value = b'\0\x09' + bytes(size - 18)
                    open(d, 'wb').write(
                        b[:i]
                        + b'gnre'
                        + n
                        + b[i + 8 : i + 15]
                        + b'\0'
                        + b[i + 16 : i + 20]
                        + value[: size - 16]
                        + b[i + 4 + size :]
                    )
