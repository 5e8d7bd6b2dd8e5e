"""Redis alone, without HTTP: how fast are the scripts themselves? 50 connections, 16 commands under way on each.

Commands are put together beforehand and answers are only counted, so that this client is not what limits; whether it was shows
in the share of a core that Redis used.
"""
import selectors
import socket
import time
from dataclasses import dataclass, field

CONNECTIONS, PIPELINE = 50, 16
_NOTHING = b"#!lua\nreturn 1"
# How an answer begins. Scripts answer with a number or a string, never with an array.
_BULK, _ERROR = ord("$"), ord("-")


@dataclass(eq=False)
class _Line:
    socket: socket.socket
    waiting: int = 0
    buffer: bytearray = field(default_factory=bytearray)


def batches(commands):
    return [b"".join(commands[at:at + PIPELINE]) for at in range(0, len(commands) - PIPELINE + 1, PIPELINE)]


def doing_nothing(redis, commands):
    """The same commands with another script, which does nothing: as many words, as many bytes."""
    digest = redis("SCRIPT", "LOAD", _NOTHING)
    return [command.replace(command.split(b"\r\n", 5)[4], digest, 1) for command in commands]


def measure(server, prepared, seconds=None):
    """Sends every batch once, or over and over for that long; Redis' answers and CPU time per second and per command."""
    lines = [_Line(socket.create_connection(("127.0.0.1", server.port))) for _ in range(CONNECTIONS)]
    selector = selectors.EpollSelector()
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
    before, started = server.cpu(), time.monotonic()
    source = _source(prepared, started + seconds if seconds else None)
    try:
        busy = sum(_send_next(line, source) for line in lines)
        done = refused = 0
        while busy:
            for key, _ in selector.select():
                answers, failures = _receive(key.data)
                done, refused = done + answers, refused + failures
                if key.data.waiting == 0 and not _send_next(key.data, source):
                    busy -= 1
    finally:
        selector.close()
        for line in lines:
            line.socket.close()
    passed, spent = time.monotonic() - started, server.cpu() - before
    return {"rate": done / passed, "redis_cpu_us": spent.total / done * 1e6, "redis_busy": spent.total / passed, "refused": refused}


def _source(prepared, deadline):
    yield from prepared
    while deadline and time.monotonic() < deadline:
        yield from prepared[:256]


def _send_next(line, source):
    batch = next(source, None)
    if batch is None:
        return False
    line.socket.sendall(batch)
    line.waiting = PIPELINE
    return True


def _receive(line):
    """Takes in what has come; how many answers that were, and how many of them errors."""
    data = line.socket.recv(1 << 17)
    if not data:
        raise ConnectionError("Redis closed a connection")
    line.buffer += data
    buffer, at, answers, failures = line.buffer, 0, 0, 0
    while (end := buffer.find(b"\r\n", at)) >= 0:
        following = end + 2
        if buffer[at] == _BULK:
            following += int(buffer[at + 1:end]) + 2
            if following > len(buffer):
                break
        failures += buffer[at] == _ERROR
        at, answers = following, answers + 1
    del buffer[:at]
    line.waiting -= answers
    return answers, failures
