"""The service itself: started as anybody would, on one event loop."""
import re

import http_wire
import workload
from processes import Server, free_port

_ID = re.compile(rb'"reservation_id":"([^"]+)"')


def start(name, binary, place, redis_port):
    port = free_port()
    words = [binary, "serve", "--policy", place.write("policy.yaml", workload.POLICY), "--event-loops", "1",
             "--redis-url", f"redis://127.0.0.1:{redis_port}/0", "--listen", f"127.0.0.1:{port}", "--control-listen", "127.0.0.1:0"]
    server = Server(name, words, place.folder, port=port)
    server.wait_for_port(30)
    return server


def reserve_many(server, count):
    """Reserves for one user after another; the ids to commit."""
    bodies = [workload.reserve_body(workload.USERS[number % len(workload.USERS)]) for number in range(count)]
    ids = []
    for status, body in http_wire.calls(server.port, http_wire.post("/v1/reserve", bodies)):
        found = _ID.search(body)
        if status != 200 or not found:
            raise RuntimeError(f"a reserve is not allowed: {status} {body[:200]!r}")
        ids.append(found[1].decode())
    return ids
