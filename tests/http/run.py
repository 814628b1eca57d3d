#!/usr/bin/env python3
"""tests/http/cases/*.case over every transport, as TAP.

    tests/http/run.py [PROGRAM]                    everything; PROGRAM: build/cartolina
    tests/http/run.py get cgi 'fcgi-*'             some transports
    tests/http/run.py --case '304' nginx-unix      some cases, by a regular expression on the title
    tests/http/run.py --keep                       leave the temporary folder

spec.py tells the format of the cases, transports.py the ways.  Besides what a case expects, every
response must equal that of `cartolina get`, and over fcgi-unix the second one too, which comes
from the worker's memory.  After a transport's cases: nothing unexpected in
the program's standard error and the server's log, and no process left.

A server that is not installed is skipped; with TEST_SERVERS=1 in the environment that is a
failure.  CARTOLINA_SHARED (or ../shared) is where the seeds are.
"""
import argparse
import fnmatch
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import expand      # noqa: E402  (found through the path above)
import process     # noqa: E402
import spec        # noqa: E402
import tap         # noqa: E402
import transports  # noqa: E402

TIME_LIMIT = 900  # seconds for everything

# What each site changes in the samples.
SITES = {
    "sample": {},
    "seeds": {},
    "fixture": {},
    "negotiate": {"cartolina.yaml": (("accept_language: false", "accept_language: true"),)},
    "prefix": {"cartolina.yaml": (("urls: query", "urls: prefix"),)},
    "blog": expand.BLOG,
    "include": expand.INCLUDE,
}
# Not every site makes sense everywhere: the samples that tell how to mount a site below a path,
# and the servers that include other resources in a page.
ONLY = {
    "blog": ("get", "fcgi-unix", "fcgi-tcp", "nginx-unix", "apache-cgid", "apache-htaccess",
             "apache-fcgi", "lighttpd-fcgi", "lighttpd-cgi"),
    "include": ("nginx-unix", "nginx-tcp", "apache-cgid", "apache-fcgi"),
}


def seeds():
    shared = pathlib.Path(os.environ.get("CARTOLINA_SHARED", expand.CHECKOUT.parent / "shared"))
    found = {lang: shared / "seeds" / f"milan.{lang}.md" for lang in ("en", "it")}
    return found if all(p.exists() for p in found.values()) else None


def fill_content(name, target):
    """The site's posts; False when there are none."""
    if name == "sample":
        shutil.copytree(expand.CHECKOUT / "content", target)
    elif name != "seeds":
        shutil.copytree(HERE / "site", target)
    elif found := seeds():
        (target / "posts").mkdir(parents=True)
        for lang, path in found.items():
            shutil.copy(path, target / "posts" / f"aws-europe-milan-region.{lang}.md")
    else:
        return False
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, transports.FIXED_TIME)
    return True


