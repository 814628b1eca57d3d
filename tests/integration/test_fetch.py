#!/usr/bin/env python3
"""Pages of another origin that fetch excerpts, and the included ones, in a real browser.

TAP on standard output.
    tests/integration/test_fetch.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.  Without Chromium, chromedriver or nginx
the tests are skipped; with TEST_SERVERS=1 in the environment that is a failure.
"""
import functools
import http.server
import pathlib
import shutil
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests/lib"), str(CHECKOUT / "tests/http")]

import expand         # noqa: E402  (found through the path above)
import tap            # noqa: E402
import transports     # noqa: E402
import webdriver      # noqa: E402
from landing import LOGGED, Nginx, fill, merged  # noqa: E402

VARIANTS = {
    "index": (),
    "arabic": (('data-lang="it"', 'data-lang="ar"'), ('data-lang="en"', 'data-lang="it"')),
    "english": (('data-lang="it"', 'data-lang="en"'),),
    "fallback": (('data-lang="en"', 'data-lang="ar"'),),
    "missing": (('data-post="writing-posts"', 'data-post="nowhere"'),
                ('data-fragment="one-post-many-languages"', 'data-fragment="nowhere"')),
    "slash": (('data-post="writing-posts"', 'data-post="writing-posts/"'),
              ('data-fragment="one-post-many-languages"',
               'data-fragment="one-post-many-languages/"')),
}


