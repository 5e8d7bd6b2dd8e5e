import BudgetModel
import Testing
@testable import UsageLedger

/// A month's statement.
@Suite struct StatementTests {
    private static func event(
        _ sequence: Int64, team: Identifier?, cost: Int64, prices: UInt64 = 1, day: Int64 = 0, settledLater days: Int64 = 0
    ) -> LedgerEvent {
        var event = LedgerEvent.commit(sequence, at: Times.noon + day * Times.day, cost: cost)
        event.attribution.team = team
        event.priceVersion = PriceVersion(bytes: prices)
        event.settledAt += days * Times.day
        return event
    }

    private static let events = [
        event(1, team: "red", cost: 100_000_000), event(2, team: "red", cost: 50_000_000, prices: 2, day: 3),
        event(3, team: "red", cost: 1, settledLater: 30), event(4, team: "<b>&", cost: 123_456_789_012),
        event(5, team: nil, cost: 5), event(6, team: "red", cost: 77, day: 20),
    ]

    private func statement(_ by: Statement.By = .team, only: Identifier? = nil) async throws -> Statement {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book(Self.events)
        return try await ledger.store.statement(by: by, year: 2026, month: 11, only: only, now: Times.noon)
    }

    @Test func eachTeamHasItsLinesAndItsTotal() async throws {
        let statement = try await statement()
        #expect(statement.accounts.map(\.name) == [nil, "<b>&", "red"])
        let red = try #require(statement.accounts.last)
        #expect(red.lines.map(\.cost) == [100_000_000, 50_000_000])
        #expect(red.corrections.map(\.cost) == [1])
        #expect(red.total == 150_000_001 && red.requests == 3)
        #expect(statement.total == 150_000_001 + 123_456_789_012 + 5)
    }

    @Test func priceVersionsShowWhenTheyCharged() async throws {
        let prices = try await statement().prices
        #expect(prices.map(\.first) == ["2026-11-20", "2026-11-23"] && prices.map(\.last) == ["2026-11-20", "2026-11-23"])
    }

    @Test func aFeaturesStatementHasEveryTeamsUsage() async throws {
        #expect(try await statement(.feature).accounts.map(\.requests) == [5])
        #expect(try await statement(only: "red").accounts.map(\.name) == ["red"])
    }

    @Test func csvHasALineForEachLine() async throws {
        let lines = try await String(decoding: statement().csv, as: UTF8.self).split(separator: "\r\n").map(String.init)
        #expect(lines.count == 6)
        #expect(
            lines.last
                == "2026-11,red,correction,gpt-4o,standard,0000000000000001,1,1000,0,200,0,0,0.00000001")
    }

    @Test func thePageStandsAloneAndTrustsNoName() async throws {
        let page = try await statement().html
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
        #expect(!page.contains("<b>&") && page.contains("&lt;b&gt;&amp;"))
        #expect(!page.contains("http") && !page.contains("<script"))
        #expect(page.contains("$1,234.56789012") && page.contains("$1.50000001") && page.contains("Corrections"))
        #expect(page.contains("Prices changed within the month"))
    }

    @Test func aMonthThatIsNoneIsRefused() async throws {
        let ledger = try await TestLedger(.sqlite)
        await #expect(throws: LedgerError.self) { try await ledger.store.statement(by: .team, year: 2026, month: 13, now: 0) }
        #expect(try await ledger.store.statement(by: .team, year: 2026, month: 2, now: 0).html.contains("2026-02"))
    }
}
