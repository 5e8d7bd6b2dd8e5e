import TestSupport

/// Policy and bodies that most tests start from.
enum Example {
    static let policy = """
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: daily-tokens, unit: tokens, limit: 10000, window: day, per: [user]}
              - {name: daily-usd, unit: usd, limit: 5, window: day, per: [user]}
        prices:
          gpt-4o: {input: 2.50, cached_input: 1.25, cache_write: 2.50, output: 10.00, max_output_tokens: 16384}
          claude: {input: 3, cached_input: 0.3, cache_write: 3.75, output: 15, max_output_tokens: 8192}
        """

    /// Tokens only, so that models need no price.
    static let tokensOnly = """
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: daily-tokens, unit: tokens, limit: 10000, window: day, per: [user]}
        """

    /// Needs 2,000 tokens, 0.00875 dollars.
    static let reserve: JSON = ["user": "u_42", "model": "gpt-4o", "input_tokens": 1_500, "max_output_tokens": 500]
    static let usage: JSON = ["input_tokens": 1_500, "output_tokens": 321, "cached_input_tokens": 1_000]
}
