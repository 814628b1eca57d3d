#!/usr/bin/env python3
"""Excerpts in somebody else's page, as the samples of conf/ put them there: nginx's and Apache's
server-side includes, Varnish's ESI.

TAP on standard output.
    tests/integration/test_includes.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.  A server that is not installed is skipped;
with TEST_SERVERS=1 in the environment that is a failure.
"""
import gzip
import html.parser
import pathlib
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "http"), str(TESTS / "lib")]

import expand      # noqa: E402  (found through the path above)
import tap         # noqa: E402
import transports  # noqa: E402
from landing import LOGGED, SENTENCE, SERVERS, fill, merged  # noqa: E402
from tap import BINARY, CHECKOUT, test  # noqa: E402

# --- what a page must be ------------------------------------------------------------------

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Outline(html.parser.HTMLParser):
    """Complains about a page whose tags do not match."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.tags = []
        self.problems = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> ends nothing")

    def handle_decl(self, decl):
        self.tags.append("!" + decl)


def whole(response):
    """The page's bytes, when it is one page with nothing left undone."""
    body = response.body
    if response.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    assert response.status == 200, response.status
    outline = Outline()
    outline.feed(body.decode("utf-8"))
    outline.close()
    assert not outline.problems and not outline.open, (outline.problems, outline.open, body)
    for tag in ("!DOCTYPE html", "html", "head", "body", "h1"):
        assert outline.tags.count(tag) == 1, (tag, body)
    assert outline.tags.count("section") == 2 and body.endswith(b"</html>\n"), body
    assert not re.search(rb"<!--\s*#|<esi:|an error occurred", body), body
    return body


def sections(response):
    """[(start tag, content)]"""
    found = re.findall(rb"(<section[^>]*>)\n(.*?)\n?</section>", whole(response), re.S)
    assert len(found) == 2, found
    return found


# --- the tests: (server, get) -> nothing, or AssertionError ---------------------------------

EXCERPT = "&view=excerpt&format=fragment"


@test
def the_sample_as_it_is(server, get):
    (first, italian), (second, english) = sections(server.landing())
    assert first == b'<section lang="it" dir="ltr">', first
    assert second.startswith(b'<section lang="en"'), second
    assert italian == get("/posts/writing-posts?lang=it" + EXCERPT), italian
    assert english == get("/posts/one-post-many-languages?lang=en" + EXCERPT), english
    assert "«così»".encode() in italian and b"lungo" not in italian


