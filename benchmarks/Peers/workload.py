"""The work that everybody does: one policy, one request, 1,000 users, and what each reserve and commit must leave in the books."""
import json
from decimal import Decimal

USERS = [f"u_{number}" for number in range(1000)]
INPUT_TOKENS, MAX_OUTPUT_TOKENS, OUTPUT_TOKENS = 1500, 500, 321

# Limits no run reaches: every request is allowed, so that everybody does the same work.
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


def _cost(output_tokens):
    """Dollars by the prices above, as an exact decimal."""
    return (INPUT_TOKENS * Decimal("2.50") + output_tokens * Decimal(10)) / 1_000_000


# What one open hold adds to `held`, and one commit to `used`, of each allowance.
HELD = {"daily": Decimal(INPUT_TOKENS + MAX_OUTPUT_TOKENS), "hourly": Decimal(1),
        "monthly": _cost(MAX_OUTPUT_TOKENS), "company": _cost(MAX_OUTPUT_TOKENS)}
USED = {"daily": Decimal(INPUT_TOKENS + OUTPUT_TOKENS), "hourly": Decimal(1),
        "monthly": _cost(OUTPUT_TOKENS), "company": _cost(OUTPUT_TOKENS)}
SHARED = "company"

# The body of a reserve stands around the user's number, the body of a commit around the reservation's id.
RESERVE_BODY = ('{"user":"u_', '","feature":"chat","model":"gpt-4o","input_tokens":%d,"max_output_tokens":%d,"ttl_seconds":3600}'
                % (INPUT_TOKENS, MAX_OUTPUT_TOKENS))
COMMIT_BODY = ('{"reservation_id":"', '","usage":{"input_tokens":%d,"output_tokens":%d}}' % (INPUT_TOKENS, OUTPUT_TOKENS))
CHAT_BODY = ('{"model":"gpt-4o","user":"u_', '","max_tokens":%d,"messages":[{"role":"user","content":"Hello"}]}' % MAX_OUTPUT_TOKENS)


def reserve_body(user):
    return json.dumps({**json.loads("0".join(RESERVE_BODY)), "user": user}, separators=(",", ":"))


def commit_body(reservation_id):
    return reservation_id.join(COMMIT_BODY)
