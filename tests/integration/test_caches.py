#!/usr/bin/env python3
"""Caches in front, as the samples of conf/ make them: nginx's own, and Varnish with what the indexer
tells it.  A cache must not change what readers get, and an edit must be seen.

    tests/integration/test_caches.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.  A server that is not installed is skipped;
with TEST_SERVERS=1 in the environment that is a failure.
"""
import contextlib
import http.server
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests/http"), str(CHECKOUT / "tests/lib")]

import expand      # noqa: E402  (found through the path above)
import fcgi_client  # noqa: E402
import process     # noqa: E402
import tap         # noqa: E402
import transports  # noqa: E402
from caches import Nginx, Varnish  # noqa: E402
from process import until  # noqa: E402
from tap import test  # noqa: E402
from tempsite import post, site as temporary  # noqa: E402

# A cache that is not told of an edit, or does not ask, has the old page for max_age, which is a minute:
# far longer than until() waits.
# What nginx says of an answer that it had: a second may have passed since.
KEPT = {"HIT", "STALE", "UPDATING", "EXPIRED", "REVALIDATED"}

WORDS = "of no great interest " * 30


def article(title, day, text=WORDS, **fields):
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"---\ntitle: {title}\ndate: 2024-01-{day:02}\n{lines}---\nBegins {title}.\n\n<!--more-->\n\n{text}\n"


POSTS = {f"posts/p{day}.md": article(f"P{day}", day) for day in range(1, 10)}
POSTS["posts/p5.md"] = article("P5", 5, aliases="[/old/address]", tags="[café]")
POSTS["posts/p5.it.md"] = article("Cinque", 5)
POSTS["posts/café.md"] = article("Coffee", 12)


class NginxTwice(Nginx):
    """Two processes, each with files of the cache open: what one replaced the other must see."""

    def prepare(self):
        super().prepare()
        frame = self.root / "nginx.conf"
        frame.write_text("pcre_jit on;\n" + frame.read_text().replace("worker_processes 1;", "worker_processes 2;"))


class VarnishBans(Varnish):
    """Without varnish-modules: with the command that cartolina-ban.vcl tells."""

    def prepare(self):
        super().prepare()
        bans = self.expand("varnish/cartolina-ban.vcl", "cartolina-ban.vcl")
        command = re.search(r"^#   (sed -i .*)$", bans.read_text(encoding="utf-8"), re.M)[1]
        for name in ("cartolina-ban.vcl", "default.vcl"):
            command = command.replace(f"/etc/varnish/{name}", str(self.root / name))
        subprocess.run(["sh", "-c", command], check=True, timeout=10)
        assert "xkey.purge" not in (self.root / "default.vcl").read_text(encoding="utf-8")

    @classmethod
    def missing(cls):
        return transports.Transport.missing.__func__(cls) or Nginx.missing()


class Themed:
    """With a theme of its own, empty at first.  Workers look at it by themselves too late for any test."""

    edits = (("# theme:", "theme:"), ("refresh: 2", "refresh: 300"))

    def prepare(self):
        super().prepare()
        (self.root / "theme/locale").mkdir(parents=True)


class ThemedVarnish(Themed, Varnish):
    edits = {**Varnish.edits, "cartolina.yaml": (*Varnish.edits["cartolina.yaml"], *Themed.edits)}


class ThemedVarnishBans(Themed, VarnishBans):
    edits = ThemedVarnish.edits


class ThemedNginx(Themed, Nginx):
    edits = {**Nginx.edits, "cartolina.yaml": (*Nginx.edits["cartolina.yaml"], Themed.edits[0])}


class BrokenHost(http.server.BaseHTTPRequestHandler):
    """It says that it is well, and nothing else goes right."""

    def do_GET(self):
        self.send_response(200 if self.path.endswith("/-/health") else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class VarnishHosts(Varnish):
    """cartolina-hosts.vcl with the server and a host that is broken, below /blog."""

    def launch(self):
        self.broken = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BrokenHost)
        threading.Thread(target=self.broken.serve_forever, daemon=True).start()
        ports = {"11": self.broken.server_port, "12": self.values["port"], "13": self.broken.server_port}
        (self.root / "default.vcl").rename(self.root / "cartolina.vcl")
        self.expand("varnish/cartolina-hosts.vcl", "default.vcl", [
            ("/etc/varnish/cartolina.vcl", "{root}/cartolina.vcl"), ('"/-/health"', '"/blog/-/health"'),
            *((f'"10.0.0.{n}";\n\t.port = "80"', f'"127.0.0.1";\n\t.port = "{port}"') for n, port in ports.items())])
        super().launch()

    def stop(self):
        self.broken.shutdown()
        self.broken.server_close()
        return super().stop()


# A cache that is not up yet, or a responder that was taken away.
LOGGED = [re.compile(r"cannot be told of changes|is told of changes again|cartolina\.sock")]


