#!/usr/bin/env python3
"""The same four-allowance reserve over HTTP, side by side with peers, in alternating rounds of one run.

Beside it: commit, a static answer, and Redis alone without HTTP. Each load runs on an empty Redis, and after each the counters
in Redis are compared with the reservations there: ledger mismatches. What is missing is installed: Debian packages, and Python
packages into a cache outside the repository. Needs a release build: deploy/build.sh

A quick look: compare.py --peers webdis --rounds 1 --seconds 2
"""
import argparse
import os
import random
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True

import peers  # noqa: E402
import plot  # noqa: E402
import private_redis  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
import service  # noqa: E402
import tools  # noqa: E402
from place import Place  # noqa: E402
from processes import Stage, free_port  # noqa: E402
from recorder import Recorder, RecordingProxy  # noqa: E402
from redis_wire import Redis  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/token-budget"))
    parser.add_argument("--peers", type=_names, default=list(peers.NAMES), help=f"some of {','.join(peers.NAMES)}")
    parser.add_argument("--connections", type=_numbers, default=[1, 16, 64, 256])
    parser.add_argument("--output", help="write PATH.md, PATH.svg and PATH.json, too", metavar="PATH")
    chosen = parser.parse_args()
    chosen.binary = tools.built(parser, chosen.binary)
    return chosen


def _names(text):
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(peers.NAMES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def _numbers(text):
    numbers = [int(number) for number in text.split(",")]
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError("at least one connection")
    return numbers


def start_peers(names, place, stage):
    """The peers that are up, and why others are not: a comparison with fewer of them is still one."""
    up, absent = [], {}
    for name in names:
        peer = peers.peer(name, place)
        try:
            peer.install()
            stage.add(peer.start())
            up.append(peer)
            tools.say(f"{peer.title} is up")
        except (RuntimeError, OSError) as error:
            absent[peer.title] = str(error)
            tools.say(f"without {peer.title}: {error}")
    return up, absent


def set_scene(binary, place, stage, redis_server, seconds):
    proxy = RecordingProxy(place.redis_port)
    ours = stage.add(service.start("token-budget", binary, place, place.redis_port))
    recorded = stage.add(service.start("token-budget-recorded", binary, place, proxy.port))
    return rounds.Scene(place, stage, Redis(place.redis_port), redis_server, ours, Recorder(proxy, recorded), seconds)


def run(chosen, scene, up, absent):
    """All rounds; the figures by subject and number of connections, and those of Redis alone. A peer that fails on the way joins
    the absent ones, and its figures go with it."""
    everybody = rounds.subjects(scene, up)
    loads = {(subject.key, connections): [] for connections in chosen.connections for subject in everybody}
    alone = []
    for number in range(1, chosen.rounds + 1):
        for connections in chosen.connections:
            # Who follows whom matters: the machine is slower after some loads than after others.
            for subject in random.Random(f"{number} {connections}").sample(everybody, len(everybody)):
                if subject.title not in absent and (figures := measure(scene, subject, connections, absent)):
                    loads[subject.key, connections].append(figures)
                    tools.say(report.line(number, subject, connections, figures))
        alone.append(rounds.redis_alone(scene))
        tools.say(report.line_alone(number, alone[-1]))
    return [subject for subject in everybody if subject.title not in absent], loads, alone


def measure(scene, subject, connections, absent):
    """One load; None of a peer that fails."""
    try:
        return rounds.measure(scene, subject, connections)
    except rounds.PeerFailed as error:
        absent[subject.title] = f"at {connections} connections: {error}"
        tools.say(f"from here on without {subject.title}: {error}")
        return None


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    tools.install_packages({"redis-server": "/usr/bin/redis-server", "wrk": "/usr/bin/wrk"})
    folder = tempfile.mkdtemp(prefix="token-budget-peers-")
    stage = Stage()
    redis_server = None
    try:
        os.chmod(folder, 0o755)  # nginx' worker is another user
        place = Place(folder, free_port())
        redis_server = private_redis.start("redis", place)
        scene = set_scene(chosen.binary, place, stage, redis_server, chosen.seconds)
        up, absent = start_peers(chosen.peers, place, stage)
        # Before the rounds: the commit is that of the programs that run in them, whatever is edited meanwhile.
        conditions = report.conditions(ROOT, chosen, scene.redis, up)
        everybody, loads, alone = run(chosen, scene, up, absent)
    finally:
        stage.stop()
        if redis_server:
            redis_server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    summary = report.summarize({**conditions, "absent": absent}, everybody, loads, alone)
    print(report.markdown(summary))
    if chosen.output:
        report.write(chosen.output, summary, report.markdown, plot.svg(summary))
    sys.exit(1 if summary["own_faults"] else 0)


if __name__ == "__main__":
    main()
