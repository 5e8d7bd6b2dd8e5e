import BudgetModel
import BudgetStore
import Foundation
import Logging
import TestSupport
import Testing
@testable import UsageLedger

/// What scripts wrote into streams comes into SQL exactly once, whoever fails at whatever step.
@Suite struct DrainingTests {
    private static let policy = """
        default_tier: free
        tiers: {free: {allowances: [{name: daily, unit: tokens, limit: 100000, window: day}]}}
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """

    /// Reserves and commits 1,000 input tokens.
    private func spend(_ store: TestStore, user: Identifier) async throws {
        var request = ReserveRequest(user: user, model: "m", inputTokens: 1_000)
        request.maximumOutput = 0
        let decision = try await store.reserve(request).get()
        var commit = CommitRequest(reservation: decision.reservation?.text ?? "")
        commit.usage = Usage(inputTokens: 1_000, outputTokens: 0)
        _ = try await store.commit(commit).get()
    }

    private func store(spending users: Identifier...) async throws -> TestStore {
        let store = try await TestStore(Self.policy)
        for user in users { try await spend(store, user: user) }
        return store
    }

    @Test(arguments: Backend.available) func whatWasBookedIsInTheLedgerAndNoLongerInRedis(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let store = try await store(spending: "ann", "bob", "ann")
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            try await spend(store, user: "cyd")
            try await drained(store)
            let status = await node.status
            #expect(status.isKeeper && status.keeper == "a" && status.booked == 4 && status.problem == nil)
        }
        #expect(try await ledger.total()?.requests == 4)
        #expect(try await ledger.total()?.tokens == 4_000)
    }

    @Test(arguments: Backend.available) func aKeeperKilledBetweenBookingAndConfirmingBooksNothingTwice(_ backend: Backend) async throws
    {
        let ledger = try await TestLedger(backend)
        let store = try await store(spending: "ann", "bob", "cyd")
        try await store.ledgerCreateGroups("ledger")
        let given = try await store.ledgerRead(group: "ledger", consumer: "ledger", count: 10)
        let events = given.compactMap { entry -> LedgerEvent? in
            guard case .event(let event) = entry.content else { return nil }
            return event
        }
        _ = try await ledger.store.book(Array(events.dropLast()))
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            #expect(await node.status.booked == 1)
        }
        #expect(try await ledger.total()?.requests == 3)
        #expect(try await ledger.count("events") == 3)
    }

    @Test func anotherNodeTakesOverWhenTheKeeperIsGone() async throws {
        try #require(PostgresServer.isInstalled || ProcessInfo.processInfo.environment["CI"] == nil, "CI has PostgreSQL")
        guard PostgresServer.isInstalled else { return }
        let ledger = try await TestLedger(.postgres)
        let store = try await store(spending: "ann")
        // A keeper that died without a word.
        #expect(try await store.ledgerLease("dead#1", for: 300) == "dead#1")
        try await node("b", store, ledger.location) { node in
            try await eventually("other keeper") { await node.status.keeper == "dead" }
            _ = try await node.reports()
            try await drained(store)
            #expect(await node.status.isKeeper)
        }
        #expect(try await store.ledgerLease("c", of: ledger.store.id, for: 1) == "c", "whoever stops gives the lease back")
        #expect(try await ledger.total()?.requests == 1)
    }

    @Test func aFileOfAnotherNodeIsReportedThere() async throws {
        let (here, there) = (try await TestLedger(.sqlite), try await TestLedger(.sqlite))
        let store = try await store()
        try await node("http://a:8081", store, there.location) { keeper in
            try await eventually("keeper") { await keeper.status.isKeeper }
            try await node("http://b:8081", store, here.location) { other in
                try await eventually("known keeper") { await other.status.keeper == "http://a:8081" }
                await #expect { try await other.reports() } throws: { "\($0)" == "the ledger is at http://a:8081" }
                _ = try await keeper.reports()
            }
        }
    }

    @Test func eventsWaitForADatabaseThatIsAway() async throws {
        let ledger = try await TestLedger(.sqlite)
        guard case .file(let path) = ledger.location else { return }
        let store = try await store(spending: "ann", "bob")
        try await store.ledgerCreateGroups("ledger")
        // A file where the directory is to be.
        let folder = path + ".d"
        try Data().write(to: URL(fileURLWithPath: folder))
        let late = LedgerLocation.file(folder + "/ledger.sqlite")
        try await node("a", store, late) { node in
            try await eventually("a problem") { await node.status.problem?.contains(folder) == true }
            await #expect(throws: LedgerError.self) { try await node.reports() }
            #expect(try await store.ledgerLag().entries == 2)
            try FileManager.default.removeItem(atPath: folder)
            try await drained(store)
            #expect(await node.status.problem == nil)
        }
        #expect(
            try await LedgerStore.open(late).usage(UsageQuery(from: 0, to: 4_000_000_000_000)).rows.first { _ in true }?.requests == 2)
    }

    @Test func anErasedUserHasAPseudonymAndComesBackAsAnother() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await store(spending: "ann", "ann")
        _ = try await store.ask { $0.erase("ann", $1) }.get()
        try await spend(store, user: "ann")
        try await node("a", store, ledger.location) { _ in try await drained(store) }
        var query = UsageQuery(from: 0, to: 4_000_000_000_000)
        query.groups = [.dimension(.user)]
        let rows = try await ledger.rows(query)
        #expect(rows.map(\.requests) == [1, 2])
        #expect(rows.first?.keys == ["ann"])
        #expect(rows.last?.keys[0]?.hasPrefix("erased-") == true)
    }

    @Test func aRedisThatWasEmptiedIsDrainedAgain() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await store(spending: "ann")
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            try await store.redis("FLUSHDB")
            try await store.use(Self.policy)
            try await spend(store, user: "bob")
            try await eventually("booking") { await node.status.booked == 2 }
        }
        #expect(try await ledger.total()?.requests == 2)
    }

    @Test func aFullRedisIsDrainedAndTakesReservationsAgain() async throws {
        let ledger = try await TestLedger(.sqlite)
        let redis = try DedicatedRedis(isAppending: false)
        let store = try await TestStore(Self.policy, address: redis.address)
        for _ in 0..<20 { try await spend(store, user: "ann") }
        try await store.redis("CONFIG", "SET", "maxmemory", "1")
        try await node("a", store, ledger.location) { _ in try await drained(store) }
        #expect(try await ledger.total()?.requests == 20)
    }

    @Test func whatNobodyCanReadIsSetAsideAndHoldsUpNothing() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await store(spending: "ann")
        try await store.redis([Array("XADD".utf8), Keys.stream(partition: 7), Array("*".utf8), Array("e".utf8), Array("?".utf8)])
        try await spend(store, user: "bob")
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            #expect(await node.status.unreadable == 1)
        }
        #expect(try await ledger.total()?.requests == 2)
        #expect(
            try await ledger.count(
                "set_aside",
                where:
                    "content = CAST('*2' || X'0D0A' || '$1' || X'0D0A' || 'e' || X'0D0A' || '$1' || X'0D0A' || '?' || X'0D0A' AS BLOB)")
                == 1)
    }

    @Test(arguments: Backend.available) func anEventTheDatabaseRefusesIsSetAsideAlone(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let store = try await store(spending: "ann", "bob")
        try await node("a", store, ledger.location) { _ in try await drained(store) }
        try await ledger.store.database.write { connection in
            try connection.run(
                "UPDATE counter_totals SET amount = \(Int64.max) WHERE user_id = (SELECT id FROM users WHERE name = 'ann')")
        }
        for user: Identifier in ["bob", "ann", "cyd"] { try await spend(store, user: user) }
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            #expect(await node.status.unreadable == 1)
        }
        #expect(try await ledger.total()?.requests == 4)
        #expect(try await ledger.count("set_aside") == 1)
    }

    @Test func aFileThatWasMovedAwayIsNotBookedInto() async throws {
        let ledger = try await TestLedger(.sqlite)
        guard case .file(let path) = ledger.location else { return }
        let store = try await store(spending: "ann")
        try await node("a", store, ledger.location) { node in
            try await drained(store)
            try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
            try await spend(store, user: "ann")
            try await eventually("a problem") { await node.status.problem?.contains("was moved") == true }
            #expect(try await store.ledgerLag().entries == 1)
            try FileManager.default.moveItem(atPath: path + ".old", toPath: path)
            try await drained(store)
        }
        #expect(try await ledger.total()?.requests == 2)
    }
}