class Rig:
    """A server with a cache and a site of its own; a context manager."""

    def __init__(self, kind):
        tap.need(kind.missing())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-caches-"))
        self.folder.chmod(0o755)  # a server's own account must get in
        self.site = transports.Site("site", self.folder, tap.BINARY, kind.edits)
        for name, text in POSTS.items():
            self.write(name, text)
        self.kind = kind
        self.server = kind("server", self.site)

    def __enter__(self):
        try:
            self.server.start()
            # Its own index is no change that the cache should hear of.
            edits = {"cartolina.yaml": [e for e in self.kind.edits["cartolina.yaml"] if "purge" not in e[0]]}
            self.reference = transports.Get(
                "reference", transports.Site("site", self.folder, tap.BINARY, edits))
            self.reference.start()
        except Exception:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, kind, *rest):
        problems = self.server.stop() + self.server.log_problems(LOGGED)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert kind or not problems, problems

    def write(self, name, text):
        path = self.site.content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ".part").write_text(text, encoding="utf-8")
        path.with_name(path.name + ".part").chmod(0o644)
        path.with_name(path.name + ".part").rename(path)

    def remove(self, name):
        (self.site.content / name).unlink()

    def purges_are_over(self):
        """The second one comes a second after the first."""
        assert until(lambda: not senders(self.server.processes[0].pid))

    def right(self, target, **fields):
        """What the program itself answers."""
        return self.reference.ask("GET", self.server.mount.encode() + target,
                                  [(n.replace("_", "-"), v) for n, v in fields.items()], b"")


def strong(response):
    """The ETag, which is weak when the page is or was compressed."""
    return (response.get("ETag") or "").removeprefix("W/")


def same(got, expected, what):
    if expected.status == 301 and got.status == 301:
        # Parameters may have changed places.
        old, new = (r.get("Location").partition("?") for r in (expected, got))
        assert (old[0], sorted(old[2].split("&"))) == (new[0], sorted(new[2].split("&"))), (what, old, new)
        return
    assert (got.status, got.body) == (expected.status, expected.body), (what, got.status, expected.status, got.body[:300])
    assert strong(got) == strong(expected), (what, got.get("ETag"))
    for name in ("Content-Type", "Content-Language", "Content-Location", "Location", "Last-Modified", "Link", "Cache-Tag"):
        assert got.get(name) == expected.get(name), (what, name, got.get(name), expected.get(name))


def senders(session):
    """The processes that tell caches: nobody's children."""
    members = {pid: None for pid, _ in process.session_members(session)}
    for pid in members:
        try:
            stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
            members[pid] = int(stat.rpartition(")")[2].split()[1])
        except OSError:
            pass
    return [pid for pid, parent in members.items() if pid != session and parent and parent not in members]


# What one cache must not take for another; some are one page, some are errors.
CONFUSING = [
    b"/posts/p5", b"/posts/p5?lang=it", b"/posts/p5?lang=IT", b"/posts/p5?lang=en", b"/posts/p5?lang=en&lang=it",
    b"/posts/p5?lang=it&lang=it", b"/posts/p5?lang=it&lang=en", b"/posts/p5?LANG=it", b"/posts/p5?l%61ng=it",
    b"/posts/p5?lang=%69t", b"/posts/p5?lang=", b"/posts/p5?lang", b"/posts/p5?view", b"/posts/p5?view=",
    b"/posts/p5?view=excerpt", b"/posts/p5?View=excerpt", b"/posts/p5?xview=excerpt", b"/posts/p5?viewx=excerpt",
    b"/posts/p5?v%69ew=rest&view=excerpt", b"/posts/p5?view=rest", b"/posts/p5?view=excerpt&view=rest",
    b"/posts/p5?utm_source=view=rest", b"/posts/p5?utm_source=a%26view=rest", b"/posts/p5?utm=1&view=rest&utm=2",
    b"/posts/p5?&&lang=it&&", b"/posts/p5?=&lang=it", b"/posts/p5?lang=it;view=rest", b"/posts/p5?lang=it+",
    b"/posts/p5?+lang=it", b"/posts/p5?lang+=it", b"/posts/p5?lang=xx", b"/posts/p5?lang=xx&fallback=no",
    b"/posts/p5?lang=i%00t", b"/posts/p5?lang=%", b"/posts/p5?x=%", b"/posts/p5?format=json",
    b"/posts/p5?format=json&fields=title", b"/posts/p5?format=json&fields=title,url", b"/posts/p5?format=fragment",
    b"/posts/p5?format=fragment&base=absolute", b"/posts/p5?format=nonsense",
    b"/posts/p5?lang=it&view=excerpt", b"/posts/p5?lang=it&view=rest", b"/posts/p5?lang=it&view", b"/posts/p5?lang=it&",
    b"/posts/p5?view=excerpt&format=json", b"/posts/p5?lang=it&view=excerpt&format=json", b"/posts/p5?lang=itview=rest",
    b"/posts/p5?lang=it&VIEW=rest", b"/posts/p5?lang=it&view=rest%0A", b"/posts/p5?lang=it&view=rest&",
    b"/posts/p5%3Flang=it", b"/posts/p5%3F?lang=it", b"/posts/p5%20?lang=it", b"/posts/p5/?lang=it",
    b"/old/address", b"/old/address?lang=it", b"/old/address?lang=it&format=json", b"/nowhere?lang=it", b"/nowhere",
    b"/posts/?page=2", b"/posts/?lang=it&page=2", b"/posts/?view=full&page=2", b"/posts/?limit=2", b"/posts/?limit=2&page=2", b"/posts/?page=2&limit=2", b"/posts/?limit=02",
    b"/posts/?page=0", b"/posts/?q=p5", b"/posts/?q=P5", b"/posts/?q=caf%C3%A9", b"/posts/?q=caf%c3%a9",
    b"/posts/?q=a+b", b"/posts/?q=a%20b", b"/posts/?q=a%2Bb", b"/posts/?q=p5&q=p6", b"/posts/?tag=caf%C3%A9",
    b"/posts/caf%C3%A9", b"/posts/caf%c3%a9", b"/posts/caf\xc3\xa9", b"//posts//p5?lang=it",
    b"/-/excerpts?id=posts/p1&id=posts/p2", b"/-/excerpts?id=posts/p2&id=posts/p1", b"/-/excerpts?id=posts/p1",
    b"/-/excerpts?id=posts/p2", b"/-/excerpts?i%64=posts/p2&id=posts/p1", b"/-/excerpts?id=posts/p1&i%64=posts/p2",
    b"/-/excerpts", b"/feed.atom", b"/feed.atom?lang=it", b"/sitemap.xml", b"/robots.txt",
]


