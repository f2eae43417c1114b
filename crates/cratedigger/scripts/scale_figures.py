#!/usr/bin/env python3
"""What docs/scale.md tells of manifests, shards and reading from a store, measured.

    scale_figures.py CRATEDIGGER list [--objects 1000,10000,100000,1000000]
    scale_figures.py CRATEDIGGER read [--clips 1000] [--seconds 30] [--jobs 2]

`list` makes manifests of listings of so many objects, which a server on this machine invents page by page, and looks at a shard of them;
`read` makes clips with `cratedigger synth` and extracts them out of a folder and out of a server on this machine that hands out the same
files. Of each command: wall time, processor time and the largest memory of one process, and what the server was asked for. Needs Python
alone.
"""
import argparse, hashlib, http.server, os, re, resource, shutil, subprocess, sys, tempfile, threading, time, urllib.parse

ap = argparse.ArgumentParser()
ap.add_argument('cratedigger')
ap.add_argument('what', choices=['list', 'read'])
ap.add_argument('--objects', default='1000,10000,100000,1000000')
ap.add_argument('--clips', type=int, default=1000)
ap.add_argument('--seconds', type=float, default=30)
ap.add_argument('--jobs', default='2')
ap.add_argument('--keep')
a = ap.parse_args()
exe, work = os.path.abspath(a.cratedigger), os.path.abspath(a.keep) if a.keep else tempfile.mkdtemp(prefix='scale-figures-')
os.makedirs(work, exist_ok=True)
os.chdir(work)
PAGE, SIZE = 1000, 970_000
n_objects, folder, counts = 0, None, {'requests': 0, 'bytes': 0}
lock = threading.Lock()


class Store(http.server.BaseHTTPRequestHandler):
    """The bucket `music`: invented objects, or the files of a folder."""
    protocol_version = 'HTTP/1.1'
    def log_message(self, *_): pass

    def answer(self, status, body, **headers):
        with lock:
            counts['requests'] += 1
            counts['bytes'] += len(body)
        self.send_response_only(status)
        for k, v in {'Content-Length': len(body), 'ETag': '"e"', 'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT', **headers}.items(): self.send_header(k.replace('_', '-'), v)
        self.end_headers()
        if self.command != 'HEAD': self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if 'list-type' in query: return self.listing(int(query.get('continuation-token', ['0'])[0]))
        file = os.path.join(folder or '/nowhere', urllib.parse.unquote(url.path).split('/', 2)[-1])
        if not os.path.isfile(file): return self.answer(404, b'')
        data = open(file, 'rb').read()
        wanted = re.match(r'bytes=(\d+)-(\d+)', self.headers.get('Range', ''))
        if not wanted: return self.answer(200, data)
        start, end = int(wanted[1]), min(int(wanted[2]) + 1, len(data))
        self.answer(206, data[start:end], Content_Range=f'bytes {start}-{end - 1}/{len(data)}')

    do_HEAD = do_GET

    def listing(self, at):
        if folder:
            keys = [(os.path.relpath(os.path.join(d, f), folder), 'e', os.path.getsize(os.path.join(d, f))) for d, _, fs in os.walk(folder) for f in fs]
            page, more = sorted(keys), ''
        else:
            page = [(f'clips/{i // PAGE:06}/{i:09}.mp3', e := hashlib.md5(b'%d' % i).hexdigest(), SIZE + int(e[:4], 16)) for i in range(at, min(at + PAGE, n_objects))]
            more = f'<NextContinuationToken>{at + PAGE}</NextContinuationToken>' if at + PAGE < n_objects else ''
        item = '<Contents><Key>%s</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;%s&quot;</ETag><Size>%d</Size></Contents>'
        body = f'<ListBucketResult><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}{"".join(item % p for p in page)}</ListBucketResult>'
        self.answer(200, body.encode(), Content_Type='application/xml')


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Store)
threading.Thread(target=server.serve_forever, daemon=True).start()
env = os.environ | dict(AWS_ENDPOINT_URL=f'http://127.0.0.1:{server.server_address[1]}', AWS_ALLOW_HTTP='true', AWS_SKIP_SIGNATURE='true', AWS_REGION='us-east-1')


def call(name, *arguments):
    """Runs a command in a process of its own, whose children alone are measured."""
    before = dict(counts)
    code = ('import resource, subprocess, sys, time; t = time.time(); c = subprocess.run(sys.argv[1:], stdout=2).returncode; '
            'u = resource.getrusage(resource.RUSAGE_CHILDREN); print(time.time() - t, u.ru_utime + u.ru_stime, u.ru_maxrss, c)')
    p = subprocess.run([sys.executable, '-c', code, exe, '-q', *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wall, cpu, rss, status = p.stdout.split()
    assert status == '0', p.stderr
    print(f'{name:34} {float(wall):8.2f} s wall {float(cpu):8.2f} s processor {int(rss) / 1024:7.0f} MiB  '
          f'{counts["requests"] - before["requests"]:6} requests {(counts["bytes"] - before["bytes"]) / 1e6:8.1f} MB', flush=True)


try:
    if a.what == 'list':
        for n_objects in map(int, a.objects.split(',')):
            call(f'manifest of {n_objects} objects', 'manifest', 's3://music/clips/', '--out', 'm.parquet', '--force')
            print(f'{"":34} {os.path.getsize("m.parquet") / n_objects:.1f} bytes of the manifest for each')
            shutil.rmtree('parts', ignore_errors=True)
            # A shard that finds nothing that it could read: what is left is what a shard costs before its first recording.
            call('a shard of 1000 of them', 'extract', '--manifest', 'm.parquet', '--shard', f'1/{max(n_objects // 1000, 1)}', '--out', 'parts')
    else:
        if not os.path.exists('music/SYNTHETIC.json'):
            subprocess.run([exe, '-q', 'synth', 'music', '--clips', str(a.clips), '--seconds', f'{a.seconds:g}', '--clip-format', 'flac'], check=True)
        folder = os.path.abspath('music')
        call(f'{a.clips} clips of a folder', 'extract', 'music/clips', '--out', 'local.parquet', '--force', '--jobs', a.jobs)
        call(f'{a.clips} clips of a store', 'extract', 's3://music/clips/', '--out', 'store.parquet', '--force', '--jobs', a.jobs)
        assert open('local.parquet', 'rb').read() == open('store.parquet', 'rb').read()
        print(f'the files of features are the same, {os.path.getsize("store.parquet") / a.clips:.0f} bytes a row')
finally:
    if not a.keep: shutil.rmtree(work, ignore_errors=True)
