#!/usr/bin/env python3
"""Puts the figures of two runs, and an example worked out from them, into a page, between its marks.

capacity.py benchmarks/results/scale.json benchmarks/results/saturation.json docs/capacity.md
"""
import json
import re
import sys
from dataclasses import dataclass

GIB = 2 ** 30
# How much of a core may be busy at the busiest time: beyond, what waits for it grows faster than what it does.
HEADROOM = 0.6
_CALLS = 2  # of a request: a reserve and what settles it
RETENTION_SECONDS = 900  # the service's default of --settled-retention


@dataclass(frozen=True)
class Example:
    """What a reader puts in. The prices are assumptions and nobody's offer."""
    users: int = 10_000_000
    mean: int = 1_000  # requests a second, each a reserve and a commit
    peak: int = 3_000
    call_seconds: int = 10
    core_hour: float = 0.04  # dollars
    gib_hour: float = 0.005


@dataclass(frozen=True)
class Figures:
    """Microseconds of CPU and bytes, as measured."""
    user: float
    user_own: float
    hold: float
    settled: float
    event: float
    service: dict
    redis: dict
    redis_journal: dict
    journal: dict
    growth: float  # of Redis' CPU from the fewest to the most users
    half_service: float  # for a request at half of saturation
    half_redis: float

    @property
    def busy(self):
        """S and R with nothing to wait for: the least that a request costs."""
        return sum(self.service.values()), sum(self.redis_journal.values())

    @property
    def half(self):
        """S and R at half of saturation, what the append-only file adds included."""
        return self.half_service, self.half_redis * sum(self.redis_journal.values()) / sum(self.redis.values())


def figures(summary, saturation):
    nodes = {each["key"]: each["median"] for each in summary["nodes"]}
    stores, own = summary["stores"], summary["own_counters"]
    bare = [store for store in stores if not store["holds"]]
    hold = own["holds"]["used"]
    most = str(summary["conditions"]["connections"][-1])
    half = next(load for load in saturation["loads"] if load["factor"] == 0.5)
    redis = [store["loads"][most]["median"]["redis_cpu_us"] for store in (bare[0], max(bare, key=lambda store: store["users"]))]

    def of(name, reserve, commit):
        return {"reserve": nodes[reserve][name], "commit": nodes[commit][name]}
    return Figures(
        user=max(bare, key=lambda store: store["users"])["weight"]["used"], user_own=own["users"]["used"], hold=hold,
        settled=hold + nodes["commit"]["stored_bytes"], event=nodes["commit"]["event_bytes"],
        service=of("cpu_us", "loops-1", "commit"),
        redis=of("redis_cpu_us", "loops-1", "commit"), redis_journal=of("redis_cpu_us", "journal", "journal-commit"),
        journal=of("journal_bytes", "journal", "journal-commit"), growth=redis[1] / redis[0],
        half_service=_CALLS * half["service_cpu_us"], half_redis=_CALLS * half["redis_cpu_us"])


def table(f):
    def both(each):
        return f"{each['reserve']:.1f} + {each['commit']:.1f} = {sum(each.values()):.1f} us"
    return _rows(("measured", ""), [
        ("CPU of the service for a reserve and its commit, busy all the time", both(f.service)),
        ("the same at half of saturation", f"{f.half_service:.1f} us"),
        ("CPU of Redis for the two, busy all the time, without an append-only file", both(f.redis)),
        ("the same with one, `everysec`", both(f.redis_journal)),
        ("at half of saturation, without one", f"{f.half_redis:.1f} us"),
        ("what Redis' CPU grows by from the fewest to the most users measured", f"x {f.growth:.2f}"),
        ("U: an idle user, three counters of its own and a shared one", f"{f.user:.0f} B"),
        ("the same with four of its own", f"{f.user_own:.0f} B"),
        ("O: an open hold", f"{f.hold:.0f} B"),
        ("T: a settled reservation, until its outcome is forgotten", f"{f.settled:.0f} B"),
        ("E: the event of its commit, until the ledger has booked it", f"{f.event:.0f} B"),
        ("J: append-only file, a reserve and its commit, before it is rewritten", f"{sum(f.journal.values()):,.0f} B")])


