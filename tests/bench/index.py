#!/usr/bin/env python3
"""A first index next to Hugo's build of the same posts, in turn, in the same run.

    tests/bench/index.py [--posts N] [--rounds N] [BINARY]

Hugo has the smallest layouts that show a post and list twenty, and all its defaults.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import manyposts  # noqa: E402  (found through the path above)

OURS = "title: Bench\nlanguages: [en, it]\nindex: index.db\nbase_url: http://example.org/\n"
HUGO = """\
title: Bench
baseURL: http://example.org/
defaultContentLanguage: en
languages: {en: {weight: 1}, it: {weight: 2}}
paginate: 20
"""
SINGLE = """<!DOCTYPE html><html lang="{{ .Lang }}"><title>{{ .Title }}</title><h1>{{ .Title }}</h1>
<time>{{ .Date }}</time>{{ .Content }}</html>
"""
LIST = """<!DOCTYPE html><html lang="{{ .Lang }}"><title>{{ .Title }}</title>
{{ range (.Paginate .Pages).Pages }}<h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2>{{ .Summary }}{{ end }}
</html>
"""


def run(argv, folder):
    """(wall seconds, CPU seconds, the most memory of one process in MB)"""
    before = time.monotonic()
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"index.py: {argv[0]} failed")
    return (time.monotonic() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def prepare(folder, posts):
    (folder / "cartolina.yaml").write_text(OURS)
    (folder / "config.yaml").write_text(HUGO)
    (folder / "layouts/_default").mkdir(parents=True)
    (folder / "layouts/_default/single.html").write_text(SINGLE)
    (folder / "layouts/_default/list.html").write_text(LIST)
    return manyposts.write(folder / "content", posts)


def row(name, rounds):
    wall, cpu, memory = (statistics.median(column) for column in zip(*rounds))
    return f"| {name} | {wall:.1f} | {cpu:.1f} | {memory:.0f} |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("binary", nargs="?", default="build/cartolina")
    args = parser.parse_args()
    binary = pathlib.Path(args.binary).resolve()
    if not shutil.which("hugo"):
        raise SystemExit("index.py: hugo is not installed")
    ours, hugo = [], []
    with tempfile.TemporaryDirectory(prefix="cartolina-bench-") as name:
        folder = pathlib.Path(name)
        size = prepare(folder, args.posts)
        for _ in range(args.rounds):
            ours.append(run([binary, "index", "--rebuild"], folder))
            hugo.append(run(["hugo", "--quiet"], folder))
            shutil.rmtree(folder / "public")
            shutil.rmtree(folder / "resources", ignore_errors=True)
    ratios = sorted(o[0] / h[0] for o, h in zip(ours, hugo))
    print(f"{args.posts} posts, {size / 1e6:.0f} MB of Markdown, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}\n")
    print("| median of the rounds | wall s | CPU s | memory MB |\n|---|---|---|---|")
    print(row("cartolina index", ours), row("hugo", hugo), sep="\n")
    print(f"\nwall time, ratio of neighbouring rounds: {statistics.median(ratios):.2f} "
          f"({', '.join(f'{r:.2f}' for r in ratios)})")


if __name__ == "__main__":
    main()
