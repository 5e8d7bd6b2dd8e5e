"""One Redis with so many users and open holds in it, and the services in front of it."""
import contextlib
import os
import random

import filling
import memory
import private_redis
import service
from place import Place
from processes import free_port
from redis_wire import Redis

_PROVEN = 500  # users whose counters are read through the service after a fill


class Store:
    def __init__(self, name, folder, stage, binary, policy):
        self.name, self.binary, self.policy, self._stage = name, os.path.abspath(binary), policy, stage
        self.users = self.holds = 0
        self.place = Place(os.path.join(folder, name), free_port())
        os.mkdir(self.place.folder)
        self.redis_server = stage.add(private_redis.start("redis", self.place))
        self.services = []
        self.redis = Redis(self.place.redis_port)

    @property
    def service(self):
        return self.services[0]

    def serve(self, event_loops=1):
        """One more service in front of this Redis."""
        name = f"token-budget-{len(self.services) + 1}"
        started = service.start(name, self.binary, self.place, self.place.redis_port, event_loops, self.policy)
        self.services.append(self._stage.add(started))
        return started

    def servers(self):
        return [self.redis_server, *self.services]

    def add_users(self, program, count):
        """Idle users; what each weighs."""
        with self._filler(program) as filler:
            before = memory.take(self.redis)
            filler.users(count)
        self.users = count
        after = memory.take(self.redis)
        filling.prove(self, random.Random(1).sample(range(count), min(count, _PROVEN)))
        return after.per_item(before, count) | {"key": memory.of_keys(self.redis, "tb:*:u:*")}

    def add_holds(self, program, count):
        """Open holds of the users there are; what each weighs."""
        with self._filler(program) as filler:
            before = memory.take(self.redis)
            filler.holds(count)
        self.holds = count
        after = memory.take(self.redis)
        return after.per_item(before, count) | {"key": memory.of_keys(self.redis, "tb:*:r:*"), "index": memory.of_index(self.redis)}

    @contextlib.contextmanager
    def _filler(self, program):
        with self._stage.only(*self.servers()):
            filler = filling.Filler(program, self)
            try:
                yield filler
            finally:
                filler.close()
