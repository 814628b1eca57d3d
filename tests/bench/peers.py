#!/usr/bin/env python3
"""The same article from Cartolina and from programs that people use for such sites; prints a Markdown table.

    tests/bench/peers.py [--rounds N] [--seconds N] [--json FILE] [BINARY]

Cartolina behind nginx with the shipped samples; Fossil's wiki over SCGI and DokuWiki on php-fpm behind an
nginx of the same settings; `hugo server` by itself.  wrk asks each for a few seconds, one after the other,
round after round; a ratio is made of two measurements of the same round.  CPU time is that of everything that
serves, nginx included, per request.  Then Cartolina with the shipped cache in nginx, next to nginx with a
file of the same bytes.  Peers are Debian's packages fossil, dokuwiki, php-fpm and hugo, and not in `make
deps`: a row of one that is missing says so.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "http"), str(HERE.parent / "lib")]

import expand      # noqa: E402  (found through the path above)
import process     # noqa: E402
import rawhttp     # noqa: E402
import transports  # noqa: E402

SOURCE = expand.CHECKOUT / "content/posts/aws-europe-milan-region.it.md"
WORDS = "Amazon Web Services"   # in the article, whoever renders it
THREADS, CONNECTIONS = 2, 16
WORKERS = os.cpu_count() or 1
TIME_LIMIT = 600

NGINX = """\
daemon off;
worker_processes 1;
pid {root}/run/nginx.pid;
error_log {root}/run/error.log info;
events {{
	worker_connections 256;
}}
http {{
	include /etc/nginx/mime.types;
	access_log off;
	client_body_temp_path {root}/run/body;
	fastcgi_temp_path {root}/run/fastcgi;
	proxy_temp_path {root}/run/proxy;
	scgi_temp_path {root}/run/scgi;
	uwsgi_temp_path {root}/run/uwsgi;
	server {{
		listen 127.0.0.1:{port};
{server}
	}}
}}
"""


class BenchError(Exception):
    pass


def article():
    """(title, text) without front matter and divider."""
    _, front, text = SOURCE.read_text().split("---\n", 2)
    title = re.search(r"^title: ['\"]?(.*?)['\"]?$", front, re.M)[1]
    return title, text.replace("<!--more-->", "").strip() + "\n"


# --- who serves -----------------------------------------------------------------------

class Peer:
    """A set of programs that serve the article at http://127.0.0.1:PORT + path."""

    name = title = path = None
    programs = ()

    def __init__(self, folder, binary):
        self.root = folder / self.name
        self.binary = binary
        self.processes = []
        self.port = process.free_port()
        (self.root / "run").mkdir(parents=True)

    @classmethod
    def missing(cls):
        return [p for p in cls.programs if not (os.path.exists(p) or transports.find_program(p))]

    def start(self):
        raise NotImplementedError

    def run(self, argv, address, **more):
        child = process.Process(argv, self.root / "run" / f"{pathlib.Path(argv[0]).name}.log",
                                cwd=self.root, env={**transports.environment(), "HOME": str(self.root)},
                                as_server=True, **more)
        self.processes.append(child)
        child.wait_for(address)

    def run_nginx(self, server):
        (self.root / "nginx.conf").write_text(NGINX.format(root=self.root, port=self.port, server=server))
        self.run([transports.find_program("nginx"), "-p", self.root, "-e", self.root / "run/error.log",
                  "-c", self.root / "nginx.conf"], ("127.0.0.1", self.port))

    def stop(self):
        for child in reversed(self.processes):
            child.stop(statuses=(0, 1, 2, -signal.SIGTERM))
        self.processes.clear()

    def check(self):
        answer = rawhttp.request(self.port, "GET", self.path.encode(), [])
        if answer.status != 200 or WORDS.encode() not in answer.body:
            raise BenchError(f"{self.title}: {answer.status} {answer.body[:300]!r}")
        return answer

    def cpu_seconds(self):
        return sum(cpu_seconds(child.pid) for child in self.processes)


class Cartolina(Peer):
    name, title, path = "cartolina", "Cartolina", "/posts/aws-europe-milan-region?lang=it"
    programs = ("nginx",)

    transport = None

    def start(self):
        site = transports.Site("sample", self.root / "site", self.root / "program", {})
        shutil.copy(self.binary, site.binary)
        shutil.copytree(expand.CHECKOUT / "content", site.content)
        self.transport = self.make(site)
        self.transport.start()
        self.port = self.transport.values["port"]
        self.processes = self.transport.processes

    def make(self, site):
        return transports.NginxUnix("nginx", site)

    def stop(self):
        if not self.transport:
            return
        problems = self.transport.stop() + self.transport.log_problems([])
        if problems:
            raise BenchError("\n".join(problems))


