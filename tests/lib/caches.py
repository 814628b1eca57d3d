"""The caches of conf/ in front of a site, with what the transports of tests/http do not have: requests
and what became of them."""
import pathlib

import expand
import process
import rawhttp
import transports


class Nginx(transports.NginxUnix):
    mount = ""
    front = "port"
    edits = {
        "cartolina.yaml": (("accept_language: false", "accept_language: true"),),
        "nginx/cartolina.conf": (
            ("upstream cartolina {", "include cartolina-cache-zone.conf;\n\nupstream cartolina {{"),
            ("location / {\n\t\tinclude cartolina-fastcgi.conf;",
             "location / {{\n\t\tinclude cartolina-fastcgi.conf;\n\t\tinclude cartolina-cache.conf;"),
            ("\tlocation / {", "\tlocation = /page.html {{\n\t\tssi on;\n\t\troot {root};\n\t}}\n\tlocation / {{")),
        "nginx/cartolina-cache-zone.conf": (("/var/lib/nginx/cartolina", "{root}/cache/nginx"),),
    }

    def prepare(self):
        super().prepare()
        self.expand("nginx/cartolina-cache-zone.conf", "cartolina-cache-zone.conf")
        self.expand("nginx/cartolina-cache.conf", "cartolina-cache.conf")

    def get(self, target, method="GET", **fields):
        if isinstance(target, str):
            target = target.encode()
        return rawhttp.request(self.values[self.front], method, self.mount.encode() + target,
                               [(n.replace("_", "-"), v) for n, v in fields.items()])

    def verdict(self, target, **fields):
        return self.get(target, **fields).get("X-Cache")

    def take_responder_away(self):
        problems = self.processes.pop(0).stop()
        assert not problems, problems


class BehindVarnish:
    """A server with Varnish before it: default.vcl, at the port `front`."""

    server = "varnishd"
    front = "front"

    def launch(self):
        super().launch()
        self.run(transports.varnishd(self.root / "run/varnish", self.root / "default.vcl", self.values["front"]),
                 "varnish", ("127.0.0.1", self.values["front"]))

    def is_bad(self, log, line):
        return log != "varnish.log" and super().is_bad(log, line)


class Varnish(BehindVarnish, Nginx):
    mount = "/blog"
    edits = {
        **expand.BLOG,
        "cartolina.yaml": (*expand.BLOG["cartolina.yaml"],
                           ("# purge: http://127.0.0.1:6081/", "purge: http://127.0.0.1:{front}/")),
        "varnish/cartolina.vcl": (('"8080"', '"{port}"'),),
    }

    def start(self):
        self.site.edits = {**self.edits, "cartolina.yaml": tuple(
            (old, new.replace("{front}", str(self.front_port()))) for old, new in self.edits["cartolina.yaml"])}
        super().start()

    def front_port(self):
        self.chosen = getattr(self, "chosen", 0) or process.free_port()
        return self.chosen

    def prepare(self):
        transports.NginxUnix.prepare(self)
        self.values["front"] = self.front_port()
        self.expand("varnish/cartolina.vcl", "default.vcl")

    @classmethod
    def missing(cls):
        if not any(pathlib.Path("/usr/lib").glob("*/varnish/vmods/libvmod_xkey.so")):
            return "varnish-modules"
        return super().missing() or Nginx.missing()
