import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Counters that many users share can be seen, and what shadow allowances would have done.
@Suite struct SharedAllowanceTests {
    static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: tokens, limit: 100000, window: day, per: []}
          - {name: by-feature, unit: tokens, limit: 5000, window: hour, per: [feature]}
          - {name: staging, unit: tokens, limit: 700, window: day, per: [environment], match: {environment: staging}}
          - {name: someday, unit: tokens, limit: 150, window: day, per: [], shadow: true}
        tiers:
          free:
            allowances:
              - {name: tier-pool, unit: requests, limit: 10, window: day, per: [tier]}
              - {name: strict, unit: tokens, limit: 100, window: day, shadow: true}
              - {name: answers, unit: output_tokens, limit: 0, window: day, shadow: true}
          pro:
            allowances: [{name: strict, unit: tokens, limit: 1000, window: day, shadow: true}]
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """
    private let noon = OpsExample.noon

    private func line(_ state: AllowanceState) -> String {
        "\(state.name)\(state.dimensions.map { ":\($0.value)" }.joined()) \(state.used)+\(state.held)/\(state.limit)"
    }

    @Test func countersAreListedWithWhatIsKnownBeforehandAtZero() async throws {
        let store = try await TestStore(Self.policy, at: noon)
        #expect(
            try await store.allowances().states.map(line) == [
                "company 0+0/100000", "staging:staging 0+0/700", "someday 0+0/150", "tier-pool:free 0+0/10",
            ])
        try await store.spend(50, feature: "search")
        _ = try await store.reserve(OpsExample.request(70, feature: "chat")).get()
        #expect(
            try await store.allowances().states.map(line) == [
                "company 50+70/100000", "staging:staging 0+0/700", "someday 50+70/150", "tier-pool:free 1+1/10",
                "by-feature:chat 0+70/5000", "by-feature:search 50+0/5000",
            ])
    }

    @Test func whatIsOverIsNotShownAndWhatIsGoneLeavesTheList() async throws {
        let store = try await TestStore(Self.policy, at: noon)
        try await store.spend(50)
        try await store.set(time: noon + 3_600_000)
        #expect(try await !store.allowances().states.contains { $0.name == "by-feature" })
        let counter = try counter("by-feature", ["chat"], Policy(yaml: Self.policy))
        let key = String(decoding: Keys.sharedCounter(counter), as: UTF8.self)
        #expect(try await store.redis("SISMEMBER", "tb:shared", key) == .integer(1))
        try await store.redis("DEL", key)
        _ = try await store.allowances()
        #expect(try await store.redis("SISMEMBER", "tb:shared", key) == .integer(0))
    }

    private func counter(_ name: Identifier, _ values: [Identifier], _ policy: Policy) throws -> CounterKey {
        let allowance = try #require(policy.allowances.first { $0.name == name })
        return CounterKey(name: name, identity: CounterKey.identity(of: allowance), isPerUser: false, values: values)
    }

    @Test func theListDoesNotOutgrowWhatItLists() async throws {
        let policy = """
            default_tier: free
            allowances: [{name: by-feature, unit: tokens, limit: 5000, window: hour, per: [feature]}]
            tiers: {free: {allowances: []}}
            prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
            """
        let store = try await TestStore(policy, at: noon)
        for number in 0..<60 {
            let words = ["SADD", "tb:shared"] + (0..<20).map { "tb:c:gone:\(number):\($0)" }
            try await store.redis(words.map { Array($0.utf8) })
        }
        for number in 0..<400 { try await store.spend(1, feature: Identifier("f\(number)")) }
        guard case .integer(let size) = try await store.redis("SCARD", "tb:shared") else { return }
        // Each new counter met four of the list; without that there would be 1,600 and more.
        #expect(size < 1_000)
    }

    @Test func aForeignListUndoesNoDecision() async throws {
        let store = try await TestStore(Self.policy, at: noon)
        try await store.redis("SET", "tb:shared", "x")
        #expect(try await store.reserve(OpsExample.request()).get().kind == .allow)
        #expect(try await store.user("u").get().allowances.first { $0.name == "strict" }?.held == 100)
    }

    // MARK: Shadow

    @Test func aShadowAllowanceCountsWhatItWouldHaveRefused() async throws {
        let store = try await TestStore(Self.policy, at: noon)
        for _ in 0..<3 { #expect(try await store.reserve(OpsExample.request(60)).get().kind == .allow) }
        // 60 fits into 100, 120 and 180 do not; 180 does not fit into 150; no output never counts as refused.
        let shadow = try await store.allowances().shadow
        #expect(
            shadow == [
                .init(name: "someday", tier: nil, wouldReject: 1), .init(name: "strict", tier: "free", wouldReject: 2),
                .init(name: "answers", tier: "free", wouldReject: 0), .init(name: "strict", tier: "pro", wouldReject: 0),
            ])
        let counted = try await store.ask { $1(.success($0.wouldReject)) }.get()
        #expect(counted == [ShadowAllowance(name: "someday", tier: "free"): 1, ShadowAllowance(name: "strict", tier: "free"): 2])
    }

    @Test func aShadowAllowanceThatRefusedNothingYetIsShownAsZero() async throws {
        let store = try await TestStore(Self.policy, at: noon)
        let figures = try await store.ask { store, answer in
            var figures = StoreFigures()
            figures.add(store)
            answer(.success(figures))
        }.get()
        let known = ["someday/free", "strict/free", "answers/free", "someday/pro", "strict/pro"]
        #expect(Set(figures.wouldReject.map { "\($0.key.name)/\($0.key.tier)" }) == Set(known))
        #expect(figures.wouldReject.values.allSatisfy { $0 == 0 })
    }

    @Test func countsOfAllNodesAddUp() async throws {
        let here = try await TestStore(Self.policy, at: noon)
        let there = try await TestStore(Self.policy, at: noon, database: here.database)
        for store in [here, there] {
            _ = try await store.reserve(OpsExample.request(101, user: store === here ? "a" : "b")).get()
        }
        _ = try await there.allowances()
        #expect(try await here.allowances().shadow.first { $0.tier == "free" }?.wouldReject == 2)
    }

    @Test func askingAndRejectingCountNothing() async throws {
        let store = try await TestStore(Self.policy, at: noon)
        _ = try await store.reserve(OpsExample.request(200), holding: false).get()
        #expect(try await store.reserve(OpsExample.request(200_000)).get().kind == .reject)
        #expect(try await store.allowances().shadow.allSatisfy { $0.wouldReject == 0 })
    }
}
