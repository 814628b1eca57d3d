#!/usr/bin/env python3
"""How long a reader waits for what an author does, at 10,000 and 100,000 posts; prints a Markdown table.

    tests/bench/edit.py [--posts 10000,100000] [--rounds N] [--keep FOLDER] [BINARY]

A supervisor serves lists.py's site; an article is replaced as editors do it (a new file, renamed over
the old one), written anew, moved, removed, and a thousand are by `git checkout`; each is asked for over
FastCGI, again and again, until the answer is the new one.  The time runs from the moment when the
author's own program is done.  The index is made before; "the first edit" comes a moment after the start.
"""
import argparse
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import fcgi_client as fcgi  # noqa: E402  (found through the path above)
import lists                # noqa: E402
import process              # noqa: E402

PAUSE = 0.004     # between two requests, seconds
PATIENCE = 30     # for one change
BETWEEN = 0.15    # between two changes: each is to be one of its own
CHECKED_OUT = 1000
NAMES = ("the first edit", "an edit", "a new post", "a moved post", "a deleted post",
         f"`git checkout` of {CHECKED_OUT:,} posts, the last of them")


class Author:
    """What is done to the content of a site, and when readers notice."""

    def __init__(self, folder, socket):
        self.posts = folder / "content/posts"
        self.socket = str(socket)
        self.count = 0

    def mark(self):
        self.count += 1
        return f"mark-{self.count}-{time.monotonic_ns()}"

    def wait(self, name, is_there):
        """Seconds until the answer at a post's address is as it should be."""
        start = time.monotonic()
        while time.monotonic() < start + PATIENCE:
            if is_there(fcgi.request(self.socket, fcgi.get(f"/posts/{name}"), timeout=PATIENCE)):
                return time.monotonic() - start
            time.sleep(PAUSE)
        raise SystemExit(f"edit.py: nothing new at /posts/{name} within {PATIENCE} s")

    def shows(self, name, mark):
        return self.wait(name, lambda reply: reply.status == 200 and mark.encode() in reply.body)

    def write(self, name, text):
        new = self.posts / f".{name}.new"
        new.write_text(text, encoding="utf-8")
        os.rename(new, self.posts / f"{name}.en.md")

    def edit(self, name):
        mark = self.mark()
        self.write(name, (self.posts / f"{name}.en.md").read_text(encoding="utf-8") + f"\n{mark}\n")
        return self.shows(name, mark)

    def create(self, name):
        mark = self.mark()
        self.write(name, f"---\ntitle: New {mark}\ndate: 2024-06-01\ntags: [t7]\n---\n\n{mark}.\n")
        return self.shows(name, mark)

    def move(self, name, to):
        os.rename(self.posts / f"{name}.en.md", self.posts / f"{to}.en.md")
        return self.wait(to, lambda reply: reply.status == 200)

    def remove(self, name):
        (self.posts / f"{name}.en.md").unlink()
        return self.wait(name, lambda reply: reply.status == 404)

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.posts, "-c", "user.name=bench", "-c", "user.email=bench@localhost",
                        *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def prepare_checkout(self):
        """A branch that has other texts of some posts; the last of them."""
        names = sorted(path.name for path in self.posts.glob("*.en.md"))[:CHECKED_OUT]
        self.git("init", "-q")
        self.git("checkout", "-q", "-b", "before")
        self.git("add", *names)
        self.git("commit", "-q", "-m", "before")
        self.git("checkout", "-q", "-b", "after")
        for name in names:
            with open(self.posts / name, "a", encoding="utf-8") as file:
                file.write("\nchecked-out\n")
        self.git("commit", "-q", "-a", "-m", "after")
        self.wait(names[-1].removesuffix(".en.md"), lambda reply: b"checked-out" in reply.body)
        return names[-1].removesuffix(".en.md")

    def checkout(self, last):
        """There and back again: two times."""
        took = []
        for branch in ("before", "after"):
            self.git("checkout", "-q", branch)
            took.append(self.wait(last, lambda reply: (b"checked-out" in reply.body) == (branch == "after")))
            time.sleep(BETWEEN)
        return took


def measure(author, rounds):
    """{what: [seconds]}"""
    names = sorted(path.name.removesuffix(".en.md") for path in author.posts.glob("p*.en.md"))
    found = {what: [] for what in NAMES}
    author.shows(names[0], "</html>")
    found[NAMES[0]].append(author.edit(names[len(names) // 2]))
    for i in range(rounds):
        steps = (lambda: author.edit(names[i * len(names) // rounds]), lambda: author.create(f"new-{i}"),
                 lambda: author.move(f"new-{i}", f"newer-{i}"), lambda: author.remove(f"newer-{i}"))
        for what, step in zip(NAMES[1:], steps):
            time.sleep(BETWEEN)
            found[what].append(step())
    if shutil.which("git") and len(names) >= CHECKED_OUT:
        last = author.prepare_checkout()
        for _ in range(max(1, rounds // 5)):
            found[NAMES[5]] += author.checkout(last)
    return found


def run(binary, folder, rounds):
    """measure() of a site, and what its server complained about."""
    subprocess.run([binary, "-c", folder / "cartolina.yaml", "index"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    os.sync()  # the index's first commit would wait for the posts that were just written
    socket = folder / "edit.sock"
    server = process.Process([binary, "-c", folder / "cartolina.yaml", "fastcgi", "--listen", f"unix:{socket}",
                              "--workers", "2"], folder / "log", cwd=folder)
    try:
        server.wait_for(socket, 60)
        found = measure(Author(folder, socket), rounds)
    finally:
        problems = server.stop()
    complaints = [line for line in server.log_text().splitlines() if "error:" in line or "warning:" in line]
    return found, problems + complaints


def cell(seconds):
    """Median (least – most) in milliseconds."""
    if not seconds:
        return ""
    shown = [f"{1000 * s:,.0f}" for s in (statistics.median(seconds), min(seconds), max(seconds))]
    return f"{shown[0]} ms ({shown[1]} – {shown[2]})" if len(seconds) > 1 else f"{shown[0]} ms"


def table(sizes, columns):
    print("| a reader sees | " + " | ".join(f"{n:,} posts" for n in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for what in NAMES:
        print(f"| {what} | " + " | ".join(cell(found[what]) for found in columns) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--posts", default="10000,100000")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", help="a folder for the sites; used again when they are there, and changed")
    parser.add_argument("binary", nargs="?", default="build/cartolina")
    options = parser.parse_args()
    sizes = [int(n) for n in options.posts.split(",")]
    root = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="cartolina-bench-")).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    columns, problems = [], []
    try:
        for n in sizes:
            folder = lists.site(root, n)
            found, said = run(pathlib.Path(options.binary).resolve(), folder, options.rounds)
            columns.append(found)
            problems += said
        table(sizes, columns)
    finally:
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
