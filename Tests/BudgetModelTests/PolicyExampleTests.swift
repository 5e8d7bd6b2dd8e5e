import Testing

@testable import BudgetModel

/// The example every reader of the documentation starts from.
@Suite struct PolicyExampleTests {
    private let policy: Policy

    init() throws { policy = try Policy(yaml: Self.text, file: "policy.yaml") }

    @Test func itsSectionsAreRead() {
        #expect(policy.timeZone == "America/New_York")
        #expect(policy.defaultTier == "free")
        #expect(policy.catalogue.unpriced == .reject)
        #expect(policy.catalogue.aliases == ["gpt-4o-latest": "gpt-4o"])
        #expect(Set(policy.tiers.keys) == ["free", "enterprise"])
        #expect(policy.features["summarize"]?.maximumOutput == 800)
        #expect(policy.features["summarize"]?.ladder == ["gpt-4o-mini"])
    }

    @Test func itsSharedAllowancesAreRead() {
        var company = allowance("company-monthly", .usd, 1_500_000_000_000, .month(anchorDay: 1), per: [])
        company.softLimit = Percentage(parts: 80_000)
        company.overdraft = Percentage(parts: 20_000)
        var staging = allowance("staging-monthly", .usd, 5_000_000_000, .month(anchorDay: 1), per: [])
        staging.match = [.environment: "staging"]
        #expect(policy.allowances == [company, staging])
    }

