"""The service itself, started as anybody would."""
import re
import time

import http_wire
import workload
from processes import Server, free_port

_ID = re.compile(rb'"reservation_id":"([^"]+)"')


def start(name, binary, place, redis_port, event_loops=1, policy=workload.POLICY, under=(), environment=None):
    """`policy`: None for the one in Redis. `under`: the words of a program that runs it, a counting one for instance."""
    port, control_port = free_port(), free_port()
    words = [*under, binary, "serve", "--event-loops", str(event_loops), "--redis-url", f"redis://127.0.0.1:{redis_port}/0",
             "--listen", f"127.0.0.1:{port}", "--control-listen", f"127.0.0.1:{control_port}"]
    if policy:
        words += ["--policy", place.write(f"{name}.yaml", policy)]
    server = Server(name, words, place.folder, environment, port, control_port)
    server.wait_for_port(30)
    _wait_until_ready(server, 30)
    return server


def _wait_until_ready(server, seconds):
    """It listens before it has Redis, which takes its time where instructions are counted."""
    deadline = time.monotonic() + seconds
    with server.stopped_on_failure():
        while (answer := http_wire.call(server.port, "GET", "/readyz"))[0] != 200:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} does not become ready: {answer[1][:200]!r}")
            time.sleep(0.05)


def reserve_many(server, count):
    """Reserves for one user after another; the ids to commit. A few less when Redis was kept from answering in time: whether it
    acted is unknown then, and the books bear a hold that nobody commits."""
    bodies = [workload.reserve_body(workload.USERS[number % len(workload.USERS)]) for number in range(count)]
    ids = []
    for answer in http_wire.calls(server.port, http_wire.post("/v1/reserve", bodies)):
        try:
            ids.append(reservation_id(*answer))
        except Unavailable:
            continue
    if len(ids) < count / 2:
        raise RuntimeError(f"only {len(ids)} of {count} reserves were answered in time")
    return ids


def reservation_id(status, body):
    require(status, body)
    found = _ID.search(body)
    if not found:
        raise RuntimeError(f"a reserve is not allowed: {body[:200]!r}")
    return found[1].decode()


class Unavailable(RuntimeError):
    """Redis was not heard of in time: the machine stalled, or something counts there and slows it down."""


def require(status, body):
    if status != 200:
        raise (Unavailable if status == http_wire.UNAVAILABLE else RuntimeError)(f"a call is refused: {status} {body[:200]!r}")
