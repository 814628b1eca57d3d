#!/usr/bin/env python3
"""Feeds, sitemap, robots.txt and oEmbed as programs get them: by real parsers, and by the rules
of their formats (tests/lib/feedrules.py).

TAP on standard output.
    tests/integration/test_feeds.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import html
import json
import pathlib
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests/lib"))

import tap  # noqa: E402  (found through the path above)
from tap import equal, test  # noqa: E402
import feedrules  # noqa: E402
import tempsite  # noqa: E402
from feedrules import ATOM, DC, LANG, SITEMAP  # noqa: E402

BASE = "https://example.org/blog"
LANGUAGES = ("en", "it", "ar")
RULES = {"atom": feedrules.atom, "rss": feedrules.rss, "json": feedrules.json_feed}
TYPES = {"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8",
         "json": "application/feed+json"}

# As YAML writes them in double quotes; it takes no control characters, the body does.
TITLES = [
    r"Fish & chips <b>now</b>", r"a ]]> b", r"\"quoted\" and 'single'", r"</title></entry>", r"&amp; &#1; &lt;",
    r"%00 %3Cb%3E \\u0007 {{title}}", "x" * 300, "\U0001f4ee \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd", "\u65e5\u672c\u8a9e\u306e\u8868\u984c", 
    r"rtl \u202E mark",
]
BODY = """\
See [another](other), [below](#part), [the root](/posts/x?a=1&b=2) and ![a picture](pic.png).[^1]

<!--more-->

## Part

<img src="a.png" srcset="a.png 1x, b.png 2x"> control \x01 character & ]]> end

