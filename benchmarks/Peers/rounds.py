"""The rounds: everybody in turn, for every number of connections, each on an empty Redis; then Redis alone."""
import contextlib
from dataclasses import dataclass
from typing import Callable

import floors
import ledger
import private_redis
import service
import workload
from commits import Commits
from load import Load, wrk
from place import Place, numbered_users
from processes import Server, Stage
from recorder import Recorder, clear_of_the_hour
from redis_wire import Redis
from report import COMMIT, OURS, OWN_KEYS, STATIC

_ALONE_PER_SECOND = 20_000
_WARM_UP_CONNECTIONS = 16


class PeerFailed(RuntimeError):
    """A peer, and nothing of ours, does not do what it should."""


@dataclass
class Subject:
    """One who is measured over HTTP, and how to make ready for it."""
    key: str
    title: str
    work: str  # reserve, commit, static, or other: whose books cannot be compared with ours
    server: Server
    prepare: Callable[[], Load]


@dataclass
class Scene:
    """Everything that is up while a run lasts."""
    place: Place
    stage: Stage
    redis: Redis
    redis_server: Server
    service: Server
    recorder: Recorder
    seconds: int

    def __post_init__(self):
        self.commits = Commits(self.place, self.seconds)

    def empty(self):
        private_redis.empty(self.redis)
        self.redis("CONFIG", "RESETSTAT")

    def reserves(self):
        with self.stage.only(self.recorder.service):
            return self.recorder.reserves()


def subjects(scene, peers):
    """Who is measured: the service at its two verbs and at answering nothing in particular, then the peers."""
    port = scene.service.port

    def commits():
        with scene.stage.only(scene.service):
            return scene.commits.load(scene.service)

    def peer_load(peer):
        def prepare():
            reserves = scene.reserves() if peer.reserves else None
            with scene.stage.only(peer.server), _blame(peer.name):
                return peer.load(reserves)
        return prepare

    def reserves():
        return numbered_users(port, "/v1/reserve", workload.RESERVE_BODY)

    def static():
        return Load(f"http://127.0.0.1:{port}/livez", "get.lua")

    own = [Subject(OURS, "Token Budget", "reserve", scene.service, reserves),
           Subject(COMMIT, "Token Budget, commit", "commit", scene.service, commits),
           Subject(STATIC, "Token Budget, static answer", "static", scene.service, static)]
    return own + [Subject(p.name, p.title, "reserve" if p.reserves else "other", p.server, peer_load(p)) for p in peers]


def measure(scene, subject, connections):
    """One load on one subject: wrk's figures, CPU per answer of server and Redis, and whether the books are right."""
    return scene.commits.enough_for(lambda: _measure(scene, subject, connections))


def _measure(scene, subject, connections):
    clear_of_the_hour(scene.seconds)
    scene.empty()
    load = subject.prepare()
    _warm_up(scene)
    with scene.stage.only(subject.server):
        before, redis_before = subject.server.cpu(), scene.redis_server.cpu()
        with _blame(subject.key):
            figures = wrk(load, connections, scene.seconds)
        subject.server.settle()
        spent, redis_spent = subject.server.cpu() - before, scene.redis_server.cpu() - redis_before
    per_answer = 1e6 / max(figures["answers"], 1)
    figures |= {"cpu_us": spent.total * per_answer, "cpu_user_us": spent.user * per_answer,
                "redis_cpu_us": redis_spent.total * per_answer, "mismatches": 0, "undecided": 0}
    if subject.work in ("reserve", "commit"):
        figures |= _audit(scene, subject.work, figures, connections)
    if subject.key == OURS:
        scene.commits.learn(figures["rate"])
    return figures


@contextlib.contextmanager
def _blame(key):
    """What fails in here is the peer's failure."""
    try:
        yield
    except (RuntimeError, OSError) as error:
        if key in OWN_KEYS:
            raise
        raise PeerFailed(str(error)) from error


def _warm_up(scene):
    """The same work before each load, by a server that is never measured: a machine that had little to do is slower at first, and not
    everybody's preparation is as long."""
    warmer = scene.recorder.service
    with scene.stage.only(warmer):
        wrk(Load(f"http://127.0.0.1:{warmer.port}/livez", "get.lua"), _WARM_UP_CONNECTIONS, 1)


def _audit(scene, work, figures, connections):
    """The books after a load."""
    with scene.stage.only(scene.service):
        return ledger.audit(ledger.read(scene.redis, scene.service), work, figures, connections)


def redis_alone(scene):
    """The scripts without HTTP, each beside a script that does nothing with the very same arguments."""
    clear_of_the_hour(scene.seconds)
    count = _ALONE_PER_SECOND * scene.seconds
    reserves = list(scene.reserves().values())
    commands = [reserves[number % len(reserves)].command(number) for number in range(count)]
    scene.empty()
    found = {f"reserve {key}": value for key, value in _pair(scene, commands).items()}
    found["reserve script"] |= _audit_alone(scene, "reserve", count)
    scene.empty()
    with scene.stage.only(scene.service):
        ids = service.reserve_many(scene.service, count)
    with scene.stage.only(scene.recorder.service):
        commands = scene.recorder.commits(ids)
    found |= {f"commit {key}": value for key, value in _pair(scene, commands).items()}
    found["commit script"] |= _audit_alone(scene, "commit", count)
    return found


def _pair(scene, commands):
    with scene.stage.only():
        nothing = floors.batches(floors.doing_nothing(scene.redis, commands[:256 * floors.PIPELINE]))
        return {"no-op": floors.measure(scene.redis_server, nothing, scene.seconds),
                "script": floors.measure(scene.redis_server, floors.batches(commands))}


def _audit_alone(scene, work, count):
    sent = count // floors.PIPELINE * floors.PIPELINE
    return _audit(scene, work, {"answers": sent, "status_errors": 0}, 0)
