#!/usr/bin/env python3
"""Ten million users and a million open holds in one Redis; one Redis under several event loops and processes.

Measured are the memory that users and holds take, the latency of a reserve among few and among many users, what another event
loop or process adds, what a commit and an append-only file cost, and the counters after each load: ledger mismatches. Takes
about 15 minutes and 5 GiB. Needs a release build: deploy/build.sh

A quick look: scale.py --users 1000,100000 --holds 20000 --rounds 1 --seconds 1
"""
import argparse
import os
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(os.path.dirname(HERE), "Peers"))  # servers, load and books are those of the other comparison

import outcome  # noqa: E402
import picture  # noqa: E402
import report  # noqa: E402
import tools  # noqa: E402
from processes import Stage  # noqa: E402
from run import OWN_USERS, Run  # noqa: E402

# What a user and a hold are allowed to weigh when it is told beforehand whether all of them will fit.
_BYTES_PER_USER, _BYTES_PER_HOLD, _SHARE_OF_MEMORY = 400, 500, 0.8


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=_numbers, default=[1_000, 1_000_000, 10_000_000])
    parser.add_argument("--holds", type=int, default=1_000_000, help="open holds among the most users")
    parser.add_argument("--event-loops", type=_numbers, default=[1, 2])
    parser.add_argument("--processes", type=_numbers, default=[1, 2, 4])
    parser.add_argument("--connections", type=_numbers, default=[1, 64])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/token-budget"))
    parser.add_argument("--output", help="write PATH.md, PATH.svg and PATH.json, too", metavar="PATH")
    chosen = parser.parse_args()
    chosen.binary = tools.built(parser, chosen.binary)
    needed, free = _needed(chosen), _free_memory()
    if needed > free * _SHARE_OF_MEMORY:
        parser.error(f"{needed / 2**30:.1f} GiB may be needed and {free / 2**30:.1f} GiB are free: choose fewer --users")
    return chosen


def _numbers(text):
    numbers = sorted(int(number) for number in text.split(","))
    if numbers[0] < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return numbers


def _needed(chosen):
    return _BYTES_PER_USER * max(sum(chosen.users), OWN_USERS) + _BYTES_PER_HOLD * chosen.holds


def _free_memory():
    with open("/proc/meminfo", encoding="utf-8") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    tools.install_packages({"redis-server": "/usr/bin/redis-server", "wrk": "/usr/bin/wrk", **tools.COMPILER,
                            "libhiredis-dev": "/usr/include/hiredis/hiredis.h"})
    folder = tempfile.mkdtemp(prefix="token-budget-scale-")
    stage = Stage()
    try:
        summary = Run(chosen, folder, stage).all(ROOT)
    finally:
        stage.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(outcome.markdown(summary))
    if chosen.output:
        report.write(chosen.output, summary, outcome.markdown, picture.svg(summary))
    sys.exit(1 if summary["faults"] else 0)


if __name__ == "__main__":
    main()
