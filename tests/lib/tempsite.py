"""A site in a temporary folder, asked by `cartolina get`.

    with tempsite.site({"posts/x.md": tempsite.post("text", date="2020-01-01")}) as s:
        status, fields, body = s.get("/posts/x")
"""
import pathlib
import shutil
import subprocess
import tempfile

import process
from tap import BINARY

LIMIT = 60  # seconds for one call


class Site:
    """cartolina.yaml and content/; a context manager that takes the folder away."""

    def __init__(self, config="", posts=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-site-"))
        self.content = self.folder / "content"
        self.content.mkdir()
        self.config = self.folder / "cartolina.yaml"
        self.config.write_text(config)
        for path, text in (posts or {}).items():
            self.write(path, text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *arguments, **more):
        """The finished process; `more` for subprocess.run."""
        how = {"cwd": self.folder, "stdin": subprocess.DEVNULL, "timeout": LIMIT, **more}
        done = subprocess.run([BINARY, *arguments], capture_output=True, check=False, **how)
        reports = process.sanitizer_reports(done.stderr.decode("utf-8", "replace"))
        assert not reports, (arguments, reports)
        return done

    def run(self, *arguments, **more):
        """(exit status, standard output, standard error)"""
        done = self.call(*arguments, **more)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def get(self, address):
        """(status, {header: value}, body)"""
        _, out, err = self.run("get", address)
        head, _, body = out.replace("\r\n", "\n").partition("\n\n")
        assert head.startswith("Status: "), (out[:200], err)
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        return int(fields["Status"].split()[0]), fields, body

    def write(self, path, text):
        """`text`: a str or bytes.  The file's path."""
        file = self.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file


def site(posts, config="languages: [en, it]\n"):
    return Site(config + "index: index.db\nrefresh: 0\n", posts)


def post(text="text", **fields):
    fields.setdefault("title", "A title")
    return source(text, **fields)


def source(text, **fields):
    """A file with these fields and no others."""
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in fields.items()) + f"---\n{text}\n"
