/// Policies the random operations run under, one replaced by another at any moment. Limits are small, so that every step of a
/// decision is reached.
enum RandomPolicies {
    static let all = [base, tighter, otherWindows, shadowed]

    private static let prices = """
        aliases: {best: gpt-4o}
        prices:
          gpt-4o: {input: 2.50, cached_input: 1.25, cache_write_1h: 5, output: 10.00, batch: {input: 1.25, output: 5.00}, max_output_tokens: 900}
          gpt-4o-mini: {input: 0.15, cached_input: 0.075, output: 0.60, reasoning: 0.90, audio_input: 1.1, max_output_tokens: 700}
          nano: {input: 0.0025, output: 0.0035, above: {500: {input: 0.005, output: 0.007}}, per_request: 0.00001, max_output_tokens: 2000}
          free: {input: 0, output: 0}
        """

    static let base = """
        time_zone: Europe/London
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 0.40, window: month, per: [], soft_limit: 90%, overdraft: 20%}
          - {name: team-hour, unit: requests, limit: 40, window: hour, per: [team], time_zone: Asia/Kolkata}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 6000, window: day, soft_limit: 80%, overdraft: 10%}
              - {name: chat, unit: output_tokens, limit: 1500, window: {rolling: 5h}, per: [user, feature], match: {feature: chat}}
              - {name: burst, unit: tokens, limit: 2500, window: {refill: minute}}
              - {name: parallel, unit: in_flight, limit: 4}
            degrade_to: [gpt-4o-mini, nano]
          pro:
            allowances:
              - {name: daily, unit: tokens, limit: 20000, window: day, soft_limit: 50%}
              - {name: money, unit: usd, limit: 0.05, window: {month: 31}, overdraft: 20%, soft_limit: 70%}
              - {name: per-model, unit: tokens, limit: 4000, window: week, per: [user, model]}
              - {name: run, unit: tokens, limit: 5000, window: lifetime, per: [session]}
            degrade_to: [gpt-4o, gpt-4o-mini]
            protected_hours: {days: mon-fri, hours: "09:00-18:00", time_zone: Europe/Berlin, grace: 10%}
        features:
          summarize: {max_output_tokens: 300, degrade_to: [nano]}

        """ + prices

    /// The same counters under other limits.
    static let tighter = """
        time_zone: Europe/London
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 0.05, window: month, per: [], soft_limit: 50%}
          - {name: team-hour, unit: requests, limit: 10, window: hour, per: [team], time_zone: Asia/Kolkata}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 2000, window: day, soft_limit: 30%}
              - {name: chat, unit: output_tokens, limit: 500, window: {rolling: 5h}, per: [user, feature], match: {feature: chat}}
              - {name: burst, unit: tokens, limit: 7, window: {refill: minute}, overdraft: 500%}
              - {name: parallel, unit: in_flight, limit: 2, overdraft: 50%}
          pro:
            allowances:
              - {name: daily, unit: tokens, limit: 9000, window: day}
              - {name: input, unit: input_tokens, limit: 3000, window: minute}
              - {name: only-mini, unit: requests, limit: 5, window: day, match: {model: gpt-4o-mini}}
            degrade_to: [gpt-4o-mini]
        """ + "\n" + prices

    /// Counters of the same names over other windows: new ones.
    static let otherWindows = """
        time_zone: America/New_York
        default_tier: pro
        unpriced_models: {price_as: gpt-4o-mini}
        allowances:
          - {name: company, unit: usd, limit: 0.30, window: week, per: [], soft_limit: 90%, overdraft: 20%}
        tiers:
          free:
            allowances:
              - {name: slow, unit: tokens, limit: 5000, window: {refill: 7d}}
              - {name: money, unit: usd, limit: 0.02, window: {rolling: 90m}}
            degrade_to: [nano]
          pro:
            allowances:
              - {name: daily, unit: tokens, limit: 30000, window: day}
              - {name: per-team, unit: usd, limit: 0.10, window: day, per: [team, environment]}
              - {name: forever, unit: requests, limit: 60, window: lifetime}
        """ + "\n" + prices

    static let shadowed = """
        time_zone: Pacific/Apia
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 50, window: day, shadow: true}
              - {name: session-day, unit: tokens, limit: 3000, window: day, per: [user, session]}
            degrade_to: [gpt-4o-mini, free]
          pro:
            allowances:
              - {name: daily, unit: tokens, limit: 40, window: day, shadow: true}
              - {name: plan-minute, unit: requests, limit: 3, window: minute, per: [plan, user]}
        """ + "\n" + prices
}
