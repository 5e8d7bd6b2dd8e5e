package import BudgetModel

/// Forecasts of one month, everybody's first.
package struct SpendForecast: Sendable {
    /// The month's bounds, milliseconds, in the ledger's zone.
    package var month: WindowBounds
    /// `2026-11`
    package var label: String
    package var zone: LedgerZone
    package var total: MonthForecast
    /// By the dimension asked for: the dearest first, at most ``maximumGroups``.
    package var groups: [MonthForecast] = []
    /// Whether there were more groups.
    package var hasMore = false

    package static let maximumGroups = 100
}

extension LedgerStore {
    /// What the month around `now` (milliseconds) is going to cost.
    /// - Parameters:
    ///   - dimension: whose forecasts are made beside the total; days of the ledger's zone are known by every one but `session`.
    ///   - user: whose usage alone is looked at; nil: everybody's.
    /// - Throws: ``LedgerError``.
    package func forecast(now: Int64, by dimension: Dimension? = nil, user: Identifier? = nil) async throws -> SpendForecast {
        let calendar = ForecastCalendar(zone, now: now)
        var query = UsageQuery(from: min(calendar.month.start, calendar.days.first?.start ?? now), to: calendar.today.end)
        query.period = .day
        if let dimension { query.groups = [.dimension(dimension)] }
        if let user { query.filters = [.dimension(.user): [user]] }
        var total = DailySpend()
        var groups: [String?: DailySpend] = [:]
        for try await row in try await usage(query).rows {
            guard let day = row.period else { continue }
            total.add(row.cost, on: day)
            if dimension != nil { groups[row.keys[0], default: DailySpend()].add(row.cost, on: day) }
        }
        var forecast = SpendForecast(
            month: calendar.month, label: zone.label(.month, from: calendar.month.start), zone: zone,
            total: total.forecast(nil, calendar))
        let all = groups.map { $1.forecast($0, calendar) }.sorted { a, b in
            (b.weight, a.name ?? "") < (a.weight, b.name ?? "")
        }
        forecast.groups = Array(all.prefix(SpendForecast.maximumGroups))
        forecast.hasMore = all.count > SpendForecast.maximumGroups
        return forecast
    }
}

extension MonthForecast {
    fileprivate var weight: Int64 { estimate?.expected ?? spent }
}

/// The days that a forecast looks back on, and those that it looks forward to.
struct ForecastCalendar {
    let month: WindowBounds
    let today: WindowBounds
    /// Those before today, the oldest first: one more than are used, to see whether spend began earlier.
    let days: [WindowBounds]
    let rest: MonthForecast.Rest
    private let clock: ZoneClock

    init(_ zone: LedgerZone, now: Int64) {
        clock = zone.clock
        month = clock.bounds(of: .month(anchorDay: 1), at: now)
        today = clock.bounds(of: .day, at: now)
        var days: [WindowBounds] = []
        var before = today
        for _ in 0...MonthForecast.maximumDays {
            before = clock.bounds(of: .day, at: before.start - 1)
            days.insert(before, at: 0)
        }
        self.days = days
        var rest = MonthForecast.Rest()
        var day = today
        while day.start < month.end {
            let left = day.end - max(day.start, now)
            rest.thousandths[Self.weekday(day, clock)] += left * 1_000 / (day.end - day.start)
            day = clock.bounds(of: .day, at: day.end)
        }
        self.rest = rest
    }

    func weekday(_ day: WindowBounds) -> Int { Self.weekday(day, clock) }

    private static func weekday(_ day: WindowBounds, _ clock: ZoneClock) -> Int {
        // Noon, for a date may begin late where clocks are set forward.
        clock.localTime(at: day.start + (day.end - day.start) / 2).day % 7
    }
}

/// What each day cost: microcents by the day's first millisecond.
private struct DailySpend {
    private var costs: [Int64: Int64] = [:]

    mutating func add(_ cost: Int64, on day: WindowBounds) { costs[day.start, default: 0].addSaturating(cost) }

    /// The first day with spend may have begun in the middle of the day: full days are those after it, with spend or without.
    func forecast(_ name: String?, _ calendar: ForecastCalendar) -> MonthForecast {
        var spent: Int64 = 0
        for (start, cost) in costs where calendar.month.contains(start) { spent.addSaturating(cost) }
        let history = calendar.days.drop { costs[$0.start] == nil }.dropFirst().map { day in
            MonthForecast.Day(weekday: calendar.weekday(day), cost: costs[day.start] ?? 0)
        }
        return MonthForecast(name: name, spent: spent, history: Array(history), rest: calendar.rest)
    }
}
