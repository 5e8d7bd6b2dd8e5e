#!/usr/bin/env python3
"""How much load does one service bear, and what do callers feel at half of that and at one and a half times as much?

Starts a Redis and a service of its own. The load tool raises the rate step by step until the service is saturated, several times;
the median of the last steps it kept up with is the saturation point. Then it loads the service at a fiftieth of it, to see how quick
answers are here when nothing waits for anything, at half of it, where they should be quick, and at 1.5 times of it, where the service
should refuse what is too much (shed) and still be quick for the rest. After each load the counters are compared with what was
acknowledged: ledger mismatches. What of a latency at half is the machine's own is seen by three programs that do nothing but use as
much CPU for each call, and by how often it stands still. Takes about six minutes.

Needs release builds: deploy/build.sh token-budget budget-load
A quick look: saturation.py --rounds 1 --seconds 3 --ramp from=2000,to=20000,step=4000,each=1s
Exit code 1: errors or ledger mismatches.
"""
import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(os.path.dirname(HERE), "Peers"))  # servers and their policy are those of the comparison

import chain  # noqa: E402
import pauses  # noqa: E402
import private_redis  # noqa: E402
import report  # noqa: E402
import service  # noqa: E402
import tools  # noqa: E402
from place import Place  # noqa: E402
from processes import Stage, free_port  # noqa: E402
from redis_wire import Redis  # noqa: E402

# What the load tool does before and after a load, comparing the books for one, is not of the load: CPU is counted without its
# first and last second.
_MARGIN_SECONDS = 1
# The answers of a model take longer; what is held meanwhile is the same for Redis, and the run ends sooner.
_LIFE = ["--think", "200ms", "--ttl", "3"]
_CORRECT = "errors=0,mismatches=0"
# Queues of a saturated service soon pass this; a machine that stands still for a moment does not.
_RAMP_P99 = "100ms"
# Of each call, in the order in which it passes them.
_CPU = ("client_cpu_microseconds_per_call", "service_cpu_us", "redis_cpu_us")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ramp", default="from=2000,to=40000,step=1000,each=3s", help="the steps, as budget-load takes them")
    parser.add_argument("--rounds", type=int, default=3, help="how often the ramp is climbed")
    parser.add_argument("--seconds", type=int, default=20, help="of the loads at parts of saturation and at 1.5 times")
    parser.add_argument("--connections", type=int, default=64)
    # A service refuses what it has no room for only if callers do not wait in line for a connection.
    parser.add_argument("--overload-connections", type=int, default=1024, help="at 1.5 times of saturation")
    parser.add_argument("--event-loops", type=int, default=1)
    parser.add_argument("--binaries", default=os.path.join(ROOT, ".build/release"), help="the folder with both programs")
    parser.add_argument("--output", help="write PATH.md and PATH.json, and the load tool's own pages PATH-ramp.html and so on",
                        metavar="PATH")
    chosen = parser.parse_args()
    if chosen.seconds <= 2 * _MARGIN_SECONDS:
        parser.error(f"--seconds: more than {2 * _MARGIN_SECONDS}, CPU is counted without the first and the last")
    chosen.binary, chosen.load_tool = (tools.built(parser, os.path.join(chosen.binaries, name)) for name in ("token-budget", "budget-load"))
    return chosen


