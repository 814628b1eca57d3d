"""tests/http/cases/*.case -> Case objects, and whether a response is as a case says.

A case file is lines; "#" begins a comment, blank lines are nothing.  A case:

    case: The Italian translation
    site: seeds                          sample (default: content/), seeds, fixture (site/),
                                         negotiate, prefix, blog, include (site/ too);
                                         before the first case: for the whole file
    GET /posts/x?lang=it                 the request line, sent byte by byte; "\\xFF" is a byte,
                                         "{100000 x}" is so many "x"
        Accept-Language: fr              indented: a header field of the request
        {body} a=1                       indented: the body
    status: 200                          or several: 400 414
    header: Content-Language = it        whole value; also "has TEXT", "lacks TEXT", "~ REGEX"
    header: Link has rel="canonical"
    no-header: Vary
    headers: as GET /posts/x?lang=it     same status and fields as that request
    body: has TEXT                       also "lacks TEXT", "~ REGEX", "empty", "some"
    body: as GET /posts/x?lang=it-CH     same bytes as that request
    body: extends /x?view=excerpt        the prefix law: that body, less the closing tags at its
                                         end, begins this one
    json: translations[*].lang = ["en", "it"]
                                         a path and JSON; also "has", "lacks", "~", "extends /x"
                                         (same path there); "absent", "present"

A value may hold "{ETag of /posts/x}": that field as `cartolina get` gives it.

Every response must also equal that of `cartolina get`: status, fields, bytes.  Where a server
has its own mind, the case says so, and why (GLOBs over transport names):

    only: nginx-* fcgi-*                 run it there (and as `get`, when that is named)
    skip: apache-* because REASON        not run there
    differs: nginx-* because REASON      expectations hold, but not equality with `get`
    answers: apache-* 404 because REASON the server answers by itself: only this status
    logs: apache-* REGEX                 error-level lines that the case may leave in the log
"""
import fnmatch
import json
import pathlib
import re


class SpecError(Exception):
    pass


class Case:
    def __init__(self, title, site, where):
        self.title = title
        self.site = site
        self.where = where
        self.method = None
        self.target = None
        self.fields = []
        self.body = b""
        self.checks = []  # (kind, rest of line)
        self.only = None
        self.skip = []
        self.differs = []
        self.answers = []
        self.logs = []

    def runs_on(self, transport):
        if self.only is not None and not _matches(self.only, transport):
            return False
        return not any(_matches(globs, transport) for globs in self.skip)

    def differs_on(self, transport):
        return any(_matches(globs, transport) for globs in self.differs)

    def own_answer(self, transport):
        """The statuses with which that server answers by itself, or None."""
        for globs, statuses in self.answers:
            if _matches(globs, transport):
                return statuses
        return None


def _matches(globs, name):
    return any(fnmatch.fnmatchcase(name, g) for g in globs)


def _globs(rest, where, also_status=False):
    names, because, reason = rest.partition(" because ")
    if not because or not reason.strip():
        raise SpecError(f"{where}: 'because REASON' is missing")
    words = names.split()
    statuses = {int(w) for w in words if w.isdigit()}
    if bool(statuses) != also_status:
        raise SpecError(f"{where}: a status is {'missing' if also_status else 'not wanted'}")
    return [w for w in words if not w.isdigit()], statuses


def _target(text):
    text = re.sub(r"\{(\d+) ([^{}]+)\}", lambda m: m[2] * int(m[1]), text)
    raw = text.encode("utf-8")
    return re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), raw)


CHECKS = ("status", "header", "no-header", "headers", "body", "json")


def _directive(case, key, rest, where):
    if key in CHECKS:
        case.checks.append((key, rest))
    elif key == "only":
        case.only = rest.split()
    elif key == "skip":
        case.skip.append(_globs(rest, where)[0])
    elif key == "differs":
        case.differs.append(_globs(rest, where)[0])
    elif key == "answers":
        case.answers.append(_globs(rest, where, also_status=True))
    elif key == "logs":
        glob, _, pattern = rest.partition(" ")
        case.logs.append((glob, re.compile(pattern)))
    else:
        raise SpecError(f"{where}: no such directive: {key}")


def _indented(case, line, where):
    if line.startswith("{body} "):
        case.body = _target(line[len("{body} "):])
        return
    name, colon, value = line.partition(":")
    if not colon or case is None or not case.method:
        raise SpecError(f"{where}: not a header field")
    case.fields.append((name.strip(), value.strip()))


def read_file(path):
    cases, site, case = [], "sample", None
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").split("\n"), 1):
        where = f"{pathlib.Path(path).name}:{number}"
        request = re.fullmatch(r"([A-Z]+) (\S.*)", line)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t":
            _indented(case, line.strip(), where)
        elif line.startswith("case: "):
            case = Case(line[len("case: "):], site, where)
            cases.append(case)
        elif line.startswith("site: "):
            if case:
                case.site = line[len("site: "):]
            else:
                site = line[len("site: "):]
        elif request and case and not case.method:
            case.method, case.target = request[1], _target(request[2])
        else:
            key, colon, rest = line.partition(":")
            if not colon or not case or not case.method:
                raise SpecError(f"{where}: cannot read: {line}")
            _directive(case, key, rest.strip(), where)
    for case in cases:
        if not case.method or not any(kind == "status" for kind, _ in case.checks):
            raise SpecError(f"{case.where}: a case needs a request and a status")
    return cases


# --- expectations -----------------------------------------------------------

TAGS_AT_END = re.compile(rb"(?:\s*</[a-z0-9]+>)*\s*\Z")


def without_closing_tags(html):
    return html[:TAGS_AT_END.search(html).start()]