class Fossil(Peer):
    name, title, path = "fossil", "Fossil's wiki over SCGI, behind nginx", "/wiki/milano"
    programs = ("fossil", "nginx")

    def start(self):
        heading, text = article()
        repository = self.root / "repository.fossil"
        env = {"HOME": str(self.root), "USER": "bench", "PATH": os.environ["PATH"]}
        (self.root / "page.md").write_text(f"# {heading}\n\n{text}")
        for argv in (["new", repository], ["wiki", "create", "milano", self.root / "page.md",
                                           "--mimetype", "text/x-markdown", "-R", repository]):
            subprocess.run(["fossil", *argv], check=True, env=env, stdout=subprocess.DEVNULL, timeout=60)
        process.give_away(self.root)
        port = process.free_port()
        self.run(["fossil", "server", repository, "--scgi", "--localhost", "--port", str(port)],
                 ("127.0.0.1", port))
        self.run_nginx(f"\t\tlocation / {{\n\t\t\tinclude /etc/nginx/scgi_params;\n"
                       f"\t\t\tscgi_param SCRIPT_NAME \"\";\n\t\t\tscgi_pass 127.0.0.1:{port};\n\t\t}}")


def dokuwiki_syntax(text):
    """Headings, links and code; the rest of this article reads the same."""
    text = re.sub(r"^(#+) (.*)$", lambda m: "=" * (7 - len(m[1])) + f" {m[2]} " + "=" * (7 - len(m[1])), text,
                  flags=re.M)
    text = re.sub(r"!\[([^]]*)\]\(([^)\s]*)[^)]*\)", r"{{\2|\1}}", text)
    text = re.sub(r"\[([^]]*)\]\(([^)\s]*)[^)]*\)", r"[[\2|\1]]", text)
    text = re.sub(r"^- ", "  * ", text, flags=re.M)
    return re.sub(r"`([^`\n]+)`", r"''\1''", text)


class DokuWiki(Peer):
    name, title, path = "dokuwiki", "DokuWiki on php-fpm, behind nginx", "/doku.php?id=milano"
    programs = ("/usr/share/dokuwiki/doku.php", "php-fpm8.2", "nginx")

    def start(self):
        heading, text = article()
        wiki, data, conf = self.root / "wiki", self.root / "data", self.root / "conf"
        shutil.copytree("/usr/share/dokuwiki", wiki, ignore=lambda d, n: ["data", "conf", "plugins"]
                        if d == "/usr/share/dokuwiki" else [], ignore_dangling_symlinks=True)
        shutil.copytree("/var/lib/dokuwiki/data", data)
        shutil.copytree("/etc/dokuwiki", conf)
        (wiki / "inc/preload.php").write_text(f"<?php define('DOKU_CONF', '{conf}/');\n")
        (conf / "local.php").write_text("<?php\n$conf['title'] = 'Bench';\n$conf['useacl'] = 0;\n"
                                        f"$conf['savedir'] = '{data}';\n")
        (data / "pages").mkdir(exist_ok=True)
        (data / "pages/milano.txt").write_text(f"====== {heading} ======\n\n{dokuwiki_syntax(text)}")
        socket = self.root / "run/php.sock"
        (self.root / "fpm.conf").write_text(
            f"[global]\nerror_log = {self.root}/run/fpm.log\ndaemonize = no\n[www]\nlisten = {socket}\n"
            f"pm = static\npm.max_children = {WORKERS}\nphp_admin_value[opcache.enable] = 1\n")
        process.give_away(self.root)
        self.run([transports.find_program("php-fpm8.2"), "-F", "-y", self.root / "fpm.conf"], socket)
        self.run_nginx(f"\t\troot {wiki};\n\t\tlocation ~ \\.php$ {{\n\t\t\tinclude /etc/nginx/fastcgi_params;\n"
                       "\t\t\tfastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n"
                       "\t\t\tfastcgi_buffers 32 16k;\n"
                       f"\t\t\tfastcgi_pass unix:{socket};\n\t\t}}")


