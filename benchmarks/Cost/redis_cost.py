"""What a decision costs Redis: the service's own commands, replayed, beside a script that does nothing with the same arguments."""
import itertools

import floors
import ledger
import private_redis
import service
from counters import INSTRUCTIONS, Instructions, at_rest, per_call
from place import Place
from processes import Stage, free_port
from recorder import Recorder, RecordingProxy, clear_of_the_hour
from redis_wire import Failure, Redis, Wire
from service_cost import COMMIT, RESERVE

_WARM_UP, _CALLS = 1_008, 2_000  # whole batches, every user at least once before it counts
SCRIPT, NO_OP = "script", "no-op"
NO_OP_INSTRUCTIONS, MICROSECONDS, NO_OP_MICROSECONDS = "no-op instructions", "microseconds", "no-op microseconds"
_LONGEST = 20  # seconds for which recorded commands are used


def count(folder, binary):
    """Counts by verb and kind, and the ledger mismatches: once under callgrind, once at full speed for Redis' own clock."""
    place = Place(folder, free_port())
    instructions = Instructions(place, "redis")
    counted, wrong = _on_a_redis(place, binary, instructions.under, _Counted(instructions))
    timed, wrong_timed = _on_a_redis(place, binary, (), _Timed())
    found = {verb: {INSTRUCTIONS: counted[verb, SCRIPT], NO_OP_INSTRUCTIONS: counted[verb, NO_OP],
                    MICROSECONDS: timed[verb, SCRIPT], NO_OP_MICROSECONDS: timed[verb, NO_OP]} for verb in (RESERVE, COMMIT)}
    return found, wrong + wrong_timed


class _Counted:
    def __init__(self, counter):
        self._counter = counter

    def __call__(self, server, _, answers):
        return per_call(self._counter, server, _CALLS, answers, at_rest(self._counter, server))[0][INSTRUCTIONS]


class _Timed:
    def __call__(self, _, redis, answers):
        redis("CONFIG", "RESETSTAT")
        for _ in range(_CALLS):
            next(answers)
        told = redis.info("commandstats")["cmdstat_evalsha"]
        return float(dict(field.split("=") for field in told.split(","))["usec_per_call"])


def _on_a_redis(place, binary, under, measure):
    """What `measure` says of each verb's script and no-op, on a Redis of its own; and the ledger mismatches."""
    stage, proxy = Stage(), RecordingProxy(place.redis_port)
    try:
        server = stage.add(private_redis.start("redis-measured", place, under))
        ours = stage.add(service.start("planning", binary, place, place.redis_port))
        recorder = Recorder(proxy, stage.add(service.start("recorded", binary, place, proxy.port)))
        return _replay_all(stage, server, ours, recorder, Redis(place.redis_port), measure)
    finally:
        stage.stop()
        proxy.close()


def _replay_all(stage, server, ours, recorder, redis, measure):
    found, mismatches = {}, 0
    clear_of_the_hour(_LONGEST)
    for verb, commands in ((RESERVE, _reserves), (COMMIT, _commits)):
        private_redis.empty(redis)
        with stage.only(server, ours, recorder.service):
            made = commands(ours, recorder)
        with stage.only(server):  # sweeps would be counted
            found[verb, NO_OP] = _replay(server, redis, floors.doing_nothing(redis, made), measure)
            found[verb, SCRIPT] = _replay(server, redis, made, measure)
        with stage.only(server, ours):
            mismatches += ledger.read(redis, ours).mismatches
    return found, mismatches


def _reserves(_, recorder):
    recorded = list(recorder.reserves().values())
    return [recorded[number % len(recorded)].command(number) for number in range(_WARM_UP + _CALLS)]


def _commits(ours, recorder):
    return recorder.commits(service.reserve_many(ours, _WARM_UP + _CALLS))


def _replay(server, redis, commands, measure):
    wire = Wire.to(server.port)
    answers = _answers(wire, floors.batches(commands))
    for _ in itertools.islice(answers, _WARM_UP):
        pass
    found = measure(server, redis, answers)
    wire.socket.close()
    return found


def _answers(wire, batches):
    """So many commands are under way at a time as in the comparison with peers."""
    for batch in batches:
        wire.socket.sendall(batch)
        for _ in range(floors.PIPELINE):
            answer, _ = wire.read()
            if isinstance(answer, Failure):
                raise RuntimeError(f"Redis refuses a recorded command: {answer}")
            yield answer
