"""A Redis of the run's own: on loopback, in memory alone."""
from processes import Server
from redis_wire import Redis

# At once, or the service would notice that its data are gone.
_EMPTY = """redis.call('FLUSHALL')
redis.call('SET', 'tb:epoch', 'benchmark-1')
redis.call('SET', 'tb:ledger:lease', 'another', 'PX', 86400000)"""


def start(name, place, under=()):
    """`under`: the words of a program that runs it, a counting one for instance."""
    words = [*under, "redis-server", "--port", str(place.redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", place.folder]
    server = Server(name, words, place.folder, port=place.redis_port)
    server.wait_for_port(10)
    empty(Redis(place.redis_port))
    return server


def empty(redis):
    """For the service that is about to start, or for the next load. Another node is said to keep the ledger, as in a fleet: what
    booking costs is not a decision's, and nothing is rebuilt."""
    redis("EVAL", _EMPTY, 0)
