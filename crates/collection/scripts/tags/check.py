#!/usr/bin/env python3
"""Writes genres into every file of a folder, holds what others say of it before and after against each other, and takes it back.

usage: check.py CRATEDIGGER DIR [GENRE..]     DIR as make.py made it

Of each file that is written: raw parts (raw.py), mutagen's, TagLib's and ffprobe's view of all but the genre, and ffmpeg's samples must
be the same. Prints what differs, which of the three does not tell the new genre of which file, the reasons of refusals, and counts;
exit code 1 where anything differs.
"""

import collections
import csv
import hashlib
import json
import os
import re
import subprocess
import sys

import mutagen

try:
    import taglib
except ImportError:
    taglib = None
import raw

program, folder, *genres = sys.argv[1:]
program, folder = os.path.abspath(program), os.path.abspath(folder)
genres = genres or ['Rock', 'Soul-RnB', 'Тяжёлый']
work = folder + '.work'
os.makedirs(work, exist_ok=True)
faults = []


def model(genre):
    """A model that always names this genre."""
    path = f'{work}/{genre}.cdmodel'
    if os.path.exists(path):
        return path
    clips = f'{work}/clips'
    os.makedirs(clips, exist_ok=True)
    rows = []
    for i in range(12):
        subprocess.run(
            [
                'ffmpeg',
                '-v',
                'error',
                '-y',
                '-f',
                'lavfi',
                '-i',
                f'sine=frequency={200 + 40 * i}:duration=1.2',
                f'{clips}/{i:02}.wav',
            ],
            check=True,
        )
        rows.append((f'{i:02}.wav', genre if i % 4 else 'Other things', f'artist {i}'))
    with open(f'{work}/labels.csv', 'w') as f:
        csv.writer(f).writerows([('path', 'genre', 'artist'), *rows])
    subprocess.run(
        [program, '--quiet', 'train', clips, '--labels', f'{work}/labels.csv', '--method', 'majority', '--out', path, '--force'],
        check=True,
    )
    return path


def plain(x):
    """A value as text; of text frames the texts, since how they are encoded is compared byte by byte."""
    if hasattr(x, 'text') and isinstance(x.text, list):
        return [str(text) for text in x.text]
    return x.decode('utf-8', 'replace') if isinstance(x, bytes) else repr(x)


def views(path):
    """What three programs say: all but the genre, and the genre."""
    out, told = {}, {}
    try:
        m = mutagen.File(path)
        tags = m.tags if m is not None else None
        items = {} if tags is None else dict(tags) if hasattr(tags, 'keys') else {}
        is_genre = lambda k: k.lower() in ('genre', '\xa9gen', 'gnre', 'tcon')
        out['mutagen'] = {k: plain(v) for k, v in items.items() if not is_genre(k)}
        # Frames of CHAP and the like print their bytes; pictures too.
        told['mutagen'] = [
            g for k, v in items.items() if is_genre(k) for g in (getattr(v, 'genres', None) or ([v] if isinstance(v, str) else v))
        ]
    except Exception as e:
        out['mutagen'] = {'error': type(e).__name__ + str(e)[:60]}
    if taglib:
        try:
            with taglib.File(path) as t:
                out['taglib'] = {k: v for k, v in t.tags.items() if k != 'GENRE'}
                told['taglib'] = t.tags.get('GENRE', [])
        except Exception as e:
            out['taglib'] = {'error': type(e).__name__}
    p = subprocess.run(
        ['ffprobe', '-v', 'error', '-of', 'json', '-show_entries', 'format_tags:stream_tags', path],
        capture_output=True,
        text=True,
        errors='replace',
    )
    tags = json.loads(p.stdout or '{}')
    tags = {
        **tags.get('format', {}).get('tags', {}),
        **{k: v for s in tags.get('streams', []) for k, v in s.get('tags', {}).items()},
    }
    out['ffprobe'] = {k: v for k, v in tags.items() if k.lower() != 'genre'}
    told['ffprobe'] = [v for k, v in tags.items() if k.lower() == 'genre']
    return out, told


