import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Policy edits while users are in the midst of things: counters stay, holds settle, nothing goes negative.
@Suite struct EditTests {
    private let noon = OpsExample.noon

    private func policy(_ allowances: String, pro: String = "") -> String {
        """
        default_tier: free
        tiers:
          free: {allowances: [\(allowances)]}
          pro: {allowances: [\(pro)]}
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """
    }

    private func daily(_ limit: Int, _ more: String = "window: day") -> String {
        "{name: daily, unit: tokens, limit: \(limit), \(more)}"
    }

    /// A store with 300 of 1,000 used and 200 held.
    private func begun() async throws -> (store: TestStore, held: ReservationID?) {
        let store = try await TestStore(policy(daily(1_000)), at: noon)
        try await store.spend(300)
        return (store, try await store.reserve(OpsExample.request(200)).get().reservation)
    }

    @Test func aRaisedLimitKeepsWhatWasUsed() async throws {
        let (store, held) = try await begun()
        try await store.use(policy(daily(2_000)))
        let state = try await store.state("daily", of: "u")
        #expect(state?.used == 300 && state?.held == 200 && state?.remaining == 1_500)
        #expect(try await store.reserve(OpsExample.request(1_500)).get().kind == .allow)
        #expect(try await store.commit(OpsExample.commit(held, input: 200)).get().charged.tokens == 200)
    }

    @Test func aLimitLoweredBelowUseRefusesButSettles() async throws {
        let (store, held) = try await begun()
        try await store.use(policy(daily(100)))
        #expect(try await store.state("daily", of: "u")?.remaining == 0)
        #expect(try await store.reserve(OpsExample.request(1)).get().kind == .reject)
        let settled = try await store.commit(OpsExample.commit(held, input: 200)).get()
        #expect(settled.charged.tokens == 200 && settled.allowances.first?.remaining == 0)
        let state = try await store.state("daily", of: "u")
        #expect(state?.used == 500 && state?.held == 0 && state?.remaining == 0)
    }

    @Test func aRenamedAllowanceStartsAnewAndTheOldHoldSettles() async throws {
        let (store, held) = try await begun()
        try await store.use(policy("{name: each-day, unit: tokens, limit: 1000, window: day}"))
        #expect(try await store.user("u").get().allowances.map(\.name) == ["each-day"])
        #expect(try await store.state("each-day", of: "u")?.used == 0)
        #expect(try await store.reserve(OpsExample.request(1_000)).get().kind == .allow)
        #expect(try await store.commit(OpsExample.commit(held, input: 150)).get().charged.tokens == 150)
        #expect(try await store.state("each-day", of: "u")?.used == 0)
    }

    enum Ending: CaseIterable {
        case commit, release, expiry
    }

    @Test(arguments: Ending.allCases) func anAllowanceDeletedWhileHeldHurtsNobody(ending: Ending) async throws {
        let (store, held) = try await begun()
        try await store.use(policy(""))
        switch ending {
        case .commit: #expect(try await store.commit(OpsExample.commit(held, input: 120)).get().charged.tokens == 120)
        case .release: #expect(try await store.release(held?.text ?? "").get().released.tokens == 200)
        case .expiry:
            try await store.set(time: noon + 120_000)
            try await store.sweep("u")
        }
        #expect(try await store.user("u").get().allowances.isEmpty)
        // It comes back as what it has become.
        try await store.use(policy(daily(1_000)))
        let state = try await store.state("daily", of: "u")
        #expect(state?.used == (ending == .commit ? 420 : 300) && state?.held == 0)
    }

    @Test(arguments: ["window: week", "window: {rolling: 24h}", "window: day, time_zone: Asia/Kolkata"])
    func anotherWindowOrZoneIsAnotherCounter(window: String) async throws {
        let (store, held) = try await begun()
        try await store.use(policy(daily(1_000, window)))
        let state = try await store.state("daily", of: "u")
        #expect(state?.used == 0 && state?.held == 0)
        #expect(try await store.reserve(OpsExample.request(1_000)).get().kind == .allow)
        _ = try await store.commit(OpsExample.commit(held, input: 200)).get()
        #expect(try await store.state("daily", of: "u")?.used == 0)
        try await store.use(policy(daily(1_000)))
        #expect(try await store.state("daily", of: "u")?.used == 500)
    }

    @Test func anotherTierMidWindowKeepsWhatWasUsedUnderTheSameName() async throws {
        let store = try await TestStore(policy(daily(1_000), pro: daily(9_000)), at: noon)
        try await store.spend(300)
        let held = try await store.reserve(OpsExample.request(200)).get().reservation
        let account = try await store.assign(UserChange { $0.tier = .set("pro") }, to: "u")
        let state = account.state.allowances.first
        #expect(state?.limit == 9_000 && state?.used == 300 && state?.held == 200)
        #expect(try await store.reserve(OpsExample.request(8_500)).get().kind == .allow)
        #expect(try await store.commit(OpsExample.commit(held, input: 200)).get().allowances.first?.limit == 9_000)
        try await store.assign(UserChange { $0.tier = .clear }, to: "u")
        #expect(try await store.reserve(OpsExample.request(1)).get().kind == .reject)
    }

    @Test func aTierThatIsGoneIsToldNotGuessed() async throws {
        let store = try await TestStore(policy(daily(1_000), pro: daily(9_000)), at: noon)
        try await store.assign(UserChange { $0.tier = .set("pro") }, to: "u")
        try await store.use(
            """
            default_tier: free
            tiers: {free: {allowances: [\(daily(1_000))]}}
            prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
            """)
        await #expect(throws: BudgetError.plan(.unknownTier("pro"))) { try await store.reserve(OpsExample.request()).get() }
        try await store.assign(UserChange { $0.tier = .clear }, to: "u")
        #expect(try await store.reserve(OpsExample.request()).get().kind == .allow)
    }
}
