import BudgetModel
import BudgetStore
import TestSupport
import Testing
@testable import UsageLedger

/// Redis forgets a session's counter after 30 days without a reserve, and the next begins anew, without an event.
@Suite struct SessionAuditTests {
    private static let policy = """
        default_tier: free
        allowances: [{name: shared, unit: tokens, limit: 9000000, window: lifetime, per: [session]}]
        tiers: {free: {allowances: [{name: own, unit: tokens, limit: 9000000, window: lifetime, per: [user, session]}]}}
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """

    private func reserve(_ store: TestStore) async throws -> String {
        var request = ReserveRequest(user: "ann", model: "m", inputTokens: 1_000)
        request.maximumOutput = 0
        request.attribution.session = "s1"
        return try #require(try await store.reserve(request).get().reservation?.text)
    }

    /// Spends 1,000 tokens in a session.
    private func talk(_ store: TestStore) async throws {
        var commit = CommitRequest(reservation: try await reserve(store))
        commit.usage = Usage(inputTokens: 1_000, outputTokens: 0)
        _ = try await store.commit(commit).get()
    }

    /// Of the user's own counter and of the shared one.
    private func used(_ store: TestStore) async throws -> [Int64] {
        let own = try await store.state("own", of: "ann")?.used ?? 0
        return [own, try await store.allowances().states.first?.used ?? 0]
    }

    private func expectClean(_ node: NodeLedger) async throws {
        let report = try await node.audit()
        #expect(report.isClean && report.unknown == 0 && report.counters == 2, "\(report)")
    }

    /// - Parameter atOnce: whether what was spent is still on its way when it is audited, or has been booked.
    @Test(arguments: [true, false]) func oneThatRestedBeginsAnewForTheAuditToo(atOnce: Bool) async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        try await node("a", store, ledger.location) { node in
            var time = TestStore.noon
            for (days, expected) in [(Int64(0), Int64(1_000)), (29, 2_000), (29, 3_000), (31, 1_000), (1, 2_000), (30, 1_000)] {
                time += days * Times.day
                try await store.set(time: time)
                try await talk(store)
                if !atOnce { try await drained(store) }
                #expect(try await used(store) == [expected, expected])
                try await expectClean(node)
            }
        }
    }

    @Test(arguments: Backend.available) func oneBatchTellsItAsManyDo(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        for days: Int64 in [0, 10, 45, 50] {
            try await store.set(time: TestStore.noon + days * Times.day)
            try await talk(store)
        }
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            #expect(try await used(store) == [2_000, 2_000])
            try await expectClean(node)
            #expect(try await ledger.count("counter_totals", where: "amount = 4000 AND since_rest = 2000") == 2)
        }
    }

    @Test func whatWasLostOfItIsFoundAndRepaired() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        try await node("a", store, ledger.location) { node in
            for days: Int64 in [0, 40, 41] {
                try await store.set(time: TestStore.noon + days * Times.day)
                try await talk(store)
            }
            try await drained(store)
            let keys: [UInt8] = Keys.user("ann")
            guard case .array(let items) = try await store.redis([Array("HKEYS".utf8), keys]) else { return }
            for case .bytes(let field) in items where Keys.counter(field: field) != nil {
                try await store.redis([Array("HDEL".utf8), keys, field])
            }
            let report = try await node.audit(repairing: Correcting(actor: "eva", reason: "a test"))
            #expect(report.differences.map(\.ledger) == [2_000] && report.repaired == 1)
            #expect(try await used(store) == [2_000, 2_000])
        }
    }

    /// A reservation that books nothing keeps a session alive, and moves nothing that events could tell.
    @Test func oneThatMayHaveRestedIsNoDifference() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        try await talk(store)
        try await store.set(time: TestStore.noon + 20 * Times.day)
        _ = try await store.release(try await reserve(store)).get()
        try await store.set(time: TestStore.noon + 40 * Times.day)
        try await talk(store)
        #expect(try await used(store) == [2_000, 2_000])
        try await node("a", store, ledger.location) { node in try await expectClean(node) }
    }
}