def unconfused(kind):
    with Rig(kind) as rig:
        expected = {target: rig.right(target) for target in CONFUSING}
        order = 3 * CONFUSING
        random.Random(7).shuffle(order)
        hits = 0
        for target in order:
            got = rig.server.get(target)
            hits += got.get("X-Cache") in KEPT
            if got.get("Server") and got.status == 400 and not got.get("Content-Language"):
                continue  # the server did not like it
            # Dropped parameters are not there for a redirect to keep.
            same(got, expected[target], target)
        assert hits > len(CONFUSING) / 2, f"only {hits} of {len(order)} from the cache"


@test
def nginx_does_not_take_one_request_for_another():
    unconfused(Nginx)


@test
def varnish_does_not_take_one_request_for_another():
    unconfused(Varnish)


def one_entry(kind):
    with Rig(kind) as rig:
        groups = [
            ("/posts/p5?lang=it&view=excerpt", "/posts/p5?view=excerpt&lang=it", "/posts/p5?lang=IT&view=excerpt",
             "/posts/p5?utm_source=x&lang=it&view=excerpt&utm_medium=y", "/posts/p5?&lang=it&&view=excerpt&"),
            ("/posts/p6", "/posts/p6?utm_source=x", "/posts/p6?", "/posts/p6?fbclid=a=b&x", "/posts/p6?langs=it"),
            # Those that need not be put together, and others that come out so.
            ("/posts/p7?lang=it", "/posts/p7?lang=IT", "/posts/p7?utm_source=x&lang=it", "/posts/p7?&lang=it"),
            ("/posts/p8?view=excerpt&format=fragment", "/posts/p8?format=fragment&view=excerpt",
             "/posts/p8?view=excerpt&&format=fragment&x"),
            ("/posts/?lang=it&page=1", "/posts/?page=1&lang=it&x=y"),
            ("/posts/?q=p5&limit=3", "/posts/?limit=3&gclid=1&q=p5"),
        ]
        for first, *others in groups:
            assert rig.server.verdict(first) == "MISS", first
            for other in others:
                assert rig.server.verdict(other) in KEPT, other


@test
def nginx_keeps_one_answer_for_all_ways_to_ask():
    one_entry(Nginx)


@test
def varnish_keeps_one_answer_for_all_ways_to_ask():
    one_entry(Varnish)


def head_and_conditions(kind):
    with Rig(kind) as rig:
        get = rig.server.get
        response = get("/posts/p1", "HEAD")
        assert response.status == 200 and not response.body
        page = get("/posts/p1")
        assert page.body and page.body == rig.right(b"/posts/p1").body
        head = get("/posts/p1", "HEAD")
        assert head.get("X-Cache") in KEPT and not head.body, head.fields
        assert strong(head) == strong(page), (head.get("ETag"), page.get("ETag"))
        for fields in ({"If_None_Match": page.get("ETag")}, {"If_None_Match": "W/" + strong(page)},
                       {"If_Modified_Since": page.get("Last-Modified")}):
            response = get("/posts/p1", **fields)
            assert response.status == 304 and not response.body, (fields, response.status)
            assert response.get("X-Cache") in KEPT, response.fields
        response = get("/posts/p1", If_None_Match='"other"')
        assert response.status == 200 and response.body == page.body
        # One that comes first must not decide what others get.
        response = get("/posts/p2", If_None_Match=rig.right(b"/posts/p2").get("ETag"))
        assert response.status == 304
        assert get("/posts/p2").body == rig.right(b"/posts/p2").body
        assert get("/posts/p3", "POST").status == 405
        assert get("/posts/p3").status == 200


