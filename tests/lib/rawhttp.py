"""One HTTP/1.1 request with exactly the bytes of the case: no library normalises the path."""
import socket


class Response:
    """status: int; fields: [(name, value)] in order; body: bytes."""

    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def all(self, name):
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def get(self, name):
        """The field's value (several joined as RFC 9110 §5.2 says), or None."""
        values = self.all(name)
        return ", ".join(values) if values else None


def parse_fields(head):
    fields = []
    for line in head.replace(b"\r\n", b"\n").split(b"\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError(f"not a header field: {line!r}")
        fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
    return fields


def parse_cgi(output):
    """The CGI form (RFC 3875 §6) of a response."""
    for blank in (b"\r\n\r\n", b"\n\n"):
        head, found, body = output.partition(blank)
        if found:
            break
    else:
        raise ValueError(f"no blank line after the header: {output[:200]!r}")
    fields = parse_fields(head)
    status = [v for n, v in fields if n.lower() == "status"]
    return Response(int(status[0].split()[0]) if status else 200,
                    [f for f in fields if f[0].lower() != "status"], body)


def _dechunk(data):
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        n = int(size.split(b";")[0], 16)
        if n == 0:
            return body
        body += data[:n]
        data = data[n + 2:]


def request(port, method, target, fields, body=b"", seconds=60):
    """`target` is bytes, sent as it is."""
    lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: 127.0.0.1",
             b"Connection: close"]
    lines += [f"{n}: {v}".encode() for n, v in fields]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as s:
        received = b""
        try:
            s.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused early; the answer may be there all the same
        try:
            while block := s.recv(65536):
                received += block
        except ConnectionResetError:
            pass
    head, blank, rest = received.partition(b"\r\n\r\n")
    if not blank:
        raise ValueError(f"no HTTP response: {received[:200]!r}")
    status_line, _, head = head.partition(b"\r\n")
    parts = status_line.split(None, 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1."):
        raise ValueError(f"no HTTP response: {received[:200]!r}")
    response = Response(int(parts[1]), parse_fields(head) if head else [], rest)
    if (response.get("Transfer-Encoding") or "").lower() == "chunked" and method != "HEAD":
        response.body = _dechunk(rest)
    return response
