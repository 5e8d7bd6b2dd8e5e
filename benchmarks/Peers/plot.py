"""The picture of a run: for each number of connections, rates as bars and latencies from p50 to p99 on a logarithmic scale."""
import math
from html import escape

import report

WIDTH, LEFT, GAP, ROW, HEAD = 1150, 250, 90, 24, 62
BARS = 330  # how long the longest bar is; the latency scale has the same length
# Readable on white and on black.
TEXT, FAINT, OWN, OTHER = "#808080", "#80808055", "#2f81f7", "#9a8c7c"


def svg(summary):
    """One panel for each number of connections, one row in it for each subject."""
    # A static answer is a floor, not a contender: its bar would make all others small. It stands in the tables.
    subjects = [subject for subject in summary["subjects"] if subject["work"] != "static"]
    panels, y = [], 46
    scale = _Scale(subjects)
    for connections in summary["conditions"]["connections"]:
        panels.append(_panel(subjects, str(connections), y, scale))
        y += HEAD + ROW * len(subjects)
    body = "\n".join(panels)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
            f'font-family="sans-serif" font-size="13" fill="{TEXT}">\n'
            f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold">answers per second</text>\n'
            f'<text x="{LEFT + BARS + GAP}" y="22" font-size="15" font-weight="bold">latency, p50 to p99</text>\n{body}\n</svg>\n')


class _Scale:
    """Places of latencies: whole decades around all of them."""

    def __init__(self, subjects):
        medians = [load["median"] for subject in subjects for load in subject["loads"].values()]
        self.low = math.floor(math.log10(max(min(m["p50"] for m in medians), 1)))
        self.high = max(math.ceil(math.log10(max(m["p99"] for m in medians))), self.low + 1)

    def x(self, microseconds):
        share = (math.log10(max(microseconds, 1)) - self.low) / (self.high - self.low)
        return LEFT + BARS + GAP + share * BARS

    def marks(self):
        return [(10 ** power, duration(10 ** power)) for power in range(self.low, self.high + 1)]


def _panel(subjects, connections, y, scale):
    most = max(subject["loads"][connections]["median"]["rate"] for subject in subjects)
    bottom = y + 30 + ROW * len(subjects)
    parts = [caption(LEFT - 12, y + 20, "1 connection" if connections == "1" else f"{connections} connections", "end", bold=True)]
    for value, label in scale.marks():
        x = scale.x(value)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 26}" y2="{bottom}" stroke="{FAINT}"/>')
        parts.append(caption(x, y + 20, label, "middle", size=11))
    for number, subject in enumerate(subjects):
        parts += _row(subject, subject["loads"][connections]["median"], y + 30 + ROW * number, most, scale)
    return "\n".join(parts)


def _row(subject, median, y, most, scale):
    own = subject["key"] in report.OWN_KEYS
    colour, middle = OWN if own else OTHER, y + ROW / 2
    length = max(BARS * median["rate"] / most, 1)
    first, last = scale.x(median["p50"]), scale.x(median["p99"])
    return [
        caption(LEFT - 12, middle + 4, subject["title"], "end", bold=own),
        f'<rect x="{LEFT}" y="{y + 4}" width="{length:.1f}" height="{ROW - 8}" fill="{colour}"/>',
        caption(LEFT + length + 6, middle + 4, f"{median['rate']:,.0f}", "start"),
        f'<line x1="{first:.1f}" x2="{last:.1f}" y1="{middle}" y2="{middle}" stroke="{colour}" stroke-width="4"/>',
        f'<circle cx="{first:.1f}" cy="{middle}" r="5" fill="{colour}"/>',
        f'<line x1="{last:.1f}" x2="{last:.1f}" y1="{middle - 6}" y2="{middle + 6}" stroke="{colour}" stroke-width="3"/>',
        caption(last + 9, middle + 4, f"{duration(median['p50'])} - {duration(median['p99'])}", "start", size=11)]


def caption(x, y, text, anchor, size=13, bold=False):
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{weight}>{escape(text)}</text>'


def duration(microseconds):
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.3g} s"
    return f"{microseconds / 1e3:.3g} ms" if microseconds >= 1e3 else f"{microseconds:.0f} us"