def same_text(a, b):
    """Whether b says what a does. What a new ID3v2 tag takes over from ID3v1 has an encoding that is told, and no filling: where a
    program showed letters that it could not read, or UTF-8 as Latin-1, it may show the right ones now."""
    if isinstance(a, list):
        if not any(x.strip() for x in a):
            return True
        return isinstance(b, list) and len(a) == len(b) and all(map(same_text, a, b))
    if not isinstance(b, str):
        return a.strip() == ''
    a, b = a.strip(), b.strip()
    try:
        mended = a.encode('latin-1').decode('utf-8', 'ignore')
    except UnicodeEncodeError:
        mended = a
    pattern = ''.join('.' if c == '\ufffd' else re.escape(c) for c in a)
    return b in (a, mended) or re.fullmatch(pattern, b) is not None


def heard(path):
    p = subprocess.run(['ffmpeg', '-v', 'quiet', '-i', path, '-map', '0:a:0', '-f', 's16le', '-'], capture_output=True)
    return hashlib.sha256(p.stdout).hexdigest() if p.stdout else None


def run(*args):
    return subprocess.run([program, '--quiet', 'classify', *args], capture_output=True, text=True)


def files():
    return sorted(f for f in os.listdir(folder) if not f.endswith('.cdtag'))


def differ(name, what, a, b):
    faults.append(f'{name}: {what}: {str(a)[:150]} -> {str(b)[:150]}')


before = {f: (open(f'{folder}/{f}', 'rb').read(), os.stat(f'{folder}/{f}').st_mtime_ns) for f in files()}
old = {f: (raw.parts(f'{folder}/{f}'), *views(f'{folder}/{f}'), heard(f'{folder}/{f}')) for f in before}
print(len(before), 'files')
for genre in genres:
    r = run('--model', model(genre), folder, '--write-tags', '--overwrite-genre', '--threshold', '0', '--format', 'json')
    rows = {os.path.basename(x['id']): x for x in json.loads(r.stdout)}
    outcomes = collections.Counter()
    refused = collections.Counter()
    untold = collections.Counter()
    n_added = collections.Counter()
    for line in r.stderr.splitlines():
        if ': tag: ' in line:
            refused[line.split(': tag: ')[1]] += 1
        else:
            print('  told:', line[:160])
    for f in before:
        path = f'{folder}/{f}'
        outcome = rows[f]['tag']['outcome'] if f in rows else 'not classified'
        outcomes[outcome] += 1
        if outcome != 'written':
            if open(path, 'rb').read() != before[f][0]:
                faults.append(f'{f}: {outcome}, but changed')
            continue
        (p0, v0, _, h0), p1 = old[f], raw.parts(path)
        v1, g1 = views(path)
        i = 0
        for part in p1:  # every old part in its order; more only where a tag is new
            if i < len(p0) and part == p0[i]:
                i += 1
            else:
                n_added[part[0]] += 1
                ok = part[0] in (
                    'ID3 header',
                    'TIT2',
                    'TPE1',
                    'TALB',
                    'TYER',
                    'TRCK',
                    'COMM',
                    'vendor',
                    'tail',
                    'meta',
                    'hdlr',
                ) and not any(n == part[0] and n != 'hdlr' and not n.startswith('T') for n, _ in p0)
                ok or differ(f, f'raw {part[0]}', p0[i] if i < len(p0) else None, part)
        if i < len(p0):
            differ(f, f'raw {p0[i][0]} lost', p0[i], None)
        if heard(path) != h0:
            faults.append(f'{f}: sounds different')
        for who in v1:
            if v0[who] != v1[who]:
                lost = {k: v for k, v in v0[who].items() if not same_text(v, v1[who].get(k))}
                if lost:
                    differ(f, who, lost, {k: v1[who].get(k) for k in lost})
            if who in g1 and genre not in ' '.join(map(str, g1[who])):
                untold[who] += 1
                print('  not told by', who, f, g1[who], old[f][2].get(who))
    s = run('--restore-tags', folder)
    n_back = 0
    for f, (b, t) in before.items():
        same = open(f'{folder}/{f}', 'rb').read() == b and os.stat(f'{folder}/{f}').st_mtime_ns == t
        n_back += same
        if not same:
            faults.append(f'{f}: not restored')
    print(
        f'{genre}: {dict(outcomes)}; {n_back} of {len(before)} as they were after --restore-tags; genre not told by {dict(untold)}; parts added with new tags {dict(n_added)}'
    )
    for why, n in refused.most_common():
        print(f'  refused {n}: {why}')
print(len(faults), 'differences')
[print(' ', x) for x in faults[:60]]
sys.exit(bool(faults))
