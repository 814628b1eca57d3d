#!/usr/bin/env python3
"""A process that dies in the middle of an answer (kill -9, no memory left), behind every server: a
reader must be told that the rest is missing, at once, and no cache may keep the half.

TAP on standard output.
    tests/integration/test_cutoff.py [WORD...]   only the tests with a WORD in their name
A server that is not installed is skipped; with TEST_SERVERS=1 in the environment that is a failure.
"""
import contextlib
import http.client
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests/http"), str(CHECKOUT / "tests/lib")]

import caches       # noqa: E402  (found through the path above)
import fcgi_client as fcgi  # noqa: E402
import process      # noqa: E402
import tap          # noqa: E402
import transports   # noqa: E402
from tap import test  # noqa: E402

BODY = b"".join(b"<p>Line %05d of many.</p>\n" % i for i in range(3000))
HEAD = (b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nETag: \"one\"\r\n"
        b"Cache-Control: public, max-age=60\r\nCache-Tag: list\r\n\r\n" % len(BODY))
# With a cut in the header, in what servers keep in their first buffer, and in what they pass on.
CUTS = {"/header": len(HEAD) // 2, "/begin": len(HEAD) + 5000, "/middle": len(HEAD) + len(BODY) // 2}
AT_ONCE = 8  # seconds; a server that waits for the rest does so for longer

CGI = """#!/bin/sh
[ -e {whole} ] && exec cat {answer}
case "$PATH_INFO" in
{cuts}
*) exec cat {answer} ;;
esac
kill -9 $$
"""


class Dying:
    """A FastCGI responder that ends each connection in the middle of the answer, or not at all."""

    def __init__(self, path):
        self.whole = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        os.chmod(path, 0o666)
        self.listener.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with connection, contextlib.suppress(OSError):
            asked = b""
            end = fcgi.record(fcgi.STDIN)
            while not asked.endswith(end) and (block := connection.recv(65536)):
                asked += block
            cut = next((at for path, at in CUTS.items() if path.encode() in asked), None)
            answer = fcgi.stream(fcgi.STDOUT, HEAD + BODY, size=8184) + \
                fcgi.record(fcgi.END_REQUEST, bytes(8))
            connection.sendall(answer if self.whole or cut is None else answer[:cut])

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Fcgi:
    """A server with that behind it."""

    def run_worker(self, *_how, **_more):
        self.responder = Dying(self.root / "run/cartolina.sock")

    def mend(self):
        self.responder.whole = True

    def stop(self):
        self.responder.stop()
        return super().stop()


class Cgi:
    """A server with such a program."""

    def install_cgi(self, folder="cgi-bin"):
        target = super().install_cgi(folder)
        (self.root / "answer").write_bytes(HEAD + BODY)
        # It writes the whole header at once, or nothing.
        cuts = "\n".join(f"*{path}) head -c {at if at > len(HEAD) else 0} {self.root}/answer ;;"
                         for path, at in CUTS.items())
        target.write_text(CGI.format(whole=self.root / "whole", answer=self.root / "answer", cuts=cuts))
        return target

    def mend(self):
        (self.root / "whole").touch()


KINDS = {
    "nginx": (Fcgi, transports.NginxUnix),
    "nginx's cache": (Fcgi, caches.Nginx),
    "Varnish": (Fcgi, caches.Varnish),
    "Apache": (Fcgi, transports.ApacheFcgi),
    "Apache with CGI": (Cgi, transports.ApacheCgid),
    "lighttpd": (Fcgi, transports.LighttpdFcgi),
    "lighttpd with CGI": (Cgi, transports.LighttpdCgi),
    "Caddy": (Fcgi, transports.CaddyFcgi),
}


def ask(server, path):
    """The body, or None when it did not come whole and that was said in time."""
    begun = time.monotonic()
    port = server.values.get("front", server.values["port"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2 * AT_ONCE)
    with contextlib.closing(connection):
        try:
            connection.request("GET", getattr(server, "mount", "") + path)
            answer = connection.getresponse()
            body = answer.read()
        except (http.client.IncompleteRead, ConnectionResetError):
            body = None
        else:
            body = None if answer.status >= 500 else body
    assert time.monotonic() - begun < AT_ONCE, f"{path}: the reader waits for more"
    return body


def dies_behind(name):
    ways = KINDS[name]
    if ways[1].missing() == "caddy":  # not in every distribution's main archive: never demanded
        raise tap.Skip("caddy is not installed")
    tap.need(ways[1].missing())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-cutoff-"))
    folder.chmod(0o755)
    edits = getattr(ways[1], "edits", {})
    site = transports.Site("site", folder, tap.BINARY, edits)
    site.content.mkdir()
    server = type("Server", ways, {})("server", site)
    try:
        server.start()
        try:
            # Apache and lighttpd take five seconds to give up: there one cut in the body must do.
            for path in CUTS if isinstance(server, transports.NginxUnix) else ("/header", "/middle"):
                for _ in range(2 if isinstance(server, caches.Nginx) else 1):
                    assert ask(server, path) is None, f"{path}: half an answer passes for a whole one"
            assert ask(server, "/whole") == BODY
            server.mend()
            for path in CUTS:
                # A cache may say for a moment that nobody answers.
                body = process.until(lambda path=path: ask(server, path), AT_ONCE)
                assert body == BODY, f"{path}: {len(body or '')} of {len(BODY)} bytes afterwards"
        finally:
            problems = server.stop()
        assert not problems, problems
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@test
def half_an_answer_is_none_behind_nginx():
    dies_behind("nginx")


@test
def half_an_answer_is_not_kept_by_nginx():
    dies_behind("nginx's cache")


@test
def half_an_answer_is_not_kept_by_varnish():
    dies_behind("Varnish")


@test
def half_an_answer_is_none_behind_apache():
    dies_behind("Apache")


@test
def half_an_answer_is_none_behind_apache_as_cgi():
    dies_behind("Apache with CGI")


@test
def half_an_answer_is_none_behind_lighttpd():
    dies_behind("lighttpd")


@test
def half_an_answer_is_none_behind_lighttpd_as_cgi():
    dies_behind("lighttpd with CGI")


@test
def half_an_answer_is_none_behind_caddy():
    dies_behind("Caddy")


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
