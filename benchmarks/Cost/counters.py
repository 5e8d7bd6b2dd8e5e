"""Three ways of counting what a process does, without a clock: begin, let it work, end.

Each gives its counts by kind. System calls are kinds of their own: "system call read".
"""
import glob
import os
import re
import signal
import struct
import subprocess
import time

import tools

HERE = os.path.dirname(os.path.abspath(__file__))
INSTRUCTIONS, ALLOCATIONS, SYSTEM_CALL = "instructions", "allocations", "system call "
_SUMMARY = re.compile(r"^summary: (\d+)$", re.MULTILINE)
_IDLE_SECONDS = 2


def preload(place, name):
    """One of the small libraries beside this file, built."""
    return tools.compiled(os.path.join(HERE, f"{name}.c"), place.file(f"{name}.so"), "-fno-builtin", "-fPIC", "-shared", "-D_GNU_SOURCE")


class Instructions:
    """User-mode instructions of a server started under callgrind with the words `under`."""

    def __init__(self, place, name):
        self._dumps = place.file(f"callgrind.{name}")
        self.under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self._dumps}"]
        self.environment = {"LD_PRELOAD": preload(place, "sigsuspend")}

    def begin(self, server):
        for dump in glob.glob(self._dumps + ".*"):
            os.remove(dump)  # a process that is started again numbers its dumps from 1 again
        tools.run(["vgdb", f"--pid={server.pid}", "zero"])

    def end(self, server):
        tools.run(["vgdb", f"--pid={server.pid}", "dump"])
        (dump,) = glob.glob(self._dumps + ".*")
        with open(dump, encoding="utf-8", errors="replace") as file:
            return {INSTRUCTIONS: int(_SUMMARY.search(file.read())[1])}


class Allocations:
    """Memory allocations of a server started in the `environment`."""

    def __init__(self, place):
        self._path = place.file("allocations")
        with open(self._path, "wb") as file:
            file.write(bytes(8))
        self.environment = {"LD_PRELOAD": preload(place, "allocations"), "ALLOCATIONS_FILE": self._path}

    def begin(self, _):
        self._begun = self._read()

    def end(self, _):
        return {ALLOCATIONS: self._read() - self._begun}

    def _read(self):
        with open(self._path, "rb") as file:
            return struct.unpack("=Q", file.read())[0]


class SystemCalls:
    """System calls by name: strace attached to a running server."""

    def __init__(self, place):
        self._table, self._messages = place.file("strace.table"), place.file("strace.messages")

    def begin(self, server):
        with open(self._messages, "wb") as messages:
            self._tracer = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", "-o", self._table, "-p", str(server.pid)],
                                            stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
        deadline = time.monotonic() + 10
        while not all(map(_traced, _threads(server.pid))):
            if self._tracer.poll() is not None or time.monotonic() > deadline:
                self._tracer.kill()
                self._tracer.wait()
                with open(self._messages, encoding="utf-8", errors="replace") as messages:
                    raise RuntimeError(f"strace cannot attach to {server.name}: {messages.read().strip()}")
            time.sleep(0.02)

    def end(self, _):
        self._tracer.send_signal(signal.SIGINT)
        self._tracer.wait(10)
        with open(self._table, encoding="utf-8") as table:
            rows = [line.split() for line in table]
        return {SYSTEM_CALL + row[1]: int(row[0]) for row in rows if len(row) == 2 and row[0].isdigit() and row[1] != "total"}


def at_rest(counter, server):
    """What it does in a second anyway, of its own accord: timers and sweeps. They are no part of a decision."""
    begun = time.monotonic()
    counter.begin(server)
    time.sleep(_IDLE_SECONDS)
    counts = counter.end(server)
    passed = time.monotonic() - begun
    return {kind: count / passed for kind, count in counts.items()}


def per_call(counter, server, calls, answers, rest):
    """What each of so many calls costs, of which `answers` yields the answers while they are made; and the answers."""
    begun = time.monotonic()
    counter.begin(server)
    got = [next(answers) for _ in range(calls)]
    counts = counter.end(server)
    passed = time.monotonic() - begun
    return {kind: (count - rest.get(kind, 0) * passed) / calls for kind, count in counts.items()}, got


def _threads(pid):
    return glob.glob(f"/proc/{pid}/task/[0-9]*/status")


def _traced(path):
    try:
        with open(path, encoding="utf-8") as status:
            return "TracerPid:\t0\n" not in status.read()
    except OSError:
        return True  # a thread that has ended meanwhile
