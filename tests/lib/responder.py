"""`cartolina fastcgi` on a small site of its own, spoken to in raw records; and load on it."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import fcgi_client as fcgi
import process
from process import alive, children, until
from tap import BINARY
from tempsite import source

POST = "/posts/uno"
BIG = "/posts/big"
DEADLINE = 1   # request_timeout of the configuration below
PATIENT = 20   # another, where what is looked at must not be the deadline's doing
AT_LAST = 15   # seconds for what takes none, on a machine that is busy with other things
AT_ONCE = 4    # seconds for what would otherwise take DEADLINE and more, or shutdown_timeout

CONFIG = """\
title: Test
index: {index}
refresh: 1
request_timeout: {deadline}
shutdown_timeout: 5
{more}
"""


def catches_alarm(pid):
    """A worker that is ready: it has the timer of its requests."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGALRM - 1) & 1)
    except OSError:
        pass
    return False


class Server:
    """A folder with a site in it and a supervisor that serves it; a context manager that
    stops it and looks for what it left behind."""

    def __init__(self, workers=2, listen=None, config="", index="index.db", wait=True, env=None,
                 umask=0o022, stdin=subprocess.DEVNULL, prefix=(), pass_fds=(), hostile=False, binary=BINARY,
                 deadline=DEADLINE):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-test-"))
        self.socket = self.folder / "s.sock"
        self.listen = listen if listen is not None else f"unix:{self.socket}"
        self.index = index
        self.workers = workers
        self.deadline = deadline
        self.hostile = hostile  # libfcgi's own errors are expected
        (self.folder / "tmp").mkdir()
        posts = self.folder / "content/posts"
        posts.mkdir(parents=True)
        (posts / "uno.md").write_text(source("Ciao a tutti.", title="Uno", date="2020-01-01"))
        paragraph = "Una frase che si ripete molte volte. " * 20 + "\n\n"
        (posts / "big.md").write_text(source(paragraph * 1000, title="Big", date="2020-01-01"))
        self.configure(config)
        self.log = self.folder / "log"
        self.env = {**{k: v for k, v in os.environ.items() if not k.startswith("LISTEN_")},
                    "TMPDIR": str(self.folder / "tmp"), **(env or {})}
        self.argv = [*prefix, str(binary), "-c", str(self.folder / "cartolina.yaml"), "fastcgi"]
        if self.listen:
            self.argv += ["--listen", self.listen]
        if workers:
            self.argv += ["--workers", str(workers)]
        self.umask, self.stdin, self.pass_fds = umask, stdin, pass_fds
        self.start()
        if wait:
            self.wait()

    def configure(self, more=""):
        (self.folder / "cartolina.yaml").write_text(CONFIG.format(index=self.index, deadline=self.deadline, more=more))

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.argv, cwd=self.folder, stdin=self.stdin, stdout=log, stderr=log,
                env=self.env, umask=self.umask, pass_fds=self.pass_fds, start_new_session=True,
                preexec_fn=process.die_with_parent)
        self.pid = self.process.pid

    def wait(self):
        ready = until(lambda: "listening at" in self.text() or self.process.poll() is not None, 60)
        assert ready and self.process.poll() is None, f"it did not start: {self.text()}"
        if self.workers:
            assert until(lambda: len(self.worker_pids()) == self.workers), self.text()

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def worker_pids(self):
        return sorted(p for p in children(self.pid) if catches_alarm(p))

    def indexer_pid(self):
        others = process.of_role(children(self.pid), "indexer")
        return others[0] if len(others) == 1 else None

    @property
    def address(self):
        return self.socket

    def get(self, path=POST, timeout=30, **how):
        return fcgi.request(self.address, fcgi.get(path), timeout, **how)

    def serves(self, within=30):
        started = time.monotonic()
        reply = self.get(timeout=within)
        assert reply.status == 200 and reply.complete, f"{reply.stdout[:300]} {self.text()}"
        return time.monotonic() - started

    def stop(self, signum=signal.SIGTERM, seconds=30):
        """Seconds that it took."""
        started = time.monotonic()
        family = [self.pid, *children(self.pid)]
        if self.process.poll() is None:
            self.process.send_signal(signum)
        status = self.process.wait(seconds)
        assert status == 0, f"exit status {status}: {self.text()}"
        took = time.monotonic() - started
        left = [p for p in family if alive(p)]
        assert not left, f"left over: {left}"
        return took

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if self.process.poll() is None and kind is None:
                self.stop()
            assert kind or self.hostile or not process.sanitizer_reports(self.text()), self.text()
        finally:
            for pid in [self.pid, *children(self.pid)]:
                if self.process.poll() is None or pid != self.pid:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)


class Load:
    """Clients that ask without a pause until stopped.  `lost` are requests that were sent on
    an accepted connection and did not get a whole 200."""

    def __init__(self, address, clients=4, path=POST):
        self.address, self.path = address, path
        self.answered, self.lost, self.refused = 0, [], 0
        self.go_on = True
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.ask) for _ in range(clients)]
        for t in self.threads:
            t.start()

    def ask(self):
        message = fcgi.request_bytes(fcgi.get(self.path))
        while self.go_on:
            try:
                sock = fcgi.connect(self.address, 30)
            except OSError:
                with self.lock:
                    self.refused += 1
                return
            with sock:
                try:
                    reply = fcgi.exchange(sock, message)
                    whole = reply.complete and reply.status == 200
                    why = bytes(reply.stdout[:200])
                except (OSError, ValueError) as error:
                    whole, why = False, repr(error)
            with self.lock:
                self.answered += whole
                if not whole:
                    self.lost.append(why)

    def stop(self):
        self.go_on = False
        for t in self.threads:
            t.join(60)
        return self


def whole_request(path=POST):
    return fcgi.request_bytes(fcgi.get(path))
