"""Does a reserve take longer among more users? Each store in turn, on users drawn at random from all it has.

The holds that a load makes are compared with the counters, ended by the service's own sweep, and their records deleted: every
load begins with the same users and the same holds.
"""
import time
from collections import Counter

import filling
import http_wire
import ledger
import workload
from load import Load, wrk

PARTITIONS = 64
# So many of the users a load met have their counters compared; the shared counter is compared with all holds.
AUDITED = 4000
_SWEPT_WITHIN = 60


def measure(stage, store, connections, seconds, seed):
    """One load: wrk's figures, CPU per answer of service and Redis, and whether the books are right."""
    load = Load(f"http://127.0.0.1:{store.service.port}", "random_users.lua",
                ["/v1/reserve", *workload.RESERVE_BODY, str(store.users), str(seed)])
    with stage.only(*store.servers()):
        before, redis_before = store.service.cpu(), store.redis_server.cpu()
        figures = wrk(load, connections, seconds)
        store.service.settle()
        spent, redis_spent = store.service.cpu() - before, store.redis_server.cpu() - redis_before
        made = _holds_made(store)
        figures |= ledger.audit(_read(store, made), "reserve", figures, connections)
        _end(store, made)
    per_answer = 1e6 / max(figures["answers"], 1)
    return figures | {"cpu_us": spent.total * per_answer, "redis_cpu_us": redis_spent.total * per_answer,
                      "redis_busy": redis_spent.total / figures["seconds"]}


def _indexes():
    return [f"tb:{{{number:02}}}:x" for number in range(PARTITIONS)]


def _horizon():
    """Between the end of the holds that a load makes and the end of those filled in, in milliseconds."""
    return int((time.time() + filling.HOLD_SECONDS / 2) * 1000)


def _holds_made(store):
    """The holds of the last load, by partition: members USER:NAME of its expiry index."""
    until = _horizon()
    return {key: store.redis("ZRANGEBYSCORE", key, "-inf", until) for key in _indexes()}


def _read(store, made):
    """The books: what is held must be the sum of all holds, and what is used that of the fill."""
    owners = Counter(member.split(b":")[0].decode() for members in made.values() for member in members)
    users = sorted(owners)[::max(-(-len(owners) // AUDITED), 1)]
    answers = ledger.shown(store.service, [http_wire.request("GET", f"/v1/users/{user}") for user in users])
    wrong = 0
    for user, allowances in zip(users, answers):
        holds = owners[user] + filling.holds_of(int(user[2:]), store.users, store.holds)
        wrong += _judge(allowances, holds, 1, set(workload.HELD) - {workload.SHARED})
    count = sum(owners.values())
    wrong += _judge(ledger.shared(store.service), count + store.holds, store.users, {workload.SHARED})
    return ledger.Books(count, 0, wrong)


def _judge(allowances, holds, records, names):
    """How many counters are wrong. What was used in a window that has ended since the fill is no longer shown."""
    wrong = 0
    for name in names:
        used = {records * workload.USED[name]}
        if name in ("daily", "hourly"):
            used.add(0)
        wrong += allowances[name]["held"] != holds * workload.HELD[name] or allowances[name]["used"] not in used
    return wrong


def _end(store, made):
    """Ends these holds: made due in the expiry index, the service's sweep gives back what they held."""
    for key, members in made.items():
        for at in range(0, len(members), 1000):
            due = [word for member in members[at:at + 1000] for word in (0, member)]
            store.redis("ZADD", key, "XX", *due)
    deadline = time.monotonic() + _SWEPT_WITHIN
    while any(store.redis("ZCOUNT", key, "-inf", 0) for key in made):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{store.name}: holds that are due are not ended within {_SWEPT_WITHIN} s")
        time.sleep(0.1)
    for key, members in made.items():
        for at in range(0, len(members), 1000):
            store.redis("UNLINK", *(key[:-1].encode() + b"r:" + member for member in members[at:at + 1000]))
