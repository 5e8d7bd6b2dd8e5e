import BudgetModel
import Testing
@testable import UsageLedger

/// A month's statement.
@Suite struct StatementTests {
    private static let december: Int64 = 1_796_083_200_000

    private static func event(
        _ sequence: Int64, team: Identifier?, model: Identifier = "gpt-4o", cost: Int64, prices: UInt64 = 1, day: Int64 = 0,
        settledLater days: Int64 = 0
    ) -> LedgerEvent {
        var event = LedgerEvent.commit(sequence, model: model, at: Times.noon + day * Times.day, cost: cost)
        event.attribution.team = team
        event.priceVersion = PriceVersion(bytes: prices)
        event.settledAt += days * Times.day
        return event
    }

    private static func component(_ sequence: Int64, prices: UInt64) -> LedgerEvent {
        var event = event(sequence, team: "red", cost: 700_000_000, prices: prices)
        (event.kind, event.component, event.model, event.usage) = (.record, "gpu-hours", nil, Usage(inputTokens: 0, outputTokens: 0))
        event.added = Movement(input: 0, output: 0, cost: 700_000_000, requests: 0)
        return event
    }

    private static let events = [
        event(1, team: "red", cost: 100_000_000), event(2, team: "red", cost: 50_000_000, prices: 2, day: 3),
        event(3, team: "red", cost: 1, settledLater: 30), event(4, team: "<b>&", cost: 123_456_789_012),
        event(5, team: nil, cost: 5), event(6, team: "red", cost: 77, day: 20),
        event(7, team: "red", model: "small", cost: 300), event(8, team: "red", model: "small", cost: 400, prices: 2, day: 4),
        component(9, prices: 1), component(10, prices: 2),
    ]

    /// Version 2 costs more for `gpt-4o` and the same for `small`.
    private static func price(_ model: Identifier, _ version: UInt64) -> ModelPrice {
        var price = ModelPrice()
        price.standard.base.input = model == "small" ? 150_000_000 : version == 1 ? 2_500_000_000 : 3_000_000_000
        price.standard.base.output = 10_000_000_000
        if model != "small" {
            var long = Rates()
            long.input = 5_000_000_000
            price.standard.above = [(200_000, long)]
        }
        return price
    }

    private func statement(
        _ by: Statement.By = .team, only: Identifier? = nil, knowsPrices: Bool = true, now: Int64 = december,
        of events: [LedgerEvent] = events
    ) async throws -> Statement {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book(events)
        if knowsPrices {
            let charged = Set(events.compactMap(ChargedPrice.init))
            try await ledger.store.keep(charged.map { ($0, Self.price($0.model, $0.version.bytes)) })
        }
        return try await ledger.store.statement(by: by, year: 2026, month: 11, only: only, now: now)
    }

    @Test func eachTeamHasItsLinesAndItsTotal() async throws {
        let statement = try await statement()
        #expect(statement.accounts.map(\.name) == [nil, "<b>&", "red"])
        let red = try #require(statement.accounts.last)
        #expect(red.lines.map(\.item) == ["gpt-4o", "gpt-4o", "small", "gpu-hours"])
        #expect(red.lines.map(\.cost) == [100_000_000, 50_000_000, 700, 1_400_000_000])
        #expect(red.corrections.map(\.cost) == [1])
        #expect(red.total == 1_550_000_701 && red.requests == 5)
        #expect(statement.total == red.total + 123_456_789_012 + 5)
    }

    @Test func aModelHasLinesOfItsOwnPricesOnly() async throws {
        let statement = try await statement()
        let prices = statement.prices
        #expect(prices.map(\.item) == ["gpt-4o", "gpt-4o", "small"])
        #expect(prices.map(\.first) == ["2026-11-20", "2026-11-23", "2026-11-20"])
        #expect(prices.map(\.last) == ["2026-11-20", "2026-11-23", "2026-11-24"])
        #expect(prices.map(\.versions.count) == [1, 1, 2])
        #expect(prices.map(\.rates?.base.input.dollarsPerMillion) == ["2.5", "3", "0.15"])
        #expect(prices[0].rates?.others == ["above 200,000 input tokens: input 5.00, cached input 5.00, cache write 5.00"])
        let page = statement.html
        #expect(page.contains("Changed within the month: gpt-4o.") && page.contains("at the price of 2026-11-23"))
        #expect(page.ranges(of: "at the price of").count == 5, "a line of each team, red's other one, and its correction")
    }

