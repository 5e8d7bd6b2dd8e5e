"""The budgets: a file with what each decision may cost, how far a count may lie above it, and what the numbers were made with."""
import json
from dataclasses import dataclass

from counters import ALLOCATIONS, INSTRUCTIONS, SYSTEM_CALL

_PERCENT, _COUNT = "percent", "count"
# A system call made less often than this per call is the noise of timers and of attaching.
_LEAST_CALLS = 0.1


@dataclass(frozen=True)
class Verdict:
    place: str
    verb: str
    kind: str
    count: float
    budget: float
    most: float  # the budget with its tolerance
    least: float

    @property
    def exceeded(self):
        return self.count > self.most

    @property
    def generous(self):
        """So far below that the budget no longer guards what has been reached."""
        return self.count < self.least


def checked(counts):
    """Of all counts, those that have a budget: times and the no-op are shown only."""
    return {place: {verb: {kind: round(count, 2) for kind, count in sorted(kinds.items()) if _has_budget(kind, count)}
                    for verb, kinds in verbs.items()} for place, verbs in counts.items()}


def _has_budget(kind, count):
    return kind in (INSTRUCTIONS, ALLOCATIONS) or kind.startswith(SYSTEM_CALL) and count >= _LEAST_CALLS


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(path, counts, versions):
    """New budgets; the tolerances stay as they are."""
    content = {"versions": versions, "tolerances": read(path)["tolerances"], "budgets": checked(counts)}
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2) + "\n")


def judge(counts, content):
    """Every count beside its budget. What has none, as a system call not made before, has a budget of nothing."""
    verdicts = []
    for place, verbs in checked(counts).items():
        for verb, kinds in verbs.items():
            allowed = content["budgets"].get(place, {}).get(verb, {})
            for kind in [*kinds, *(kind for kind in allowed if kind not in kinds)]:
                verdicts.append(_verdict(place, verb, kind, kinds.get(kind, 0), allowed.get(kind, 0), content["tolerances"]))
    return verdicts


def _verdict(place, verb, kind, count, budget, tolerances):
    tolerance = tolerances["system calls" if kind.startswith(SYSTEM_CALL) else f"{kind} of {place}" if kind == INSTRUCTIONS else kind]
    room = max(budget * tolerance.get(_PERCENT, 0) / 100, tolerance.get(_COUNT, 0))
    return Verdict(place, verb, kind, count, budget, budget + room, budget - room)


def other_versions(versions, content):
    """What differs from what the budgets were made with; counts are then not comparable."""
    return [f"{name} {versions[name]}, budgets were made with {made}" for name, made in content["versions"].items()
            if versions.get(name) != made]
