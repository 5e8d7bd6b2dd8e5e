"""What came of a run: medians over the rounds, as figures (JSON) and as tables (Markdown)."""
import datetime
import json
import os
import platform
import statistics

import tools

OWN_KEYS = OURS, COMMIT, STATIC = "token-budget", "token-budget-commit", "token-budget-static"
FAULTS = ("status_errors", "socket_errors", "undecided", "mismatches", "refused")


def line(number, subject, connections, figures):
    """Progress: one load."""
    faults = sum(figures.get(fault, 0) for fault in FAULTS)
    return (f"round {number} {subject.title:29} c={connections:<4} {figures['rate']:8.0f}/s  p50 {figures['p50']:7} us  "
            f"p99 {figures['p99']:7} us  cpu {figures['cpu_us']:6.1f} + {figures['redis_cpu_us']:5.1f} us  faults {faults}")


def line_alone(number, alone):
    return f"round {number} Redis alone: " + ", ".join(f"{name} {figures['rate']:.0f}/s" for name, figures in alone.items())


def conditions(root, chosen, redis, up):
    """Where, when, with what and how."""
    versions = {"Redis": redis.info("server")["redis_version"], "wrk": tools.debian_version("wrk"), "Python": platform.python_version()}
    for peer in up:
        versions |= peer.versions()
    return machine(root) | {"versions": versions, "rounds": chosen.rounds, "seconds": chosen.seconds,
                            "connections": chosen.connections}


def machine(root):
    """Where and when, and of what commit."""
    return {"date": str(datetime.date.today()), "commit": tools.commit(root), "cpu": _cpu_model(), "cores": os.cpu_count(),
            "kernel": platform.release()}


def _cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def summarize(conditions_, everybody, loads, alone):
    subjects = [{"key": subject.key, "title": subject.title, "work": subject.work,
                 "loads": {str(c): middle(loads[subject.key, c]) for c in conditions_["connections"]}} for subject in everybody]
    floors = {name: middle([each[name] for each in alone]) for name in alone[0]}
    own = [load for subject in subjects if subject["key"] in OWN_KEYS for load in subject["loads"].values()]
    return {"conditions": conditions_, "subjects": subjects, "alone": floors,
            "own_faults": sum(load["median"].get(fault, 0) for load in [*own, *floors.values()] for fault in FAULTS)}


def middle(rounds):
    """Medians over the rounds; faults are summed up."""
    median = {name: (sum if name in FAULTS else statistics.median)([each[name] for each in rounds]) for name in rounds[0]}
    return {"median": median, "rounds": rounds}


def write(path, summary, page, picture=None):
    """The figures, the page (a function of them and the picture's name) and the picture, if there is one."""
    texts = {"json": json.dumps(summary, indent=1) + "\n"}
    if picture:
        texts |= {"md": page(summary, os.path.basename(path) + ".svg"), "svg": picture}
    else:
        texts["md"] = page(summary)
    for ending, text in texts.items():
        with open(f"{path}.{ending}", "w", encoding="utf-8") as file:
            file.write(text)


# MARK: Markdown


def markdown(summary, picture=None):
    conditions_, subjects = summary["conditions"], summary["subjects"]
    parts = ["# Reserve over HTTP, beside peers", _introduction(conditions_)]
    if picture:
        parts.append(f"![Rates and latencies]({picture})")
    parts += ["## Answers per second", _rates(subjects, conditions_["connections"]), _RATIOS_LEGEND,
              _ratios(subjects, conditions_["connections"]),
              "## Latency and CPU", _latencies(subjects, conditions_["connections"]), _LEGEND,
              "## Redis alone", _alone(summary["alone"]), _ALONE_LEGEND, "## Faults", _faults(summary)]
    return "\n\n".join(parts) + "\n"


_RATIOS_LEGEND = """Rates as parts of Token Budget's reserves in the same round: median, and the lowest and the highest of the rounds."""

_LEGEND = """Latencies in microseconds as a closed loop sees them, their ratios those of the medians. CPU: microseconds per answer, program and
kernel together, of all processes of the server, the part of it in user mode, and of Redis."""

