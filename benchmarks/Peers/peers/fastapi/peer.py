"""FastAPI with redis-py: what a team would write itself. One uvicorn worker on uvloop and httptools."""
import os

import tools
import workload
from place import numbered_users, teach
from processes import Server, free_port

HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    name, title, reserves = "fastapi", "FastAPI + redis-py", True

    def __init__(self, place):
        self._place = place

    def install(self):
        self._bin = tools.python_environment("fastapi", os.path.join(HERE, "requirements.txt"))

    def start(self):
        port = free_port()
        words = [os.path.join(self._bin, "python"), "-m", "uvicorn", "app:app", "--app-dir", HERE, "--host", "127.0.0.1",
                 "--port", str(port), "--workers", "1", "--loop", "uvloop", "--http", "httptools",
                 "--no-access-log", "--log-level", "warning"]
        self.server = Server(self.name, words, self._place.folder, {"REDIS_PORT": str(self._place.redis_port)}, port)
        self.server.wait_for_port(30)
        return self.server

    def load(self, reserves):
        teach(self.server.port, reserves)
        return numbered_users(self.server.port, "/reserve", workload.RESERVE_BODY)

    def versions(self):
        return {name: tools.package_version(self._bin, name) for name in ("fastapi", "uvicorn", "uvloop", "redis", "hiredis")}
