"""The same load without a service: what is this machine's own share of a latency?

`chain.c` is three programs that only burn CPU for each call and hand it on. They are made to use as much as load tool, service and
Redis did, kernel and all, and get calls at the same rate.
"""
import json
import os
import statistics

import tools

_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chain.c")
# Handing on costs CPU of its own, which depends on how much goes together: found by trying.
_TRIALS, _TRIAL_SECONDS = 5, 3
RUNS = 3


def build(folder):
    """The path of the program."""
    return tools.compiled(_SOURCE, os.path.join(folder, "chain"), "-lm")


def measure(program, rate, seconds, connections, cpu_us):
    """`cpu_us`: for each call of the tool, the service and Redis. Latencies of the chain and the CPU it really used, medians."""
    work = [each / 2 for each in cpu_us]
    for _ in range(_TRIALS):
        used = _chain(program, rate, _TRIAL_SECONDS, connections, work)["cpu_us"]
        work = [max(part + (wanted - found) / 2, 0) for part, wanted, found in zip(work, cpu_us, used)]
    runs = [_chain(program, rate, seconds, connections, work) for _ in range(RUNS)]
    return {"cpu_us": [statistics.median(each) for each in zip(*(run.pop("cpu_us") for run in runs))],
            **{name: statistics.median(run[name] for run in runs) for name in runs[0]}}


def _chain(program, rate, seconds, connections, work):
    return json.loads(tools.run([program, *map(str, (rate, seconds, connections, *work))]))
