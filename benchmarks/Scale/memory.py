"""What users and holds weigh: Redis' memory before and after, divided by their number, and what single keys take."""
import itertools
import statistics
from dataclasses import dataclass

_SAMPLES = 500


@dataclass(frozen=True)
class Memory:
    """Bytes of a Redis. Connections and scripts weigh something, too: only differences say what data weighs."""
    used: int
    resident: int

    def per_item(self, before, count):
        return {"count": count, "used": (self.used - before.used) / count, "resident": (self.resident - before.resident) / count}


def take(redis):
    info = redis.info("memory")
    return Memory(int(info["used_memory"]), int(info["used_memory_rss"]))


def of_keys(redis, pattern):
    """Mean of what Redis says of single keys (MEMORY USAGE): without their share of the table of all keys."""
    keys = itertools.islice(redis.scan(pattern), _SAMPLES)
    return statistics.mean(redis("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys)


def of_index(redis):
    """What a hold adds to the expiry index of its partition."""
    keys = list(redis.scan("tb:*:x"))
    weight = sum(redis("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys)
    return weight / sum(redis("ZCARD", key) for key in keys)
