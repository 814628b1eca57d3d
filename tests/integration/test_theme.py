#!/usr/bin/env python3
"""A theme that breaks while the site is served: the last good one goes on, in every process.
TAP on standard output.  CARTOLINA names another binary than build/cartolina.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests/lib"))

import fcgi_client as fcgi  # noqa: E402
import process              # noqa: E402

BINARY = pathlib.Path(os.environ.get("CARTOLINA", CHECKOUT / "build/cartolina")).resolve()
CONFIG = "theme: theme\nindex: cache/index.db\nrefresh: 0\n"
BROKEN = "first line\n  {{#post.title}} is never closed"
MESSAGE = "theme/post.mustache:2:3: error: a section that is not closed: {{#post.title}}"
TREES = {"a": "{{> b}}", "b": "{{> a}}", "post": "{{> a}}"}


class Site:
    """A folder with one post and a theme of one template."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-theme-"))
        for name in ("content/posts", "theme", "cache"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "content/posts/uno.md").write_text("---\ntitle: Uno\n---\nCiao.\n")
        (self.folder / "cartolina.yaml").write_text(CONFIG)
        self.theme(post="first {{post.title}}")
        self.server = None

    def theme(self, **files):
        for name, text in files.items():
            (self.folder / f"theme/{name}.mustache").write_text(text)

    def cgi(self):
        """(the page, what was logged)"""
        env = {"PATH": os.environ["PATH"], "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
               "QUERY_STRING": "", "PATH_INFO": "/posts/uno", "SERVER_PROTOCOL": "HTTP/1.1",
               "CARTOLINA_CONFIG": str(self.folder / "cartolina.yaml")}
        done = subprocess.run([BINARY], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30,
                              check=False)
        return done.stdout.partition(b"\r\n\r\n")[2].decode(), done.stderr.decode()

    def start(self):
        socket = self.folder / "s.sock"
        self.server = process.Process([BINARY, "-c", self.folder / "cartolina.yaml", "fastcgi", "--listen",
                                       f"unix:{socket}", "--workers", "1"], self.folder / "log", cwd=self.folder)
        self.server.wait_for(socket)

    def fastcgi(self):
        reply = fcgi.request(self.folder / "s.sock", fcgi.get("/posts/uno"), 10)
        return bytes(reply.stdout).partition(b"\r\n\r\n")[2].decode()

    def until(self, page, seconds=10):
        """The page once it is that one, or what it is when the time is over."""
        end = time.monotonic() + seconds
        while (answer := self.fastcgi()) != page and time.monotonic() < end:
            time.sleep(0.05)
        return answer

    def stop(self):
        problems = self.server.stop() if self.server else []
        shutil.rmtree(self.folder)
        assert not problems, problems


def cgi_goes_on(site):
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


def a_worker_goes_on_and_so_does_the_next(site):
    site.start()
    assert site.until("first Uno") == "first Uno"
    site.theme(post=BROKEN)
    assert site.fastcgi() == "first Uno"
    assert MESSAGE in site.server.log_text(), site.server.log_text()
    told = site.server.log_text().count(MESSAGE)
    assert site.fastcgi() == "first Uno"
    assert site.server.log_text().count(MESSAGE) == told, "the same is told again for each request"
    site.server.child.send_signal(process.signal.SIGHUP)
    end = time.monotonic() + 10
    while site.server.log_text().count(MESSAGE) == told and time.monotonic() < end:
        assert site.fastcgi() == "first Uno"
        time.sleep(0.05)
    assert site.server.log_text().count(MESSAGE) > told, "no new worker"
    assert site.fastcgi() == "first Uno"
    site.theme(post="second {{post.title}}")
    assert site.until("second Uno") == "second Uno"


def without_a_copy(site):
    """The copy is derived, and may be deleted: the built-in file stands in, and the site stays open."""
    assert site.cgi()[0] == "first Uno"
    (site.folder / "cache/index.db.theme").unlink()
    site.theme(post=BROKEN)
    page, log = site.cgi()
    assert "<h1>Uno</h1>" in page and MESSAGE in log, (page[:200], log)


TESTS = (cgi_goes_on, a_worker_goes_on_and_so_does_the_next, without_a_copy)


def main():
    failed = 0
    print(f"1..{len(TESTS)}", flush=True)
    for number, test in enumerate(TESTS, 1):
        site = Site()
        problem = ""
        try:
            test(site)
        except Exception:  # reported below
            problem = traceback.format_exc()
        try:
            site.stop()
        except AssertionError as error:
            problem += str(error)
        failed += bool(problem)
        print(f"{'not ok' if problem else 'ok'} {number} - {test.__name__.replace('_', ' ')}", flush=True)
        for line in problem.splitlines():
            print(f"#   {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
