"""Prometheus's text format 0.0.4, read strictly, and what promtool complains of.

    samples = promrules.read(text)      # raises AssertionError with the line
    samples["name", (("label", "value"),)]
"""
import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)( -?\d+)?\Z')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|\Z)')
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count", "")}
UNITS = ("milliseconds", "microseconds", "ms", "kilobytes", "kb", "percent", "minutes", "hours")


def labels_of(text):
    found, rest = [], text or ""
    while rest:
        match = LABEL.match(rest)
        assert match, f"labels: {text}"
        found.append((match[1], match[2]))
        rest = rest[match.end():]
    assert len({name for name, _ in found}) == len(found), f"a label twice: {text}"
    return tuple(found)


def number(text):
    if text in ("+Inf", "-Inf", "NaN"):
        return float(text.replace("Inf", "inf"))
    assert re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text), text
    return float(text)


def check_histograms(samples, types):
    for base in (n for n, t in types.items() if t == "histogram"):
        series = {}
        for (name, labels), value in samples.items():
            if name == base + "_bucket":
                rest = tuple(x for x in labels if x[0] != "le")
                series.setdefault(rest, []).append((number(dict(labels)["le"]), value))
        assert series, base
        for rest, buckets in series.items():
            bounds, counts = zip(*buckets)
            assert list(bounds) == sorted(set(bounds)) and bounds[-1] == math.inf, (base, bounds)
            assert list(counts) == sorted(counts), (base, counts)
            assert samples[base + "_count", rest] == counts[-1], base
            assert (base + "_sum", rest) in samples, base


def check_names(types, helps):
    for name, kind in types.items():
        assert helps.get(name), f"{name}: no help"
        assert (kind == "counter") == name.endswith("_total"), f"{name}: {kind}"
        assert not name.endswith(("_bucket", "_sum", "_count")), name
        assert not set(name.split("_")) & {*UNITS, kind}, f"{name}: unit or type in the name"
        assert name == name.lower(), name


def read(text):
    """{(name, labels): value}"""
    samples, types, helps, done, last = {}, {}, {}, set(), None
    assert text.endswith("\n"), "the last line does not end"
    for line in text[:-1].split("\n"):
        assert line == line.strip() and line, f"white space: {line!r}"
        if line.startswith("#"):
            _, what, name, rest = line.split(" ", 3)
            assert what in ("HELP", "TYPE") and NAME.match(name), line
            table = helps if what == "HELP" else types
            assert name not in table, f"twice: {line}"
            assert what == "HELP" or rest in TYPES, line
            table[name] = rest
            continue
        match = SAMPLE.match(line)
        assert match, f"no sample: {line}"
        name, labels = match[1], labels_of(match[2])
        family = next((n for n, t in types.items() if name in
                       ([n + s for s in SUFFIXES.get(t, ("",))])), None)
        assert family, f"without a type: {line}"
        assert family == last or family not in done, f"not together: {line}"
        assert (name, labels) not in samples, f"twice: {line}"
        done.add(family)
        last = family
        samples[name, labels] = number(match[3])
    check_names(types, helps)
    check_histograms(samples, types)
    return samples
