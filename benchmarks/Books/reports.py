#!/usr/bin/env python3
"""Replays a trace of real LLM requests through the service and compares each report with what the trace itself says.

The trace is CSV with the columns TIMESTAMP,ContextTokens,GeneratedTokens (the format of Azure's public LLM inference trace). Its
requests are spread over 500 users, 5 features, 3 tiers and 4 models, some with cached input, some released, and a few non-token
costs are recorded. What every report must show is computed here from the input alone, with Python's decimals and nothing of the
service's, to the microcent: 1e-8 USD.

Needs a build: deploy/build.sh
Exit code 1: a report differs, or the audit is not clean.
"""
import argparse
import collections
import concurrent.futures
import csv
import decimal
import http.client
import io
import itertools
import json
import os
import sys
import tempfile
import time
import urllib.parse

sys.dont_write_bytecode = True
from own_service import Service  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FEATURES = ["chat", "search", "summary", "agents", "=code"]  # the last one must not become a formula in CSV
TIERS = ["free", "pro", "team"]
# USD per million tokens: input, cached input, output.
MODELS = {"gpt-4o": ("2.50", "1.25", "10.00"), "gpt-4o-mini": ("0.15", "0.075", "0.60"),
          "claude-sonnet-4": ("3.00", "0.30", "15.00"), "gemini-2.5-flash": ("0.30", "0.03", "2.50")}
POLICY = "default_tier: free\ntiers:\n" + "".join(
    f"  {tier}: {{allowances: [{{name: monthly, unit: usd, limit: 100000, window: month}}]}}\n" for tier in TIERS
) + "prices:\n" + "".join(
    f"  {model}: {{input: {i}, cached_input: {c}, output: {o}, max_output_tokens: 65536}}\n" for model, (i, c, o) in MODELS.items())
FIGURES = ["requests", "input_tokens", "output_tokens", "tokens", "cost_usd"]
GROUPINGS = ["", "user", "feature", "tier", "model", "day,model", "week,tier", "hour,feature", "month,user", "tier,feature,model",
             "component", "session"]