class Pages(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Site:
    """The blog behind nginx on one port, the pages on another, a browser in front."""

    def __init__(self, folder):
        self.folder = folder
        edits = merged(Nginx.edits, {
            "cartolina.yaml": (("[en, it]", "[en, it, ar]"),
                               ("127.0.0.1:8080", "127.0.0.1:{port}"))})
        self.site = transports.Site("blog", folder / "site", tap.BINARY, edits)
        fill(self.site.content)
        self.server = Nginx("server", self.site)
        self.browser = webdriver.Browser()

    def start(self):
        self.server.start()
        self.blog = f"http://127.0.0.1:{self.server.values['port']}"
        pages = self.folder / "pages"
        pages.mkdir()
        source = (expand.CONF / "examples/landing-fetch.html").read_text(encoding="utf-8")
        for name, edits in VARIANTS.items():
            text = source.replace("https://example.org", self.blog)
            for old, new in edits:
                assert old in text, old
                text = text.replace(old, new)
            (pages / f"{name}.html").write_text(text, encoding="utf-8")
        (pages / "favicon.ico").write_bytes(b"")
        handler = functools.partial(Pages, directory=pages)
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.browser.start()

    def stop(self):
        problems = self.browser.stop()
        self.http.shutdown()
        self.http.server_close()
        problems += self.server.stop()
        return problems + self.server.log_problems(LOGGED)

    def show(self, name):
        """Both sections of a page, when nothing is under way any more."""
        self.browser.complaints()
        self.browser.get(f"{self.origin}/{name}.html")
        return self.sections(settled=True)

    def sections(self, settled=False):
        for _ in range(600):
            busy = settled and self.browser.execute(
                "return performance.getEntriesByType('resource').filter("
                "e => e.initiatorType == 'fetch' && e.responseEnd).length < 2")
            if not busy:
                break
            time.sleep(0.05)
        if settled:  # the page has shown what it was sent
            self.browser.execute("""
                return (async () => {
                    for (let last, now; (now = document.body.innerHTML) != last; last = now)
                        await new Promise(done => setTimeout(done, 150));
                })()""")
        return self.browser.execute("""
            return Array.from(document.querySelectorAll("section"), s => {
                const p = s.querySelector("p"), style = getComputedStyle(p);
                return {lang: p.closest("[lang]").lang, text: s.innerText.trim(),
                        html: s.innerHTML, direction: style.direction};
            })""")

    def fetch(self, path, options=None):
        """[status, JSON or text, {field: value} of what a page may see], or ["error", message]."""
        return self.browser.execute("""
            return fetch(arguments[0], arguments[1] || {}).then(async r => {
                const text = await r.text();
                let body = text;
                try { body = JSON.parse(text); } catch (e) {}
                return [r.status, body, Object.fromEntries(r.headers)];
            }, e => ["error", e.message])""", self.blog + path, options)


@tap.test
def the_sample_as_it_is(site):
    italian, english = site.show("index")
    assert italian["text"] == "Si scrive semplicemente: «così» & basta.", italian
    assert italian["lang"] == "it" and italian["direction"] == "ltr", italian
    assert english["text"] == "One post, many languages." and english["lang"] == "en", english
    assert site.browser.complaints() == []


@tap.test
def arabic_in_an_english_page(site):
    arabic, italian = site.show("arabic")
    assert arabic["text"] == "اكتب ببساطة، فالقارئ مشغول.", arabic
    assert arabic["lang"] == "ar" and arabic["direction"] == "rtl", arabic
    assert italian["lang"] == "it" and italian["direction"] == "ltr", italian


@tap.test
def a_fragment_in_another_language_says_so(site):
    english = site.show("fallback")[1]
    assert english["lang"] == "en" and english["direction"] == "ltr", english
    assert english["text"] == "One post, many languages.", english


@tap.test
def a_missing_post_leaves_what_stands_there(site):
    first, second = site.show("missing")
    assert first["text"] == "Scrivere un articolo" and "<a " in first["html"], first
    assert second["text"] == "One post, many languages" and "<a " in second["html"], second
    # The browser notes both 404; none of them is a complaint about the origin.
    assert not [c for c in site.browser.complaints() if "CORS" in c or "Uncaught" in c]


@tap.test
def a_redirect_is_followed(site):
    italian, english = site.show("slash")
    assert italian["text"].startswith("Si scrive"), italian
    assert english["text"] == "One post, many languages.", english
    # Links lead to the blog, not to where the page is.
    assert f'href="{site.blog}/blog/' in site.show("english")[0]["html"]


@tap.test
def errors_can_be_read(site):
    site.show("index")
    status, problem, fields = site.fetch("/blog/posts/nowhere?format=json&lang=it")
    assert status == 404 and problem["status"] == 404 and problem["title"], problem
    assert fields["content-language"] == "it", fields
    status, problem, _ = site.fetch("/blog/posts/writing-posts?format=json&view=sideways")
    assert status == 400 and "view" in problem["detail"], problem
    assert site.fetch("/blog/posts/nowhere?format=fragment")[0] == 404
    assert site.fetch("/blog/posts/writing-posts?format=json", {"method": "POST"})[0] == 405


@tap.test
def fields_can_be_read(site):
    site.show("index")
    for shape in ("json", "fragment"):
        status, _, fields = site.fetch(f"/blog/posts/writing-posts?lang=it&format={shape}")
        assert status == 200
        assert fields["content-language"] == "it" and '"' in fields["etag"], fields
        assert 'rel="canonical"' in fields["link"], fields
        assert fields["content-location"].endswith("/blog/posts/writing-posts?lang=it"), fields


@tap.test
def revalidation_works(site):
    site.show("index")
    address = "/blog/posts/writing-posts?lang=it&format=fragment"
    first = site.fetch(address)
    again = site.fetch(address, {"cache": "no-cache"})  # with If-None-Match: a 304, unseen here
    assert first[:2] == again[:2] and again[0] == 200, (first, again)


@tap.test
def whole_pages_are_for_readers_only(site):
    site.show("index")
    assert site.fetch("/blog/posts/writing-posts")[0] == "error"


@tap.test
def what_needs_a_preflight_is_refused(site):
    """GET needs none; Allow tells the rest."""
    site.show("index")
    asked = site.fetch("/blog/posts/writing-posts?format=json", {"headers": {"X-Custom": "1"}})
    assert asked[0] == "error", asked


@tap.test
def included_pages(site):
    for name, (first, second) in {
            "index": (("it", "ltr", "Si scrive"), ("en", "ltr", "One post")),
            "arabic": (("ar", "rtl", "اكتب"), ("en", "ltr", "One post")),
            "index?lang=ar": (("it", "ltr", "Si scrive"), ("en", "ltr", "One post"))}.items():
        page, _, query = name.partition("?")
        site.browser.get(f"{site.blog}/landing/{page}.html?{query}")
        for found, (lang, direction, text) in zip(site.sections(), (first, second), strict=True):
            assert found["lang"] == lang and found["direction"] == direction, (name, found)
            assert found["text"].startswith(text), (name, found)


def run(out, chosen):
    if not out.has("fetch", webdriver.missing() or Nginx.missing()):
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-fetch-"))
    folder.chmod(0o755)  # nginx's own account must get in
    try:
        site = Site(folder)
        site.start()
        try:
            out.run_all(chosen, site)
        finally:
            problems = site.stop()
        out.result("logs, and no process left", problems)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:], run))
