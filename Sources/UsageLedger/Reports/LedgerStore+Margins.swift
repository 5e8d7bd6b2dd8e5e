package import BudgetModel

extension LedgerStore {
    /// Revenue less cost of each tier. A user with usage in a month has paid for that month's plan; who changed tiers within the month
    /// counts for the tier with most requests.
    /// - Parameters:
    ///   - from: milliseconds in the first month; `to` in the last one, exclusive. Both months count whole, in the ledger's zone.
    ///   - revenue: microcents a month, by plan.
    package func margins(from: Int64, to: Int64, revenue: [Identifier: Int64]) async throws -> MarginReport {
        var tally = MarginTally(revenue: revenue)
        guard from < to else { return tally.finish() }
        let month = Window.month(anchorDay: 1)
        var query = UsageQuery(
            from: zone.clock.bounds(of: month, at: from).start, to: zone.clock.bounds(of: month, at: to - 1).end)
        query.period = .month
        // The user first: everything of one comes in a row.
        query.groups = [.dimension(.user), .dimension(.plan), .dimension(.tier)]
        for try await row in try await usage(query).rows { tally.add(row) }
        return tally.finish()
    }
}

/// Adds up rows by tier, a user's month of a plan at a time.
private struct MarginTally {
    let revenue: [Identifier: Int64]
    private var met: Set<Identifier> = []
    private var tiers: [String?: Margin] = [:]
    private var rows: [UsageRow] = []

    init(revenue: [Identifier: Int64]) { self.revenue = revenue }

    mutating func add(_ row: UsageRow) {
        if let last = rows.last, last.period != row.period || last.keys[0] != row.keys[0] || last.keys[1] != row.keys[1] { pay() }
        let before = tiers[row.keys[2], default: Margin(tier: row.keys[2])].cost
        tiers[row.keys[2], default: Margin(tier: row.keys[2])].cost = bounded(before, plus: row.cost)
        rows.append(row)
    }

    mutating func finish() -> MarginReport {
        pay()
        return MarginReport(
            rows: tiers.values.sorted { ($0.tier ?? "") < ($1.tier ?? "") },
            plansWithoutUsage: Set(revenue.keys).subtracting(met).map(\.text).sorted(),
            plansWithoutRevenue: Array(met.subtracting(revenue.keys).map(\.text).sorted().prefix(MarginReport.largest)))
    }

    private mutating func pay() {
        defer { rows = [] }
        guard let main = rows.max(by: { $0.requests < $1.requests }), let plan = main.keys[1].map({ Identifier($0) }) else { return }
        met.insert(plan)
        guard let price = revenue[plan] else { return }
        tiers[main.keys[2], default: Margin(tier: main.keys[2])].subscriptions += 1
        tiers[main.keys[2], default: Margin(tier: main.keys[2])].revenue += price
    }
}
