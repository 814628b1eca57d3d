#!/usr/bin/env python3
"""The units of conf/systemd, under the real systemd: in a machine of its own, of namespaces.

    tests/integration/test_systemd.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.  Where there is no systemd, or no right to make such a
machine, the tests are skipped.
"""
import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import fcgi_client as fcgi    # noqa: E402
import machine                # noqa: E402
import process                # noqa: E402
import tap                    # noqa: E402
from process import until     # noqa: E402
from responder import Load    # noqa: E402
from tap import test          # noqa: E402

UNITS = tap.CHECKOUT / "conf/systemd"
SERVICE, SOCKET = UNITS / "cartolina.service", UNITS / "cartolina.socket"
POST = "---\ntitle: {title}\n---\n{text}\n"
# What the service's comment says of caches, for one that is on this host.
WITH_PURGE = ("[Service]\nPrivateNetwork=no\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"
              "IPAddressDeny=any\nIPAddressAllow=localhost\n")
CACHE = """
import socket
listener = socket.create_server(("127.0.0.1", 6081))
print("ready", flush=True)
while True:
    connection, _ = listener.accept()
    print(connection.recv(4096).decode().split("\\r\\n")[2], flush=True)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
    connection.close()
"""


# ---- without a systemd that runs ----

def analyze(*argv):
    if not shutil.which("systemd-analyze"):
        raise tap.Skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", *map(str, argv)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


@test
def systemd_has_nothing_to_say_against_the_units():
    with tempfile.TemporaryDirectory() as folder:
        for unit in (SERVICE, SOCKET):
            # The program is not installed yet.
            text = unit.read_text().replace(machine.exec_start(SERVICE), str(tap.BINARY))
            (pathlib.Path(folder) / unit.name).write_text(text)
        status, said = analyze("verify", "--man=no", *(pathlib.Path(folder) / u.name for u in (SERVICE, SOCKET)))
        # It also looks at the units of this machine that these depend upon.
        ours = [line for line in said.splitlines() if "cartolina" in line]
        assert status == 0 and not ours, said


@test
def the_service_is_locked_up():
    status, said = analyze("security", "--offline=yes", "--threshold=15", SERVICE)
    if "unrecognized option" in said:
        raise tap.Skip("systemd-analyze is too old")
    assert status == 0, said[-300:]


# ---- in a machine ----

IN_A_MACHINE = []


def inside(function):
    """A test that is given the machine's site."""
    IN_A_MACHINE.append(function)
    return test(function)


class Installed:
    """A machine with Cartolina, as the socket's comment and the README say."""

    def __init__(self, m):
        self.machine = m
        self.socket = m.path("/run/cartolina/cartolina.sock")
        program = m.path(machine.exec_start(SERVICE))
        shutil.copy(tap.BINARY, program)
        program.chmod(0o755)
        (m.path("/srv/cartolina/content/posts")).mkdir(parents=True)
        self.write("uno", "Ciao a tutti.")
        self.configure()
        for unit in (SERVICE, SOCKET):
            shutil.copy(unit, m.path("/etc/systemd/system"))
        m.run("systemctl", "daemon-reload")
        m.run("systemctl", "enable", "--now", "cartolina.socket", "cartolina.service")

    def write(self, name, text):
        self.machine.path(f"/srv/cartolina/content/posts/{name}.md").write_text(POST.format(title=name, text=text))

    def configure(self, **keys):
        """The sample, with other values for these keys."""
        text = (tap.CHECKOUT / "conf/cartolina.yaml").read_text()
        for key, value in keys.items():
            text, count = re.subn(rf"^(# )?{key}: .*$", f"{key}: {value}", text, flags=re.M)
            assert count == 1, key
        self.machine.path("/srv/cartolina/cartolina.yaml").write_text(text)

    def drop_in(self, text):
        folder = self.machine.path("/etc/systemd/system/cartolina.service.d")
        folder.mkdir(exist_ok=True)
        (folder / "test.conf").write_text(text)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "cartolina.service")

    def show(self, name, unit="cartolina.service"):
        return self.machine.show(unit, name)

    def signal(self, name):
        self.machine.run("kill", f"-{name}", self.show("MainPID"))

    def page(self, path="/posts/uno"):
        return fcgi.request(self.socket, fcgi.get(path), 60)

    def log(self):
        return self.machine.try_to("journalctl", "-u", "cartolina.service", "--no-pager")[1]

    @contextlib.contextmanager
    def under_load(self):
        """Nobody is refused, and nothing that was asked is lost."""
        load = Load(self.socket, path="/posts/uno")
        try:
            assert until(lambda: load.answered > 50), self.log()
            yield load
            answered = load.answered
            assert until(lambda: load.answered > answered + 50, 60), self.log()
        finally:
            load.stop()
        assert not load.lost and not load.refused, (load.refused, load.lost[:1], self.log())


@inside
def it_starts_as_the_comments_say(site):
    assert site.show("ActiveState") == "active", site.log()
    assert "workers at unix:/run/cartolina/cartolina.sock" in site.show("StatusText"), site.show("StatusText")
    assert site.page().status == 200
    stat = site.socket.stat()
    assert stat.st_mode & 0o777 == 0o660 and stat.st_gid and not stat.st_uid, stat
    assert site.machine.run("stat", "-L", "-c", "%a", "/var/cache/cartolina/index.db") == "600\n"
    index = site.machine.path("/var/cache/private/cartolina/index.db").stat()
    assert index.st_uid and index.st_gid, index
    assert "listening at" in site.log(), site.log()


