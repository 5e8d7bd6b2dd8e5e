import BudgetModel
import BudgetStore
import TestSupport
import Testing
@testable import UsageLedger

/// What models cost goes into the ledger with the events, for the store forgets it.
@Suite struct PriceKeepingTests {
    private static let policy = """
        default_tier: free
        tiers: {free: {allowances: [{name: daily, unit: usd, limit: 10, window: day}]}}
        prices:
          large: {input: 2.50, output: 10.00, batch: {input: 1.25}, above: {200000: {input: 5.00}}, max_output_tokens: 100}
        """

    private func spend(_ store: TestStore) async throws {
        var request = ReserveRequest(user: "ann", model: "large", inputTokens: 1_000)
        request.maximumOutput = 100
        var commit = CommitRequest(reservation: try #require(try await store.reserve(request).get().reservation).text)
        commit.usage = Usage(inputTokens: 1_000, outputTokens: 100)
        _ = try await store.commit(commit).get()
    }

    private func january(_ ledger: TestLedger) async throws -> Statement {
        try await ledger.store.statement(by: .team, year: 2030, month: 1, now: TestStore.noon + 40 * Times.day)
    }

    @Test(arguments: Backend.available) func aStatementShowsThemAfterTheStoreForgotThem(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        try await spend(store)
        try await node("a", store, ledger.location) { _ in try await drained(store) }
        guard case .array(let keys) = try await store.redis("KEYS", "tb:prices:*") else { return }
        for case .bytes(let key) in keys { try await store.redis([Array("DEL".utf8), key]) }
        let price = try #require(try await january(ledger).prices.first)
        #expect(price.item == "large" && price.versions.count == keys.count)
        #expect(price.rates?.base.input.dollarsPerMillion == "2.5" && price.rates?.above.map(\.threshold) == [200_000])
    }

    @Test func eventsAreBookedWhoseStoreForgotThem() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        try await spend(store)
        guard case .array(let keys) = try await store.redis("KEYS", "tb:prices:*") else { return }
        for case .bytes(let key) in keys { try await store.redis([Array("SET".utf8), key, Array("no catalogue".utf8)]) }
        try await node("a", store, ledger.location) { _ in try await drained(store) }
        let statement = try await january(ledger)
        #expect(statement.total == 350_000 && statement.prices.map(\.rates) == [nil])
    }
}
