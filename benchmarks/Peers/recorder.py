"""What the service says to Redis, word for word, without it being done: the commands that the peers and Redis alone are given.

A service of its own is connected to Redis through a proxy. The proxy passes everything on, except scripts that name a
reservation: those it writes down and refuses. So the commands are the service's own, whatever they look like inside, and are
still to be carried out, each once. All that is known about them is the shape of the keys: tb:{NN}:r:USER:NONCE.
"""
import re
import socket
import threading
import time

import http_wire
import workload
from redis_wire import Wire, command

_REFUSED = b"-ERR written down, not done\r\n"
_RESERVATION = re.compile(rb"^tb:\{\d\d\}:r:([^:]+):([^:]+)$")


def reservation_of(words):
    """User and name of the reservation that a script is about; None for any other command."""
    if words[0].upper() != b"EVALSHA":
        return None
    for word in words[3:3 + int(words[2])]:
        if found := _RESERVATION.match(word):
            return found[1], found[2]
    return None


class RecordingProxy:
    def __init__(self, redis_port):
        self._redis_port = redis_port
        self._recorded = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self):
        """The commands written down since the last call, in their order."""
        taken, self._recorded = self._recorded, []
        return taken

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(Wire(client), Wire.to(self._redis_port)), daemon=True).start()

    def _serve(self, service, redis):
        try:
            while service.receive():
                answers = []
                while found := service.take():
                    words, raw = found
                    if reservation_of(words):
                        self._recorded.append(words)
                        answers.append(_REFUSED)
                    else:
                        redis.socket.sendall(raw)
                        answers.append(redis.read()[1])
                service.socket.sendall(b"".join(answers))
        except OSError:
            pass  # the service or Redis is gone: the run is over
        finally:
            service.socket.close()
            redis.socket.close()


class Reserve:
    """The command of one user's reserve, to be repeated with other names of reservations of the same length."""

    def __init__(self, words):
        _, self._name = reservation_of(words)
        self._words = words

    @property
    def pieces(self):
        """Each word as what stands between its mentions of the name: a single piece where it has none."""
        return [word.split(self._name) for word in self._words]

    def name(self, number):
        """Like the service's own names in length and characters, but never one of them."""
        return b".x" + str(number).zfill(len(self._name) - 2).encode()

    def command(self, number):
        return command(*(self.name(number).join(piece) for piece in self.pieces))


class Recorder:
    def __init__(self, proxy, service):
        self._proxy, self.service = proxy, service

    def _drive(self, path, bodies):
        self._proxy.take()
        for _ in http_wire.calls(self.service.port, http_wire.post(path, bodies)):
            pass  # refused, every one: the answers say nothing
        taken = self._proxy.take()
        if len(taken) != len(bodies):
            raise RuntimeError(f"{len(bodies)} calls of {path} made {len(taken)} commands")
        return taken

    def reserves(self):
        """A reserve of every user, as planned now: it holds until the first of its windows ends."""
        recorded = [Reserve(words) for words in self._drive("/v1/reserve", [workload.reserve_body(u) for u in workload.USERS])]
        return dict(zip(workload.USERS, recorded))

    def commits(self, reservation_ids):
        return [command(*words) for words in self._drive("/v1/commit", [workload.commit_body(i) for i in reservation_ids])]

    def words(self, path, body):
        """The command of a single call."""
        return self._drive(path, [body])[0]

    def close(self):
        self._proxy.close()


def clear_of_the_hour(seconds):
    """Waits out the end of an hour, where a window ends: recorded commands are good for the windows they were planned in."""
    left = 3600 - time.time() % 3600
    if left < 2 * seconds + 30:
        time.sleep(left + 1)
