"""The Redis protocol (RESP2) as far as it is needed here: commands out, replies in."""
import socket


def command(*words):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class Failure(str):
    """An error reply."""


def parse(buffer, at=0):
    """The value that begins at a place in the buffer and where it ends; None when it is not all there yet."""
    end = buffer.find(b"\r\n", at)
    if end < 0:
        return None
    kind, rest, after = buffer[at], bytes(buffer[at + 1:end]), end + 2
    if kind == 0x24:  # $
        size = int(rest)
        if size < 0:
            return None, after
        if len(buffer) < after + size + 2:
            return None
        return bytes(buffer[after:after + size]), after + size + 2
    if kind == 0x2A:  # *
        values = []
        for _ in range(int(rest)):
            found = parse(buffer, after)
            if found is None:
                return None
            values.append(found[0])
            after = found[1]
        return values, after
    if kind == 0x3A:  # :
        return int(rest), after
    return (Failure(rest.decode(errors="replace")) if kind == 0x2D else rest), after  # - or +


class Wire:
    """One end of a connection: values are read one by one, as they come in."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._at = 0

    @classmethod
    def to(cls, port):
        return cls(socket.create_connection(("127.0.0.1", port)))

    def receive(self):
        """Takes in what has arrived, waiting for something; False at the end."""
        data = self.socket.recv(1 << 18)
        del self._buffer[:self._at]
        self._at = 0
        self._buffer += data
        return bool(data)

    def take(self):
        """The next whole value and its very bytes, of what has arrived; None when there is none."""
        found = parse(self._buffer, self._at)
        if found is None:
            return None
        raw = bytes(self._buffer[self._at:found[1]])
        self._at = found[1]
        return found[0], raw

    def read(self):
        while (found := self.take()) is None:
            if not self.receive():
                raise ConnectionError("the other end closed the connection")
        return found


class Redis:
    """A client for the few commands a comparison needs. An error reply is raised."""

    def __init__(self, port):
        self._wire = Wire.to(port)

    def __call__(self, *words):
        self._wire.socket.sendall(command(*words))
        reply, _ = self._wire.read()
        if isinstance(reply, Failure):
            raise RuntimeError(f"Redis refuses {words[0]}: {reply}")
        return reply

    def scan(self, pattern):
        cursor = b"0"
        while True:
            cursor, keys = self("SCAN", cursor, "MATCH", pattern, "COUNT", 5000)
            yield from keys
            if cursor == b"0":
                return

    def info(self, section):
        lines = self("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)
