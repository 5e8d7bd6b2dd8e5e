import BudgetModel
import BudgetStore
import TestSupport
import Testing
@testable import UsageLedger

/// A store that lost the settlement of a reservation has its hold open again: nobody settles it twice.
@Suite struct ForgottenSettlementTests {
    private static let policy = """
        default_tier: free
        allowances: [{name: company, unit: tokens, limit: 1000000, window: month, per: []}]
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 10000, window: day}
              - {name: parallel, unit: in_flight, limit: 5}
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """

    private func hold(_ store: TestStore, _ user: Identifier, key: String? = nil) async throws -> String {
        var request = ReserveRequest(user: user, model: "m", inputTokens: 1_000)
        request.maximumOutput = 0
        request.idempotencyKey = key
        return try #require(try await store.reserve(request).get().reservation?.text)
    }

    private func commit(_ reservation: String, _ tokens: Int64, final: Bool = true) -> CommitRequest {
        var commit = CommitRequest(reservation: reservation)
        commit.usage = Usage(inputTokens: tokens, outputTokens: 0)
        commit.final = final
        return commit
    }

    /// Runs `losing` after a snapshot was taken, which Redis then comes back with.
    private func losing(
        _ backend: Backend, before: @Sendable (TestStore) async throws -> [String],
        _ losing: @Sendable (TestStore, [String]) async throws -> Void,
        after: @Sendable (TestStore, [String]) async throws -> Void
    ) async throws -> TestLedger {
        let ledger = try await TestLedger(backend)
        let redis = try DedicatedRedis(isAppending: false)
        let store = try await TestStore(Self.policy, address: redis.address, watchesEpoch: true)
        try await node("a", store, ledger.location) { node in
            try await eventually("readiness") { try await store.stores.obstacle() == nil }
            let reservations = try await before(store)
            try await drained(store)
            try await store.redis("SAVE")
            try await losing(store, reservations)
            try await drained(store)
            redis.stop()
            try redis.start()
            try await eventually("notice") { try await store.stores.obstacle() == .storeLostData }
            try await eventually("readiness") { try await store.stores.obstacle() == nil }
            try await after(store, reservations)
            try await drained(store)
            let report = try await node.audit()
            #expect(report.isClean, "\(report.differences)")
        }
        return ledger
    }

    @Test(arguments: Backend.available) func aCommitThatIsAskedForAgainIsNotBookedAgain(_ backend: Backend) async throws {
        let ledger = try await losing(backend) { store in
            [try await hold(store, "ann"), try await hold(store, "ann"), try await hold(store, "bob")]
        } _: { store, reservations in
            _ = try await store.commit(commit(reservations[0], 900)).get()
            _ = try await store.release(reservations[2]).get()
        } after: { store, reservations in
            #expect(await store.commit(commit(reservations[0], 900)) == .failure(.unknownReservation))
            #expect(await store.release(reservations[2]) == .failure(.unknownReservation))
            let daily = try #require(try await store.state("daily", of: "ann"))
            #expect(daily.used == 900 && daily.held == 1_000, "what is still open goes on")
            #expect(try await store.state("parallel", of: "ann")?.held == 1)
            #expect(try await store.state("parallel", of: "bob")?.held ?? 0 == 0)
            #expect(try await store.commit(commit(reservations[1], 700)).get().state == .committed)
        }
        let total = try await ledger.total()
        #expect(total?.requests == 2 && total?.tokens == 1_600)
        #expect(try await ledger.count("events", where: "kind IN ('r', 'e')") == 1)
    }

    @Test func aStreamOfWhichACheckpointIsForgottenEnds() async throws {
        let ledger = try await losing(.sqlite) { store in
            let reservations = [try await hold(store, "ann"), try await hold(store, "bob")]
            for id in reservations { _ = try await store.commit(commit(id, 100, final: false)).get() }
            return reservations
        } _: { store, reservations in
            _ = try await store.commit(commit(reservations[0], 400, final: false)).get()
        } after: { store, reservations in
            #expect(await store.commit(commit(reservations[0], 500)) == .failure(.unknownReservation))
            let settled = try await store.commit(commit(reservations[1], 500)).get()
            #expect(settled.state == .committed)
            #expect(try await store.state("daily", of: "ann")?.used == 400)
        }
        #expect(try await ledger.total()?.tokens == 900)
    }

    @Test func aKeyWhoseEarlierReservationWasSettledStaysOpen() async throws {
        _ = try await losing(.sqlite) { store in
            let first = try await hold(store, "ann", key: "k")
            _ = try await store.commit(commit(first, 10)).get()
            // Its outcome is forgotten in time; then the key names another.
            try await store.redis([Array("DEL".utf8), Keys.reservation("ann", nonce: Array("=k".utf8))])
            return [try await hold(store, "ann", key: "k"), try await hold(store, "ann")]
        } _: { store, reservations in
            _ = try await store.commit(commit(reservations[1], 10)).get()
        } after: { store, reservations in
            let settled = try await store.commit(commit(reservations[0], 20)).get()
            #expect(settled.state == .committed)
        }
    }
}
