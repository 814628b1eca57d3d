#!/usr/bin/env python3
"""Three hosts with Cartolina, each with its own copy of the same content, behind the shipped
samples: one nginx with cartolina-upstream.conf, and Varnish with cartolina-hosts.vcl before an
nginx on each host.  Hosts are network namespaces on a bridge, so that one can be cut off: its
packets vanish.  Needs root; everything is gone when this process is.

TAP on standard output.   tests/integration/test_hosts.py [WORD...]
"""
import concurrent.futures
import contextlib
import ctypes
import hashlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lib"), str(TESTS / "http")]

import expand       # noqa: E402  (found through the path above)
import fcgi_client  # noqa: E402
import process      # noqa: E402
import rawhttp      # noqa: E402
import tap          # noqa: E402
import transports   # noqa: E402
from process import until  # noqa: E402
from tap import BINARY, CHECKOUT, test  # noqa: E402

CLONE_NEWNET = 0x40000000
FRONT = "10.0.0.1"
ADDRESSES = ("10.0.0.11", "10.0.0.12", "10.0.0.13")
NGINX_PORT, VARNISH_PORT = 8000, 8001
PROGRAMS = ("ip", "nsenter", "unshare", "setpriv", "rsync", "git", "nginx", "varnishd")
ARTICLE = "/posts/aws-europe-milan-region"
NEWS = "/posts/news"                    # the post that the tests write anew
REFRESH = 1
IN_TIME = REFRESH + 14                  # seconds from a switch to its last trace, on a busy machine

