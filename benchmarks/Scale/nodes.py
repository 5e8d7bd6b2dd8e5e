"""What several event loops and several service processes on one Redis add, what a commit costs, and what an append-only file costs.

Each load begins on an empty Redis with 1,000 users; the load is shared out among the processes, a wrk for each.
"""
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import ledger
import memory
import private_redis
import workload
from commits import Commits
from load import wrk
from place import numbered_users
from recorder import clear_of_the_hour


@dataclass
class Subject:
    key: str
    title: str
    services: list
    work: str = "reserve"
    journal: bool = False  # Redis writes an append-only file, as the service's own Redis does


def subjects(store, event_loops, processes):
    """Starts the services that are needed, each once."""
    single = {loops: store.serve(loops) for loops in sorted({1, *event_loops})}
    nodes = [single[1], *(store.serve() for _ in range(max(processes) - 1))]
    found = [Subject(f"loops-{loops}", f"1 process, {_plural(loops, 'event loop')}", [single[loops]])
             for loops in sorted({1, *event_loops})]
    found += [Subject(f"processes-{count}", f"{_plural(count, 'process', 'es')}, 1 event loop each", nodes[:count])
              for count in sorted(processes) if count > 1]
    return found + [Subject("commit", "commit, 1 process, 1 event loop", nodes[:1], "commit"),
                    Subject("journal", "reserve with an append-only file, everysec", nodes[:1], journal=True),
                    Subject("journal-commit", "commit with an append-only file, everysec", nodes[:1], "commit", journal=True)]


def _drop_events(redis):
    """As the node that keeps the ledger does once it has booked them."""
    for key in list(redis.scan("tb:*:l")):
        redis("DEL", key)


def _plural(count, word, ending="s"):
    return f"{count} {word}{ending if count != 1 else ''}"


class Bench:
    def __init__(self, stage, store, connections, seconds):
        self._stage, self._store, self._connections, self._seconds = stage, store, connections, seconds
        self._commits = Commits(store.place, seconds)

    def measure(self, subject):
        return self._commits.enough_for(lambda: self._measure(subject))

    def _measure(self, subject):
        store, services = self._store, subject.services
        clear_of_the_hour(self._seconds)
        with self._stage.only(store.redis_server, *services):
            self._empty(subject.journal)
            loads = self._prepare(subject)
            written, stored = self._journal_size(), memory.take(store.redis).used
            before = [server.cpu() for server in [store.redis_server, *services]]
            figures = self._together(loads)
            for each in services:
                each.settle()
            redis_spent, *spent = [server.cpu() - then for server, then in zip([store.redis_server, *services], before)]
            grown = memory.take(store.redis).used
            _drop_events(store.redis)
            left = memory.take(store.redis).used
            figures["stored_bytes"] = (left - stored) / max(figures["answers"], 1)
            figures["event_bytes"] = (grown - left) / max(figures["answers"], 1)
            figures["journal_bytes"] = (self._journal_size() - written) / max(figures["answers"], 1)
            figures |= ledger.audit(ledger.read(store.redis, services[0]), subject.work, figures, self._connections)
        per_answer = 1e6 / max(figures["answers"], 1)
        if subject.key == "loops-1":
            self._commits.learn(figures["rate"])
        return figures | {"cpu_us": sum(each.total for each in spent) * per_answer, "redis_cpu_us": redis_spent.total * per_answer,
                          "redis_busy": redis_spent.total / figures["seconds"]}

    def _empty(self, journal):
        redis = self._store.redis
        private_redis.empty(redis)
        redis("CONFIG", "SET", "appendonly", "yes" if journal else "no", "appendfsync", "everysec",
              "auto-aof-rewrite-percentage", "0")  # a rewrite in one load and none in the next would tell nothing
        # The file begins with a snapshot by a child of Redis, which must not run beside the load.
        deadline = time.monotonic() + 30
        while journal and not self._journal_is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError("Redis does not begin its append-only file")
            time.sleep(0.1)

    def _journal_is_ready(self):
        state = self._store.redis.info("persistence")
        return state["aof_rewrite_in_progress"] == state["aof_rewrite_scheduled"] == "0" and state["aof_enabled"] == "1"

    def _journal_size(self):
        return int(self._store.redis.info("persistence").get("aof_current_size", 0))

    def _prepare(self, subject):
        if subject.work == "reserve":
            return [numbered_users(each.port, "/v1/reserve", workload.RESERVE_BODY) for each in subject.services]
        return [self._commits.load(subject.services[0])]

    def _together(self, loads):
        """All loads at the same time; rates are added, medians averaged by answers, of other percentiles the worst is taken."""
        connections = max(self._connections // len(loads), 1)
        with ThreadPoolExecutor(len(loads)) as threads:
            parts = list(threads.map(lambda load: wrk(load, connections, self._seconds), loads))
        figures = {name: sum(part[name] for part in parts) for name in ("answers", "status_errors", "socket_errors", "rate")}
        figures |= {name: max(part[name] for part in parts) for name in ("seconds", "p99", "p999", "max")}
        return figures | {"p50": sum(part["p50"] * part["answers"] for part in parts) / max(figures["answers"], 1)}