def json_at(document, path):
    """The values that a path such as "items[*].lang" leads to; KeyError when one is missing."""
    values, many = [document], False
    for name, index in re.findall(r"([A-Za-z_@$][\w$-]*)|\[(\d+|\*)\]", path):
        if name:
            values = [v[name] for v in values]
        elif index == "*":
            values, many = [item for v in values for item in v], True
        else:
            values = [v[int(index)] for v in values]
    return values if many else values[0]


def _compare(actual, operator, wanted):
    """None when it holds, else a sentence.  `actual` is a text, or None for absent."""
    if actual is None:
        return "is absent"
    holds = {"=": lambda: actual == wanted, "has": lambda: wanted in actual,
             "lacks": lambda: wanted not in actual,
             "~": lambda: re.search(wanted, actual, re.S) is not None}
    if operator not in holds:
        raise SpecError(f"no such operator: {operator}")
    if holds[operator]():
        return None
    return f"is {actual[:300]!r}, not {operator} {wanted[:300]!r}"


class Checker:
    """Checks responses; `get(target)` gives the command line's response to a GET."""

    def __init__(self, get):
        self.get = get

    def fill(self, text):
        def field(match):
            value = self.get(_target(match[2])).get(match[1])
            if value is None:
                raise SpecError(f"{match[2]} has no field {match[1]}")
            return value
        return re.sub(r"\{([A-Za-z-]+) of (/[^{}]*)\}", field, text)

    def problems(self, case, response):
        for kind, rest in case.checks:
            try:
                problem = getattr(self, "_" + kind.replace("-", "_"))(self.fill(rest), response)
            except SpecError as error:
                problem = str(error)
            if problem:
                yield f"{kind}: {rest}: {problem}"

    def _status(self, rest, response):
        return None if str(response.status) in rest.split() else f"is {response.status}"

    def _header(self, rest, response):
        name, operator, wanted = (rest.split(None, 2) + ["", ""])[:3]
        return _compare(response.get(name), operator, wanted)

    def _no_header(self, rest, response):
        value = response.get(rest)
        return None if value is None else f"is {value!r}"

    def _headers(self, rest, response):
        other = self.get(_target(rest.removeprefix("as GET ")))
        return "; ".join(differences(response, other, bodies=False)) or None

    def _body(self, rest, response):
        operator, _, wanted = rest.partition(" ")
        body = response.body
        if operator == "empty":
            return f"has {len(body)} bytes" if body else None
        if operator == "some":
            return None if body.strip() else "is empty"
        if operator == "as":
            other = self.get(_target(wanted.removeprefix("GET "))).body
            return None if body == other else "differs at byte %d" % _first_difference(body, other)
        if operator == "extends":
            return _extends(body, self.get(_target(wanted)).body)
        return _compare(body.decode("utf-8", "surrogateescape"), operator, wanted)

    def _json(self, rest, response):
        path, operator, wanted = (rest.split(None, 2) + ["", ""])[:3]
        try:
            document = json.loads(response.body)
        except ValueError as error:
            return f"the body is no JSON: {error}"
        try:
            actual = json_at(document, path)
        except (KeyError, IndexError, TypeError):
            return None if operator == "absent" else f"there is no {path}"
        if operator in ("present", "absent"):
            return None if operator == "present" else f"is {actual!r}"
        if operator == "extends":
            other = json_at(json.loads(self.get(_target(wanted)).body), path)
            return _extends(actual.encode(), other.encode())
        if operator == "~":
            return _compare(actual if isinstance(actual, str) else json.dumps(actual), "~", wanted)
        value = json.loads(wanted)
        holds = {"=": lambda: actual == value, "has": lambda: value in actual,
                 "lacks": lambda: value not in actual}
        if operator not in holds:
            raise SpecError(f"no such operator: {operator}")
        return None if holds[operator]() else f"is {json.dumps(actual, ensure_ascii=False)[:300]}"


def _extends(whole, excerpt):
    start = without_closing_tags(excerpt)
    if not start.strip():
        return "the excerpt is empty"
    if len(whole) <= len(start):
        return "is not longer than the excerpt"
    if not whole.startswith(start):
        return "leaves the excerpt at byte %d" % _first_difference(whole, start)
    return None


def _first_difference(a, b):
    for at, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return at
    return min(len(a), len(b))


# What a connection needs, and what every server signs with.
HOP_FIELDS = {"date", "server", "connection", "keep-alive", "transfer-encoding", "status"}

# RFC 9110 §15.4.5: what a 304 must have; of the rest servers take away what they like.
FIELDS_OF_304 = {"cache-control", "content-location", "etag", "expires", "vary"}


def differences(response, reference, bodies=True):
    """Sentences on how a response differs from the reference."""
    if response.status != reference.status:
        yield f"status {response.status}, get has {reference.status}"
        return
    ours, theirs = ({} for _ in "12")
    for fields, out in ((response.fields, ours), (reference.fields, theirs)):
        for name, value in fields:
            key = name.lower()
            if key not in HOP_FIELDS and (response.status != 304 or key in FIELDS_OF_304):
                out.setdefault(key, []).append(value)
    for key in sorted(ours.keys() | theirs.keys()):
        a, b = (", ".join(d[key]) if key in d else None for d in (ours, theirs))
        if a != b:
            yield f"{key} is {a!r}, get has {b!r}"
    if bodies and response.body != reference.body:
        at = _first_difference(response.body, reference.body)
        yield f"body of {len(response.body)} bytes, get has {len(reference.body)}; " \
              f"differs at byte {at}: {response.body[at:at + 60]!r}, {reference.body[at:at + 60]!r}"
