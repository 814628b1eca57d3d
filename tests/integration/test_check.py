#!/usr/bin/env python3
"""`cartolina check` as an author and an editor's plug-in meet it.

TAP on standard output.
    tests/integration/test_check.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import contextlib
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests/lib"))

import tap  # noqa: E402  (found through the path above)
import tempsite  # noqa: E402
from tap import BINARY, Skip, test  # noqa: E402

SHARED = pathlib.Path(os.environ.get("CARTOLINA_SHARED", CHECKOUT / "../shared"))
LIMIT = 60  # seconds for one call

@contextlib.contextmanager
def site(posts, config="languages: [en, it]\n"):
    with tempsite.Site(config, posts) as made:
        yield made.folder


def check(folder, *arguments, where=None, **options):
    call = [str(BINARY)] + (["-c", str(folder / "cartolina.yaml")] if where else []) + ["check", *arguments]
    done = subprocess.run(call, cwd=where or folder, capture_output=True, timeout=LIMIT, check=False, **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def listing(folder):
    """Every file with its bytes, mode, owner and time of change."""
    found = {}
    for file in sorted(folder.rglob("*")):
        st = file.lstat()
        found[str(file.relative_to(folder))] = (st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns,
                                                file.read_bytes() if file.is_file() else None)
    return found


GOOD = "---\ntitle: A title\n---\ntext\n"
BROKEN = "---\ntitle: One: two\n---\ntext\n"
LINE = re.compile(r"^(content/\S+):(\d+):(\d+): (error|warning): (.+) \[([a-z]+/[a-z-]+)\]$")


@test
def a_clean_site_says_nothing():
    with site({"x.md": GOOD, "it/x.md": GOOD}) as folder:
        before = listing(folder)
        assert check(folder) == (0, "", "2 posts: 0 errors, 0 warnings\n")
        assert check(folder, "--json") == (0, "[]\n", "")
        assert check(folder, "--fix") == (0, "", "2 posts: 0 errors, 0 warnings\n")
        assert listing(folder) == before, "it wrote something"


@test
def warnings_are_no_failure_and_errors_are():
    with site({"x.md": GOOD + "![](https://e.org/x)\n"}) as folder:
        status, out, err = check(folder)
        assert status == 0 and out.endswith("[image/no-alt]\n") and out.startswith("content/x.md:5:1: warning: "), out
        assert err == "1 posts: 0 errors, 1 warnings\n"
        (folder / "content/y.md").write_text(BROKEN)
        status, out, err = check(folder)
        assert status == 1 and "content/y.md:2:11: error: " in out and err == "2 posts: 1 errors, 1 warnings\n", out


@test
def findings_come_in_the_order_of_files_and_lines():
    text = "---\ntitel: x\n---\n![](https://e.org/x) [a](/n)\n\n<!--more-->\n\na[^1]\n\n<!--more-->\n"
    with site({"b.md": text, "a/c.md": text, "B.md": text}) as folder:
        lines = check(folder)[1].splitlines()
        found = [LINE.match(line).groups() for line in lines]
        keys = [(path, int(line), int(column)) for path, line, column, *_ in found]
        assert keys == sorted(keys), keys
        assert [f[5] for f in found if f[0] == "content/b.md"] == [
            "frontmatter/no-title", "frontmatter/unknown-key", "image/no-alt", "link/broken",
            "footnote/undefined", "divider/second"], found


@test
def json_says_the_same():
    posts = {"b.md": BROKEN, "c.md": GOOD + '[a](</n"\\è>)\n', "d: error: x.md": GOOD + "[a](/n)\n"}
    with site(posts) as folder:
        status, out, err = check(folder, "--json")
        found = json.loads(out)
        assert status == 1 and err == "" and out.count("\n") == 1
        assert [list(f) for f in found] == [["path", "line", "column", "level", "message", "rule"]] * len(found)
        text = [f"{f['path']}:{f['line']}:{f['column']}: {f['level']}: {f['message']} [{f['rule']}]" for f in found]
        plain = check(folder)[1].splitlines()
        assert text == plain, plain
        assert {f["rule"] for f in found} == {"yaml/colon", "link/broken"}, found


@test
def paths_are_as_one_would_type_them():
    with site({"posts/x.md": BROKEN}) as folder:
        assert check(folder)[1].startswith("content/posts/x.md:2:11: ")
        assert check(folder, where=folder / "content")[1].startswith("posts/x.md:2:11: ")
        assert check(folder, where="/")[1].startswith(f"{str(folder)[1:]}/content/posts/x.md:2:11: ") or \
            check(folder, where="/")[1].startswith(f"{folder}/content/posts/x.md:2:11: ")


@test
def calls_that_are_not_understood():
    with site({}) as folder:
        for arguments in (["--what"], ["x.md"], ["--yes"], ["--json", "--json=1"]):
            status, out, err = check(folder, *arguments)
            assert status == 2 and out == "" and err.startswith("cartolina check: "), (arguments, err)
        (folder / "content").rmdir()
        status, out, err = check(folder)
        assert status == 1 and out == "" and "content" in err, err


@test
def the_seeds():
    if not (SHARED / "seeds").is_dir():
        print(f"no seeds in {SHARED}: skipped", file=sys.stderr)
        raise Skip("no shared data")
    posts = {f"posts/{f.name}": f.read_bytes() for f in (SHARED / "seeds").glob("milan.*.md")}
    with site(posts) as folder:
        (folder / "content/images").mkdir()
        (folder / "content/images/milano-card.jpg").write_bytes(b"")
        status, out, _ = check(folder)
        assert status == 0
        found = [LINE.match(line).group(1, 2, 3, 6) for line in out.splitlines()]
        assert found == [("content/posts/milan.en.md", "10", "1", "image/no-alt"),
                         ("content/posts/milan.it.md", "5", "14", "translation/untranslated"),
                         ("content/posts/milan.it.md", "11", "1", "image/no-alt")], found


BEGINNINGS = {  # what must stand where a finding of this rule says
    "image/no-alt": r"!\[|<img\b|\{\{[<%]", "reference/undefined": r"!?\[", "footnote/undefined": r"\[\^",
    "shortcode/unknown": r"\{\{[<%]", "shortcode/broken": r"\{\{[<%]", "html/unbalanced": r"</?[A-Za-z]", "divider/first": r"<!--",
    "divider/second": r"<!--", "divider/in-code": r"<!--", "link/broken": r"[^\s\])>]", "image/missing": r"[^\s\])>]",
}


@test
def positions_in_real_posts():
    corpus = SHARED / "corpus"
    if not corpus.is_dir():
        print(f"no posts in {corpus}: skipped", file=sys.stderr)
        raise Skip("no shared data")
    seen = set()
    for folder in sorted(f for f in corpus.iterdir() if f.is_dir()):
        with site({}) as root:
            shutil.copytree(folder, root / "content", dirs_exist_ok=True)
            for found in json.loads(check(root, "--json")[1]):
                file = root / found["path"]
                lines = file.read_text().split("\n")
                assert 1 <= found["line"] <= len(lines), found
                line = lines[found["line"] - 1]
                assert 1 <= found["column"] <= len(line) + 1, found
                rest = line[found["column"] - 1:]
                assert re.match(BEGINNINGS.get(found["rule"], ""), rest, re.IGNORECASE), (found, rest[:60])
                # The message quotes the address as far as it is written so.
                quoted = re.search(r"there is no image (\S+)$", found["message"])
                assert not quoted or rest.startswith(quoted[1].removesuffix("...")), (found, rest[:60])
                seen.add(found["rule"])
    assert {"link/broken", "image/missing", "image/no-alt", "shortcode/unknown", "html/unbalanced",
            "reference/undefined"} <= seen, seen


# --- --fix ------------------------------------------------------------------------

MENDABLE = {
    "a.md": b"\xef\xbb\xbf---\r\ntitle: One: two\r\ndescription: it's: three\r\n---\r\ntext\r\n",
    "b.md": b"---\ntitel: x\n---\ntext\n\n<!--more-->\n\nmore\n\n<!--more-->\n\nend",
    "c/d.md": b"---\ntitle: x\n---\n<!--more-->\n\n[a](/n) text",
    "e.md": b"---\ntitle: x: # not sure\n---\ntext\n",
}
MENDED = {
    "a.md": b"\xef\xbb\xbf---\r\ntitle: 'One: two'\r\ndescription: \"it's: three\"\r\n---\r\ntext\r\n",
    "b.md": b"---\ntitle: x\n---\ntext\n\n<!--more-->\n\nmore\n\n\nend",
    "c/d.md": b"---\ntitle: x\n---\n\n[a](/n) text",
    "e.md": MENDABLE["e.md"],
}


def contents(folder):
    return {name: (folder / "content" / name).read_bytes() for name in MENDABLE}


@test
def fix_asks_before_it_writes():
    with site(MENDABLE) as folder:
        before = listing(folder)
        status, out, err = check(folder, "--fix", stdin=subprocess.DEVNULL)
        assert status == 1 and "--- a/content/a.md\n+++ b/content/a.md\n@@ -1,5 +1,5 @@\n" in out, out
        assert "--fix --yes" in err and listing(folder) == before, err
        # What was piped in is no answer.
        check(folder, "--fix", input=b"y\n")
        assert listing(folder) == before


def on_terminal(folder, answer):
    terminal, other = pty.openpty()
    child = subprocess.Popen([str(BINARY), "check", "--fix"], cwd=folder, stdin=other, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    os.close(other)
    os.write(terminal, answer)
    out, err = child.communicate(timeout=LIMIT)
    os.close(terminal)
    return child.returncode, out.decode(), err.decode()


@test
def fix_takes_yes_and_nothing_else_for_yes():
    with site(MENDABLE) as folder:
        before = listing(folder)
        for answer in (b"\n", b"n\n", b"no\n", b"x\n", b"\x04"):
            _, out, err = on_terminal(folder, answer)
            assert "change 3 files? [y/N] " in err and "+++ b/content/b.md" in out, err
            assert listing(folder) == before, answer
        status, out, _ = on_terminal(folder, b"y\n")
        assert contents(folder) == MENDED and status == 1, contents(folder)
        assert "content/e.md:2:9: error: " in out and "content/a.md" not in out.split("@@")[-1], out


@test
def fix_writes_and_looks_again():
    with site(MENDABLE) as folder:
        os.utime(folder / "content/a.md", ns=(10**18, 10**18 + 1))
        os.chmod(folder / "content/b.md", 0o640)
        before = listing(folder / "content")
        status, out, err = check(folder, "--fix", "--yes")
        after = listing(folder / "content")
        assert contents(folder) == MENDED, contents(folder)
        for name, (mode, uid, gid, mtime, _) in before.items():
            if name != "c":
                assert after[name][:4] == (mode, uid, gid, mtime), name
        assert sorted(after) == sorted(before), "it left a file behind"
        # The diff, then what remains: the error that it did not touch.
        remains = [line for line in out.splitlines() if LINE.match(line)]
        assert [LINE.match(line).group(6) for line in remains] == ["link/broken", "yaml/colon"], remains
        assert status == 1 and err == "4 posts: 1 errors, 1 warnings\n", err
        assert check(folder, "--fix", "--yes")[1].count("@@") == 0


@test
def fix_prints_a_diff_that_applies():
    if not shutil.which("patch"):
        raise Skip("patch is not installed")
    with site(MENDABLE) as folder:
        diff = check(folder, "--fix", stdin=subprocess.DEVNULL)[1]
        diff = "".join(line for line in diff.splitlines(keepends=True) if not LINE.match(line.rstrip("\n")))
        done = subprocess.run(["patch", "--binary", "-p1"], input=diff.encode(), cwd=folder, capture_output=True,
                              check=False)
        assert done.returncode == 0, done.stdout
        assert contents(folder) == MENDED


@test
def fix_with_json():
    with site(MENDABLE) as folder:
        status, out, err = check(folder, "--fix", "--yes", "--json")
        assert status == 1 and [f["rule"] for f in json.loads(out)] == ["link/broken", "yaml/colon"]
        assert "+++ b/content/a.md" in err and contents(folder) == MENDED


@test
def fix_understands_links_to_files():
    with site({}) as folder:
        (folder / "real.md").write_bytes(MENDABLE["a.md"])
        (folder / "content/a.md").symlink_to("../real.md")
        assert check(folder, "--fix", "--yes")[0] == 0
        assert (folder / "content/a.md").is_symlink() and (folder / "real.md").read_bytes() == MENDED["a.md"]
        # A file with two names would lose one of them.
        (folder / "content/a.md").unlink()
        (folder / "real.md").write_bytes(MENDABLE["a.md"])
        os.link(folder / "real.md", folder / "content/b.md")
        status, _, err = check(folder, "--fix", "--yes")
        assert status == 1 and "content/b.md: not changed: " in err and "hard links" in err, err
        assert (folder / "content/b.md").read_bytes() == MENDABLE["a.md"]


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
