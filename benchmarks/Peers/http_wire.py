"""A small pipelining HTTP client: thousands of calls to our own service in little time."""
import re
import socket

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_BATCH = 64
UNAVAILABLE = 503


def request(method, path, body=""):
    body = body.encode()
    kind = b"content-type: application/json\r\n" if body else b""
    head = b"%s %s HTTP/1.1\r\nhost: localhost\r\n" % (method.encode(), path.encode())
    return head + kind + b"content-length: %d\r\n\r\n" % len(body) + body


def post(path, bodies):
    return [request("POST", path, body) for body in bodies]


def calls(port, requests):
    """Sends requests over one connection, a batch ahead of what is read; yields status and body in the order of the requests."""
    batches = [requests[at:at + _BATCH] for at in range(0, len(requests), _BATCH)]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        answers = _answers(connection)
        for number in range(len(batches) + 1):
            if number < len(batches):
                connection.sendall(b"".join(batches[number]))
            if number > 0:
                for _ in batches[number - 1]:
                    yield next(answers)


def one_by_one(port, requests):
    """The same in a closed loop: a request is sent when the one before it is answered, and not before it is asked for."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        answers = _answers(connection)
        for each in requests:
            connection.sendall(each)
            yield next(answers)


def call(port, method, path, body=""):
    return next(calls(port, [request(method, path, body)]))


def _answers(connection):
    buffer, at = bytearray(), 0
    while True:
        head = buffer.find(b"\r\n\r\n", at)
        if head >= 0:
            size = int(_LENGTH.search(buffer, at, head)[1])
            if len(buffer) >= head + 4 + size:
                status = int(buffer[at + 9:at + 12])
                yield status, bytes(buffer[head + 4:head + 4 + size])
                at = head + 4 + size
                continue
        data = connection.recv(1 << 18)
        if not data:
            raise ConnectionError("the service closed the connection")
        del buffer[:at]
        at = 0
        buffer += data