class Bench:
    """A service on a Redis, and the load tool in front of it."""

    def __init__(self, chosen, place, stage):
        self._chosen, self._place, self._stage = chosen, place, stage
        self._chain = chain.build(place.folder)
        self._redis_server = stage.add(private_redis.start("redis", place))
        self.redis = Redis(place.redis_port)
        self._service = stage.add(service.start("token-budget", chosen.binary, place, place.redis_port, chosen.event_loops))

    def climb(self):
        """The rate raised until the service is saturated: what the tool found."""
        return self._run("ramp", self._chosen.connections, ["--ramp", self._chosen.ramp, "--ramp-p99", _RAMP_P99])

    def load(self, name, rate, connections, objective):
        """One load: what the tool found, and the CPU of service and Redis for each call, in microseconds."""
        seconds, marks = self._chosen.seconds, []
        found = self._run(name, connections, ["--rate", str(rate), "--duration", f"{seconds}s", "--objective", objective],
                          [threading.Timer(at, lambda: marks.append(self._cpu())) for at in (_MARGIN_SECONDS, seconds - _MARGIN_SECONDS)])
        if len(marks) < 2:
            raise RuntimeError(f"the load tool ended before its time: {found['elapsed_seconds']:.1f} of {seconds} s")
        took, spent, redis_spent = (last - first for first, last in zip(*marks))
        calls = calls_per_second(found) * took
        return {**found, "service_cpu_us": spent * 1e6 / calls, "redis_cpu_us": redis_spent * 1e6 / calls}

    def machine(self, load):
        """The calls of a load, made by a chain of programs that only use as much CPU, and how often the machine stands still."""
        with self._stage.only():
            return {"chain": chain.measure(self._chain, calls_per_second(load), self._chosen.seconds, self._chosen.connections,
                                           [load[cpu] for cpu in _CPU]),
                    "pauses": pauses.measure(self._chosen.seconds)}

    def _cpu(self):
        return time.monotonic(), self._service.cpu().total, self._redis_server.cpu().total

    def _run(self, name, connections, words, timers=()):
        """The load tool on an empty Redis. The timers start with it."""
        outcome = self._place.file(f"{name}.json")
        with contextlib.suppress(FileNotFoundError):
            os.remove(outcome)  # of the climb before
        with self._stage.only(self._redis_server, self._service), contextlib.ExitStack() as on_the_way_out:
            private_redis.empty(self.redis)
            for timer in timers:
                timer.start()
                on_the_way_out.callback(timer.cancel)
            done = subprocess.run(
                [self._chosen.load_tool, "--server", f"http://127.0.0.1:{self._service.port}",
                 "--connections", str(connections), *_LIFE, *words, "--json", outcome, "--html", self._page(name)],
                capture_output=True, text=True, check=False)
        if not os.path.exists(outcome):
            raise RuntimeError(f"the load tool fails: {done.stderr.strip()[-600:]}")
        tools.say(done.stdout)
        with open(outcome, encoding="utf-8") as file:
            return json.load(file)

    def _page(self, name):
        return f"{self._chosen.output}-{name}.html" if self._chosen.output else self._place.file(f"{name}.html")


def calls_per_second(found):
    return sum(call["rate"] for call in found["calls"])


def sustained(ramp):
    """The last rate that was kept up with."""
    kept = [step["window"]["nominal_rate"] for step in ramp["steps"] if "saturation" not in step]
    if not kept:
        raise RuntimeError("the service kept up with no step: begin the --ramp lower")
    if len(kept) == len(ramp["steps"]):
        raise RuntimeError("the service kept up with every step: end the --ramp higher")
    return kept[-1]


def measure(chosen, bench):
    climbed = [bench.climb() for _ in range(chosen.rounds)]
    rate = statistics.median(sustained(ramp) for ramp in climbed)

    def load(name, factor, connections, objective):
        return {"factor": factor, **bench.load(name, rate * factor, connections, objective)}
    idle = load("idle", 0.02, chosen.connections, _CORRECT)
    half = load("half", 0.5, chosen.connections, f"p99=1ms,{_CORRECT}")
    machine = bench.machine(half)  # at once: an hour later it is another one
    overload = load("overload", 1.5, chosen.overload_connections, f"p99=20ms,{_CORRECT}")
    return {"saturation": rate, "ramps": climbed, "loads": [idle, half, overload], **machine}


def faults(found):
    """Comparing nothing proves nothing."""
    return sum(found["errors"].values()) + found["ledger"]["mismatches"] + (found["ledger"]["compared"] == 0)


# MARK: Markdown


def markdown(summary):
    c = summary["conditions"]
    rounds = ", ".join(f"{sustained(ramp):,.0f}" for ramp in summary["ramps"])
    return "\n\n".join([
        "# Saturation, half of it, and more than it", _introduction(c),
        f"Kept up with, round by round: {rounds} requests a second. **Saturation: {summary['saturation']:,.0f} requests a second.**",
        "## Loads", _loads(summary["loads"]), _LEGEND, _chain(summary["chain"]), _pauses(summary["pauses"]),
        "## Objectives", _objectives(summary["loads"]),
        "## The last climb", _ramp(summary["ramps"][-1]), _RAMP]) + "\n"


