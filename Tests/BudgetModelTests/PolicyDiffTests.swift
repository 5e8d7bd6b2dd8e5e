import Testing

@testable import BudgetModel

/// What another policy changes, in the words of those who write policies.
@Suite struct PolicyDiffTests {
    private static let base = """
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 15000, window: month, per: []}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 50000, window: day, soft_limit: 80%}
              - {name: burst, unit: tokens, limit: 900, window: {refill: minute}}
              - {name: parallel, unit: in_flight, limit: 4}
            degrade_to: [mini]
            protected_hours: {days: mon-fri, hours: "09:00-18:00", grace: 10%}
          pro:
            allowances:
              - {name: monthly, unit: usd, limit: 20, window: {month: 15}}
        features: {chat: {max_output_tokens: 800}}
        prices:
          gpt-4o: {input: 2.50, output: 10, above: {200000: {input: 5}}, batch: {input: 1.25}}
          mini: {input: 0.15}
        aliases: {latest: gpt-4o}
        alerts: [{name: near, on: allowance, at: [80%], send: hook}]
        destinations: {hook: {type: webhook, url: "https://example.com"}}
        """

    private func diff(_ old: String, _ new: String, in text: String = base) throws -> [PolicyChange] {
        try #require(text.contains(old))
        return PolicyDiff(from: try Policy(yaml: text), to: try Policy(yaml: text.replacing(old, with: new))).changes
    }

    /// Expects one change, told like this.
    private func expect(
        _ old: String, _ new: String, path: String, _ from: String?, _ to: String?, _ text: String, effect: String? = nil,
        kind: PolicyChange.Kind? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let kind = kind ?? (from == nil ? .added : to == nil ? .removed : .changed)
        let change = PolicyChange(path: path, kind: kind, from: from, to: to, text: text, effect: effect)
        #expect(try diff(old, new) == [change], sourceLocation: sourceLocation)
    }

    private static let newCounter = "starts a new counter: what was used so far does not count"

    // MARK: Allowances

    @Test func aLimitIsToldWithItsGrowth() throws {
        let path = "tiers.free.allowances.daily.limit"
        try expect(
            "50000", "60000", path: path, "50000", "60000", "tier free, allowance daily: limit 50,000 -> 60,000 tokens (+20 %)",
            effect: "more tokens for tier free")
        try expect(
            "50000", "100", path: path, "50000", "100", "tier free, allowance daily: limit 50,000 -> 100 tokens (-99.8 %)",
            effect: "fewer tokens for tier free")
        try expect(
            "15000", "0.5", path: "allowances.company.limit", "15000", "0.5",
            "allowance company: limit $15,000 -> $0.50 (-99.9 %)", effect: "less money for everyone it matches")
        try expect(
            "limit: 4}", "limit: 5}", path: "tiers.free.allowances.parallel.limit", "4", "5",
            "tier free, allowance parallel: limit 4 -> 5 in flight (+25 %)", effect: "more requests at once for tier free")
    }

    @Test func aWindowStartsANewCounter() throws {
        try expect(
            "window: day", "window: week", path: "tiers.free.allowances.daily.window", "day", "week",
            "tier free, allowance daily: window day -> week", effect: Self.newCounter)
        try expect(
            "{month: 15}", "{rolling: 36h}", path: "tiers.pro.allowances.monthly.window", "{month: 15}", "{rolling: 36h}",
            "tier pro, allowance monthly: window {month: 15} -> {rolling: 36h}", effect: Self.newCounter)
        // Only calendars care for a zone: that of a refill starts nothing, and is no difference.
        #expect(try diff("window: {refill: minute}", "window: {refill: minute}, time_zone: Asia/Tokyo").isEmpty)
    }

    @Test func whatACounterIsMadeOfIsToldByItsIdentity() throws {
        let daily = "window: day, soft_limit: 80%"
        try expect(
            daily, daily + ", time_zone: Asia/Tokyo", path: "tiers.free.allowances.daily.time_zone", "UTC", "Asia/Tokyo",
            "tier free, allowance daily: time_zone UTC -> Asia/Tokyo", effect: Self.newCounter)
        try expect(
            daily, daily + ", per: [user, feature]", path: "tiers.free.allowances.daily.per", "[user]", "[user, feature]",
            "tier free, allowance daily: per [user] -> [user, feature]", effect: Self.newCounter)
        try expect(
            "name: daily, unit: tokens", "name: daily, unit: requests", path: "tiers.free.allowances.daily.unit", "tokens",
            "requests", "tier free, allowance daily: unit tokens -> requests",
            effect: Self.newCounter + "; own limits and grants of users in the old unit no longer apply")
        try expect(
            daily, daily + ", match: {feature: chat}", path: "tiers.free.allowances.daily.match", nil,
            "{feature: chat}", "tier free, allowance daily: match none -> {feature: chat}",
            effect: "counts other requests than before, on the same counter")
    }

