"""The ways to ask Cartolina something: the command line, CGI, FastCGI, and real servers with
the shipped samples of conf/."""
import os
import pathlib
import shutil
import subprocess
import urllib.parse

import expand
import fcgi_client
import process
import rawhttp

FIXED_TIME = (1700000000, 1700000000)  # of copied files, so that Last-Modified is the same


class Site:
    """One content folder; every transport has its own copy of the rest below `folder`."""

    def __init__(self, name, folder, binary, edits):
        self.name = name
        self.folder = pathlib.Path(folder)
        self.binary = binary
        self.content = self.folder / "content"
        self.edits = edits  # {sample: ((old, new), ...)}


class Transport:
    server = None       # the program that must be installed
    adds = ()           # fields that the server adds
    exit_statuses = (0,)

    def __init__(self, name, site):
        self.name = name
        self.site = site
        self.root = site.folder / name
        self.processes = []
        self.values = {}

    @classmethod
    def missing(cls):
        """The name of the server that is not installed, or None."""
        return cls.server if cls.server and not find_program(cls.server) else None

    def start(self):
        for part in ("run", "cache", "cgi-bin"):
            (self.root / part).mkdir(parents=True)
        self.values = {"root": self.root, "content": self.site.content,
                       "port": process.free_port(), "worker_port": process.free_port()}
        self.config = self.expand("cartolina.yaml", "cartolina.yaml")
        shutil.copy2(expand.CHECKOUT / "tests/lib/including.html", self.root)
        self.prepare()
        if self.server:
            process.give_away(self.root)
        try:
            self.launch()
        except Exception:
            self.stop()
            raise

    def expand(self, sample, name, edits=()):
        return expand.expand(expand.CONF / sample, self.root / name, self.values,
                             (*edits, *self.site.edits.get(sample, ())))

    def expand_frame(self, frame, name):
        return expand.expand(expand.CHECKOUT / "tests/lib" / frame, self.root / name, self.values)

    def install_cgi(self, folder="cgi-bin"):
        target = self.root / folder / "cartolina.cgi"
        shutil.copy(self.site.binary, target)
        target.chmod(0o755)
        return target

    def prepare(self):
        pass

    def launch(self):
        pass

    def ask(self, method, target, fields, body):
        raise NotImplementedError

    def run(self, argv, name, address, as_server=True):
        child = process.Process(argv, self.root / "run" / f"{name}.log", cwd=self.root,
                                env=environment(), as_server=as_server)
        self.processes.append(child)
        child.wait_for(address)

    def run_worker(self, listen, address, as_server=True, workers=2):
        shutil.copy(self.site.binary, self.root / "cartolina")
        self.run([self.root / "cartolina", "-c", self.config, "fastcgi", "--listen", listen,
                  "--workers", str(workers)], "worker", address, as_server)

    def stop(self):
        problems = []
        for child in reversed(self.processes):
            problems += child.stop(statuses=self.exit_statuses)
        self.processes.clear()
        problems += [f"process {pid} is left over: {command}"
                     for pid, command in process.left_over(str(self.root))]
        return problems

    def log_problems(self, allowed):
        """What the workers' standard error and the server's log should not hold."""
        problems = []
        for log in sorted((self.root / "run").glob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            problems += [f"{log.name}: {line}" for line in process.sanitizer_reports(text)]
            for line in text.splitlines():
                if self.is_bad(log.name, line) and not any(a.search(line) for a in allowed):
                    problems.append(f"{log.name}: {line}")
        return problems

    def is_bad(self, log, line):
        return bool(line.strip()) and not line.startswith(("cartolina: notice:", "profiling:"))


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def varnishd(folder, vcl, port):
    """How one is started: in the foreground, with its state in a folder of its own."""
    return [find_program("varnishd"), "-F", "-j", "none", "-n", folder, "-f", vcl, "-a", f"127.0.0.1:{port}",
            "-s", "malloc,32m", "-T", "none", "-p", "thread_pools=1", "-p", "thread_pool_min=20"]


def environment(**more):
    kept = {k: v for k, v in os.environ.items()
            if k in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") or k.endswith("SAN_OPTIONS")
            or k.startswith("GCOV_")}
    return {**kept, **more}


def split_target(target):
    path, _, query = target.partition(b"?")
    return urllib.parse.unquote_to_bytes(path), query


class Get(Transport):
    """`cartolina get`: what all others are compared with."""

    def ask(self, method, target, fields, body):
        argv = [self.site.binary, "-c", self.config, "get", target]
        for name, value in fields:
            argv += ["-H", f"{name}: {value}"]
        if method != "GET":
            argv += ["-X", method]
        return self.collect(argv, environment(), self.root)

    def collect(self, argv, env, folder, body=b""):
        done = subprocess.run(argv, input=body, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=env, cwd=folder, timeout=60, check=False)
        with open(self.root / "run" / "stderr.log", "ab") as log:
            log.write(done.stderr)
        if done.returncode < 0:
            raise ValueError(f"killed by signal {-done.returncode}: {done.stderr[-300:]!r}")
        return rawhttp.parse_cgi(done.stdout)


def cgi_variables(method, target, fields, body):
    """What Apache sets for ScriptAlias "/"."""
    path, query = split_target(target)
    variables = {
        b"GATEWAY_INTERFACE": b"CGI/1.1", b"SERVER_PROTOCOL": b"HTTP/1.1",
        b"SERVER_SOFTWARE": b"Apache", b"SERVER_NAME": b"127.0.0.1", b"SERVER_PORT": b"80",
        b"SERVER_ADDR": b"127.0.0.1", b"REMOTE_ADDR": b"127.0.0.1", b"REMOTE_PORT": b"40000",
        b"REQUEST_SCHEME": b"http", b"DOCUMENT_ROOT": b"/var/www/html",
        b"REQUEST_METHOD": method.encode(), b"REQUEST_URI": target, b"QUERY_STRING": query,
        b"SCRIPT_NAME": b"", b"PATH_INFO": path, b"HTTP_HOST": b"127.0.0.1",
    }
    if body:
        variables[b"CONTENT_LENGTH"] = b"%d" % len(body)
    for name, value in fields:
        variables[b"HTTP_" + name.upper().replace("-", "_").encode()] = value.encode()
    return variables


class Cgi(Get):
    def prepare(self):
        self.script = self.install_cgi()

    def ask(self, method, target, fields, body):
        env = {k.encode(): v.encode() for k, v in environment().items()}
        env[b"CARTOLINA_CONFIG"] = str(self.config).encode()
        env[b"SCRIPT_FILENAME"] = str(self.script).encode()
        env.update(cgi_variables(method, target, fields, body))
        # Apache passes a query without "=" as an argument.
        _path, query = split_target(target)
        argv = [self.script]
        if query and b"=" not in query and len(query) < 4096:
            argv.append(urllib.parse.unquote_to_bytes(query).replace(b"\0", b""))
        return self.collect(argv, env, self.script.parent, body)


class FcgiUnix(Transport):
    def launch(self):
        self.address = self.root / "run" / "cartolina.sock"
        # One: run.py asks twice, and the second answer is from the worker's memory.
        self.run_worker(f"unix:{self.address}", self.address, as_server=False, workers=1)

    def variables(self, method, target, fields, body):
        return cgi_variables(method, target, fields, body)

    def ask(self, method, target, fields, body):
        reply = fcgi_client.request(self.address, self.variables(method, target, fields, body),
                                    timeout=60, body=body)
        with open(self.root / "run" / "stderr.log", "ab") as log:
            log.write(reply.stderr)
        if not reply.complete:
            raise ValueError("no FastCGI end of request")
        return rawhttp.parse_cgi(bytes(reply.stdout))


class FcgiTcp(FcgiUnix):
    """With the variables of nginx's own fastcgi_params: no PATH_INFO."""

    def variables(self, method, target, fields, body):
        variables = super().variables(method, target, fields, body)
        path = variables.pop(b"PATH_INFO")
        variables[b"SCRIPT_NAME"] = variables[b"DOCUMENT_URI"] = path
        return variables

    def launch(self):
        self.address = ("127.0.0.1", self.values["worker_port"])
        self.run_worker("127.0.0.1:%d" % self.address[1], self.address, as_server=False)


class WebServer(Transport):
    """A server that runs conf/'s sample; pages over a loopback port."""

    def ask(self, method, target, fields, body):
        return rawhttp.request(self.values["port"], method, target, fields, body)

    def run_server(self, argv):
        self.run([find_program(argv[0]), *argv[1:]], "server",
                 ("127.0.0.1", self.values["port"]))


class NginxUnix(WebServer):
    server = "nginx"
    # gzip_vary: right for every cache, also when this reader got no gzip.
    adds = (("Vary", "Accept-Encoding"),)
    upstream = ()

    def prepare(self):
        self.expand("nginx/cartolina.conf", "cartolina.conf", self.upstream)
        self.expand("nginx/cartolina-fastcgi.conf", "cartolina-fastcgi.conf")
        self.expand_frame("frame-nginx.conf", "nginx.conf")

    def launch(self):
        socket = self.root / "run" / "cartolina.sock"
        self.run_worker(f"unix:{socket}", socket)
        self.launch_nginx()

    def launch_nginx(self):
        self.run_server(["nginx", "-p", self.root, "-e", self.root / "run" / "error.log",
                         "-c", self.root / "nginx.conf"])

    def is_bad(self, log, line):
        if log == "error.log":
            return any(f"[{level}]" in line for level in ("error", "crit", "alert", "emerg"))
        return super().is_bad(log, line)


class NginxTcp(NginxUnix):
    upstream = expand.TCP

    def launch(self):
        port = self.values["worker_port"]
        self.run_worker(f"127.0.0.1:{port}", ("127.0.0.1", port))
        self.launch_nginx()


class Apache(WebServer):
    server = "apache2"

    def prepare(self):
        frame = self.expand_frame("frame-apache.conf", "apache.conf")
        sample = self.sample()
        with open(frame, "a", encoding="utf-8") as out:
            out.write(f"Listen 127.0.0.1:{self.values['port']}\nInclude \"{sample}\"\n")

    def launch(self):
        self.run_server(["apache2", "-DFOREGROUND", "-f", self.root / "apache.conf"])

    def is_bad(self, log, line):
        if log == "error.log":
            # AH00468: it closed a connection that was gone already, which is rare and harmless.
            return "AH00468" not in line and (
                any(f":{level}]" in line for level in ("error", "crit", "alert", "emerg"))
                or not line.startswith("["))
        return super().is_bad(log, line)


class ApacheCgid(Apache):
    def sample(self):
        self.install_cgi()
        return self.expand("apache/cartolina-cgi.conf", "cartolina-cgi.conf")


class ApacheHtaccess(Apache):
    def sample(self):
        folder = "htdocs/blog" if self.site.name == "blog" else "htdocs"
        home = self.root / folder
        home.mkdir(parents=True)
        self.install_cgi(folder)
        shutil.copytree(self.site.content, home / "content")
        shutil.copy2(self.config, home / "cartolina.yaml")
        self.expand("apache/htaccess", f"{folder}/.htaccess")
        return self.expand_frame("frame-apache-htaccess.conf", "vhost.conf")


class ApacheFcgi(Apache):
    def sample(self):
        return self.expand("apache/cartolina-fastcgi.conf", "cartolina-fastcgi.conf")

    def launch(self):
        socket = self.root / "run" / "cartolina.sock"
        self.run_worker(f"unix:{socket}", socket)
        super().launch()


class Lighttpd(WebServer):
    server = "lighttpd"
    # It answers ranges itself, of whatever has a Content-Length.
    adds = (("Accept-Ranges", "bytes"),)
    exit_statuses = (0, 1)  # 1 when it is told to stop within a second of an answer
    sample = None

    def prepare(self):
        frame = self.expand_frame("frame-lighttpd.conf", "lighttpd.conf")
        sample = self.expand(self.sample, "cartolina.conf")
        with open(frame, "a", encoding="utf-8") as out:
            out.write(f"server.port = {self.values['port']}\ninclude \"{sample}\"\n")

    def launch(self):
        self.run_server(["lighttpd", "-D", "-f", self.root / "lighttpd.conf"])

    def is_bad(self, log, line):
        if log == "error.log":
            return "(server.c." not in line  # "server started", "server stopped by UID"
        return super().is_bad(log, line)


class LighttpdFcgi(Lighttpd):
    sample = "lighttpd/cartolina.conf"

    def launch(self):
        socket = self.root / "run" / "cartolina.sock"
        self.run_worker(f"unix:{socket}", socket)
        super().launch()


class LighttpdCgi(Lighttpd):
    sample = "lighttpd/cartolina-cgi.conf"

    def prepare(self):
        self.install_cgi()
        super().prepare()


class CaddyFcgi(WebServer):
    server = "caddy"

    def prepare(self):
        self.expand("caddy/Caddyfile", "Caddyfile")

    def launch(self):
        socket = self.root / "run" / "cartolina.sock"
        self.run_worker(f"unix:{socket}", socket)
        self.run_server(["caddy", "run", "--config", self.root / "Caddyfile",
                         "--adapter", "caddyfile"])

    def is_bad(self, log, line):
        if log == "server.log":
            return '"level":"error"' in line or '"level":"fatal"' in line
        return super().is_bad(log, line)


TRANSPORTS = {
    "get": Get, "cgi": Cgi, "fcgi-unix": FcgiUnix, "fcgi-tcp": FcgiTcp,
    "nginx-unix": NginxUnix, "nginx-tcp": NginxTcp,
    "apache-cgid": ApacheCgid, "apache-htaccess": ApacheHtaccess, "apache-fcgi": ApacheFcgi,
    "lighttpd-fcgi": LighttpdFcgi, "lighttpd-cgi": LighttpdCgi, "caddy-fcgi": CaddyFcgi,
}