@test
def nginx_answers_head_and_conditions_from_the_cache():
    head_and_conditions(Nginx)


@test
def varnish_answers_head_and_conditions_from_the_cache():
    head_and_conditions(Varnish)


@test
def nginx_keeps_what_browsers_ask_for_apart():
    with Rig(Nginx) as rig:
        for _ in range(2):
            for accepted in ("it", "en", "it;q=0.5,en", "fr"):
                response = rig.server.get("/posts/p5", Accept_Language=accepted)
                same(response, rig.right(b"/posts/p5", Accept_Language=accepted), accepted)
        assert rig.server.verdict("/posts/p5", Accept_Language="it") in KEPT


@test
def nginx_keeps_includes_apart_from_pages():
    """In a page an old address is answered in place, and an error is empty."""
    include = '<!--# include virtual="{}" wait="yes" -->|'
    targets = ("/old/address?format=fragment&view=excerpt", "/nowhere?format=fragment",
               "/posts/p1?format=fragment&view=excerpt", "/posts/p2?format=fragment&view=excerpt")
    with Rig(Nginx) as rig:
        (rig.server.root / "page.html").write_text("".join(include.format(t) for t in targets), encoding="utf-8")
        for _ in range(3):
            parts = rig.server.get("/page.html").body.split(b"|")
            assert [b"Begins P5" in parts[0], parts[1], b"Begins P1" in parts[2], b"Begins P2" in parts[3]] == \
                [True, b"", True, True], parts
            assert rig.server.get(targets[0]).status == 301
            missing = rig.server.get(targets[1])
            assert missing.status == 404 and missing.body
            assert b"Begins P1" in rig.server.get(targets[2]).body


@contextlib.contextmanager
def readers(read):
    """Meanwhile four of them read, again and again."""
    stop = threading.Event()

    def go_on():
        while not stop.is_set():
            read()

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@test
def nginx_shows_an_edit_under_load():
    with Rig(NginxTwice) as rig:
        failures = []

        def read():
            response = rig.server.get("/posts/p5?utm_source=" + str(random.random()))
            if response.status != 200 or b"Begins" not in response.body:
                failures.append((response.status, response.body[:200]))

        with readers(read):
            for version in range(3):
                rig.write("posts/p5.md", article(f"Version {version}", 5))
                text = f"Begins Version {version}".encode()
                assert until(lambda text=text: text in rig.server.get("/posts/p5").body)
                for _ in range(20):  # of either process
                    assert text in rig.server.get("/posts/p5").body
        assert not failures, failures[:3]
        # One that nobody looked at meanwhile, and one that was not there.
        assert rig.server.get("/posts/new").status == 404
        rig.write("posts/p6.md", article("Changed", 6))
        rig.write("posts/new.md", article("New", 13))
        assert until(lambda: b"Begins Changed" in rig.server.get("/posts/p6").body)
        assert until(lambda: rig.server.get("/posts/new").status == 200)


@test
def nginx_asks_again_by_the_etag_and_serves_what_it_has_meanwhile():
    with Rig(Nginx) as rig:
        assert rig.server.verdict("/posts/p1") == "MISS"
        time.sleep(1.2)
        assert rig.server.verdict("/posts/p1") in ("STALE", "UPDATING")
        assert until(lambda: rig.server.verdict("/posts/p1") == "HIT")
        for path in ("/-/health", "/-/metrics"):
            for _ in range(2):
                assert rig.server.verdict(path) == "BYPASS", path


@test
def nginx_without_the_responder():
    with Rig(Nginx) as rig:
        page = rig.server.get("/posts/p1?lang=en").body
        rig.server.take_responder_away()
        time.sleep(1.1)
        for _ in range(3):
            response = rig.server.get("/posts/p1?lang=en")
            assert (response.status, response.body) == (200, page), response.status
            assert response.get("X-Cache") in ("STALE", "UPDATING"), response.get("X-Cache")
        assert rig.server.get("/posts/p2").status in (502, 504)


