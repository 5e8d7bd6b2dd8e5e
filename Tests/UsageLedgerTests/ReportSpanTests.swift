import BudgetModel
import Testing
@testable import UsageLedger

/// Times of reports as people write them.
@Suite struct ReportSpanTests {
    private static func zone(_ name: String) throws -> LedgerZone { try #require(LedgerZone(name)) }

    @Test(arguments: [
        ("UTC", "2026-11-20", "2026-11-20T00:00:00Z"), ("America/New_York", "2026-11-20", "2026-11-20T05:00:00Z"),
        ("Pacific/Kiritimati", "2026-11-20", "2026-11-19T10:00:00Z"), ("Pacific/Pago_Pago", "2026-11-20", "2026-11-20T11:00:00Z"),
        ("America/New_York", "2026-11-20T01:00:00+01:00", "2026-11-20T00:00:00Z"),
        // Midnight does not exist there: clocks go forward at 0:00.
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"),
    ])
    func aDateBeginsWhenItsDayDoes(_ zone: String, _ text: String, _ instant: String) throws {
        #expect(try Self.zone(zone).instant(text).map { Timestamp.text($0) } == instant)
    }

    @Test(arguments: ["", "2026-11", "2026-11-31", "1969-12-31", "now", "2026-11-20T00:00:00"])
    func whatIsNoTimeIsRefused(_ text: String) throws {
        #expect(try Self.zone("UTC").instant(text) == nil)
    }

    @Test(arguments: [
        ("UTC", "1d", "2026-11-20T00:00:00Z"), ("UTC", "30d", "2026-10-22T00:00:00Z"), ("UTC", "36h", "2026-11-19T00:00:00Z"),
        // Over a change of clocks.
        ("America/New_York", "30d", "2026-10-22T04:00:00Z"), ("America/New_York", "1d", "2026-11-20T05:00:00Z"),
    ])
    func theLastDaysIncludeToday(_ zone: String, _ text: String, _ from: String) throws {
        let span = try #require(ReportSpan(last: text, before: Times.noon, try Self.zone(zone)))
        #expect(Timestamp.text(span.from) == from && span.to == Times.noon)
    }

    @Test(arguments: ["", "d", "0d", "-1d", "+1d", "1w", "1", "1.5h", "99999d"])
    func otherSpansAreRefused(_ text: String) throws {
        #expect(ReportSpan(last: text, before: Times.noon, try Self.zone("UTC")) == nil)
    }

    @Test func theMonthBeforeIsTheZones() throws {
        let january = Timestamp.milliseconds("2026-01-01T03:00:00Z") ?? 0
        #expect(try Self.zone("UTC").monthBefore(january) == (2025, 12))
        #expect(try Self.zone("America/New_York").monthBefore(january) == (2025, 11))
        #expect(try Timestamp.text(ReportSpan(monthAround: january, Self.zone("America/New_York")).from) == "2025-12-01T05:00:00Z")
    }
}