@test
def conditions_and_ranges_are_the_pages_own(server, get):
    """They leave no hole where the fragment is."""
    expected = [content for _, content in sections(server.landing())]
    tag = get("/posts/writing-posts?lang=it" + EXCERPT, "ETag")
    for fields in ({"If_None_Match": tag}, {"If_None_Match": "*"}, {"If_Match": '"other"'},
                   {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
                   {"If_Unmodified_Since": "Sat, 01 Jan 2000 00:00:00 GMT"}):
        response = server.landing(**fields)
        # A server may hold the page itself against the condition, but not for a part of it.
        if response.status not in (304, 412):
            assert [c for _, c in sections(response)] == expected, fields
        else:
            assert fields.keys() & {"If_Match", "If_Unmodified_Since"} or \
                fields.get("If_None_Match") == "*", (response.status, fields)
    part = server.landing(Range="bytes=0-40")
    page = server.landing().body
    assert part.body in (page, page[:41]), part.body


@test
def validators_of_the_page_do_not_hide_new_excerpts(server, get):
    """The page's file does not change when an excerpt does."""
    del get
    response = server.landing()
    assert response.get("Last-Modified") is None and response.get("ETag") is None, response.fields


@test
def head(server, get):
    del get
    response = server.landing(method="HEAD")
    assert response.status == 200 and not response.body, response.body
    assert "text/html" in response.get("Content-Type")


@test
def an_alias_and_the_other_slash_are_answered_in_place(server, get):
    italian = get("/posts/writing-posts?lang=it" + EXCERPT)
    for name in ("alias", "slash"):
        assert sections(server.landing(name))[0][1] == italian, name


@test
def a_missing_post(server, get):
    (_, missing), (_, there) = sections(server.landing("missing"))
    assert missing == server.for_missing, missing
    for name in 20 * ("second", "empty"):  # which include is done first is a matter of luck
        content = sections(server.landing(name))[1][1]
        assert content == server.for_missing, (name, content)
    assert there == get("/posts/one-post-many-languages?lang=en" + EXCERPT)


@test
def a_wrong_parameter(server, get):
    (_, wrong), (_, there) = sections(server.landing("wrong"))
    assert wrong == server.for_missing, wrong
    assert there == get("/posts/one-post-many-languages?lang=en" + EXCERPT)


@test
def the_pages_query_is_its_own(server, get):
    query = b"?view=rest&format=json&fallback=no&lang="
    (_, content), _ = sections(server.landing("short", query))
    assert content == get("/posts/writing-posts?format=fragment"), content


@test
def compressed(server, get):
    response = server.landing(Accept_Encoding="gzip")
    assert response.get("Content-Encoding") == "gzip", response.fields
    assert sections(response)[0][1] == get("/posts/writing-posts?lang=it" + EXCERPT)


@test
def arabic_in_an_english_page(server, get):
    (start, content), _ = sections(server.landing("arabic"))
    assert start == b'<section lang="ar" dir="rtl">'
    assert content == get("/posts/writing-posts?lang=ar" + EXCERPT)
    assert "ببساطة".encode() in content and b"<div" not in content


@test
def the_language_of_the_page(server, get):
    if not server.own_language:
        return
    many = "/posts/one-post-many-languages?lang="
    start, content = sections(server.landing(query=b"?lang=it"))[1]
    assert start == b'<section lang="it" dir="ltr">', start
    assert content == get(many + "it" + EXCERPT), content
    # There is no Arabic one: the fragment says in which language it is.
    start, content = sections(server.landing(query=b"?x=1&lang=ar"))[1]
    assert start == b'<section lang="ar" dir="rtl">' and content == get(many + "ar" + EXCERPT)
    assert content.startswith(b'<div lang="en" dir="ltr">\n'), content


@test
def a_hostile_query(server, get):
    """What is no language tag reaches neither the page nor the excerpt."""
    english = get("/posts/one-post-many-languages?lang=en" + EXCERPT)
    for query in (b"?lang=it%26view=full", b"?lang=%22%3E%3Cscript%3E", b'?lang="><script>',
                  b"?lang=", b"?lang=$lang", b"?lang=<!--%23echo"):
        content = sections(server.landing(query=query))[1]
        assert b"script" not in b"".join(content), query
        assert content[1] == english, (query, content)


@test
def without_the_responder(server, get):
    """The last test: it is taken away."""
    del get
    problems = server.take_responder_away()
    assert not problems, problems
    for _, content in sections(server.landing("fresh")):
        assert content == SENTENCE, content


# --- running them ----------------------------------------------------------------------------

def run_server(out, label, kind, chosen, folder):
    edits = merged(kind.edits, {"cartolina.yaml": (("[en, it]", "[en, it, ar]"),)})
    site = transports.Site("blog", folder / label, BINARY, edits)
    fill(site.content)
    reference = transports.Get("reference", site)
    reference.start()

    def get(target, field=None):
        response = reference.ask("GET", "/blog" + target, [], b"")
        assert response.status == 200, (target, response.status)
        return response.get(field) if field else response.body

    server = kind("server", site)
    server.start()
    try:
        out.run_all(chosen, server, get, label=f"{label}: ")
    finally:
        problems = server.stop()
    problems += server.log_problems(LOGGED)
    out.result(f"{label}: logs, and no process left", problems)


def readme_says_what_the_samples_do():
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| [^|`]+ \| `(.*?/blog/posts/x\?.*?)` \|", readme, re.M)
    assert len(lines) == 4, lines
    samples = [p.read_text(encoding="utf-8") for p in (expand.CONF / "examples").iterdir()]
    samples += [text.replace("`", '"').replace("${post}", "writing-posts").replace("${lang}", "it")
                for text in samples]
    for line in lines:
        assert any(line.replace("posts/x?", "posts/writing-posts?") in s for s in samples), line


def run(out, chosen):
    if len(chosen) == len(tap.tests):
        out.run("README says what the samples do", readme_says_what_the_samples_do)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-includes-"))
    folder.chmod(0o755)  # a server's own account must get in
    try:
        for label, kind in SERVERS.items():
            if out.has(label, kind.missing()):
                run_server(out, label, kind, chosen, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:], run))