def forgets_what_an_edit_touches(kind):
    with Rig(kind) as rig:
        server = rig.server
        pages = [f"/posts/p{day}" for day in range(1, 10)] + ["/posts/", "/posts/?limit=2", "/feed.atom", "/posts/p5?lang=it"]

        def fill():
            rig.purges_are_over()
            assert until(lambda: {server.verdict(page) for page in pages} == {"HIT"})

        def touched_by(change, shows, text):
            fill()
            change()
            assert until(lambda: text in server.get(shows).body)
            return {page for page in pages if page != shows and server.verdict(page) != "HIT"}

        # Below the divider: the page, and what shows the post (those beside it too).
        found = touched_by(lambda: rig.write("posts/p5.md", article("P5", 5, "Another text.", aliases="[/old/address]",
                                                                    tags="[café]")), "/posts/p5", b"Another text.")
        assert found == {"/posts/p4", "/posts/p6", "/posts/p5?lang=it", "/posts/", "/feed.atom"}, found
        found = touched_by(lambda: rig.write("posts/p2.md", article("Two", 2)), "/posts/?limit=100", b"Begins Two")
        assert found == {"/posts/p1", "/posts/p2", "/posts/p3", "/posts/", "/posts/?limit=2", "/feed.atom"}, found
        # A new one: lists, and those that it comes to stand between.
        found = touched_by(lambda: rig.write("posts/new.md", article("New", 7).replace("01-07", "01-07T12:00:00Z")),
                           "/posts/?limit=100", b"Begins New")
        # A tag is of all pages that show the post: those beside the ones beside it, too.
        assert found == {"/posts/p6", "/posts/p7", "/posts/p8", "/posts/p9", "/posts/", "/posts/?limit=2",
                         "/feed.atom"}, found
        assert b"/posts/new" in server.get("/posts/p7").body and b"/posts/new" in server.get("/posts/p8").body
        found = touched_by(lambda: rig.remove("posts/new.md"), "/posts/p7", b"posts/p8")
        assert found == {"/posts/p8", "/posts/", "/posts/?limit=2", "/feed.atom"}, found
        assert server.get("/posts/new").status == 404
        assert b"/posts/new" not in server.get("/posts/").body


@test
def varnish_forgets_what_an_edit_touches_and_nothing_else():
    forgets_what_an_edit_touches(Varnish)


@test
def varnish_with_bans_forgets_what_an_edit_touches_and_nothing_else():
    forgets_what_an_edit_touches(VarnishBans)


def replace(path, text):
    """At once, as an editor or a deployment should."""
    path.with_name(path.name + ".part").write_text(text, encoding="utf-8")
    path.with_name(path.name + ".part").rename(path)


def follows_the_theme(kind):
    with Rig(kind) as rig:
        get, theme = rig.server.get, rig.server.root / "theme"
        for number, (name, text) in enumerate([
                ("footer.mustache", "<footer>NEW {}</footer>"),
                ("footer.mustache", "<footer>NEW {} {{{{t.feed}}}}</footer>"),
                ("locale/en.yaml", "strings:\n  feed: NEW {}\n")]):
            for page in ("/posts/p1", "/posts/p2", "/posts/"):
                assert until(lambda page=page: rig.server.verdict(page) in KEPT)
            before, mark = get("/posts/p1"), f"NEW {number}"
            assert get("/posts/p1", If_None_Match=before.get("ETag")).status == 304
            replace(theme / name, text.format(number))
            assert until(lambda mark=mark: mark.encode() in get("/posts/p1").body, 10)
            after = get("/posts/p1", If_None_Match=before.get("ETag"))
            assert after.status == 200 and mark.encode() in after.body, after.status
            assert strong(after) != strong(before)
            assert get("/posts/p1", If_None_Match=after.get("ETag")).status == 304
            for page in ("/posts/p2", "/posts/", "/nowhere"):
                assert until(lambda page=page, mark=mark: mark.encode() in get(page).body, 10)


@test
def varnish_shows_another_theme():
    follows_the_theme(ThemedVarnish)


@test
def varnish_with_bans_shows_another_theme():
    follows_the_theme(ThemedVarnishBans)


@test
def nginx_shows_another_theme():
    follows_the_theme(ThemedNginx)


@test
def varnish_shows_edits_under_load():
    with Rig(Varnish) as rig, readers(lambda: rig.server.get("/posts/p5")):
        for version in range(5):
            rig.write("posts/p5.md", article(f"Version {version}", 5))
            text = f"Begins Version {version}".encode()
            assert until(lambda text=text: text in rig.server.get("/posts/p5").body)
            # Not even the page that was under way: once the second purge is there, it is for good.
            rig.purges_are_over()
            assert until(lambda: rig.server.verdict("/posts/p5") == "HIT")
            assert text in rig.server.get("/posts/p5").body


@test
def varnish_forgets_for_the_hosts_of_the_site_only():
    with Rig(Varnish) as rig:
        assert rig.server.verdict("/posts/p1") == "MISS"
        for fields, status in (({"X_Forwarded_For": "192.0.2.1", "xkey_purge": "*"}, 403), ({}, 400)):
            response = rig.server.get("/posts/p1", "PURGE", **fields)
            assert response.status == status, (fields, response.status)
        assert rig.server.verdict("/posts/p1") == "HIT"
        assert rig.server.get("/posts/p1", "PURGE", xkey_purge="posts/p8 posts/p9").status == 200
        assert rig.server.verdict("/posts/p1") == "HIT"
        assert rig.server.get("/posts/p1", "PURGE", xkey_purge="*").status == 200
        assert rig.server.verdict("/posts/p1") == "MISS"
        response = rig.server.get("/posts/p1")
        assert not response.get("xkey") and not response.get("X-Cartolina-Grace"), response.fields


