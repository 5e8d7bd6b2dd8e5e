#!/usr/bin/env python3
"""Kills the service, or its Redis, or both with SIGKILL, round after round, while callers reserve and commit; then compares.

Callers do what the documentation asks of them: a call without an answer is made again, with the same idempotency key or
reservation, until it is answered. At the end every acknowledged commit must be in the ledger (SQLite) exactly once, nothing else
may be there, and each user's counter must be what the ledger says.

Needs a build: deploy/build.sh
Exit code 1: a commit is missing, there twice, or the books differ.
"""
import argparse
import collections
import contextlib
import http.client
import json
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
from own_service import Service  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
USERS = [f"user-{number}" for number in range(40)]
POLICY = """default_tier: free
tiers: {free: {allowances: [{name: monthly, unit: tokens, limit: 1000000000, window: lifetime}]}}
prices: {gpt-4o: {input: 2.50, output: 10.00, max_output_tokens: 16384}}
"""


class Callers:
    """Application servers: each of their requests has a number of its own as a label."""

    def __init__(self, service, count, seed):
        self._service, self._ends, self._lock = service, threading.Event(), threading.Lock()
        self.acknowledged = {}
        self.retries = 0
        self.faults = []
        self._threads = [threading.Thread(target=self._run, args=(number, random.Random(f"{seed}-{number}"))) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def finish(self):
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _run(self, caller, draw):
        number = 0
        while not self._ends.is_set():
            number += 1
            try:
                self._request(f"{caller}-{number}", draw)
            except RuntimeError as error:
                self.faults.append(str(error))

    def _request(self, name, draw):
        user, tokens = draw.choice(USERS), draw.randrange(1, 2_000)
        reserved = self._until_answered("/v1/reserve", {
            "user": user, "model": "gpt-4o", "input_tokens": 1_000, "max_output_tokens": 500, "idempotency_key": name,
            "ttl_seconds": 600, "labels": {"request": name}})
        self._until_answered("/v1/commit", {
            "reservation_id": reserved["reservation_id"], "usage": {"input_tokens": tokens, "output_tokens": 7}})
        with self._lock:
            self.acknowledged[name] = (user, tokens + 7)

    def _until_answered(self, path, body):
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                status, answer = self._service.call("POST", path, body)
                if status == 200:
                    return answer
                if status < 500:
                    raise RuntimeError(f"{path} {status} {answer}")
            with self._lock:
                self.retries += 1
            time.sleep(0.05)


def storm(service, callers, rounds, draw):
    """Kills so many times; between two there is time to come back, most times enough."""
    for number in range(1, rounds + 1):
        time.sleep(draw.uniform(0.3, 1.5))
        victims = draw.choice([("service",), ("Redis",), ("Redis", "service"), ("service", "Redis")])
        for victim in victims:
            if victim == "service":
                service.kill()
            else:
                service.kill_redis()
        if "service" in victims:
            service.start()
        service.wait_until_ready()
        print(f"\rround {number} of {rounds}: killed {' and '.join(victims)}; {len(callers.acknowledged)} commits acknowledged   ",
              end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def compare(service, acknowledged):
    """What differs between what callers were told, the ledger and the counters, a line each."""
    ledger = sqlite3.connect(service.path("data/ledger.sqlite"))
    rows = ledger.execute("""SELECT e.labels, u.name, e.added_input + e.added_output FROM events e JOIN users u ON u.id = e.user_id
                             WHERE e.kind = 'c'""").fetchall()
    booked = collections.Counter(json.loads(labels)["request"] for labels, _, _ in rows)
    faults = [f"{name}: acknowledged, {booked[name]} times in the ledger" for name in acknowledged if booked[name] != 1]
    faults += [f"{name}: in the ledger, never acknowledged" for name in booked if name not in acknowledged]
    told = {json.loads(labels)["request"]: (user, tokens) for labels, user, tokens in rows}
    faults += [f"{name}: {acknowledged[name]} acknowledged, {told[name]} in the ledger"
               for name in told if name in acknowledged and told[name] != acknowledged[name]]
    sums = collections.Counter()
    for _, user, tokens in rows:
        sums[user] += tokens
    for user in USERS:
        allowance = service.call("GET", f"/v1/users/{user}", control=True)[1]["allowances"][0]
        if (allowance["used"], allowance["held"]) != (sums[user], 0):
            faults.append(f"{user}: used {allowance['used']}, held {allowance['held']}; the ledger has {sums[user]}")
    return faults


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/token-budget"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="token-budget-kill-") as folder:
        service = Service(chosen.binary, folder, POLICY)
        service.start()
        try:
            service.wait_until_ready()
            callers = Callers(service, chosen.callers, chosen.seed)
            try:
                storm(service, callers, chosen.rounds, random.Random(chosen.seed))
            finally:
                callers.finish()
            service.wait_until_booked()
            faults = callers.faults + compare(service, callers.acknowledged)
        finally:
            service.stop()
    print(f"{chosen.rounds} rounds, seed {chosen.seed}: {len(callers.acknowledged)} commits acknowledged, {callers.retries} calls made "
          f"again, ledger mismatches: {len(faults)}")
    for fault in faults[:10]:
        print(" ", fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
