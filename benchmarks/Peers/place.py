"""Where a run takes place, and the two ways a peer is told what to do."""
import json
import os
from dataclasses import dataclass

import http_wire
import workload
from load import Load


@dataclass(frozen=True)
class Place:
    folder: str  # temporary, for logs, configurations and what wrk reads
    redis_port: int

    def file(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.file(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.file(name)


def numbered_users(port, path, body):
    before, after = body
    return Load(f"http://127.0.0.1:{port}", "numbered_users.lua", [path, before, after, str(len(workload.USERS))])


def teach(port, reserves):
    """Gives a peer that speaks JSON the command of each user: words as hexadecimal pieces, to be joined by a reservation's name."""
    commands = {user: [[piece.hex() for piece in word] for word in reserve.pieces[1:]] for user, reserve in reserves.items()}
    length = len(next(iter(reserves.values())).name(0))
    status, answer = http_wire.call(port, "PUT", "/commands", json.dumps({"commands": commands, "name_length": length}))
    if status != 200:
        raise RuntimeError(f"the commands are not understood: {status} {answer[:200]!r}")
