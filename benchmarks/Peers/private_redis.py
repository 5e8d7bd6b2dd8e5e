"""A Redis of the run's own: on loopback, in memory alone."""
from processes import Server


def start(name, place, under=()):
    """`under`: the words of a program that runs it, a counting one for instance."""
    words = [*under, "redis-server", "--port", str(place.redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", place.folder]
    server = Server(name, words, place.folder, port=place.redis_port)
    server.wait_for_port(10)
    return server
