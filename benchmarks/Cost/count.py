#!/usr/bin/env python3
"""What one decision costs, counted instead of timed, and compared with budgets: counts are the same on a busy machine.

Of the service: user-mode instructions (callgrind), memory allocations (a preloaded library) and system calls (strace) of a
four-allowance reserve, its commit and a static answer. Of Redis: instructions of the scripts, beside a script that does nothing.
What is missing is installed. Needs a release build: deploy/build.sh

Exit code 1: a budget is exceeded, or the ledger is wrong. Counts depend on compiler and libraries: with other versions than the
budgets were made with, --check only reports.
"""
import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(ROOT, "benchmarks", "Peers"))  # the servers, the wire and the workload are the same

import budgets  # noqa: E402
import private_redis  # noqa: E402
import redis_cost  # noqa: E402
import service  # noqa: E402
import service_cost  # noqa: E402
import tables  # noqa: E402
import tools  # noqa: E402
from place import Place  # noqa: E402
from processes import free_port  # noqa: E402
from redis_wire import Redis  # noqa: E402

_ATTEMPTS = 3
BUDGETS = os.path.join(HERE, "budgets.json")
NEEDED = {"valgrind": "/usr/bin/valgrind", "strace": "/usr/bin/strace", **tools.COMPILER,
          "binutils": "/usr/bin/strip", "redis-server": "/usr/bin/redis-server"}


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/token-budget"))
    parser.add_argument("--check", nargs="?", const=BUDGETS, metavar="FILE", help="compare with budgets (benchmarks/Cost/budgets.json)")
    parser.add_argument("--update", action="store_true", help="write what was counted as the new budgets")
    parser.add_argument("--json", metavar="FILE", help="write all counts there")
    chosen = parser.parse_args()
    chosen.binary = tools.built(parser, chosen.binary)
    return chosen


def count(original):
    folder = tempfile.mkdtemp(prefix="token-budget-cost-")
    redis_server = None
    try:
        place = Place(folder, free_port())
        binary = place.file("token-budget")
        # valgrind 3.19 cannot read Swift's debug information.
        subprocess.run(["strip", "-o", binary, original], check=True)
        redis_server = private_redis.start("redis", place)
        redis = Redis(place.redis_port)
        own, mismatches = _patiently("the service", lambda: service_cost.count(place, redis, binary))
        scripts, more = _patiently("Redis", lambda: redis_cost.count(folder, binary))
        return {"commit": tools.commit(ROOT), "versions": _versions(redis), "counts": {"service": own, "redis": scripts},
                "mismatches": mismatches + more}
    finally:
        if redis_server:
            redis_server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _patiently(where, work):
    """On a machine that stalls a call may end at the service's deadline. That says nothing of its cost: it is counted again."""
    for left in reversed(range(_ATTEMPTS)):
        tools.say(f"counting in {where}")
        try:
            return work()
        except service.Unavailable as error:
            if not left:
                raise
            tools.say(str(error))


def _versions(redis):
    swift = re.search(r"Swift version (\S+)", tools.output(["swift", "--version"]))
    return {"Swift": swift[1] if swift else "unknown", "Redis": redis.info("server")["redis_version"],
            "glibc": platform.libc_ver()[1], "valgrind": tools.output(["valgrind", "--version"]).removeprefix("valgrind-"),
            "architecture": platform.machine()}


def compare(outcome, path):
    """Prints counts beside budgets; whether all is well."""
    content = budgets.read(path)
    verdicts = budgets.judge(outcome["counts"], content)
    differences = budgets.other_versions(outcome["versions"], content)
    print(tables.comparison(verdicts, differences, os.path.relpath(path)))
    return bool(differences) or not any(verdict.exceeded for verdict in verdicts)


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    tools.install_packages(NEEDED)
    outcome = count(chosen.binary)
    print(tables.costs(outcome))
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            file.write(json.dumps(outcome, indent=1) + "\n")
    well = outcome["mismatches"] == 0
    if chosen.update and well:
        budgets.write(chosen.check or BUDGETS, outcome["counts"], outcome["versions"])
    elif chosen.check:
        well = compare(outcome, chosen.check) and well
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
