package import BudgetModel

/// What somebody, or something, cost.
package struct Spend: Hashable, Sendable {
    /// nil where bookings name none.
    package var name: String?
    package var requests: Int64
    /// Microcents.
    package var cost: Int64
    /// Microcents for each request, or each day: see the report. Rounded to the nearest.
    package var average: Int64
}

/// How a model is used.
package struct TokenMix: Hashable, Sendable {
    package var model: String?
    package var inputTokens: Int64
    package var outputTokens: Int64
    package var cachedInputTokens: Int64

    /// Input tokens for each output token; nil without output.
    package var inputPerOutput: Double? { outputTokens > 0 ? Double(inputTokens) / Double(outputTokens) : nil }
    /// Of the input, 0-1; nil without input.
    package var cachedShare: Double? { inputTokens > 0 ? Double(cachedInputTokens) / Double(inputTokens) : nil }
}

/// What a tier brings and costs.
package struct Margin: Hashable, Sendable {
    package var tier: String?
    /// Months paid for: each user counts once in each month with usage.
    package var subscriptions: Int64 = 0
    /// Microcents, as all that follows.
    package var revenue: Int64 = 0
    package var cost: Int64 = 0
    package var margin: Int64 { bounded(revenue, plus: cost == .min ? .max : -cost) }
}

/// What tiers bring and cost, and what of the question or the usage had no counterpart.
package struct MarginReport: Hashable, Sendable {
    package var rows: [Margin]
    /// Plans that bring something, it was said, and that nobody had: their names may be mistaken.
    package var plansWithoutUsage: [String]
    /// Plans that users had and of which no revenue was told, ``largest`` at most: what they bring is missing.
    package var plansWithoutRevenue: [String]

    static let largest = 100
}

extension LedgerStore {
    /// Spend of each model on each of the `days` days that end with the one around `now` (milliseconds), in the ledger's zone.
    package func dailySpendByModel(days: Int = 30, now: Int64) async throws -> UsageReport {
        let today = zone.clock.bounds(of: .day, at: now)
        // Noon, for days have 23 to 25 hours.
        let first = zone.clock.bounds(of: .day, at: today.start + 43_200_000 - Int64(days - 1) * 86_400_000)
        var query = UsageQuery(from: first.start, to: today.end)
        query.period = .day
        query.groups = [.dimension(.model)]
        return try await usage(query)
    }

    /// The users that cost most, with the average cost of a request; of one tier, if named.
    package func topUsers(from: Int64, to: Int64, limit: Int = 20, tier: Identifier? = nil) async throws -> [Spend] {
        var query = UsageQuery(from: from, to: to)
        query.groups = [.dimension(.user)]
        query.order = .costDescending
        query.limit = limit
        if let tier { query.filters = [.dimension(.tier): [tier]] }
        return try await spend(query) { $0.requests }
    }

    /// What each feature cost, the dearest first, with the average of a day: of all days that the report touches.
    package func costPerFeature(from: Int64, to: Int64) async throws -> [Spend] {
        var query = UsageQuery(from: from, to: to)
        query.groups = [.dimension(.feature)]
        query.order = .costDescending
        var days = query
        days.period = .day
        let count = Int64(try days.spans(zone.clock).count)
        return try await spend(query) { _ in count }
    }

    /// Input against output, and how much of the input was cached, of each model.
    package func tokenMix(from: Int64, to: Int64) async throws -> [TokenMix] {
        var query = UsageQuery(from: from, to: to)
        query.groups = [.dimension(.model)]
        var mixes: [TokenMix] = []
        for try await row in try await usage(query).rows {
            mixes.append(
                TokenMix(
                    model: row.keys[0], inputTokens: row.inputTokens, outputTokens: row.outputTokens,
                    cachedInputTokens: row.cachedInputTokens))
        }
        return mixes
    }

    private func spend(_ query: UsageQuery, over count: (UsageRow) -> Int64) async throws -> [Spend] {
        var rows: [Spend] = []
        for try await row in try await usage(query).rows {
            rows.append(
                Spend(name: row.keys[0], requests: row.requests, cost: row.cost, average: rounded(row.cost, over: count(row))))
        }
        return rows
    }
}

/// To the nearest; 0 over nothing.
func rounded(_ amount: Int64, over count: Int64) -> Int64 { count > 0 ? floorDivide(bounded(amount, plus: count / 2), count) : 0 }
