import BudgetModel
import BudgetStore
import Foundation
import TestSupport
import Testing
@testable import UsageLedger

/// A Redis that lost what it had grants nobody a fresh budget: nothing is decided until the ledger has rebuilt it.
@Suite struct LostDataTests {
    private static let policy = """
        default_tier: free
        allowances: [{name: company, unit: tokens, limit: 1000000, window: month, per: []}]
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 10000, window: day}
              - {name: burst, unit: tokens, limit: 100000, window: {refill: day}}
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """

    private func ask(_ store: TestStore, _ user: Identifier, _ tokens: Int64) async throws -> Decision {
        var request = ReserveRequest(user: user, model: "m", inputTokens: tokens)
        request.maximumOutput = 0
        return try await store.reserve(request).get()
    }

    private func spend(_ store: TestStore, _ user: Identifier, _ tokens: Int64) async throws {
        let decision = try await ask(store, user, tokens)
        var commit = CommitRequest(reservation: decision.reservation?.text ?? "")
        commit.usage = Usage(inputTokens: tokens, outputTokens: 0)
        _ = try await store.commit(commit).get()
    }

    private func ready(_ store: TestStore) async throws {
        try await eventually("readiness") { try await store.stores.obstacle() == nil }
    }

    private func lost(_ store: TestStore) async throws {
        try await eventually("notice", within: .seconds(5)) { try await store.stores.obstacle() == .storeLostData }
    }

