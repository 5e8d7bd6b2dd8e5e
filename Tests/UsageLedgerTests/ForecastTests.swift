import BudgetModel
import Testing
@testable import UsageLedger

/// What a month is going to cost. 2026-11-20 is a Friday; November has 30 days.
@Suite struct ForecastTests {
    /// A commit at noon of each of the `days` days before the 20th, and one of the 20th itself.
    private func events(days: Int64, today: Int64? = nil, _ cost: (Int64) -> Int64) -> [LedgerEvent] {
        let before = stride(from: days, to: 0, by: -1).map { LedgerEvent.commit($0, at: Times.noon - $0 * Times.day, cost: cost($0)) }
        return before + (today.map { [.commit(1_000, at: Times.noon - Times.hour, cost: $0)] } ?? [])
    }

    private func forecast(
        _ events: [LedgerEvent], _ backend: Backend = .sqlite, by dimension: Dimension? = nil, user: Identifier? = nil
    )
        async throws -> SpendForecast
    {
        let ledger = try await TestLedger(backend)
        try await ledger.book(events)
        return try await ledger.store.forecast(now: Times.noon, by: dimension, user: user)
    }

    @Test(arguments: Backend.available) func daysThatAreAllAlikeLeaveNoDoubt(_ backend: Backend) async throws {
        let total = try await forecast(events(days: 40, today: 600) { _ in 1_000 }, backend).total
        // 19 days and today so far; half of today and ten days are left.
        #expect(total.spent == 19_600 && total.days == 28 && total.confidence == .high)
        #expect(total.estimate == .init(expected: 30_100, low: 30_100, high: 30_100))
    }

    @Test func weekendsCostWhatWeekendsCost() async throws {
        // The 15th, 5 days before, was a Sunday.
        let total = try await forecast(events(days: 40) { [5, 6].contains($0 % 7) ? 0 : 1_000 }).total
        // 14 weekdays so far; half of Friday, and the 23rd to 27th and 30th.
        #expect(total.spent == 14_000 && total.estimate?.expected == 20_500 && total.estimate?.high == 20_500)
    }

    @Test func theRangeIsAsWideAsDaysDiffer() async throws {
        // Ten full days after the first, 500 and 1,500 in turn: mean 1,000, variance 2,500,000 / 9.
        let total = try await forecast(events(days: 11) { $0 % 2 == 0 ? 500 : 1_500 }).total
        #expect(total.days == 10 && total.confidence == .medium)
        let estimate = try #require(total.estimate)
        // 10.5 days: sqrt(277,777 x (10.5 + 10.5^2 / 10)) = 2,445; times 1.2816.
        #expect(estimate.expected == total.spent + 10_500)
        #expect(estimate.high - estimate.expected == 3_133 && estimate.expected - estimate.low == 3_133)
    }

    @Test func theRangeNeverEndsBelowWhatIsSpent() async throws {
        let total = try await forecast(events(days: 4, today: 1) { $0 == 1 ? 900_000 : 1 }).total
        #expect(total.estimate?.low == total.spent)
    }

    @Test(arguments: [0, 1, 3] as [Int64]) func tooLittleHistoryIsSaidSo(_ days: Int64) async throws {
        let total = try await forecast(events(days: days, today: 5) { _ in 100 }).total
        #expect(total.estimate == nil && total.confidence == .low && total.spent == days * 100 + 5)
        #expect(total.sentence("Everything", "2026-11").contains("too early"))
    }

    @Test(arguments: Backend.available) func eachFeatureHasItsOwn(_ backend: Backend) async throws {
        var search = events(days: 10) { _ in 10 }
        for index in search.indices {
            search[index].id.partition = 9
            search[index].attribution.feature = "search"
        }
        let forecast = try await forecast(events(days: 10) { _ in 1_000 } + search, backend, by: .feature)
        #expect(forecast.groups.map(\.name) == ["default", "search"])
        #expect(forecast.groups.map(\.spent) == [10_000, 100] && forecast.total.spent == 10_100)
        #expect(forecast.groups[1].estimate?.expected == 205)
    }

    @Test(arguments: Backend.available) func aUserHasOneToo(_ backend: Backend) async throws {
        let forecast = try await forecast(
            events(days: 10) { _ in 1_000 } + [.commit(77, user: "other", cost: 9)], backend, user: "other")
        #expect(forecast.total.spent == 9 && forecast.total.estimate == nil)
    }

    @Test func theSentenceRoundsToCents() throws {
        var forecast = MonthForecast(
            name: nil, spent: 312_050_000_000, history: (0..<28).map { .init(weekday: $0 % 7, cost: 15_000_000_000) },
            rest: .init(thousandths: [1_000, 1_000, 0, 0, 0, 0, 500]))
        forecast.estimate?.low = 340_000_999_999
        #expect(
            forecast.sentence("Everything", "2026-11") == """
                Everything has cost $3,120.50 in 2026-11 so far and will probably have cost $3,495.50 by its end, between $3,400.01 \
                and $3,495.50 in 80 of 100 cases, going by the weekdays of the last 28 days.
                """)
    }

    @Test(arguments: [(0, 0), (1, 1), (3, 1), (4, 2), (99, 9), (100, 10), (1_000_000_007, 31_622)])
    func rootsAreWhole(_ square: Int, _ root: Int) {
        #expect(MonthForecast.squareRoot(Int128(square)) == Int128(root))
    }

    @Test func daysOfTheLedgersZoneCountThoughClocksChange() {
        // 2026-11-01 in New York has 25 hours.
        let zone = LedgerZone("America/New_York")
        let calendar = zone.map { ForecastCalendar($0, now: Times.noon) }
        #expect(calendar?.days.count == 29 && calendar?.days.contains { $0.end - $0.start == 25 * Times.hour } == true)
        // Noon UTC is 7 o'clock: 17 of 24 hours of Friday are left, and ten days.
        #expect(calendar?.rest.thousandths.reduce(0, +) == 10_708)
    }
}
