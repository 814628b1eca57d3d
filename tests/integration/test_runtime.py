#!/usr/bin/env python3
"""`cartolina fastcgi` as its administrator meets it: logs, numbers, the pid file, systemd.

TAP on standard output; no web server is needed, and systemd is played here.
    tests/integration/test_runtime.py [WORD...]   only the tests with a WORD in their name
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import fcgi_client as fcgi  # noqa: E402  (found through the path above)
import promrules            # noqa: E402
import tap                  # noqa: E402
from process import alive, children, until  # noqa: E402
from responder import AT_LAST, AT_ONCE, DEADLINE, POST, Load, Server, whole_request  # noqa: E402
from tap import BINARY, test  # noqa: E402

METRICS = "/-/metrics"


def promtool(text):
    """What promtool says of it, or None when it is not there."""
    if not shutil.which("promtool"):
        return None
    done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), check=False,
                          capture_output=True, timeout=30)
    return (done.stdout + done.stderr).decode() if done.returncode else ""


def metrics(server):
    reply = server.get(METRICS)
    assert reply.status == 200 and reply.complete, reply.stdout[:300]
    return promrules.read(reply.body.decode())


def value(server, name, **labels):
    return metrics(server)["cartolina_" + name, tuple(labels.items())]


def total(server, name):
    return sum(v for (n, _), v in metrics(server).items() if n == "cartolina_" + name)


class Notified:
    """The socket that systemd reads; every message with the time at which it came."""

    def __init__(self, folder, abstract=False):
        self.name = f"{'@' if abstract else ''}{folder}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name.replace("@", "\0"))
        self.messages = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        with contextlib.suppress(OSError):
            while True:
                self.messages.append((time.monotonic(), self.socket.recv(4096).decode()))

    def lines(self, since=0):
        return [x for _, m in self.messages[since:] for x in m.split("\n")]

    def hears(self, line, since=0, seconds=AT_LAST):
        return until(lambda: line in self.lines(since), seconds)


@contextlib.contextmanager
def notified(abstract=False):
    with tempfile.TemporaryDirectory() as folder:
        yield Notified(folder, abstract)


# ---- numbers ----

@test
def metrics_are_of_all_workers_and_as_prometheus_wants_them():
    with Server(workers=3, config="access_log: true") as server:
        for _ in range(20):
            server.get()
        server.get("/nowhere")
        server.get("/feed.rss")
        fcgi.request(server.address, fcgi.get(POST, "format=json"))
        fcgi.request(server.address, fcgi.get(POST, method="POST"))
        access_lines(server, 24)  # a request is counted when its answer is under way
        reply = server.get(METRICS)
        assert "Content-Type: text/plain; version=0.0.4" in reply.head, reply.head
        assert "Cache-Control: no-store" in reply.head, reply.head
        assert not promtool(reply.body.decode()), promtool(reply.body.decode())
        samples = promrules.read(reply.body.decode())

        def at(name, **labels):
            return samples["cartolina_" + name, tuple(labels.items())]

        assert at("requests_total", **{"class": "2xx"}, format="html") == 20
        assert at("requests_total", **{"class": "4xx"}, format="html") == 2
        assert at("requests_total", **{"class": "2xx"}, format="json") == 1
        assert sum(v for (n, _), v in samples.items() if n == "cartolina_requests_total") == 24
        assert at("request_duration_seconds_count") == 24
        assert 0 < at("request_duration_seconds_sum") < 5
        assert at("response_bytes_total") > 20 * 500
        assert sum(v for (n, _), v in samples.items()
                   if n == "cartolina_cache_requests_total") == 24
        assert at("cache_requests_total", verdict="hit") >= 17  # all but one for each worker
        assert at("cache_requests_total", verdict="none") == 1  # the POST
        assert at("posts", lang="en") == 2 and at("problems", level="error") == 0
        assert at("reloads_total") == 1 and at("reloads_refused_total") == 0
        assert abs(at("start_time_seconds") - time.time()) < 60
        assert 0 <= at("index_age_seconds") < 60
        assert until(lambda: value(server, "workers", state="idle") == 2 and
                     value(server, "workers", state="busy") == 1), metrics(server)
        head = fcgi.request(server.address, fcgi.get(METRICS, method="HEAD"))
        assert head.status == 200 and not head.body, head.stdout


@test
def metrics_of_processes_and_of_the_content():
    with Server(workers=2, config="max_requests: 16") as server:
        os.kill(server.worker_pids()[0], signal.SIGKILL)
        assert until(lambda: value(server, "worker_deaths_total", cause="signal") == 1)
        for _ in range(50):
            server.get()
        assert until(lambda: value(server, "worker_recycles_total") >= 2)
        assert total(server, "worker_deaths_total") == 1
        os.kill(until(server.indexer_pid), signal.SIGKILL)
        assert until(lambda: value(server, "indexer_deaths_total") == 1)
        changed = value(server, "refreshes_total", result="changed")
        (server.folder / "content/posts/bad.md").write_text("---\ntitle: [\n---\nx\n")
        (server.folder / "content/posts/due.md").write_text("---\ntitle: Due\n---\nx\n")
        assert until(lambda: value(server, "refreshes_total", result="changed") > changed)
        assert until(lambda: value(server, "posts", lang="en") == 3)
        assert until(lambda: value(server, "problems", level="error") == 1)
        assert value(server, "refresh_duration_seconds_sum") > 0
        before = [labels for name, labels in metrics(server) if name == "cartolina_index_info"]
        (server.folder / "content/posts/due.md").unlink()
        assert until(lambda: [labels for name, labels in metrics(server)
                              if name == "cartolina_index_info"] != before)
        server.configure("nonsense: 1")
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: value(server, "reloads_refused_total") == 1)
        with fcgi.connect(server.address) as sock:
            fcgi.send(sock, fcgi.begin() + b"\1\4\0\1")
        sock = fcgi.connect(server.address)
        fcgi.send(sock, whole_request()[:-8])
        sock.close()
        assert until(lambda: value(server, "requests_dropped_total") >= 1)
        assert until(lambda: total(server, "workers") == 2)


@test
def metrics_are_not_for_everybody():
    def status(server, remote, **more):
        params = {**fcgi.get(METRICS), **more, "REMOTE_ADDR": remote}
        if remote is None:
            del params["REMOTE_ADDR"]
        return fcgi.request(server.address, params).status

    with Server(workers=1) as server:
        for remote, expected in {"127.0.0.1": 200, "127.8.9.1": 200, "::1": 200, "::ffff:127.0.0.1": 200,
                                 "10.0.0.1": 404, "::ffff:10.0.0.1": 404, "::2": 404, "": 404, None: 404,
                                 "unix:": 404, "127.0.0.1.example": 404, "127.1": 404,
                                 "localhost": 404}.items():
            assert status(server, remote) == expected, remote
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP"):
            assert status(server, "127.0.0.1", **{name: "127.0.0.1"}) == 404, name
    with Server(workers=1, config="metrics: any") as server:
        assert status(server, "10.0.0.1") == 200 and status(server, None) == 200
    with Server(workers=1, config="metrics: off") as server:
        assert status(server, "127.0.0.1") == 404


# ---- the log ----

ACCESS = re.compile(r'^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) cartolina: access: id=(\S+) method=(\S+) '
                    r'path=("[^"]*"|\S+) status=(\d+) bytes=(\d+) lang=(\S+) post=("[^"]*"|\S+) '
                    r'ms=(\d+\.\d{3}) cache=(none|hit|miss)$')


def access_lines(server, count):
    def found():
        lines = [x for x in server.text().splitlines() if " access: " in x or '"access"' in x]
        return lines if len(lines) >= count else None
    lines = until(found)
    assert lines and len(lines) == count, server.text()
    return lines


@test
def access_lines_say_what_was_answered():
    with Server(workers=1, config="access_log: true") as server:
        body = server.get().body
        fcgi.request(server.address, fcgi.get("/nowhere", HTTP_X_REQUEST_ID="abc-123"))
        fcgi.request(server.address, fcgi.get("/", method="HEAD", REQUEST_ID="nginx1",
                                              HTTP_X_REQUEST_ID="reader"))
        assert server.get().body == body
        rows = [ACCESS.match(x) for x in access_lines(server, 4)]
        assert all(rows), server.text()
        _, made, *first, spent, cache = rows[0].groups()
        assert re.fullmatch("[0-9a-f]{32}", made), made
        assert first == ["GET", POST, "200", str(len(body)), "en", "posts/uno"], first
        assert 0 < float(spent) < 5000 and cache == "miss" and rows[3][10] == "hit", server.text()
        assert rows[1][2] == "abc-123" and rows[1][5] == "404" and rows[1][8] == '""', rows[1][0]
        assert rows[2][2] == "nginx1" and rows[2][3] == "HEAD" and rows[2][6] == "0", rows[2][0]
        assert rows[2][8] == '""', rows[2][0]


@test
def no_request_can_forge_a_line_or_a_field():
    nasty = "/x\n2020-01-01T00:00:00Z cartolina: error: forged\" status=200 \x1b[2J\u2028é"
    for more in ("", "log_format: json"):
        with Server(workers=1, config="access_log: true\n" + more) as server:
            fcgi.request(server.address, fcgi.get(nasty, method="GE T\n=", HTTP_X_REQUEST_ID="a\nb"))
            fcgi.request(server.address, fcgi.get("/a\" status=200 x=\"b/é", HTTP_X_REQUEST_ID="x" * 129))
            lines = access_lines(server, 2)
            assert not [x for x in server.text().splitlines() if x.startswith("2020")], server.text()
            if more:
                rows = [json.loads(x) for x in lines]
                assert rows[0]["method"] == "GE T\n=" and rows[0]["status"] in (400, 405), rows[0]
                assert rows[1]["path"] == "/a\" status=200 x=\"b/é" and rows[1]["status"] == 404, rows[1]
                assert isinstance(rows[1]["ms"], float) and rows[1]["id"] != "x" * 129
            else:
                assert 'path="/a\\x22 status=200 x=\\x22b/é" status=404' in lines[1], lines[1]
                assert re.search(r' id=[0-9a-f]{32} method="GE T\\x0A=" ', lines[0]), lines[0]


@test
def every_line_is_json_when_asked_for():
    with Server(workers=1, config="log_format: json\naccess_log: true") as server:
        (server.folder / "content/posts/bad.md").write_text("---\ntitle: [\n---\nx\n")
        assert until(lambda: "bad.md" in server.text()), server.text()
        server.get()
        access_lines(server, 1)
        os.kill(server.worker_pids()[0], signal.SIGKILL)
        assert until(lambda: "died" in server.text())
        rows = [json.loads(x) for x in server.text().splitlines()]
        assert {"notice", "error", "info", "warning"} <= {r["level"] for r in rows}, rows
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r["time"]) for r in rows), rows


@test
def the_log_follows_a_reload():
    with Server(workers=1) as server:
        server.get()
        server.configure("access_log: true\nlog_format: json")
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: '"message":"new configuration' in server.text()), server.text()
        old = len(server.text())
        assert until(lambda: server.get().status == 200 and '"event":"access"' in server.text()[old:])


@test
def syslog_without_a_daemon_loses_nothing():
    if os.path.exists("/dev/log"):
        return  # the unit test has a syslog of its own
    with Server(workers=1, config="log: syslog") as server:
        assert "nobody listens at /dev/log" in server.text(), server.text()
    with Server(workers=1, config="log: syslog") as server:
        server.stop()
        server.argv += ["--log", "stderr"]
        server.log.unlink()
        server.start()
        server.wait()
        assert "/dev/log" not in server.text(), server.text()


@test
def cgi_has_access_lines_and_few_numbers():
    with Server(workers=1, config="access_log: true") as server:
        def cgi(path, **more):
            env = {**fcgi.get(path), "CARTOLINA_CONFIG": str(server.folder / "cartolina.yaml"), **more}
            return subprocess.run([BINARY], env=env, cwd=server.folder, capture_output=True, timeout=60,
                                  stdin=subprocess.DEVNULL, check=True)

        done = cgi(POST, HTTP_X_REQUEST_ID="seven")
        assert re.match(rb"cartolina: access: id=seven method=GET path=/posts/uno status=200 bytes=\d+ "
                        rb"lang=en post=posts/uno ms=[\d.]+ cache=none\n$", done.stderr), done.stderr
        body = cgi(METRICS).stdout.partition(b"\r\n\r\n")[2].decode()
        samples = promrules.read(body)
        assert samples["cartolina_posts", (("lang", "en"),)] == 2
        assert not [n for n, _ in samples if "requests" in n or "workers" in n], body
        assert not promtool(body)
        assert b"404" in cgi(METRICS, REMOTE_ADDR="10.0.0.1").stdout.split(b"\r\n")[0]


# ---- the command ----

@test
def options_that_make_no_sense_say_so():
    for args, expected in ((["--daemon"], "stays in the foreground"), (["--log", "x"], "stderr or syslog"),
                           (["--pid-file="], "takes a file"), (["--nonsense"], "unknown argument")):
        done = subprocess.run([BINARY, "fastcgi", *args], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 2 and expected in done.stderr, done
    done = subprocess.run([BINARY, "fastcgi", "--help"], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=True)
    for word in ("--listen", "--pid-file", "--log", "--foreground", "SIGHUP", "NOTIFY_SOCKET"):
        assert word in done.stdout, word


@test
def every_command_has_help():
    names = "get explain check fastcgi index new render status translate".split()
    for name in names:
        for flag in "--help", "-h":
            done = subprocess.run([BINARY, name, flag], capture_output=True, text=True, timeout=10,
                                  stdin=subprocess.DEVNULL, check=False)
            assert done.returncode == 0 and done.stdout.startswith(f"usage: cartolina [-c FILE] {name}"), done


@test
def the_pid_file():
    with Server(workers=1) as server:
        pid_file = server.folder / "run.pid"
        server.stop()
        server.argv += ["--pid-file", str(pid_file), "--foreground"]
        for stale in (None, "", "1\n", "99999999\n"):
            if stale is not None:
                pid_file.write_text(stale)
            server.start()
            server.wait()
            assert until(lambda: pid_file.read_text() == f"{server.pid}\n"), pid_file.read_text()
            assert pid_file.stat().st_mode & 0o777 == 0o644
            server.stop()
            assert not pid_file.exists()
        server.start()
        server.wait()
        second = subprocess.run([*server.argv[:4], "--listen", f"unix:{server.folder}/other.sock",
                                 "--pid-file", pid_file], capture_output=True, text=True, timeout=60,
                                stdin=subprocess.DEVNULL, check=False)
        assert second.returncode == 1 and "another process runs" in second.stderr, second
        assert pid_file.read_text() == f"{server.pid}\n"
        family = children(server.pid)
        server.process.kill()
        server.process.wait()
        assert until(lambda: not any(alive(p) for p in family))
        server.log.unlink()
        server.start()  # what a killed one leaves is in nobody's way
        server.wait()
        assert until(lambda: pid_file.read_text() == f"{server.pid}\n")
        pid_file.unlink()
        pid_file.write_text("7\n")  # somebody else's by now
        server.stop()
        assert pid_file.read_text() == "7\n"


@test
def a_pid_file_costs_nobody_a_file():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "precious").write_text("title: x\n")
        (folder / "number").write_text("12\n")
        (folder / "link").symlink_to(folder / "number")
        os.mkfifo(folder / "fifo")
        for what, why in (("precious", "left alone"), ("link", "symbolic link"), ("fifo", "left alone"),
                          (".", "directory"), ("no/where", "No such file")):
            done = subprocess.run([BINARY, "fastcgi", "--listen", f"unix:{folder}/s", "--pid-file", folder / what],
                                  capture_output=True, text=True, timeout=60, cwd=folder,
                                  stdin=subprocess.DEVNULL, check=False)
            assert done.returncode == 1 and why in done.stderr.replace("Is a d", "d"), (what, done)
        assert (folder / "precious").read_text() == "title: x\n"
        assert (folder / "number").read_text() == "12\n"
        assert not (folder / "s").exists()


# ---- systemd ----

@test
def systemd_hears_of_start_reload_and_stop():
    for abstract in (False, True):
        with notified(abstract) as heard, Server(env={"NOTIFY_SOCKET": heard.name}) as server:
            assert heard.hears("READY=1") and heard.lines() == [
                "READY=1", f"STATUS=2 workers at unix:{server.socket}"], heard.lines()
            before, began = len(heard.messages), time.monotonic()
            server.process.send_signal(signal.SIGHUP)
            assert heard.hears("READY=1", before), heard.lines()
            lines = heard.lines(before)
            assert lines[0] == "RELOADING=1" and lines[1].startswith("MONOTONIC_USEC="), lines
            at = int(lines[1].partition("=")[2]) / 1e6
            assert began - 0.1 <= at <= time.monotonic(), (began, at)
            assert lines.count("READY=1") == 1 and "STATUS=2 workers with the new configuration" in lines
            before = len(heard.messages)
            server.configure("colour: blue")
            server.process.send_signal(signal.SIGHUP)
            assert heard.hears("STATUS=the new configuration was not taken; the log says why", before)
            assert heard.lines(before)[0] == "RELOADING=1" and "READY=1" in heard.lines(before)
            server.stop()
            assert heard.hears("STOPPING=1", before), heard.lines()
            assert "WATCHDOG=1" not in heard.lines(), heard.lines()


@test
def systemd_hears_why_it_did_not_start():
    with notified() as heard, tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "NOTIFY_SOCKET": heard.name}
        subprocess.run([BINARY, "fastcgi", "--listen", "nonsense"], env=env, cwd=folder, timeout=60,
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        assert until(lambda: any(x.startswith("STATUS=cannot listen") for x in heard.lines())), heard.lines()
        assert "READY=1" not in heard.lines()


@test
def the_watchdog_is_fed_only_while_workers_answer():
    with notified() as heard, Server(workers=2, env={
            "NOTIFY_SOCKET": heard.name, "WATCHDOG_USEC": "2000000"}) as server:
        def signs(since):
            return [t for t, m in heard.messages if m == "WATCHDOG=1" and t > since]

        assert until(lambda: len(signs(0)) > 4), heard.messages[-5:]
        times = signs(0)
        # One each second; a busy machine is late for one, but not for one after the other.
        gaps = sorted(b - a for a, b in zip(times, times[1:]))
        assert gaps[1] < 2, gaps
        workers = server.worker_pids()
        os.kill(workers[0], signal.SIGSTOP)  # one of two: it goes on
        stopped = time.monotonic()
        assert until(lambda: len(signs(stopped + 2)) > 1), heard.messages[-5:]
        os.kill(workers[1], signal.SIGSTOP)
        time.sleep(1.5)  # an idle worker counts for a second
        silent_from = time.monotonic()
        time.sleep(2)
        assert not signs(silent_from), heard.messages[-5:]
        assert until(lambda: "no worker answers" in server.text()), server.text()
        time.sleep(1.5)
        assert server.text().count("no worker answers") == 1, server.text()
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        assert until(lambda: signs(silent_from)), server.text()


@test
def the_watchdog_of_another_process_is_not_fed():
    for env in ({"WATCHDOG_USEC": "400000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"},
                {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "-5"}):
        with notified() as heard, Server(workers=1, env={"NOTIFY_SOCKET": heard.name, **env}):
            time.sleep(0.6)
            assert "WATCHDOG=1" not in heard.lines(), (env, heard.lines())


# ---- processes ----

@test
def a_worker_that_cannot_end_itself_is_killed_past_request_timeout():
    with Server(workers=1) as server:
        pid, = server.worker_pids()
        sock = fcgi.connect(server.address)
        fcgi.send(sock, whole_request()[:50])
        fcgi.wait_until_read(sock)
        os.kill(pid, signal.SIGSTOP)
        assert until(lambda: not alive(pid)), "it was not killed"
        assert server.serves() < AT_LAST
        assert "longer than request_timeout" in server.text(), server.text()
        assert value(server, "worker_deaths_total", cause="killed") == 1
        sock.close()


@test
def an_idle_worker_is_left_alone():
    with Server(workers=2) as server:
        server.serves()
        before = server.worker_pids()
        time.sleep(DEADLINE + 3)
        assert server.worker_pids() == before, server.text()


@test
def a_stop_ends_within_shutdown_timeout_whatever_workers_do():
    with Server(workers=2) as server:
        text = (server.folder / "cartolina.yaml").read_text().replace("shutdown_timeout: 5", "shutdown_timeout: 1")
        (server.folder / "cartolina.yaml").write_text(text)
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: "new configuration" in server.text())
        assert until(lambda: len(children(server.pid)) == 3), server.text()
        for pid in server.worker_pids():
            os.kill(pid, signal.SIGSTOP)
        took = server.stop()
        assert took < AT_ONCE, took


# ---- a new binary ----

class Systemd:
    """Holds the listening socket, and starts binaries with it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.path = self.folder / "given.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(511)

    def start(self, heard, config="", binary=BINARY):
        fd = self.listener.fileno()
        become = (f"import os, sys; os.dup2({fd}, 3); os.environ.update(LISTEN_FDS='1', "
                  "LISTEN_PID=str(os.getpid())); os.execv(sys.argv[1], sys.argv[1:])")
        return Server(listen="", config=config, env={"NOTIFY_SOCKET": heard.name}, pass_fds=(fd,),
                      prefix=(sys.executable, "-c", become), wait=False, index=str(self.folder / "index.db"),
                      binary=binary)


