/// The policy that most tests start from.
enum Example {
    static let policy = """
        # for everyone who signs up
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: daily-tokens, unit: tokens, limit: 10000, window: day, per: [user]}  # see the price page
          pro:
            allowances:
              - {name: daily-tokens, unit: tokens, limit: 50000, window: day, per: [user]}
        """

    /// The same with another limit for tier free.
    static func policy(limit: Int) -> String { policy.replacing("limit: 10000", with: "limit: \(limit)") }
}
