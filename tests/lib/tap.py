"""A file of tests as TAP: `@test` before each, `main()` at the end.

    import tap
    @tap.test
    def something_is_so(): ...
    if __name__ == "__main__":
        sys.exit(tap.main(sys.argv[1:]))      words: only the tests with one in their name

Tests that share something costly are run by a function of their file's own, `main(words, run)`.
TIMES in the environment: what each test took.  TEST_SERVERS=1: what is not installed is a failure.
"""
import os
import pathlib
import signal
import sys
import time
import traceback

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CARTOLINA", CHECKOUT / "build/cartolina")).resolve()
LINE_LIMIT = 2000  # characters of a line of a traceback
TIME_LIMIT = 400   # seconds of a test

tests = []


class Skip(Exception):
    """The test cannot be run here, and why."""


class OutOfTime(Exception):
    """No OSError, as TimeoutError is: tests expect those."""


def test(function):
    tests.append(function)
    return function


def need(missing):
    """Leaves a test that needs a program; `missing`: its name when it is not installed, else
    nothing."""
    if missing:
        lack(f"{missing} is not installed")


def lack(what):
    """Leaves a test that cannot be run on this machine."""
    raise AssertionError(what) if os.environ.get("TEST_SERVERS") == "1" else Skip(what)


def equal(got, expected):
    assert got == expected, f"\n{got!r}\nis not\n{expected!r}"


class Tap:
    """Results as they come.  `planned`: how many, if that is known before."""

    def __init__(self, planned=None):
        self.number = self.failed = 0
        self.planned = planned
        if planned is not None:
            print(f"1..{planned}", flush=True)

    def result(self, title, problems=()):
        """`problems`: a text or a list of them; none is well."""
        self.number += 1
        self.failed += bool(problems)
        title = title.replace("#", "\\#")
        print(f"{'not ok' if problems else 'ok'} {self.number} - {title}")
        for problem in [problems] if isinstance(problems, str) else problems:
            for line in str(problem).splitlines():
                print(f"#   {line[:LINE_LIMIT]}")
        sys.stdout.flush()

    def skip(self, title, reason):
        self.number += 1
        print(f"ok {self.number} - {title} # SKIP {reason}", flush=True)

    def has(self, title, missing):
        """need() where there is no test to leave: False, and a result, when it is not installed."""
        try:
            need(missing)
            return True
        except Skip as reason:
            self.skip(title, reason)
        except AssertionError as problem:
            self.result(title, str(problem))
        return False

    def run(self, title, function, *arguments):
        """One test; False when it did not come to a good end."""
        started = time.monotonic()
        signal.alarm(TIME_LIMIT)
        try:
            function(*arguments)
            problems = ()
        except Skip as reason:
            self.skip(title, reason)
            return False
        except Exception:  # pylint: disable=broad-except
            problems = traceback.format_exc()
        finally:
            signal.alarm(0)
        self.result(title, problems)
        if os.environ.get("TIMES"):
            print(f"# {time.monotonic() - started:.2f} s", flush=True)
        return not problems

    def run_all(self, chosen, *arguments, label=""):
        for function in chosen:
            self.run(label + function.__name__.replace("_", " "), function, *arguments)

    def end(self):
        """The exit status."""
        if self.planned is None:
            print(f"1..{self.number}")
        if self.failed:
            print(f"# {self.failed} of {self.number} failed")
        return 1 if self.failed else 0


def _stopped(signum, _frame):
    raise SystemExit(128 + signum)


def _out_of_time(_signum, _frame):
    raise OutOfTime(f"not done within {TIME_LIMIT} s")


def heed_signals():
    """SIGTERM unwinds the stack, so that what was started is stopped; so does SIGALRM in a test."""
    signal.signal(signal.SIGTERM, _stopped)
    signal.signal(signal.SIGALRM, _out_of_time)


def main(words, run=None):
    """run(tap, tests) runs those that are wanted; by default each by itself."""
    heed_signals()
    chosen = [t for t in tests if not words or any(w in t.__name__ for w in words)]
    if not BINARY.exists():
        print(f"Bail out! {BINARY} is not there: make first")
        return 1
    tap = Tap(None if run else len(chosen))
    if run:
        run(tap, chosen)
    else:
        tap.run_all(chosen)
    return tap.end()
