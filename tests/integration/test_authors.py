#!/usr/bin/env python3
"""`cartolina new`, `translate` and `status` as an author uses them.

TAP on standard output.
    tests/integration/test_authors.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import json
import os
import pathlib
import pty
import re
import shutil
import stat
import subprocess
import sys
import time
import unicodedata

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests/lib"))

import tap  # noqa: E402  (found through the path above)
from tap import BINARY, Skip, equal, test  # noqa: E402
import process  # noqa: E402
import tempsite  # noqa: E402

TWO, THREE = "[en, it]", "[en, it, pt-BR]"

SOURCE = """\
---
# Where it came from
date: "2020-04-28T00:00:00Z"
title: 'A title: folded
  over lines'
description: "Said \\"so\\""   # for cards
tags: [one,
  two]
aliases:
- /old/address
draft: false
mine:
    kept: as it is

# The end
---

The first line.

A second one,  with spaces.
"""

class Done:
    def __init__(self, finished):
        self.status = finished.returncode
        self.out = finished.stdout.decode()
        self.err = finished.stderr.decode()
        self.lines = self.out.splitlines()

    def __repr__(self):
        return f"[{self.status}] {self.out}{self.err}"


class Site(tempsite.Site):
    """Whose commands must end as the test says."""

    def __init__(self, languages=None, more=""):
        config = f"languages: {languages}\n" if languages else ""
        super().__init__(config + "index: index.db\nrefresh: 0\n" + more)

    def write(self, path, text=None, **fields):
        """A post: `text` as it is, or with front matter made of the fields."""
        if fields or text is None:
            text = tempsite.source(text or "Text.", **fields)
        return super().write(path, text)

    def read(self, name):
        return (self.content / name).read_bytes().decode()

    def files(self):
        return sorted(str(p.relative_to(self.content)) for p in self.content.rglob("*") if p.is_file())

    def run(self, *arguments, status=0, env=None, cwd=None):
        done = Done(self.call(*arguments, cwd=cwd or self.folder, timeout=120, env={**os.environ, **(env or {})}))
        assert done.status == status, f"{arguments}: {done!r}"
        if status:
            assert done.err, f"{arguments}: no message"
        return done

    def states(self):
        """{group: {language: state}}"""
        report = json.loads(self.run("status", "--json").out)
        return {p["group"]: {tag: t["state"] for tag, t in p["languages"].items()} for p in report["posts"]}

    def json(self, address):
        done = self.run("get", address)
        head, _, body = done.out.replace("\r\n", "\n").partition("\n\n")
        return head.splitlines()[0], json.loads(body)


# ---- new ----

@test
def new_makes_a_post_and_says_where():
    with Site() as site:
        site.content.rmdir()
        done = site.run("new", "posts/my-first_post")
        equal(done.lines[0], "content/posts/my-first_post.md")
        assert "draft: true" in done.out, done
        equal(done.err, "")
        text = site.read("posts/my-first_post.md")
        match = re.fullmatch(r'---\ntitle: "My first post"\ndate: (\S+)\ndraft: true\n---\n\n', text)
        assert match and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", match[1]), text
        written = time.mktime(time.strptime(match[1], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        assert abs(written - time.time()) < 60, match[1]
        site.run("check")
        equal(site.json("/posts/my-first_post?format=json")[0], "Status: 404 Not Found")
        site.write("posts/my-first_post.md", text.replace("draft: true\n", "") + "Text.\n")
        equal(site.json("/posts/my-first_post?format=json")[1]["title"], "My first post")


@test
def new_follows_the_habit_of_the_folder():
    for there, arguments, made in (
            ([], ["posts/x"], "posts/x.en.md"),
            ([], ["posts/x", "--lang", "it"], "posts/x.it.md"),
            ([], ["posts/x", "--lang=IT"], "posts/x.it.md"),
            (["posts/a.md"], ["posts/x"], "posts/x.md"),
            (["posts/a.md"], ["posts/x", "--lang", "it"], "posts/x.it.md"),
            (["posts/a.en.md"], ["posts/x"], "posts/x.en.md"),
            (["posts/a.it.md"], ["posts/x"], "posts/x.en.md"),
            (["pages/a.md"], ["posts/x"], "posts/x.en.md"),
            (["en/posts/a.md", "it/posts/a.md"], ["posts/x", "--lang", "it"], "it/posts/x.md"),
            (["posts/a.md", "it/posts/a.md"], ["--lang", "it", "posts/x"], "it/posts/x.md"),
            (["posts/a.md", "it/posts/a.md"], ["posts/x"], "posts/x.md"),
            (["posts/a/index.md"], ["posts/x"], "posts/x/index.md"),
            (["posts/a.en.md"], ["posts/x/index"], "posts/x/index.en.md"),
            (["posts/a.md"], ["deep/er/folder/x"], "deep/er/folder/x.en.md"),
            (["posts/a.md"], ["x"], "x.en.md")):
        with Site(TWO) as site:
            for name in there:
                site.write(name, title="a")
            equal(site.run("new", *arguments).lines[0], f"content/{made}")
            equal(site.files(), sorted([*there, made]))
            site.run("check")


@test
def new_never_overwrites_a_post_in_any_form():
    for there in ("posts/x.md", "posts/x.en.md", "en/posts/x.md", "posts/x/index.md", "posts/x.markdown"):
        with Site(TWO) as site:
            site.write(there, "mine")
            done = site.run("new", "posts/x", status=1)
            assert f"content/{there} is there already" in done.err, done
            equal(site.files(), [there])
            equal(site.read(there), "mine")
            assert "translate" in site.run("new", "posts/x", "--lang", "it").err  # only a hint
    with Site() as site:
        (site.folder / "elsewhere").write_text("mine")
        (site.content / "x.md").symlink_to("../gone")
        site.run("new", "x", status=1)
        assert not (site.folder / "gone").exists()


@test
def new_refuses_names_that_are_none():
    with Site(TWO) as site:
        for name, word in (("", "begin"), ("/x", "below the content folder"), ("../x", "inside"),
                           ("posts/../../x", "inside"), ("posts/./x", "inside"), ("posts//x", "empty"),
                           ("posts/", "/"), ("posts/.x", "begin"), ("posts/-x", "begin"), ("x.", "end"),
                           ("a b", '" "'), ("a%2fb", '"%"'), ("a?b", '"?"'), ("a\\b", '"\\"'),
                           ("a\tb", "control"), (b"\xff\xfe", "UTF-8"), ("a:b", '":"'), ("“x”", '"“"'),
                           ("x" * 300, "200"), ("/".join("x" * 20), "16"),
                           ("content/posts/x.md", "posts/x"), ("posts/x.md", "posts/x"),
                           ("posts/x.it", "--lang it"), ("it/posts/x", "--lang it")):
            done = site.run("new", name, status=2)
            assert word in done.err, (name, done)
            equal(done.out, "")
        for arguments in ([], ["--lang"], ["a", "b"], ["--long", "a"], ["-x"]):
            site.run("new", *arguments, status=2)
        equal(site.files(), [])


@test
def new_writes_a_title_from_the_name():
    with Site("[en, it, tr]") as site:
        for name, lang, title in (("perché-no", "it", "Perché no"), ("è-vero", "it", "È vero"),
                                  ("ёлка", "en", "Ёлка"), ("ωmega", "en", "Ωmega"), ("你好-世界", "en", "你好 世界"),
                                  ("istanbul-da", "tr", "İstanbul da"), ("ılık", "tr", "Ilık"),
                                  ("istanbul", "en", "Istanbul"), ("null", "en", "Null"), ("yes", "en", "Yes"),
                                  ("1984", "en", "1984"), ("v1.2", "en", "V1.2"), ("žluťoučký", "en", "Žluťoučký"),
                                  ("2019-12-31-old-news", "en", "Old news")):
            path = site.run("new", f"posts/{name}", "--lang", lang).lines[0]
            text = (site.folder / path).read_text()
            assert f'title: "{title}"\n' in text, text
            (site.folder / path).write_text(text.replace("draft: true\n", ""))
            if "old" in name:
                assert "date: 2019-12-31T00:00:00Z\n" in text, text
        equal(site.json("/posts/null?format=json")[1]["title"], "Null")
        site.run("new", "news/_index", "--lang", "it")
        assert 'title: "News"\n' in site.read("news/_index.it.md")
        site.run("check")


@test
def new_knows_the_languages_of_the_site():
    with Site(THREE) as site:
        assert "(en, it, pt-BR)" in site.run("new", "x", "--lang", "fr", status=1).err
        assert "did you mean it?" in site.run("new", "x", "--lang", "it-CH", status=1).err
        assert "did you mean pt-BR?" in site.run("new", "x", "--lang", "pt", status=1).err
        assert "did you mean pt-BR?" in site.run("new", "x", "--lang", "pt-RB", status=1).err
        equal(site.files(), [])
    with Site() as site:
        site.run("new", "x", "--lang", "it", status=1)
        equal(site.run("new", "x", "--lang", "en").lines[0], "content/x.md")


@test
def new_says_what_went_wrong_with_the_disk():
    with Site() as site:
        (site.content / "posts").write_text("no folder")
        assert "Not a directory" in site.run("new", "posts/x", status=1).err
        shutil.rmtree(site.content)
        site.content.write_text("no folder")
        site.run("new", "x", status=1)


# ---- translate ----

def split(text):
    _, front, body = re.split(r"^---\r?\n", text, maxsplit=2, flags=re.M)
    return front, body


@test
def translate_copies_the_source_byte_for_byte():
    with Site(TWO) as site:
        site.write("posts/x.en.md", SOURCE)
        done = site.run("translate", "posts/x", "it")
        equal(done.lines[0], "content/posts/x.it.md")
        assert "draft: true" in done.out and "draft" in done.out, done
        front, body = split(site.read("posts/x.it.md"))
        equal(body, split(SOURCE)[1])
        found = re.search(r"\ntranslatedFrom: ([0-9a-f]{16})\n$", front)
        assert found, front
        equal(front, f"""\
