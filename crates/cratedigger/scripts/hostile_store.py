#!/usr/bin/env python3
"""Recordings in an object store, extracted by one process and by four shards while the store misbehaves.

    hostile_store.py CRATEDIGGER [--clips 2000] [--seconds 2] [--only NAME,…] [--keep DIR]

Makes clips with `cratedigger synth`, puts them into an S3 server on this machine (moto), and compares what comes out of the store with a
local extraction, number by number, bit by bit. In between stands a proxy (store_proxy.py) that answers 5 % of requests with 503, cuts 5 %
of the connections in the middle of an object, and is away for 20 s. Every row must be there exactly once.

Needs `pip install 'moto[s3,server]' boto3 pyarrow` for the Python that runs it.
"""
import argparse, os, re, shutil, signal, subprocess, sys, tempfile, threading, time
import boto3, pyarrow.parquet as pq, pyarrow.compute as pc, pyarrow as pa
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from store_proxy import Proxy

ap = argparse.ArgumentParser()
ap.add_argument('cratedigger')
ap.add_argument('--clips', type=int, default=2000)
ap.add_argument('--seconds', type=float, default=2)
ap.add_argument('--only', default='')
ap.add_argument('--keep')
args = ap.parse_args()
exe = os.path.abspath(args.cratedigger)
work = args.keep or tempfile.mkdtemp(prefix='hostile-store-')
os.makedirs(work, exist_ok=True)
os.chdir(work)
scratch = os.path.join(work, 'scratch')
only = [n for n in args.only.split(',') if n]


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def environment(port, **more):
    keys = dict(AWS_ENDPOINT_URL=f'http://127.0.0.1:{port}', AWS_ALLOW_HTTP='true', AWS_ACCESS_KEY_ID='x', AWS_SECRET_ACCESS_KEY='x', AWS_REGION='us-east-1')
    return os.environ | keys | {k: str(v) for k, v in more.items()}


def start(port, *arguments, quiet=True, **more):
    return subprocess.Popen([exe, *['-q'] * quiet, *arguments], env=environment(port, **more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(port, *arguments, expect=0, **more):
    p = start(port, *arguments, **more)
    out, err = p.communicate()
    assert p.returncode == expect, (arguments, p.returncode, out, err)
    return out + err


def rows(paths):
    t = pa.concat_tables([pq.read_table(p) for p in paths])
    return t.sort_by('track_id')


def same(paths, reference, without=()):
    got, want = rows(paths), rows([reference])
    if without: want = want.filter(pc.invert(pc.is_in(want['track_id'], pa.array(list(without), pa.int64()))))
    assert got.column_names == want.column_names
    assert got['track_id'].to_pylist() == want['track_id'].to_pylist(), (got.num_rows, want.num_rows)
    for name in want.column_names[1:]:
        a, b = (t[name].combine_chunks().to_numpy(zero_copy_only=False).tobytes() for t in (got, want))
        assert a == b, name
    return got.num_rows


def parts(folder):
    return sorted(os.path.join(folder, n) for n in os.listdir(folder) if n.startswith('part-') and n.endswith('.parquet'))


failed = []


def step(name):
    def wrap(f):
        if only and name not in only: return f
        began = time.time()
        try: told = f()
        except Exception as error:
            failed.append(name)
            told = f'FAILED: {error!r}'
        print(f'{name:24} {time.time() - began:6.1f} s  {told}', flush=True)
        return f
    return wrap


if not os.path.exists('music/SYNTHETIC.json'):
    subprocess.run([exe, '-q', 'synth', 'music', '--clips', str(args.clips), '--seconds', f'{args.seconds:g}', '--clip-format', 'flac'], check=True)
clips = sorted(os.path.join(d, f) for d, _, fs in os.walk('music/clips') for f in fs if f.endswith('.flac'))
n = len(clips)
backend = free_port()
moto = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), 'moto_server'), '-H', '127.0.0.1', '-p', str(backend)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
s3 = boto3.client('s3', endpoint_url=f'http://127.0.0.1:{backend}', aws_access_key_id='x', aws_secret_access_key='x', region_name='us-east-1')
for _ in range(100):
    try: s3.list_buckets(); break
    except Exception: time.sleep(0.2)
