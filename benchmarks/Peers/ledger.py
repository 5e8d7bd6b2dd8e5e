"""Are the books right? After each load the counters must be the exact sum of the reservations that Redis holds.

Counters are read through the service's API, reservations are counted by their keys. Peers run the service's own script in the
same Redis, so their books are read in the same way.
"""
import json
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import http_wire
import workload

_REPEATS = 10


@dataclass(frozen=True)
class Books:
    reservations: int  # records in Redis, open and committed
    committed: int
    mismatches: int  # counters that are not the sum of their reservations


def read(redis, service):
    """Compares every counter of every user, and the one they share."""
    kept = Counter(key.split(b":")[3].decode() for key in redis.scan("tb:*:r:*"))
    users = [user for user in workload.USERS if kept[user]]
    answers = shown(service, [http_wire.request("GET", f"/v1/users/{user}") for user in users])
    committed = mismatches = 0
    for user, allowances in zip(users, answers):
        done, wrong = _judge(allowances, kept[user], set(workload.HELD) - {workload.SHARED})
        committed, mismatches = committed + done, mismatches + wrong
    if users:
        # A check holds nothing and, unlike the view of a user, shows what all share.
        _, wrong = _judge(shared(service), sum(kept.values()), {workload.SHARED}, committed)
        mismatches += wrong
    return Books(sum(kept.values()), committed, mismatches)


def audit(books, work, figures, connections):
    """Of a load's figures and the books after it: counters that are wrong, and answers nothing was booked for."""
    decided = books.committed if work == "commit" else books.reservations
    answered = figures["answers"] - figures["status_errors"]
    # What was under way when the load ended may have been done without its answer being counted; more than that was done unasked.
    unasked = max(decided - answered - connections - figures["status_errors"], 0)
    return {"mismatches": books.mismatches + unasked, "undecided": max(answered - decided, 0)}


def shared(service):
    """The allowances that a reserve of any user would meet, the shared one among them."""
    return next(shown(service, http_wire.post("/v1/check", [workload.reserve_body(workload.USERS[0])])))


def shown(service, requests):
    """The allowances in the answer to each request, by name. Where Redis was kept from answering in time, the question is repeated."""
    for request, (status, body) in zip(requests, http_wire.calls(service.port, requests)):
        for _ in range(_REPEATS):
            if status != http_wire.UNAVAILABLE:
                break
            time.sleep(0.3)
            status, body = next(http_wire.calls(service.port, [request]))
        if status != 200:
            raise RuntimeError(f"the service does not show its counters: {status} {body[:200]!r}")
        yield {each["name"]: each for each in json.loads(body, parse_float=Decimal)["allowances"]}


def _judge(allowances, reservations, names, committed=None):
    """How many of the reservations have been committed, by `used` of the tokens unless told, and how many counters deny it."""
    if committed is None:
        committed = int(allowances["daily"]["used"] // workload.USED["daily"])
    opened = reservations - committed
    wrong = sum(allowances[name]["held"] != opened * workload.HELD[name] or allowances[name]["used"] != committed * workload.USED[name]
                for name in names)
    return committed, wrong