def shown_until(rig, seconds):
    """When the post that was in the cache will be over, or None when that was too soon."""
    ends = int(time.time()) + seconds
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
    rig.write("posts/short.md", article("Shortlived", 20, expiryDate=when))
    shown = False
    while not shown and time.time() < ends:
        shown = b"Begins Shortlived" in rig.server.get("/posts/").body and rig.server.verdict("/posts/") == "HIT"
    there = rig.server.get("/posts/short").status
    if time.time() >= ends:
        return None
    assert shown and there == 200, (shown, there)
    return ends


@test
def varnish_with_bans_takes_a_tag_for_nothing_but_itself():
    with Rig(VarnishBans) as rig:
        server, pages = rig.server, [f"/posts/p{n}" for n in (1, 5)] + ["/posts/"]

        def purge(tags, status=200, field="xkey_purge", **fields):
            for page in pages:
                assert until(lambda page=page: server.verdict(page) == "HIT")
            response = server.get("/posts/p1", "PURGE", **{field: tags}, **fields)
            assert response.status == status, (tags, response.status)
            return [page for page in pages if server.verdict(page) != "HIT"]

        p1, p5, posts = pages
        for tags in ("posts/p", "posts/p.", "posts/.*", "osts/p1", "posts/p1x", "p1", ".", "posts/p[15]", "(", "[", "|",
                     "a|posts/p1", "posts/p1)|(", "\\", "posts/p1\\", "x && obj.status == 200", '"', "*x", "posts/p1,x"):
            assert purge(tags) == [], tags
        assert purge("posts/p1") == [p1, posts]
        assert purge("posts/p9 posts/p1 x.y") == [p1, posts]
        assert purge("  posts/p5  ") == [p5, posts]
        assert purge("posts/p5", field="xkey_softpurge") == [p5, posts]
        assert purge("list") == [posts]
        assert purge("*") == pages and purge("x *") == pages
        assert purge("*", 403, X_Forwarded_For="192.0.2.1") == []
        assert purge("", 400) == [] and purge("x", 400, "x") == []


@test
def varnish_lets_nothing_stay_past_its_time():
    with Rig(Varnish) as rig:
        # On a busy machine it may take longer than that to look at the time before.
        ends = next(filter(None, (shown_until(rig, seconds) for seconds in (4, 12, 40))))
        time.sleep(max(0, ends + 1.1 - time.time()))
        assert rig.server.get("/posts/short").status == 404
        assert b"Shortlived" not in rig.server.get("/posts/").body
        # What was not there is soon: no error stays.
        rig.write("posts/short.md", article("Back again", 20))
        assert until(lambda: rig.server.get("/posts/short").status == 200)


@test
def varnish_without_the_responder():
    with Rig(Varnish) as rig:
        page = rig.server.get("/posts/p1").body
        assert rig.server.verdict("/posts/p1") == "HIT"
        rig.server.take_responder_away()
        assert rig.server.get("/", "PURGE", xkey_softpurge="*").status == 200
        for _ in range(4):
            response = rig.server.get("/posts/p1")
            assert (response.status, response.body, response.get("X-Cache")) == (200, page, "STALE"), response.status
            time.sleep(0.1)
        assert rig.server.get("/posts/p2").status in (502, 503)


@test
def varnish_asks_the_next_host_when_one_fails():
    with Rig(VarnishHosts) as rig:
        for target in CONFUSING[:8] + [b"/nowhere"]:
            for _ in range(3):
                got, expected = rig.server.get(target), rig.right(target)
                assert (got.status, got.body) == (expected.status, expected.body), (target, got.status)
        assert rig.server.verdict("/posts/p5") == "HIT"


# --- what the indexer sends ----------------------------------------------------------------------


class FakeCache:
    """Takes down what it is sent; with an answer of None it never says anything."""

    def __init__(self, answer=b"HTTP/1.1 200 Purged\r\nConnection: close\r\n\r\n"):
        self.answer = answer
        self.requests = []
        self.open = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            text = b""
            while b"\r\n\r\n" not in text and (block := connection.recv(65536)):
                text += block
            self.requests.append(text.decode("ascii"))
            self.open.append(connection)
            if self.answer is not None:
                connection.sendall(self.answer)
                connection.close()

    def tags(self, kind="xkey-purge"):
        """Of each request of the kind: a set of tags."""
        return [set(line.partition(": ")[2].split()) for r in self.requests for line in r.split("\r\n")
                if line.startswith(kind + ": ")]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def index(rig):
    """How long it took, and what it has said so far."""
    begun = time.monotonic()
    log = rig.folder / "log"
    with open(log, "ab") as out:
        subprocess.run([tap.BINARY, "index"], cwd=rig.folder, stdout=subprocess.DEVNULL, stderr=out, check=True, timeout=60)
    return time.monotonic() - begun, log