# Where it came from
date: "2020-04-28T00:00:00Z"
# translate
title: 'A title: folded
  over lines'
# translate
description: "Said \\"so\\""   # for cards
tags: [one,
  two]
mine:
    kept: as it is

# The end
draft: true
translatedFrom: {found[1]}
""")
        equal(site.read("posts/x.en.md"), SOURCE)
        equal(site.states(), {"posts/x": {"en": "source", "it": "translated"}})
        site.run("check")
        equal(site.json("/posts/x?lang=it&format=json")[1]["lang"], "en")  # a draft is not public
        site.write("posts/x.it.md", site.read("posts/x.it.md").replace("draft: true\n", ""))
        post = site.json("/posts/x?lang=it&format=json")[1]
        equal((post["lang"], post["title"], post["params"]),
              ("it", "A title: folded over lines", {"mine": {"kept": "as it is"}}))


@test
def translate_follows_the_habit_of_the_group():
    for there, made in (
            (["posts/x.md"], "posts/x.it.md"),
            (["posts/x.en.md"], "posts/x.it.md"),
            (["posts/x.en.markdown"], "posts/x.it.markdown"),
            (["en/posts/x.md"], "it/posts/x.md"),
            (["posts/x.md", "pt-BR/posts/x.md"], "it/posts/x.md"),
            (["posts/x.md", "posts/a.md", "it/posts/a.md"], "it/posts/x.md"),
            (["posts/x/index.md"], "posts/x/index.it.md"),
            (["posts/x/index.en.md"], "posts/x/index.it.md"),
            (["en/posts/x/index.md"], "it/posts/x/index.md"),
            (["posts/x.pt-br.md"], "posts/x.it.md"),
            (["posts/2020-04-28-x.md"], "posts/2020-04-28-x.it.md")):
        with Site(THREE) as site:
            for name in there:
                site.write(name, title="a")
            group = "posts/2020-04-28-x" if "2020" in made else "posts/x"
            equal(site.run("translate", group, "it").lines[0], f"content/{made}")
            equal(site.files(), sorted([*there, made]))
            equal(site.states()[group]["it"], "translated")
    with Site(TWO) as site:
        site.write("posts/_index.md", title="Posts")
        equal(site.run("translate", "posts/_index", "it").lines[0], "content/posts/_index.it.md")
        equal(site.states(), {"posts/_index": {"en": "source", "it": "translated"}})


@test
def translate_finds_the_post_however_it_is_named():
    for name in ("posts/x", "/posts/x", "content/posts/x.md", "./content/posts/x.md", "posts/x.md", "ABSOLUTE",
                 "/blog/here", "blog/here"):
        with Site(TWO) as site:
            site.write("posts/x.md", title="a", **({"url": "/blog/here"} if "blog" in name else {}))
            name = str(site.content / "posts/x.md") if name == "ABSOLUTE" else name
            equal(site.run("translate", name, "it").lines[0], "content/posts/x.it.md")
    with Site(TWO) as site:  # from another folder
        site.write("posts/x.md", title="a")
        done = site.run("-c", "../cartolina.yaml", "translate", "posts/x.md", "it", cwd=site.content)
        equal(done.lines[0], "posts/x.it.md")


@test
def translate_goes_from_the_source_of_the_group():
    with Site(THREE) as site:
        site.write("posts/x.it.md", title="Uno")
        site.write("posts/x.pt-BR.md", title="Um")
        site.run("translate", "posts/x.pt-BR.md", "en")
        assert "title: Uno\n" in site.read("posts/x.en.md")
        # The new text is in the default language, but says itself to be a translation.
        equal(site.states(), {"posts/x": {"en": "translated", "it": "source", "pt-BR": "unknown"}})
    with Site(TWO) as site:  # the language and the group are front matter's
        site.write("posts/ciao.md", lang="it", title="Ciao", translationKey="greeting", slug="saluto")
        equal(site.run("translate", "greeting", "en").lines[0], "content/posts/ciao.en.md")
        front, _ = split(site.read("posts/ciao.en.md"))
        assert front.startswith("lang: en\n# translate\ntitle: Ciao\ntranslationKey: greeting\nslug: saluto\n"), front
        equal(site.states(), {"greeting": {"en": "translated", "it": "source"}})


@test
def translate_reads_every_way_of_writing():
    json_source = '{\n  "title": "A, \\"b\\"",\n  "tags": [\n    "x"\n  ],\n  "draft": false\n}\nBody.\n'
    for source, front, body in (
            ("Only text.\n", "draft: true\n", "Only text.\n"),
            ("---\n---\nText.\n", "draft: true\n", "Text.\n"),
            ("---\r\ntitle: x\r\n---\r\nA\r\nB\r\n", "# translate\r\ntitle: x\r\ndraft: true\r\n", "A\r\nB\r\n"),
            ("---\n  title: x\n  date: 2020-01-01\n---\nT", "  # translate\n  title: x\n  date: 2020-01-01\n"
             "  draft: true\n  ", "T"),
            ("---\nsummary: |\n  a\n\n  # b\n\nweight: 1\n---\n",
             "# translate\nsummary: |\n  a\n\n  # b\n\nweight: 1\ndraft: true\n", ""),
            ("---\ntitle: &t x\ntwittercard: *t\n---\n",
             "# translate\ntitle: &t x\n# translate\ntwittercard: *t\ndraft: true\n", ""),
            ("---\n{title: x, date: 2020-01-01}\n---\n", "# translate\ntitle: x\ndate: 2020-01-01\ndraft: true\n", ""),
            (json_source, '# translate\n"title": "A, \\"b\\""\n"tags": [\n    "x"\n  ]\ndraft: true\n', "Body.\n")):
        with Site(TWO) as site:
            site.write("x.md", source)
            site.run("translate", "x", "it")
            text = site.read("x.it.md")
            got, rest = split(text)
            assert got.startswith(front), (source, text)
            equal(rest, body)
            equal(site.states(), {"x": {"en": "source", "it": "translated"}})
            site.run("check")
    with Site(TWO) as site:
        site.write("x.md", b"\xef\xbb\xbf---\ntitle: x\n---\nT\n")
        site.run("translate", "x", "it")
        assert site.read("x.it.md").startswith("\ufeff---\n# translate\ntitle: x\n")


@test
def translate_refuses_with_a_reason():
    with Site(TWO) as site:
        site.write("posts/first-post.en.md", title="a")
        site.write("posts/first-post.it.md", "mine")
        site.write("posts/second.en.md", title="b")
        site.write("posts/dropped.en.md", "---\naliases: &a [/x]\nmine: *a\n---\n")
        site.write("posts/broken.en.md", "---\ntitle: a: b\n---\n")
        for arguments, status, words in (
                (["posts/first-post", "it"], 1, ["content/posts/first-post.it.md is there already"]),
                (["posts/first-post", "en"], 1, ["content/posts/first-post.en.md is there already"]),
                (["posts/first-pots", "it"], 1, ["no post posts/first-pots", "did you mean posts/first-post?"]),
                (["first-post", "it"], 1, ["did you mean posts/first-post?"]),
                (["post/second", "it"], 1, ["did you mean posts/second?"]),
                (["nothing/like/it/at/all", "it"], 1, ["no post"]),
                (["posts/broken", "it"], 1, ["no post", "files with errors: 1"]),
                (["posts/second", "fr"], 1, ["fr is not one of the site's languages (en, it)"]),
                (["posts/second", "it-IT"], 1, ["did you mean it?"]),
                (["posts/dropped", "it"], 1, ["content/posts/dropped.en.md:1:1: error:"]),
                (["posts/second"], 2, ["which"]), ([], 2, ["which"]), (["a", "b", "c"], 2, ["which"]),
                (["--lang", "it"], 2, ["unknown option"])):
            done = site.run("translate", *arguments, status=status)
            for word in words:
                assert word in done.err, (arguments, done)
            equal(done.out, "")
        equal(site.read("posts/first-post.it.md"), "mine")
        equal(len(site.files()), 5)


@test
def translate_reads_the_source_as_it_is_now():
    with Site(TWO) as site:
        site.write("x.md", title="Old")
        site.states()
        site.write("x.md", title="New")
        site.run("translate", "x", "it")
        assert "title: New\n" in site.read("x.it.md")
        equal(site.states()["x"]["it"], "translated")
        site.write("y.md", title="Good")
        site.states()
        site.write("y.md", "---\ntitle: a: b\n---\n")
        assert "content/y.md:2:9: error:" in site.run("translate", "y", "it", status=1).err


# ---- status ----

@test
def status_is_a_table_of_posts_and_languages():
    with Site(THREE) as site:
        site.write("posts/done.md", title="a")
        site.run("translate", "posts/done", "it")
        site.write("posts/old.en.md", title="b")
        site.write("posts/old.it.md", title="b", translatedFrom="0123456789abcdef")
        site.write("posts/who.en.md", title="c", draft="true")
        site.write("posts/who.pt-BR.md", title="c")
        site.write("solo.it.md", title="d")
        done = site.run("status")
        equal(done.out, """\