_ALONE_LEGEND = """50 connections with 16 commands under way on each. The no-op is a script that does nothing with the very same
arguments. By CPU counts only what Redis itself used, so it is the better ratio where Redis was not busy all the time."""


def _introduction(c):
    versions = ", ".join(f"{name} {version}" for name, version in c["versions"].items())
    absent = "".join(f"\n\nLeft out: {title} ({' '.join(why.split())})." for title, why in c["absent"].items())
    return f"""The same reserve over four allowances, one of them shared, on one Redis. Medians of {c['rounds']} alternating
rounds of {c['seconds']} s in one run, each load on an empty Redis; wrk with one thread, 1,000 users, every request allowed. One event
loop or worker each.

Peers are handed the command that the service itself planned (no policy, no prices, no plan of their own) and run the very same
script. Only LiteLLM's proxy, where it takes part, does its own work: a chat completion of a mocked model. Commit is measured on
reservations made before, each once. Ratios are to Token Budget's reserve with as many connections.

{c['date']}, commit {c['commit']}, {c['cores']} cores ({c['cpu']}) shared by wrk, server and Redis, Linux {c['kernel']}.
{versions}.{absent}"""


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in cells) + " |" for cells in lines)


def _load(subject, connections):
    return subject["loads"][str(connections)]["median"]


def _ours(subjects):
    return next(subject for subject in subjects if subject["key"] == OURS)


def _rates(subjects, connections):
    rows = [[subject["title"], *(f"{_load(subject, c)['rate']:,.0f}" for c in connections)] for subject in subjects]
    return table(["connections", *connections], rows)


def _ratios(subjects, connections):
    """By rounds, not of medians: within a round the machine changes less."""
    def cell(subject, c):
        pairs = zip(*(each["loads"][str(c)]["rounds"] for each in (subject, _ours(subjects))))
        ratios = [theirs["rate"] / ours["rate"] for theirs, ours in pairs]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    rows = [[subject["title"], *(cell(subject, c) for c in connections)] for subject in subjects if subject["key"] != OURS]
    return table(["connections", *connections], rows)


def _latencies(subjects, connections):
    rows = []
    for c in connections:
        ours = _load(_ours(subjects), c)
        for subject in subjects:
            m = _load(subject, c)
            times = [f"{m[p]:,.0f}" for p in ("p50", "p99", "p999")]
            ratios = [f"{m[p] / max(ours[p], 1):.2f}" for p in ("p50", "p99")]
            rows.append([c, subject["title"], *times, *ratios, f"{m['cpu_us']:.1f}", f"{m['cpu_user_us']:.1f}",
                         f"{m['redis_cpu_us']:.1f}"])
    return table(["connections", "", "p50", "p99", "p99.9", "p50 ratio", "p99 ratio", "CPU, server", "user mode", "CPU, Redis"], rows)


def _alone(floors):
    rows = []
    for name, figures in floors.items():
        m, nothing = figures["median"], floors[name.split()[0] + " no-op"]["median"]
        rows.append([name, f"{m['rate']:,.0f}", f"{m['redis_cpu_us']:.2f}", f"{m['redis_busy']:.0%}",
                     f"{m['rate'] / nothing['rate']:.2f}", f"{nothing['redis_cpu_us'] / m['redis_cpu_us']:.2f}"])
    return table(["command", "per second", "CPU of Redis, us", "Redis busy", "of the no-op's rate", "by CPU"], rows)


def _faults(summary):
    rows = []
    for subject in summary["subjects"]:
        loads = [load["median"] for load in subject["loads"].values()]
        audited = subject["work"] in ("reserve", "commit")
        books = [sum(load[fault] for load in loads) if audited else "-" for fault in ("undecided", "mismatches")]
        errors = [sum(load[fault] for load in loads) for fault in ("status_errors", "socket_errors")]
        rows.append([subject["title"], *errors, *books])
    for name, figures in summary["alone"].items():
        m = figures["median"]
        rows.append([f"Redis alone, {name}", m["refused"], "-", m.get("undecided", "-"), m.get("mismatches", "-")])
    head = ["in all rounds together", "error answers", "socket errors", "answers without a booking", "ledger mismatches"]
    return table(head, rows)
