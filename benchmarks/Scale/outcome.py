"""What came of a run: figures (JSON) and tables (Markdown)."""
import report
import sizes

FAULTS = report.FAULTS[:-1]  # no command is sent to Redis past the service that could be refused


def line(number, title, figures):
    """Progress: one load."""
    faults = sum(figures[fault] for fault in FAULTS)
    return (f"round {number} {title:45} {figures['rate']:8.0f}/s  p50 {figures['p50']:7.0f} us  p99 {figures['p99']:7.0f} us  "
            f"cpu {figures['cpu_us']:6.1f} + {figures['redis_cpu_us']:5.1f} us  faults {faults}")


def title(users, holds):
    return f"{users:,} users" + (f", {holds:,} open holds" if holds else "")


def summarize(conditions, own, stores, nodes):
    medians = [load["median"] for store in stores for load in store["loads"].values()] + [each["median"] for each in nodes]
    return {"conditions": conditions, "own_counters": own, "stores": stores, "nodes": nodes,
            "faults": sum(median[fault] for median in medians for fault in FAULTS)}


# MARK: Markdown


def markdown(summary, picture=None):
    c = summary["conditions"]
    parts = ["# Many users, many holds, several processes", _introduction(c), "## Memory", _memory(summary), _MEMORY,
             "## Latency by the number of users"]
    if picture:
        parts.append(f"![Latency by the number of users]({picture})")
    parts += [_latencies(summary["stores"], c["connections"]), _LATENCY,
              f"## One Redis, several event loops and processes, {c['connections'][-1]} connections", _nodes(summary["nodes"]),
              _NODES % c["cores"]]
    return "\n\n".join(parts) + "\n"


_MEMORY = """By `used_memory`: what Redis gave out more than before, divided by their number; it has the share in the table of all
keys in it, which doubles at powers of two. By RSS: the same of what the process has resident. A key: the mean of MEMORY USAGE over a
sample; of a hold it is the record, to which comes its entry in the expiry index. A hold is of a user that exists, whose counters do
not grow by it. Users are named u_0 and so on: longer names weigh by their bytes, in a hold twice."""

_LATENCY = """In microseconds as a closed loop sees them, users drawn evenly from all there are. Ratios are to the fewest users with as
many connections in the same rounds: those with open holds have rounds of their own, after the others. CPU: microseconds per answer,
program and kernel together. After each load the holds are compared with the counters (of up to %s users it met, and the shared
one), ended by the sweep, and their records deleted: all loads meet the same users.""" % f"{sizes.AUDITED:,}"

_NODES = """Each load begins on an empty Redis, with 1,000 users. The connections are shared out among the processes, a wrk for each;
rates are added, p50 is the mean of the processes, p99 the worst. %d cores carry the load, the processes and Redis: where the sum of
CPU and rate comes near them, more processes can add nothing here, and CPU per answer is what to reckon with. Redis busy: the share
of a core it used. Redis grows, event, file grows: bytes per answer of what stays, of the ledger's event until it is booked, and of the
append-only file."""


def _introduction(c):
    versions = ", ".join(f"{name} {version}" for name, version in c["versions"].items())
    return f"""A reserve has four allowances: three counters of the user's own and one that all share. Every request is allowed. Users
and open holds were made by the service's own commands, recorded once and repeated under other names. Medians of {c['rounds']}
alternating rounds of {c['seconds']} s in one run. One event loop unless said. Redis writes nothing to disk unless said.

{c['date']}, commit {c['commit']}, {c['cores']} cores ({c['cpu']}) shared by wrk, services and Redis, Linux {c['kernel']}.
{versions}."""


def _memory(summary):
    rows = [_weight(_OWN[what], weight) for what, weight in summary["own_counters"].items()]
    for store in summary["stores"]:
        # Of a few users the noise of everything else weighs more than they do.
        if store["weight"] and store["weight"]["count"] >= 10_000:
            what = "open holds of such users" if store["holds"] else "idle users with three counters of their own and a shared one"
            rows.append(_weight(what, store["weight"]))
    return report.table(["bytes each", "by `used_memory`", "by RSS", "a key"], rows)


_OWN = {"users": "idle users with four counters of their own", "holds": "open holds of users with four counters of their own"}


def _weight(what, weight):
    key = f"{weight['key']:.0f}" + (f" + {weight['index']:.0f}" if "index" in weight else "")
    resident = "-" if weight["resident"] is None else f"{weight['resident']:.0f}"
    return [f"{weight['count']:,} {what}", f"{weight['used']:.0f}", resident, key]


def _latencies(stores, connections):
    rows = []
    for c in connections:
        for store in stores:
            m = store["loads"][str(c)]["median"]
            if store["users"] == stores[0]["users"] and not store["holds"]:
                first = m  # measured again in the rounds with holds, which are compared with that
            times = [f"{m[name]:,.0f}" for name in ("rate", "p50", "p99", "p999")]
            ratios = [f"{m[name] / max(first[name], 1):.2f}" for name in ("p50", "p99")]
            cpu = [f"{m[name]:.1f}" for name in ("cpu_us", "redis_cpu_us")]
            rows.append([c, title(store["users"], store["holds"]), *times, *ratios, *cpu, *_faults(m)])
    return report.table(["connections", "", "per second", "p50", "p99", "p99.9", "p50 ratio", "p99 ratio", "CPU, service", "CPU, Redis",
                         *_FAULTS], rows)


_FAULTS = ["errors", "ledger mismatches"]


def _faults(median):
    """Answers that nothing was booked for are no less wrong than a wrong counter."""
    return [median["status_errors"] + median["socket_errors"], median["mismatches"] + median["undecided"]]


def _nodes(nodes):
    rows = []
    for each in nodes:
        m = each["median"]
        rows.append([each["title"], f"{m['rate']:,.0f}", f"{m['p50']:,.0f}", f"{m['p99']:,.0f}", f"{m['cpu_us']:.1f}",
                     f"{m['redis_cpu_us']:.1f}", f"{m['redis_busy']:.0%}",
                     *(round(m[name]) for name in ("stored_bytes", "event_bytes", "journal_bytes")), *_faults(m)])
    return report.table(["", "per second", "p50", "p99", "CPU, services", "CPU, Redis", "Redis busy", "Redis grows", "event", "file grows",
                         *_FAULTS], rows)
