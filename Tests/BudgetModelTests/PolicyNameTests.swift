import BudgetModel
import Testing

@Suite struct PolicyNameTests {
    private static let shared = "{name: a, unit: tokens, limit: 5, window: day}"

    @Test(arguments: [
        Refusal("allowances:\n  - \(shared)\n  - \(shared)", line: 3, path: "allowances[1].name", says: "taken by allowances[0]"),
        Refusal(
            "tiers:\n  free:\n    allowances:\n      - \(shared)\n      - \(shared)", line: 5,
            path: "tiers.free.allowances[1].name", says: "taken by tiers.free.allowances[0] on line 4"),
        Refusal(
            "allowances: [\(shared)]\ntiers: {free: {allowances: [\(shared)]}}", line: 2,
            path: "tiers.free.allowances[0].name", says: "taken by allowances[0] on line 1"),
        Refusal(
            "tiers: {free: {allowances: [\(shared)]}}\nallowances: [\(shared)]", line: 2,
            path: "allowances[0].name", says: "taken by tiers.free.allowances[0] on line 1"),
        Refusal(
            "tiers:\n  free: {allowances: [\(shared)]}\n  pro: {allowances: [{name: a, unit: usd, limit: 5, window: day}]}",
            line: 3, path: "tiers.pro.allowances[0].unit", says: "one name is one counter"),
        Refusal(
            "tiers:\n  free: {allowances: [\(shared)]}\n  pro: {allowances: [{name: a, unit: tokens, limit: 5, window: week}]}",
            line: 3, path: "tiers.pro.allowances[0].window", says: "has another window than at tiers.free.allowances[0]"),
        Refusal(
            "tiers:\n  a: {allowances: [\(shared)]}\n  b: {allowances: [{name: a, unit: tokens, limit: 5, window: day, shadow: true}]}",
            line: 3, path: "tiers.b.allowances[0].shadow", says: "write the same shadow"),
        Refusal(
            "tiers:\n  a: {allowances: [{name: a, unit: tokens, limit: 5, window: day, per: [team]}]}\n  b: {allowances: [\(shared)]}",
            line: 3, path: "tiers.b.allowances[0]", says: "has another per"),
    ])
    func aNameIsRefused(_ refusal: Refusal) { refusal.check() }

    @Test func aRequestMayNotNeedMoreCountersThanAScriptCanNumber() {
        func policy(_ count: Int) -> String {
            let items = (0..<count).map { "{name: a\($0), unit: tokens, limit: 5, window: day, per: [model]}" }
            return
                "prices: {m: {input: 1}, n: {input: 1}}\nallowances: [\(items.joined(separator: ", "))]\ntiers: {free: {degrade_to: [m, n]}}"
        }
        Refusal(policy(84), line: 2, path: "allowances[83]", says: "could need 252 counters").check()
        #expect(throws: Never.self) { try Policy(yaml: policy(83)) }
    }

    @Test func tiersMayDifferInLimits() throws {
        let policy = try Policy(
            yaml: """
                tiers:
                  free: {allowances: [{name: a, unit: tokens, limit: 5, window: day, soft_limit: 80%}]}
                  pro: {allowances: [{name: a, unit: tokens, limit: 50, window: day, overdraft: 20%}]}
                """)
        #expect(policy.tiers.compactMap { $0.value.allowances.first?.limit }.sorted() == [5, 50])
        #expect(policy.defaultTier == nil)
    }

    @Test func graceCountsTowardsTheHighestAmount() {
        let hours = "protected_hours: {hours: \"09:00-18:00\", grace: 10%}"
        Refusal(
            "tiers: {a: {\(hours)}}\nallowances: [{name: a, unit: tokens, limit: 9000000000000000, window: day}]", line: 2,
            path: "allowances[0].limit", says: "write a lower limit, overdraft or grace"
        ).check()
        #expect(throws: Never.self) {
            try Policy(yaml: "tiers: {a: {\(hours)}}\nallowances: [{name: a, unit: in_flight, limit: 9000000000000000}]")
        }
    }
}
