#!/usr/bin/env python3
"""Edits of every kind while a supervisor serves: a reader sees each of them at once, the last
good version meanwhile, and never an error, even if the indexer is killed again and again.

`refresh` is an hour in most of these: what is seen at once was seen by being told.
    tests/integration/test_live.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import contextlib
import fcntl
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import fcgi_client as fcgi  # noqa: E402  (found through the path above)
import process              # noqa: E402
import tap                  # noqa: E402
import tempsite             # noqa: E402
from process import children, until  # noqa: E402
from responder import Server  # noqa: E402
from tap import BINARY, test  # noqa: E402

CONFIG = "title: Live\nlanguages: [en, it]\nindex: index.db\nrefresh: {refresh}\n"


def watches(pid):
    """Whether the process has an inotify descriptor: the indexer has."""
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}") == "anon_inode:inotify"
                   for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def article(text, title="T"):
    return tempsite.source(text, title=title, date="2020-01-01")


class Site(tempsite.Site):
    """A site that is served as long as the context lasts."""

    def __init__(self, refresh=3600, posts=3):
        super().__init__(CONFIG.format(refresh=refresh))
        self.socket = self.folder / "s.sock"
        for i in range(posts):
            self.write(f"posts/p{i}.md", f"first {i}")
        self.server = None

    def __enter__(self):
        self.server = process.Process(
            [BINARY, "-c", self.config, "fastcgi", "--listen", f"unix:{self.socket}", "--workers", "2"],
            self.folder / "log", cwd=self.folder)
        try:
            self.server.wait_for(self.socket)
            assert until(self.indexer), "there is no process that watches"
            # Its first sweep ends before it waits: an edit that is seen says so.
            self.write("sign.md", "ready")
            self.shows("/sign", "ready")
        except BaseException:
            self.__exit__(AssertionError)
            raise
        return self

    def __exit__(self, kind, *_):
        problems = self.server.stop()
        reports = process.sanitizer_reports(self.log())
        super().__exit__()
        assert kind or not problems + reports, problems + reports

    def log(self):
        return self.server.log_text()

    def indexer(self):
        found = [p for p in children(self.server.pid) if watches(p)]
        return found[0] if found else None

    def write(self, path, text):
        return super().write(path, article(text))

    def get(self, address):
        reply = fcgi.request(str(self.socket), fcgi.get(address))
        assert reply.complete, reply.stdout[:200]
        return reply

    def shows(self, url, text):
        ok = until(lambda: text.encode() in self.get(url).body)
        assert ok, f"{url} does not show {text!r}: {self.get(url).stdout[:300]}\n{self.log()}"

    def is_gone(self, url):
        assert until(lambda: self.get(url).status == 404), f"{url} is still there\n{self.log()}"

    def generation(self):
        with sqlite3.connect(f"file:{self.folder}/index.db?mode=ro", uri=True, timeout=5) as db:
            return db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0]


class Reader:
    """Asks for a page again and again; whatever is not a whole 200 is noted."""

    def __init__(self, site, url):
        self.site, self.url, self.go_on = site, url, True
        self.answers, self.bad = 0, []
        self.thread = threading.Thread(target=self.read)

    def read(self):
        while self.go_on:
            try:
                reply = self.site.get(self.url)
                if reply.status != 200:
                    self.bad.append(bytes(reply.stdout[:200]))
                self.answers += 1
            except (OSError, ValueError, AssertionError) as error:
                self.bad.append(repr(error))
            time.sleep(0.002)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.go_on = False
        self.thread.join(15)
        assert kind or (self.answers and not self.bad), (self.answers, self.bad[:3])


@test
def what_a_post_refers_to():
    with Site() as site:
        site.write("posts/refers.md", '![a](dot.gif) [b]({{< relref "other" >}})')
        site.shows("/posts/refers", 'src="/posts/refers/dot.gif"')
        (site.content / "posts/dot.gif").write_bytes(b"GIF89a" + bytes([64, 1, 200, 0, 0, 0, 0]))
        site.shows("/posts/refers", 'src="/posts/dot.gif" alt="a" width="320" height="200"')
        site.write("posts/other.md", "other")
        site.shows("/posts/refers", 'href="/posts/other"')
        (site.content / "posts/dot.gif").rename(site.content / "posts/line.gif")
        site.shows("/posts/refers", 'src="/posts/refers/dot.gif"')
        before = site.generation()
        (site.content / "posts/nobody.gif").write_bytes(b"GIF89a")
        time.sleep(0.3)
        assert site.generation() == before, "a picture that nobody shows changes nothing"
        for i in range(40):
            (site.content / f"posts/{i}.gif").write_bytes(b"GIF89a")
        (site.content / "posts/line.gif").rename(site.content / "posts/dot.gif")
        site.shows("/posts/refers", 'src="/posts/dot.gif"')


@test
def files():
    with Site() as site:
        site.write("posts/p0.md", "second")
        site.shows("/posts/p0", "second")
        site.write("posts/new.md", "brand new")
        site.shows("/posts/new", "brand new")
        (site.content / "posts/new.md").rename(site.content / "posts/moved.md")
        site.is_gone("/posts/new")
        site.shows("/posts/moved", "brand new")
        (site.content / "posts/moved.md").unlink()
        site.is_gone("/posts/moved")
        with open(site.content / "posts/p1.md", "a") as stream:
            stream.write("\nand more\n")
        site.shows("/posts/p1", "and more")
        assert site.log().count("\n") == 1, site.log()  # that it listens


@test
def editors():
    with Site() as site:
        path = site.content / "posts/p0.md"
        for i in range(5):
            # vim: the old file is the backup
            path.rename(path.with_name("p0.md~"))
            site.write("posts/p0.md", f"vim {i}")
            path.with_name("p0.md~").unlink()
            site.shows("/posts/p0", f"vim {i}")
            # emacs, and whoever writes safely: the new file comes ready-made
            site.write("posts/.p0.md.tmp", f"emacs {i}").rename(path)
            site.shows("/posts/p0", f"emacs {i}")


@test
def folders():
    with Site() as site:
        site.write("new/deep/er/x.md", "in a new folder")
        site.shows("/new/deep/er/x", "in a new folder")
        site.write("new/deep/er/x.md", "edited there")
        site.shows("/new/deep/er/x", "edited there")
        (site.content / "new/deep").rename(site.content / "old")
        site.is_gone("/new/deep/er/x")
        site.shows("/old/er/x", "edited there")
        site.write("old/er/x.md", "after the move")
        site.shows("/old/er/x", "after the move")
        shutil.rmtree(site.content / "old")
        site.is_gone("/old/er/x")
        (site.folder / "aside").mkdir()
        (site.folder / "aside/y.md").write_text(article("from outside", "Y"))
        (site.folder / "aside").rename(site.content / "aside")
        site.shows("/aside/y", "from outside")


@test
def links():
    with Site() as site:
        (site.folder / "elsewhere").mkdir()
        (site.folder / "elsewhere/x.md").write_text(article("linked", "X"))
        (site.content / "l").symlink_to("../elsewhere")
        site.shows("/l/x", "linked")
        (site.folder / "elsewhere/x.md").write_text(article("edited behind it", "X"))
        site.shows("/l/x", "edited behind it")
        (site.content / "l").unlink()
        site.is_gone("/l/x")


@test
def deployment_by_a_link():
    site = Site()
    for number in "12":
        shutil.copytree(site.content, site.folder / "releases" / number)
        (site.folder / "releases" / number / "posts/p0.md").write_text(
            article(f"release {number}", "P"))
    shutil.rmtree(site.content)
    site.content.symlink_to("releases/1")
    with site, Reader(site, "/posts/p1"):
        site.shows("/posts/p0", "release 1")
        (site.folder / "next").symlink_to("releases/2")
        (site.folder / "next").rename(site.content)
        site.shows("/posts/p0", "release 2")
        site.write("posts/p0.md", "edited in release 2")
        site.shows("/posts/p0", "edited in release 2")


@test
def last_good_version():
    with Site() as site, Reader(site, "/posts/p0"):
        with open(site.content / "posts/p0.md", "w") as stream:
            stream.write("---\ntitle: Half of\n")
            stream.flush()
            time.sleep(0.4)
            assert b"first 0" in site.get("/posts/p0").body
            stream.write(" it\ndate: 2020-01-01\n---\nwhole\n")
        site.shows("/posts/p0", "whole")
        (site.content / "posts/p0.md").write_text("---\ntitle: [broken\n---\nnot shown\n")
        assert until(lambda: "p0.md:" in site.log()), site.log()
        assert b"whole" in site.get("/posts/p0").body
        site.write("posts/p0.md", "mended")
        site.shows("/posts/p0", "mended")


@test
def written_again_and_again():
    with Site() as site:
        before = site.generation()
        seen, written = {before}, []
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            site.write("posts/p0.md", f"at {time.monotonic()}")
            written.append(time.monotonic())
            seen.add(site.generation())
            time.sleep(0.005)
        site.write("posts/p0.md", "at last")
        site.shows("/posts/p0", "at last")
        # A busy machine makes pauses in which nothing is written, and then it is done.
        pauses = sum(b - a > 0.015 for a, b in zip(written, written[1:]))
        assert 2 <= len(seen) <= 10 + pauses, (len(seen), pauses)


@test
def a_thousand_files_at_once():
    def git(*words):
        subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *words],
                       cwd=site.content, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60)

    if not shutil.which("git"):
        print("# skipped: git is not installed", file=sys.stderr)
        return
    site = Site(posts=1000)
    git("init", "-q", "-b", "one")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "two")
    for i in range(1000):
        site.write(f"posts/p{i}.md", f"on branch two {i}")
    site.write("only/here.md", "only there")
    git("add", ".")
    git("commit", "-qm", "two")
    git("checkout", "-q", "one")
    with site, Reader(site, "/posts/p500"):
        seen = {site.generation()}
        git("checkout", "-q", "two")
        assert until(lambda: seen.add(site.generation()) or
                     b"branch two" in site.get("/posts/p999").body, 60), site.log()
        for i in range(0, 1000, 50):
            site.shows(f"/posts/p{i}", f"on branch two {i}")
        site.shows("/only/here", "only there")
        seen.add(site.generation())
        # Not one for each file, however slow git is today.
        assert len(seen) <= 60, len(seen)


@test
def overflow_of_the_queue():
    limit = int(pathlib.Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 100000:
        print(f"# skipped: {limit} events would have to be made", file=sys.stderr)
        return
    with Site() as site:
        indexer = site.indexer()
        os.kill(indexer, signal.SIGSTOP)
        try:
            noise = [site.content / "posts" / name for name in ("a.txt", "b.txt")]
            noise[0].touch()
            for i in range(limit // 2 + 100):
                noise[i % 2].rename(noise[1 - i % 2])
            site.write("posts/p0.md", "written when nobody could be told")
            site.write("late/x.md", "and in a folder, too")
        finally:
            os.kill(indexer, signal.SIGCONT)
        site.shows("/posts/p0", "written when nobody could be told")
        site.shows("/late/x", "and in a folder, too")
        site.write("late/x.md", "watched from now on")
        site.shows("/late/x", "watched from now on")


@test
def linked_files_are_looked_at():
    """Nobody tells of these: the sweep at `refresh` finds them."""
    site = Site(refresh=1)
    (site.folder / "target.md").write_text(article("target 1", "L"))
    (site.content / "posts/link.md").symlink_to("../../target.md")
    with site:
        site.shows("/posts/link", "target 1")
        (site.folder / "target.md").write_text(article("target 2", "L"))
        site.shows("/posts/link", "target 2")


def kill_when_it_works(site, rng):
    """Kills the indexer, with luck in the middle; the supervisor starts another."""
    pid = until(site.indexer)
    assert pid, site.log()
    time.sleep(rng.uniform(0, 0.12))
    family = [pid, *children(pid)]
    os.kill(pid, signal.SIGKILL)
    gone = until(lambda: not any(pathlib.Path(f"/proc/{p}/cwd").exists() for p in family))
    assert gone, f"a renderer outlived the indexer {pid}"


@test
def indexer_is_killed_in_a_refresh():
    rng = random.Random(1)
    with Site(posts=60) as site, Reader(site, "/posts/p59"), Reader(site, "/posts/"):
        for i in range(20):
            if i % 6 == 5:
                time.sleep(1.1)  # one that lives so long did not "die at once" again and again
            for k in range(30):
                site.write(f"posts/p{k}.md", f"round {i}, post {k}")
            kill_when_it_works(site, rng)
        site.shows("/posts/p29", "round 19, post 29")
        for k in range(30):
            site.shows(f"/posts/p{k}", f"round 19, post {k}")
        left = {p.name for p in site.folder.iterdir()} - {"content", "cartolina.yaml", "log", "s.sock"}
        assert left <= {"index.db", "index.db.lock", "index.db-journal"}, left


@test
def indexer_is_killed_in_a_rebuild():
    rng = random.Random(2)
    command = [BINARY, "index", "--rebuild"]
    with Site(posts=200) as site, Reader(site, "/posts/p7"), Reader(site, "/posts/"):
        finished = 0
        for _ in range(20):
            indexing = process.Process(["env", f"CARTOLINA_CONFIG={site.config}", *command],
                                       site.folder / "index.log", cwd=site.folder)
            time.sleep(rng.uniform(0, 0.15))
            finished += indexing.child.poll() is not None
            problems = indexing.stop(signal.SIGKILL)
            assert not problems, problems
        assert finished < 20, "none was killed in the middle"
        done = subprocess.run(command, cwd=site.folder, check=False, timeout=60,
                              stdout=subprocess.PIPE, text=True)
        assert done.returncode == 0 and "201 posts: 201 rendered" in done.stdout, done
        assert not (site.folder / "index.db.new").exists()
        site.write("posts/p7.md", "still followed")
        site.shows("/posts/p7", "still followed")


@test
def first_index_is_killed():
    rng = random.Random(3)
    site = Site(posts=200)
    command = [BINARY, "-c", site.config, "index"]
    for _ in range(20):
        indexing = process.Process(command, site.folder / "index.log", cwd=site.folder)
        time.sleep(rng.uniform(0, 0.15))
        problems = indexing.stop(signal.SIGKILL)
        assert not problems, problems
        if rng.random() < 0.3:
            (site.folder / "index.db").unlink(missing_ok=True)
    with site:
        site.shows("/posts/p199", "first 199")
        assert not (site.folder / "index.db.new").exists()


@contextlib.contextmanager
def stopped_at_the_index(folder):
    """Somebody's `cartolina index` that was suspended with ^Z, say."""
    with open(folder / "index.db.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield f"process {os.getpid()} ("


@test
def who_is_stopped_at_the_index_keeps_nobody_from_serving():
    with Server() as server:
        command = [str(BINARY), "-c", str(server.folder / "cartolina.yaml"), "index"]
        with stopped_at_the_index(server.folder) as who:
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as waiting:
                assert f"waiting for {who}" in waiting.stderr.readline()
                # A start has what there is; what changes meanwhile is seen later.
                server.stop()
                server.log.unlink()
                server.start()
                server.wait()
                server.serves()
                assert who in server.text() and "what it has is served" in server.text(), server.text()
                (server.folder / "content/posts/due.md").write_text(tempsite.source("Due.", title="Due", date="2020-01-01"))
                assert until(lambda: server.text().count(f"waiting for {who}") > 1), server.text()
                # A reload has time, and the old configuration is in force meanwhile.
                server.configure("max_age: 61")
                server.process.send_signal(signal.SIGHUP)
                time.sleep(1)
                server.serves()
                assert "new configuration" not in server.text() and server.get("/posts/due").status == 404
                waiting.kill()
        assert until(lambda: server.get("/posts/due").status == 200), server.text()
        assert until(lambda: "new configuration at" in server.text()), server.text()


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
