#!/usr/bin/env python3
"""A storm of policy edits under load: two nodes on one Redis, reserves on the first, edits on the second.

100 random valid edits in 10 seconds (limits raised and lowered, windows and names changed, tiers added and removed, rollbacks,
users frozen and freed) while the load tool decides thousands of times a second. What must hold: no request fails, no edit is
refused, every tenth is in force on the other node within a second and a user frozen then is refused at the very next decision, and
every token that was acknowledged is in the counters that no edit touched.

Needs release builds: deploy/build.sh token-budget budget-load
Exit code 1: something of that did not hold.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(ROOT, "benchmarks", "Peers"))  # servers and wire are the same

import http_wire  # noqa: E402
import private_redis  # noqa: E402
import service  # noqa: E402
import tools  # noqa: E402
from place import Place  # noqa: E402
from processes import Stage, free_port  # noqa: E402

_POLICY = """default_tier: free
allowances:
  - {name: company, unit: usd, limit: 1000000, window: month, per: []}
tiers:
  free:
    allowances:
      - {name: tokens, unit: tokens, limit: 100000000, window: month, per: [user]}   # what the load tool compares: never edited
      - {name: daily, unit: output_tokens, limit: 50000000, window: day, per: [user]}   # edited, so it must be none of these
      - {name: parallel, unit: in_flight, limit: 10000, per: [user]}
prices:
  gpt-4o: {input: 2.50, output: 10.00, max_output_tokens: 16384}
