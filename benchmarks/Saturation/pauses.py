"""How often the machine itself stands still: on each core a program that does nothing but read the clock. A call that falls into a
pause waits for its end, however quick the service is."""
import multiprocessing
import os
import time

_LONG_NS = 500_000


def measure(seconds):
    """Pauses above half a millisecond: how many a second on a core, the share of time they took, and the longest, milliseconds."""
    cores = os.cpu_count()
    with multiprocessing.Pool(cores) as pool:
        found = [pause for pauses in pool.map(_watch, [seconds] * cores, chunksize=1) for pause in pauses]
    return {"per_second": len(found) / seconds / cores, "share": sum(found) / 1e9 / seconds / cores,
            "longest_ms": max(found, default=0) / 1e6}


def _watch(seconds):
    found = []
    last = time.perf_counter_ns()
    end = last + seconds * 10**9
    while last < end:
        now = time.perf_counter_ns()
        if now - last > _LONG_NS:
            found.append(now - last)
        last = now
    return found
