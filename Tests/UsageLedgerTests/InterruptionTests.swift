import BudgetModel
import Foundation
import Synchronization
import TestSupport
import Testing
@testable import UsageLedger

/// A stop waits for no long statement, and a database that is away shows on every node.
@Suite(.timeLimit(.minutes(1))) struct InterruptionTests {
    /// A statement that does not end by itself within this test.
    private static func endless(_ connection: any SQLConnection, _ dialect: SQLDialect) throws {
        switch dialect {
        case .postgres: try connection.query("SELECT pg_sleep(600)", []) { _ in }
        case .sqlite:
            let sql = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c"
            _ = try connection.integer(sql)
        }
    }

    @Test(arguments: Backend.available) func aTaskThatIsCancelledEndsItsStatement(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let database = ledger.store.database
        let tasks = [
            Task { try await database.write { try Self.endless($0, database.dialect) } },
            // Behind the first one: it never begins.
            Task { try await database.write { try Self.endless($0, database.dialect) } },
            Task { try await database.read { try Self.endless($0, database.dialect) } },
        ]
        try await Task.sleep(for: .milliseconds(50))
        for task in tasks { task.cancel() }
        for task in tasks { await #expect(throws: (any Error).self) { try await task.value } }
        try await ledger.book([.commit(1)])
        #expect(try await ledger.count("events") == 1)
    }

    @Test(arguments: Backend.available) func aServiceThatStopsEndsThemAll(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let database = ledger.store.database
        let (report, ended) = (Task { try await database.read { try Self.endless($0, database.dialect) } }, Flag())
        let watching = Task {
            _ = await report.result
            ended.raise()
        }
        // Whenever it begins.
        try await eventually("the end") {
            ledger.store.interrupt()
            return ended.isRaised
        }
        await watching.value
        await #expect { try await report.value } throws: { error in
            if case LedgerError.unreachable = error { true } else { false }
        }
        try await ledger.store.close()
    }

    @Test func closingEndsWhatIsUnderWay() async throws {
        guard PostgresServer.isInstalled else { return }
        let ledger = try await TestLedger(.postgres)
        let database = ledger.store.database
        let writing = Task { try await database.write { try Self.endless($0, database.dialect) } }
        // Until the statement runs there is nothing to end.
        try await eventually("the statement") {
            try await database.read { try $0.integer("SELECT COUNT(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'") }
                == 1
        }
        try await database.close()
        await #expect(throws: LedgerError.self) { try await writing.value }
        await #expect(throws: LedgerError.self) { try await database.read { try $0.run("SELECT 1") } }
    }

    @Test(arguments: Backend.available) func aReportThatNobodyReadsAnyMoreIsEnded(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let database = ledger.store.database
        let (rows, ended) = (RowStream<Int>(database) { connection, _ in try Self.endless(connection, database.dialect) }, Flag())
        let reading = Task {
            for try await _ in rows {}
        }
        try await Task.sleep(for: .milliseconds(50))
        reading.cancel()
        _ = await reading.result
        // A close of SQLite waits for its readers.
        let closing = Task {
            try? await database.close()
            ended.raise()
        }
        try await eventually("the end") { ended.isRaised }
        await closing.value
    }

    @Test func aNodeThatKeepsNothingSaysThatItsDatabaseIsAway() async throws {
        let (here, there) = (try await TestLedger(.sqlite), try await TestLedger(.sqlite))
        guard case .file(let path) = here.location else { return }
        let store = try await TestStore("{default_tier: t, tiers: {t: {}}}")
        try await node("a", store, there.location) { keeper in
            try await eventually("keeper") { await keeper.status.isKeeper }
            try await node("b", store, here.location) { other in
                try await eventually("known keeper") { await other.status.keeper == "a" }
                #expect(await other.status.problem == nil)
                try move(path, path + ".old")
                try await eventually("a problem") { await other.status.problem?.contains("was moved") == true }
                try move(path + ".old", path)
                try await eventually("no problem") { await other.status.problem == nil }
            }
        }
    }

    @Test func aKeeperWithNothingToBookSaysSoToo() async throws {
        let ledger = try await TestLedger(.sqlite)
        guard case .file(let path) = ledger.location else { return }
        let store = try await TestStore("{default_tier: t, tiers: {t: {}}}")
        try await node("a", store, ledger.location) { keeper in
            try await eventually("keeper") { await keeper.status.isKeeper }
            try move(path, path + ".old")
            try await eventually("a problem") { await keeper.status.problem?.contains("was moved") == true }
            try move(path + ".old", path)
            try await eventually("keeper again") {
                let status = await keeper.status
                return status.isKeeper && status.problem == nil
            }
        }
    }
}

private func move(_ path: String, _ other: String) throws { try FileManager.default.moveItem(atPath: path, toPath: other) }

private final class Flag: Sendable {
    private let state = Atomic(false)
    func raise() { state.store(true, ordering: .relaxed) }
    var isRaised: Bool { state.load(ordering: .relaxed) }
}
