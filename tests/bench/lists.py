#!/usr/bin/env python3
"""What a list, a tag, a search, the feeds and an article cost as a site grows; prints a Markdown table.

    tests/bench/lists.py [--posts 100,10000,100000] [--rounds N] [--keep FOLDER] [BINARY]

For each size a site is written and indexed, then one FastCGI worker is asked for each kind of page,
all sizes in turn, round after round, without its cache of answers; a figure is the median of the ratios
to the smallest site in the same round.  Memory is what is the worker's alone (Private_* of smaps_rollup).
"""
import argparse
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib")]

import fcgi_client  # noqa: E402  (found through the path above)

PAGES = {
    "article": ("/posts/p00050", ""),
    "list": ("/", ""),
    "list, page 5": ("/posts/", "page=5"),
    "tag": ("/tags/t7/", ""),
    "month": ("/2020/03/", ""),
    "search, rare word": ("/", "q=%22rare50%22"),
    "search, word in every post": ("/", "q=common"),
    "Atom": ("/feed.atom", ""),
    "RSS": ("/feed.rss", ""),
    "JSON Feed": ("/feed.json", ""),
    "sitemap": ("/sitemap.xml", ""),
    "batch of 3": ("/-/excerpts", "id=posts/p00001&id=posts/p00050&id=posts/nowhere"),
}
WARM, REQUESTS = 3, 12
SLOW = {"sitemap": 1}  # requests a round
START_LIMIT = 30  # seconds


def write_site(folder, count):
    """Posts of 120 words, 5 of 200 tags each, over 5 years; every tenth in Italian, too."""
    rng = random.Random(20261122)
    words = [f"word{i}" for i in range(2000)]
    posts = folder / "content/posts"
    posts.mkdir(parents=True)
    (folder / "cartolina.yaml").write_text(
        "title: A bench\nbase_url: http://127.0.0.1/\nlanguages: [en, it]\nrefresh: 3600\n"
        "worker_cache: 0\n")  # what it takes to make them, not to have them
    for i in range(count):
        day = 18262 + i % 1826  # 2020-01-01 and five years
        date = time.strftime("%Y-%m-%d", time.gmtime(day * 86400))
        tags = ", ".join(f"t{rng.randrange(200)}" for _ in range(5))
        text = " ".join(rng.choices(words, k=60))
        more = " ".join(rng.choices(words, k=60))
        source = (f"---\ntitle: Post {i} of many\ndate: {date}\ntags: [{tags}]\n---\n\n"
                  f"The common rare{i} {text}.\n\n<!--more-->\n\n## Further\n\n{more}.\n")
        (posts / f"p{i:05}.en.md").write_text(source)
        if i % 10 == 0:
            (posts / f"p{i:05}.it.md").write_text(source)


class Worker:
    """A supervisor with one worker, on a socket in the site's folder."""

    def __init__(self, binary, folder):
        self.socket = str(folder / "s")
        self.process = subprocess.Popen(
            [binary, "-c", str(folder / "cartolina.yaml"), "fastcgi", "--listen", f"unix:{self.socket}",
             "--workers", "1"], stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_LIMIT
        while not os.path.exists(self.socket):
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit("bench: the responder did not start")
            time.sleep(0.05)

    def ask(self, path, query):
        start = time.perf_counter()
        reply = fcgi_client.request(self.socket, fcgi_client.get(path, query))
        took = time.perf_counter() - start
        if reply.status != 200:
            raise SystemExit(f"bench: {path}?{query} is {reply.status}")
        return took

    def memory(self):
        """KiB that only the worker has: the largest of the supervisor's children."""
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return max(private(child) for child in children)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=START_LIMIT)


def private(pid):
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def measure(workers, rounds):
    """{page: [seconds for each size]} for each round."""
    found = {page: [] for page in PAGES}
    for _ in range(rounds):
        for page, address in PAGES.items():
            row = []
            for worker in workers:
                for _ in range(WARM if page not in SLOW else 0):
                    worker.ask(*address)
                row.append(statistics.median(worker.ask(*address) for _ in range(SLOW.get(page, REQUESTS))))
            found[page].append(row)
    return found


def table(sizes, found, index_times, memory):
    print("| | " + " | ".join(f"{n:,} posts" for n in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for page, rows in found.items():
        first = statistics.median(row[0] for row in rows)
        cells = [f"{first * 1000:.2f} ms"]
        for i in range(1, len(sizes)):
            cells.append(f"{statistics.median(row[i] / row[0] for row in rows):.2f} ×")
        print(f"| {page} | " + " | ".join(cells) + " |")
    print("| the index, made from nothing | " + " | ".join(f"{t:.1f} s" for t in index_times) + " |")
    print("| a worker's own memory | " + " | ".join(f"{m / 1024:.1f} MiB" for m in memory) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--posts", default="100,10000,100000")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", help="a folder for the sites; used again when they are there")
    parser.add_argument("binary", nargs="?", default="build/cartolina")
    options = parser.parse_args()
    sizes = [int(n) for n in options.posts.split(",")]
    root = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="cartolina-bench."))
    binary = str(pathlib.Path(options.binary).resolve())
    workers, index_times = [], []
    try:
        for n in sizes:
            folder = root / str(n)
            if not folder.exists():
                write_site(folder, n)
            start = time.perf_counter()
            subprocess.run([binary, "-c", str(folder / "cartolina.yaml"), "index"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            index_times.append(time.perf_counter() - start)
            workers.append(Worker(binary, folder))
        found = measure(workers, options.rounds)
        table(sizes, found, index_times, [worker.memory() for worker in workers])
    finally:
        for worker in workers:
            worker.stop()
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
