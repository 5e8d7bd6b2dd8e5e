"""What was counted, as Markdown."""
from counters import ALLOCATIONS, INSTRUCTIONS, SYSTEM_CALL
from redis_cost import MICROSECONDS, NO_OP_INSTRUCTIONS, NO_OP_MICROSECONDS
from report import table
from service_cost import BASE, CALLS, COMMIT, RESERVE

_TITLES = {BASE: "`/livez`, an answer without work", RESERVE: "reserve, four allowances", COMMIT: "its commit"}


def costs(outcome):
    versions = ", ".join(f"{name} {version}" for name, version in outcome["versions"].items())
    return f"""# What one decision costs

Counted, not timed: per call, over {CALLS:,} calls in a closed loop on one kept connection, after every user was seen once. What the
process does at rest is taken off. Commit {outcome['commit']}; {versions}.

## The service

{_service(outcome['counts']['service'])}

Instructions are those of the service in user mode; the kernel's work shows as system calls.

## Redis

{_redis(outcome['counts']['redis'])}

Instructions of Redis in user mode, protocol included. The no-op is a script that does nothing with the very same arguments. The
times are Redis' own (`commandstats`), for orientation: they are never checked.

Ledger mismatches: {outcome['mismatches']}
"""


def comparison(verdicts, differences, path):
    """The counts beside their budgets, and what to do about it."""
    rows = [[f"{v.place}, {v.verb}", v.kind, _number(v.count), _number(v.budget), _number(v.most), _word(v)] for v in verdicts]
    return f"""## Against the budgets

{table(["", "kind", "counted", "budget", "allowed", ""], rows)}

{_advice(verdicts, differences, path)}
"""


def _word(verdict):
    return "**over**" if verdict.exceeded else "below" if verdict.generous else "ok"


def _advice(verdicts, differences, path):
    over = any(v.exceeded for v in verdicts)
    lines = []
    if differences:
        lines += ["Warning: nothing is judged, for counts depend on versions:", *(f"- {each}" for each in differences),
                  "", f"With these versions for good: `count.py --update` writes {path} anew."]
    elif over:
        lines += ["A decision costs more than its budget. Find out why; if it is worth it, `count.py --update` writes the new numbers",
                  f"into {path}, and the commit says why."]
    elif any(v.generous for v in verdicts):
        lines += [f"A decision costs less than its budget: `count.py --update` writes it into {path}, so that it stays so."]
    else:
        lines += ["All within their budgets."]
    return "\n".join(lines)


def _service(verbs):
    rows = []
    for verb, kinds in verbs.items():
        calls = {kind.removeprefix(SYSTEM_CALL): count for kind, count in kinds.items() if kind.startswith(SYSTEM_CALL)}
        named = ", ".join(f"{name} {count:.2f}" for name, count in sorted(calls.items(), key=lambda call: -call[1]) if count >= 0.005)
        rows.append([_TITLES[verb], _number(kinds[INSTRUCTIONS]), f"{kinds[ALLOCATIONS]:.1f}", f"{sum(calls.values()):.2f}", named])
    return table(["", "instructions", "allocations", "system calls", "which"], rows)


def _redis(verbs):
    rows = [[_TITLES[verb], _number(kinds[INSTRUCTIONS]), _number(kinds[NO_OP_INSTRUCTIONS]),
             f"{kinds[INSTRUCTIONS] / kinds[NO_OP_INSTRUCTIONS]:.2f}", f"{kinds[MICROSECONDS]:.2f}", f"{kinds[NO_OP_MICROSECONDS]:.2f}"]
            for verb, kinds in verbs.items()]
    return table(["", "instructions", "no-op", "ratio", "us", "us, no-op"], rows)


def _number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"
