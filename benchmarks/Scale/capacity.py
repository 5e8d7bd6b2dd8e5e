#!/usr/bin/env python3
"""Puts the figures of two runs, and an example worked out from them, into a page, between its marks.

capacity.py benchmarks/results/scale.json benchmarks/results/saturation.json docs/capacity.md
"""
import json
import os
import re
import sys
from dataclasses import dataclass

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Peers"))  # tables are written there

from report import table  # noqa: E402

GIB = 2 ** 30
# How much of a core may be busy at the busiest time: beyond, what waits for it grows faster than what it does.
HEADROOM = 0.6
_HALF, _FIFTIETH = 0.5, 0.02  # of saturation, as saturation.py loads it
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
    parts: dict  # by the part of saturation: CPU of service and Redis for a request, without an append-only file

    @property
    def busy(self):
        """S and R with nothing to wait for: the least that a request costs."""
        return sum(self.service.values()), sum(self.redis_journal.values())

    def at(self, part):
        """S and R at a part of saturation. The append-only file was not there: it is taken to add as great a share as when busy."""
        service, redis = self.parts[part]
        return service, redis * sum(self.redis_journal.values()) / sum(self.redis.values())


def figures(summary, saturation):
    nodes = {each["key"]: each["median"] for each in summary["nodes"]}
    stores, own = summary["stores"], summary["own_counters"]
    bare = [store for store in stores if not store["holds"]]
    hold = own["holds"]["used"]
    most = str(summary["conditions"]["connections"][-1])
    redis = [store["loads"][most]["median"]["redis_cpu_us"] for store in (bare[0], max(bare, key=lambda store: store["users"]))]

    def of(name, reserve, commit):
        return {"reserve": nodes[reserve][name], "commit": nodes[commit][name]}
    return Figures(
        user=max(bare, key=lambda store: store["users"])["weight"]["used"], user_own=own["users"]["used"], hold=hold,
        settled=hold + nodes["commit"]["stored_bytes"], event=nodes["commit"]["event_bytes"],
        service=of("cpu_us", "loops-1", "commit"),
        redis=of("redis_cpu_us", "loops-1", "commit"), redis_journal=of("redis_cpu_us", "journal", "journal-commit"),
        journal=of("journal_bytes", "journal", "journal-commit"), growth=redis[1] / redis[0],
        parts={load["factor"]: (_CALLS * load["service_cpu_us"], _CALLS * load["redis_cpu_us"]) for load in saturation["loads"]})


def measured(f):
    def both(each):
        return f"{each['reserve']:.1f} + {each['commit']:.1f} = {sum(each.values()):.1f} us"
    return table(("measured", ""), [
        ("CPU of the service for a reserve and its commit, busy all the time", both(f.service)),
        ("the same at half and at a fiftieth of saturation", f"{f.parts[_HALF][0]:.1f} and {f.parts[_FIFTIETH][0]:.1f} us"),
        ("CPU of Redis for the two, busy all the time, without an append-only file", both(f.redis)),
        ("the same with one, `everysec`", both(f.redis_journal)),
        ("at half and at a fiftieth of saturation, without one", f"{f.parts[_HALF][1]:.1f} and {f.parts[_FIFTIETH][1]:.1f} us"),
        ("what Redis' CPU grows by from the fewest to the most users measured, busy all the time", f"x {f.growth:.2f}"),
        ("U: an idle user, three counters of its own and a shared one", f"{f.user:.0f} B"),
        ("the same with four of its own", f"{f.user_own:.0f} B"),
        ("O: an open hold of a user with four of its own", f"{f.hold:.0f} B"),
        ("T: a settled reservation, until its outcome is forgotten: O and what a commit changes of it", f"{f.settled:.0f} B"),
        ("E: the event of its commit, until the ledger has booked it", f"{f.event:.0f} B"),
        ("J: append-only file, a reserve and its commit, before it is rewritten", f"{sum(f.journal.values()):,.0f} B")])


def derived(f):
    loads = (f.at(_FIFTIETH), f.at(_HALF), f.busy)

    def each(text, of):
        return (text, *(of(s, r) for s, r in loads))

    def carried(text, of):
        """Not by what a request costs where there are few: whoever carries many has many."""
        return (text, "", *(f"{of(s, r):,.0f} requests/s" for s, r in loads[1:]))
    return table(("that makes", "at a fiftieth of saturation", "at half", "busy all the time"), [
        each("S: CPU of the service for a request", lambda s, r: f"{s:.1f} us"),
        each("R: CPU of Redis for a request, append-only file included", lambda s, r: f"{r:.1f} us"),
        each("a billion requests, CPU alone: (S + R) x 10^9", lambda s, r: f"{(s + r) * 1e3 / 3600:.1f} core-hours"),
        carried("one event loop: H / S", lambda s, r: HEADROOM * 1e6 / s),
        carried("one Redis: H / R", lambda s, r: HEADROOM * 1e6 / r),
        carried("ten groups of a Redis and its services (see below; not measured together)", lambda s, r: 10 * HEADROOM * 1e6 / r),
        ("event loops that keep one Redis busy: S / R", "", *(f"{s / r:.1f}" for s, r in loads[1:])),
        ("idle users in a GiB", "", f"{GIB / f.user / 1e6:.1f} million", ""),
        ("open holds in a GiB", "", f"{GIB / f.hold / 1e6:.1f} million", "")])


def worked(f, example):
    s, r = _grown(f, _HALF)
    held, settled = example.peak * example.call_seconds, example.peak * RETENTION_SECONDS
    data = example.users * f.user + held * f.hold + settled * f.settled
    loops, share = example.peak * s / 1e6 / HEADROOM, example.peak * r / 1e6
    cores, gib = -(-loops // 1) + 1, 2 * data / GIB
    hours = 1e9 / example.mean / 3600
    rent = cores * example.core_hour + gib * example.gib_hour
    marginal = [sum(_grown(f, part)) * 1e3 / 3600 * example.core_hour for part in (_HALF, _FIFTIETH)]
    return table((f"{example.users:,} users, {example.mean:,} requests/s on average and {example.peak:,} at the peak, calls of "
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
        ("CPU alone, if only what is used were paid: (S + R x growth) x price, at half and at a fiftieth of saturation",
         f"${marginal[0]:.2f} and ${marginal[1]:.2f} per billion requests"),
        ("append-only file written at the average", f"{example.mean * sum(f.journal.values()) / 2**20:.1f} MiB/s")])


def _grown(f, part):
    s, r = f.at(part)
    return s, r * f.growth


def _plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def source(name, summary):
    c = summary["conditions"]
    return (f"[results/{name}.md](../benchmarks/results/{name}.md): {c['date']}, commit {c['commit']}, {c['cores']} cores "
            f"({c['cpu']}), Redis {c['versions']['Redis']}")


def write(path, summary, saturation):
    f = figures(summary, saturation)
    sources = f"From {source('scale', summary)};\nwhat is said of parts of saturation from {source('saturation', saturation)}."
    parts = {"figures": f"{measured(f)}\n\n{sources}", "derived": derived(f), "example": worked(f, Example())}
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
