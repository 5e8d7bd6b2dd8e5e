import BudgetModel
import TestSupport
import Testing
@testable import UsageLedger

/// The reports that everybody asks for.
@Suite struct StandardReportTests {
    @Test(arguments: Backend.available) func dailySpendCoversThirtyDaysUpToToday(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend, timeZone: "America/New_York")
        try await ledger.book([
            .commit(1, at: Times.noon - 31 * Times.day, cost: 1), .commit(2, at: Times.noon - 29 * Times.day, cost: 10),
            .commit(3, model: "mini", cost: 100), .commit(4, cost: 1_000),
        ])
        let report = try await ledger.store.dailySpendByModel(now: Times.noon)
        var rows: [String] = []
        for try await row in report.rows { rows.append("\(report.keys(of: row).map { $0 ?? "" }) \(row.cost)") }
        #expect(
            rows == [
                #"["2026-10-22", "gpt-4o"] 10"#, #"["2026-11-20", "gpt-4o"] 1000"#, #"["2026-11-20", "mini"] 100"#,
            ])
    }

    @Test(arguments: Backend.available) func costPerUserHasTheAverageOfARequest(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        var free = LedgerEvent.commit(3, user: "c", cost: 2)
        free.attribution.tier = "free"
        try await ledger.book([.commit(1, user: "a", cost: 10), .commit(2, user: "a", cost: 5), free])
        let (from, to) = (Times.noon - Times.day, Times.noon + Times.day)
        #expect(
            try await ledger.store.topUsers(from: from, to: to) == [
                Spend(name: "a", requests: 2, cost: 15, average: 8), Spend(name: "c", requests: 1, cost: 2, average: 2),
            ])
        #expect(try await ledger.store.topUsers(from: from, to: to, tier: "free").map(\.name) == ["c"])
    }

    @Test func costPerFeatureHasTheAverageOfADay() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1, cost: 10), .commit(2, at: Times.noon + Times.day, cost: 10)])
        let from = Times.noon - Times.hour * 12
        #expect(
            try await ledger.store.costPerFeature(from: from, to: from + 4 * Times.day) == [
                Spend(name: "default", requests: 2, cost: 20, average: 5)
            ])
    }

    @Test func theMixHasItsShares() async throws {
        let ledger = try await TestLedger(.sqlite)
        var event = LedgerEvent.commit(1, input: 900, output: 300)
        event.usage.cachedInputTokens = 225
        try await ledger.book([event])
        let mix = try #require(try await ledger.store.tokenMix(from: 0, to: Times.noon * 2).first)
        #expect(mix.inputPerOutput == 3 && mix.cachedShare == 0.25)
    }

    @Test(arguments: Backend.available) func marginsCountAUserOnceAMonth(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        func event(_ sequence: Int64, _ user: Identifier, _ tier: Identifier, _ plan: Identifier?, day: Int64 = 0) -> LedgerEvent {
            var event = LedgerEvent.commit(sequence, user: user, at: Times.noon + day * Times.day, cost: 100)
            event.attribution.tier = tier
            event.attribution.plan = plan
            return event
        }
        try await ledger.book([
            event(1, "a", "pro", "basic"), event(2, "a", "pro", "basic", day: 2), event(3, "a", "free", "basic", day: 3),
            event(4, "a", "pro", "basic", day: 20), event(5, "b", "free", nil), event(6, "c", "pro", "unknown plan"),
        ])
        let margins = try await ledger.store.margins(from: Times.noon, to: Times.noon + 30 * Times.day, revenue: ["basic": 1_000])
        #expect(
            margins.rows == [
                Margin(tier: "free", subscriptions: 0, revenue: 0, cost: 200),
                Margin(tier: "pro", subscriptions: 2, revenue: 2_000, cost: 400),
            ])
        #expect(margins.rows.map(\.margin) == [-200, 1_600])
        #expect(margins.plansWithoutRevenue == ["unknown plan"] && margins.plansWithoutUsage == [])
        let mistaken = try await ledger.store.margins(from: Times.noon, to: Times.noon + 1, revenue: ["basik": 1_000])
        #expect(mistaken.plansWithoutUsage == ["basik"] && mistaken.plansWithoutRevenue == ["basic", "unknown plan"])
    }

    /// 500,000 sessions x 8 messages x (350 + 200 tokens) a month at 2.50/10.00 and 0.15/0.60 USD per million tokens. A message costs
    /// $0.002875 and $0.0001725, whole microcents, so 4,000 events of 1,000 messages each add up to exactly what 4,000,000 would.
    @Test(arguments: [(250, 1_000, 1_150_000_000_000), (15, 60, 69_000_000_000)] as [(Int64, Int64, Int64)])
    func aMonthOfKnownUsageCostsWhatItMust(_ inputRate: Int64, _ outputRate: Int64, _ total: Int64) async throws {
        let ledger = try await TestLedger(.sqlite)
        let messages: Int64 = 1_000
        let events = (0..<4_000).map { number -> LedgerEvent in
            let message = Usage(inputTokens: 350, outputTokens: 200)
            let cost = message.inputTokens * inputRate + message.outputTokens * outputRate
            var event = LedgerEvent.commit(
                Int64(number), user: Identifier("u\(number % 50)"), at: Times.noon - Int64(number % 19) * Times.day,
                input: 350 * messages, output: 200 * messages, cost: cost * messages)
            event.added.requests = messages
            return event
        }
        try await ledger.book(events, size: 1_000)
        var query = UsageQuery(from: Times.noon - 20 * Times.day, to: Times.noon + Times.day)
        query.period = .month
        let row = try #require(try await ledger.rows(query).first)
        #expect(row.requests == 4_000_000 && row.tokens == 4_000_000 * 550)
        #expect(row.cost == total)
    }

    @Test func aMessageBookedByItselfIsItsShareOfThatMonth() async throws {
        var rates = Rates()
        rates.input = 150_000_000
        rates.output = 600_000_000
        var price = ModelPrice()
        price.standard.base = rates
        let usage = Usage(inputTokens: 350, outputTokens: 200)
        let cost = try #require(price.resolved(.standard, input: 350).cost(of: usage))
        #expect(cost == 17_250 && cost * 4_000_000 == 69_000_000_000)
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book((0..<2_000).map { .commit($0, input: 350, output: 200, cost: cost) }, size: 1_000)
        #expect(try await ledger.total()?.cost == 2_000 * cost)
    }

    @Test func sumsThatPassWhatANumberHoldsStopAtTheGreatest() {
        let row = UsageRow(keys: [], inputTokens: .max, outputTokens: .max)
        #expect(row.tokens == .max)
        #expect(rounded(.max, over: 3) == Int64.max / 3)
        #expect(Margin(tier: nil, revenue: .max, cost: .min).margin == .max)
    }
}
