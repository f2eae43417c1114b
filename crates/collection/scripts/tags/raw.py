"""Files taken apart byte by byte, in Python and by nothing of the project's: everything but the genre, and what follows from its length.

parts(path) gives a list of (name, bytes): frames, comments, atoms, chunks, packets and audio in their order.
"""

import struct
from io import BytesIO
from mutagen.ogg import OggPage


def syncsafe(b):
    return b[0] << 21 | b[1] << 14 | b[2] << 7 | b[3]


def id3(b):
    """Length, and parts of the ID3v2 tag that b begins with."""
    v, flags, size = b[3], b[5], syncsafe(b[6:10])
    n = 10 + size + (10 if v == 4 and flags & 16 else 0)
    body = b[10 : 10 + size]
    out = [('ID3 header', b[3:6])]
    if v < 4 and flags & 0x80:
        body = body.replace(b'\xff\0', b'\xff')
    if v > 2 and flags & 0x40 and not body[:1].isupper():
        k = syncsafe(body) if v == 4 else 4 + struct.unpack('>I', body[:4])[0]
        out.append(('extended', body[:k] if v == 4 else body[:6]))
        body = body[k:]
    h = 6 if v == 2 else 10

    def walk(plain):
        at, found = 0, []
        while at + h <= len(body):
            i = body[at : at + h - (3 if v == 2 else 6)]
            if not i.rstrip(b'\0 ').isalnum() or not i[:1].isalnum():
                break
            s = (
                int.from_bytes(body[at + len(i) : at + len(i) + (3 if v == 2 else 4)], 'big')
                if v < 4 or plain
                else syncsafe(body[at + 4 : at + 8])
            )
            if at + h + s > len(body):
                break
            found.append((i, body[at : at + h + s]))
            at += h + s
        return found, body[at:]

    ways = [walk(False)] + ([walk(True)] if v == 4 else [])
    found, rest = max(ways, key=lambda w: (not w[1].strip(b'\0'), len(w[0])))
    out += [(i.decode('latin-1'), f) for i, f in found if not i.startswith((b'TCON', b'TCO\0')) and i != b'TCO']
    return n, out + ([('junk', rest.rstrip(b'\0'))] if rest.strip(b'\0') else [])


def ape(b):
    """Length and parts of the APE tag that b ends with."""
    if b[-32:-24] != b'APETAGEX':
        return 0, []
    size, count = struct.unpack('<II', b[-20:-12])
    items = b[len(b) - size : -32]
    out = []
    for _ in range(count):
        n = struct.unpack('<I', items[:4])[0]
        k = items.index(b'\0', 8)
        if items[8:k].lower() != b'genre':
            out.append((items[8:k].decode(), items[: k + 1 + n]))
        items = items[k + 1 + n :]
    n = size + (32 if b[len(b) - size - 32 :].startswith(b'APETAGEX') else 0)
    return n, [('APE flags', b[-12:])] + out


def around(b):
    """Tags in front, the stream, tags behind."""
    front, back = [], []
    while b[:3] == b'ID3':
        n, p = id3(b)
        front += p
        b = b[n:]
    for _ in range(4):
        if b[-128:-125] == b'TAG' and not any(n == 'ID3v1' for n, _ in back):
            back.append(('ID3v1', b[-128:-1]))
            b = b[:-128]
        elif b[-32:-24] == b'APETAGEX':
            n, p = ape(b)
            back += p
            b = b[:-n]
        elif b[-9:] == b'LYRICS200':
            n = 15 + int(b[-15:-9])
            back.append(('Lyrics3', b[-n:]))
            b = b[:-n]
        elif b[-10:-7] == b'3DI':
            n = 20 + syncsafe(b[-4:])
            back += id3(b[-n:])[1]
            b = b[:-n]
        else:
            break
    return front, b, back


def comments(b):
    """Parts of a list of Vorbis comments, and what follows it."""
    n = struct.unpack('<I', b[:4])[0]
    out = [('vendor', b[: 4 + n])]
    b = b[4 + n :]
    count = struct.unpack('<I', b[:4])[0]
    b = b[4:]
    for _ in range(count):
        n = struct.unpack('<I', b[:4])[0]
        c = b[4 : 4 + n]
        b = b[4 + n :]
        if not c.lower().startswith(b'genre='):
            out.append((c.split(b'=')[0].decode(errors='replace'), c))
    return out, b


def flac(b):
    out, at, last = [], 4, False
    while not last:
        kind, n = b[at] & 127, int.from_bytes(b[at + 1 : at + 4], 'big')
        last = b[at] > 127
        c = b[at + 4 : at + 4 + n]
        at += 4 + n
        if kind == 4:
            p, tail = comments(c)
            out += p + [('tail', tail)]
        elif kind != 1:
            out.append((f'block {kind}', c))
    return out + [('frames', b[at:])]


