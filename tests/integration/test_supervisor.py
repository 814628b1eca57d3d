#!/usr/bin/env python3
"""`cartolina fastcgi` as a web server, an administrator and a hostile peer meet it.

Speaks FastCGI in raw records; no web server is needed.  TAP on standard output.
    tests/integration/test_supervisor.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import fcgi_client as fcgi  # noqa: E402  (found through the path above)
import process              # noqa: E402
import tap                  # noqa: E402
from process import alive, children, until  # noqa: E402
from responder import AT_LAST, AT_ONCE, BIG, DEADLINE, PATIENT, POST, Load, Server, whole_request  # noqa: E402
from tap import BINARY, test  # noqa: E402
from tempsite import source  # noqa: E402

# ---- requests, whole and in pieces ----

@test
def a_request_is_answered():
    with Server() as server:
        reply = server.get()
        assert reply.status == 200 and reply.complete and reply.body, reply.stdout
        assert (reply.app_status, reply.protocol_status) == (0, fcgi.REQUEST_COMPLETE)
        assert not reply.stderr
        missing = server.get("/-/no-such-thing")
        assert missing.complete and missing.status == 404, missing.stdout[:200]
        head = fcgi.request(server.address, fcgi.get(POST, method="HEAD"))
        assert head.complete and head.status == 200 and not head.body, head.stdout
        assert len(server.get(BIG).body) > 500_000


@test
def a_request_split_in_two_at_every_byte():
    with Server() as server:
        message = whole_request()
        expected = server.get().stdout
        for at in range(1, len(message)):
            with fcgi.connect(server.address) as sock:
                fcgi.send(sock, message[:at])
                time.sleep(0.0005)
                reply = fcgi.exchange(sock, message[at:])
            assert reply.complete and reply.stdout == expected, f"split at {at}: {reply.stdout}"


@test
def a_request_byte_by_byte():
    with Server() as server:
        expected = server.get().stdout
        with fcgi.connect(server.address) as sock:
            reply = fcgi.exchange(sock, [bytes([b]) for b in whole_request()])
        assert reply.stdout == expected and reply.complete
        for size, padding in ((1, 0), (1, 255), (7, 3), (128, 8)):
            reply = server.get(size=size, padding=padding)
            assert reply.stdout == expected and reply.complete, (size, padding)


@test
def a_request_cut_at_every_byte_is_never_answered_200():
    with Server() as server:
        message = whole_request()
        for at in range(len(message)):
            with fcgi.connect(server.address) as sock:
                reply = fcgi.exchange(sock, message[:at], half_close=True)
            assert reply.status != 200, f"cut at {at} of {len(message)}: {reply.stdout}"
        server.serves()
        assert not server.text().count("died"), server.text()


@test
def variables_that_end_early_but_well_are_never_answered_200():
    with Server() as server:
        params = list(fcgi.get(POST).items())
        order = [p for p in params if p[0] != "REQUEST_METHOD"]
        for n in range(len(order) + 1):
            reply = fcgi.request(server.address, order[:n])
            assert reply.status != 200, (n, reply.stdout)
        reply = fcgi.request(server.address, order + [("REQUEST_METHOD", "GET")])
        assert reply.status == 200, reply.stdout


@test
def a_body_that_is_cut_is_never_answered_200():
    with Server() as server:
        start = fcgi.begin() + fcgi.stream(fcgi.PARAMS, fcgi.pairs(fcgi.get(POST)))
        for body in (b"", fcgi.record(fcgi.STDIN, b"x" * 100),
                     fcgi.record(fcgi.STDIN, b"x" * 100)[:50]):
            with fcgi.connect(server.address) as sock:
                reply = fcgi.exchange(sock, start + body, half_close=True)
            assert reply.status != 200, reply.stdout
        with fcgi.connect(server.address) as sock:  # the web server's client went away
            reply = fcgi.exchange(sock, start + fcgi.record(fcgi.ABORT_REQUEST))
        assert reply.status != 200, reply.stdout


# ---- connections ----

@test
def keep_alive_serves_one_request_after_another():
    with Server(deadline=PATIENT) as server:
        expected = server.get().stdout
        bodies = [b"", b"x" * 300_000, b"y" * 9000]
        with fcgi.connect(server.address) as sock:
            for i in range(12):
                reply = fcgi.exchange(sock, fcgi.request_bytes(
                    fcgi.get(POST), flags=fcgi.KEEP_CONN, body=bodies[i % 3], padding=i))
                assert reply.complete and reply.stdout == expected, (i, reply.stdout[:200])
        with fcgi.connect(server.address) as sock:  # without the flag it is closed at once
            fcgi.exchange(sock, whole_request())
            sock.settimeout(AT_LAST)
            assert sock.recv(1) == b""


@test
def kept_connections_are_in_nobodys_way():
    keep = fcgi.request_bytes(fcgi.get(POST), flags=fcgi.KEEP_CONN)
    with Server(workers=1, deadline=PATIENT) as server:
        with contextlib.ExitStack() as stack:
            socks = [stack.enter_context(fcgi.connect(server.address)) for _ in range(8)]
            for _ in range(3):
                for sock in socks:
                    assert fcgi.exchange(sock, keep).status == 200
                assert server.serves() < AT_LAST
            # More than one worker keeps: the longest silent one is closed, the others go on.
            more = stack.enter_context(fcgi.connect(server.address))
            assert fcgi.exchange(more, keep).status == 200
            socks[0].settimeout(AT_LAST)
            assert socks[0].recv(1) == b""
            for sock in (*socks[1:], more):
                assert fcgi.exchange(sock, keep).status == 200


@test
def neither_kept_nor_new_connections_wait_for_the_other_kind_to_pause():
    keep = fcgi.request_bytes(fcgi.get(POST), flags=fcgi.KEEP_CONN)
    with Server(workers=1, deadline=PATIENT) as server:
        load = Load(server.address, clients=3)
        with fcgi.connect(server.address) as sock:
            for _ in range(20):
                assert fcgi.exchange(sock, keep).status == 200
        assert not load.stop().lost, load.lost
        stop = threading.Event()

        def ask_on():
            with fcgi.connect(server.address) as kept:
                while not stop.is_set():
                    assert fcgi.exchange(kept, keep).status == 200

        threads = [threading.Thread(target=ask_on) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                assert server.serves() < AT_LAST
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)


@test
def kept_connections_end_at_the_deadline():
    keep = fcgi.request_bytes(fcgi.get(POST), flags=fcgi.KEEP_CONN)
    with Server(workers=1) as server:
        with fcgi.connect(server.address) as sock:
            assert fcgi.exchange(sock, keep).status == 200
            sock.settimeout(DEADLINE + AT_LAST)
            assert sock.recv(1) == b""
        assert "dropped" not in server.text(), server.text()


def wedged(server, openings):
    """Every worker is held by one of the openings until the deadline, and none is killed for it."""
    held = []
    for data in openings:
        sock = fcgi.connect(server.address)
        fcgi.send(sock, data)
        held.append(sock)
    pids = server.worker_pids()
    took = server.serves()  # waits in the socket behind them
    assert took < DEADLINE + AT_ONCE, f"{took:.2f} s: {server.text()}"
    assert server.worker_pids() == pids, f"a worker died of it: {server.text()}"
    for sock in held:
        sock.close()


@test
def silent_peers_are_dropped_at_the_deadline():
    start = fcgi.begin()
    with Server(workers=2) as server:
        for opening in (b"", b"\x01", start[:5], start, start + fcgi.record(
                fcgi.PARAMS, b"", length=100), whole_request()[:-8]):
            wedged(server, [opening] * 2)


@test
def dripping_peers_are_dropped_at_the_deadline():
    with Server(workers=1) as server:
        for message in (whole_request(), fcgi.begin() + fcgi.record(fcgi.PARAMS, b"", length=9999)
                        + b"\x04\x00AAAA" * 1000, whole_request()[:-8] + fcgi.record(
                            fcgi.STDIN, b"x" * 60000)):
            sock = fcgi.connect(server.address)
            stop = threading.Event()

            def drip(sock=sock, message=message, stop=stop):
                for byte in message:
                    if stop.is_set() or not fcgi.send(sock, bytes([byte])):
                        return
                    time.sleep(0.03)

            thread = threading.Thread(target=drip)
            thread.start()
            took = server.serves()
            stop.set()
            thread.join()
            sock.close()
            assert took < DEADLINE + AT_ONCE, took
        assert "stuck" not in server.text() and "died" not in server.text(), server.text()


@test
def peers_that_do_not_read_or_read_slowly_are_dropped_at_the_deadline():
    with Server(workers=1) as server:
        wedged(server, [whole_request(BIG)])
        sock = fcgi.connect(server.address)
        fcgi.send(sock, whole_request(BIG))
        stop = threading.Event()

        def sip():
            with contextlib.suppress(OSError):
                while not stop.is_set() and sock.recv(1000):
                    time.sleep(0.02)

        thread = threading.Thread(target=sip)
        thread.start()
        took = server.serves()
        stop.set()
        thread.join()
        assert took < DEADLINE + AT_ONCE, took
        assert "stuck" not in server.text(), server.text()


@test
def what_is_cut_off_does_not_look_complete():
    with Server(workers=1) as server:
        with fcgi.connect(server.address) as sock:
            fcgi.send(sock, whole_request(BIG))
            assert until(lambda: "was dropped" in server.text()), server.text()
            try:
                assert not fcgi.read_reply(sock).complete
            except ConnectionError:
                pass


@test
def peers_that_leave_are_not_worth_a_line():
    with Server(workers=1) as server:
        for _ in range(20):
            with fcgi.connect(server.address) as sock:
                fcgi.send(sock, whole_request(BIG))
            fcgi.connect(server.address).close()
        server.serves()
        lines = [x for x in server.text().splitlines() if "notice" not in x]
        assert not lines, lines


# ---- what is not for us ----

@test
def other_roles_are_refused():
    with Server() as server:
        for role in (fcgi.AUTHORIZER, fcgi.FILTER):
            reply = server.get(role=role)
            assert reply.complete and not reply.stdout, reply.stdout
            assert reply.protocol_status == fcgi.UNKNOWN_ROLE, reply.protocol_status
        for role in (0, 4, 65535):
            reply = server.get(role=role)
            assert not reply.stdout, reply.stdout
        server.serves()


@test
def management_and_foreign_records_do_not_disturb():
    with Server() as server:
        ask = fcgi.record(fcgi.GET_VALUES, fcgi.pairs({"FCGI_MPXS_CONNS": ""}), request_id=0)
        with fcgi.connect(server.address) as sock:
            reply = fcgi.exchange(sock, ask + whole_request())
        assert reply.status == 200 and reply.others[0][0] == fcgi.GET_VALUES_RESULT, reply.others
        message = fcgi.begin() + fcgi.begin(request_id=2) + \
            fcgi.record(fcgi.PARAMS, b"noise", request_id=7) + whole_request()[16:]
        with fcgi.connect(server.address) as sock:
            reply = fcgi.exchange(sock, message)
        assert reply.status == 200, reply.stdout


@test
def http_on_the_socket_is_reported_once():
    with Server(workers=1) as server:
        for _ in range(3):
            with fcgi.connect(server.address) as sock:
                fcgi.send(sock, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                with contextlib.suppress(ConnectionResetError):
                    assert sock.recv(10) == b""
        server.serves()
        assert server.text().count("does not speak FastCGI") == 1, server.text()


@test
def malformed_records_cost_a_worker_at_most():
    start = fcgi.begin()
    huge = b"\xff\xff\xff\xfe\xff\xff\xff\xfe"
    nasty = {
        "wrong version": fcgi.record(fcgi.BEGIN_REQUEST, b"\0" * 8, version=9),
        "short begin": fcgi.record(fcgi.BEGIN_REQUEST, b"\0\1"),
        "begin for request 0": fcgi.begin(request_id=0),
        "stdin first": fcgi.record(fcgi.STDIN, b"x"),
        "params first": fcgi.record(fcgi.PARAMS, b"\1\1ab"),
        "absurd lengths": start + fcgi.record(fcgi.PARAMS, huge + b"a" * 100),
        "lengths that overflow": start + fcgi.record(fcgi.PARAMS, b"\xff" * 8),
        "many management variables": fcgi.record(fcgi.GET_VALUES, fcgi.pairs(
            [("FCGI_MPXS_CONNS", "")] * 40), request_id=0),
        "management garbage": fcgi.record(fcgi.GET_VALUES, b"\xff" * 30, request_id=0),
        "unknown management": fcgi.record(200, b"x" * 40, request_id=0),
        "data record": start + fcgi.record(fcgi.DATA, b"x"),
        "noise": bytes(range(1, 256)) * 40,
    }
    with Server(workers=2, hostile=True, deadline=PATIENT) as server:
        for name, data in nasty.items():
            for rest in (b"", whole_request()):
                with fcgi.connect(server.address) as sock:
                    fcgi.send(sock, data + rest)
                    with contextlib.suppress(OSError, ValueError):
                        sock.shutdown(socket.SHUT_WR)
                        fcgi.read_reply(sock)
            assert server.serves() < AT_LAST, name
        assert until(lambda: len(server.worker_pids()) == 2), server.text()


@test
def endless_variables_hit_a_limit():
    with Server(workers=1, hostile=True) as server:
        worker, = server.worker_pids()
        peak = 0
        empty = fcgi.record(fcgi.PARAMS, b"\0\0" * 32000)
        with fcgi.connect(server.address) as sock:
            fcgi.send(sock, fcgi.begin())
            for _ in range(1000):
                if not fcgi.send(sock, empty):
                    break
                with contextlib.suppress(OSError, IndexError):
                    status = pathlib.Path(f"/proc/{worker}/status").read_text()
                    peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
            else:
                raise AssertionError("64 MB of empty pairs were swallowed")
        # AddressSanitizer keeps what was freed, and workers have no limit under it.
        assert peak < 400 * 1024 or b"__asan_init" in BINARY.read_bytes(), f"{peak} kB"
        server.serves()


# ---- processes ----

@test
def a_killed_worker_is_replaced_at_once():
    with Server(workers=3) as server:
        for _ in range(6):
            old = server.worker_pids()
            os.kill(old[0], signal.SIGKILL)
            assert until(lambda: len(server.worker_pids()) == 3 and old[0]
                         not in server.worker_pids()), server.text()
            server.serves()
        assert "times in a row" not in server.text(), server.text()


@test
def children_are_told_apart_by_name():
    with Server(workers=3) as server:
        def roles():
            return sorted(str(process.role(p)) for p in children(server.pid))

        assert until(lambda: roles() == ["indexer", "worker", "worker", "worker"]), roles()
        assert pathlib.Path(f"/proc/{server.pid}/comm").read_text() == "cartolina\n"


@test
def workers_that_keep_dying_are_no_fork_storm():
    with Server(workers=2) as server:
        seen = set()
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for pid in server.worker_pids():
                seen.add(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
        assert 6 < len(seen) < 40, len(seen)
        assert until(lambda: len(server.worker_pids()) == 2), server.text()
        server.serves()
        # One that dies much later is not one more of them, however young it is.
        told, died = (server.text().count(what) for what in ("times in a row", "died: Killed"))
        assert told, server.text()
        time.sleep(11)
        before = server.worker_pids()
        server.process.send_signal(signal.SIGUSR1)
        fresh = until(lambda: set(server.worker_pids()) - set(before))
        os.kill(fresh.pop(), signal.SIGKILL)
        assert until(lambda: server.text().count("died: Killed") > died), server.text()
        server.serves()
        assert server.text().count("times in a row") == told, server.text()


@test
def a_killed_indexer_is_replaced_and_changes_show():
    with Server() as server:
        old = until(server.indexer_pid)
        os.kill(old, signal.SIGKILL)
        assert until(lambda: server.indexer_pid() not in (None, old)), server.text()
        (server.folder / "content/posts/due.md").write_text(
            source("Altro.", title="Due", date="2020-01-01"))
        assert until(lambda: server.get("/posts/due").status == 200), server.text()


@test
def a_commit_is_served_at_once_whatever_workers_have_kept():
    """The moment that `cartolina index` is done, every worker gives what it gives."""
    with Server() as server:
        command = [str(BINARY), "-c", str(server.folder / "cartolina.yaml")]
        for number in range(12):
            text = f"Numero {number}."
            (server.folder / "content/posts/uno.md").write_text(source(text, title="Uno", date="2020-01-01"))
            subprocess.run([*command, "index"], check=True, stdout=subprocess.DEVNULL, timeout=60)
            expected = subprocess.run([*command, "get", POST], check=True, stdout=subprocess.PIPE,
                                      timeout=60).stdout
            assert text.encode() in expected
            for _ in range(6):  # more often than there are workers, so that some keep it
                assert bytes(server.get().stdout) == expected, text


@test
def problems_are_logged_when_they_change():
    with Server() as server:
        bad = server.folder / "content/posts/bad.md"
        bad.write_text("---\ntitle: [\n---\nx\n")
        assert until(lambda: "bad.md:" in server.text()), server.text()
        time.sleep(1.5)
        once = server.text().count("bad.md:")
        time.sleep(1.2)
        assert server.text().count("bad.md:") == once, server.text()


@test
def workers_are_replaced_after_max_requests():
    with Server(workers=2, config="max_requests: 16") as server:
        before = server.worker_pids()
        load = Load(server.address, clients=2)
        changed = until(lambda: not set(before) & set(server.worker_pids()))
        load.stop()
        assert changed and not load.lost, load.lost
        assert "died" not in server.text() and "times in a row" not in server.text(), server.text()


@test
def children_do_not_outlive_a_killed_supervisor():
    with Server() as server:
        family = children(server.pid)
        server.process.kill()
        server.process.wait()
        assert until(lambda: not any(alive(p) for p in family))
        assert server.socket.exists()
        server.log.unlink()
        server.start()  # over the stale socket
        server.wait()
        server.serves()


# ---- stopping ----

@test
def an_idle_stop_takes_less_than_a_second():
    for signum in (signal.SIGTERM, signal.SIGINT):
        with Server(workers=4, deadline=PATIENT) as server:
            server.serves()
            silent = fcgi.connect(server.address)
            assert server.stop(signum) < AT_ONCE
            assert not server.socket.exists()
            silent.close()


@test
def a_stop_during_the_first_index_is_quick():
    with Server(wait=False) as server:
        assert until(server.socket.exists)
        assert server.stop() < AT_ONCE
        assert not server.socket.exists()


@test
def a_stop_under_load_loses_nothing_begun():
    for _ in range(5):
        with Server(workers=2) as server:
            load = Load(server.address, clients=8)
            assert until(lambda: load.answered > 50)
            took = server.stop()
            until(lambda: load.refused == 8)
            load.stop()
            assert not load.lost, f"{len(load.lost)} lost of {load.answered}: {load.lost[0]}"
            assert load.refused == 8, load.refused
            assert took < AT_ONCE, took


@test
def a_stop_does_not_wait_for_ever():
    with Server(workers=1) as server:
        sock = fcgi.connect(server.address)
        fcgi.send(sock, fcgi.begin())
        assert server.stop() < AT_ONCE
        sock.close()


@test
def only_our_own_socket_file_is_removed():
    with Server() as server:
        server.socket.unlink()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(server.socket))
            other.listen()
            server.stop()
            assert server.socket.exists()


# ---- reloading ----

@test
def sighup_replaces_everything_and_loses_nothing():
    with Server(workers=3) as server:
        before = children(server.pid)
        load = Load(server.address)
        assert until(lambda: load.answered > 50)
        server.configure("base_url: https://new.example/")
        server.process.send_signal(signal.SIGHUP)
        replaced = until(lambda: not set(before) & set(children(server.pid)) and
                         len(server.worker_pids()) == 3)
        load.stop()
        assert replaced, server.text()
        assert not load.lost and not load.refused, load.lost
        assert "new configuration" in server.text()
        assert b"https://new.example/" in server.get().stdout
        assert "died" not in server.text(), server.text()
        server.serves()


@test
def sighup_follows_the_number_of_workers():
    with Server(workers=0, config="workers: 2") as server:
        assert until(lambda: len(server.worker_pids()) == 2)
        for n in (4, 1):
            server.configure(f"workers: {n}")
            server.process.send_signal(signal.SIGHUP)
            assert until(lambda: len(server.worker_pids()) == n and
                         f"with {n} workers" in server.text()), server.text()
            server.serves()


@test
def a_bad_configuration_changes_nothing():
    with Server() as server:
        before = server.worker_pids()
        server.configure("colour: blue")
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: "colour" in server.text()), server.text()
        time.sleep(0.3)
        assert server.worker_pids() == before
        assert until(server.indexer_pid)
        server.serves()
        server.configure()
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: not set(before) & set(server.worker_pids()))


@test
def sigusr1_replaces_the_workers():
    with Server() as server:
        before = server.worker_pids()
        load = Load(server.address, clients=2)
        server.process.send_signal(signal.SIGUSR1)
        replaced = until(lambda: not set(before) & set(server.worker_pids()) and
                         len(server.worker_pids()) == 2)
        load.stop()
        assert replaced and not load.lost, (server.text(), load.lost)


@test
def a_busy_worker_finishes_before_it_leaves():
    with Server(workers=1, deadline=PATIENT) as server:
        old, = server.worker_pids()
        message = whole_request()
        with fcgi.connect(server.address) as sock:
            fcgi.send(sock, message[:100])
            fcgi.wait_until_read(sock)
            server.process.send_signal(signal.SIGUSR1)
            server.serves()  # by the new one
            assert fcgi.exchange(sock, message[100:]).status == 200
        assert until(lambda: not alive(old))


# ---- where it listens, and starting ----

@test
def the_socket_has_mode_0660_whatever_the_umask():
    for umask in (0, 0o077, 0o777):
        with Server(umask=umask) as server:
            assert server.socket.stat().st_mode & 0o777 == 0o660, oct(umask)


@test
def tcp_addresses():
    for host, family in (("127.0.0.1", socket.AF_INET), ("[::1]", socket.AF_INET6)):
        with socket.socket(family) as probe:
            try:
                probe.bind((host.strip("[]"), 0))
            except OSError:
                continue
            port = probe.getsockname()[1]
        with Server(listen=f"{host}:{port}") as server:
            reply = fcgi.request((host.strip("[]"), port), fcgi.get(POST))
            assert reply.status == 200
            assert f"{host}:{port}" in server.text(), server.text()
            load = Load((host.strip("[]"), port), clients=2)
            assert until(lambda: load.answered > 10)
            assert server.stop() < AT_ONCE
            until(lambda: load.refused == 2)  # after the second attempt at a SYN
            load.stop()
            # The kernel may take a connection in between the last look and the close,
            # and resets it: one a client at most, and none that was begun to be answered.
            assert len(load.lost) <= 2 and not any(load.lost), load.lost


def refused(expected, *args, config=None):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "content").mkdir()
        argv = [str(BINARY)]
        if config is not None:
            path = pathlib.Path(folder) / "cartolina.yaml"
            path.write_text(config)
            argv += ["-c", str(path)]
        done = subprocess.run([*argv, "fastcgi", *args], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, (args, done)
    assert expected in done.stderr, (args, done.stderr)


@test
def what_cannot_start_says_why():
    refused("not a listening socket")
    refused("HOST:PORT", "--listen", "nonsense")
    refused("brackets", "--listen", "::1:9000")
    refused("host is missing", "--listen", ":9000")
    refused("folder does not exist", "--listen", "unix:/nonexistent/folder/s.sock")
    refused("107 bytes", "--listen", "unix:/" + "x" * 200)
    refused("colour", "--listen", "unix:s.sock", config="colour: blue\n")
    with tempfile.TemporaryDirectory() as folder:
        precious = pathlib.Path(folder) / "file"
        precious.write_text("mine")
        refused("not a socket", "--listen", f"unix:{precious}")
        assert precious.read_text() == "mine"
    with Server() as server:
        refused("another process", "--listen", f"unix:{server.socket}")
        server.serves()


@test
def a_killed_preparer_is_started_again():
    """By the kernel, for want of memory: that says nothing of the index."""
    with Server() as server:
        for number in range(20):
            server.configure(f"max_age: {number + 100}")
            server.process.send_signal(signal.SIGHUP)
            # It does not live long, so nothing is waited for in between.
            found = until(lambda: process.of_role(children(server.pid), "preparer"), 10, 0)
            with contextlib.suppress(ProcessLookupError):
                os.kill(found[0], signal.SIGKILL)
            age = f"max-age={number + 100}".encode()
            assert until(lambda age=age: age in server.get("/posts/uno").stdout), server.text()
            if "it is started again" in server.text():
                break
        assert "it is started again" in server.text(), server.text()
        assert "not taken" not in server.text() and not list((server.folder / "tmp").iterdir()), server.text()
        server.serves()


@test
def an_index_made_elsewhere_leaves_no_copy_of_the_theme():
    with Server(index="cartolina.yaml/index.db", config="theme: theme", wait=False) as server:
        (server.folder / "theme").mkdir()
        (server.folder / "theme/footer.mustache").write_text("<footer>own</footer>")
        server.wait()
        assert until(lambda: b"<footer>own" in server.get("/posts/uno").body), server.text()
        assert until(lambda: any(p.is_dir() for p in (server.folder / "tmp").glob("*/*"))), server.text()
        server.stop()
        assert not list((server.folder / "tmp").iterdir())


@test
def an_index_that_cannot_be_written_is_made_elsewhere():
    with Server(index="cartolina.yaml/index.db") as server:
        server.serves()
        assert len(list((server.folder / "tmp").iterdir())) == 1
        assert "index:" in server.text(), server.text()
        (server.folder / "content/posts/due.md").write_text(
            source("Altro.", title="Due", date="2020-01-01"))
        assert until(lambda: server.get("/posts/due").status == 200), server.text()
        server.stop()
        assert not list((server.folder / "tmp").iterdir())


@test
def a_listening_socket_on_descriptor_0():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = f"{folder}/given.sock"
        listener.bind(path)
        listener.listen(64)
        with Server(listen="", stdin=listener) as server:
            server.socket = path
            server.serves()
            assert server.stop() < AT_ONCE
        assert os.path.exists(path)  # it belongs to the web server


@test
def systemd_gives_the_socket_and_hears_of_it():
    for abstract in (False, True):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            listener.bind(f"{folder}/given.sock")
            listener.listen(64)
            name = f"@{folder}/n" if abstract else f"{folder}/n"
            notified.bind(name.replace("@", "\0"))
            notified.settimeout(AT_LAST)
            fd = listener.fileno()
            shell = f'exec 3<&{fd}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
            with Server(listen="", env={"NOTIFY_SOCKET": name}, pass_fds=(fd,),
                        prefix=("sh", "-c", shell, "sh")) as server:
                server.socket = f"{folder}/given.sock"
                assert notified.recv(500).startswith(b"READY=1\n")
                server.serves()
                server.stop()
                assert notified.recv(500).startswith(b"STOPPING=1\n")
            assert os.path.exists(f"{folder}/given.sock")


@test
def allowed_tcp_peers():
    for allowed, status in (("127.0.0.1", 200), ("10.0.0.1,127.0.0.1", 200), ("10.0.0.1", None)):
        port = process.free_port()
        with Server(listen=f"127.0.0.1:{port}", env={"FCGI_WEB_SERVER_ADDRS": allowed}):
            reply = fcgi.request(("127.0.0.1", port), fcgi.get(POST))
            assert reply.status == status, allowed


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
