"""Load over HTTP: wrk with one thread, closed loop, every connection sending its next request when it has its answer."""
import json
import math
import os
import subprocess
from dataclasses import dataclass, field

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wrk")


class RanOut(RuntimeError):
    """Requests that can be sent only once came to their end before the time: a rate would be wrong. Make more ready."""


@dataclass(frozen=True)
class Load:
    url: str
    script: str  # a file of the folder `wrk`
    arguments: list = field(default_factory=list)
    requests: float = math.inf  # how many there are, where each can be sent only once


def wrk(load, connections, seconds):
    """Answers per second, latencies in microseconds, errors by kind; raises RanOut."""
    # No answer that is slow is given up on: it belongs into the percentiles.
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "60", "-s", os.path.join(FOLDER, load.script), load.url]
    done = subprocess.run([*words, "--", *load.arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "LUA_PATH": os.path.join(FOLDER, "?.lua")})
    found = [line[2:] for line in done.stdout.splitlines() if line.startswith("@ ")]
    if done.returncode != 0 or not found:
        raise RuntimeError(f"wrk fails: {(done.stderr or done.stdout).strip()[-600:]}")
    figures = json.loads(found[-1])
    if figures["answers"] + connections >= load.requests:  # what is under way at the end is no answer
        raise RanOut
    return {**figures, "rate": figures["answers"] / figures["seconds"]}
