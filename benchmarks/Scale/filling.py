"""Millions of users and holds in little time: what the service says to Redis, recorded once and repeated under other names.

A user is made by a `record` of the service. The record of its idempotency key, which would go after a day, and the event, which the
ledger would book, are deleted at once: what stays is an idle user. A hold is a `reserve`. Only keys are varied; what is held and
booked is the recorded command's.
"""
import json
import os
import re
import subprocess
import time

import http_wire
import ledger
import service
import tools
import workload
from recorder import Recorder, RecordingProxy, clear_of_the_hour, reservation_of

FOLDER = os.path.dirname(os.path.abspath(__file__))
# Long enough to outlast a run, and to be told from the holds that a load makes (an hour).
HOLD_SECONDS = 86_400
# Commands are recorded anew after so many, so that none outlives the hour it was planned in.
_CHUNK, _CHUNK_SECONDS = 500_000, 20
# A name that stands in no argument by chance.
_RECORDED = "user-to-be-replaced"
_PREFIX = re.compile(rb"^tb:\{\d\d\}:")


def build(folder):
    """The path of the sender."""
    return tools.compiled(os.path.join(FOLDER, "fill.c"), os.path.join(folder, "fill"), "-lhiredis")


class Filler:
    """Fills one Redis. Needs a service of its own that plans, behind a proxy that writes down."""

    def __init__(self, program, store):
        self._program, self._store = program, store
        self._proxy = RecordingProxy(store.place.redis_port)
        self._service = service.start("recorded", store.binary, store.place, self._proxy.port, policy=store.policy)
        self._recorder = Recorder(self._proxy, self._service)

    def close(self):
        self._service.stop()
        self._recorder.close()

    def users(self, count):
        self._fill("users", count, count, 1, self._user_template)

    def holds(self, count):
        self._fill("open holds", count, self._store.users, stride(self._store.users, count), self._hold_template)

    def _fill(self, what, count, users, step, template):
        started = time.monotonic()
        for first in range(0, count, _CHUNK):
            clear_of_the_hour(_CHUNK_SECONDS)
            words = [self._store.place.redis_port, *template(), users, step, first, min(_CHUNK, count - first)]
            done = subprocess.run([self._program, *map(str, words)], capture_output=True, text=True, errors="replace", check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{self._store.name}: {done.stderr.strip()}")
            made = first + words[-1]
            if made == count or made % (4 * _CHUNK) == 0:
                tools.say(f"{self._store.name}: {made:,} {what}, {made / (time.monotonic() - started):,.0f}/s")

    def _user_template(self):
        body = json.loads("0".join(workload.RESERVE_BODY))
        usage = {"input_tokens": workload.INPUT_TOKENS, "output_tokens": workload.OUTPUT_TOKENS}
        record = {"user": _RECORDED, "feature": body["feature"], "model": body["model"], "usage": usage,
                  "idempotency_key": "recorded-only-once"}
        words = self._recorder.words("/v1/record", json.dumps(record))
        return self._write((words, b"k"), ([b"UNLINK", words[4], _events_among(words)], b"2"))

    def _hold_template(self):
        body = {**json.loads(workload.reserve_body(_RECORDED)), "ttl_seconds": HOLD_SECONDS}
        words = self._recorder.words("/v1/reserve", json.dumps(body))
        return self._write((words, b"a"))

    def _write(self, *commands):
        """The file that fill.c reads, and the length of names. Each command with the first character of the answer it must have."""
        user, name = reservation_of(commands[0][0])
        lines = []
        for words, answer in commands:
            lines.append(b"COMMAND %d %s\n" % (len(words), answer))
            for number, word in enumerate(words):
                if _PREFIX.match(word):
                    word = _PREFIX.sub(b"tb:{\x01}:", word).replace(user, b"\x02").replace(name, b"\x03")
                    lines.append(b"key %d\n%s\n" % (len(word), word))
                elif user in word or name in word:
                    raise RuntimeError(f"word {number} names the user or the reservation: it cannot be repeated for others")
                else:
                    lines.append(b"value %d\n%s\n" % (len(word), word))
        path = self._store.place.file("template")
        with open(path, "wb") as file:
            file.write(b"".join(lines))
        return path, len(name)


def _events_among(words):
    """The key of the partition's events."""
    return next(word for word in words if _PREFIX.match(word) and word.endswith(b":l"))


def stride(users, holds):
    """Holds are spread over all users: hold n is of user n * stride % users."""
    return max(users // holds, 1) if holds else 1


def holds_of(number, users, holds):
    """How many of the holds so spread are of the user with this number."""
    step = stride(users, holds)
    turns, place = divmod(number, step)
    return 0 if place else len(range(turns, holds, max(users // step, 1)))


def prove(store, sample):
    """The service finds what was filled in, under the names it makes itself: every one of some users has used what was recorded."""
    requests = [http_wire.request("GET", f"/v1/users/u_{number}") for number in sample]
    for number, allowances in zip(sample, ledger.shown(store.service, requests)):
        used = allowances["monthly"]["used"]
        if used != workload.USED["monthly"]:
            raise RuntimeError(f"{store.name}: user u_{number} has used {used} and not {workload.USED['monthly']}")