def hand_over(second_config, overlap):
    with tempfile.TemporaryDirectory() as folder, notified() as first_heard, notified() as second_heard:
        systemd = Systemd(folder)
        copy = shutil.copy2(BINARY, pathlib.Path(folder) / "cartolina-new")
        with systemd.start(first_heard) as first:
            assert first_heard.hears("READY=1"), first.text()
            load = Load(systemd.path)
            assert until(lambda: load.answered > 50), first.text()
            if not overlap:  # as `systemctl restart` does: requests wait in the socket
                first.stop()
            with systemd.start(second_heard, second_config, copy) as second:
                assert second_heard.hears("READY=1"), second.text()
                if overlap:
                    answered = load.answered
                    assert until(lambda: load.answered > answered + 50), second.text()
                    first.stop()
                answered = load.answered
                assert until(lambda: load.answered > answered + 50), second.text()
                load.stop()
                assert not load.lost and not load.refused, (load.refused, load.lost[:1], second.text())
                second.socket = systemd.path
                second.serves()
        assert systemd.path.exists()


@test
def a_new_binary_takes_over_and_refuses_nobody():
    hand_over("", overlap=True)
    hand_over("", overlap=False)


@test
def a_new_binary_with_another_index_takes_over_and_refuses_nobody():
    hand_over("typographer: false", overlap=True)
    hand_over("typographer: false", overlap=False)


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
