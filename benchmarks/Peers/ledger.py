"""Are the books right? After each load the counters must be the exact sum of the reservations that Redis holds.

Counters are read through the service's API, reservations are counted by their keys. Peers run the service's own script in the
same Redis, so their books are read in the same way.
"""
import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import http_wire
import workload


@dataclass(frozen=True)
class Books:
    reservations: int  # records in Redis, open and committed
    committed: int
    mismatches: int  # counters that are not the sum of their reservations


def read(redis, service):
    """Compares every counter of every user, and the one they share."""
    kept = Counter(key.split(b":")[3].decode() for key in redis.scan("tb:*:r:*"))
    users = [user for user in workload.USERS if kept[user]]
    answers = http_wire.calls(service.port, [http_wire.request("GET", f"/v1/users/{user}") for user in users])
    committed = mismatches = 0
    for user, (status, body) in zip(users, answers):
        allowances = _allowances(status, body)
        done, wrong = _judge(allowances, kept[user], set(workload.HELD) - {workload.SHARED})
        committed, mismatches = committed + done, mismatches + wrong
    if users:
        # A check holds nothing and, unlike the view of a user, shows what all share.
        status, body = http_wire.call(service.port, "POST", "/v1/check", workload.reserve_body(users[0]))
        _, wrong = _judge(_allowances(status, body), sum(kept.values()), {workload.SHARED}, committed)
        mismatches += wrong
    return Books(sum(kept.values()), committed, mismatches)


def _allowances(status, body):
    if status != 200:
        raise RuntimeError(f"the service does not show its counters: {status} {body[:200]!r}")
    return {each["name"]: each for each in json.loads(body, parse_float=Decimal)["allowances"]}


def _judge(allowances, reservations, names, committed=None):
    """How many of the reservations have been committed, by `used` of the tokens unless told, and how many counters deny it."""
    if committed is None:
        committed = int(allowances["daily"]["used"] // workload.USED["daily"])
    opened = reservations - committed
    wrong = sum(allowances[name]["held"] != opened * workload.HELD[name] or allowances[name]["used"] != committed * workload.USED[name]
                for name in names)
    return committed, wrong
