#!/usr/bin/env python3
"""What hostile inputs cost the command: exit code, peak memory and time of each, under a limit of addresses.

    hostile_limits.py CRATEDIGGER [--memory-gb 6] [--only WORD]…

Makes recordings, tables, models and graphs that are to do harm, gives each to the command that reads it, and prints a line of a Markdown table
for each. It ends with 1 if an exit code is not the one that is stated, a message does not say what is stated, or something panics.
Time is processor time of the command and its helpers; memory is that of the largest process. Needs Python and GNU time.
"""
import argparse, os, resource, struct, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile_batch import box, element, flac, frame, hostile, id3, vorbis, wav

GB = 1 << 30


def sparse(path, size, head=b''):
    with open(path, 'wb') as out:
        out.write(head)
        out.truncate(size)


def nested_boxes(n):
    """Boxes of MP4, each in the one before."""
    inner = b''.join(struct.pack('>I', 8 * (n - i)) + b'moov' for i in range(n))
    return box(b'ftyp', b'M4A \0\0\0\0') + inner


def varint(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, content):
    """A field of Protocol Buffers: a number, or bytes with their length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content & (1 << 64) - 1)
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor(name, dims, raw):
    return b''.join(field(1, d) for d in dims) + field(2, 1) + field(8, name) + field(9, raw)


def graph(initializers):
    """A model of ONNX that hands its input on, with these initializers."""
    node = field(1, b'wave') + field(2, b'units') + field(4, b'Identity')
    shape = field(2, field(1, field(2, b'n')) + field(1, field(1, 2000)))
    value = lambda name: field(1, name) + field(2, field(1, field(1, 1) + shape))
    g = field(1, node) + field(2, b'g') + b''.join(field(5, t) for t in initializers) + field(11, value(b'wave')) + field(12, value(b'units'))
    return field(1, 7) + field(7, g) + field(8, field(1, b'') + field(2, 13))


CONTRACT = b'name = "x"\ninput = "waveform"\nsample_rate = 8000\npatch = 2000\nhop = 1000\noutput = "units"\nlicence = "MIT"\npretrained_on = ["nothing"]\nsource = "hostile_limits.py"\n'


def recordings():
    """(what, name, content, exit code, words)"""
    files = hostile()
    picture = id3(frame(b'APIC', b'\0image/png\0\3\0' + b'\1' * 100_000_000))
    sound = wav(1, 22050, 2, 16)
    yield 'silence of six hours, 48 kHz, FLAC of 200 KB', 'silence.flac', flac(48000, 1, 15_800), 0, ''
    yield 'ten minutes at 192 kHz with eight channels, FLAC', '192.flac', flac(192000, 8, 1757), (0, 2), ''
    yield '100,000 boxes of MP4 in each other', 'nested.m4a', nested_boxes(100_000), 2, ''
    yield '5000 tracks in an MP4 file', 'tracks.m4a', files['tracks.m4a'], 2, ''
    yield 'a picture of 100 MB in front of the sound', 'picture.wav', picture + sound, (0, 2), ''
    yield '3000 tables of contents in each other', 'nested.mp3', files['nested.mp3'], 2, ''
    yield 'codebooks of Vorbis for 8 GB, 1.5 KB', 'books.ogg', vorbis(7, 64), 2, ''
    yield '200,000 tags of Matroska', 'tags.mka', files['tags.mka'], 2, ''
    yield '65,535 channels', 'channels.wav', files['channels.wav'], 2, ''


def cases(binary, made):
    quiet = [binary, '-q']
    for what, name, content, code, words in recordings():
        folder = os.path.join('audio', name)
        os.makedirs(folder)
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(content)
        yield 'recording', what, [*quiet, 'extract', folder, '--out', name + '.csv'], code, words

    def table(name, text):
        os.makedirs(name)
        with open(os.path.join(name, 'tracks.csv'), 'wb') as out:
            for piece in text:
                out.write(piece)
        return [*quiet, 'import', name, '--store', name + '-store']

    head = open(os.path.join(made, 'tracks.csv'), 'rb').read().split(b'\n')[:4]
    start = b'\n'.join(head) + b'\n2,"'
    yield 'table', 'a quoted field of 1 GB', table('field', [start, *[b'x' * (1 << 20)] * 1024]), 2, 'quote'
    yield 'table', 'a million columns', table('columns', [b',x' * 1_000_000 + b'\n'] * 3), 2, 'columns'
    yield 'table', '100 MB of line ends', table('lines', [b'\n' * (1 << 20)] * 100), 2, ''
    with open('wide.csv', 'wb') as out:
        out.write(b'track_id' + b',genre' * 1_000_000 + b'\n')
    yield 'table', 'labels with a million columns', [*quiet, 'train', os.path.join(made, 'f.csv'), '--labels', 'wide.csv', '--out', 'w.cdmodel'], 2, 'columns'
    yield 'table', 'features with a million columns', [*quiet, 'classify', '--model', os.path.join(made, 'm.cdmodel'), 'wide.csv'], 2, ''

    model = open(os.path.join(made, 'm.cdmodel'), 'rb').read()
    sparse('huge.cdmodel', 4 * GB + 1, model)
    yield 'model', 'a file of more than 4 GiB', [*quiet, 'model', 'show', 'huge.cdmodel'], 2, 'bytes'
    sparse('long.cdmodel', GB, model)
    yield 'model', 'a model with 1 GiB of zeros behind it', [*quiet, 'model', 'show', 'long.cdmodel'], 2, ''
    sparse('header.cdmodel', len(model), model[:8] + b'\xff' * 8)
    yield 'model', 'a header that claims 2^64 bytes', [*quiet, 'model', 'show', 'header.cdmodel'], 2, ''

    def network(name, initializers):
        with open(name + '.onnx', 'wb') as out:
            out.write(graph(initializers))
        with open(name + '.toml', 'wb') as out:
            out.write(CONTRACT)
        return [*quiet, 'extract', os.path.join(made, 'clips'), '--embedding', name + '.onnx', '--out', name + '.csv']

    yield 'graph', 'weights of 2^60 numbers, of which none is there', network('claimed', [tensor(b'w', [1 << 30, 1 << 30], b'')]), 2, ''
    yield 'graph', 'weights of 2^64 numbers and more', network('overflow', [tensor(b'w', [1 << 40, 1 << 40], b'')]), 2, ''
    sparse('hole.onnx', 8 * GB)
    with open('hole.toml', 'wb') as out:
        out.write(CONTRACT)
    yield 'graph', 'a file of 8 GB of zeros', [*quiet, 'extract', os.path.join(made, 'clips'), '--embedding', 'hole.onnx', '--out', 'hole.csv'], 2, ''


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('cratedigger'); p.add_argument('--memory-gb', type=float, default=6); p.add_argument('--only', nargs='*', default=[])
    a = p.parse_args(); binary = os.path.abspath(a.cratedigger)
    limit, wrong = int(a.memory_gb * GB), False
    with tempfile.TemporaryDirectory(prefix='limits-') as place:
        os.chdir(place)
        os.environ['CRATEDIGGER_CACHE'] = os.path.join(place, 'cache')
        for line in (['synth', 'made', '--clips', '48', '--seconds', '1'], ['extract', 'made/clips', '--out', 'made/f.csv'],
                     ['train', 'made', '--split', 'stratified', '--method', 'decision-tree', '--out', 'made/m.cdmodel']):
            subprocess.run([binary, '-q', *line], check=True, stdout=subprocess.DEVNULL)
        print('| | input | outcome | memory | processor time |\n|---|---|---|---|---|', flush=True)
        for kind, what, line, codes, words in cases(binary, 'made'):
            if a.only and not any(word in kind + ' ' + what for word in a.only):
                continue
            with open('said', 'wb') as said:
                # by a process of its own, since a child's peak begins with its parent's
                measured = ['/usr/bin/time', '-q', '-o', 'used', '-f', '%M %U %S', *line]
                code = subprocess.run(measured, stdout=said, stderr=said, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))).returncode
            peak, user, system = map(float, open('used').read().split())
            text = open('said', errors='replace').read()
            ok = code in (codes if isinstance(codes, tuple) else (codes,)) and words in text and 'panicked' not in text
            wrong |= not ok
            outcome = {0: 'done', 1: 'a failure', 2: 'refused'}.get(code, f'exit code {code}')
            print(f'| {kind} | {what} | {outcome}{"" if ok else " **WRONG**"} | {peak / 1024:.0f} MiB | {user + system:.1f} s |', flush=True)
            if not ok:
                print(text.strip()[-500:], file=sys.stderr)
    sys.exit(wrong)


if __name__ == '__main__':
    main()