class Runner:
    def __init__(self, options, tap, folder):
        self.options = options
        self.tap = tap
        self.folder = folder
        self.cases = []
        for path in sorted((HERE / "cases").glob("*.case")):
            self.cases += spec.read_file(path)

    def run(self):
        missing = set()
        for name, edits in SITES.items():
            cases = [c for c in self.cases if c.site == name and self.options.wants(c)]
            chosen = [t for t in transports.TRANSPORTS if self.options.uses(t)
                      and t in ONLY.get(name, transports.TRANSPORTS)]
            if not cases:
                continue
            site = transports.Site(name, self.folder / name, self.options.binary, edits)
            if not fill_content(name, site.content):
                self.tap.skip(name, "no seeds in the shared folder")
                continue
            reference = Reference(site)
            for transport in chosen:
                program = transports.TRANSPORTS[transport].missing()
                if not program:
                    self.run_transport(transport, site, cases, reference)
                elif transport not in missing:
                    missing.add(transport)
                    self.report_missing(transport, program)
            self.tap.result(f"{name}: get: standard error", reference.problems())

    def report_missing(self, transport, program):
        # Caddy is not in every distribution's main archive: never demanded.
        if program == "caddy":
            self.tap.skip(transport, "caddy is not installed")
        else:
            self.tap.has(transport, program)

    def run_transport(self, name, site, cases, reference):
        transport = transports.TRANSPORTS[name](name, site)
        label = f"{site.name}: {name}"
        try:
            transport.start()
        except (RuntimeError, OSError, ValueError) as error:
            self.tap.result(f"{label}: start", [error])
            return
        allowed = []
        try:
            for case in cases:
                if case.runs_on(name):
                    allowed += [p for glob, p in case.logs if fnmatch.fnmatchcase(name, glob)]
                    problems = list(self.try_case(case, transport, reference))
                    self.tap.result(f"{label}: {case.title} ({case.where})", problems)
        finally:
            problems = transport.stop()
        problems += transport.log_problems(allowed)
        self.tap.result(f"{label}: logs, and no process left", problems)

    def try_case(self, case, transport, reference):
        try:
            fields = [(n, reference.checker.fill(v)) for n, v in case.fields]
            response = transport.ask(case.method, case.target, fields, case.body)
            own = case.own_answer(transport.name)
            if own is not None:
                if response.status not in own:
                    yield f"the server's own status is {response.status}, not {sorted(own)}"
                return
            if not case.differs_on(transport.name):
                response.fields = [f for f in response.fields if f not in transport.adds]
            yield from reference.checker.problems(case, response)
            if transport.name == "fcgi-unix":  # one worker, which has kept the answer by now
                again = transport.ask(case.method, case.target, fields, case.body)
                yield from (f"the second time: {d}" for d in spec.differences(again, response))
            if transport.name != "get" and not case.differs_on(transport.name):
                expected = reference.ask(case.method, case.target, fields, case.body)
                yield from spec.differences(response, expected)
        except (OSError, ValueError, spec.SpecError) as error:
            yield f"{type(error).__name__}: {error}"
        except Exception:  # the run goes on, and says what was wrong with the tests
            yield traceback.format_exc()


class Reference:
    """`cartolina get` on the same site, asked once for each request."""

    def __init__(self, site):
        self.transport = transports.Get("reference", site)
        self.transport.start()
        self.known = {}
        self.checker = spec.Checker(lambda target: self.ask("GET", target, [], b""))

    def ask(self, method, target, fields, body):
        key = (method, target, tuple(fields), body)
        if key not in self.known:
            self.known[key] = self.transport.ask(method, target, fields, body)
        return self.known[key]

    def problems(self):
        return self.transport.log_problems([])


class Options:
    def __init__(self):
        parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
        parser.add_argument("transports", nargs="*", metavar="PROGRAM|TRANSPORT",
                            help="a path, and names or patterns; default: all")
        parser.add_argument("--case", default="", help="regular expression on case titles")
        parser.add_argument("--site", help="only this one")
        parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
        self.given = parser.parse_args()
        programs = [a for a in self.given.transports if "/" in a]
        self.binary = pathlib.Path(programs[0] if programs else expand.CHECKOUT / "build/cartolina")
        self.binary = self.binary.resolve()
        self.transports = [a for a in self.given.transports if "/" not in a]
        for pattern in self.transports:
            if not fnmatch.filter(transports.TRANSPORTS, pattern):
                parser.error(f"no transport {pattern}; there are: "
                             + " ".join(transports.TRANSPORTS))

    def uses(self, transport):
        return not self.transports or any(
            fnmatch.fnmatchcase(transport, p) for p in self.transports)

    def wants(self, case):
        return (not self.given.site or case.site == self.given.site) \
            and re.search(self.given.case, case.title)


def out_of_time(_signal, _frame):
    raise SystemExit(f"Bail out! not done within {TIME_LIMIT} s")


def main():
    options = Options()
    if not options.binary.exists():
        print(f"Bail out! {options.binary} is not there: make first")
        return 1
    tap.heed_signals()
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(TIME_LIMIT)
    out = tap.Tap()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-http-"))
    folder.chmod(0o755)  # a server's own account must get in
    try:
        Runner(options, out, folder).run()
        left = process.left_over(str(folder))
        out.result("no process is left over", left)
    finally:
        if options.given.keep:
            print(f"# kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())