def ogg(b):
    f, pages = BytesIO(b), []
    while f.tell() < len(b):
        pages.append(OggPage(f))
    own = [p for p in pages if p.serial == pages[0].serial]
    packets = OggPage.to_packets(own)
    c = packets[1]
    n = {b'\x03vorbis': 7, b'OpusTag': 8}.get(c[:7], 4)
    p, tail = comments(c[n:])
    first = next(i for i, q in enumerate(own) if q.position > 0 or i > 300) if any(q.position > 0 for q in own) else len(own)
    return p + [
        ('tail', tail.rstrip(b'\0')),
        ('packets', b''.join(struct.pack('>I', len(q)) + q for i, q in enumerate(packets) if i != 1)),
        ('positions', repr([(q.position, q.last, len(q.packets)) for q in own[first:]]).encode()),
        ('numbers', repr([q.sequence for q in own] == list(range(len(own)))).encode()),
    ]


def mp4(b):
    out = []

    def walk(lo, hi, path):
        at = lo
        while at + 8 <= hi:
            n, kind = struct.unpack('>I4s', b[at : at + 8])
            h = 8
            if n == 1:
                n = struct.unpack('>Q', b[at + 8 : at + 16])[0]
                h = 16
            if n == 0:
                n = hi - at
            if n < h:
                break
            p = path + (kind,)
            c = b[at + h : at + n]
            if kind in (b'moov', b'trak', b'mdia', b'minf', b'stbl', b'udta', b'ilst', b'moof', b'traf'):
                walk(at + h, at + n, p)
            elif kind == b'meta' and p == (b'moov', b'udta', b'meta'):
                out.append(('meta', c[:4]))
                walk(at + h + 4, at + n, p)
            elif kind in (b'stco', b'co64'):
                w = 4 if kind == b'stco' else 8
                out.append(
                    (
                        'offsets',
                        b''.join(
                            b[o : o + 24]
                            for o in (
                                int.from_bytes(c[8 + i * w : 8 + i * w + w], 'big') for i in range(struct.unpack('>I', c[4:8])[0])
                            )
                        ),
                    )
                )
            elif kind == b'tfhd' and c[3] & 1:
                o = struct.unpack('>Q', c[8:16])[0]
                out.append(('tfhd', c[:8] + c[16:] + b[o : o + 24]))
            elif kind not in (b'free', b'skip', b'mfra') and not (b'ilst' in path and kind in (b'\xa9gen', b'gnre')):
                out.append((kind.decode('latin-1'), c))
            at += n

    walk(0, len(b), ())
    return out


def chunks(b):
    e = '>' if b[:4] == b'FORM' else '<'
    out, at = [('form', b[:4] + b[8:12])], 12

    def name(i):
        return len(b[i : i + 4]) == 4 and all(32 <= x < 127 for x in b[i : i + 4])

    while at + 8 <= len(b) and name(at):
        i, n = b[at : at + 4], struct.unpack(e + 'I', b[at + 4 : at + 8])[0]
        if i == b'data' and n == 0xFFFFFFFF:
            n = struct.unpack('<Q', b[28:36])[0] if b[:2] != b'RI' else len(b) - at - 8
        c = b[at + 8 : at + 8 + n]
        end = at + 8 + n
        at = end + (1 if n % 2 and not (name(end) and not name(end + 1)) else 0)
        if i in (b'id3 ', b'ID3 '):
            out += id3(c)[1] if c else []
        elif i == b'LIST' and c[:4] == b'INFO':
            k = 4
            while k + 8 <= len(c):
                m = struct.unpack('<I', c[k + 4 : k + 8])[0]
                if c[k : k + 4] != b'IGNR':
                    out.append((c[k : k + 4].decode('latin-1'), c[k + 8 : k + 8 + m]))
                k += 8 + m + m % 2
        else:
            out.append((i.decode(), c[8:] if i == b'ds64' else c))
    # The size of the whole must be as right, or as wrong, as it was.
    size = struct.unpack(e + 'I', b[4:8])[0]
    return out + [('rest', b[at:]), ('size', repr(size - len(b) if size not in (0, 0xFFFFFFFF) else size).encode())]


def parts(path):
    b = open(path, 'rb').read()
    if b[4:8] == b'ftyp':
        return mp4(b)
    if b[:4] == b'OggS':
        return ogg(b)
    if b[:4] in (b'RIFF', b'FORM', b'RF64', b'BW64'):
        return chunks(b)
    front, stream, back = around(b)
    return front + (flac(stream) if stream[:4] == b'fLaC' else [('audio', stream)]) + back
