import BudgetModel
import Testing
@testable import UsageLedger

/// Periods by the clock on somebody's wall.
@Suite struct ZoneTests {
    /// One commit every 15 minutes, on the quarter, for `days` days.
    private static func life(from: Int64, days: Int64) -> [LedgerEvent] {
        (0..<days * 96).map { .commit($0, at: from + $0 * 900_000, input: 1, output: 0, cost: 1) }
    }

    private func perPeriod(
        _ period: UsagePeriod, _ zone: String, ledgerZone: String, from: Int64, days: Int64
    ) async throws -> [String: Int64] {
        let ledger = try await TestLedger(.sqlite, timeZone: ledgerZone)
        try await ledger.book(Self.life(from: from, days: days), size: 500)
        var query = UsageQuery(from: from, to: from + days * Times.day)
        query.period = period
        query.zone = LedgerZone(zone)
        let report = try await ledger.store.usage(query)
        var counts: [String: Int64] = [:]
        for try await row in report.rows { counts[report.keys(of: row)[0] ?? "", default: 0] += row.requests }
        return counts
    }

    @Test(arguments: ["UTC", "America/New_York", "Asia/Kathmandu"])
    func newYorksShortAndLongDaysHaveTheirHours(_ ledgerZone: String) async throws {
        // 2026-03-07T05:00:00Z, midnight in New York.
        let spring = try await perPeriod(.day, "America/New_York", ledgerZone: ledgerZone, from: 1_772_859_600_000, days: 3)
        #expect(spring["2026-03-07"] == 96 && spring["2026-03-08"] == 92 && spring["2026-03-09"] == 96)
        // 2026-10-31T04:00:00Z
        let autumn = try await perPeriod(.day, "America/New_York", ledgerZone: ledgerZone, from: 1_793_419_200_000, days: 3)
        #expect(autumn["2026-10-31"] == 96 && autumn["2026-11-01"] == 100)
    }

    @Test func theHourThatComesTwiceIsTwoHours() async throws {
        // 2026-11-01T04:00:00Z
        let hours = try await perPeriod(.hour, "America/New_York", ledgerZone: "UTC", from: 1_793_505_600_000, days: 1)
        #expect(hours["2026-11-01T01:00:00-04:00"] == 4 && hours["2026-11-01T01:00:00-05:00"] == 4)
        #expect(hours["2026-11-01T02:00:00-05:00"] == 4)
    }

    @Test(arguments: ["UTC", "Asia/Kathmandu"]) func kathmandusDaysBeginAtAQuarterPastSix(_ ledgerZone: String) async throws {
        // 2026-11-19T18:15:00Z is midnight there.
        let days = try await perPeriod(.day, "Asia/Kathmandu", ledgerZone: ledgerZone, from: 1_795_112_100_000, days: 2)
        #expect(days == ["2026-11-20": 96, "2026-11-21": 96])
        let hours = try await perPeriod(.hour, "Asia/Kathmandu", ledgerZone: ledgerZone, from: 1_795_112_100_000, days: 1)
        #expect(hours["2026-11-20T00:00:00+05:45"] == 4)
    }

    @Test func weeksBeginOnMondayAndMonthsOnTheFirst() async throws {
        // 2026-10-28T00:00:00Z, a Wednesday.
        let weeks = try await perPeriod(.week, "UTC", ledgerZone: "UTC", from: 1_793_145_600_000, days: 7)
        #expect(weeks == ["2026-10-26": 5 * 96, "2026-11-02": 2 * 96])
        let months = try await perPeriod(.month, "UTC", ledgerZone: "UTC", from: 1_793_145_600_000, days: 7)
        #expect(months == ["2026-10": 4 * 96, "2026-11": 3 * 96])
    }

    @Test func aStretchIsCoveredWithoutGapOrOverlap() throws {
        let zone = try #require(LedgerZone("America/New_York")).clock
        let day = zone.bounds(of: .day, at: Times.noon)
        let bounds = WindowBounds(start: day.start - 7_777, end: day.end + 2 * Times.hour + 5)
        let segments = Segment.cover(bounds, [.day, .quarter], zone)
        #expect(segments.map(\.source) == [.raw, .rollup(.day), .rollup(.quarter), .raw])
        #expect(segments.first?.bounds.start == bounds.start && segments.last?.bounds.end == bounds.end)
        #expect(zip(segments, segments.dropFirst()).allSatisfy { $0.bounds.end == $1.bounds.start })
    }

    @Test func withinAQuarterOnlyRawRowsKnow() throws {
        let zone = try #require(LedgerZone("UTC")).clock
        let bounds = WindowBounds(start: Times.noon + 1, end: Times.noon + 900_000)
        #expect(Segment.cover(bounds, [.day, .quarter], zone) == [Segment(source: .raw, bounds: bounds)])
    }
}
