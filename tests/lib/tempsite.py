"""A site in a temporary folder, asked by `cartolina get`.

    with tempsite.site({"posts/x.md": tempsite.post("text", date="2020-01-01")}) as s:
        status, fields, body = s.get("/posts/x")
"""
import contextlib
import pathlib
import subprocess
import tempfile

from tap import BINARY

LIMIT = 60  # seconds for one call


class Site:
    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments):
        """(exit status, standard output, standard error)"""
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
    with tempfile.TemporaryDirectory(prefix="cartolina-site-") as name:
        made = Site(pathlib.Path(name))
        (made.folder / "content").mkdir()
        (made.folder / "cartolina.yaml").write_text(config + "index: index.db\nrefresh: 0\n")
        for path, text in posts.items():
            made.write(path, text)
        yield made


def post(text="text", **fields):
    fields.setdefault("title", "A title")
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in fields.items()) + f"---\n{text}\n"
