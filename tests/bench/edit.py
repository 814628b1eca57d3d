#!/usr/bin/env python3
"""How long a reader waits for an edit: from the author's rename to the new text in an answer.

    tests/bench/edit.py [--posts N] [--edits N] [BINARY]

A supervisor serves N posts; an article is replaced as editors do it (a new file, renamed over the
old one) and asked for over FastCGI, again and again, until the new text is there.
"""
import argparse
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import fcgi_client as fcgi  # noqa: E402  (found through the path above)
import manyposts            # noqa: E402
import process              # noqa: E402

CONFIG = "title: Bench\nlanguages: [en, it]\nindex: index.db\n"
PAUSE = 0.004     # between two requests, seconds
PATIENCE = 10     # for one edit
BETWEEN = 0.15    # between two edits: each is to be one of its own


def replace(path, text):
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.rename(new, path)


def wait_for(socket, url, text):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if text.encode() in fcgi.request(str(socket), fcgi.get(url)).body:
            return
        time.sleep(PAUSE)
    raise SystemExit(f"edit.py: {text} did not show at {url} within {PATIENCE} s")


def measure(socket, content, edits):
    """Seconds, one for each edit; without the first, when the server has just started."""
    files = sorted(content.rglob("*.en.md"))
    taken = []
    for i in range(edits + 1):
        path = files[i * len(files) // (edits + 1)]
        url = f"/{path.relative_to(content)}".removesuffix(".en.md")
        mark = f"edited-{i}-{time.monotonic_ns()}"
        source = path.read_text(encoding="utf-8") + f"\n\n{mark}\n"
        wait_for(socket, url, "</html>")
        time.sleep(BETWEEN)
        start = time.monotonic()
        replace(path, source)
        wait_for(socket, url, mark)
        taken.append(time.monotonic() - start)
    return taken[1:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=10000)
    parser.add_argument("--edits", type=int, default=30)
    parser.add_argument("binary", nargs="?", default="build/cartolina")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cartolina-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "cartolina.yaml").write_text(CONFIG)
        manyposts.write(folder / "content", args.posts)
        server = process.Process(
            [pathlib.Path(args.binary).resolve(), "-c", folder / "cartolina.yaml", "fastcgi",
             "--listen", f"unix:{folder}/s.sock", "--workers", "2"], folder / "log", cwd=folder)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            server.wait_for(folder / "s.sock", 60)
            taken = [1000 * s for s in measure(folder / "s.sock", folder / "content", args.edits)]
        finally:
            problems = server.stop()
        said = server.log_text()
    quartiles = statistics.quantiles(taken, n=4)
    print(f"{args.posts} posts, {args.edits} edits: median {quartiles[1]:.0f} ms, quartiles "
          f"{quartiles[0]:.0f} and {quartiles[2]:.0f} ms, from {min(taken):.0f} to {max(taken):.0f} ms")
    complaints = [line for line in said.splitlines() if "error:" in line or "warning:" in line]
    print("\n".join(problems + complaints), end="\n" if problems or complaints else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