    @Test func nothingIsDecidedBeforeALedgerHasClaimedTheStore() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        try await eventually("a look") { try await store.stores.obstacle() == .storeUnclaimed }
        await #expect(throws: BudgetError.store(.lostData("the store has no ledger yet"))) { try await ask(store, "ann", 1) }
        try await node("a", store, ledger.location) { _ in
            try await ready(store)
            #expect(try await ask(store, "ann", 1).kind == .allow)
        }
        #expect(try await ask(store, "ann", 1).kind == .allow, "decisions need no ledger once the store is whole")
    }

    @Test func aFlushUnderLoadIsNoticedAndNobodyGetsAFreshBudget() async throws {
        let ledger = try await TestLedger(.sqlite)
        let redis = try DedicatedRedis()
        let store = try await TestStore(Self.policy, address: redis.address, watchesEpoch: true)
        try await node("a", store, ledger.location) { node in
            try await ready(store)
            try await spend(store, "ann", 9_000)
            try await store.assign(UserChange { $0.frozen = .set(true) }, to: "cold")
            try await drained(store)
            let load = Task {
                var random = SeededGenerator(seed: 5)
                while !Task.isCancelled { try? await spend(store, Identifier("u\(Int.random(in: 0..<9, using: &random))"), 10) }
            }
            try await Task.sleep(for: .milliseconds(100))
            try await store.redis("FLUSHALL")
            try await lost(store)
            await #expect(throws: BudgetError.self) { try await ask(store, "ann", 1) }
            try await ready(store)
            #expect(try await ask(store, "ann", 1_001).kind == .reject)
            #expect(try await ask(store, "ann", 1_000).kind == .allow)
            #expect(try await ask(store, "cold", 1).reason == .frozen)
            load.cancel()
            await load.value
            try await drained(store)
            let report = try await node.audit()
            #expect(report.isClean, "\(report.differences)")
            #expect(try await store.state("burst", of: "ann")?.used ?? 0 > 8_000)
        }
    }

    @Test(arguments: Backend.available) func anOldSnapshotIsBroughtUpToDate(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let redis = try DedicatedRedis(isAppending: false)
        let store = try await TestStore(Self.policy, address: redis.address, watchesEpoch: true)
        try await node("a", store, ledger.location) { node in
            try await ready(store)
            try await spend(store, "ann", 1_000)
            try await spend(store, "bob", 1_000)
            try await drained(store)
            try await store.redis("SAVE")
            try await spend(store, "ann", 8_000)
            try await spend(store, "cyd", 9_000)
            try await drained(store)
            redis.stop()
            try redis.start()
            try await lost(store)
            try await ready(store)
            let used = try await ["ann", "bob", "cyd"].asyncMap { try await store.state("daily", of: $0)?.used }
            #expect(used == [9_000, 1_000, 9_000])
            let report = try await node.audit()
            #expect(report.isClean, "\(report.differences)")
        }
    }

    @Test func anEmptyLedgerOfAnotherNodeNeverTakesAFlushedStore() async throws {
        let (ledger, other) = (try await TestLedger(.sqlite), try await TestLedger(.sqlite))
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        try await node("http://a", store, ledger.location) { _ in
            try await ready(store)
            try await spend(store, "ann", 9_000)
            try await drained(store)
            try await node("http://b", store, other.location) { b in
                try await eventually("a home") { await b.status.home == ledger.store.id }
            }
        }
        try await store.redis("FLUSHDB")
        try await node("http://b", store, other.location) { b in
            try await eventually("an error") {
                await b.status.problem?.hasPrefix("the ledger of this store is \(ledger.store.id)") == true
            }
            await #expect(throws: LedgerError.self) { try await b.reports() }
            try await lost(store)
            try await node("http://a", store, ledger.location) { _ in
                try await ready(store)
                #expect(try await ask(store, "ann", 1_001).kind == .reject)
            }
        }
    }

    @Test func anEmptyLedgerLeavesALedgerWithAHistoryTheTimeToComeFirst() async throws {
        let (ledger, other) = (try await TestLedger(.sqlite), try await TestLedger(.sqlite))
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        try await node("a", store, ledger.location) { _ in
            try await ready(store)
            try await spend(store, "ann", 9_000)
            try await drained(store)
        }
        try await store.redis("FLUSHDB")
        try await lost(store)
        try await node("b", store, other.location, patience: .seconds(600)) { b in
            try await node("a", store, ledger.location, patience: .seconds(600)) { _ in
                try await ready(store)
                #expect(try await store.state("daily", of: "ann")?.used == 9_000)
                try await eventually("keeper") { await b.status.keeper == "a" }
            }
        }
    }

    @Test func anotherNodeRebuildsWhenTheKeeperIsGone() async throws {
        try #require(PostgresServer.isInstalled || ProcessInfo.processInfo.environment["CI"] == nil, "CI has PostgreSQL")
        guard PostgresServer.isInstalled else { return }
        let ledger = try await TestLedger(.postgres)
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        try await node("b", store, ledger.location) { b in
            try await node("a", store, ledger.location) { _ in
                try await ready(store)
                try await spend(store, "ann", 9_000)
                try await drained(store)
            }
            // Between the last word to SQL and the one to Redis: the epoch of a rebuilding that was killed.
            try await store.redis("FLUSHDB")
            try await ledger.store.write(StoreEpoch.new(of: ledger.store.id))
            try await eventually("rebuilding") { try await store.usedNow("daily", of: "ann") == 9_000 }
            #expect(await b.status.isKeeper)
            #expect(try await b.audit().isClean)
        }
    }

    @Test func grantsAndLimitsComeBackAndAnErasedUserDoesNot() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        try await node("a", store, ledger.location) { _ in
            try await ready(store)
            try await store.grant(GrantRequest("daily", "500", id: "g1"), to: "ann")
            try await store.assign(UserChange { $0.frozen = .set(true) }, to: "gone")
            try await store.erase("gone")
            let before = try await store.account("ann")
            try await drained(store)
            try await store.redis("FLUSHDB")
            try await lost(store)
            try await ready(store)
            let after = try await store.account("ann")
            #expect(after.assignment == before.assignment && after.grants.map(\.grant) == before.grants.map(\.grant))
            #expect(try await store.state("daily", of: "ann")?.limit == 10_500)
            #expect(try await store.account("gone").assignment.frozen == false)
        }
        #expect(try await ledger.count("assignments") == 1)
    }

    @Test(arguments: Backend.available) func assignmentsFromBeforeTheLedgerComeBackToo(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        let before = try await TestStore(Self.policy, database: store.database)
        for user: Identifier in ["cold", "thawed", "gone"] {
            try await before.assign(UserChange { $0.frozen = .set(true) }, to: user)
        }
        try await before.grant(GrantRequest("daily", "500", id: "g1"), to: "ann")
        // A version that told no ledger.
        for partition in 0..<Keys.partitions { try await store.redis([Array("DEL".utf8), Keys.stream(partition: partition)]) }
        let grants = try await before.account("ann").grants.map(\.grant)
        try await node("a", store, ledger.location) { _ in
            try await ready(store)
            try await store.assign(UserChange { $0.frozen = .set(false) }, to: "thawed")
            try await store.erase("gone")
            try await eventually("the search") { try await ledger.store.copied() != nil }
            try await drained(store)
            try await store.redis("FLUSHDB")
            try await lost(store)
            try await ready(store)
            #expect(try await ask(store, "cold", 1).reason == .frozen)
            #expect(try await store.account("thawed").assignment.frozen == false)
            #expect(try await store.account("gone").assignment.frozen == false)
            #expect(try await store.account("ann").grants.map(\.grant) == grants)
            #expect(try await store.state("daily", of: "ann")?.limit == 10_500)
        }
        #expect(try await ledger.count("users", where: "name = 'gone'") == 0)
    }

    @Test func aRebuildingIsCountedAndOneThatBreaksOffToo() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(Self.policy, watchesEpoch: true)
        try await node("a", store, ledger.location) { node in
            try await ready(store)
            try await spend(store, "ann", 9_000)
            try await drained(store)
            var figures = try await store.stores.figures()
            #expect(figures.dataLosses == 0 && !figures.lacksData)
            // A counter's key that is no counter: what cannot be rebuilt keeps the store from being used.
            try await store.redis("FLUSHDB")
            try await store.redis([Array("SET".utf8), Keys.user("ann"), Array("x".utf8)])
            try await lost(store)
            try await eventually("a failure") { await node.status.failedRebuilds > 0 }
            #expect(try await store.stores.figures().lacksData)
            let status = await node.status
            #expect(status.rebuilds == 0 && status.rebuilding != nil && status.problem != nil)
            try await store.redis([Array("DEL".utf8), Keys.user("ann")])
            try await ready(store)
            #expect(await node.status.rebuilds == 1)
            #expect(await node.status.rebuilding == nil)
            figures = try await store.stores.figures()
            #expect(figures.dataLosses == 1 && !figures.lacksData)
        }
    }
}

extension TestStore {
    /// What is used of an allowance; nil while the store is not whole.
    fileprivate func usedNow(_ name: Identifier, of user: Identifier) async throws -> Int64? {
        try? await state(name, of: user)?.used
    }
}

extension Array where Element == Identifier {
    fileprivate func asyncMap<Value>(_ body: (Identifier) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
