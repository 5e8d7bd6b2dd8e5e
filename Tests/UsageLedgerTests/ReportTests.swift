import BudgetModel
import TestSupport
import Testing
@testable import UsageLedger

/// Reports against what the events themselves add up to.
@Suite struct ReportTests {
    /// Across the end of October, when New York's clocks are set back, and of a month.
    private static let start: Int64 = 1_793_318_400_000  // 2026-10-30T00:00:00Z
    private static let life = RandomEvents(seed: 11, from: start, days: 5, reservations: 600)

    private static func randomQuery(_ random: inout SeededGenerator) -> UsageQuery {
        var query = UsageQuery(
            from: start + random.pick([0, Times.hour * 7, 12_345_678]), to: start + 6 * Times.day - random.pick([0, 900_000 * 5, 777]))
        query.period = random.pick([nil, .hour, .day, .week, .month])
        // Whole months around, where that does not make thousands of rows of time.
        if query.period != .hour, random.oneIn(3) {
            query.from -= 40 * Times.day
            query.to += 40 * Times.day
        }
        query.groups = UsageGroup.all.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random)).map { $0 }
        query.zone = LedgerZone(random.pick(["UTC", "America/New_York", "Asia/Kathmandu"]))
        if random.oneIn(2) { query.filters[.dimension(.tier)] = random.pick([["free"], ["pro", nil], [nil], ["nobody"]]) }
        if random.oneIn(4) { query.filters[.dimension(.user)] = ["u1", "u7"] }
        if random.oneIn(4) { query.filters[.dimension(.model)] = ["gpt-4o", nil] }
        return query
    }

    @Test(arguments: Backend.available) func everyReportIsWhatTheEventsAddUpTo(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend, timeZone: "America/New_York")
        try await ledger.book(Self.life.events, size: 157)
        var random = SeededGenerator(seed: 5)
        for number in 0..<60 {
            let query = Self.randomQuery(&random)
            let report = try await ledger.store.usage(query)
            var rows: [String] = []
            for try await row in report.rows { rows.append(PlainReport.text(report, row)) }
            let expected = PlainReport.rows(Self.life, query, zone: report.zone, ledger: ledger.store.zone)
            #expect(rows.sorted() == expected, "query \(number): \(query)")
        }
    }

    @Test(arguments: Backend.available) func sumsSayWhatRawRowsSay(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book(Self.life.events)
        for measure in Measure.allCases {
            let raw = try await ledger.store.database.read { connection in
                try connection.integer("SELECT CAST(SUM(\(measure.ofEvent)) AS BIGINT) FROM events")
            }
            for rollup in Rollup.allCases where rollup.measures.contains(measure) {
                let sum = try await ledger.store.database.read { connection in
                    try connection.integer("SELECT CAST(SUM(\(measure.column)) AS BIGINT) FROM \(rollup.table)")
                }
                #expect(sum == raw, "\(measure) in \(rollup)")
            }
        }
    }

    @Test(arguments: Backend.available) func outcomesAreToldOnceForEachReservation(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        var (stream, expiry, late, release) = (
            LedgerEvent.commit(1), LedgerEvent.commit(2), LedgerEvent.commit(3), LedgerEvent.commit(4)
        )
        stream.kind = .checkpoint
        expiry.kind = .expiry
        expiry.added = Movement()
        late.flags = [.late, .overHold]
        late.added.requests = 0
        late.latencyMilliseconds = 40
        release.kind = .release
        release.decision = .degrade
        release.added = Movement()
        let events = [stream, expiry, late, release].map { event in
            var event = event
            event.heldInput = 10
            event.heldCost = 7
            return event
        }
        try await ledger.book(events)
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.withOutcomes = true
        let expected = UsageOutcomes(
            heldTokens: 20, heldCost: 14, allowed: 1, degraded: 1, released: 1, expired: 1, recorded: 0, late: 1, estimated: 0,
            overHold: 1, mismatched: 0, latencySum: 40, latencyCount: 1)
        #expect(try await ledger.rows(query).map(\.outcomes) == [expected])
        query.groups = [.dimension(.user)]
        #expect(try await ledger.rows(query).map(\.outcomes) == [expected])
    }

    /// On time; late after the sweep; late before it; told a late checkpoint before it, then committed.
    @Test(arguments: Backend.available) func aHoldEndsOnceWhoeverEndsIt(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let steps: [(reservation: String, kind: LedgerEvent.Kind, flags: SettlementFlags)] = [
            ("a", .commit, []), ("b", .expiry, []), ("b", .commit, [.late]), ("c", .commit, [.late, .lapsed]),
            ("d", .checkpoint, [.late, .lapsed]), ("d", .commit, [.late]), ("e", .release, []), ("e", .commit, [.late]),
        ]
        try await ledger.book(
            steps.enumerated().map { number, step in
                var event = LedgerEvent.commit(Int64(number))
                (event.reservation, event.kind, event.flags) = (step.reservation, step.kind, step.flags)
                (event.heldInput, event.heldCost) = (10, 7)
                return event
            })
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.withOutcomes = true
        for groups: [UsageGroup] in [[], [.dimension(.user)]] {
            query.groups = groups
            let outcomes = try await ledger.rows(query).first?.outcomes
            #expect(outcomes?.allowed == 5 && outcomes?.heldTokens == 50 && outcomes?.heldCost == 35)
            #expect(outcomes?.expired == 3 && outcomes?.released == 1 && outcomes?.late == 4)
        }
    }

    @Test(arguments: Backend.available) func rowsComeOrderedByTheirKeys(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([
            .commit(1, user: "b", model: "Z"), .commit(2, user: "a", model: "z"), .commit(3, user: "\u{E9}", model: "a"),
            .commit(4, user: "B", model: "a"),
        ])
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = [.dimension(.user)]
        #expect(try await ledger.rows(query).map { $0.keys[0] } == ["B", "a", "b", "\u{E9}"])
        query.groups = [.dimension(.model)]
        #expect(try await ledger.rows(query).map { $0.keys[0] } == ["Z", "a", "z"])
    }

    @Test(arguments: Backend.available) func theDearestComeFirstAndNoMoreThanAsked(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([
            .commit(1, user: "small", cost: 1), .commit(2, user: "large", cost: 900), .commit(3, user: "middle", cost: 30),
        ])
        let top = try await ledger.store.topUsers(from: 0, to: Times.noon * 2, limit: 2)
        #expect(top.map(\.name) == ["large", "middle"])
    }

    @Test func namesInDifferentUnicodeFormsStayApart() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1, user: "\u{E9}"), .commit(2, user: "e\u{301}")])
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = [.dimension(.user)]
        #expect(try await ledger.rows(query).count == 2)
    }

    @Test func whoeverStopsReadingEndsTheReading() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book(Self.life.events)
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = [.dimension(.user), .dimension(.model), .dimension(.feature), .dimension(.team), .dimension(.plan)]
        // More readings than the database has readers: each has to give its own back.
        for _ in 0..<30 {
            for try await _ in try await ledger.store.usage(query).rows { break }
        }
        #expect(try await ledger.rows(query).count > 300)
    }

    @Test(arguments: [Int64.min, 0, Times.noon - Times.day], [Times.noon + Times.day, 9_000_000_000_000, .max])
    func fromTheBeginningToTheEndOfTime(_ from: Int64, _ to: Int64) async throws {
        let ledger = try await TestLedger(.sqlite, timeZone: "America/New_York")
        try await ledger.book([.commit(1), .commit(2, user: "other")])
        #expect(try await ledger.total(from: from, to: to)?.requests == 2)
        var query = UsageQuery(from: from, to: to)
        query.filters = [.dimension(.user): ["u"], .dimension(.feature): ["default"]]
        #expect(try await ledger.rows(query).map(\.requests) == [1])
    }

    @Test func aReportInMillionsOfPiecesIsRefused() async throws {
        let ledger = try await TestLedger(.sqlite)
        var query = UsageQuery(from: 0, to: Times.noon)
        query.period = .hour
        await #expect(throws: LedgerError.self) { try await ledger.store.usage(query) }
    }

    @Test func groupingsAreReadFromText() throws {
        var query = UsageQuery(from: 0, to: 1)
        try query.group(by: "day,model,component")
        #expect(query.period == .day && query.groups == [.dimension(.model), .component])
        for bad in ["day,week", "model,model", "moon", "", "day,"] {
            var query = UsageQuery(from: 0, to: 1)
            #expect(throws: LedgerError.self, "\(bad)") { try query.group(by: bad) }
        }
    }
}
