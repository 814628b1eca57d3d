"""A file of tests as TAP: `@test` before each, `main()` at the end.

    import tap
    @tap.test
    def something_is_so(): ...
    if __name__ == "__main__":
        sys.exit(tap.main(sys.argv[1:]))      words: only the tests with one in their name
"""
import os
import pathlib
import sys
import traceback

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CARTOLINA", CHECKOUT / "build/cartolina")).resolve()
LINE_LIMIT = 2000  # characters of a line of a traceback

tests = []


class Skip(Exception):
    """The test cannot be run here, and why."""


def test(function):
    tests.append(function)
    return function


def run(number, function):
    """False when it failed."""
    name = function.__name__.replace("_", " ")
    try:
        function()
        print(f"ok {number} - {name}")
    except Skip as reason:
        print(f"ok {number} - {name} # SKIP {reason}")
    except Exception:  # pylint: disable=broad-except
        print(f"not ok {number} - {name}")
        for line in traceback.format_exc().splitlines():
            print(f"#   {line[:LINE_LIMIT]}")
        return False
    finally:
        sys.stdout.flush()
    return True


def main(words):
    chosen = [t for t in tests if not words or any(w in t.__name__ for w in words)]
    if not BINARY.exists():
        print(f"Bail out! {BINARY} is not there: make first")
        return 1
    print(f"1..{len(chosen)}", flush=True)
    results = [run(number, function) for number, function in enumerate(chosen, 1)]
    return 0 if all(results) else 1
