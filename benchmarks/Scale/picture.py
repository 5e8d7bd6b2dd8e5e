"""The picture of a run: latency, p50 and p99, by the number of users, both on logarithmic scales."""
import math

from outcome import title
from plot import FAINT, OTHER, OWN, TEXT, caption, duration

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, PANEL, GAP = 1000, 380, 80, 50, 330, 380, 110


def svg(summary):
    """A panel for each number of connections; one with open holds is a ring beside the others."""
    stores, connections = summary["stores"], summary["conditions"]["connections"]
    panels = "\n".join(_panel(stores, c, LEFT + number * (PANEL + GAP)) for number, c in enumerate(connections))
    width = max(LEFT + len(connections) * (PANEL + GAP), WIDTH)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
            f'font-family="sans-serif" font-size="13" fill="{TEXT}">\n{panels}\n</svg>\n')


def _panel(stores, connections, left):
    # The fewest users are measured again beside the holds: a second point at the same place would only confuse.
    shown = {(store["users"], store["holds"]): store for store in reversed(stores)}.values()
    loads = [(store, store["loads"][str(connections)]["median"]) for store in sorted(shown, key=lambda store: store["users"])]
    across = _Scale([store["users"] for store in stores], left + 35, left + PANEL - 35)
    up = _Scale([m[p] for _, m in loads for p in ("p50", "p99")], BOTTOM, TOP)
    head = "1 connection" if connections == 1 else f"{connections} connections"
    parts = [caption(left + PANEL / 2, 24, f"{head}, latency by users", "middle", 15, True)]
    if any(store["holds"] for store in stores):
        parts.append(caption(left + PANEL / 2, BOTTOM + 42, "a ring: with open holds", "middle", 11))
    for value in up.decades():
        parts += [f'<line x1="{left}" x2="{left + PANEL}" y1="{up.at(value):.1f}" y2="{up.at(value):.1f}" stroke="{FAINT}"/>',
                  caption(left - 8, up.at(value) + 4, duration(value), "end", 11)]
    for value in across.decades():
        parts.append(caption(across.at(value), BOTTOM + 20, f"{value:,.0f}", "middle", 11))
    for percentile, colour in (("p50", OWN), ("p99", OTHER)):
        parts += _line(loads, percentile, colour, across, up)
    return "\n".join(parts)


def _line(loads, percentile, colour, across, up):
    places = [(store, m[percentile], across.at(store["users"]), up.at(m[percentile])) for store, m in loads]
    bare = [(x, y) for store, _, x, y in places if not store["holds"]]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in bare)
    parts = [f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for store, value, x, y in places:
        if store["holds"]:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{colour}" stroke-width="2">'
                         f'<title>{title(store["users"], store["holds"])}: {percentile} {duration(value)}</title></circle>')
        else:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>',
                      caption(x, y - 12, f"{percentile} {duration(value)}", "middle", 11)]
    return parts


class _Scale:
    """Whole decades around all values, between two places."""

    def __init__(self, values, first, last):
        self._low = math.floor(math.log10(max(min(values), 1)))
        self._high = max(math.ceil(math.log10(max(values))), self._low + 1)
        self._first, self._last = first, last

    def at(self, value):
        share = (math.log10(max(value, 1)) - self._low) / (self._high - self._low)
        return self._first + share * (self._last - self._first)

    def decades(self):
        return [10 ** power for power in range(self._low, self._high + 1)]
