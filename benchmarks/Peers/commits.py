"""Commits can be sent only once each: reservations are made ready for a load of them, and more where they did not last."""
import service
import workload
from load import Load, RanOut

_FIRST_GUESS = 30_000
# So many for a second of load, in reserves of the same second: commits may be the faster ones.
_PER_RESERVE = 1.5


class Commits:
    def __init__(self, place, seconds):
        self._place, self._seconds = place, seconds
        self._reserve_rate = _FIRST_GUESS

    def learn(self, reserve_rate):
        """The highest of all: with too few a load is measured again."""
        self._reserve_rate = max(self._reserve_rate, reserve_rate)

    def load(self, server):
        """Commits of as many reservations as may be needed, made now."""
        ids = service.reserve_many(server, int(self._reserve_rate * _PER_RESERVE * self._seconds))
        return Load(f"http://127.0.0.1:{server.port}", "each_line_once.lua",
                    ["/v1/commit", *workload.COMMIT_BODY, self._place.write("ids", "\n".join(ids) + "\n")], len(ids))

    def enough_for(self, measure):
        """What `measure` finds, as often as it takes."""
        while True:
            try:
                return measure()
            except RanOut:
                self._reserve_rate *= _PER_RESERVE
