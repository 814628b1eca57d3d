#!/usr/bin/env python3
"""From a post's source to what a reader gets, where several posts decide together.

TAP on standard output.
    tests/integration/test_posts.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import contextlib
import html.parser
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CARTOLINA", CHECKOUT / "build/cartolina")).resolve()
LIMIT = 60  # seconds for one call

tests = []


def test(function):
    tests.append(function)
    return function


class Site:
    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments):
        done = subprocess.run([BINARY, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=LIMIT, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def get(self, address):
        """(status, {header: value}, body)"""
        _, out, err = self.run("get", address)
        head, _, body = out.replace("\r\n", "\n").partition("\n\n")
        assert head.startswith("Status: "), (out[:200], err)
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        return int(fields["Status"].split()[0]), fields, body

    def write(self, path, text):
        file = self.folder / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@contextlib.contextmanager
def site(posts, config="languages: [en, it]\n"):
    with tempfile.TemporaryDirectory(prefix="cartolina-posts-") as name:
        made = Site(pathlib.Path(name))
        (made.folder / "content").mkdir()
        (made.folder / "cartolina.yaml").write_text(config + "index: index.db\nrefresh: 0\n")
        for path, text in posts.items():
            made.write(path, text)
        yield made


def post(text="text", **fields):
    fields.setdefault("title", "A title")
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in fields.items()) + f"---\n{text}\n"


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
def an_alias_needs_no_slash():
    with site({"posts/x.md": post(aliases="[2020/01/30/x.html, /old//x]")}) as s:
        for old in "/2020/01/30/x.html", "/old/x":
            status, fields, _ = s.get(old)
            assert (status, fields.get("Location")) == (301, "/posts/x"), (old, status, fields)


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


def main(words):
    chosen = [t for t in tests if not words or any(w in t.__name__ for w in words)]
    if not BINARY.exists():
        print(f"Bail out! {BINARY} is not there: make first")
        return 1
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, function in enumerate(chosen, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {number} - {name}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print(f"#   {line[:2000]}")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
