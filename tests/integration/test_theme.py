#!/usr/bin/env python3
"""A theme that breaks while the site is served: the last good one goes on, in every process.

    tests/integration/test_theme.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import fcgi_client as fcgi  # noqa: E402  (found through the path above)
import process              # noqa: E402
import tap                  # noqa: E402
import tempsite             # noqa: E402
from process import until  # noqa: E402
from tap import BINARY, test  # noqa: E402

CONFIG = "theme: theme\nindex: cache/index.db\nrefresh: 0\n"
BROKEN = "first line\n  {{#post.title}} is never closed"
MESSAGE = "theme/post.mustache:2:3: error: a section that is not closed: {{#post.title}}"
TREES = {"a": "{{> b}}", "b": "{{> a}}", "post": "{{> a}}"}


class Site(tempsite.Site):
    """One post, and a theme of one template; perhaps served."""

    def __init__(self):
        super().__init__(CONFIG, {"posts/uno.md": tempsite.source("Ciao.", title="Uno")})
        for name in ("theme", "cache"):
            (self.folder / name).mkdir()
        self.theme(post="first {{post.title}}")
        self.server = None

    def __exit__(self, *_):
        problems = self.server.stop() if self.server else []
        super().__exit__()
        assert not problems, problems

    def theme(self, **files):
        for name, text in files.items():
            (self.folder / f"theme/{name}.mustache").write_text(text)

    def cgi(self):
        """(the page, what was logged)"""
        env = {"PATH": os.environ["PATH"], "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
               "QUERY_STRING": "", "PATH_INFO": "/posts/uno", "SERVER_PROTOCOL": "HTTP/1.1",
               "CARTOLINA_CONFIG": str(self.config)}
        done = self.call(env=env)
        return done.stdout.partition(b"\r\n\r\n")[2].decode(), done.stderr.decode()

    def start(self):
        socket = self.folder / "s.sock"
        self.server = process.Process([BINARY, "-c", self.config, "fastcgi", "--listen",
                                       f"unix:{socket}", "--workers", "1"], self.folder / "log", cwd=self.folder)
        self.server.wait_for(socket)

    def fastcgi(self):
        reply = fcgi.request(self.folder / "s.sock", fcgi.get("/posts/uno"), 10)
        return bytes(reply.stdout).partition(b"\r\n\r\n")[2].decode()

    def until(self, page, seconds=10):
        """The page once it is that one, or what it is when the time is over."""
        until(lambda: self.fastcgi() == page, seconds, 0.05)
        return self.fastcgi()


@test
def cgi_goes_on():
    with Site() as site:
        assert site.cgi() == ("first Uno", "")
        site.theme(post=BROKEN)
        for _ in range(2):
            page, log = site.cgi()
            assert page == "first Uno" and MESSAGE in log, (page[:200], log)
        site.theme(**TREES)
        page, log = site.cgi()
        assert page == "first Uno" and "partials include each other" in log and "theme/" in log, (page[:200], log)
        site.theme(post="second {{post.title}}", a="", b="")
        assert site.cgi() == ("second Uno", "")


@test
def a_worker_goes_on_and_so_does_the_next():
    with Site() as site:
        site.start()
        assert site.until("first Uno") == "first Uno"
        site.theme(post=BROKEN)
        assert site.fastcgi() == "first Uno"
        assert MESSAGE in site.server.log_text(), site.server.log_text()
        told = site.server.log_text().count(MESSAGE)
        assert site.fastcgi() == "first Uno"
        assert site.server.log_text().count(MESSAGE) == told, "the same is told again for each request"
        site.server.child.send_signal(signal.SIGHUP)

        def told_again():
            assert site.fastcgi() == "first Uno"
            return site.server.log_text().count(MESSAGE) > told

        assert until(told_again, 10, 0.05), "no new worker"
        assert site.fastcgi() == "first Uno"
        site.theme(post="second {{post.title}}")
        assert site.until("second Uno") == "second Uno"


@test
def without_a_copy():
    """The copy is derived, and may be deleted: the built-in file stands in, and the site stays open."""
    with Site() as site:
        assert site.cgi()[0] == "first Uno"
        (site.folder / "cache/index.db.theme").unlink()
        site.theme(post=BROKEN)
        page, log = site.cgi()
        assert "<h1>Uno</h1>" in page and MESSAGE in log, (page[:200], log)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