class Hugo(Peer):
    name, title, path = "hugo", "`hugo server`, by itself", "/posts/aws-europe-milan-region/"
    programs = ("hugo",)

    def start(self):
        for part in ("content/posts", "layouts/_default"):
            (self.root / part).mkdir(parents=True)
        shutil.copy(SOURCE, self.root / "content/posts/aws-europe-milan-region.md")
        (self.root / "config.yaml").write_text("title: Bench\nbaseURL: http://127.0.0.1/\nlanguageCode: it\n")
        # A head and a style of the size that Cartolina's page has.
        style = (expand.CONF / "theme/style.mustache").read_text().replace("{{", "{ {")
        page = ("<!doctype html>\n<html lang=\"it\"><head><meta charset=\"utf-8\"><title>{{ .Title }}</title>"
                f"<style>{style}</style></head>\n<body><main><h1>{{{{ .Title }}}}</h1>\n"
                "{{ .Content }}</main></body></html>\n")
        for name in ("single", "list"):
            (self.root / f"layouts/_default/{name}.html").write_text(page)
        process.give_away(self.root)
        self.run([transports.find_program("hugo"), "server", "--source", self.root, "--bind", "127.0.0.1",
                  "--port", str(self.port), "--baseURL", f"http://127.0.0.1:{self.port}/",
                  "--disableLiveReload", "--watch=false", "--cacheDir", self.root / "cache"],
                 ("127.0.0.1", self.port))


class NginxCache(transports.NginxUnix):
    """With the edits that the samples' comments tell, in nginx.conf too."""

    upstream = (("upstream cartolina {", "include cartolina-cache-zone.conf;\n\nupstream cartolina {{"),
                ("\tlocation / {\n\t\tinclude cartolina-fastcgi.conf;\n",
                 "\tlocation / {{\n\t\tinclude cartolina-fastcgi.conf;\n\t\tinclude cartolina-cache.conf;\n"))

    def prepare(self):
        super().prepare()
        frame = self.root / "nginx.conf"
        frame.write_text("pcre_jit on;\n" + frame.read_text())
        self.expand("nginx/cartolina-cache.conf", "cartolina-cache.conf")
        self.expand("nginx/cartolina-cache-zone.conf", "cartolina-cache-zone.conf",
                    (("/var/lib/nginx/cartolina", "{root}/cache/nginx"),))


class Cached(Cartolina):
    name, title = "cached", "Cartolina with the shipped cache in nginx"

    @classmethod
    def missing(cls):
        samples = ("cartolina-cache.conf", "cartolina-cache-zone.conf")
        return super().missing() + [s for s in samples if not (expand.CONF / "nginx" / s).exists()]

    def make(self, site):
        return NginxCache("nginx", site)


class File(Peer):
    name, title, path = "file", "nginx with a file of the same bytes", "/article.html"
    programs = ("nginx",)
    content = b""

    def start(self):
        (self.root / "article.html").write_bytes(self.content)
        process.give_away(self.root)
        self.run_nginx(f"\t\troot {self.root};")


PEERS = (Fossil, DokuWiki, Hugo)
TARGETS = {"fossil": 20, "dokuwiki": 10, "hugo": 1.5, "file": 0.9}


# --- measuring ----------------------------------------------------------------------------

def cpu_seconds(session):
    """Of all processes in the session; what its leader has reaped included."""
    ticks = 0
    for entry in pathlib.Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and int(stat[3]) == session:
            ticks += int(stat[11]) + int(stat[12])
            if int(entry.name) == session:
                ticks += int(stat[13]) + int(stat[14])
    return ticks / os.sysconf("SC_CLK_TCK")


def load(peer, seconds):
    """(requests per second, CPU seconds per request)."""
    before = peer.cpu_seconds()
    done = subprocess.run(
        ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s",
         f"http://127.0.0.1:{peer.port}{peer.path}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds + 30, check=False)
    cpu = peer.cpu_seconds() - before
    count = re.search(r"(\d+) requests in", done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if done.returncode or not count or not rate or not int(count[1]):
        raise BenchError(f"wrk: {done.stdout}")
    if re.search(r"Non-2xx|Socket errors", done.stdout):
        raise BenchError(f"{peer.title}: requests failed: {done.stdout}")
    return float(rate[1]), cpu / int(count[1])


def measure(peers, amount):
    """{name: [round, ...]}, all peers in turn in each round."""
    rounds = {peer.name: [] for peer in peers}
    for peer in peers:
        load(peer, 1)
    for _ in range(amount.rounds):
        for peer in peers:
            rounds[peer.name].append(load(peer, amount.seconds))
    return rounds


def spread(pairs):
    ratios = sorted(a / b for a, b in pairs)
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} – {ratios[-1]:.2f})", statistics.median(ratios)


def median_of(rounds):
    """(requests per second, CPU seconds per request)."""
    return tuple(statistics.median(r[i] for r in rounds) for i in (0, 1))


