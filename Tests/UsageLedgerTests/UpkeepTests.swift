import BudgetModel
import Testing
@testable import UsageLedger

/// What is removed, and what stays.
@Suite struct UpkeepTests {
    private static func query(_ groups: [UsageGroup]) -> UsageQuery {
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = groups
        return query
    }

    // MARK: Retention

    @Test(arguments: Backend.available) func rawRowsGoAndSumsStay(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([.commit(1, at: Times.noon - 91 * Times.day), .commit(2, at: Times.noon - 89 * Times.day)])
        #expect(try await ledger.store.prune(now: Times.noon) == 1)
        #expect(try await ledger.count("events") == 1)
        #expect(try await ledger.rows(Self.query([.dimension(.model)])).first?.requests == 2)
        #expect(try await ledger.store.rawSince() == Times.noon - 90 * Times.day)
    }

    @Test func aReportThatNeedsWhatIsGoneSaysSo() async throws {
        let ledger = try await TestLedger(.sqlite)
        #expect(try await !ledger.store.usage(Self.query([.dimension(.session)])).isIncomplete)
        try await ledger.store.prune(now: Times.noon)
        let report = try await ledger.store.usage(Self.query([.dimension(.session)]))
        #expect(report.isIncomplete && report.rawSince == Times.noon - 90 * Times.day)
        #expect(try await !ledger.store.usage(Self.query([.dimension(.model)])).isIncomplete)
        let text = try await ledger.text(Self.query([.dimension(.session)]), .json(detail: false))
        #expect(
            text
                == #"{"rows":[],"from":"1970-01-01T00:00:00Z","to":"2083-10-10T00:00:00Z","time_zone":"UTC","raw_since":"2026-08-22T12:00:00Z","incomplete":true}"#
        )
    }

    @Test func aReportUpToNowNeedsNoRawRows() async throws {
        let ledger = try await TestLedger(.sqlite)
        let start = Times.noon - Times.hour * 12
        try await ledger.book([.commit(1, user: "a"), .commit(2, user: "b", at: Times.noon + 60_000)])
        try await ledger.store.database.write { connection in
            try connection.run("UPDATE events SET added_cost = 0, added_requests = 0, added_input = 0, added_output = 0")
        }
        #expect(try await ledger.store.topUsers(from: start, to: Times.noon + 70_000).map(\.requests) == [1, 1])
        // With a reserve after the end, the day's sum is more than was asked.
        #expect(try await ledger.store.topUsers(from: start, to: Times.noon + 50_000).isEmpty)
    }

    @Test func aRetentionOfADayIsTakenForAWeek() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1, at: Times.noon - 6 * Times.day)])
        var retention = Retention()
        retention.days = 1
        #expect(try await ledger.store.prune(retention, now: Times.noon) == 0)
    }

    @Test func whatCheckpointsLeftIsForgottenWhenNothingCanFollow() async throws {
        let ledger = try await TestLedger(.sqlite)
        var checkpoint = LedgerEvent.commit(1)
        checkpoint.kind = .checkpoint
        try await ledger.book([checkpoint])
        try await ledger.store.prune(now: Times.noon + 29 * Times.day)
        #expect(try await ledger.count("interim_bookings") == 1)
        try await ledger.store.prune(now: Times.noon + 31 * Times.day)
        #expect(try await ledger.count("interim_bookings") == 0)
    }

    // MARK: Pseudonyms

    @Test(arguments: Backend.available) func anErasedUsersAmountsStayUnderAnotherName(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        var told = LedgerEvent.commit(1, user: "eva@example.com", cost: 70)
        told.attribution.session = "eva's phone"
        told.labels = ["mail": "eva@example.com"]
        told.promptHash = "9f"
        told.traceID = "4bf9"
        try await ledger.book([
            told, .commit(2, user: "eva@example.com", at: Times.noon + 3 * Times.day, cost: 5), .commit(3, user: "bob"),
        ])
        let name = try #require(try await ledger.store.pseudonymise("eva@example.com"))
        #expect(name.text.hasPrefix("erased-") && name.text.utf8.count == 15)
        let rows = try await ledger.rows(Self.query([.dimension(.user)]))
        #expect(rows.map { $0.keys[0] } == ["bob", name.text])
        #expect(rows.last?.cost == 75)
        #expect(try await ledger.count("users", where: "name LIKE 'eva%'") == 0)
        let personal = EventColumns.personal.map { "\($0) IS NOT NULL" }.joined(separator: " OR ")
        let erased = "user_id = (SELECT id FROM users WHERE name LIKE 'erased-%')"
        #expect(try await ledger.count("events", where: erased) == 2)
        #expect(try await ledger.count("events", where: "\(erased) AND (\(personal))") == 0)
    }

    @Test(arguments: Backend.available) func whoComesBackAfterErasureBeginsAnew(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let elsewhere = try await ledger.another()
        _ = try await elsewhere.book([.commit(1, user: "eva")])
        let first = try await ledger.store.pseudonymise("eva")
        // The other process booked for eva before, and must not remember who that was.
        _ = try await elsewhere.book([.commit(2, user: "eva")])
        #expect(try await ledger.rows(Self.query([.dimension(.user)])).map(\.requests) == [1, 1])
        let second = try await ledger.store.pseudonymise("eva")
        #expect(first != second && second != nil)
        #expect(try await ledger.store.pseudonymise("eva") == nil)
        #expect(try await ledger.store.pseudonymise("nobody") == nil)
    }

    @Test(arguments: Backend.available) func whoIsCalledLikeAPseudonymIsAnotherUser(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([.commit(1, user: "eva", cost: 70)])
        let name = try #require(try await ledger.store.pseudonymise("eva"))
        try await ledger.book([.commit(2, user: name, cost: 5)])
        let rows = try await ledger.rows(Self.query([.dimension(.user)]))
        #expect(rows.map { $0.keys[0] } == [name.text, name.text] && Set(rows.map(\.cost)) == [5, 70])
        var query = Self.query([])
        query.filters[.dimension(.user)] = [name]
        #expect(try await ledger.rows(query).map(\.cost) == [75], "whoever asks for the name gets both")
        #expect(try await ledger.store.users(after: 0, limit: 9).map(\.user) == [name], "a rebuilding still knows who is there")
        let second = try #require(try await ledger.store.pseudonymise(name))
        #expect(second != name)
    }

    @Test(arguments: Backend.available) func anOlderLedgersPseudonymsAreToldApartToo(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([.commit(1, user: "eva", cost: 70), .commit(2, user: "bob", cost: 1)])
        let name = try #require(try await ledger.store.pseudonymise("eva"))
        try await ledger.store.database.write { connection in
            // What its steps, and those behind them, made.
            try connection.run("DROP INDEX counter_totals_by_counter")
            try connection.run("DROP TABLE prices")
            try connection.run("UPDATE users SET name = SUBSTR(name, 1, 15) WHERE erased > 0")
            try connection.run("UPDATE meta SET value = '3' WHERE name = 'schema'")
        }
        _ = try await ledger.another().book([.commit(3, user: name, cost: 5)])
        let rows = try await ledger.rows(Self.query([.dimension(.user)]))
        #expect(rows.map { $0.keys[0] } == ["bob", name.text, name.text] && Set(rows.map(\.cost)) == [1, 5, 70])
    }

    @Test func anErasureThatWasBrokenOffIsFinished() async throws {
        let ledger = try await TestLedger(.sqlite)
        var told = LedgerEvent.commit(1, user: "eva")
        told.note = "call eva back"
        try await ledger.book([told])
        try await ledger.store.database.write { try $0.run("UPDATE users SET name = 'erased-0', erased = 1") }
        try await ledger.store.finishErasures()
        #expect(try await ledger.count("events", where: "note IS NOT NULL") == 0)
        #expect(try await ledger.count("users", where: "erased = 2") == 1)
    }
}
