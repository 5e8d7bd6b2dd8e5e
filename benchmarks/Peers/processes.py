"""Starting servers, letting only those run that are measured, and asking the kernel how much CPU each has used."""
import contextlib
import glob
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class CPU:
    """Seconds spent in a program and, on its behalf, in the kernel."""
    user: float
    system: float

    @property
    def total(self):
        return self.user + self.system

    def __sub__(self, other):
        return CPU(self.user - other.user, self.system - other.system)


class Server:
    """A started program with all processes it starts: a group of its own, so that all are paused and stopped together."""

    def __init__(self, name, words, folder, environment=None, port=None, control_port=None):
        self.name, self.port, self.control_port = name, port, control_port
        self.log = os.path.join(folder, f"{name}.log")
        # A plain environment: the same on every machine, and no secret of the caller reaches a peer.
        plain = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", "HOME": folder, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                                             env={**plain, **(environment or {})}, start_new_session=True)
        self._paused = False

    @property
    def pid(self):
        return self._process.pid

    def wait_for_port(self, seconds):
        """Until somebody listens there; raises with the end of the log when the program ends or takes too long."""
        deadline = time.monotonic() + seconds
        with self.stopped_on_failure():
            while time.monotonic() < deadline and self._process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
                time.sleep(0.05)
        self.stop()
        with open(self.log, encoding="utf-8", errors="replace") as log:
            raise RuntimeError(f"{self.name} does not come up: {log.read()[-600:].strip() or 'it says nothing'}")

    @contextlib.contextmanager
    def stopped_on_failure(self):
        """Until somebody else looks after it, who is interrupted while he waits for it leaves nothing behind."""
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def pause(self):
        if not self._paused:
            self._signal(signal.SIGSTOP)
            self._paused = True

    def resume(self):
        if self._paused:
            self._signal(signal.SIGCONT)
            self._paused = False
            time.sleep(0.2)  # timers that came due meanwhile go off first

    def stop(self):
        self.resume()
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def _signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def cpu(self):
        """What the processes of the group have used so far."""
        user = system = 0
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path, encoding="utf-8", errors="replace") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
            except OSError:
                continue  # ended while we looked
            if int(fields[2]) == self._process.pid:
                user, system = user + int(fields[11]), system + int(fields[12])
        return CPU(user / TICKS, system / TICKS)

    def settle(self, seconds=15):
        """Until it has worked off what its clients left behind: less than a tenth of a core for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            before = self.cpu().total
            time.sleep(0.25)
            if self.cpu().total - before < 0.025:
                return


class Stage:
    """All servers of a run. The one whose turn it is runs, the others are stopped in their tracks: no timer of theirs disturbs."""

    def __init__(self):
        self._servers = []

    def add(self, server):
        self._servers.append(server)
        return server

    @contextlib.contextmanager
    def only(self, *servers):
        for server in self._servers:
            if server not in servers:
                server.pause()
        for server in servers:
            server.resume()
        yield

    def dismiss(self, *servers):
        for server in servers:
            server.stop()
            self._servers.remove(server)

    def stop(self):
        for server in reversed(self._servers):
            server.stop()
