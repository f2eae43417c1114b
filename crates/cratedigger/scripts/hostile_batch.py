#!/usr/bin/env python3
"""A batch of 2,000 files, twenty of them made to do harm, under a limit of memory, killed ten times and resumed.

    hostile_batch.py CRATEDIGGER [--clips 1980] [--kills 10] [--memory-gb 4] [--jobs N] [--in-process] [--keep DIR]

Makes the clips with `cratedigger synth`, the hostile files itself, and runs `cratedigger extract` twice: once without being killed, and
once with SIGKILL for the whole program at drawn moments and `--resume` after each. Both must end by themselves with exit code 1, a row of
features for every clip, a row of failures for every hostile file, and the same bytes. Needs Python alone.
"""
import argparse, os, random, resource, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time, zlib

REV = bytes(int(f'{b:08b}'[::-1], 2) for b in range(256))


def page(serial, seq, flags, packets):
    """A page of Ogg with whole packets."""
    table = b''.join(b'\xff' * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    d = b'OggS\0' + bytes([flags]) + struct.pack('<qIII', 0, serial, seq, 0) + bytes([len(table)]) + table + b''.join(packets)
    crc = zlib.crc32(d.translate(REV), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return d[:22] + struct.pack('<I', int(f'{crc:032b}'[::-1], 2)) + d[26:]


class Bits:
    """Bits, the lowest of a byte first."""
    def __init__(self): self.v = self.n = 0
    def put(self, x, n): self.v |= x << self.n; self.n += n
    def bytes(self): return self.v.to_bytes((self.n + 7) // 8, 'little')


def vorbis(serial, n_books, entries=131072, dims=31):
    b = Bits(); b.put(n_books - 1, 8)
    for _ in range(n_books):
        for x, n in [(0x564342, 24), (dims, 16), (entries, 24), (1, 1), (16, 5), (entries, 18), (1, 4), (0, 32), (0, 32), (0, 4), (0, 1), (0, 1)]: b.put(x, n)
    for x, n in [(0, 22), (0, 6), (1, 16), (0, 7), (7, 4), (0, 112), (0, 50), (0, 47), (1, 1)]: b.put(x, n)
    ident = b'\x01vorbis' + struct.pack('<IBIiiiBB', 0, 1, 44100, 0, 0, 0, 0xB8, 1)
    comment = b'\x03vorbis' + struct.pack('<I', 1) + b'x' + struct.pack('<I', 0) + b'\x01'
    return page(serial, 0, 2, [ident]) + page(serial, 1, 0, [comment, b'\x05vorbis' + b.bytes()]) + page(serial, 2, 4, [b'\0' * 8] * 8)


def crc(data, poly, bits):
    c, top, mask = 0, 1 << (bits - 1), (1 << bits) - 1
    for x in data:
        c ^= x << (bits - 8)
        for _ in range(8): c = ((c << 1) ^ poly) & mask if c & top else c << 1
    return c


def utf8(n): return bytes([n]) if n < 0x80 else chr(n).encode() if n < 0xD800 else bytes([0xE0 | n >> 12, 0x80 | n >> 6 & 63, 0x80 | n & 63])


def flac(rate, channels, n_frames, block=65535):
    x = (rate << 44) | ((channels - 1) << 41) | (7 << 36)
    out = b'fLaC\x80\0\0\x22' + struct.pack('>HH', block, block) + b'\0' * 6 + x.to_bytes(8, 'big') + b'\0' * 16
    for i in range(n_frames):
        h = bytes([0xFF, 0xF8, 0x70, (channels - 1) << 4 | 2]) + utf8(i) + struct.pack('>H', block - 1)
        f = h + bytes([crc(h, 7, 8)]) + b'\0\0' * channels
        out += f + struct.pack('>H', crc(f, 0x8005, 16))
    return out


def syncsafe(n): return bytes(n >> s & 127 for s in (21, 14, 7, 0))
def frame(kind, data): return kind + syncsafe(len(data)) + b'\0\0' + data
def id3(frames): return b'ID3\x04\0\0' + syncsafe(len(frames)) + frames
def chain(n): return id3(b''.join(frame(b'CTOC', b'%d\0' % i + bytes([3 if i == 0 else 1, 1]) + b'%d\0' % (i + 1)) for i in range(n)))


def nested(n, inner=b''):
    for _ in range(n): inner = frame(b'CTOC', b'x\0\x03\0' + inner)
    return id3(inner)


def element(name, content): return name + b'\x01' + len(content).to_bytes(7, 'big') + content
def box(kind, *content): d = b''.join(content); return struct.pack('>I', len(d) + 8) + kind + d


def wav(channels, rate, align, bits, data=b'\0\1' * 50_000):
    fmt = struct.pack('<HHIIHH', 1, channels, rate, rate * align & 0xFFFFFFFF, align, bits)
    body = b'WAVEfmt ' + struct.pack('<I', 16) + fmt + b'data' + struct.pack('<I', len(data)) + data
    return b'RIFF' + struct.pack('<I', len(body)) + body


def hostile():
    """Names and contents of files of which none is a recording that can be used."""
    matroska = b'\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska' + b'\x18\x53\x80\x67\x01' + b'\xff' * 7
    comm = struct.pack('>hIh', 1, 44100, 16) + bytes.fromhex('400eac44000000000000')
    tag = chain(20000)
    aiff = b'AIFF' + b'COMM' + struct.pack('>I', 18) + comm + b'ID3 ' + struct.pack('>I', len(tag)) + tag
    caf = b'caff\0\1\0\0' + b'desc' + struct.pack('>Q', 32) + struct.pack('>d', 44100) + b'lpcm' + struct.pack('>IIIII', 2, 2, 0xFFFFFFFF, 1, 16)
    packets = b'caff\0\1\0\0' + b'pakt' + struct.pack('>QQ', 1 << 20, 1 << 40) + b'\1' * 100_000
    moov = box(b'ftyp', b'M4A \0\0\0\0') + box(b'moov', *[box(b'trak', b'\0' * 8)] * 5000)
    return {
        'chain.mp3': tag, 'nested.mp3': nested(3000), 'nested_10mb.mp3': nested(300, frame(b'PRIV', b'o\0' + b'\1' * 10_000_000)),
        'tag.aiff': b'FORM' + struct.pack('>I', len(aiff)) + aiff, 'books_16.ogg': vorbis(7, 16), 'books_64.ogg': vorbis(7, 64),
        'books_255.ogg': vorbis(7, 255), 'books_joined.ogg': b''.join(vorbis(100 + i, 255) for i in range(50)),
        'streams_100k.ogg': b''.join(page(i, 0, 2, [b'\x01vorbis' + struct.pack('<IBIiiiBB', 0, 2, 44100, 0, 0, 0, 0xB8, 1)]) for i in range(100_000)),
        'rate.flac': flac(1000, 8, 20), 'tracks.m4a': moov, 'packet.caf': caf + b'data' + struct.pack('>Q', 1 << 40) + b'\0' * 5000, 'packets.caf': packets,
        'tags.mka': matroska + element(b'\x12\x54\xc3\x67', element(b'\x73\x73', element(b'\x67\xc8', element(b'\x45\xa3', b'T')) * 200_000)),
        'tracks.mka': matroska + element(b'\x16\x54\xae\x6b', element(b'\xae', element(b'\xd7', b'\2')) * 100_000),
        'channels.wav': wav(65535, 44100, 65535, 8), 'fast.wav': wav(1, 0xFFFFFFFF, 2, 16), 'empty.mp3': b'', 'noise.mp3': random.Random(3).randbytes(200_000),
    }


def rss(binary, stop, worst):
    """Notes the most memory that any process below this one has."""
    while not stop.wait(0.05):
        for n in filter(str.isdigit, os.listdir('/proc')):
            try:
                if os.readlink(f'/proc/{n}/exe') == binary: worst.append(int(open(f'/proc/{n}/status').read().split('VmHWM:')[1].split()[0]) // 1024)
            except (OSError, IndexError): pass
        worst[:] = [max(worst, default=0)]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('cratedigger'); p.add_argument('--clips', type=int, default=1980); p.add_argument('--kills', type=int, default=10)
    p.add_argument('--memory-gb', type=float, default=4); p.add_argument('--jobs', default='2'); p.add_argument('--in-process', action='store_true')
    p.add_argument('--seconds', default='1'); p.add_argument('--keep')
    a = p.parse_args(); binary = os.path.abspath(a.cratedigger)
    d = a.keep or tempfile.mkdtemp(prefix='hostile-'); os.makedirs(d, exist_ok=True); os.chdir(d)
    music = 'music/clips'
    if not os.path.isdir('music'):
        subprocess.run([binary, '--quiet', 'synth', 'music', '--clips', str(a.clips), '--seconds', a.seconds], check=True)
        files = hostile(); os.makedirs(f'{music}/zz')
        for name, content in files.items(): open(f'{music}/zz/{name}', 'wb').write(content)
        os.mkfifo(f'{music}/zz/pipe.mp3')
    n_bad = len(os.listdir(f'{music}/zz')); assert n_bad == 20, n_bad
    limit = int(a.memory_gb * 2**30)
    def start(out, *more):
        args = [binary, '--quiet', 'extract', music, '--out', out, '--jobs', a.jobs, *(['--in-process'] if a.in_process else []), *more]
        return subprocess.Popen(args, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    def check(out, code):
        lines = lambda name: open(name).read().splitlines()
        failed, heard = lines(out.replace('.csv', '.failures.csv'))[1:], lines(out.replace('.csv', '.audio.csv'))[1:]
        assert code == 1, code
        assert len(failed) == n_bad and all('/zz/' in line for line in failed), failed
        assert len(heard) == a.clips, len(heard)
        return failed
    stop, worst = threading.Event(), []; t = threading.Thread(target=rss, args=(os.path.realpath(binary), stop, worst)); t.start()
    try:
        for f in os.listdir('.'):
            if f.startswith(('whole.', 'killed.')): os.remove(f)
        began = time.time(); failed = check('whole.csv', start('whole.csv').wait()); took = time.time() - began
        print(f'whole: {a.clips} rows of features, {len(failed)} of failures in {took:.1f} s, at most {worst[0]} MiB in one process')
        draw = random.Random(7); n = 0; more = []
        while n < a.kills:
            child = start('killed.csv', *more); more = ['--resume']
            try: child.wait(took * draw.uniform(0.02, 1.5 / a.kills)); break
            except subprocess.TimeoutExpired: child.send_signal(signal.SIGKILL); child.wait(); n += 1
        code = start('killed.csv', '--resume').wait() if n == a.kills else child.returncode
        check('killed.csv', code)
        for end in ('csv', 'failures.csv', 'audio.csv'): assert open(f'whole.{end}').read() == open(f'killed.{end}').read(), end
        print(f'killed: the same bytes after {n} SIGKILLs')
        for line in failed: print('  ' + line.split('/zz/', 1)[1][:150])
    finally:
        stop.set(); t.join()
        if not a.keep: os.chdir('/'); shutil.rmtree(d)


if __name__ == '__main__':
    main()
