"""Programs under test: started in their own session, bounded in time, stopped by pid,
waited for and looked for afterwards."""
import contextlib
import ctypes
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import time

SANITIZER = ("AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")

# What a supervisor's children call themselves.
ROLES = {"cartolina-prep": "preparer", "cartolina-index": "indexer", "cartolina-work": "worker"}


def until(condition, seconds=15, pause=0.01):
    """The condition's first true value, or its last one when the time is over: a long one, for
    what takes none where a machine is not busy with other things."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(pause)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def account():
    """Web servers refuse or distrust root: as root they run as www-data, or nobody.
    None when this user will do."""
    if os.geteuid() != 0:
        return None
    for name in ("www-data", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def give_away(folder):
    """Lets account() write into the folder."""
    user = account()
    if user:
        for path in (folder, *pathlib.Path(folder).rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)


def die_with_parent():
    # PR_SET_PDEATHSIG: a killed test run takes its servers along.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Process:
    """One running program; its standard error goes to `log`."""

    def __init__(self, argv, log, env=None, cwd=None, as_server=False):
        user = account() if as_server else None
        identity = {}
        if user:
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.name = pathlib.Path(argv[0]).name
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as stream:
            self.child = subprocess.Popen(
                [str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
                env=env, cwd=cwd, start_new_session=True, preexec_fn=die_with_parent, **identity)
        self.pid = self.child.pid

    def wait_for(self, address, seconds=60):
        """Until the address, a path or (host, port), accepts connections; else RuntimeError."""
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.child.poll() is not None:
                break
            with socket.socket(family) as s:
                s.settimeout(2)
                if s.connect_ex(address if isinstance(address, tuple) else str(address)) == 0:
                    return
            time.sleep(0.02)
        state = "ended" if self.child.poll() is not None else "does not listen"
        raise RuntimeError(f"{self.name} {state}: {self.log_text()[-600:]}")

    def log_text(self):
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def stop(self, signum=signal.SIGTERM, seconds=30, statuses=(0,)):
        """The problems met while stopping: exit status, a kill that was needed, survivors."""
        problems = []
        if self.child.poll() is None:
            self.child.send_signal(signum)
        try:
            status = self.child.wait(seconds)
            if status not in (*statuses, -signum):
                problems.append(f"{self.name} ended with status {status}")
        except subprocess.TimeoutExpired:
            problems.append(f"{self.name} did not stop within {seconds} s")
        problems += self._end_survivors()
        self.child.wait()
        return problems

    def _end_survivors(self):
        # Apache gives its CGI daemon three seconds, of a machine that may be busy.
        until(lambda: not session_members(self.pid))
        alive = session_members(self.pid)
        for pid, _command in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return [f"{self.name} left process {pid}: {command}" for pid, command in alive]


def children(pid):
    try:
        return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def role(pid):
    """Of a supervisor's child; None when it is gone or has not said yet."""
    with contextlib.suppress(OSError):
        return ROLES.get(pathlib.Path(f"/proc/{pid}/comm").read_text().strip()) if alive(pid) else None
    return None


def of_role(pids, name):
    return [p for p in pids if role(p) == name]


def alive(pid):
    """Running, and not a zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def session_members(session):
    """(pid, command) of every process in a session, zombies aside."""
    return [(pid, command) for pid, command, stat in _processes()
            if stat[0] != "Z" and int(stat[3]) == session]


def left_over(text, seconds=5):
    """Those of mentioning() that do not end by themselves."""
    end = time.monotonic() + seconds
    while (found := mentioning(text)) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def mentioning(text):
    """(pid, command) of every process, other than this one, whose command line or folder
    names `text`: what left its session is found so."""
    found = []
    for pid, command, stat in _processes():
        if pid == os.getpid() or stat[0] == "Z":
            continue
        try:
            folder = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            folder = ""
        if text in command or text in folder:
            found.append((pid, command))
    return found


def _processes():
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        yield int(entry.name), command.decode("utf-8", "replace").strip(), stat


def sanitizer_reports(text):
    return [line for line in text.splitlines() if any(mark in line for mark in SANITIZER)]