for bucket in ('music', 'work'): s3.create_bucket(Bucket=bucket)
for c in clips: s3.put_object(Bucket='music', Key=os.path.relpath(c, 'music'), Body=open(c, 'rb').read())
print(f'{n} clips, {sum(map(os.path.getsize, clips)) / 1e6:.0f} MB, in {work}', flush=True)


def fresh(name):
    shutil.rmtree(name, ignore_errors=True)
    return name


def clean(*names):
    for name in names:
        for suffix in ('.parquet', '.failures.csv', '.audio.csv', '.parquet.partial'):
            if os.path.exists(name + suffix): os.remove(name + suffix)


try:
    clean('local', 'one', 'bad', 'away', 'down', 'wrong')
    began = time.time()
    run(backend, 'extract', 'music/clips', '--out', 'local.parquet')
    print(f"{'local':24} {time.time() - began:6.1f} s  {rows(['local.parquet']).num_rows} rows", flush=True)
    run(backend, 'manifest', 's3://music/clips/', '--out', 'manifest.parquet', '--force')

    @step('one process')
    def _():
        run(backend, 'extract', 's3://music/clips/', '--out', 'one.parquet', '--force')
        assert open('one.parquet', 'rb').read() == open('local.parquet', 'rb').read()
        return f"{same(['one.parquet'], 'local.parquet')} rows, the file is the same byte by byte"

    @step('output in the store')
    def _():
        run(backend, 'extract', 's3://music/clips/', '--out', 's3://work/f.parquet', '--force')
        s3.download_file('work', 'f.parquet', 'back.parquet')
        run(backend, 'extract', 's3://music/clips/', '--out', 's3://work/f.parquet', expect=2)
        return f"{same(['back.parquet'], 'local.parquet')} rows; a second run without --force is refused"

    @step('503 and cuts')
    def _():
        p = Proxy(backend, 0.05, 0.05, 1)
        run(p.port, 'extract', 's3://music/clips/', '--out', 'bad.parquet')
        return f"{same(['bad.parquet'], 'local.parquet')} rows; {p.counts}"

    @step('away for 20 s')
    def _():
        p = Proxy(backend)
        e = start(p.port, 'extract', 's3://music/clips/', '--out', 'away.parquet', quiet=False)
        while p.counts['requests'] < n // 3: time.sleep(0.05)
        p.pause(20)
        _, err = e.communicate()
        assert e.returncode == 0, err
        waits = [line for line in err.splitlines() if 'answer' in line]
        assert len(waits) == 2 and 'has not answered for' in waits[0] and 'answers again' in waits[1], err
        return f"{same(['away.parquet'], 'local.parquet')} rows; {p.counts['requests']} requests; said: {'; '.join(waits)}"

    @step('away for good')
    def _():
        p = Proxy(backend)
        e = start(p.port, 'extract', 's3://music/clips/', '--out', 'down.parquet', CRATEDIGGER_STORE_RETRY_SECONDS=30)
        while p.counts['requests'] < n // 3: time.sleep(0.02)
        p.stop()
        began = time.time()
        _, err = e.communicate()
        waited = time.time() - began
        assert e.returncode == 2 and 'go on with --resume' in err, (e.returncode, err)
        run(backend, 'extract', 's3://music/clips/', '--out', 'down.parquet', '--resume')
        return f"ends {waited:.0f} s later with: {err.strip()[:300]}; {same(['down.parquet'], 'local.parquet')} rows with --resume"

    @step('four shards')
    def _():
        p = Proxy(backend, 0.05, 0.05, 2)
        fresh('parts')
        shards = [start(p.port, 'extract', '--manifest', 'manifest.parquet', '--shard', f'{i}/4', '--out', 'parts', '--jobs', '1', '--scratch', scratch) for i in range(1, 5)]
        for s in shards: assert s.wait() == 0, s.stderr.read()
        told = run(backend, 'parts', 'parts', '--manifest', 'manifest.parquet')
        before = [os.stat(f).st_mtime_ns for f in parts('parts')]
        told2 = run(backend, 'extract', '--manifest', 'manifest.parquet', '--shard', '2/4', '--out', 'parts')
        assert 'is there already' in told2 and before == [os.stat(f).st_mtime_ns for f in parts('parts')]
        return f"{same(parts('parts'), 'local.parquet')} rows; {told.strip()}; {p.counts}"

    @step('parts in the store')
    def _():
        p = Proxy(backend, 0.05, 0.05, 3)
        shards = [start(p.port, 'extract', '--manifest', 'manifest.parquet', '--shard', f'{i}/4', '--out', 's3://work/parts', '--jobs', '1', '--scratch', scratch) for i in (1, 2, 4)]
        for s in shards: assert s.wait() == 0, s.stderr.read()
        told = run(p.port, 'parts', 's3://work/parts', expect=1)
        assert 'shard 3/4 is missing; make it with: cratedigger extract' in told, told
        run(p.port, 'extract', '--manifest', 'manifest.parquet', '--shard', '3/4', '--out', 's3://work/parts')
        told = run(p.port, 'parts', 's3://work/parts', '--manifest', 'manifest.parquet')
        fresh('fetched'); os.makedirs('fetched')
        for o in s3.list_objects_v2(Bucket='work', Prefix='parts/')['Contents']: s3.download_file('work', o['Key'], 'fetched/' + os.path.basename(o['Key']))
        return f"{same(parts('fetched'), 'local.parquet')} rows; {told.strip()}"

    @step('shard killed')
    def _():
        p = Proxy(backend, 0.05, 0.05, 4)
        fresh('killed'); fresh(scratch)
        for i in (1, 2, 4): run(p.port, 'extract', '--manifest', 'manifest.parquet', '--shard', f'{i}/4', '--out', 'killed', '--scratch', scratch)
        e = start(p.port, 'extract', '--manifest', 'manifest.parquet', '--shard', '3/4', '--out', 'killed', '--scratch', scratch)
        at = p.counts['objects']
        while p.counts['objects'] < at + n * 3 // 16 and e.poll() is None: time.sleep(0.005)
        e.send_signal(signal.SIGKILL); e.wait()
        assert len(parts('killed')) == 3 and os.listdir(scratch)
        fetched, at = p.counts['objects'] - at, p.counts['objects']
        e = start(p.port, 'extract', '--manifest', 'manifest.parquet', '--shard', '3/4', '--out', 'killed', '--scratch', scratch, quiet=False)
        out, err = e.communicate()
        assert e.returncode == 0, err
        kept = re.search(r'(\d+) of the rows are of an interrupted run', err)
        kept, rows_of_shard = int(kept[1]) if kept else 0, int(re.search(r': (\d+) rows', out)[1])
        again = p.counts['objects'] - at
        # What a range goes on with after a cut counts once more.
        assert 0 < kept <= fetched and rows_of_shard - kept <= again, (kept, fetched, again, rows_of_shard)
        told = run(backend, 'parts', 'killed', '--manifest', 'manifest.parquet')
        assert not os.listdir(scratch), os.listdir(scratch)
        return (f"{same(parts('killed'), 'local.parquet')} rows; of the {rows_of_shard} recordings of the shard {fetched} had been fetched and {kept} were in "
                f"the journal when it was killed, {rows_of_shard - kept} were made by the second run; {told.strip()}")

    @step('shard twice at once')
    def _():
        for place in ('twice', 's3://work/twice'):
            fresh('twice') if place == 'twice' else None
            for i in (1, 3, 4): run(backend, 'extract', '--manifest', 'manifest.parquet', '--shard', f'{i}/4', '--out', place)
            both = [start(backend, 'extract', '--manifest', 'manifest.parquet', '--shard', '2/4', '--out', place, '--jobs', '1', '--scratch', scratch) for _ in range(2)]
            said = sorted(b.communicate()[0] for b in both)
            assert all(b.returncode == 0 for b in both), said
            told = run(backend, 'parts', place, '--manifest', 'manifest.parquet')
        return f"{same(parts('twice'), 'local.parquet')} rows; {told.strip()}"

    @step('what is not to be had')
    def _():
        p = Proxy(backend)
        name = lambda c: os.path.relpath(c, 'music')
        gone, changed, forbidden, halved = clips[0], clips[1], clips[2], clips[3]
        p.forbidden.add(name(forbidden)); p.halved.add(name(halved))
        s3.delete_object(Bucket='music', Key=name(gone))
        s3.put_object(Bucket='music', Key=name(changed), Body=open(clips[4], 'rb').read())
        try:
            run(p.port, 'extract', '--manifest', 'manifest.parquet', '--out', 'wrong.parquet', expect=1)
        finally:
            for c in (gone, changed): s3.upload_file(c, 'music', name(c))
        told = open('wrong.failures.csv').read()
        for word in ('NoSuchKey', 'changed since', 'AccessDenied', 'truncated'): assert word in told, told
        lost = [int(os.path.splitext(os.path.basename(c))[0]) for c in (gone, changed, forbidden, halved)]
        return f"{same(['wrong.parquet'], 'local.parquet', lost)} rows, {len(told.splitlines()) - 1} failures:\n{told}"

    @step('tables and models')
    def _():
        run(backend, 'train', 'local.parquet', '--labels', 'music/tracks.csv', '--method', 'gaussian-naive-bayes', '--out', 's3://work/m.cdmodel', '--force')
        s3.upload_file('local.parquet', 'work', 'local.parquet')
        run(backend, 'classify', '--model', 's3://work/m.cdmodel', 's3://work/local.parquet', '--format', 'csv', '--out', 'genres.csv', '--force')
        run(backend, 'classify', '--model', 's3://work/m.cdmodel', 's3://music/clips/', '--format', 'csv', '--out', 'genres2.csv', '--force')
        a, b = (sorted(l.split(',')[:2] for l in open(f)) for f in ('genres.csv', 'genres2.csv'))
        assert a == b and len(a) == n + 1, (a[:3], b[:3])
        fresh('genres')
        for i in (1, 2): run(backend, 'classify', '--model', 's3://work/m.cdmodel', '--manifest', 'manifest.parquet', '--shard', f'{i}/2', '--out', 'genres')
        told = run(backend, 'parts', 'genres', '--manifest', 'manifest.parquet')
        t = pa.concat_tables([pq.read_table(f) for f in parts('genres')])
        assert sorted(zip(t['id'].to_pylist(), t['genre'].to_pylist())) == sorted((i, g) for i, g in a if i != 'id')
        run(backend, 'mel', 's3://music/clips/', '--out', fresh('frames-s3'))
        run(backend, 'mel', 'music/clips', '--out', fresh('frames'))
        files = [os.path.join(os.path.relpath(d, 'frames'), f) for d, _, fs in os.walk('frames') for f in fs if f.endswith(('.f16',)) or f == 'recipe.json']
        for f in files: assert open(os.path.join('frames', f), 'rb').read() == open(os.path.join('frames-s3', f), 'rb').read(), f
        return f'{told.strip()}; frames the same in {files}'
finally:
    moto.terminate()
    if not args.keep: shutil.rmtree(work, ignore_errors=True)
if failed: sys.exit(f'failed: {", ".join(failed)}')
