"""The service with a Redis and a ledger of its own in a folder, as the programs here drive it: its books are compared afterwards."""
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Service:
    """The service with a Redis of its own in `folder`; `ports` of the decision and the control listener stay the same."""

    def __init__(self, binary, folder, policy):
        self.binary, self.folder, self.ports = os.path.abspath(binary), folder, (_free_port(), _free_port())
        self.process = None
        with open(self.path("policy.yaml"), "w", encoding="utf-8") as file:
            file.write(policy)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        words = [self.binary, "serve", "--policy", self.path("policy.yaml"), "--data", self.path("data"), "--log-level", "warning",
                 "--listen", f"127.0.0.1:{self.ports[0]}", "--control-listen", f"127.0.0.1:{self.ports[1]}"]
        with open(self.path("service.log"), "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)

    def wait_until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/readyz", control=True)[0] == 200:
                    return
            if time.monotonic() > deadline:
                raise RuntimeError(f"the service does not become ready; see {self.path('service.log')}")
            time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def kill_redis(self):
        answer = subprocess.run(["redis-cli", "-s", "redis.sock", "info", "server"], cwd=self.path("data"), capture_output=True,
                                text=True, check=False).stdout
        for line in answer.splitlines():
            if line.startswith("process_id:"):
                os.kill(int(line.split(":")[1]), signal.SIGKILL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def call(self, method, path, body=None, control=False):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[1 if control else 0], timeout=5)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"content-type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def wait_until_booked(self, seconds=120):
        """Until nothing waits in Redis any more."""
        deadline = time.monotonic() + seconds
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[1], timeout=5)
            connection.request("GET", "/metrics")
            figures = dict(line.rsplit(" ", 1) for line in connection.getresponse().read().decode().splitlines() if line[0] != "#")
            if float(figures.get("tokenbudget_ledger_waiting_events", "1")) == 0:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("events still wait for the ledger")
            time.sleep(0.2)
