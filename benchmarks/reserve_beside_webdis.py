#!/usr/bin/env python3
"""Reserve over HTTP, beside webdis running the very same script on the same Redis, in alternating rounds of one run.

webdis is a thin HTTP server in C in front of Redis: no JSON, no policy, no plan. It gets the EVALSHA command that the service
itself sends (captured with MONITOR), with user and reservation names varied as the service varies them. Each round starts on an
empty Redis. After each round the holds in Redis are counted against the counters: "ledger mismatches" is the number of counters
that are not the exact sum of their holds.

Needs Debian's wrk, webdis and redis-server, and a release build: swift build -c release --product token-budget
Usage: benchmarks/reserve_beside_webdis.py [--binary .build/release/token-budget] [--rounds 5] [--seconds 4]
"""
import argparse
import datetime
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

USERS = 1000
POLICY = """
default_tier: free
allowances:
  - {name: company, unit: usd, limit: 90000000, window: month, per: []}
tiers:
  free:
    allowances:
      - {name: daily, unit: tokens, limit: 900000000000, window: day, soft_limit: 80%}
      - {name: hourly, unit: requests, limit: 900000000, window: hour}
      - {name: monthly, unit: usd, limit: 90000000, window: month}
    degrade_to: [gpt-4o-mini]
prices:
  gpt-4o: {input: 2.50, output: 10.00, max_output_tokens: 16384}
  gpt-4o-mini: {input: 0.15, output: 0.60, max_output_tokens: 16384}
"""
OURS = """
wrk.method = 'POST'; wrk.headers['content-type'] = 'application/json'
local n = 0
request = function()
  n = n + 1
  return wrk.format(nil, '/v1/reserve', nil, '{"user":"u_' .. (n %% %d) ..
    '","feature":"chat","model":"gpt-4o","input_tokens":1500,"max_output_tokens":500,"ttl_seconds":3600}')
end
"""
WEBDIS = """
wrk.method = 'POST'
local n, head, middle, tail = 0, %s, %s, %s
request = function()
  n = n + 1
  local user = 'u_' .. (n %% %d)
  return wrk.format(nil, '/', nil, head .. user .. middle .. user .. '%%3A.x' .. n .. tail)
end
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Redis:
    """A few commands over a plain socket; no client library is needed."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest

    def __call__(self, *words):
        self.send(*words)
        return self.read()


def unescape(text):
    """The arguments of a MONITOR line: "..." with \\xHH, \\n and so on."""
    return [re.sub(rb"\\x([0-9a-f]{2})|\\(.)", lambda m: bytes([int(m[1], 16)]) if m[1] else
                   {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}.get(m[2], m[2]), raw)
            for raw in re.findall(rb'"((?:[^"\\]|\\.)*)"', text)]


def captured_reserve(port, redis_port):
    """The EVALSHA that the service sends for one reserve of the user `u_1`."""
    monitor = Redis(redis_port)
    monitor("MONITOR")
    body = {"user": "u_1", "feature": "chat", "model": "gpt-4o", "input_tokens": 1500, "max_output_tokens": 500, "ttl_seconds": 3600}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/reserve", json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    print("one decision of the service:", json.load(urllib.request.urlopen(request))["decision"])
    while True:
        line = monitor.file.readline()
        if b"EVALSHA" in line and b":r:u_1:" in line and b" lua]" not in line:
            return unescape(line)


def webdis_script(arguments):
    quote = lambda b: urllib.parse.quote(b, safe="")
    keys = int(arguments[2])
    user_key, reservation_key = arguments[3], arguments[4]
    prefix = user_key[: -len(b"u_1")]
    head = "EVALSHA/" + quote(arguments[1]) + "/" + str(keys) + "/" + quote(prefix)
    middle = "/" + quote(reservation_key.split(b"u_1:")[0])
    tail = "/" + "/".join(quote(a) for a in arguments[5:]) + ".json"
    return WEBDIS % (json.dumps(head), json.dumps(middle), json.dumps(tail), USERS)


def wrk(url, script, connections, seconds, folder):
    path = os.path.join(folder, "wrk.lua")
    with open(path, "w") as f:
        f.write(script)
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", path, url],
                         capture_output=True, text=True, check=True).stdout
    unit = {"us": 1, "ms": 1000, "s": 1e6}

    def latency(p):
        m = re.search(rf"{p}%\s+([\d.]+)(us|ms|s)", out)
        return float(m[1]) * unit[m[2]]

    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), "p50": latency(50), "p99": latency(99),
            "errors": int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])}


