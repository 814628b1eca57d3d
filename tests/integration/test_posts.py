#!/usr/bin/env python3
"""From a post's source to what a reader gets, where several posts decide together.

TAP on standard output.
    tests/integration/test_posts.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import html.parser
import json
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import tap  # noqa: E402  (found through the path above)
from tap import test  # noqa: E402
from tempsite import post, site  # noqa: E402


@test
def ref_goes_to_the_version_in_the_posts_own_language():
    text = '[a]({{< ref "y" >}}) [b]({{< ref path="y.md" lang="it" >}}) [c]({{< ref "z" >}})'
    with site({"posts/x.md": post(text), "posts/x.it.md": post(text), "posts/y.md": post(), "posts/y.it.md": post(),
               "posts/z.md": post()}) as s:
        body = s.get("/posts/x?format=fragment")[2]
        assert '<a href="/posts/y">a</a> <a href="/posts/y?lang=it">b</a> <a href="/posts/z">c</a>' in body, body
        body = s.get("/posts/x?lang=it&format=fragment")[2]
        assert '<a href="/posts/y?lang=it">a</a> <a href="/posts/y?lang=it">b</a> <a href="/posts/z">c</a>' in body, body
        status, _, body = s.get("/posts/y?lang=it")
        assert status == 200 and '<html lang="it"' in body


@test
def a_figures_title_is_no_section():
    with site({"x.md": post('## One\n\n{{< figure src="/a.png" title="Two" >}}\n\n## Two')}) as s:
        body = s.get("/x?format=fragment")[2]
        assert "<h4>Two</h4>" in body, body
        assert [e["text"] for e in json.loads(s.get("/x?format=json")[2])["outline"]] == ["One", "Two"]


@test
def a_front_matters_image_is_meant_as_one_in_the_text():
    text = "![a](card.png)"
    config = "languages: [en, it]\nbase_url: https://example.org/blog/\n"
    with site({"posts/b/index.md": post(text, image="card.png", date="2020-01-01"), "posts/b/index.it.md": post(text),
               "posts/c/index.it.md": post(text, twitterimage="card.png"), "posts/d.md": post(text, images="[d/card.png]"),
               "posts/e.md": post(text, image="/images/e.png"), "posts/f.md": post(text, image="https://a.example/f.png"),
               "posts/g.md": post(text, image="/elsewhere/g.png"), "posts/h.md": post(text, image='"h h.png?x"'),
               "posts/i.md": post(text, twitterimage="images/e.png")},
              config) as s:
        for name in "posts/b/card.png", "posts/c/card.png", "posts/c/card.it.png", "posts/d/card.png", "images/e.png":
            s.write(name, "not looked into")
        base = "https://example.org"
        for path, image in (("posts/b", "/blog/posts/b/card.png"), ("posts/b?lang=it", "/blog/posts/b/card.png"),
                            ("posts/c", "/blog/posts/c/card.it.png"), ("posts/d", "/blog/posts/d/card.png"),
                            ("posts/e", "/blog/images/e.png"), ("posts/g", "/elsewhere/g.png"),
                            ("posts/h", "/blog/h%20h.png?x"), ("posts/i", "/blog/images/e.png")):
            page = s.get("/blog/" + path)[2]
            assert f'<meta property="og:image" content="{base}{image}">' in page, (path, image, page[:3000])
            assert f'"image":"{base}{image}"' in page, (path, image)
        assert 'og:image" content="https://a.example/f.png"' in s.get("/blog/posts/f")[2]
        missing = [line for line in s.run("check")[1].splitlines() if "image/missing" in line and ":2:" in line]
        assert len(missing) == 1 and "posts/h.md:2:8: warning: there is no image h h.png?x" in missing[0], missing


@test
def what_a_post_refers_to_may_come_later():
    text = '![a](dot.gif) ![b](/images/dot.gif) [c](/posts/later) [d]({{< relref "later" >}}) [e](none.txt)'
    late = ('<img src="/blog/posts/dot.gif" alt="a" width="320" height="200"', '<img src="/blog/images/dot.gif"',
            '<a href="/blog/posts/later">c</a>', '<a href="/blog/posts/later">d</a>')
    early = ('<img src="/blog/posts/x/dot.gif" alt="a" decoding', '<img src="/images/dot.gif"',
             '<a href="/posts/later">c</a>', '<a href="/blog/posts/x/later">d</a>')
    with site({"posts/x.md": post(text), "posts/y.md": post(), "images/other.txt": ""},
              "base_url: https://example.org/blog\n") as s:
        time.sleep(0.2)  # what was written a moment ago is read again in any case
        content = s.folder / "content"
        names = [content / name for name in ("posts/dot.gif", "images/dot.gif", "posts/later.md")]
        for expected in early, late, early:
            body = s.get("/blog/posts/x?format=fragment")[2]
            assert all(part in body for part in expected), (expected, body)
            if expected is late:
                time.sleep(0.2)
                s.get("/blog/")
                assert s.run("index")[1].startswith("3 posts: 0 rendered"), "again for nothing"
                names[2].write_text("other text")
                names[0].write_bytes(b"GIF89a" + bytes([10, 0, 20, 0, 0, 0, 0]))
                assert 'width="10" height="20"' in s.get("/blog/posts/x?format=fragment")[2]
                for name in names:
                    name.unlink()
            else:
                time.sleep(0.2)
                s.get("/blog/")
                assert s.run("index")[1].startswith("2 posts: 0 rendered"), "again for nothing"
                for name in names:
                    name.write_bytes(b"GIF89a" + bytes([64, 1, 200, 0, 0, 0, 0]) if name.suffix == ".gif" else b"later")


@test
def links_from_the_root_find_the_site_below_a_path():
    ours = {"/posts/y": "/blog/posts/y", "/posts/y/": "/blog/posts/y/", "/posts/y?lang=it#z": "/blog/posts/y?lang=it#z",
            "/posts/dated": "/blog/posts/dated", "/posts/b": "/blog/posts/b", "/posts/": "/blog/posts/",
            "/posts/solo": "/blog/posts/solo", "/images/a%20b.png": "/blog/images/a%20b.png",
            "/files/x.pdf": "/blog/files/x.pdf"}
    others = ["/", "/about", "/posts/nothing", "/blog/posts/y", "/blog/nothing", "/blog", "/blogs/y", "//posts/y",
              "/../posts", "/.hidden", "/posts/%00", "https://example.org/posts/y", "/posts/04-28-dated"]
    text = " ".join(f"<a href=\"{a}\">x</a>" for a in [*ours, *others])
    posts = {"posts/x.md": post(text), "posts/y.md": post(), "posts/2020-04-28-dated.md": post(),
             "posts/b/index.md": post(), "posts/solo.it.md": post(), "images/a b.png": "", "files/x.pdf": "",
             ".hidden/x.md": post()}
    for base in "https://example.org/blog/", "https://example.org/":
        with site(posts, f"languages: [en, it]\nbase_url: {base}\n") as s:
            mount = base.removeprefix("https://example.org").rstrip("/")
            body = s.get(mount + "/posts/x?format=fragment")[2]
            expected = [*(ours.values() if mount else ours), *others]
            for address in expected:
                assert f'href="{address}"' in body, (base, address, body)


@test
def an_alias_needs_no_slash():
    with site({"posts/x.md": post(aliases="[2020/01/30/x.html, /old//x]")}) as s:
        for old in "/2020/01/30/x.html", "/old/x":
            status, fields, _ = s.get(old)
            assert (status, fields.get("Location")) == (301, "/posts/x"), (old, status, fields)


@test
def translations_come_in_the_order_of_the_languages():
    posts = {f"x.{tag}md": post(tag) for tag in ("", "it.", "de.")}
    with site(posts, "languages: [en, it, de]\n") as s:
        whole = json.loads(s.get("/x?format=json")[2])
        assert [t["lang"] for t in whole["translations"]] == ["en", "it", "de"], whole["translations"]
        missing = json.loads(s.get("/x?lang=ja&fallback=no&format=json")[2])
        assert missing["available"] == ["en", "it", "de"], missing
        batch = json.loads(s.get("/-/excerpts?id=x&lang=ja&fallback=no")[2])
        assert batch["items"][0]["available"] == ["en", "it", "de"], batch


@test
def a_layout_is_a_template_of_the_theme():
    posts = {"a.md": post(layout="wide"), "b.md": post(layout="list"), "c.md": post(layout="nowhere"),
             "d.md": post(layout="footer"), "e.md": post(), "f.md": post(layout="../theme/wide"),
             "s/_index.md": post(layout="wide"), "s/x.md": post()}
    with site(posts, "theme: theme\n") as s:
        s.write("../theme/wide.mustache", "WIDE {{post.title}}{{list.title}} {{> footer}}")
        s.write("../theme/footer.mustache", "FOOT")
        for path in "/a", "/s/":
            assert s.get(path)[2].strip() == "WIDE A title FOOT", s.get(path)[2]
        for name in "bcdef":
            body = s.get("/" + name)[2]
            assert body.startswith("<!DOCTYPE html>") and "<article>" in body and "FOOT" in body, (name, body)


@test
def explain_says_why_a_post_is_not_there():
    posts = {"d.md": post(draft="true"), "d.it.md": post(), "f.md": post(date="2999-01-02"),
             "e.md": post(expiryDate="2001-02-03")}
    with site(posts) as s:
        for address, words in (("/d", ["hidden    content/d.md: a draft", "file      content/d.it.md"]),
                               ("/f", ["hidden    content/f.md: not public before 2999-01-02T00:00:00Z", "404"]),
                               ("/e", ["hidden    content/e.md: not public since 2001-02-03T00:00:00Z", "404"]),
                               ("/none", ["nothing   no post, list or alias is at /none", "404"])):
            status, out, _ = s.run("explain", address)
            assert status == 0 and all(word in out for word in words), (address, out)


@test
def an_alias_is_found_with_the_other_slash():
    posts = {"posts/x.md": post(aliases="[/old/x, /older/x/]"), "posts/y.md": post(aliases="[/posts/z/]"),
             "posts/z.md": post("mine")}
    with site(posts, "base_url: https://example.org\n") as s:
        for old in "/old/x", "/old/x/", "/older/x", "/older/x/":
            status, fields, _ = s.get(old + "?a=b")
            assert (status, fields.get("Location")) == (301, "https://example.org/posts/x?a=b"), (old, status, fields)
        assert s.get("/posts/z")[0] == 200, "a post goes before an alias"
        assert s.get("/old/")[0] == 404
        card = s.get("/-/oembed?url=https://example.org/old/x/")
        assert card[0] == 200 and "https://example.org/posts/x" in card[2], card


@test
def the_programs_own_addresses_stay_its_own():
    own = ["/-/health", "/-/x", "/sitemap.xml", "/robots.txt", "/feed.atom", "/feed.rss", "/feed.json"]
    with site({f"{i}.md": post("mine", url=url) for i, url in enumerate(own)}) as s:
        s.write("a.md", post("mine", aliases="[/robots.txt]"))
        s.write("tags/x.md", post("another"))
        status, out, err = s.run("check")
        assert status == 1 and "8 errors" in err, err
        for i in range(len(own)):
            assert f"content/{i}.md:2:6: error: this address is the program's own [post/path]" in out, out
        assert "content/a.md:2:10: error: an alias is the program's own address [post/path]" in out, out
        for url in own:
            assert "mine" not in s.get(url)[2], url
        assert s.get("/tags/x")[0] == 200


class Balance(html.parser.HTMLParser):
    """What a page leaves open, and the end tags of nothing."""

    def __init__(self):
        super().__init__()
        self.open, self.stray = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("br", "hr", "img", "input", "link", "meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.open:
            self.stray.append(tag)
            return
        while self.open.pop() != tag:
            pass


@test
def what_a_post_leaves_open_ends_with_it_in_a_list():
    bodies = {"a": "one <b>bold", "b": "<div>\n\ntwo", "c": "three\n\n<!-- note", "d": 'four\n\n<div class="',
              "e": "<table><tr><td>five"}
    posts = {f"posts/{name}.md": post(body, useexcerpt="false", date=f"2020-01-0{9 - i}")
             for i, (name, body) in enumerate(bodies.items())}
    with site(posts) as s:
        status, _, body = s.get("/posts/")
        words = [body.find(word) for word in ("one", "two", "three", "four", "five")]
        assert status == 200 and words == sorted(words) and -1 not in words, words
        parser = Balance()
        parser.feed(body)
        parser.close()
        assert not parser.open and parser.stray == ["b"], (parser.open, parser.stray)
        assert body.find("</b>", words[0]) < words[1] and "<!-- note" not in body and 'class=""' not in body
        assert s.get("/posts/a?format=fragment")[2].strip().endswith("<p>one <b>bold</p>")


@test
def a_translation_takes_the_path_that_its_siblings_date_gives():
    config = "languages: [en, it]\npermalinks: {posts: '/:year/:slug'}\nbase_url: https://e.org\n"
    with site({"posts/a.it.md": post("italiano")}, config) as s:
        assert s.get("/posts/a")[0] == 200
        s.write("posts/a.md", post("english", date="2020-05-01"))
        status, fields, body = s.get("/2020/a")
        assert status == 200 and "english" in body
        assert '<https://e.org/2020/a?lang=it>; rel="alternate"; hreflang="it"' in fields["Link"], fields
        status, fields, body = s.get("/2020/a?lang=it")
        assert status == 200 and "italiano" in body and '<html lang="it"' in body
        assert '<https://e.org/2020/a?lang=it>; rel="canonical"' in fields["Link"], fields
        assert s.get("/posts/a")[0] == 404
        s.write("posts/a.md", post("english", date="2021-05-01"))
        assert "italiano" in s.get("/2021/a?lang=it")[2] and s.get("/2020/a")[0] == 404
        (s.folder / "content/posts/a.md").unlink()
        assert "italiano" in s.get("/posts/a")[2] and s.get("/2021/a")[0] == 404


@test
def names_of_files_do_not_write_lines_of_their_own():
    with site({"a\nb.md: error: no\x1b[31m.md": post(lang="xx")}) as s:
        _, out, _ = s.run("check")
        lines = out.splitlines()
        assert lines and all(line.startswith(r"content/a\x0Ab.md: error: no\x1B[31m.md:") for line in lines), out
        assert "\x1b" not in out


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
