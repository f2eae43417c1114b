"""A proxy in front of an S3 server that answers as bad days do: for hostile_store.py.

A share of requests gets 503, of a share the connection is cut in the middle of the object, keys can be forbidden or lose their second half,
and for a while nobody listens at all. What happens to which request is drawn with a seed.
"""
import http.client, random, socket, threading, time

SLOW_DOWN = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'


class Proxy:
    def __init__(self, backend, p_503=0.0, p_cut=0.0, seed=0):
        self.backend, self.p_503, self.p_cut = backend, p_503, p_cut
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.forbidden, self.halved = set(), set()
        self.counts = {'requests': 0, '503': 0, 'cut': 0, 'objects': 0, 'bytes': 0}
        self.port = None
        self.listen()

    def listen(self):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(('127.0.0.1', self.port or 0))
        self.server.listen(256)
        self.port = self.server.getsockname()[1]
        self.open = set()
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()

    def stop(self):
        """Nobody listens any more, and what was begun is cut."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        with self.lock:
            for s in self.open:
                try: s.shutdown(socket.SHUT_RDWR)
                except OSError: pass

    def pause(self, seconds):
        self.stop()
        time.sleep(seconds)
        self.listen()

    def accept(self, server):
        while True:
            try: s, _ = server.accept()
            except OSError: return
            threading.Thread(target=self.converse, args=(s,), daemon=True).start()

    def converse(self, s):
        with self.lock: self.open.add(s)
        back = http.client.HTTPConnection('127.0.0.1', self.backend, timeout=120)
        try:
            f = s.makefile('rb')
            while self.answer(s, f, back): pass
        except (OSError, http.client.HTTPException, ValueError): pass
        finally:
            with self.lock: self.open.discard(s)
            back.close()
            s.close()

    def answer(self, s, f, back):
        line = f.readline()
        if not line: return False
        method, path, _ = line.decode().split(' ', 2)
        headers = {}
        while (h := f.readline().decode().rstrip('\r\n')):
            k, v = h.split(':', 1)
            headers[k.strip().lower()] = v.strip()
        body = f.read(int(headers.get('content-length', 0)))
        with self.lock:
            self.counts['requests'] += 1
            fault = self.random.random()
        key = path.split('?')[0].split('/', 2)[-1]
        if fault < self.p_503:
            with self.lock: self.counts['503'] += 1
            return self.send(s, 503, [], SLOW_DOWN, method)
        if key in self.forbidden and method == 'GET':
            return self.send(s, 403, [], DENIED, method)
        headers.pop('connection', None)
        back.request(method, path, body or None, {k: v for k, v in headers.items() if k != 'content-length'} | ({'content-length': str(len(body))} if method in ('PUT', 'POST') else {}))
        r = back.getresponse()
        data = r.read()
        keep = [(k, v) for k, v in r.getheaders() if k.lower() not in ('content-length', 'connection', 'transfer-encoding', 'server', 'date')]
        if key in self.halved and method == 'GET' and r.status < 300: data = data[:len(data) // 2]
        is_object = method == 'GET' and r.status < 300 and 'list-type' not in path
        if is_object and fault < self.p_503 + self.p_cut and len(data) > 1:
            with self.lock: self.counts['cut'] += 1
            self.send(s, r.status, keep, data, method, cut=len(data) // 2)
            return False
        if is_object:
            with self.lock: self.counts['objects'] += 1
        length = r.getheader('content-length') if method == 'HEAD' else None
        return self.send(s, r.status, keep, data, method, length=length)

    def send(self, s, status, headers, data, method, cut=None, length=None):
        head = f'HTTP/1.1 {status} X\r\ncontent-length: {length or len(data)}\r\n' + ''.join(f'{k}: {v}\r\n' for k, v in headers) + '\r\n'
        body = b'' if method == 'HEAD' else data[:cut]
        s.sendall(head.encode() + body)
        with self.lock: self.counts['bytes'] += len(body)
        return True
