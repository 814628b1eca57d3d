"""Somebody else's page with excerpts in it, as the samples of conf/ put them there, behind each
server: mixed into the transports of tests/http."""
import os
import re

import expand
import process
import rawhttp
import transports
from caches import BehindVarnish

SENTENCE = b"<p>This text is not available at the moment.</p>"

POSTS = {
    "writing-posts.en.md": """---
title: Writing
date: 2024-01-02
aliases: [/old/address]
---
Write **plainly**, for [readers](/blog/posts/one-post-many-languages).

- one
- two

<!--more-->

And at length.
""",
    "writing-posts.it.md": """---
title: Scrivere
---
Si scrive *semplicemente*: «così» & basta.

<!--more-->

E a lungo.
""",
    "writing-posts.ar.md": """---
title: الكتابة
---
اكتب **ببساطة**، فالقارئ مشغول.

<!--more-->

ثم أطل.
""",
    "one-post-many-languages.en.md": """---
title: Many languages
date: 2024-01-01
---
One post, *many* languages.

<!--more-->

All of them.
""",
    "one-post-many-languages.it.md": """---
title: Molte lingue
---
Un articolo, molte lingue.

<!--more-->

Tutte.
""",
}

# Copies of the sample page, and what each says instead; "&" may be written "&amp;".
VARIANTS = {
    "index": (),
    "arabic": (('lang="it" dir="ltr"', 'lang="ar" dir="rtl"'), ("?lang=it&", "?lang=ar&")),
    "alias": (("posts/writing-posts?", "old/address?"),),
    "slash": (("posts/writing-posts?", "posts/writing-posts/?"),),
    "missing": (("posts/writing-posts?", "posts/nowhere?"),),
    "second": (("posts/one-post-many-languages?", "posts/nowhere?"),),
    "empty": (("posts/writing-posts?", "posts/nowhere?"),
              ("posts/one-post-many-languages?", "posts/nowhere?x=1&")),
    "wrong": (("?lang=it&view=excerpt", "?lang=it&view=sideways"),),
    "short": (("?lang=it&view=excerpt&format", "?format"),),
    "fresh": (("format=fragment", "format=fragment&base=absolute"),),
}


def merged(*tables):
    out = {}
    for table in tables:
        for sample, edits in table.items():
            out[sample] = (*out.get(sample, ()), *edits)
    return out


class Landing:
    """Mixed into a transport of tests/http: the site below /blog, the samples' page beside it."""
    example = None    # of conf/examples
    page = None       # the address of a variant, "{}" stands for its name
    own_language = True  # the page's address says the second excerpt's language
    blog = "/blog/"   # where the page finds the blog
    for_missing = SENTENCE
    front = "port"    # which port readers come in at

    def prepare(self):
        super().prepare()
        folder = self.root / "landing"
        folder.mkdir()
        source = (expand.CONF / "examples" / self.example).read_text(encoding="utf-8")
        both = '&amp;' if '&amp;view' in source else '&'
        for name, edits in VARIANTS.items():
            text = source
            for old, new in edits:
                old, new = old.replace("&", both), new.replace("&", both)
                if old not in text:
                    raise ValueError(f"{self.example} does not say {old}")
                text = text.replace(old, new)
            text = text.replace("/blog/", self.blog)
            (folder / self.page.format(name)).write_text(text, encoding="utf-8")

    def landing(self, name="index", query=b"", method="GET", **fields):
        target = b"/landing/" + self.page.format(name).encode() + query
        return rawhttp.request(self.values[self.front], method, target,
                               [(n.replace("_", "-"), v) for n, v in fields.items()])

    def take_responder_away(self):
        return self.processes.pop(0).stop()


class Nginx(Landing, transports.NginxUnix):
    example = "landing-nginx.html"
    page = "{}.html"
    edits = merged(expand.BLOG, {"nginx/cartolina.conf": (
        ("\tlocation /blog/ {", "\tinclude landing.conf;\n\n\tlocation /blog/ {{"),)})

    def prepare(self):
        super().prepare()
        self.expand("nginx/landing.conf", "landing.conf")


# Debian's mods-enabled/deflate.conf.
APACHE_LANDING = """
	LoadModule deflate_module modules/mod_deflate.so
	AddOutputFilterByType DEFLATE text/html text/plain text/xml application/xml application/json
"""


class ApacheFcgi(Landing, transports.ApacheFcgi):
    example = "landing-apache.shtml"
    for_missing = b""  # to mod_include a 404 is an answer as any other, and Cartolina's is empty
    page = "{}.shtml"
    edits = merged(expand.BLOG, {f"apache/cartolina-{how}.conf": (
        ("</VirtualHost>", "\tInclude \"{root}/landing.conf\"\n" + "</VirtualHost>"),)
        for how in ("fastcgi", "cgi")})

    def prepare(self):
        super().prepare()
        self.expand("apache/landing.conf", "landing.conf")
        with open(self.root / "apache.conf", "a", encoding="utf-8") as out:
            out.write(APACHE_LANDING)


class ApacheCgid(ApacheFcgi):
    sample = transports.ApacheCgid.sample
    launch = transports.Apache.launch

    def take_responder_away(self):
        (self.root / "cgi-bin" / "cartolina.cgi").unlink()
        return []


class ApacheHtaccess(ApacheFcgi, transports.ApacheHtaccess):
    """A shared host: the lines that landing.conf tells for the folder's .htaccess."""
    edits = expand.BLOG
    blog = "/blog/cartolina.cgi/"
    sample = transports.ApacheHtaccess.sample
    launch = transports.Apache.launch

    def prepare(self):
        super().prepare()
        folder = self.root / "htdocs" / "landing"
        (self.root / "landing").rename(folder)
        inside = re.search(r"<Directory [^>]*>\n(.*)</Directory>",
                           (self.root / "landing.conf").read_text(encoding="utf-8"), re.S)[1]
        lines = [line.strip() for line in inside.splitlines()
                 if not line.strip().startswith(("AllowOverride", "Require"))]
        (folder / ".htaccess").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def take_responder_away(self):
        program = self.root / "htdocs/blog/cartolina.cgi"
        program.unlink()
        program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        program.chmod(0o755)
        return []


class Varnish(BehindVarnish, Nginx):
    example = "landing-esi.html"
    own_language = False

    def prepare(self):
        super().prepare()
        self.values["front"] = process.free_port()
        # The page comes to Varnish as any file does, with an ETag and Last-Modified.
        self.expand("nginx/landing.conf", "landing.conf", (("\tssi on;\n", ""),))
        self.expand("varnish/cartolina.vcl", "default.vcl", (('"8080"', '"{port}"'),))


SERVERS = {"nginx": Nginx, "apache-fcgi": ApacheFcgi, "apache-cgid": ApacheCgid,
           "apache-htaccess": ApacheHtaccess, "varnish": Varnish}

# What servers say of a responder that is gone and of errors that are included.
LOGGED = [re.compile(r"AH01079|AH01630|cartolina\.sock|cartolina\.cgi|unable to include|landing")]


def fill(content):
    (content / "posts").mkdir(parents=True)
    for name, text in POSTS.items():
        (content / "posts" / name).write_text(text, encoding="utf-8")
    for path in (content, *content.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, transports.FIXED_TIME)