"""


class Node:
    """One service, with both its listeners."""

    def __init__(self, server):
        self._server = server

    def ask(self, method, path, body=None, listener="control"):
        port = self._server.control_port if listener == "control" else self._server.port
        status, answer = http_wire.call(port, method, path, "" if body is None else json.dumps(body))
        return status, json.loads(answer)


class Storm:
    """Random edits, each of them valid on top of those before."""

    def __init__(self, node, draw):
        self._node, self._draw, self._extra = node, draw, 0

    def edit(self):
        kinds = [self._limit, self._limit, self._limit, self._window, self._rename, self._add_tier, self._drop_tier, self._roll_back]
        return self._draw.choice(kinds)()

    def _tier(self):
        status, tier = self._node.ask("GET", "/v1/tiers/free")
        if status != 200:
            raise RuntimeError(f"the tier cannot be read: {status} {tier}")
        return tier

    def _put(self, tier):
        return self._node.ask("PUT", "/v1/tiers/free?reason=storm", tier)

    def _daily(self, tier):
        return next(a for a in tier["allowances"] if a["name"].startswith("daily"))

    def _limit(self):
        tier = self._tier()
        # Sometimes far below what is used: then this allowance refuses, and that is no error.
        self._daily(tier)["limit"] = self._draw.choice([50_000_000, 60_000_000, 80_000_000, self._draw.randrange(10_000, 10**8)])
        return self._put(tier)

    def _window(self):
        tier = self._tier()
        self._daily(tier)["window"] = self._draw.choice(["day", "week", "hour", {"rolling": "5h"}])
        return self._put(tier)

    def _rename(self):
        tier = self._tier()
        self._daily(tier)["name"] = self._draw.choice(["daily", "daily-b", "daily-c"])
        return self._put(tier)

    def _add_tier(self):
        self._extra += 1
        allowance = {"name": f"extra-{self._extra}", "unit": "requests", "limit": 5, "window": "day", "per": ["user"]}
        return self._node.ask("PUT", f"/v1/tiers/extra-{self._extra}", {"allowances": [allowance]})

    def _drop_tier(self):
        names = [t["name"] for t in self._node.ask("GET", "/v1/tiers")[1]["tiers"] if t["name"] != "free"]
        return self._node.ask("DELETE", f"/v1/tiers/{self._draw.choice(names)}") if names else self._add_tier()

    def _roll_back(self):
        versions = [v["version"] for v in self._node.ask("GET", "/v1/policy/history?limit=5")[1]["versions"]]
        return self._node.ask("POST", "/v1/policy/rollback", {"version": self._draw.choice(versions), "reason": "storm"})


def wait_for_version(node, version):
    """Seconds until the node decides by at least this version."""
    start = time.monotonic()
    while node.ask("GET", "/readyz?verbose")[1]["policy_version"] < version:
        if time.monotonic() - start > 5:
            break
        time.sleep(0.002)
    return time.monotonic() - start


def frozen_at_once(first, second, user):
    """Freezes and frees on one node; whether the very next decision on the other knows."""
    second.ask("PUT", f"/v1/users/{user}", {"frozen": True})
    body = {"user": user, "model": "gpt-4o", "input_tokens": 10, "max_output_tokens": 0}
    frozen = first.ask("POST", "/v1/reserve", body, "decision")[1].get("reason") == "frozen"
    second.ask("PUT", f"/v1/users/{user}", {"frozen": False})
    return frozen and first.ask("POST", "/v1/reserve", body, "decision")[1]["decision"] == "allow"


def storm(first, second, draw, edits, seconds):
    """Edits spread over the time; what was refused, how late the other node was at worst, and users frozen or freed too late."""
    refused, slowest, late, start = [], 0.0, 0, time.monotonic()
    weather = Storm(second, draw)
    for number in range(edits):
        time.sleep(max(0, start + number * seconds / edits - time.monotonic()))
        status, answer = weather.edit()
        if status != 200:
            refused.append(f"{status} {answer}")
        elif number % 10 == 0:
            slowest = max(slowest, wait_for_version(first, answer["version"]))
            late += not frozen_at_once(first, second, f"frozen-{number}")
    return refused, slowest, late, time.monotonic() - start


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", default=os.path.join(ROOT, ".build/release"), help="where the release builds are")
    parser.add_argument("--rate", type=int, default=5_000, help="requests per second (default: 5000)")
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0, help="over which the edits are spread (default: 10)")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chosen.binary, chosen.load_tool = (tools.built(parser, os.path.join(chosen.binaries, name)) for name in ("token-budget", "budget-load"))
    return chosen


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    tools.install_packages({"redis-server": "/usr/bin/redis-server"})
    folder = tempfile.mkdtemp(prefix="token-budget-edits-")
    place = Place(folder, free_port())
    stage, load = Stage(), None
    try:
        stage.add(private_redis.start("redis", place))
        servers = [stage.add(service.start("first", chosen.binary, place, place.redis_port, policy=_POLICY)),
                   stage.add(service.start("second", chosen.binary, place, place.redis_port, policy=None))]
        first, second = map(Node, servers)
        # No more users than the load tool compares: no token of them is in the wrong place.
        load = subprocess.Popen(
            [chosen.load_tool, "--server", f"http://127.0.0.1:{servers[0].port}", "--rate", str(chosen.rate), "--users", "2000",
             "--duration", f"{int(chosen.seconds) + 4}s", "--seed", str(chosen.seed), "--think", "50ms", "--ttl", "5",
             "--max-output-tokens", "500", "--objective", "errors=0,mismatches=0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(2)
        refused, slowest, late, took = storm(first, second, random.Random(chosen.seed), chosen.edits, chosen.seconds)
        outcome = load.communicate(timeout=300)[0]
    finally:
        if load:
            load.kill()
        stage.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(outcome)
    print(f"{chosen.edits} edits in {took:.1f} s under {chosen.rate} requests/s, seed {chosen.seed}: {len(refused)} refused, "
          f"on the other node after {slowest * 1_000:.0f} ms at worst, {late} users frozen or freed too late")
    for line in refused[:5]:
        print("  refused:", line)
    good = load.returncode == 0 and not refused and slowest < 1 and late == 0
    print("All held." if good else "NOT ALL HELD.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