    @Test func onlyAModelWhosePriceChangedIsSaidToHave() async throws {
        let same = Self.events.filter { $0.model == "small" }
        #expect(try await statement(of: same).html.contains("No price changed within the month."))
        #expect(try await !statement(of: same).html.contains("at the price of"))
    }

    @Test func pricesThatNobodyKnowsAreNotTakenForChanged() async throws {
        let statement = try await statement(knowsPrices: false)
        #expect(statement.prices.allSatisfy { $0.rates == nil } && statement.prices.count == 4)
        let page = statement.html
        #expect(page.contains("the ledger does not know it") && !page.contains("Changed within") && !page.contains("No price changed"))
    }

    @Test func usageWithoutAPriceIsOneLine() async throws {
        var events = [Self.event(1, team: "red", cost: 0), Self.event(2, team: "red", cost: 0, prices: 2)]
        for place in events.indices { (events[place].cost, events[place].flags) = (nil, [.unpriced]) }
        let statement = try await statement(knowsPrices: false, of: events)
        #expect(statement.prices == [] && statement.accounts.first?.lines.map(\.unpriced) == [2])
        #expect(statement.html.contains("2 requests without a price"))
    }

    @Test func aMonthThatRunsIsPreliminary() async throws {
        #expect(try await !statement().isPreliminary)
        let page = try await statement(now: Self.december - 1).html
        #expect(page.contains("Preliminary.") && page.contains("The month ends 2026-12-01 00:00:00 UTC"))
        #expect(try await !statement().html.contains("Preliminary."))
    }

    @Test func aFeaturesStatementHasEveryTeamsUsage() async throws {
        #expect(try await statement(.feature).accounts.map(\.requests) == [7])
        #expect(try await statement(only: "red").accounts.map(\.name) == ["red"])
    }

    @Test func csvHasALineForEachLine() async throws {
        let lines = try await String(decoding: statement().csv, as: UTF8.self).split(separator: "\r\n").map(String.init)
        #expect(lines.count == 8)
        let end = ",false,UTC,2026-12-01T00:00:00Z"
        #expect(
            lines.last == "2026-11,red,correction,gpt-4o,standard,0000000000000001,1,1000,0,0,200,0,0,0.00000001,"
                + "2026-11-20,2026-11-20,2.5,2.5,2.5,10,10,"
                + "\"above 200,000 input tokens: input 5.00, cached input 5.00, cache write 5.00\"" + end)
        #expect(lines.contains("2026-11,red,component,gpu-hours,,,0,0,0,0,0,0,0,14" + String(repeating: ",", count: 8) + end))
        #expect(lines[5].hasPrefix("2026-11,red,usage,small,standard,0000000000000001 0000000000000002,2,"))
    }

    @Test func jsonTellsWhatWasCharged() async throws {
        let json = try await String(decoding: statement().json, as: UTF8.self)
        for part in [
            #""preliminary":false"#, #""item":"gpu-hours","kind":"component","price_class":null,"price_versions":[]"#,
            #""price_versions":["0000000000000001","0000000000000002"],"first":"2026-11-20","last":"2026-11-24""#,
            #""usd_per_million_tokens":{"input":0.15,"cached_input":0.15"#, #""above":[{"input_tokens":200000,"input":5,"#,
        ] {
            #expect(json.contains(part), "\(part): \(json)")
        }
    }

    @Test func thePageStandsAloneAndTrustsNoName() async throws {
        let page = try await statement().html
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
        #expect(!page.contains("<b>&") && page.contains("&lt;b&gt;&amp;"))
        #expect(!page.contains("http") && !page.contains("<script"))
        #expect(page.contains("title=\"1234.56789012 USD\">$1,234.57<") && page.contains("$15.50") && page.contains("Corrections"))
        #expect(page.contains("<h1>Usage statement, November 2026</h1>") && page.contains("Model or component"))
    }

    @Test func aMonthThatIsNoneIsRefused() async throws {
        let ledger = try await TestLedger(.sqlite)
        await #expect(throws: LedgerError.self) { try await ledger.store.statement(by: .team, year: 2026, month: 13, now: 0) }
        #expect(try await ledger.store.statement(by: .team, year: 2026, month: 2, now: 0).html.contains("February 2026"))
    }
}