@test
def the_indexer_names_what_changed():
    cache = FakeCache()
    with temporary({"posts/a.md": post("one"), "posts/b ü,x.md": post("two")}, f"purge: http://127.0.0.1:{cache.port}/p\n") as s:
        index(s)
        assert until(lambda: cache.tags("xkey-softpurge"))
        assert cache.tags() == [{"*"}], cache.requests
        assert cache.requests[0].startswith(f"PURGE /p HTTP/1.1\r\nHost: 127.0.0.1:{cache.port}\r\n"), cache.requests[0]
        cache.requests.clear()
        s.write("posts/b ü,x.md", post("three"))
        index(s)
        assert until(lambda: cache.tags("xkey-softpurge"))
        assert cache.tags()[0] >= {"posts/b%20%C3%BC%2Cx", "list"}, cache.requests
        cache.requests.clear()
        index(s)
        assert until(lambda: not process.mentioning(str(s.folder)))
        assert not [t for t in cache.tags() if t], cache.requests
        for i in range(150):
            s.write(f"posts/{'long' * 20}-{i}.md", post("text"))
        index(s)
        assert until(lambda: len(cache.tags("xkey-softpurge")) > 2 or {"*"} in cache.tags("xkey-softpurge"))
        assert all(len(r) < 8000 for r in cache.requests)
        named = set().union(*cache.tags())
        assert len(named) > 150 and "list" in named, len(named)
    cache.close()


