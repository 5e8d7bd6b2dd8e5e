"""What a decision costs the service: a reserve, its commit, and a static answer as the base, over one kept connection."""
import itertools

import http_wire
import ledger
import private_redis
import service
import workload
from counters import Allocations, Instructions, SystemCalls, at_rest, per_call

# Every user once before it counts: what is found out at a user's first request is no part of a usual decision.
WARM_UP, CALLS = len(workload.USERS), 2 * len(workload.USERS)
BASE, RESERVE, COMMIT = "livez", "reserve", "commit"
# Names in a policy fall into the same places of every table, run after run.
_STEADY = {"SWIFT_DETERMINISTIC_HASHING": "1"}


def count(place, redis, binary):
    """Counts by verb and kind, and the ledger mismatches after all of it."""
    allocations, instructions = Allocations(place), Instructions(place, "service")
    found = {verb: {} for verb in (BASE, RESERVE, COMMIT)}
    mismatches = 0
    for name, counters, under, environment in (("plain", [allocations, SystemCalls(place)], (), allocations.environment),
                                               ("counted", [instructions], instructions.under, instructions.environment)):
        private_redis.empty(redis)
        server = service.start(name, binary, place, place.redis_port, under=under, environment={**_STEADY, **environment})
        try:
            for counter in counters:
                for verb, counts in _verbs(server, counter).items():
                    found[verb] |= counts
            mismatches += ledger.read(redis, server).mismatches
        finally:
            server.stop()
    return found, mismatches


def _verbs(server, counter):
    rest = at_rest(counter, server)
    users = itertools.islice(itertools.cycle(workload.USERS), WARM_UP + CALLS)
    base, _ = _verb(server, counter, rest, [http_wire.request("GET", "/livez")] * (WARM_UP + CALLS))
    reserve, answers = _verb(server, counter, rest, http_wire.post("/v1/reserve", map(workload.reserve_body, users)))
    ids = [service.reservation_id(*answer) for answer in answers]
    commit, _ = _verb(server, counter, rest, http_wire.post("/v1/commit", map(workload.commit_body, ids)))
    return {BASE: base, RESERVE: reserve, COMMIT: commit}


def _verb(server, counter, rest, requests):
    answers = http_wire.one_by_one(server.port, requests)
    early = list(itertools.islice(answers, WARM_UP))
    counts, late = per_call(counter, server, CALLS, answers, rest)
    answers.close()
    for status, body in early + late:
        service.require(status, body)
    return counts, early + late