def run(*argv, **more):
    done = subprocess.run([str(a) for a in argv], check=False, timeout=60, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        raise RuntimeError(f"{argv}: {done.stdout}")
    return done.stdout



# --- content --------------------------------------------------------------------------

class Source:
    """The authors' repository."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(CHECKOUT / "content", folder)
        self.version = 0
        run("git", "init", "-q", "-b", "main", folder)
        self.write()

    def git(self, *argv):
        return run("git", "-C", self.folder, "-c", "user.name=A", "-c", "user.email=a@example.org",
                   *argv)

    def write(self):
        """A new version of some posts."""
        self.version += 1
        (self.folder / "posts/undated.en.md").write_text("---\ntitle: No date\n---\nNor a hurry.\n")
        for name in ("news", "olds", "blues"):
            (self.folder / f"posts/{name}.en.md").write_text(
                f"---\ntitle: {name}\ndate: 2020-05-01\n---\nThis is edition {self.version}.\n\n"
                + "A sentence that is there to be read. " * 200 + "\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"edition {self.version}")


def edition(body):
    found = re.search(rb"This is edition (\d+)\.", body)
    return int(found[1]) if found else None


# --- hosts ------------------------------------------------------------------------------

class Host:
    """A network namespace with an address, a copy of the content, a responder and an nginx."""

    def __init__(self, farm, number):
        self.farm, self.address = farm, ADDRESSES[number]
        self.root = farm.root / f"host{number}"
        self.link = f"v{number}"
        for part in ("run", "cache", "releases"):
            (self.root / part).mkdir(parents=True)
        self.keeper = process.Process(["unshare", "-n", "sleep", "900"], self.root / "keeper.log")
        self.release = 0
        self.responder = self.nginx = None

    def connect(self):
        here = os.readlink("/proc/self/ns/net")
        assert until(lambda: os.readlink(f"/proc/{self.keeper.pid}/ns/net") != here, 20)
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0",
            "netns", self.keeper.pid)
        run("ip", "link", "set", self.link, "master", "bridge0", "up")
        for command in (f"addr add {self.address}/24 dev eth0", "link set eth0 up", "link set lo up"):
            run("nsenter", "-t", self.keeper.pid, "-n", "ip", *command.split())
        # nginx listens on port 80 without being root.
        run("nsenter", "-t", self.keeper.pid, "-n", "sh", "-c",
            "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start")

    def start_inside(self, name, *argv):
        user = process.account()
        child = process.Process(
            ["nsenter", "-t", self.keeper.pid, "-n", "setpriv", "--reuid", user.pw_uid,
             "--regid", user.pw_gid, "--clear-groups", *argv],
            self.root / "run" / f"{name}.log", env=transports.environment(), cwd=self.root)
        return child

    # -- content: a folder for each release, and a link that is switched in one step

    def switch(self, copy):
        """copy(folder) makes the new release."""
        self.release += 1
        folder = self.root / "releases" / str(self.release)
        copy(folder)
        fresh = self.root / "content.new"
        fresh.symlink_to(folder)
        fresh.replace(self.root / "content")
        for old in (self.root / "releases").iterdir():
            if int(old.name) < self.release - 1:
                shutil.rmtree(old)

    def rsync(self):
        self.switch(lambda folder: run("rsync", "-a", "--exclude=.git", f"{self.farm.source.folder}/",
                                       f"{folder}/"))

    def clone(self):
        self.switch(lambda folder: run("git", "clone", "-q", self.farm.source.folder, folder))

    # -- programs

    def start(self):
        values = {"root": self.root, "content": self.root / "content", "port": 80,
                  "worker_port": 9000}
        config = expand.expand(expand.CONF / "cartolina.yaml", self.root / "cartolina.yaml", values,
                               (("refresh: 2", f"refresh: {REFRESH}"), ("max_age: 60", "max_age: 1")))
        expand.expand(expand.CONF / "nginx/cartolina.conf", self.root / "cartolina.conf", values,
                      (("listen 80;", "listen %s:80;" % self.address),
                       ("unix:/run/cartolina/cartolina.sock", f"{self.address}:9000")))
        self.farm.expand_nginx(self.root, values)
        process.give_away(self.root / "run")
        process.give_away(self.root / "cache")
        self.config = config
        self.start_responder()
        self.nginx = self.start_inside("nginx", transports.find_program("nginx"), "-p", self.root,
                                       "-e", self.root / "run/error.log", "-c",
                                       self.root / "nginx.conf")
        self.nginx.wait_for((self.address, 80))

    def start_responder(self):
        self.responder = self.start_inside(
            "responder", self.farm.binary, "-c", self.config, "fastcgi", "--listen",
            f"{self.address}:9000", "--workers", 3)
        self.responder.wait_for((self.address, 9000), 30)

    def kill(self):
        for pid, _command in process.session_members(self.responder.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.responder.child.wait(10)

    def cut_off(self):
        run("ip", "link", "set", self.link, "down")

    def reconnect(self):
        run("ip", "link", "set", self.link, "up")

    def ask(self, path, query="", fields=()):
        variables = {k.encode(): v.encode() for k, v in (
            ("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", ""), ("PATH_INFO", path),
            ("QUERY_STRING", query), ("REQUEST_URI", path), ("REMOTE_ADDR", "127.0.0.1"), *fields)}
        reply = fcgi_client.request((self.address, 9000), variables, 30)
        assert reply.complete, f"{self.address}: {path}: no whole answer"
        return rawhttp.parse_cgi(bytes(reply.stdout))

    def edition(self):
        return edition(self.ask(NEWS).body)

    def stop(self):
        problems = []
        for child in (self.nginx, self.responder, self.keeper):
            if child:
                problems += child.stop(statuses=(0, -signal.SIGKILL))
        return problems


class Farm:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-hosts-"))
        self.root.chmod(0o755)
        self.binary = shutil.copy(BINARY, self.root / "cartolina")
        self.hosts, self.front = [], []

    def start(self):
        self.source = Source(self.root / "source")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bridge0", "type", "bridge")
        run("ip", "addr", "add", f"{FRONT}/24", "dev", "bridge0")
        run("ip", "link", "set", "bridge0", "up")
        for number in range(len(ADDRESSES)):
            self.hosts.append(Host(self, number))
        for host in self.hosts:
            host.connect()
            host.rsync()
            host.start()
        self.start_nginx()
        self.start_varnish()

    def expand_nginx(self, folder, values):
        expand.expand(expand.CONF / "nginx/cartolina-fastcgi.conf", folder / "cartolina-fastcgi.conf",
                      values)
        expand.expand(CHECKOUT / "tests/lib/frame-nginx.conf", folder / "nginx.conf", values)

    def start_nginx(self):
        """The shipped samples, with the edits that their comments tell."""
        folder = self.root / "front"
        (folder / "run").mkdir(parents=True)
        values = {"root": folder, "content": self.hosts[0].root / "content", "port": NGINX_PORT}
        sample = (expand.CONF / "nginx/cartolina.conf").read_text()
        upstream = re.search(r"^upstream cartolina \{.*?^\}\n", sample, re.S | re.M)[0]
        policy = "".join(re.findall(r"^\tfastcgi_.*\n", sample, re.M))
        assert policy.count("\n") == 5 and policy in sample, policy
        edits = ((upstream, "include cartolina-upstream.conf;\n"),
                 (policy, "include cartolina-hosts.conf;\n"))
        expand.expand(expand.CONF / "nginx/cartolina.conf", folder / "cartolina.conf", values, edits)
        for name in ("cartolina-upstream.conf", "cartolina-hosts.conf"):
            shutil.copy(expand.CONF / "nginx" / name, folder)
        self.expand_nginx(folder, values)
        process.give_away(folder / "run")
        child = process.Process([transports.find_program("nginx"), "-p", folder, "-e",
                                 folder / "run/error.log", "-c", folder / "nginx.conf"],
                                folder / "run/nginx.log", as_server=True)
        self.front.append(child)
        child.wait_for(("127.0.0.1", NGINX_PORT))

    def start_varnish(self):
        folder = self.root / "varnish"
        folder.mkdir()
        sample = (expand.CONF / "varnish/cartolina.vcl").read_text()
        sample, count = re.subn(r"^backend default \{.*?^\}\n", "", sample, flags=re.S | re.M)
        assert count == 1
        (folder / "cartolina.vcl").write_text(
            sample.replace('"^/blog/', '"^/').replace("^/(blog|landing)/", "^/"))
        hosts = (expand.CONF / "varnish/cartolina-hosts.vcl").read_text()
        assert "/etc/varnish/cartolina.vcl" in hosts
        (folder / "default.vcl").write_text(
            hosts.replace("/etc/varnish/cartolina.vcl", str(folder / "cartolina.vcl"))
            .replace('"/blog/-/health"', '"/-/health"'))
        process.give_away(folder)
        child = process.Process(
            transports.varnishd(folder / "run", folder / "default.vcl", VARNISH_PORT), folder / "log", as_server=True)
        self.front.append(child)
        child.wait_for(("127.0.0.1", VARNISH_PORT))

    def all_show(self, version, seconds=IN_TIME):
        return until(lambda: all(h.edition() == version for h in self.hosts), seconds)

    def stop(self):
        problems = []
        for child in self.front:
            problems += child.stop()
        for host in self.hosts:
            problems += host.stop()
        for log in self.root.rglob("*.log"):
            problems += process.sanitizer_reports(log.read_text(errors="replace"))
        shutil.rmtree(self.root, ignore_errors=True)
        return problems


class Load:
    """Readers who ask, at both fronts, for the article, the posts that change, and lists; some
    with a condition.  A context manager that fails if any request did."""

    PATHS = (ARTICLE, f"{ARTICLE}?lang=it", NEWS, "/posts/olds", "/posts/blues", "/posts/",
             "/feed.atom")

    def __init__(self, readers=3, slowest=12):
        self.done, self.failed, self.slowest, self.allowed = 0, [], 0.0, slowest
        self.not_modified = 0
        self.over = threading.Event()
        self.editions = set()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.read, args=(port, n))
                        for port in (NGINX_PORT, VARNISH_PORT) for n in range(readers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        if kind is None:
            assert not self.failed, f"{len(self.failed)} of {self.done} failed: {self.failed[:3]}"
            assert self.done > 100, f"no load: {self.done}"
            assert self.slowest < self.allowed, f"somebody waited {self.slowest:.1f} s"
            print(f"# {self.done} requests, {self.not_modified} not modified, none failed, "
                  f"the slowest took {self.slowest:.2f} s")

    def read(self, port, number):
        etags, turn = {}, number
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not self.over.is_set():
            turn += 1
            path = self.PATHS[turn % len(self.PATHS)]
            # A parameter that could be any: past Varnish's copy, to a host.
            fresh = path + ("&" if "?" in path else "?") + f"n%2B={port}-{number}-{turn}"
            fields = {"If-None-Match": etags[path]} if path in etags and turn % 3 else {}
            begun = time.monotonic()
            try:
                connection.request("GET", fresh, headers=fields)
                answer = connection.getresponse()
                body = answer.read()
                fault = self.fault(answer, body, fields)
            except (OSError, http.client.HTTPException) as error:
                fault = repr(error)
                connection.close()
            took = time.monotonic() - begun
            with self.lock:
                self.done += 1
                self.slowest = max(self.slowest, took)
                if fault:
                    self.failed.append(f"{port} {path}: {fault} after {took:.1f} s")
                elif answer.status == 304:
                    self.not_modified += 1
                else:
                    etags[path] = answer.getheader("ETag")
                    self.editions.add(edition(body))
            time.sleep(0.004)  # two cores are not ours alone

    @staticmethod
    def fault(answer, body, fields):
        if answer.status == 304:
            same = fields.get("If-None-Match", "").removeprefix("W/")
            return None if same == answer.getheader("ETag", "").removeprefix("W/") else "a false 304"
        if answer.status != 200:
            return f"status {answer.status}"
        if not body.rstrip().endswith((b"</html>", b"</feed>")):
            return f"cut off after {len(body)} bytes"
        return None


# --- what must hold -----------------------------------------------------------------------

def pages(host):
    """[(path, query)]: everything that the sitemap and the lists name, in every form."""
    found = [(p, "") for p in ("/", "/posts/", "/tags/", "/archive/", "/2020/", "/feed.atom",
                               "/feed.rss", "/feed.json", "/sitemap.xml", "/robots.txt", "/no-such",
                               "/posts/feed.atom")]
    found += [("/", "q=region"), ("/-/excerpts", "id=posts/news&id=posts/none&lang=it"),
              ("/", "lang=it"), ("/feed.atom", "lang=it"), ("/posts/", "format=json")]
    sitemap = host.ask("/sitemap.xml").body.decode()
    addresses = re.findall(r"<loc>https?://[^/<]*([^<]*)</loc>", sitemap)
    assert len(addresses) > 8, sitemap[:500]
    for address in addresses:
        path, _, query = (address or "/").replace("&amp;", "&").partition("?")
        for more in ("", "view=excerpt", "format=json", "format=fragment", "format=text"):
            found.append((path, "&".join(p for p in (query, more) if p)))
    return found


def differences(farm, *names):
    """What hosts do not agree upon."""
    found = []
    for path, query in pages(farm.hosts[0]):
        said = []
        for host in farm.hosts:
            a = host.ask(path, query)
            fields = [f for f in a.fields if f[0] != "Last-Modified" or "Last-Modified" in names]
            said.append((a.status, fields, hashlib.sha256(a.body).hexdigest()))
        if len({str(s) for s in said}) != 1:
            found.append(f"{path}?{query}: {[f for f in said[0][1] if f not in said[1][1]]}")
    return found


@test
def hosts_with_rsync_say_the_same(farm):
    found = differences(farm, "Last-Modified")
    assert not found, f"{len(found)}: {found[:5]}"


@test
def hosts_with_git_clone_agree_but_for_last_modified(farm):
    for host in farm.hosts:
        host.clone()
        time.sleep(1.1)  # so that files are not equally old
    farm.source.write()
    for host in farm.hosts:
        host.clone()
    assert farm.all_show(farm.source.version)
    found = differences(farm)
    assert not found, f"{len(found)}: {found[:5]}"
    farm.source.write()
    for host in farm.hosts:
        host.rsync()
    assert farm.all_show(farm.source.version)
    found = differences(farm, "Last-Modified")
    assert not found, f"{len(found)}: {found[:5]}"


@test
def one_is_killed(farm):
    with Load(slowest=5):
        time.sleep(1)
        farm.hosts[1].kill()
        time.sleep(3)
        farm.hosts[1].start_responder()
        time.sleep(1)


@test
def one_is_cut_off(farm):
    with Load():
        time.sleep(1)
        farm.hosts[2].cut_off()
        time.sleep(6)
        farm.hosts[2].reconnect()
        time.sleep(2)
    assert until(lambda: farm.hosts[2].ask(ARTICLE).status == 200, 20)


@test
def many_ask_at_once_before_the_cut_is_noticed(farm):
    """Each request's next try is another host, whatever the others' tries are."""
    time.sleep(4)  # everybody is well again, and known to be
    addresses = [f"/posts/olds?n%2B=burst-{n}" for n in range(90)]
    farm.hosts[0].cut_off()
    try:
        with concurrent.futures.ThreadPoolExecutor(len(addresses)) as pool:
            answers = list(pool.map(
                lambda a: rawhttp.request(VARNISH_PORT, "GET", a.encode(), []).status, addresses))
    finally:
        farm.hosts[0].reconnect()
    assert set(answers) == {200}, {s: answers.count(s) for s in answers}


@test
def one_is_behind(farm):
    """Readers come to old and new copies in turn, with conditions from both."""
    before = farm.source.version
    farm.source.write()
    with Load() as load:
        for host in farm.hosts[1:]:
            host.rsync()
        assert until(lambda: all(h.edition() == before + 1 for h in farm.hosts[1:]), IN_TIME)
        assert farm.hosts[0].edition() == before
        load.editions.clear()
        assert until(lambda: {before, before + 1} <= load.editions, IN_TIME), load.editions
        farm.hosts[0].rsync()
        assert farm.all_show(before + 1), [h.edition() for h in farm.hosts]


@test
def content_is_switched_under_load(farm):
    with Load():
        for _ in range(4):
            farm.source.write()
            for host in farm.hosts:
                host.rsync()
            assert farm.all_show(farm.source.version), [h.edition() for h in farm.hosts]


@test
def content_is_pulled_under_load(farm):
    """In the folder itself: git takes a file away before it writes the new one."""
    for host in farm.hosts:
        host.clone()
    with Load():
        for _ in range(12):
            farm.source.write()
            for host in farm.hosts:
                run("git", "-C", host.root / "content/", "pull", "-q", "--ff-only")
            time.sleep(0.2)
        assert farm.all_show(farm.source.version), [h.edition() for h in farm.hosts]


@test
def files_are_away_for_a_moment(farm):
    """As with a tool that takes a file away and writes the new one in pieces."""
    with Load():
        for _ in range(10):
            farm.source.write()
            for host in farm.hosts:
                for file in sorted((farm.source.folder / "posts").glob("*s.en.md")):
                    target = host.root / "content/posts" / file.name
                    text = file.read_bytes()
                    target.unlink()
                    time.sleep(0.005)
                    with open(target, "wb", buffering=0) as out:
                        out.write(text[:100])
                        time.sleep(0.02)
                        out.write(text[100:])
        assert farm.all_show(farm.source.version), [h.edition() for h in farm.hosts]


@test
def when_all_are_gone_varnish_serves_what_it_has(farm):
    def status(path):
        return rawhttp.request(VARNISH_PORT, "GET", path.encode(), []).status

    assert status(ARTICLE) == 200
    for host in farm.hosts:
        host.kill()
    time.sleep(2)  # past max_age
    assert status(ARTICLE) == 200
    assert status(ARTICLE + "?n%2B=never-seen") >= 500
    assert rawhttp.request(NGINX_PORT, "GET", ARTICLE.encode(), []).status in (502, 504)
    for host in farm.hosts:
        host.start_responder()
    assert until(lambda: status(ARTICLE + f"?n%2B={time.time()}") == 200, 30)
    assert until(lambda: rawhttp.request(NGINX_PORT, "GET", ARTICLE.encode(), []).status == 200, 30)


# --- the run ------------------------------------------------------------------------------

def need_namespaces():
    """Makes this process the host in front."""
    if os.geteuid():
        raise tap.Skip("namespaces need root")
    tap.need(" ".join(p for p in PROGRAMS if not transports.find_program(p)))
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        tap.lack(f"no network namespaces: {os.strerror(ctypes.get_errno())}")


def run_all(out, chosen):
    if not out.run("there can be hosts", need_namespaces):
        return
    farm = Farm()
    try:
        farm.start()
        out.run_all(chosen, farm)
    finally:
        problems = farm.stop()
    out.result("everything stops", problems)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:], run_all))