def derived(f):
    loads = (f.half, f.busy)

    def both(text, of):
        return (text, *(of(s, r) for s, r in loads))
    return _rows(("that makes", "at half of saturation", "busy all the time"), [
        both("S: CPU of the service for a request", lambda s, r: f"{s:.1f} us"),
        both("R: CPU of Redis for a request, append-only file included", lambda s, r: f"{r:.1f} us"),
        both("one event loop carries H / S", lambda s, r: f"{HEADROOM * 1e6 / s:,.0f} requests/s"),
        both("one Redis carries H / R", lambda s, r: f"{HEADROOM * 1e6 / r:,.0f} requests/s"),
        both("event loops that keep one Redis busy, S / R", lambda s, r: f"{s / r:.1f}"),
        both("a billion requests, CPU alone: (S + R) x 10^9", lambda s, r: f"{(s + r) * 1e3 / 3600:.1f} core-hours"),
        ("idle users in a GiB", f"{GIB / f.user / 1e6:.1f} million", ""),
        ("open holds in a GiB", f"{GIB / f.hold / 1e6:.1f} million", "")])


def worked(f, example):
    s, r = f.half[0], f.half[1] * f.growth
    held, settled = example.peak * example.call_seconds, example.peak * RETENTION_SECONDS
    data = example.users * f.user + held * f.hold + settled * f.settled
    loops, share = example.peak * s / 1e6 / HEADROOM, example.peak * r / 1e6
    cores, gib = -(-loops // 1) + 1, 2 * data / GIB
    hours = 1e9 / example.mean / 3600
    rent = cores * example.core_hour + gib * example.gib_hour
    marginal = (s + r) * 1e3 / 3600 * example.core_hour
    return _rows((f"{example.users:,} users, {example.mean:,} requests/s on average and {example.peak:,} at the peak, calls of "
                  f"{example.call_seconds} s", ""), [
        ("users x U", f"{example.users * f.user / GIB:.2f} GiB"),
        ("open holds: peak x seconds of a call x O", f"{held:,} x {f.hold:.0f} B = {held * f.hold / GIB:.3f} GiB"),
        ("settled: peak x 900 s x T", f"{settled:,} x {f.settled:.0f} B = {settled * f.settled / GIB:.2f} GiB"),
        ("memory for Redis, twice its data (see below)", f"{gib:.1f} GiB"),
        ("event loops: peak x S / H", f"{loops:.2f}: {_plural(int(-(-loops // 1)), 'core')}"),
        ("Redis: peak x R x growth", f"{share:.0%} of its core (H is {HEADROOM:.0%})"),
        ("rented all the time: (cores x price + GiB x price) x hours for 10^9 requests",
         f"({cores:.0f} x ${example.core_hour} + {gib:.1f} x ${example.gib_hour}) x {hours:.0f} h = "
         f"**${rent * hours:,.0f} per billion requests**"),
        ("CPU alone, if only what is used were paid", f"${marginal:.2f} per billion requests"),
        ("append-only file written at the average", f"{example.mean * sum(f.journal.values()) / 2**20:.1f} MiB/s")])


def _plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def _rows(head, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ("---",) * len(head), *rows])


def source(name, summary):
    c = summary["conditions"]
    return (f"[results/{name}.md](../benchmarks/results/{name}.md): {c['date']}, commit {c['commit']}, {c['cores']} cores "
            f"({c['cpu']}), Redis {c['versions']['Redis']}")


def write(path, summary, saturation):
    f = figures(summary, saturation)
    sources = f"From {source('scale', summary)};\nwhat is said of half of saturation from {source('saturation', saturation)}."
    parts = {"figures": f"{table(f)}\n\n{sources}", "derived": derived(f), "example": worked(f, Example())}
    with open(path, encoding="utf-8") as file:
        page = file.read()
    for name, text in parts.items():
        mark = re.compile(f"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        page, found = mark.subn(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", page)
        if found != 1:
            raise RuntimeError(f"{path} has no place, or several, for {name}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as of_scale, open(sys.argv[2], encoding="utf-8") as of_saturation:
        write(sys.argv[3], json.load(of_scale), json.load(of_saturation))