[^1]: A note.
"""

class Answer:
    def __init__(self, out):
        head, self.body = re.split(b"\r?\n\r?\n", out, maxsplit=1)
        lines = head.decode().splitlines()
        self.status = int(lines[0].split()[1])
        self.fields = {name.lower(): value.strip() for name, _, value in (l.partition(":") for l in lines[1:])}


class Site(tempsite.Site):
    """Three languages, at an address of its own."""

    def __init__(self, base_url=BASE, more=""):
        super().__init__()
        self.mount = urllib.parse.urlsplit(base_url).path
        self.configure(f"base_url: {base_url}\n" + more)

    def configure(self, more):
        self.config.write_text(
            "title: {en: 'All & Sundry', it: Tutto, ar: كل}\nlanguages: [en, it, ar]\nindex: index.db\n"
            "refresh: 0\n" + more)

    def write(self, path, body="Text.", **fields):
        return super().write(path, tempsite.source(body, **fields))

    def get(self, address, *more, status=200):
        """`address`: below the mount, or whole."""
        if address.startswith("http"):
            parts = urllib.parse.urlsplit(address)
            address = parts.path + ("?" + parts.query if parts.query else "")
        else:
            address = self.mount + address
        done = self.call("get", address, *more)
        errors = done.stderr.decode()
        assert done.stdout, f"{address}: nothing; {errors}"
        answer = Answer(done.stdout)
        equal((address, answer.status), (address, status))
        return answer


def fine(problems, where):
    assert not problems, f"{where}:\n" + "\n".join(problems)


def hostile(site):
    """Titles of all kinds, in turn dated, undated, translated, with and without excerpt."""
    for number, title in enumerate(TITLES):
        fields = {"title": f'"{title}"', "tags": f'["{title}", two]', "author": f'"{title}"'}
        if number % 3:
            fields["date"] = f"2020-04-{number + 10}T10:00:00+02:00"
        if number % 2:
            fields["useexcerpt"] = "true" if number % 4 == 1 else "false"
        language = LANGUAGES[number % 3]
        site.write(f"posts/p{number}.{language}.md", BODY, **fields)
        if number % 4 == 0:
            site.write(f"posts/p{number}.{LANGUAGES[(number + 1) % 3]}.md", BODY, **fields)
    site.write("posts/draft.en.md", title="Secret draft", draft="true")
    site.write("posts/later.en.md", title="Secret future", date="2999-01-01")
    site.write("posts/gone.en.md", title="Secret past", expiryDate="2001-01-01")
    site.write("essays/hidden.en.md", title="Not for robots", date="2019-01-01", robots="noindex, nofollow")
    site.write("essays/caffè & tè.it.md", title="Caffè", date="2018-02-03", lastmod="2019-02-03")


# ---- feeds ----

def titles(kind, body):
    """{id: title}, in order."""
    if kind == "json":
        return {i["id"]: i.get("title", "") for i in json.loads(body)["items"]}
    root = ET.fromstring(body)
    if kind == "atom":
        return {e.findtext(ATOM + "id"): e.findtext(ATOM + "title") or "" for e in root.findall(ATOM + "entry")}
    return {i.findtext("guid"): i.findtext("title") or "" for i in root.iter("item")}


def next_page(kind, body):
    if kind == "json":
        return json.loads(body).get("next_url")
    return {l.get("rel"): l.get("href") for l in ET.fromstring(body).iter(ATOM + "link")}.get("next")


def query(language, *more):
    parts = [f"lang={language}"] if language != "en" else []
    return "?" + "&".join(parts + list(more)) if parts or more else ""


def walk(site, kind, path, language, *more):
    """All pages of a feed, each checked: {id: title}."""
    address, found, pages = f"{BASE}{path}feed.{kind}{query(language, *more)}", {}, 0
    while address:
        answer = site.get(address)
        fine(RULES[kind](answer.body, address), address)
        equal(answer.fields["content-type"], TYPES[kind])
        equal(answer.fields["content-language"], language)
        here = titles(kind, answer.body)
        assert not set(here) & set(found), f"{address} repeats {set(here) & set(found)}"
        found.update(here)
        address = next_page(kind, answer.body)
        pages += 1
        assert pages < 30
    return found


@test
def feeds_obey_the_rules_and_agree():
    with Site() as site:
        hostile(site)
        for path in ("/", "/posts/", "/essays/"):
            for language in LANGUAGES:
                found = {kind: walk(site, kind, path, language, "limit=4") for kind in RULES}
                equal(list(found["atom"]), list(found["json"]))
                equal(list(found["atom"]), list(found["rss"]))
                equal(found["atom"], found["rss"])
                for key, title in found["json"].items():
                    # What XML cannot hold is all that may be missing.
                    equal(found["atom"][key], re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", title))
                whole = " ".join(found["json"].values())
                assert "Secret" not in whole, whole
                equal(len(found["atom"]), {"/": len(TITLES) + 2, "/posts/": len(TITLES), "/essays/": 2}[path])


@test
def views_in_feeds():
    with Site() as site:
        hostile(site)
        for view in ("full", "excerpt"):
            for kind in RULES:
                walk(site, kind, "/", "it", f"view={view}", "limit=100")
        whole = ET.fromstring(site.get("/feed.atom?view=full").body)
        short = ET.fromstring(site.get("/feed.atom?view=excerpt").body)
        assert all(e.find(ATOM + "content") is not None for e in whole.findall(ATOM + "entry"))
        assert any(e.find(ATOM + "content") is None for e in short.findall(ATOM + "entry"))


@test
def languages_are_honest():
    with Site() as site:
        site.write("posts/a.en.md", title="English", date="2020-01-01")
        site.write("posts/b.it.md", title="Italiano", date="2020-01-02")
        site.write("posts/c.ar.md", title="عربي", date="2020-01-03")
        atom = ET.fromstring(site.get("/feed.atom?lang=it").body)
        equal((atom.get(LANG), [e.get(LANG) for e in atom.findall(ATOM + "entry")]), ("it", ["ar", None, "en"]))
        rss = ET.fromstring(site.get("/feed.rss?lang=it").body)
        equal([i.findtext(DC + "language") for i in rss.iter("item")], ["ar", None, "en"])
        feed = json.loads(site.get("/feed.json?lang=it").body)
        equal((feed["language"], [i["language"] for i in feed["items"]]), ("it", ["ar", "it", "en"]))
        assert '<div lang="ar" dir="rtl">' in feed["items"][0]["content_html"]


@test
def few_posts_or_none():
    with Site() as site:
        for kind in RULES:
            equal(walk(site, kind, "/", "en"), {})
        site.write("posts/one.en.md", title="One")
        for kind in RULES:
            equal(walk(site, kind, "/", "en"), {f"{BASE}/posts/one": "One"})
            site.get(f"/nowhere/feed.{kind}", status=404)


@test
def the_same_bytes_until_a_post_changes():
    with Site() as site:
        site.write("posts/one.en.md", title="One", date="2020-01-01")
        for kind in RULES:
            first, second = site.get(f"/feed.{kind}"), site.get(f"/feed.{kind}")
            equal(first.body, second.body)
            tag = first.fields["etag"]
            equal(site.get(f"/feed.{kind}", "-H", f"If-None-Match: {tag}", status=304).body, b"")


@test
def ids_outlive_a_move():
    with Site() as site:
        site.write("posts/one.en.md", title="One", date="2020-01-01")
        site.write("posts/one.it.md", title="Uno")
        before = {(k, l): list(walk(site, k, "/", l)) for k in RULES for l in LANGUAGES}
        site.configure(f"base_url: https://new.example\nfeed_id: {BASE}\nurls: prefix\n"
                       "permalinks: {posts: '/:year/:slug'}\n")
        site.mount = ""
        for (kind, language), ids in before.items():
            prefix = "" if language == "en" else f"/{language}"
            answer = site.get(f"{prefix}/feed.{kind}")
            fine(RULES[kind](answer.body, f"https://new.example{prefix}/feed.{kind}"), kind)
            equal(list(titles(kind, answer.body)), ids)


@test
def pages_tell_of_their_feeds():
    with Site() as site:
        site.write("posts/one.en.md", title="One")
        for page, feed in (("/", "/feed."), ("/posts/", "/posts/feed."), ("/posts/one", "/feed.")):
            links = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+/feed[.][^"]+)"',
                               site.get(page + "?lang=it").body.decode())
            equal([t for t, _ in links], ["application/atom+xml", "application/feed+json"])
            for kind, address in links:
                answer = site.get(html.unescape(address))
                equal(answer.fields["content-type"].partition(";")[0], kind)
                assert feed in address, address


# ---- sitemap, robots.txt ----

def addresses(body):
    return [u.findtext(SITEMAP + "loc") for u in ET.fromstring(body).findall(SITEMAP + "url")]


@test
def sitemap_has_every_address_and_no_other():
    for more in ("", "urls: prefix\n"):
        with Site(more=more) as site:
            hostile(site)
            answer = site.get("/sitemap.xml")
            fine(feedrules.sitemap(answer.body, BASE + "/"), "sitemap")
            assert re.match(r"(application|text)/xml\b", answer.fields["content-type"])
            listed = addresses(answer.body)
            for address in listed:
                page = site.get(address)
                assert f'<{address}>; rel="canonical"' in page.fields["link"], (address, page.fields["link"])
            it = f"{BASE}/it" if more else BASE
            end = "" if more else "?lang=it"
            for expected in (f"{BASE}/", f"{it}/{end}", f"{it}/posts/{end}", f"{BASE}/posts/p0", f"{it}/posts/p0{end}",
                             f"{it}/essays/caff%C3%A8%20%26%20t%C3%A8{end}"):
                assert expected in listed, expected
            assert not [a for a in listed if re.search("draft|later|gone|hidden", a)], listed


@test
def sitemap_in_parts():
    with Site() as site:
        site.write("posts/one.en.md", title="One")
        equal(site.get("/sitemap.xml").body, site.get("/sitemap-1.xml").body)
        site.get("/sitemap-2.xml", status=404)


@test
def robots_of_a_section_hide_its_list():
    with Site() as site:
        for folder in "open", "shut", "half":
            site.write(f"{folder}/one.en.md", title="One")
            site.write(f"{folder}/one.it.md", title="Uno")
        site.write("shut/_index.en.md", "Not for crawlers.", title="Shut", robots="noindex, follow")
        site.write("half/_index.en.md", "Half.", title="Half")
        site.write("half/_index.it.md", "Mezza.", title="Mezza", robots="none")
        body = site.get("/sitemap.xml").body
        listed = addresses(body)
        expected = ["/open/", "/open/?lang=it", "/half/", "/open/one", "/shut/one", "/half/one"]
        hidden = ["/shut/", "/shut/?lang=it", "/half/?lang=it"]
        assert all(BASE + path in listed for path in expected), listed
        assert not any(BASE + path in listed for path in hidden), listed
        assert b"/half/?lang=it" not in body, "nobody is led to what is hidden"
        for path, words in ("/shut/", b"noindex, follow"), ("/half/?lang=it", b"none"):
            assert b'name="robots" content="' + words in site.get(path).body, path
        for path in "/half/", "/open/":
            assert b'name="robots"' not in site.get(path).body, path


@test
def sitemap_has_sections_in_sections():
    with Site() as site:
        site.write("posts/a/b/one.en.md", title="One")
        listed = addresses(site.get("/sitemap.xml").body)
        for path in ("/", "/posts/", "/posts/a/", "/posts/a/b/"):
            assert BASE + path in listed, (path, listed)
            site.get(path)


@test
def robots_txt():
    with Site() as site:
        answer = site.get("/robots.txt")
        equal(answer.fields["content-type"], "text/plain; charset=utf-8")
        equal(answer.body.decode(), f"User-agent: *\nAllow: /\n\nSitemap: {BASE}/sitemap.xml\n")
    with Site(base_url="/blog") as site:
        assert b"Sitemap" not in site.get("/robots.txt").body


# ---- oEmbed ----

def card(site, url, *more, status=200):
    return site.get("/-/oembed?" + "&".join(["url=" + urllib.parse.quote(url, safe=""), *more]), status=status)


@test
def cards_in_both_forms():
    with Site() as site:
        hostile(site)
        for number, _ in enumerate(TITLES):
            url = f"{BASE}/posts/p{number}"
            answer = card(site, url, "maxwidth=320", "maxheight=200")
            equal(answer.fields["content-type"], "application/json")
            whole = json.loads(answer.body)
            fine(feedrules.oembed(whole, 320, 200), url)
            answer = card(site, url, "maxwidth=320", "maxheight=200", "format=xml")
            assert answer.fields["content-type"].startswith("text/xml"), answer.fields
            in_xml = feedrules.oembed_xml(answer.body)
            fine(feedrules.oembed(in_xml, 320, 200), url)
            for name, value in whole.items():
                equal(in_xml[name], re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", str(value)))


@test
def cards_are_found_and_are_about_the_page():
    with Site() as site:
        hostile(site)
        site.write("posts/hill.en.md", title="The Hill", date="2020-01-01")
        site.write("posts/hill.it.md", title="Il colle", slug="colle", aliases=["/old-hill"])
        for page, title in (("/posts/hill", "The Hill"), ("/posts/colle", "Il colle"),
                            ("/posts/colle?lang=it", "Il colle")):
            found = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"',
                              site.get(page).body.decode())
            equal(json.loads(site.get(html.unescape(found[1])).body)["title"], title)
        equal(json.loads(card(site, f"{BASE}/posts/hill?lang=it").body)["title"], "Il colle")
        equal(json.loads(card(site, f"{BASE}/posts/hill#x").body)["title"], "The Hill")
        equal(json.loads(card(site, f"{BASE}/posts/hill/").body)["title"], "The Hill")
        equal(json.loads(card(site, f"{BASE}/old-hill").body)["title"], "Il colle")


@test
def a_card_has_the_picture_when_it_is_small_enough():
    with Site() as site:
        site.write("posts/b/index.en.md", title="One", image="dot.gif")
        site.write("posts/b/index.it.md", title="Uno")
        (site.folder / "content/posts/b/dot.gif").write_bytes(b"GIF89a" + bytes([64, 1, 200, 0, 0, 0, 0]))
        for page in "posts/b", "posts/b?lang=it":
            whole = json.loads(card(site, f"{BASE}/{page}", "maxwidth=320").body)
            fine(feedrules.oembed(whole, 320), page)
            equal([whole["thumbnail_" + name] for name in ("url", "width", "height")],
                  [f"{BASE}/posts/b/dot.gif", 320, 200])
            head = site.get("/" + page).body.decode()
            assert '"og:image:width" content="320"' in head and '"og:image:height" content="200"' in head, head[:3000]
        assert "thumbnail_url" not in json.loads(card(site, f"{BASE}/posts/b", "maxwidth=319").body)


@test
def cards_have_validators():
    with Site() as site:
        site.write("posts/one.en.md", title="One")
        address = "/-/oembed?url=" + urllib.parse.quote(f"{BASE}/posts/one", safe="")
        site.get(address, "-H", f"If-None-Match: {site.get(address).fields['etag']}", status=304)


@test
def no_cards_of_others():
    with Site() as site:
        hostile(site)
        for url in ("https://example.com/blog/posts/p0", "https://example.org/posts/p0", f"{BASE}/posts/nowhere",
                    f"{BASE}/posts/draft", f"{BASE}/", f"{BASE}/posts/", f"{BASE}/feed.atom", f"{BASE}/%00", "x"):
            card(site, url, status=404)
    with Site(base_url="/blog") as site:
        site.write("posts/one.en.md", title="One")
        card(site, "/blog/posts/one", status=404)
        assert b"oembed" not in site.get("/posts/one").body


# ---- the rules themselves: each finds what it is there for ----

ATOM_SAMPLE = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>{BASE}/f</id><title>T</title>
<updated>2020-01-02T00:00:00Z</updated><link rel="self" href="{BASE}/f"/><author><name>A</name></author>
<entry><id>{BASE}/1</id><title>1</title><updated>2020-01-01T00:00:00Z</updated><link href="{BASE}/1"/>
<content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry></feed>
"""
RSS_SAMPLE = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><link>{BASE}/</link>
<description>D</description><language>en</language><lastBuildDate>Wed, 01 Jan 2020 00:00:00 GMT</lastBuildDate>
<atom:link rel="self" href="{BASE}/f"/><item><title>1</title><link>{BASE}/1</link><guid>{BASE}/1</guid>
<pubDate>Wed, 01 Jan 2020 00:00:00 GMT</pubDate><description>&lt;p&gt;x&lt;/p&gt;</description></item></channel></rss>
"""
JSON_SAMPLE = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "feed_url": f"{BASE}/f",
                          "language": "en", "items": [{"id": "1", "url": f"{BASE}/1", "content_html": "<p>x</p>",
                                                       "date_modified": "2020-01-01T00:00:00Z"}]})
SITEMAP_SAMPLE = f"""<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url><loc>{BASE}/1</loc><lastmod>2020-01-01T00:00:00Z</lastmod>
<xhtml:link rel="alternate" hreflang="en" href="{BASE}/1"/>
<xhtml:link rel="alternate" hreflang="x-default" href="{BASE}/1"/></url></urlset>
"""
ENTRY = re.search("<entry>.*</entry>", ATOM_SAMPLE, re.S)[0]
ITEM = re.search("<item>.*</item>", RSS_SAMPLE, re.S)[0]
WRONG = [
    ("atom", ATOM_SAMPLE, [
        ("</feed>", ""), ("<title>T</title>", ""), (f"<id>{BASE}/f</id>", "<id>f</id>"), ('xml:lang="en"', ""),
        ('rel="self"', 'rel="other"'), (f'href="{BASE}/f"', f'href="{BASE}/g"'), (f'href="{BASE}/1"', 'href="/1"'),
        ("2020-01-02T00:00:00Z", "2020-01-02"), ("2020-01-01T00", "2020-13-01T00"), ("2020-01-01T00", "2021-01-01T00"),
        ("<author><name>A</name></author>", ""), ("<name>A</name>", "<name/>"), (ENTRY, ENTRY + ENTRY),
        ("&lt;p&gt;x", "&lt;a href=&quot;/x&quot;&gt;x&lt;/a&gt;&lt;p&gt;"), ("&lt;/p&gt;", ""),
        ("&lt;p&gt;", "&lt;p id=&quot;a&quot;&gt;"), ("<entry>", '<entry xml:lang="en">'),
        ("<entry>", "<entry><nonsense/>"),
        ("<entry>", f'<entry><link href="{BASE}/2"/>'), ("<?xml", "<!DOCTYPE feed><?xml"),
    ]),
    ("rss", RSS_SAMPLE, [
        ('version="2.0"', ""), ("<description>D</description>", ""),
        ("<language>en</language>", "<language>?</language>"),
        ("Wed, 01 Jan 2020 00:00:00 GMT</lastB", "Tue, 01 Jan 2020 00:00:00 GMT</lastB"), ('rel="self"', 'rel="me"'),
        (f"<guid>{BASE}/1", f"<guid>{BASE}/2"), ("<guid>", '<guid isPermaLink="false">'), (ITEM, ITEM + ITEM),
        (f"<link>{BASE}/1</link>", "<link>/1</link>"), ("<pubDate>Wed, 01", "<pubDate>Wed, 1"),
        ("&lt;/p&gt;", "&lt;/b&gt;"),
        ("<item>", "<item><nonsense/>"),
    ]),
    ("json", JSON_SAMPLE, [
        ("version/1.1", "version/1"), ('"title": "T"', '"title": ""'), ('"id": "1"', '"id": 1'),
        ("content_html", "content"),
        ('"language": "en"', '"language": "english language"'), (f"{BASE}/1", "/1"), ("<p>x</p>", "<p>x"),
        ("2020-01-01T00:00:00Z", "2020-01-01 00:00:00Z"), ('"feed_url"', '"feedUrl"'), ("]}", "]"),
    ]),
    ("sitemap", SITEMAP_SAMPLE, [
        (f"<loc>{BASE}/1", "<loc>/1"), (f"<loc>{BASE}/1", "<loc>https://example.com/blog/1"),
        ("2020-01-01T", "01/01/2020T"),
        ("2020-01-01T", "2999-01-01T"), ('hreflang="x-default"', 'hreflang="en"'), ('hreflang="en"', 'hreflang="?"'),
        (f'hreflang="en" href="{BASE}/1"', f'hreflang="en" href="{BASE}/2"'), ("<url>", "<url><loc>x</loc>"),
    ]),
]


@test
def the_rules_find_what_is_wrong():
    rules = {**{kind: lambda text, rule=rule: rule(text, f"{BASE}/f") for kind, rule in RULES.items()},
             "sitemap": lambda text: feedrules.sitemap(text, BASE + "/")}
    for kind, sample, changes in WRONG:
        fine(rules[kind](sample.encode()), kind)
        for old, new in changes:
            assert old in sample, old
            assert rules[kind](sample.replace(old, new, 1).encode()), f"{kind}: {old} -> {new} goes unnoticed"
    card_sample = {"version": "1.0", "type": "rich", "html": "<p>x</p>", "width": 1, "height": 1}
    fine(feedrules.oembed(card_sample), "oembed")
    for change in ({"version": "1"}, {"html": ""}, {"width": "wide"}, {"thumbnail_url": BASE}, {"html": "<script>"}):
        assert feedrules.oembed({**card_sample, **change}), change
    assert feedrules.oembed({**card_sample, "width": 11}, 10)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
