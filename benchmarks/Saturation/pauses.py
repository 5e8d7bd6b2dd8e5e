"""How often the machine itself stands still: bound to each core a program that does nothing but read the clock. Whoever is on a core
when it is taken waits for the end of the pause, however quick the service is."""
import multiprocessing
import os
import time

_LONG_NS = 500_000


def measure(seconds):
    """Pauses above half a millisecond: how many a second on a core, the share of time they took, and the longest, milliseconds."""
    cores = sorted(os.sched_getaffinity(0))
    with multiprocessing.Pool(len(cores)) as pool:
        found = [pause for pauses in pool.starmap(_watch, [(core, seconds) for core in cores], chunksize=1) for pause in pauses]
    return {"per_second": len(found) / seconds / len(cores), "share": sum(found) / 1e9 / seconds / len(cores),
            "longest_ms": max(found, default=0) / 1e6}


def _watch(core, seconds):
    os.sched_setaffinity(0, [core])
    found = []
    last = time.perf_counter_ns()
    end = last + seconds * 10**9
    while last < end:
        now = time.perf_counter_ns()
        if now - last > _LONG_NS:
            found.append(now - last)
        last = now
    return found
