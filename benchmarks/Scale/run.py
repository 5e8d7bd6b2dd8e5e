"""The parts of a run, one after the other. Each begins with what it needs and leaves nothing behind that the next would feel."""
import random

import filling
import nodes
import outcome
import report
import sizes
import tools
import workload
from recorder import clear_of_the_hour
from store import Store

# Four counters of a user's own: what all share in the usual policy is counted per user.
FOUR_OWN_COUNTERS = workload.POLICY.replace("per: []", "per: [user]")
OWN_USERS = 1_000_000


class Run:
    def __init__(self, chosen, folder, stage):
        self._chosen, self._folder, self._stage = chosen, folder, stage
        self._program = filling.build(folder)

    def all(self, root):
        own = self._own_counters()
        bench = self._store("nodes")
        conditions = report.conditions(root, self._chosen, bench.redis, []) | {"holds": self._chosen.holds}
        of_nodes = self._nodes(bench)
        self._stage.dismiss(*bench.servers())
        return outcome.summarize(conditions, own, self._sizes(), of_nodes)

    def _store(self, name, policy=workload.POLICY):
        return Store(name, self._folder, self._stage, self._chosen.binary, policy)

    def _own_counters(self):
        """What idle users with four counters of their own weigh, and open holds in a Redis that has seen nothing else."""
        store = self._store("own-counters", FOUR_OWN_COUNTERS)
        store.serve()
        found = {"users": store.add_users(self._program, min(OWN_USERS, self._chosen.users[-1]))}
        if self._chosen.holds:
            found["holds"] = store.add_holds(self._program, self._chosen.holds)
        self._stage.dismiss(*store.servers())
        return found

    def _nodes(self, store):
        subjects = nodes.subjects(store, self._chosen.event_loops, self._chosen.processes)
        bench = nodes.Bench(self._stage, store, self._chosen.connections[-1], self._chosen.seconds)
        loads = {subject.key: [] for subject in subjects}
        for number in range(1, self._chosen.rounds + 1):
            # In an order drawn anew, as beside peers: who follows whom matters.
            for subject in random.Random(number).sample(subjects, len(subjects)):
                loads[subject.key].append(bench.measure(subject))
                tools.say(outcome.line(number, subject.title, loads[subject.key][-1]))
        return [{"key": each.key, "title": each.title, **report.middle(loads[each.key])} for each in subjects]

    def _sizes(self):
        """Stores in alternating rounds; then open holds among the most users, beside the fewest once more."""
        stores, weights = [], {}
        for count in self._chosen.users:
            stores.append(self._store(f"{count}-users"))
            stores[-1].serve()
            weights[count] = stores[-1].add_users(self._program, count)
        found = [self._described(store, loads, weights[store.users]) for store, loads in self._alternate(stores)]
        if not self._chosen.holds:
            return found
        weight = stores[-1].add_holds(self._program, self._chosen.holds)
        weight["resident"] = None  # holds that loads have made and ended left room that is resident already
        pair = [stores[0], stores[-1]] if len(stores) > 1 else stores
        return found + [self._described(store, loads, weight if store.holds else None) for store, loads in self._alternate(pair)]

    def _described(self, store, loads, weight):
        return {"users": store.users, "holds": store.holds, "weight": weight, "loads": loads}

    def _alternate(self, stores):
        """Every store with the loads on it, by number of connections."""
        loads = {store.name: {str(c): [] for c in self._chosen.connections} for store in stores}
        for number in range(1, self._chosen.rounds + 1):
            for connections in self._chosen.connections:
                first = number % len(stores)  # who goes first in a round changes, too
                for store in stores[first:] + stores[:first]:
                    clear_of_the_hour(self._chosen.seconds)
                    figures = sizes.measure(self._stage, store, connections, self._chosen.seconds, 1000 * number + connections)
                    loads[store.name][str(connections)].append(figures)
                    tools.say(outcome.line(number, f"{outcome.title(store.users, store.holds)}, c={connections}", figures))
        # A store may be measured again with more in it: what it is now is told now.
        return [(store, {c: report.middle(rounds) for c, rounds in loads[store.name].items()}) for store in stores]