def report_peers(rounds, facts):
    print("| the same article | requests per second | CPU time per request | Cartolina answers … × as many | "
          "in … of the CPU time | with nginx's cache … × as many |\n|---|---:|---:|---|---|---|")
    for kind in (Cartolina, *PEERS):
        if kind.name not in rounds:
            print(f"| {kind.title} | not installed: {', '.join(kind.missing())} | | | | |")
            continue
        theirs = rounds[kind.name]
        rate, cpu = median_of(theirs)
        facts[kind.name] = {"title": kind.title, "rate": rate, "cpu": cpu}
        cells = ["", "", ""]
        if kind is not Cartolina:
            cells[0], times = spread([(a[0], b[0]) for a, b in zip(rounds["cartolina"], theirs)])
            cells[1], _ = spread([(a[1], b[1]) for a, b in zip(rounds["cartolina"], theirs)])
            facts[kind.name] |= {"times": times, "target": TARGETS[kind.name]}
        if "cached" in rounds:
            cells[2], _ = spread([(a[0], b[0]) for a, b in zip(rounds["cached"], theirs)])
        print(f"| {kind.title} | {rate:,.0f} | {cpu * 1e6:,.0f} µs | {' | '.join(cells)} |")


def report_cache(rounds, facts):
    if "cached" not in rounds:
        print(f"\nNothing about the cache without {', '.join(Cached.missing())}.")
        return
    print("\n| nginx alone | its cache of Cartolina's answers | a file of the same bytes | ratio |\n"
          "|---|---:|---:|---|")
    cached, file = median_of(rounds["cached"]), median_of(rounds["file"])
    cells = [spread([(a[i], b[i]) for a, b in zip(rounds["cached"], rounds["file"])]) for i in (0, 1)]
    print(f"| requests per second | {cached[0]:,.0f} | {file[0]:,.0f} | {cells[0][0]} |")
    print(f"| CPU time per request | {cached[1] * 1e6:.0f} µs | {file[1] * 1e6:.0f} µs | {cells[1][0]} |")
    facts["cached"] = {"title": "Cartolina, nginx's cache", "rate": cached[0], "cpu": cached[1],
                       "times": cells[0][1], "target": TARGETS["file"]}
    facts["file"] = {"title": File.title, "rate": file[0], "cpu": file[1]}


def compare(folder, given, facts):
    kinds = [k for k in (Cartolina, Cached, File, *PEERS) if not k.missing()]
    if Cached not in kinds:
        kinds.remove(File)
    peers = []
    try:
        for kind in kinds:
            peers.append(kind(folder, given.binary))
            if kind is File:
                peers[-1].content = body
            peers[-1].start()
            body = peers[-1].check().body
            facts.setdefault("sizes", {})[kind.name] = len(body)
        rounds = measure(peers, given)
    finally:
        for peer in reversed(peers):
            peer.stop()
    report_peers(rounds, facts)
    report_cache(rounds, facts)


def machine():
    model = "processor unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} cores ({model}), Linux {platform.release()}"


def versions():
    asked = (("nginx", "-v"), ("fossil", "version"), ("php-fpm8.2", "-v"), ("hugo", "version"))
    found = []
    for name, option in asked:
        program = transports.find_program(name)
        if program:
            said = subprocess.run([program, option], check=False, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True).stdout
            number = re.search(r"\d+\.\d+(\.\d+)?", said)
            found.append(f"{name} {number[0] if number else '?'}")
    try:
        found.append("DokuWiki " + pathlib.Path("/usr/share/dokuwiki/VERSION").read_text().split()[0])
    except (OSError, IndexError):
        pass
    return ", ".join(found)


def out_of_time(_signal, _frame):
    raise SystemExit(f"bench: not done within {TIME_LIMIT} s")


def stopped(signum, _frame):
    raise SystemExit(128 + signum)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("binary", nargs="?", type=pathlib.Path, default=expand.CHECKOUT / "build/cartolina")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--json", type=pathlib.Path, help="the figures, for plot.py")
    given = parser.parse_args()
    for name in ("nginx", "wrk"):
        if not transports.find_program(name):
            print(f"bench: nothing without {name}", file=sys.stderr)
            return 1
    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGTERM, stopped)
    signal.alarm(TIME_LIMIT)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-peers-"))
    folder.chmod(0o755)  # a server's own account must get in
    before, facts = os.getloadavg()[0], {}
    try:
        compare(folder, given, facts)
        facts["machine"] = (f"{machine()}, load {before:.1f} before; {versions()}; each nginx with one worker, "
                            f"{WORKERS} workers of the responder and of php-fpm, wrk with {THREADS} threads and "
                            f"{CONNECTIONS} connections kept alive; {given.rounds} rounds of {given.seconds} s")
        print(f"\n{facts['machine']}.")
        if given.json:
            given.json.write_text(json.dumps(facts, indent=1) + "\n")
        return 0
    except (BenchError, OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
