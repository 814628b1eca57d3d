"""FastCGI 1.0, the web server's side, in raw records: requests that are whole, in pieces, cut
off, or wrong on purpose.

    reply = fcgi_client.request("/run/x.sock", fcgi_client.get("/posts/x", "lang=it"))
    reply.status, reply.body, reply.complete
"""
import fcntl
import socket
import struct
import termios
import time

VERSION = 1
BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR, DATA = range(1, 9)
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = range(9, 12)
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
KEEP_CONN = 1
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = range(4)


class Reply:
    """What came back for one request.

    complete: END_REQUEST arrived; app_status and protocol_status are its fields.
    stdout, stderr: the streams, so far as they came.  others: [(type, id, content)].
    """

    def __init__(self):
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.others = []
        self.complete = False
        self.app_status = self.protocol_status = None

    @property
    def head(self):
        return bytes(self.stdout.partition(b"\r\n\r\n")[0]).decode("latin-1")

    @property
    def body(self):
        return bytes(self.stdout.partition(b"\r\n\r\n")[2])

    @property
    def status(self):
        """As a web server sees it: 200 without a Status field; None without a header."""
        if b"\r\n\r\n" not in self.stdout:
            return None
        for line in self.head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "status":
                return int(value.split()[0])
        return 200


def record(kind, content=b"", request_id=1, padding=0, version=VERSION, length=None):
    """One record; `length` lies about the content's length."""
    length = len(content) if length is None else length
    return struct.pack(">BBHHBx", version, kind, request_id, length, padding) + \
        content + b"\0" * padding


def stream(kind, content=b"", request_id=1, size=65535, padding=0):
    """A whole stream: records of at most `size` bytes, and the empty one that ends it."""
    pieces = [content[i:i + size] for i in range(0, len(content), size)]
    return b"".join(record(kind, p, request_id, padding) for p in pieces) + \
        record(kind, b"", request_id)


def begin(role=RESPONDER, flags=0, request_id=1):
    return record(BEGIN_REQUEST, struct.pack(">HB5x", role, flags), request_id)


def pairs(params):
    """Names and values, a dict or a list of pairs, as PARAMS content."""
    out = []
    for name, value in (params.items() if isinstance(params, dict) else params):
        name, value = (x.encode() if isinstance(x, str) else x for x in (name, value))
        for n in (len(name), len(value)):
            out.append(struct.pack(">B", n) if n < 128 else struct.pack(">I", n | 1 << 31))
        out += (name, value)
    return b"".join(out)


def get(path="/", query="", method="GET", **more):
    """The variables of one request as stock nginx passes them, and `more` of them."""
    return {"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": method, "SCRIPT_NAME": path, "DOCUMENT_URI": path,
            "REQUEST_URI": path + ("?" + query if query else ""), "QUERY_STRING": query, **more}


def request_bytes(params, body=b"", role=RESPONDER, flags=0, request_id=1, size=65535, padding=0):
    return begin(role, flags, request_id) + \
        stream(PARAMS, pairs(params), request_id, size, padding) + \
        stream(STDIN, body, request_id, size, padding)


def connect(address, timeout=10):
    """A socket to a path, or to (host, port)."""
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(timeout)
    s.connect(str(address))
    return s


def _receive(sock, n):
    """n bytes, or fewer when the connection ends."""
    got = b""
    while len(got) < n:
        try:
            piece = sock.recv(n - len(got))
        except ConnectionError:
            break
        if not piece:
            break
        got += piece
    return got


def read_reply(sock, request_id=1):
    """Up to END_REQUEST or the end of the connection.  socket.timeout when neither comes,
    ValueError for what is not FastCGI."""
    reply = Reply()
    while not reply.complete:
        header = _receive(sock, 8)
        if len(header) < 8:
            break
        version, kind, rid, length, padding = struct.unpack(">BBHHBx", header)
        if version != VERSION:
            raise ValueError(f"record of version {version}")
        content = _receive(sock, length + padding)
        if len(content) < length + padding:
            break
        content = content[:length]
        if rid != request_id or kind not in (STDOUT, STDERR, END_REQUEST):
            reply.others.append((kind, rid, content))
        elif kind == STDOUT:
            reply.stdout += content
        elif kind == STDERR:
            reply.stderr += content
        else:
            reply.app_status, reply.protocol_status = struct.unpack(">IB3x", content)
            reply.complete = True
    return reply


def send(sock, data):
    """False when the other side has hung up."""
    try:
        sock.sendall(data)
        return True
    except ConnectionError:
        return False


def wait_until_read(sock, seconds=20):
    """Until the other side of a Unix socket has taken in all that was sent."""
    end = time.monotonic() + seconds
    while struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0]:
        assert time.monotonic() < end, f"nobody has read it after {seconds} s"
        time.sleep(0.005)


def exchange(sock, pieces, half_close=False):
    """Sends bytes, or an iterable of them one by one; half_close: then says that this was all."""
    for piece in [pieces] if isinstance(pieces, bytes) else pieces:
        if not send(sock, piece):
            break
    if half_close:
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    return read_reply(sock)


def request(address, params, timeout=10, **how):
    """One whole request on a connection of its own; `how` as for request_bytes()."""
    with connect(address, timeout) as sock:
        return exchange(sock, request_bytes(params, **how))