def cpu_seconds(process):
    """User and system time a child has used so far."""
    with open(f"/proc/{process.pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def script_microseconds(redis):
    """Redis' own account of an EVALSHA since the last CONFIG RESETSTAT."""
    line = next(l for l in redis("INFO", "commandstats").split(b"\r\n") if l.startswith(b"cmdstat_evalsha:"))
    return float(re.search(rb"usec_per_call=([\d.]+)", line)[1])


def mismatches(redis):
    """Counters whose held amount is not the sum over their holds."""
    held = {}
    cursor = b"0"
    holds = 0
    while True:
        cursor, keys = redis("SCAN", cursor, "MATCH", "tb:*:r:*", "COUNT", 1000)
        for key in keys:
            redis.send("GET", key)
        for key in keys:
            record = redis.read()
            holds += 1
            user = key.split(b":r:")[1].rsplit(b":", 1)[0]
            at = 27
            tokens_in, tokens_out, cost = struct.unpack_from("<ddd", record, at)
            amounts = {1: tokens_in + tokens_out, 2: tokens_in, 3: tokens_out, 4: cost, 5: 1, 6: 1}
            at = 77
            for width in ("B", "B", "<H", "<H"):
                size = struct.unpack_from(width, record, at)[0]
                at += struct.calcsize(width) + size
            count, at = record[at], at + 1
            for _ in range(count):
                unit, at = record[at], at + 7
                size = struct.unpack_from("<H", record, at)[0]
                place, at = record[at + 2: at + 2 + size], at + 2 + size
                name = place if unit >= 128 else user + b"/" + place
                held[name] = held.get(name, 0) + amounts[unit % 128]
        if cursor == b"0":
            break
    users = {key.split(b":u:")[1]: key for key in redis("KEYS", "tb:*:u:*")}
    wrong = 0
    for name, amount in held.items():
        if b"/" in name:
            user, field = name.split(b"/", 1)
            value = redis("HGET", users[user], field)
        else:
            value = redis("GET", name)
        wrong += struct.unpack_from("<d", value, 20)[0] != amount
    return holds, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=".build/release/token-budget")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--output", help="write the table to this file, too")
    options = parser.parse_args()
    for program in ("wrk", "webdis", "redis-server"):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: apt-get install {program}")
    folder = tempfile.mkdtemp(prefix="tb-bench-")
    children = []
    try:
        redis_port, port, control, webdis_port = (free_port() for _ in range(4))

        def start(*words):
            children.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            return children[-1]

        start("redis-server", "--port", str(redis_port), "--save", "", "--appendonly", "no", "--dir", folder)
        time.sleep(0.5)
        policy = os.path.join(folder, "policy.yaml")
        with open(policy, "w") as f:
            f.write(POLICY)
        servers = {}
        servers["token-budget"] = start(options.binary, "serve", "--policy", policy, "--redis-url", f"redis://127.0.0.1:{redis_port}/0", "--listen",
              f"127.0.0.1:{port}", "--control-listen", f"127.0.0.1:{control}", "--event-loops", "1")
        config = os.path.join(folder, "webdis.json")
        with open(config, "w") as f:
            json.dump({"redis_host": "127.0.0.1", "redis_port": redis_port, "http_host": "127.0.0.1", "http_port": webdis_port,
                       "threads": 1, "pool_size": 1, "daemonize": False, "verbosity": 0, "logfile": os.path.join(folder, "webdis.log")}, f)
        servers["webdis"] = start("webdis", config)
        time.sleep(1.5)
        redis = Redis(redis_port)
        scripts = {"token-budget": OURS % USERS, "webdis": webdis_script(captured_reserve(port, redis_port))}
        urls = {"token-budget": f"http://127.0.0.1:{port}", "webdis": f"http://127.0.0.1:{webdis_port}"}
        results = {(name, c): [] for name in scripts for c in (64, 1)}
        wrong_total = 0
        for round_number in range(options.rounds):
            for connections in (64, 1):
                for name in scripts:
                    redis("FLUSHALL")
                    redis("CONFIG", "RESETSTAT")
                    before = cpu_seconds(servers[name])
                    figures = wrk(urls[name], scripts[name], connections, options.seconds, folder)
                    figures["script"] = script_microseconds(redis)
                    spent = cpu_seconds(servers[name]) - before
                    holds, wrong = mismatches(redis)
                    figures["cpu"] = spent / max(holds, 1) * 1e6
                    wrong_total += wrong
                    results[(name, connections)].append(figures)
                    print(f"round {round_number + 1} {name:13} c={connections:<3} {figures['rate']:9.0f}/s p50 {figures['p50']:7.0f} us "
                          f"p99 {figures['p99']:6.0f} us cpu {figures['cpu']:3.0f} us script {figures['script']:4.1f} us errors {figures['errors']} "
                          f"holds {holds} mismatches {wrong}", flush=True)
        report = table(results, options, wrong_total)
        print("\n" + report)
        if options.output:
            with open(options.output, "w") as f:
                f.write(report)
        sys.exit(1 if wrong_total else 0)
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            child.wait()
        shutil.rmtree(folder, ignore_errors=True)


def table(results, options, wrong):
    median = lambda name, c, field: statistics.median(r[field] for r in results[(name, c)])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    version = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout.split()[2]
    lines = ["# Reserve over HTTP beside webdis", "",
             "The same four-allowance reserve script on one Redis; medians of alternating rounds of one run. "
             "Repeat with `benchmarks/reserve_beside_webdis.py`.", "",
             f"{datetime.date.today()}, commit {commit}, {os.cpu_count()} cores ({platform.machine()}) shared by wrk, server and Redis, "
             f"Redis {version}, {options.rounds} rounds of {options.seconds} s.", "",
             "| connections | figure | token-budget | webdis | ratio |", "|---|---|---|---|---|"]
    rows = [(c, field, label) for c in (64, 1) for field, label in (
        ("rate", "decisions/s"), ("p50", "p50, us"), ("p99", "p99, us"), ("cpu", "CPU of the HTTP process, us/decision"),
        ("script", "script in Redis, us"))]
    for c, field, label in rows:
        ours, theirs = median("token-budget", c, field), median("webdis", c, field)
        lines.append(f"| {c} | {label} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} |")
    errors = sum(r["errors"] for rounds in results.values() for r in rounds)
    lines += ["", f"Errors: {errors}. Ledger mismatches: {wrong}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