post        en              it                  pt-BR
posts/done  source          translated (draft)  missing
posts/old   source          stale               missing
posts/who   source (draft)  missing             translated?
solo        missing         source              missing

language  source  translated  translated?  stale  missing
en             3           0            0      0        1
it             1           1            0      1        1
pt-BR          0           0            1      0        3
""")
        equal(done.err, "")
        report = json.loads(site.run("status", "--json").out)
        equal(report["totals"], {
            "en": {"source": 3, "translated": 0, "unknown": 0, "stale": 0, "missing": 1},
            "it": {"source": 1, "translated": 1, "unknown": 0, "stale": 1, "missing": 1},
            "pt-BR": {"source": 0, "translated": 0, "unknown": 1, "stale": 0, "missing": 3}})
        equal([p["group"] for p in report["posts"]], ["posts/done", "posts/old", "posts/who", "solo"])
        equal([p["source"] for p in report["posts"]], ["en", "en", "en", "it"])
        equal(report["posts"][1]["languages"], {
            "en": {"state": "source", "path": "/posts/old", "file": "content/posts/old.en.md", "draft": False},
            "it": {"state": "stale", "path": "/posts/old", "file": "content/posts/old.it.md", "draft": False},
            "pt-BR": {"state": "missing", "path": None, "file": None, "draft": False}})
        for arguments in (["--jason"], ["x"], ["--accept"], ["--accept", "all", "--json"],
                          ["--accept", "a", "--accept", "b"]):
            site.run("status", *arguments, status=2)


@test
def status_of_nothing():
    with Site() as site:
        equal(site.run("status").out, "post  en\n\nlanguage  source  translated  translated?  stale  missing\n"
              "en             0           0            0      0        0\n")
        equal(json.loads(site.run("status", "--json").out)["posts"], [])
        equal(site.run("status", "--accept", "all").out, "nothing to accept: all is up to date\n")
        shutil.rmtree(site.content)
        assert "content" in site.run("status", status=1).err
    with Site(more="unknown_key: 1\n") as site:
        site.run("status", status=1)


@test
def status_finds_what_changed_in_the_source():
    text = "---\ntitle: A title\ndescription: D\nsummary: S\ntwittercard: C\ntags: [a]\n---\nOne line.\n\nAnother.\n"
    with Site(TWO) as site:
        site.write("x.en.md", text)
        site.run("translate", "x", "it")
        for old, new, state in (
                ("", "", "translated"),
                ("line.\n", "line.  \n", "translated"),
                ("Another.\n", "Another.   \n\n\n", "translated"),
                ("\n", "\r\n", "translated"),
                ("tags: [a]", "tags: [b]\ndate: 2020-01-01\nweight: 3", "translated"),
                ("title: A title", 'title: "A title"', "translated"),
                ("One", "A", "stale"),
                ("\n\nAnother", "\nAnother", "stale"),
                ("title: A", "title: The", "stale"),
                ("description: D", "description: E", "stale"),
                ("summary: S", "summary: s", "stale"),
                ("twittercard: C\n", "", "stale"),
                ("", "", "translated")):
            site.write("x.en.md", text.replace(old, new) if old else text)
            equal((old, new, site.states()["x"]["it"]), (old, new, state))


@test
def status_accepts_a_translation_as_it_is():
    translated = "---\r\ntitle: 'Uno' # mio\r\n# comment\r\nweight:   2\r\n---\r\nTesto  \r\n"
    with Site(TWO) as site:
        site.write("x.en.md", title="One")
        path = site.write("x.it.md", translated)
        path.chmod(0o640)
        inode = path.stat().st_ino
        equal(site.states()["x"]["it"], "unknown")
        equal(site.run("status", "--accept", "content/x.it.md").out, "accepted content/x.it.md\n")
        equal(site.states()["x"]["it"], "translated")
        first = site.read("x.it.md")
        value = re.search(r"translatedFrom: (\w{16})\r\n", first)[1]
        equal(first, translated.replace("weight:   2\r\n", f"weight:   2\r\ntranslatedFrom: {value}\r\n"))
        equal(stat.S_IMODE(path.stat().st_mode), 0o640)
        assert path.stat().st_ino != inode, "not replaced at once"
        equal(site.files(), ["x.en.md", "x.it.md"])

        site.write("x.en.md", title="Two")
        equal(site.states()["x"]["it"], "stale")
        site.run("status", "--accept", "x:it")
        second = site.read("x.it.md")
        value2 = re.search(r"translatedFrom: (\w{16})\r\n", second)[1]
        equal(second, first.replace(value, value2))
        assert value2 != value
        equal(site.states()["x"]["it"], "translated")
        equal(site.run("status", "--accept", "x:it").out, "nothing to accept: all is up to date\n")
        equal(site.read("x.it.md"), second)


@test
def status_accepts_one_or_all():
    with Site(THREE) as site:
        for name in "abc":
            site.write(f"{name}.md", title=name)
            site.write(f"{name}.it.md", title=name)
            site.write(f"{name}.pt-BR.md", title=name, translatedFrom="0123456789abcdef")

        def count():
            report = json.loads(site.run("status", "--json").out)
            return sum(t[state] for t in report["totals"].values() for state in ("stale", "unknown"))

        equal(count(), 6)
        equal(site.run("status", "--accept", "a:pt-br").lines, ["accepted content/a.pt-BR.md"])
        equal(count(), 5)
        equal(site.run("status", "--accept", "b").lines,
              ["accepted content/b.it.md", "accepted content/b.pt-BR.md"])
        equal(count(), 3)
        equal(site.run("status", "--accept=c.it.md").lines, ["accepted content/c.it.md"])
        equal(count(), 2)
        equal(len(site.run("status", "--accept", "all").lines), 2)
        equal(count(), 0)
        equal(site.run("status", "--accept", "all").out, "nothing to accept: all is up to date\n")


@test
def status_accepts_no_nonsense():
    with Site(THREE) as site:
        site.write("posts/x.md", title="x")
        site.write("posts/x.it.md", title="x")
        before = site.read("posts/x.it.md")
        for name, word in (("posts/y", "did you mean posts/x?"), ("posts/x:fr", "not one of the site's languages"),
                           ("posts/x:pt-BR", "no translation into pt-BR"), ("posts/x:en", "is the source"),
                           ("posts/x.md", "is the source"), ("posts/y:it", "did you mean posts/x?"),
                           (":", "no post"), (":it", "no post"), ("posts/x:", "not one of")):
            assert word in site.run("status", "--accept", name, status=1).err, name
        equal(site.read("posts/x.it.md"), before)
        site.write("k.md", title="k", translationKey="a:it")  # a name with a colon of its own
        site.write("l.it.md", title="l", translationKey="a:it")
        equal(site.run("status", "--accept", "a:it").lines, ["accepted content/l.it.md"])


@test
def status_accepts_what_it_can_and_tells_the_rest():
    odd = "---\ntitle: x\ntranslatedFrom: |\n  old\n---\n"
    with Site(TWO) as site:
        site.write("a.md", title="a")
        site.write("a.it.md", odd)
        site.write("b.md", title="b")
        site.write("b.it.md", "Solo testo\n")
        done = site.run("status", "--accept", "all", status=1)
        equal(done.lines, ["accepted content/b.it.md"])
        assert "content/a.it.md:1:1: error:" in done.err and "by hand" in done.err, done
        equal(site.read("a.it.md"), odd)
        assert re.fullmatch(r"---\ntranslatedFrom: \w{16}\n---\nSolo testo\n", site.read("b.it.md"))
        equal(site.files(), ["a.it.md", "a.md", "b.it.md", "b.md"])


@test
def status_accepts_through_links_and_keeps_them():
    with Site(TWO) as site:
        site.write("x.md", title="x")
        outside = site.folder / "outside.md"
        outside.write_text("---\ntitle: x\n---\n")
        (site.content / "x.it.md").symlink_to("../outside.md")
        site.run("status", "--accept", "all")
        assert (site.content / "x.it.md").is_symlink() and "translatedFrom" in outside.read_text()
        equal(site.states()["x"]["it"], "translated")


@test
def status_respects_a_file_with_two_names():
    """A new file would take one of them away."""
    with Site(TWO) as site:
        site.write("x.md", title="x")
        os.link(site.write("x.it.md", title="x"), site.folder / "other.md")
        done = site.run("status", "--accept", "x:it", status=1)
        assert "content/x.it.md: has several names" in done.err, done
        assert "translatedFrom" not in site.read("x.it.md")


@test
def status_respects_a_file_that_may_not_be_written():
    with Site(TWO) as site:
        site.write("x.md", title="x")
        site.write("x.it.md", title="x").chmod(0o444)
        process.give_away(site.folder)
        user = process.account()  # root may write everywhere
        try:
            done = Done(site.call("status", "--accept", "all", **({"user": user.pw_uid} if user else {})))
        except PermissionError:
            raise Skip("another user may not run the program") from None
        equal(done.status, 1)
        assert "x.it.md: Permission denied" in done.err, done
        assert "translatedFrom" not in site.read("x.it.md")


@test
def status_aligns_wide_and_narrow_names():
    with Site(TWO) as site:
        for name in ("plain", "你好世界", "カタカナ", "한국어", "perché", "e\u0301tude", "ไทยก็", "🎉party"):
            site.write(f"{name}.md", title="x")
        lines = site.run("status").lines
        places = set()
        for line in lines[1:9]:
            name = line.split("  ")[0]
            width = sum(0 if unicodedata.category(c) in ("Mn", "Me") else
                        2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in name)
            places.add(width + line.index("source") - len(name))
        equal(len(places), 1)


@test
def status_shows_no_control_characters():
    with Site(TWO) as site:
        site.write("right\u202eleft.md", title="x")
        out = site.run("status").out
        assert "\u202e" not in out and "right" in out, repr(out)
        assert "right\u202eleft" in site.states()
        done = site.run("new", "a\33[31m\nb", status=2)
        assert "\33" not in done.err and len(done.err.splitlines()) == 2, done


def on_a_terminal(site, **env):
    parent, child = pty.openpty()
    with subprocess.Popen([BINARY, "status"], cwd=site.folder, stdin=subprocess.DEVNULL, stdout=child,
                          env={**os.environ, "TERM": "xterm", **env}) as running:
        os.close(child)
        text = b""
        while True:
            try:
                more = os.read(parent, 65536)
            except OSError:
                break
            if not more:
                break
            text += more
        os.close(parent)
        assert running.wait(60) == 0
    return text.decode().replace("\r\n", "\n")


@test
def status_has_colours_only_on_a_terminal():
    with Site(TWO) as site:
        site.write("x.md", title="x")
        plain = site.run("status").out
        assert "\33" not in plain
        os.environ.pop("NO_COLOR", None)
        coloured = on_a_terminal(site)
        assert "\33[31mmissing\33[0m" in coloured, coloured
        equal(re.sub(r"\x1b\[\d+m", "", coloured), plain)
        equal(on_a_terminal(site, NO_COLOR="1"), plain)
        equal(on_a_terminal(site, TERM="dumb"), plain)
        assert "\33" in on_a_terminal(site, NO_COLOR="")  # no-color.org: only when not empty


@test
def status_tells_of_posts_with_errors():
    with Site(TWO) as site:
        site.write("x.md", title="x")
        site.write("x.it.md", "---\ntitle: a: b\n---\n")
        done = site.run("status")
        assert "files with errors: 1" in done.err and "cartolina check" in done.err, done
        equal(site.states()["x"]["it"], "missing")
        assert "is there already" in site.run("translate", "x", "it", status=1).err


@test
def status_needs_no_index_that_can_be_written():
    with Site(TWO, more="") as site:
        site.write("x.md", title="x")
        site.write("x.it.md", title="x")
        config = site.folder / "cartolina.yaml"
        config.write_text(config.read_text().replace("index.db", "/proc/no/such/index.db"))
        equal(site.states(), {"x": {"en": "source", "it": "unknown"}})
        site.run("status", "--accept", "all")
        equal(site.states(), {"x": {"en": "source", "it": "translated"}})


@test
def status_mends_a_damaged_index():
    with Site(TWO) as site:
        for i in range(50):
            site.write(f"{i}.md", title=f"x{i}")
        site.states()
        index = site.folder / "index.db"
        whole = index.read_bytes()
        for damage in (b"", b"nonsense", whole[:len(whole) // 2], whole[:4096] + bytes(len(whole) - 4096)):
            index.write_bytes(damage)
            equal(len(site.states()), 50)


@test
def status_of_many_posts():
    with Site(TWO) as site:
        for i in range(10000):
            site.write(f"posts/p{i % 7}/post-{i}.en.md", title=f"Post {i}")
            if i % 4 == 0:
                site.write(f"posts/p{i % 7}/post-{i}.it.md", title=f"Articolo {i}")
        equal(len(site.states()), 10000)
        started = time.monotonic()
        lines = site.run("status").lines
        took = time.monotonic() - started
        if os.environ.get("TIMES"):
            print(f"# status: {took:.2f} s")
        equal(len(lines), 1 + 10000 + 1 + 3)
        equal(lines[-1].split(), ["it", "0", "0", "2500", "0", "7500"])
        assert took < 10, f"{took:.1f} s"


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