    @Test func theStepsOfADecisionAreTold() throws {
        let place = "tier free, allowance daily: "
        func path(_ field: String) -> String { "tiers.free.allowances.daily.\(field)" }
        try expect(
            "80%}", "50.5%}", path: path("soft_limit"), "80%", "50.5%", place + "soft_limit 80% -> 50.5%",
            effect: "cheaper models are tried earlier")
        try expect(
            ", soft_limit: 80%", "", path: path("soft_limit"), "80%", nil, place + "soft_limit 80% -> none",
            effect: "cheaper models are tried later")
        try expect(
            "80%}", "80%, overdraft: 5%}", path: path("overdraft"), nil, "5%", place + "overdraft none -> 5%",
            effect: "the last model may go further beyond the limit")
        try expect(
            "80%}", "80%, shadow: true}", path: path("shadow"), "false", "true", place + "shadow false -> true",
            effect: "is counted, but refuses nobody any more")
        try expect(
            "80%}", "80%, required: true}", path: path("required"), "false", "true", place + "required false -> true",
            effect: "requests without one of its dimensions get 422 missing_dimension")
    }

    @Test func anAllowanceComesGoesOrIsRenamed() throws {
        let burst = "      - {name: burst, unit: tokens, limit: 900, window: {refill: minute}}\n"
        let spelled = "{name: burst, unit: tokens, limit: 900, window: {refill: minute}}"
        try expect(
            burst, "", path: "tiers.free.allowances.burst", spelled, nil,
            "tier free, allowance burst: is removed: 900 tokens, window {refill: minute}",
            effect: "its counters are no longer looked at; "
                + "own limits and grants of users under the name burst no longer apply")
        let week = "{name: weekly, unit: usd, limit: 3, window: week, per: [team], overdraft: 5%}"
        try expect(
            burst, burst + "      - \(week)\n", path: "tiers.free.allowances.weekly", nil, week,
            "tier free, allowance weekly: is new: $3, window week", effect: "starts a new counter")
        try expect(
            "name: burst", "name: bucket", path: "tiers.free.allowances.burst.name", "burst", "bucket",
            "tier free, allowance burst: name burst -> bucket",
            effect: Self.newCounter + "; own limits and grants of users under the name burst no longer apply")
    }

    @Test func aCounterThatTiersShareGoesOn() throws {
        let monthly = "{name: monthly, unit: usd, limit: 20, window: {month: 15}}"
        let added = try diff("limit: 4}\n", "limit: 4}\n      - \(monthly)\n")
        #expect(added.map(\.path) == ["tiers.free.allowances.monthly"])
        #expect(added.first?.effect == "goes on with the counter of that name: what was used so far counts")
        let both = Self.base.replacing("limit: 4}\n", with: "limit: 4}\n      - \(monthly)\n")
        let removed = PolicyDiff(from: try Policy(yaml: both), to: try Policy(yaml: Self.base)).changes
        #expect(removed.map(\.effect) == ["its counter goes on where the name still stands"])
    }

    @Test func anotherOrderIsTold() throws {
        let first = "      - {name: burst, unit: tokens, limit: 900, window: {refill: minute}}\n"
        let second = "      - {name: parallel, unit: in_flight, limit: 4}\n"
        try expect(
            first + second, second + first, path: "tiers.free.allowances", "[daily, burst, parallel]",
            "[daily, parallel, burst]", "tier free: order [daily, burst, parallel] -> [daily, parallel, burst]",
            effect: "answers name the first allowance concerned in this order")
    }

