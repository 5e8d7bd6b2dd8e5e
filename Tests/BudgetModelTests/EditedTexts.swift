/// Documents in the layouts that ops use, for edits. Each has the tiers `free` and `pro`.
enum EditedTexts {
    static let all = [flow, block, windows, json, prettyJSON, bracketed]

    /// Every comment of them.
    static let comments = [
        "# The policy of staging.", "# new users", "# Everybody starts here.", "# no card needed", "# The one everybody hits.",
        "# was 40000", "# Counts chat alone.", "# cheap", "# shown as it is", "# Twenty dollars a month.",
        "# Nothing for office hours yet.", "# USD per million tokens.", "# per user", "# Raised in May.", "# Only chat.",
        "# The end of free.", "# The end.", "# one",
    ]

    /// Allowances on one line each, as in the documentation.
    static let flow = """
        # The policy of staging.
        default_tier: free   # new users
        tiers:
          # Everybody starts here.
          free:   # no card needed
            allowances:
              # The one everybody hits.
              - {name: daily, unit: tokens, limit: 50000, window: day, soft_limit: 80%}   # was 40000

              # Counts chat alone.
              - {name: chat, unit: tokens, limit: 20000, window: day, match: {feature: chat}}
              - {name: parallel, unit: in_flight, limit: 4}
            degrade_to: [mini]   # cheap
            message: 'It''s over. It resets at {resets_at}.'   # shown as it is

          # Twenty dollars a month.
          pro:
            allowances:
              - {name: money, unit: usd, limit: 20.50, window: {month: 15}, overdraft: 20%}
            # Nothing for office hours yet.

        # USD per million tokens.
        prices:
          mini: {input: 0.15, output: 0.60}
          nano: {input: 0.05}

        """

    /// A field a line.
    static let block = """
        tiers:
            free:
                allowances:
                - name: daily         # per user
                  unit: tokens
                  # Raised in May.
                  limit: 50000
                  window: day
                # Only chat.
                - name: chat
                  unit: tokens
                  limit: 20000
                  window:
                      rolling: 5h
                  match:
                      feature: chat
                degrade_to:
                - mini
                - nano
                message: |
                    That was all.
                    # of tries: {retry_after_seconds}
                # The end of free.
            pro: {}
        prices: {mini: {input: 1}, nano: {input: 1}}
        # The end.
        """

    static let windows = flow.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")

    static let json =
        #"{"tiers":{"free":{"allowances":[{"name":"daily","unit":"tokens","limit":50000,"window":"day"}],"message":"a \"b\" # c"},"#
        + #""pro":{"degrade_to":["mini"]}},"prices":{"mini":{"input":0.15},"nano":{"input":1}}}"#

    static let prettyJSON = """
        {
          "tiers": {
            "free": {
              "allowances": [
                {"name": "daily", "unit": "tokens", "limit": 50000, "window": "day"},
                {
                  "name": "chat",
                  "unit": "tokens",
                  "limit": 20000,
                  "window": "day"
                }
              ],
              "message": "\\ud83d\\ude42 done"
            },
            "pro": {}
          },
          "prices": {
            "mini": {"input": 0.15},
            "nano": {"input": 1}
          }
        }

        """

    /// YAML with brackets all the way.
    static let bracketed = """
        tiers: {free: {allowances: [{name: daily, unit: tokens, limit: 50000, window: day},   # one
            {name: chat, unit: tokens, limit: 20000, window: day}], degrade_to: [mini, nano]}, pro: {}}
        prices: {mini: {input: 1}, nano: {input: 1}}
        """
}
