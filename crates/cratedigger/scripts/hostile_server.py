#!/usr/bin/env python3
"""One server under everything that clients do to it, at once, on loopback, and whether who watches it is answered.

    hostile_server.py CRATEDIGGER [--seconds 90] [--within 1.0] [--memory-mb 1100] [--descriptors 256] [--keep DIR]

Makes a model with `cratedigger synth`, `extract` and `train`, starts `cratedigger serve` with the defaults (two decoders, few file
descriptors, its standard output closed, its log a pipe that nobody reads), and lets run for the time: uploads of the hostile files of
hostile_batch.py and of silence at 655,350 Hz, uploads that drip or stop, multipart without a boundary and with one that never comes, 150
silent connections, clients that do not read, posts of other web sites, other names of the host, and a client that means well; from
several addresses, since one alone gets half of the places.

`/healthz` is asked ten times a second by a process of its own; the slowest answer must come `--within`. Memory is that of the server and
all its helpers together (RSS, ten times a second), and must stay below `--memory-mb`. Afterwards the well-meant clip must be
classified, and SIGTERM end the server with exit code 0. Needs Python alone.
"""
import argparse, collections, os, random, resource, shutil, signal, socket, subprocess, sys, tempfile, threading, time
from hostile_batch import flac, hostile


def connect(port, timeout=60.0, source=1):
    k = socket.create_connection(('127.0.0.1', port), timeout, (f'127.0.0.{source}', 0)); k.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return k


def answer(k):
    """The status of an answer, or what ended it."""
    out = b''
    try:
        while b'\r\n' not in out:
            more = k.recv(65536)
            if not more: return 'closed'
            out += more
        return int(out.split(b' ', 2)[1])
    except TimeoutError: return 'silent'
    except (OSError, ValueError, IndexError): return 'reset'


def head(port, path, length=None, method='POST', host=None, more=''):
    lines = f'{method} {path} HTTP/1.1\r\nHost: {host or f"127.0.0.1:{port}"}\r\nConnection: close\r\n{more}'
    return (lines + (f'Content-Length: {length}\r\n' if length is not None else '') + '\r\n').encode()


def post(port, body, kind='application/octet-stream', **more):
    try:
        with connect(port, 150, 4) as k:
            extra = more.pop('more', '')
            k.sendall(head(port, '/v1/classify', len(body), more=f'Content-Type: {kind}\r\n{extra}', **more)); k.sendall(body)
            return answer(k)
    except OSError: return 'reset'


def watch(port, seconds):
    """Asks `/healthz` ten times a second; prints the number of answers, the slowest and the third slowest in seconds, and what else came."""
    took, wrong, end = [], collections.Counter(), time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            with connect(port, 30) as k:
                k.sendall(head(port, '/healthz', method='GET')); status = answer(k)
        except OSError as e: status = type(e).__name__
        took.append(time.monotonic() - began)
        if status != 200: wrong[status] += 1
        time.sleep(0.1)
    took.sort(); print(len(took), took[-1], took[-3], dict(wrong))


class Attack:
    def __init__(self, port, clip, files, seconds):
        self.port, self.clip, self.files, self.end = port, clip, files, time.monotonic() + seconds
        self.told = collections.defaultdict(collections.Counter)

    def on(self): return time.monotonic() < self.end
    def note(self, what, status): self.told[what][status] += 1

    def uploads(self, n):
        draw = random.Random(n)
        while self.on(): name = draw.choice(list(self.files)); self.note('hostile files', post(self.port, self.files[name]))

    def well_meant(self):
        while self.on(): self.note('a clip', post(self.port, self.clip)); time.sleep(1)

    def other_sites(self):
        while self.on():
            self.note('other web sites', post(self.port, self.clip, more='Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n'))
            self.note('other names of the host', post(self.port, self.clip, host=f'evil.example:{self.port}')); time.sleep(0.2)

    def multipart(self):
        start = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        for body, kind in self.cycle([(b'\r\n--' * 5_000_000, 'multipart/form-data'), (start + b'\r\n-' * 8_000_000, 'multipart/form-data; boundary=b'),
                                      (b'--b\r\nX: ' + b'y' * 20_000_000, 'multipart/form-data; boundary=b'), (b'\r\n--bb' * 4_000_000, 'multipart/form-data; boundary=' + 'b' * 70)]):
            self.note('multipart', post(self.port, body, kind))

    def cycle(self, items):
        n = 0
        while self.on(): yield items[n % len(items)]; n += 1

    def slow(self, stops):
        while self.on():
            try:
                with connect(self.port, 0.3, 3) as k:
                    k.sendall(head(self.port, '/v1/classify', 1_000_000) + b'RIFF')
                    while self.on():
                        if not stops: k.sendall(b'x')
                        try:
                            status = k.recv(4096); self.note('uploads that stop' if stops else 'uploads that drip', int(status.split(b' ')[1]) if status else 'closed'); break
                        except TimeoutError: pass
            except (OSError, IndexError): self.note('uploads that stop' if stops else 'uploads that drip', 'reset')
            time.sleep(0.05)

    def silent(self):
        while self.on():
            try:
                with connect(self.port, 1, 2) as k:
                    while self.on():
                        try:
                            k.recv(1); self.note('silent connections', 'closed'); break
                        except TimeoutError: pass
            except OSError: self.note('silent connections', 'reset')
            time.sleep(0.2)

    def deaf(self):
        """Asks again and again and reads nothing."""
        while self.on():
            try:
                with socket.socket() as k:
                    k.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); k.settimeout(2); k.bind(('127.0.0.5', 0)); k.connect(('127.0.0.1', self.port))
                    for _ in range(2000): k.sendall(f'GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n'.encode())
            except OSError: pass
            self.note('clients that do not read', 'done'); time.sleep(0.2)

    def run(self):
        jobs = [(self.uploads, n) for n in range(6)] + [(self.slow, n % 2 == 0) for n in range(20)] + [(self.silent,)] * 150
        jobs += [(self.well_meant,), (self.other_sites,), (self.multipart,), (self.multipart,), (self.deaf,), (self.deaf,)]
        threads = [threading.Thread(target=job[0], args=job[1:]) for job in jobs]
        for t in threads: t.start()
        for t in threads: t.join()
        for what, told in sorted(self.told.items()): print(f'  {what}: ' + ', '.join(f'{n} x {status}' for status, n in sorted(told.items(), key=str)))


