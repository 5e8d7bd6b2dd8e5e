import BudgetModel

/// A figure of a report.
struct UsageColumn {
    let name: String
    let value: @Sendable (UsageRow) -> CSVText.Cell

    static let plain = [
        UsageColumn(name: "requests") { .integer($0.requests) }, UsageColumn(name: "input_tokens") { .integer($0.inputTokens) },
        UsageColumn(name: "output_tokens") { .integer($0.outputTokens) }, UsageColumn(name: "tokens") { .integer($0.tokens) },
        UsageColumn(name: "cost_usd") { .money($0.cost) },
    ]

    static let detail = [
        UsageColumn(name: "cached_input_tokens") { .integer($0.cachedInputTokens) },
        UsageColumn(name: "cache_write_input_tokens") { .integer($0.cacheWriteInputTokens) },
        UsageColumn(name: "reasoning_tokens") { .integer($0.reasoningTokens) },
        UsageColumn(name: "unpriced_requests") { .integer($0.unpriced) },
        UsageColumn(name: "cached_share") { ratio($0.cachedInputTokens, to: $0.inputTokens) },
        UsageColumn(name: "input_per_output") { ratio($0.inputTokens, to: $0.outputTokens) },
    ]

    static let average = UsageColumn(name: "average_cost_usd") { money($0.cost, over: $0.requests) }

    static func daily(_ days: Int64) -> UsageColumn { UsageColumn(name: "daily_cost_usd") { money($0.cost, over: days) } }

    /// To the nearest microcent; empty over nothing.
    private static func money(_ amount: Int64, over count: Int64) -> CSVText.Cell {
        count > 0 ? .money(rounded(amount, over: count)) : .empty
    }

    /// To the nearest ten-thousandth; empty where there is nothing to compare with.
    private static func ratio(_ part: Int64, to whole: Int64) -> CSVText.Cell {
        guard whole > 0 else { return .empty }
        let (sign, size) = (part.signum(), Int128(part.magnitude))
        return .ratio(sign * Int64(clamping: (size * 10_000 + Int128(whole) / 2) / Int128(whole)))
    }
}

extension UsageReport {
    func columns(detail: Bool, averages: Bool) -> [UsageColumn] {
        UsageColumn.plain + (detail ? UsageColumn.detail : []) + (averages ? [UsageColumn.average] : [])
            + (averages && query.period == nil ? [UsageColumn.daily(days)] : [])
    }

    /// Days of the report's zone that it touches, each as a whole.
    private var days: Int64 {
        guard query.from < query.to else { return 0 }
        return Int64(zone.clock.localTime(at: query.to - 1).day - zone.clock.localTime(at: query.from).day + 1)
    }
}