@inside
def edits_are_seen(site):
    """inotify, the renderers and their limits are not in the way of what the service may do."""
    site.write("due", "Altro.")
    assert until(lambda: b"Altro." in site.page("/posts/due").body), site.log()
    site.write("due", "Ancora altro.")
    assert until(lambda: b"Ancora altro." in site.page("/posts/due").body), site.log()
    assert "error" not in site.log() and "warning" not in site.log(), site.log()


@inside
def a_reload_refuses_nobody_and_takes_what_is_good(site):
    main = site.show("MainPID")
    with site.under_load():
        site.configure(max_age="7")
        site.machine.run("systemctl", "reload", "cartolina.service")
        assert until(lambda: site.show("StatusText").endswith("with the new configuration")), site.show("StatusText")
        assert "max-age=7" in site.page().head
        site.configure(max_age="soon")
        site.machine.run("systemctl", "reload", "cartolina.service")
        assert until(lambda: "was not taken" in site.show("StatusText")), site.show("StatusText")
        assert "max-age=7" in site.page().head
    assert site.show("MainPID") == main and site.show("ActiveState") == "active"
    site.configure()


@inside
def a_restart_refuses_nobody(site):
    main = site.show("MainPID")
    with site.under_load():
        for _ in range(3):
            site.machine.run("systemctl", "restart", "cartolina.service")
    assert site.show("MainPID") != main and site.show("NRestarts") == "0", site.log()


@inside
def a_crash_refuses_nobody(site):
    """Those who were at a worker then lose their connection; the next ones wait in the socket."""
    before = int(site.show("NRestarts"))
    site.signal("KILL")
    assert site.page().status == 200
    assert until(lambda: int(site.show("NRestarts")) == before + 1), site.log()


@inside
def the_watchdog_ends_a_supervisor_that_hangs(site):
    site.drop_in("[Service]\nWatchdogSec=3s\n")
    main, before = site.show("MainPID"), int(site.show("NRestarts"))
    site.signal("STOP")
    assert site.page().status == 200  # workers go on without it
    assert until(lambda: int(site.show("NRestarts")) == before + 1, 60), site.log()
    assert until(lambda: site.show("ActiveState") == "active", 60), site.log()
    assert site.show("MainPID") != main and site.page().status == 200, site.log()
    assert "atchdog" in site.log(), site.log()


@inside
def the_watchdog_leaves_a_good_one_alone(site):
    site.drop_in("[Service]\nWatchdogSec=10s\n")
    main = site.show("MainPID")
    time.sleep(12)
    assert site.show("MainPID") == main and site.page().status == 200, site.log()


@inside
def caches_are_told(site):
    m = site.machine
    assert all(line in SERVICE.read_text() for line in WITH_PURGE.split("\n")[1:]), "the comment says something else"
    told = m.folder / "told"
    cache = process.Process(["nsenter", "-t", str(m.pid), "-n", sys.executable, "-c", CACHE], told)
    try:
        assert until(lambda: "ready" in told.read_text(), 30), told.read_text()
        site.configure(purge="http://127.0.0.1:6081/")
        site.drop_in(WITH_PURGE)
        site.write("due", "Dopo.")
        for line in ("xkey-purge: posts/due list", "xkey-softpurge: posts/due list"):
            assert until(lambda line=line: line in told.read_text(), 30), told.read_text() + site.log()
        assert "cannot be told" not in site.log(), site.log()
    finally:
        cache.stop(statuses=(-15,))
        site.configure()
        site.drop_in("")


@inside
def a_wrong_configuration_says_why(site):
    site.configure(max_age="soon")
    m = site.machine
    assert m.try_to("systemctl", "restart", "cartolina.service")[0] != 0
    assert until(lambda: "max_age" in site.log()), site.log()
    assert "max_age" in site.show("StatusText"), site.show("StatusText")
    site.configure()
    m.try_to("systemctl", "reset-failed", "cartolina.service")
    m.run("systemctl", "start", "cartolina.service")
    assert site.page().status == 200


@inside
def a_stop_leaves_nothing(site):
    m = site.machine
    m.run("systemctl", "stop", "cartolina.socket", "cartolina.service")
    assert site.show("ActiveState") == "inactive", site.log()
    assert not site.socket.exists()
    assert m.try_to("pgrep", "cartolina")[0] == 1


def main(words):
    if b"__asan_init" in tap.BINARY.read_bytes():
        # The sanitizer wants memory that the service may not have.
        print("1..1\nok 1 - systemd # SKIP a sanitizer does not fit into the service", flush=True)
        return 0
    return tap.main(words, run)


def run(out, chosen):
    out.run_all([t for t in chosen if t not in IN_A_MACHINE])
    inside = [t for t in chosen if t in IN_A_MACHINE]
    if not inside:
        return
    with tempfile.TemporaryDirectory(prefix="cartolina-systemd-", ignore_cleanup_errors=True) as folder:
        try:
            with machine.Machine(folder) as m:
                out.run_all(inside, Installed(m))
        except machine.Unavailable as reason:
            print(f"test_systemd: no machine: {reason}", file=sys.stderr)
            out.skip("the units under the real systemd", reason)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