    @Test func itsFreeTierIsRead() throws {
        let tier = try #require(policy.tiers["free"])
        var daily = allowance("daily-tokens", .tokens, 50_000, .day)
        daily.softLimit = Percentage(parts: 80_000)
        var chat = allowance("chat-daily", .tokens, 20_000, .day, per: [.user, .feature])
        chat.match = [.feature: "chat"]
        #expect(
            tier.allowances == [
                daily, chat, allowance("burst", .tokens, 10_000, .refill(60_000), zone: "UTC"),
                allowance("five-hour", .usd, 50_000_000, .rolling(18_000_000), zone: "UTC"),
                allowance("parallel", .inFlight, 4, .none, zone: "UTC"),
                allowance("agent-run", .tokens, 200_000, .lifetime, per: [.session], zone: "UTC"),
            ])
        #expect(tier.ladder == ["gpt-4o-mini"])
        #expect(tier.message == "You've reached today's limit. It resets at {resets_at}.")
        #expect(tier.whenStoreIsDown == .reject)
        #expect(tier.storeDownCap == StoreDownCap(unit: .tokens, limit: 100_000, window: .minute))
    }

    @Test func itsEnterpriseTierIsRead() throws {
        let tier = try #require(policy.tiers["enterprise"])
        var monthly = allowance("monthly-usd", .usd, 90_000_000_000, .month(anchorDay: 15))
        monthly.overdraft = Percentage(parts: 20_000)
        #expect(tier.allowances == [monthly])
        #expect(
            tier.protectedHours
                == ProtectedHours(
                    weekdays: [0, 1, 2, 3, 4], start: 540, end: 1_080, timeZone: "Europe/Berlin",
                    grace: Percentage(parts: 10_000)))
    }

    @Test func itsPricesAreRead() throws {
        let large = try #require(policy.catalogue.models["gpt-4o"])
        #expect(large.resolved(.standard, input: 1).cachedInput == 1_250_000_000)
        #expect(large.resolved(.batch, input: 1).output == 5_000_000_000)
        #expect(large.maximumOutput == 16_384)
        let gemini = try #require(policy.catalogue.models["gemini-2.5-pro"])
        #expect(gemini.resolved(.standard, input: 200_000).output == 10_000_000_000)
        #expect(gemini.resolved(.standard, input: 200_001).output == 15_000_000_000)
        #expect(try PriceCatalogue(yaml: policy.catalogue.canonicalText, file: "prices") == policy.catalogue)
    }

    @Test func itsAlertsAreRead() {
        let shares = [50_000, 80_000, 100_000].map { Percentage(parts: $0) }
        #expect(
            policy.alerts == [
                AlertRule(name: "near-limit", trigger: .allowance(at: shares), destination: "ops-slack"),
                AlertRule(name: "hourly", trigger: .spend(window: .hour, above: 10_000_000_000), destination: "ops-slack"),
                AlertRule(name: "big-one", trigger: .request(above: 100_000_000), destination: "pager"),
                AlertRule(name: "spike", trigger: .spendRate(window: .hour, times: 2_000), destination: "pager"),
            ])
        #expect(
            policy.destinations == [
                "ops-slack": .slack(urlVariable: "SLACK_URL"), "pager": .pagerDuty(routingKeyVariable: "PD_KEY"),
                "hook": .webhook(url: "https://example.com/hook", secretVariable: "HOOK_SECRET"),
            ])
    }

    private func allowance(
        _ name: Identifier, _ unit: AllowanceUnit, _ limit: Int64, _ window: Window, per: [Dimension] = [.user],
        zone: String = "America/New_York"
    ) -> Allowance {
        Allowance(
            name: name, unit: unit, limit: limit, window: window, timeZone: zone, per: per, match: [:], softLimit: nil,
            overdraft: .zero, required: false, shadow: false)
    }

    static let text = """
        time_zone: America/New_York          # IANA; default UTC; an allowance may have its own
        default_tier: free
        unpriced_models: reject              # or {price_as: gpt-4o}
        aliases: {gpt-4o-latest: gpt-4o}
        allowances:                          # these count for everyone they match
          - {name: company-monthly, unit: usd, limit: 15000, window: month, per: [], soft_limit: 80%, overdraft: 20%}
          - {name: staging-monthly, unit: usd, limit: 50, window: month, per: [], match: {environment: staging}}
        tiers:
          free:
            allowances:
              - {name: daily-tokens, unit: tokens, limit: 50000, window: day, per: [user], soft_limit: 80%}
              - {name: chat-daily, unit: tokens, limit: 20000, window: day, per: [user, feature], match: {feature: chat}}
              - {name: burst, unit: tokens, limit: 10000, window: {refill: minute}, per: [user]}
              - {name: five-hour, unit: usd, limit: 0.50, window: {rolling: 5h}, per: [user]}
              - {name: parallel, unit: in_flight, limit: 4, per: [user]}
              - {name: agent-run, unit: tokens, limit: 200000, window: lifetime, per: [session]}    # gone 30 days after last use
            degrade_to: [gpt-4o-mini]
            message: "You've reached today's limit. It resets at {resets_at}."     # a placeholder without a value -> the default message
            when_store_is_down: reject       # or allow, degrade; with a cap per node, below
            store_down_cap: {unit: tokens, limit: 100000, window: minute}
          enterprise:
            allowances: [{name: monthly-usd, unit: usd, limit: 900, window: {month: 15}, per: [user], overdraft: 20%}]   # months start on the 15th
            degrade_to: [gpt-4o-mini]
            protected_hours: {days: mon-fri, hours: "09:00-18:00", time_zone: Europe/Berlin, grace: 10%}
        features:
          summarize: {max_output_tokens: 800, degrade_to: [gpt-4o-mini]}
        prices:                              # USD per million tokens; absent in a class: the standard rate; absent there: input
          gpt-4o: {input: 2.50, cached_input: 1.25, cache_write: 2.50, output: 10.00, batch: {input: 1.25, output: 5.00}, max_output_tokens: 16384}
          gpt-4o-mini: {input: 0.15, cached_input: 0.075, output: 0.60, max_output_tokens: 16384}
          gemini-2.5-pro: {input: 1.25, output: 10.00, above: {200000: {input: 2.50, output: 15.00}}}    # more input than this: the whole request at these rates
        alerts:
          - {name: near-limit, on: allowance, at: [50%, 80%, 100%], send: ops-slack}
          - {name: hourly, on: spend, window: hour, above_usd: 100, send: ops-slack}
          - {name: big-one, on: request, above_usd: 1, send: pager}
          - {name: spike, on: spend_rate, window: hour, times_normal: 2, send: pager}
        destinations:
          ops-slack: {type: slack, url_env: SLACK_URL}
          pager: {type: pagerduty, routing_key_env: PD_KEY}
          hook: {type: webhook, url: "https://example.com/hook", secret_env: HOOK_SECRET}
        """
}