def requests(rows):
    """What each row of the trace becomes, by its number alone."""
    for number, (context, generated) in enumerate(rows):
        user = (number * 7919) % 500
        yield {"number": number, "user": f"user-{user}", "tier": TIERS[user % 3], "feature": FEATURES[(number // 3) % 5],
               "model": list(MODELS)[(number * 31) % 4], "session": f"s-{number // 8}", "input": context, "output": generated,
               "cached": context // 2 if number % 5 == 0 else 0, "released": number % 97 == 0}


def cost(request):
    """Microcents: exact, rounded up once."""
    fresh, cached, output = (decimal.Decimal(price) for price in MODELS[request["model"]])
    dollars = ((request["input"] - request["cached"]) * fresh + request["cached"] * cached + request["output"] * output) / 1_000_000
    return int((dollars * 10**8).to_integral_value(decimal.ROUND_CEILING))


class Caller:
    """One kept connection."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, method, path, body=None):
        self._connection.request(method, path, None if body is None else json.dumps(body), {"content-type": "application/json"})
        response = self._connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path} {response.status} {text[:300]!r}")
        return text

    def ask(self, method, path, body=None):
        return json.loads(self.call(method, path, body), parse_float=decimal.Decimal)


def replay(port, share):
    """Reserves and settles each request."""
    caller = Caller(port)
    for request in share:
        answer = caller.ask("POST", "/v1/reserve", {
            "user": request["user"], "feature": request["feature"], "session": request["session"], "model": request["model"],
            "input_tokens": request["input"], "max_output_tokens": max(1, request["output"])})
        if request["released"]:
            caller.ask("POST", "/v1/release", {"reservation_id": answer["reservation_id"]})
            continue
        caller.ask("POST", "/v1/commit", {
            "reservation_id": answer["reservation_id"], "latency_ms": 10,
            "usage": {"input_tokens": request["input"], "output_tokens": request["output"], "cached_input_tokens": request["cached"]}})


def record_components(port):
    """GPU hours and the like, which have a cost and no tokens."""
    caller = Caller(port)
    costs = [{"user": f"user-{n}", "tier": TIERS[n % 3], "feature": FEATURES[n % 5], "model": None, "session": None,
              "component": ["gpu_hours", "vector_db"][n % 2], "input": 0, "output": 0, "microcents": 12_345_678 * (n + 1)} for n in range(20)]
    for number, entry in enumerate(costs):
        caller.ask("POST", "/v1/record", {
            "user": entry["user"], "feature": entry["feature"], "idempotency_key": f"component-{number}",
            "component": entry["component"], "cost_usd": entry["microcents"] / 10**8})
    return costs


def bookings(replayed, components):
    for request in replayed:
        if not request["released"]:
            yield {**request, "component": None, "requests": 1, "microcents": cost(request)}
    for entry in components:
        yield {**entry, "requests": 0}


def expected(booked, groups):
    """Figures by the groups' values."""
    sums = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    for entry in booked:
        figures = [entry["requests"], entry["input"], entry["output"], entry["input"] + entry["output"], entry["microcents"]]
        key = tuple(entry[group] for group in groups)
        sums[key] = [a + b for a, b in zip(sums[key], figures)]
    return dict(sums)


def report(control, grouping, window, form="json"):
    query = {"from": window[0], "to": window[1], "format": form}
    if grouping:
        query["group_by"] = grouping
    return control.call("GET", "/v1/usage?" + urllib.parse.urlencode(query)).decode()


def told(rows, groups):
    """The same of a report, periods added up: the trace is replayed faster than it was made."""
    sums = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    for row in rows:
        figures = [int(row[name]) for name in FIGURES[:4]] + [int(decimal.Decimal(row["cost_usd"]) * 10**8)]
        key = tuple(row[group] or None for group in groups)
        sums[key] = [a + b for a, b in zip(sums[key], figures)]
    return dict(sums)


def neutralised(text):
    """As spreadsheets must be given text that looks like a formula."""
    return "'" + text if text and text[0] in "=+-@" else text


def differences(control, booked, window):
    faults = []
    for grouping in GROUPINGS:
        groups = [group for group in grouping.split(",") if group and group not in ("hour", "day", "week", "month")]
        wanted = expected(booked, groups)
        shown = told(json.loads(report(control, grouping, window), parse_float=decimal.Decimal)["rows"], groups)
        table = csv.DictReader(io.StringIO(report(control, grouping, window, "csv")))
        quoted = {tuple(neutralised(value) if value else None for value in key): figures for key, figures in wanted.items()}
        for form, found, right in (("JSON", shown, wanted), ("CSV", told(table, groups), quoted)):
            wrong = sorted(key for key in {*found, *right} if found.get(key) != right.get(key))
            print(f"  {grouping or 'everything':<20} {form:<5} {len(found):>6} rows, {len(wrong)} differ")
            faults += [f"{grouping} {form} {key}: {found.get(key)} reported, {right.get(key)} computed" for key in wrong]
    focus = csv.DictReader(io.StringIO(report(control, "", window, "focus")))
    billed = sum(int(decimal.Decimal(row["EffectiveCost"]) * 10**8) for row in focus)
    if billed != sum(entry["microcents"] for entry in booked):
        faults.append(f"FOCUS: {billed} microcents, {sum(entry['microcents'] for entry in booked)} computed")
    return faults


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", help="CSV: TIMESTAMP,ContextTokens,GeneratedTokens")
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/token-budget"))
    parser.add_argument("--limit", type=int, help="rows at most (default: all)")
    return parser.parse_args()


def main():
    chosen = options()
    with open(chosen.trace, newline="", encoding="utf-8") as file:
        rows = [(int(row["ContextTokens"]), int(row["GeneratedTokens"])) for row in itertools.islice(csv.DictReader(file), chosen.limit)]
    replayed = list(requests(rows))
    with tempfile.TemporaryDirectory(prefix="token-budget-trace-") as folder:
        service = Service(chosen.binary, folder, POLICY)
        service.start()
        try:
            service.wait_until_ready()
            control = Caller(service.ports[1])
            for user in range(500):
                control.ask("PUT", f"/v1/users/user-{user}", {"tier": TIERS[user % 3]})
            start = time.time()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda part: replay(service.ports[0], replayed[part::4]), range(4)))
            components = record_components(service.ports[0])
            service.wait_until_booked()
            window = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (start - 5, time.time() + 5)]
            faults = differences(control, list(bookings(replayed, components)), window)
            audit = control.ask("GET", "/v1/audit")
            print(f"  audit: {audit['checked']}, clean: {audit['clean']}")
            faults += [] if audit["clean"] else [f"the audit is not clean: {audit['differences'][:3]}"]
        finally:
            service.stop()
    print(f"{len(rows)} requests of the trace, ledger mismatches: {len(faults)}")
    for fault in faults[:10]:
        print(" ", fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