@test
def what_a_killed_indexer_did_not_tell_the_next_one_does():
    """Between the commit and the request it is killed: the new index has nothing left to notice."""
    cache = FakeCache()
    with temporary({"posts/a.md": post("one")}, f"purge: http://127.0.0.1:{cache.port}/\n") as s:
        index(s)
        assert until(lambda: not process.mentioning(str(s.folder)))
        cache.requests.clear()
        owed = s.folder / "index.db.untold"
        assert not owed.exists()
        # A reader holds the commit up for as long as it takes to look.
        with contextlib.closing(sqlite3.connect(s.folder / "index.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchall()
            s.write("posts/a.md", post("two"))
            with subprocess.Popen([tap.BINARY, "index"], cwd=s.folder, stdout=subprocess.DEVNULL) as indexer:
                written = until(lambda: owed.exists() and "posts/a" in owed.read_text().split(), 4)
                indexer.kill()
        assert written and not cache.tags(), cache.requests
        owed.write_text(owed.read_text() + " posts/of-long-ago")
        index(s)
        assert until(lambda: cache.tags("xkey-softpurge"))
        assert cache.tags()[0] >= {"posts/a", "posts/of-long-ago"}, cache.requests
        assert not owed.exists()
        # Also when there is nothing else to be done.
        owed.write_text("posts/of-long-ago")
        cache.requests.clear()
        index(s)
        assert until(lambda: cache.tags("xkey-softpurge"))
        assert {"posts/of-long-ago"} in cache.tags() and not owed.exists(), cache.requests
        cache.requests.clear()
        index(s)
        assert until(lambda: not process.mentioning(str(s.folder)))
        assert not [t for t in cache.tags() if t], cache.requests
    cache.close()


@test
def a_cache_that_is_away_is_told_of_once_and_holds_nothing_up():
    cache = FakeCache()
    cache.close()
    with temporary({"a.md": post("one")}, f"purge: [http://127.0.0.1:{cache.port}]\n") as s:
        said = []
        for i in range(3):
            s.write("a.md", post(f"version {i}"))
            _, log = index(s)
            assert until(lambda: not process.mentioning(str(s.folder)))
            said.append(log.read_text().count("cannot be told"))
        assert said == [1, 1, 1], said


def index_once_more(site, number):
    site.write("a.md", post(f"edition {number}"))
    return index(site)[0]


def ask_once_more(site, number):
    """By a CGI process: who reads its output waits for its end."""
    site.write("a.md", post(f"asked for {number}"))
    begun = time.monotonic()
    status, _, body = site.get("/a")
    assert status == 200 and f"asked for {number}" in body
    return time.monotonic() - begun


@test
def a_cache_that_says_nothing_holds_nothing_up():
    silent, wrong = FakeCache(None), FakeCache(b"HTTP/1.1 405 Not Allowed\r\n\r\n")
    urls = f"purge: [http://127.0.0.1:{silent.port}, http://127.0.0.1:{wrong.port}]\n"
    with temporary({"a.md": post("one")}, urls) as s:
        # Who waits for the cache waits for a second, each time; a busy machine makes some slow.
        assert min(index_once_more(s, i) for i in range(5)) < 0.8
        assert min(ask_once_more(s, i) for i in range(5)) < 0.8
        assert until(lambda: silent.tags() and wrong.tags())
    silent.close()
    wrong.close()


@test
def a_reload_takes_everything_out():
    cache = FakeCache()
    with temporary({"a.md": post("one")}, f"purge: http://127.0.0.1:{cache.port}\n") as s:
        server = process.Process([tap.BINARY, "fastcgi", "--listen", f"unix:{s.folder}/s.sock", "--workers", "1"],
                                 s.folder / "log", cwd=s.folder)
        try:
            server.wait_for(s.folder / "s.sock")
            assert until(lambda: cache.tags("xkey-softpurge"))
            cache.requests.clear()
            (s.folder / "cartolina.yaml").write_text("title: Another\n" + (s.folder / "cartolina.yaml").read_text())
            server.child.send_signal(signal.SIGHUP)
            assert until(lambda: {"*"} in cache.tags())
            assert until(lambda: {"*"} in cache.tags("xkey-softpurge"))
        finally:
            problems = server.stop()
        assert not problems, problems
    cache.close()


THEME = {"footer.mustache": "one", "head.mustache": "<title>one</title>"}
BROKEN = "{{#never}} closed"


def themed_site(cache):
    s = temporary({"a.md": post("one")}, f"purge: http://127.0.0.1:{cache.port}/\ntheme: theme\n")
    (s.folder / "theme").mkdir()
    for name, text in THEME.items():
        (s.folder / "theme" / name).write_text(text)
    return s


def follower_of(s):
    server = process.Process([tap.BINARY, "fastcgi", "--listen", f"unix:{s.folder}/s.sock", "--workers", "1"],
                             s.folder / "log", cwd=s.folder)
    server.wait_for(s.folder / "s.sock")
    return server


@test
def another_theme_takes_everything_out():
    cache = FakeCache()
    with themed_site(cache) as s:
        footer, server = s.folder / "theme/footer.mustache", None
        try:
            server = follower_of(s)
            assert until(lambda: cache.tags("xkey-softpurge"))
            for text in ("two", BROKEN, "three"):
                cache.requests.clear()
                replace(footer, text)
                if text == BROKEN:  # nobody gets to see it
                    time.sleep(1)
                    assert not [t for t in cache.tags() if t], cache.requests
                    continue
                assert until(lambda: {"*"} in cache.tags(), 10)
                assert until(lambda: {"*"} in cache.tags("xkey-softpurge"))
            # A worker has served the last one by now; nothing, and then something changes meanwhile.
            fcgi_client.request(s.folder / "s.sock", fcgi_client.get("/a"), 10)
            for text in ("three", "four"):
                assert not server.stop()
                cache.requests.clear()
                if text != footer.read_text():
                    replace(footer, text)
                server = follower_of(s)
                told = until(lambda: {"*"} in cache.tags(), 10 if text == "four" else 1)
                assert told == (text == "four"), cache.requests
        finally:
            problems = server.stop() if server else []
        assert not problems, problems
    cache.close()


@test
def another_theme_takes_everything_out_as_cgi():
    cache = FakeCache()
    with themed_site(cache) as s:
        s.get("/a")
        assert until(lambda: cache.tags("xkey-softpurge"))
        for text in ("two", "two", BROKEN, "three"):
            cache.requests.clear()
            if (s.folder / "theme/footer.mustache").read_text() == text:
                expected = []
            else:
                replace(s.folder / "theme/footer.mustache", text)
                expected = [] if text == BROKEN else [{"*"}]
            s.get("/a")
            assert until(lambda expected=expected: cache.tags() == expected)
            time.sleep(0.2)
            assert cache.tags() == expected, cache.requests
    cache.close()


@test
def readme_and_samples_agree():
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    for name in ("nginx/cartolina-cache-zone.conf", "nginx/cartolina-cache.conf", "varnish/cartolina.vcl",
                 "varnish/cartolina-ban.vcl"):
        assert f"conf/{name}" in readme, name
    request = (CHECKOUT / "fcgi/request.c").read_text(encoding="utf-8")
    table = request[request.index("PARAMETERS[] = {"):].split("};")[0]
    known = [line.split('"')[1] for line in table.splitlines() if line.strip().startswith('{"')]
    assert len(known) > 10, known
    for name in ("nginx/cartolina-cache-zone.conf", "varnish/cartolina.vcl"):
        text = (expand.CONF / name).read_text(encoding="utf-8")
        lists = [set(part.split(")")[0].split("|")) for part in text.split("(") if part.startswith(("lang|", "?:lang|", "?i:lang|", "?-i:lang|"))]
        lists = [{n.rpartition(":")[2] for n in found} for found in lists]
        assert lists and all(found == set(known) for found in lists), (name, lists)
    zone = (expand.CONF / "nginx/cartolina-cache-zone.conf").read_text(encoding="utf-8")
    assert all(f"map $arg_{name} $cartolina_{name} " in zone and f"$cartolina_{name}" in zone.split("default \"")[1].split('"')[0]
               for name in known)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