    @Test func theTimeZoneStartsNewCountersOfCalendarsAlone() throws {
        let changes = try diff("default_tier", "time_zone: Europe/Berlin\ndefault_tier")
        #expect(
            changes.filter { $0.effect == Self.newCounter }.map(\.path) == [
                "allowances.company.time_zone", "tiers.free.allowances.daily.time_zone", "tiers.pro.allowances.monthly.time_zone",
            ])
        #expect(changes.first?.text == "time_zone UTC -> Europe/Berlin")
        #expect(changes.first?.effect == "every calendar window without a time_zone of its own starts a new counter")
        #expect(changes.map(\.path).contains("tiers.free.protected_hours.time_zone"))
        #expect(changes.count == 5)
    }

    // MARK: Tiers and features

    @Test func aTierComesOrGoes() throws {
        try expect(
            "  pro:\n", "  team: {degrade_to: [mini]}\n  pro:\n", path: "tiers.team", nil, nil,
            "tier team: is new, with no allowance of its own, degrade_to [mini]", kind: .added)
        let pro = "  pro:\n    allowances:\n      - {name: monthly, unit: usd, limit: 20, window: {month: 15}}\n"
        try expect(
            pro, "", path: "tiers.pro", nil, nil, "tier pro: is removed, with the allowance monthly",
            effect: "users assigned to it get 422 unknown_tier until they are reassigned", kind: .removed)
        try expect(
            "default_tier: free", "default_tier: pro", path: "default_tier", "free", "pro", "default_tier free -> pro",
            effect: "requests without a tier count as tier pro")
    }

    @Test func theFieldsOfATierAreTold() throws {
        let ladder = "    degrade_to: [mini]\n"
        try expect(
            ladder, "", path: "tiers.free.degrade_to", "[mini]", nil, "tier free: degrade_to [mini] -> none",
            effect: "no cheaper model is tried")
        try expect(
            ladder, ladder + "    message: Enough.\n", path: "tiers.free.message", nil, "Enough.",
            "tier free: message none -> \"Enough.\"")
        try expect(
            ladder, ladder + "    max_output_tokens: 500\n", path: "tiers.free.max_output_tokens", nil, "500",
            "tier free: max_output_tokens none -> 500")
        try expect(
            ladder, ladder + "    when_store_is_down: allow\n", path: "tiers.free.when_store_is_down", "reject", "allow",
            "tier free: when_store_is_down reject -> allow")
        let cap = "{unit: usd, limit: 0.5, window: hour}"
        try expect(
            ladder, ladder + "    store_down_cap: \(cap)\n", path: "tiers.free.store_down_cap", nil, cap,
            "tier free: store_down_cap none -> \(cap)")
    }

    @Test func protectedHoursAreTold() throws {
        let place = "tier free, protected hours: "
        try expect(
            "mon-fri", "\"sat,mon\"", path: "tiers.free.protected_hours.days", "mon-fri", "mon,sat", place + "days mon-fri -> mon,sat")
        try expect(
            "18:00", "19:30", path: "tiers.free.protected_hours.hours", "09:00-18:00", "09:00-19:30",
            place + "hours 09:00-18:00 -> 09:00-19:30")
        try expect(
            "grace: 10%", "grace: 5%", path: "tiers.free.protected_hours.grace", "10%", "5%", place + "grace 10% -> 5%")
        let hours = #"{days: mon-fri, hours: "09:00-18:00", time_zone: UTC, grace: 10%}"#
        try expect(
            "    protected_hours: {days: mon-fri, hours: \"09:00-18:00\", grace: 10%}\n", "", path: "tiers.free.protected_hours",
            hours, nil, "tier free: protected_hours \(hours) -> none", effect: "limits hold at every hour for tier free")
    }

    @Test func featuresAreTold() throws {
        try expect(
            "max_output_tokens: 800", "max_output_tokens: 900", path: "features.chat.max_output_tokens", "800", "900",
            "feature chat: max_output_tokens 800 -> 900")
        try expect(
            "800}", "800, degrade_to: []}", path: "features.chat.degrade_to", nil, "[]",
            "feature chat: degrade_to none -> []", effect: "goes before the ladder of the user's tier")
        #expect(try diff("{chat:", "{empty: {}, chat:").isEmpty)
    }

    // MARK: Prices, alerts, destinations

    @Test func pricesAreTold() throws {
        let effect = "holds made before keep the old rate"
        try expect(
            "2.50", "3", path: "prices.gpt-4o.input", "2.5", "3", "model gpt-4o: input $2.50 -> $3.00 per million tokens",
            effect: effect)
        try expect(
            "{input: 5}", "{input: 5.125}", path: "prices.gpt-4o.above.200000.input", "5", "5.125",
            "model gpt-4o: above.200000.input $5.00 -> $5.125 per million tokens", effect: effect)
        try expect(
            "{input: 1.25}", "{}", path: "prices.gpt-4o.batch.input", "1.25", nil,
            "model gpt-4o: batch.input $1.25 -> none per million tokens", effect: effect)
        try expect(
            "{input: 0.15}", "{input: 0.15, max_output_tokens: 5}", path: "prices.mini.max_output_tokens", nil, "5",
            "model mini: max_output_tokens none -> 5")
        try expect(
            "aliases", "  a.b: {input: 1, output: 2.5}\naliases", path: "prices[\"a.b\"]", nil, "{input: 1, output: 2.5}",
            "model a.b: has a price: input $1.00, output $2.50 per million tokens")
        let text = Self.base.replacing("[mini]", with: "[gpt-4o]")
        #expect(
            try diff("  mini: {input: 0.15}\n", "", in: text).map(\.effect) == [
                "without another price it gets 422 unpriced_model where an allowance in usd applies"
            ])
    }

    @Test func aliasesAndUnpricedModelsAreTold() throws {
        try expect("gpt-4o}", "mini}", path: "aliases.latest", "gpt-4o", "mini", "alias latest: gpt-4o -> mini")
        try expect(
            "aliases:", "unpriced_models: {price_as: mini}\naliases:", path: "unpriced_models", nil, "{price_as: mini}",
            "unpriced_models none -> {price_as: mini}", effect: "models without a price cost what mini does")
        try expect(
            "aliases:", "unpriced_models: reject\naliases:", path: "unpriced_models", nil, "reject", "unpriced_models none -> reject",
            effect: "models without a price get 422 unpriced_model where an allowance in usd applies")
    }

    @Test func alertsAndDestinationsAreTold() throws {
        try expect("[80%]", "[80%, 90%]", path: "alerts.near.at", "[80%]", "[80%, 90%]", "alert near: at [80%] -> [80%, 90%]")
        let big = "{on: request, above_usd: 1, send: hook}"
        try expect(
            "alerts: [", "alerts: [{name: big, \(big.dropFirst()), ", path: "alerts.big", nil, big,
            "alert big: is new: \(big)")
        #expect(
            try diff("on: allowance, at: [80%]", "on: spend_rate, window: hour, times_normal: 2.5").map(\.path) == [
                "alerts.near.on", "alerts.near.window", "alerts.near.times_normal", "alerts.near.at",
            ])
        try expect(
            "https://example.com", "https://example.org", path: "destinations.hook.url", "https://example.com",
            "https://example.org", "destination hook: url https://example.com -> https://example.org")
        try expect(
            "{hook:", "{ops: {type: slack, url_env: SLACK}, hook:", path: "destinations.ops", nil,
            "{type: slack, url_env: SLACK}", "destination ops: is new: {type: slack, url_env: SLACK}")
    }

    // MARK: All of them

    @Test func thereIsNoneBetweenTwoWaysToWriteTheSame() throws {
        for text in [Self.base, PolicyExampleTests.text] {
            let document = try PolicyDocument(text: text)
            let again = try Policy(yaml: String(decoding: document.json, as: UTF8.self))
            #expect(PolicyDiff(from: document.policy, to: again).isEmpty)
        }
        #expect(try diff("output: 10,", "output: 10.0,").isEmpty)
    }

    @Test func thereAndBackChangesTheSamePlaces() throws {
        let (a, b) = (try Policy(yaml: Self.base), try Policy(yaml: PolicyExampleTests.text))
        let (there, back) = (PolicyDiff(from: a, to: b).changes, PolicyDiff(from: b, to: a).changes)
        #expect(Set(there.map(\.path)) == Set(back.map(\.path)))
        #expect(there.count == Set(there.map(\.path)).count)
        #expect(PolicyDiff(from: a, to: b) == PolicyDiff(from: a, to: b))
        #expect(there.count { $0.kind == .added } == back.count { $0.kind == .removed })
    }

    @Test func itsJSONLeavesOutWhatIsNotThere() throws {
        let old = try Policy(yaml: "tiers: {a: {}, b: {message: \"x\"}}")
        let new = try Policy(yaml: "tiers: {b: {message: \"y\\n\"}}")
        let json = String(decoding: PolicyDiff(from: old, to: new).json, as: UTF8.self)
        #expect(
            json == #"[{"path":"tiers.a","kind":"removed","text":"tier a: is removed, with no allowance of its own","#
                + #""effect":"users assigned to it get 422 unknown_tier until they are reassigned"},"#
                + #"{"path":"tiers.b.message","kind":"changed","from":"x","to":"y\n","text":"tier b: message \"x\" -> \"y\\u{a}\""}]"#)
        #expect(PolicyDiff(from: old, to: old).json == Array("[]".utf8))
    }
}
