#!/usr/bin/env python3
"""What shards cost against one batch over the same recordings, in pairs, one after the other.

    shard_overhead.py CRATEDIGGER [--clips 240] [--seconds 30] [--copies 1] [--shards 4] [--pairs 5] [--jobs 2] [--keep DIR]

Each pair is a plain `extract` of a folder and as many `extract --shard` as there are shards, with the same threads; which goes first
alternates. With more copies each clip is there so many times, by copies. Tells processor time and wall time of both, and the ratio of each pair. Needs Python alone.
"""
import argparse, os, resource, shutil, statistics, subprocess, tempfile, time

ap = argparse.ArgumentParser()
ap.add_argument('cratedigger')
for name, default in [('clips', 240), ('seconds', 30), ('copies', 1), ('shards', 4), ('pairs', 5), ('jobs', 2)]: ap.add_argument('--' + name, type=int, default=default)
ap.add_argument('--keep')
a = ap.parse_args()
exe, work = os.path.abspath(a.cratedigger), a.keep or tempfile.mkdtemp(prefix='shard-overhead-')
os.makedirs(work, exist_ok=True)
os.chdir(work)


def call(*arguments): subprocess.run([exe, '-q', *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def used():
    u = resource.getrusage(resource.RUSAGE_CHILDREN)
    return u.ru_utime + u.ru_stime


def timed(f):
    cpu, wall = used(), time.time()
    f()
    return used() - cpu, time.time() - wall


def plain(): call('extract', 'set', '--out', 'plain.parquet', '--force', '--jobs', a.jobs)


def sharded():
    shutil.rmtree('parts', ignore_errors=True)
    for i in range(1, a.shards + 1): call('extract', '--manifest', 'm.parquet', '--shard', f'{i}/{a.shards}', '--out', 'parts', '--jobs', a.jobs)


if not os.path.exists('music/SYNTHETIC.json'): call('synth', 'music', '--clips', a.clips, '--seconds', a.seconds, '--clip-format', 'flac')
clips = [os.path.join(d, f) for d, _, fs in os.walk('music/clips') for f in fs]
shutil.rmtree('set', ignore_errors=True)
for copy in range(a.copies):
    os.makedirs(f'set/{copy}')
    for clip in clips: shutil.copy(clip, f'set/{copy}/{copy}-{os.path.basename(clip)}')
call('manifest', 'set', '--out', 'm.parquet', '--force')
plain()
ratios = []
for pair in range(a.pairs):
    first, second = (plain, sharded) if pair % 2 == 0 else (sharded, plain)
    t = {f.__name__: timed(f) for f in (first, second)}
    (pc, pw), (sc, sw) = t['plain'], t['sharded']
    ratios.append((sc / pc, sw / pw))
    print(f'plain {pc:.2f} s of processor, {pw:.2f} s; {a.shards} shards {sc:.2f} s, {sw:.2f} s; ratios {sc / pc:.4f} {sw / pw:.4f}', flush=True)
for at, name in enumerate(('processor', 'wall')):
    r = sorted(x[at] for x in ratios)
    print(f'{name}: median ratio {statistics.median(r):.4f} ({r[0]:.4f} to {r[-1]:.4f})')
if not a.keep: shutil.rmtree(work, ignore_errors=True)
