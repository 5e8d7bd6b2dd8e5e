import TestSupport

/// What the tests of users start from.
enum Shop {
    static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 15000, window: month, per: []}
        tiers:
          free:
            allowances:
              - {name: daily-tokens, unit: tokens, limit: 10000, window: day}
              - {name: daily-usd, unit: usd, limit: 5, window: day}
              - {name: chat, unit: tokens, limit: 5000, window: day, per: [user, feature]}
              - {name: parallel, unit: in_flight, limit: 4}
          pro:
            allowances: [{name: daily-tokens, unit: tokens, limit: 90000, window: day}]
        prices: {gpt-4o: {input: 2.50, output: 10.00, max_output_tokens: 16384}}
        """
    static let noon = TestStore.noon
}
