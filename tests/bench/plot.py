#!/usr/bin/env python3
"""The figures of peers.py as bars, in an SVG that is readable on light and dark pages.

    tests/bench/peers.py --json FILE && tests/bench/plot.py FILE >tests/bench/figures.svg

Requests per second on a scale of powers of ten: a bar that is one line longer is ten times as much.
"""
import json
import math
import sys
import xml.sax.saxutils

ROWS = ("cached", "cartolina", "hugo", "dokuwiki", "fossil")
WIDTH, LEFT, RIGHT, ROW, BAR, TOP = 720, 270, 100, 34, 20, 44

STYLE = """
text { font: 14px system-ui, sans-serif; fill: #24292f }
.small { font-size: 12px; fill: #57606a }
.line { stroke: #d0d7de }
.bar { fill: #8c959f }
.ours { fill: #b5432a }
@media (prefers-color-scheme: dark) {
	text { fill: #e6edf3 }
	.small { fill: #9da7b1 }
	.line { stroke: #3d444d }
	.bar { fill: #6e7681 }
	.ours { fill: #e8734f }
}
"""


def escaped(text):
    return xml.sax.saxutils.escape(text.replace("`", ""))


def scale(facts):
    """(the power of ten at the left, the one at the right)."""
    rates = [facts[name]["rate"] for name in ROWS if name in facts]
    return max(0, math.floor(math.log10(min(rates))) - 1), math.ceil(math.log10(max(rates)))


def bars(facts):
    low, high = scale(facts)
    names = [name for name in ROWS if name in facts]
    bottom = TOP + ROW * len(names)

    def x(rate):
        return LEFT + (math.log10(rate) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    for power in range(low, high + 1):
        at = x(10 ** power)
        yield f'<line class="line" x1="{at:.1f}" y1="{TOP - 6}" x2="{at:.1f}" y2="{bottom}"/>'
        yield f'<text class="small" x="{at:.1f}" y="{TOP - 12}" text-anchor="middle">{10 ** power:,}</text>'
    for number, name in enumerate(names):
        y, row = TOP + ROW * number, facts[name]
        kind = "bar ours" if name in ("cartolina", "cached") else "bar"
        yield f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escaped(row["title"])}</text>'
        yield (f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{max(1, x(row["rate"]) - LEFT):.1f}" '
               f'height="{BAR}" rx="2"/>')
        yield f'<text x="{x(row["rate"]) + 8:.1f}" y="{y + 15}">{row["rate"]:,.0f}</text>'


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        facts = json.load(file)
    height = TOP + ROW * sum(name in facts for name in ROWS) + 6
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
          f'height="{height}" role="img" aria-labelledby="t">\n'
          f'<title id="t">The same article, requests per second</title>\n<style>{STYLE}</style>')
    print(f'<text class="small" x="{LEFT - 10}" y="{TOP - 12}" text-anchor="end">requests per second</text>')
    print("\n".join(bars(facts)))
    print("</svg>")
    return 0


if __name__ == "__main__":
    sys.exit(main())