def _introduction(c):
    versions = ", ".join(f"{name} {version}" for name, version in c["versions"].items())
    return f"""Requests arrive by chance (Poisson), whatever the service does. Each is a reserve over four allowances, one of them
shared, a think time, and a commit; some are released, lost, or committed late. {c['connections']} connections, beyond saturation
{c['overload_connections']}; {c['event_loops']} event {'loop' if c['event_loops'] == 1 else 'loops'}. The loads last {c['seconds']} s.

{c['date']}, commit {c['commit']}, {c['cores']} cores ({c['cpu']}) shared by the load tool, the service and Redis, Linux {c['kernel']}.
{versions}."""


_LEGEND = """Requests, not calls: a request that is not refused is two calls. Latencies in microseconds, of answers with status 200 and
from the time the call was due, so that waiting counts; *in service*: from its sending. CPU: microseconds for each answer of status
200, of everything the program did during the load. Errors: everything but 200 and 503."""

_RAMP = f"""Kept up with: no error, nothing shed, 98 % decided in the step's own time, p99 below {_RAMP_P99}."""


def _chain(found):
    tool, service_cpu, redis = found["cpu_us"]
    return f"""The load at half without a service: three programs that only burn CPU and hand calls on over sockets, as many a second and with
{tool:.1f}, {service_cpu:.1f} and {redis:.1f} us of CPU for each, answer with **p50 {found['p50_us']:,.0f}, p99 {found['p99_us']:,.0f}**, p99.9
{found['p999_us']:,.0f} (medians of {chain.RUNS} runs)."""


def _pauses(found):
    return f"""The machine's own pauses, seen after that by programs that only read the clock, one bound to each core: it was taken from them
{found['per_second']:.1f} times a second for more than 0.5 ms, {found['share']:.1%} of the time, the longest {found['longest_ms']:.1f} ms."""


def _loads(loads):
    rows = []
    for each in loads:
        reserve, commit = each["calls"][0], each["calls"][1]
        shed = sum(each["shed"].values()) / each["elapsed_seconds"]
        ledger = each["ledger"]
        rows.append([f"{each['factor']:g} x", *(f"{value:,.0f}" for value in (
            each["conditions"]["rate"], each["decided_per_second"], shed, reserve["latency"]["p50_us"], reserve["latency"]["p99_us"],
            reserve["latency"]["p999_us"], reserve["service"]["p99_us"], commit["latency"]["p99_us"])),
            *(f"{each[cpu]:.1f}" for cpu in _CPU),
            sum(each["errors"].values()), f"{ledger['mismatches']} in {ledger['compared']:,}"])
    return report.table(["of saturation", "due/s", "decided/s", "shed/s", "p50", "p99", "p99.9", "p99 in service", "commit p99",
                         "CPU, tool", "CPU, service", "CPU, Redis", "errors", "ledger mismatches"], rows)


def _objectives(loads):
    rows = [[f"{each['factor']:g} x", verdict["objective"], verdict["found"], "met" if verdict["met"] else "**missed**"]
            for each in loads for verdict in each["objectives"]]
    return report.table(["of saturation", "objective", "found", ""], rows)


def _ramp(ramp):
    rows = []
    for step in ramp["steps"]:
        window = step["window"]
        latency = window["latency"]
        rows.append([f"{window['nominal_rate']:,.0f}", f"{window['answered'] / window['seconds']:,.0f}",
                     *(f"{latency[name]:,.0f}" for name in ("p50_us", "p99_us", "max_us")), step.get("saturation", "kept up with")])
    return report.table(["due/s", "decided/s", "p50", "p99", "max", ""], rows)


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    tools.install_packages({"redis-server": "/usr/bin/redis-server", **tools.COMPILER})
    folder = tempfile.mkdtemp(prefix="token-budget-load-")
    stage = Stage()
    try:
        place = Place(folder, free_port())
        bench = Bench(chosen, place, stage)
        conditions = report.machine(ROOT) | {
            "versions": {"Redis": bench.redis.info("server")["redis_version"]}, "rounds": chosen.rounds, "seconds": chosen.seconds,
            "ramp": chosen.ramp, "connections": chosen.connections, "overload_connections": chosen.overload_connections,
            "event_loops": chosen.event_loops}
        summary = {"conditions": conditions, **measure(chosen, bench)}
    finally:
        stage.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(markdown(summary))
    if chosen.output:
        report.write(chosen.output, summary, markdown)
    sys.exit(1 if sum(map(faults, [*summary["ramps"], *summary["loads"]])) else 0)


if __name__ == "__main__":
    main()
