#!/usr/bin/env python3
"""What a list, a tag, a search, the feeds and an article cost as a site grows; prints a Markdown table.

    tests/bench/lists.py [--posts 10,100000] [--rounds N] [--keep FOLDER] [BINARY]

For each size a site is written and indexed, then one FastCGI worker is asked for each kind of page,
all sizes in turn, round after round, without its cache of answers; a figure is the median of the ratios
to the smallest site in the same round, of the time and of the worker's CPU time.  Pages are compared
that show as much: lists of ten, which ten posts fill, feeds of ten, five of a tag, and articles
that have three related ones in every site.  Memory is what is the worker's alone (Private_* of
smaps_rollup).
"""
import argparse
import collections
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

ANY = "{any}"  # another post's number in each request
PAGES = {
    "article": ("/posts/p00005", ""),
    "article, each time another": (f"/posts/p{ANY}", ""),
    "list": ("/", ""),
    "list, page 5": ("/posts/", "limit=2&page=5"),
    "tag": ("/tags/t1/", "limit=5"),
    "month": ("/2020/01/", "limit=5"),
    "search, rare word": ("/", "q=%22rare5%22"),
    "search, rare word, each time another": ("/", f"q=%22rare{ANY}%22"),
    "search, word in every post": ("/", "q=common"),
    "Atom": ("/feed.atom", "limit=10"),
    "RSS": ("/feed.rss", "limit=10"),
    "JSON Feed": ("/feed.json", "limit=10"),
    "sitemap": ("/sitemap.xml", ""),
    "batch of 3": ("/-/excerpts", "id=posts/p00001&id=posts/p00005&id=posts/nowhere"),
}
WARM, REQUESTS = 3, 12
SLOW = {"sitemap": 1}  # requests a round
START_LIMIT = 30  # seconds
SWEEP = 3  # after the start the indexer looks through the content

Amount = collections.namedtuple("Amount", "time cpu")


def write_site(folder, count):
    """Posts of 120 words, 5 tags each, over 5 years; every tenth in Italian, too."""
    rng = random.Random(20261122)
    words = [f"word{i}" for i in range(2000)]
    tag_count = max(5, min(200, count // 20))  # so that each article has related ones
    posts = folder / "content/posts"
    posts.mkdir(parents=True)
    (folder / "cartolina.yaml").write_text(
        "title: A bench\nbase_url: http://127.0.0.1/\nlanguages: [en, it]\nrefresh: 3600\n"
        "worker_cache: 0\n")  # what it takes to make them, not to have them
    for i in range(count):
        day = 18262 + i % 1826  # 2020-01-01 and five years
        date = time.strftime("%Y-%m-%d", time.gmtime(day * 86400))
        tags = ", ".join(f"t{number}" for number in rng.sample(range(tag_count), 5))
        text = " ".join(rng.choices(words, k=60))
        more = " ".join(rng.choices(words, k=60))
        source = (f"---\ntitle: Post {i} of many\ndate: {date}\ntags: [{tags}]\n---\n\n"
                  f"The common rare{i} {text}.\n\n<!--more-->\n\n## Further\n\n{more}.\n")
        (posts / f"p{i:05}.en.md").write_text(source)
        if i % 10 == 0:
            (posts / f"p{i:05}.it.md").write_text(source)


def site(root, count):
    """The folder of a site with so many posts, written unless it is there."""
    folder = root / str(count)
    if not folder.exists():
        write_site(folder, count)
    return folder


def make_index(binary, folder):
    """Seconds."""
    start = time.perf_counter()
    subprocess.run([binary, "-c", str(folder / "cartolina.yaml"), "index"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


class Worker:
    """A supervisor with one worker, on a socket in the site's folder."""

    def __init__(self, binary, folder, posts):
        self.posts = posts
        self.random = random.Random(1)
        self.socket = str(folder / "s")
        self.process = subprocess.Popen(
            [binary, "-c", str(folder / "cartolina.yaml"), "fastcgi", "--listen", f"unix:{self.socket}",
             "--workers", "1"], stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_LIMIT
        while not os.path.exists(self.socket):
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit("bench: the responder did not start")
            time.sleep(0.05)

    def ask(self, address):
        """Seconds."""
        number = f"{self.random.randrange(self.posts):05}"
        path, query = address[0].replace(ANY, number), address[1].replace(ANY, str(int(number)))
        start = time.perf_counter()
        reply = fcgi_client.request(self.socket, fcgi_client.get(path, query))
        took = time.perf_counter() - start
        if reply.status != 200:
            raise SystemExit(f"bench: {path}?{query} is {reply.status}")
        return took

    def children(self):
        pid = self.process.pid
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def cpu(self):
        """Seconds of all children: of the worker, for the others have nothing to do."""
        used = 0
        for child in self.children():
            used += int(pathlib.Path(f"/proc/{child}/schedstat").read_text().split()[0])
        return used / 1e9

    def measure(self, address, requests):
        before = self.cpu()
        took = statistics.median(self.ask(address) for _ in range(requests))
        return Amount(took, (self.cpu() - before) / requests)

    def memory(self):
        """KiB that only the worker has: the largest of the supervisor's children."""
        return max(private(child) for child in self.children())

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=START_LIMIT)


def private(pid):
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def measure(workers, rounds):
    """{page: [an Amount for each size]} for each round."""
    found = {page: [] for page in PAGES}
    for _ in range(rounds):
        for page, address in PAGES.items():
            row = []
            for worker in workers:
                for _ in range(WARM if page not in SLOW else 0):
                    worker.ask(address)
                row.append(worker.measure(address, SLOW.get(page, REQUESTS)))
            found[page].append(row)
    return found


def ratio(rows, size, what):
    return statistics.median(row[size][what] / row[0][what] for row in rows if row[0][what])


def table(sizes, found, index_times, memory):
    print("| | " + " | ".join(f"{n:,} posts" for n in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for page, rows in found.items():
        first = [statistics.median(row[0][what] for row in rows) * 1000 for what in (0, 1)]
        cells = [f"{first[0]:.2f} ms, CPU {first[1]:.2f} ms"]
        for i in range(1, len(sizes)):
            cells.append(f"{ratio(rows, i, 0):.2f} ×, CPU {ratio(rows, i, 1):.2f} ×")
        print(f"| {page} | " + " | ".join(cells) + " |")
    print("| the index, made from nothing | " + " | ".join(f"{t:.1f} s" for t in index_times) + " |")
    print("| a worker's own memory | " + " | ".join(f"{m / 1024:.1f} MiB" for m in memory) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--posts", default="10,100000")
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
            folder = site(root, n)
            index_times.append(make_index(binary, folder))
            os.sync()  # not while it is measured
            workers.append(Worker(binary, folder, n))
        for worker in workers:
            worker.ask(PAGES["list"])
        time.sleep(SWEEP)
        found = measure(workers, options.rounds)
        table(sizes, found, index_times, [worker.memory() for worker in workers])
    finally:
        for worker in workers:
            worker.stop()
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