def memory(number):
    """RSS in MiB of a process and its helpers: the sum, and the largest helper."""
    one = lambda n: int(open(f'/proc/{n}/statm').read().split()[1]) * resource.getpagesize() / 2**20
    helpers = []
    for n in filter(str.isdigit, os.listdir('/proc')):
        try:
            if open(f'/proc/{n}/stat').read().rsplit(') ', 1)[1].split()[1] == str(number): helpers.append(one(n))
        except (OSError, IndexError): pass
    return one(number), sum(helpers), max(helpers, default=0)


def main():
    if sys.argv[1] == '--watch': return watch(int(sys.argv[2]), float(sys.argv[3]))
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('cratedigger'); p.add_argument('--seconds', type=float, default=90); p.add_argument('--within', type=float, default=1.0)
    p.add_argument('--memory-mb', type=float, default=1100); p.add_argument('--descriptors', type=int, default=256); p.add_argument('--keep')
    a = p.parse_args(); binary, script = os.path.abspath(a.cratedigger), os.path.abspath(__file__)
    d = a.keep or tempfile.mkdtemp(prefix='hostile-'); os.makedirs(d, exist_ok=True); os.chdir(d)
    if not os.path.exists('m.cdmodel'):
        for args in ('synth music --clips 40 --seconds 5', 'extract music/clips --out f.parquet --force',
                     'train f.parquet --labels music/tracks.csv --method logistic-regression --split stratified --force --out m.cdmodel'):
            subprocess.run([binary, '--quiet', *args.split()], check=True)
    clips = [os.path.join(f, n) for f, _, names in os.walk('music/clips') for n in names]; clip = open(min(clips), 'rb').read()
    files = hostile() | {'silence_655k.flac': flac(655350, 8, 8900), 'silence_44k.flac': flac(44100, 1, 605)}
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (a.descriptors, a.descriptors))
    log_reader, log = os.pipe()
    server = subprocess.Popen([binary, 'serve', '--model', 'm.cdmodel', '--addr', '127.0.0.1:0', '--decodes', '2', '--log', 'json'],
                              stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=few)
    os.close(log); port = int(server.stdout.readline().rsplit(':', 1)[1]); server.stdout.close()
    try:
        began = time.monotonic()
        while post(port, clip) != 200: assert time.monotonic() - began < 60, 'the server does not get ready'
        watcher = subprocess.Popen([sys.executable, script, '--watch', str(port), str(a.seconds)], stdout=subprocess.PIPE, text=True)
        attack = threading.Thread(target=Attack(port, clip, files, a.seconds).run); attack.start()
        most, parts = 0, (0, 0, 0)
        while watcher.poll() is None:
            now = memory(server.pid); parts = tuple(map(max, parts, now)); most = max(most, now[0] + now[1]); time.sleep(0.1)
        attack.join(); n, slowest, third, wrong = watcher.stdout.read().split(' ', 3); slowest = float(slowest)
        print(f'/healthz: {n} answers, slowest {slowest:.3f} s, third slowest {float(third):.3f} s; other answers: {wrong.strip()}')
        print(f'memory: {most:.0f} MiB together, server {parts[0]:.0f}, its helpers together {parts[1]:.0f}, one helper {parts[2]:.0f}')
        until = time.monotonic() + 60
        while (status := post(port, clip)) != 200: assert time.monotonic() < until, f'afterwards a clip gets {status}'
        server.send_signal(signal.SIGTERM); code = server.wait(70)
        assert code == 0, f'exit code {code}'
        assert wrong.strip() == '{}' and slowest < a.within, 'who watches is not answered in time'
        assert most < a.memory_mb, 'more memory than was said'
    finally:
        server.kill(); os.close(log_reader)
        if not a.keep: os.chdir('/'); shutil.rmtree(d)


if __name__ == '__main__':
    main()
