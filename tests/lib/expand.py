"""The shipped samples of conf/ -> the same files with this run's paths and ports.

Nothing else is changed, so that a sample which does not work fails the tests.
"""
import os
import pathlib
import re

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
CONF = CHECKOUT / "conf"

# What the samples say -> what this run says.  The first that fits counts.
TABLE = (
    ("/srv/cartolina/content", "{content}"),
    ("/srv/cartolina", "{root}"),
    ("/run/cartolina", "{root}/run"),
    ("/var/cache/cartolina", "{root}/cache"),
    ("\tlisten [::]:80;\n", ""),
    ("listen 80;", "listen 127.0.0.1:{port};"),
    ("<VirtualHost *:80>", "<VirtualHost 127.0.0.1:{port}>"),
    ("http://example.org {", "http://127.0.0.1:{port} {{"),
)

# For a FastCGI worker that listens on TCP.
TCP = (("unix:/run/cartolina/cartolina.sock", "127.0.0.1:{worker_port}"),)

# For a site below /blog: the edits that the samples' own comments tell, by file.
BLOG = {
    "nginx/cartolina.conf": (('"^()', '"^(/blog)'), ("location / {", "location /blog/ {{")),
    "nginx/cartolina-fastcgi.conf": (('"^()', '"^(/blog)'),),
    "apache/cartolina-cgi.conf": (('ScriptAlias "/"', 'ScriptAlias "/blog/"'),
                                  ('"^(', '"^/blog(')),
    "apache/cartolina-fastcgi.conf": (('ProxyPass "/"', 'ProxyPass "/blog/"'),
                                      ('"^(', '"^/blog(')),
    "apache/htaccess": (('"%{DOCUMENT_ROOT}/content/', '"%{{DOCUMENT_ROOT}}/blog/content/'),),
    "lighttpd/cartolina.conf": (
        ('"fix-root-scriptname" => "enable"', '"fix-root-scriptname" => "disable"'),
        ('fastcgi.server = ( "/"', 'fastcgi.server = ( "/blog"'),
        ('# alias.url = ( "/blog"', 'alias.url = ( "/blog"')),
    "lighttpd/cartolina-cgi.conf": (
        ('alias.url = ( "/" =>', 'alias.url = ( "/blog/" =>'),
        ('# alias.url = ( "/blog"', 'alias.url = ( "/blog"')),
    "cartolina.yaml": (("http://127.0.0.1:8080", "http://127.0.0.1:8080/blog"),),
}

# A page of the server's own, with server-side includes of Cartolina's.
_APACHE_INCLUDE = """
	Alias "/including.html" "{root}/including.html"
	<Directory "{root}">
		Options +Includes
		SetOutputFilter INCLUDES
		Require all granted
	</Directory>
"""
INCLUDE = {
    "nginx/cartolina.conf": (
        ("\tlocation / {",
         "\tlocation = /including.html {{\n\t\tssi on;\n\t\troot {root};\n\t}}\n\tlocation / {{"),),
    "apache/cartolina-cgi.conf": (
        ("\tScriptAlias", _APACHE_INCLUDE + "\tScriptAlias"),),
    "apache/cartolina-fastcgi.conf": (
        ("\tProxyPass", _APACHE_INCLUDE + "\tProxyPass \"/including.html\" \"!\"\n\tProxyPass"),),
}


def expand(source, target, values, edits=()):
    """Writes `source` to `target`; `edits` are (old, new) pairs made first, each of which must
    find its text in the file."""
    text = pathlib.Path(source).read_text(encoding="utf-8")
    for old, new in edits:
        if old not in text:
            raise ValueError(f"{source} does not say {old}")
        text = text.replace(old, new.format(**values))
    # In one pass: a replacement may hold what another line looks for.
    known = {old: new.format(**values) for old, new in TABLE}
    text = re.sub("|".join(re.escape(old) for old in known), lambda m: known[m[0]], text)
    target = pathlib.Path(target)
    target.write_text(text, encoding="utf-8")
    # Last-Modified is the newest input's: every transport's configuration is equally old.
    os.utime(target, (1700000000, 1700000000))
    return target
