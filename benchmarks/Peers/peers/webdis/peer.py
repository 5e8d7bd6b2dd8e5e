"""webdis: a thin HTTP server in C in front of Redis. No JSON, no policy, no plan: it is handed the finished command."""
import json
from urllib.parse import quote

import tools
from load import Load
from processes import Server, free_port


def _line(words):
    return "/".join("|".join(quote(piece, safe="") for piece in word) for word in words) + ".json"


class Peer:
    name, title, reserves = "webdis", "webdis (C)", True

    def __init__(self, place):
        self._place = place

    def install(self):
        tools.install_packages({"webdis": "/usr/bin/webdis"})

    def start(self):
        port = free_port()
        configuration = {"redis_host": "127.0.0.1", "redis_port": self._place.redis_port, "http_host": "127.0.0.1", "http_port": port,
                         "threads": 1, "pool_size": 1, "daemonize": False, "verbosity": 0, "logfile": self._place.file("webdis.txt")}
        words = ["webdis", self._place.write("webdis.json", json.dumps(configuration))]
        self.server = Server(self.name, words, self._place.folder, port=port)
        self.server.wait_for_port(10)
        return self.server

    def load(self, reserves):
        lines = [_line(reserve.pieces) for reserve in reserves.values()]
        length = len(next(iter(reserves.values())).name(0))
        commands = self._place.write("webdis.commands", "\n".join(lines) + "\n")
        return Load(f"http://127.0.0.1:{self.server.port}", "webdis.lua", [commands, str(length)])

    def versions(self):
        return {"webdis": tools.debian_version("webdis")}
