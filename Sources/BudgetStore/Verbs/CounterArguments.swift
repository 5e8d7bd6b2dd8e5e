import BudgetModel

/// A plan's counters as script arguments; `lua/roll.lua` describes a definition.
extension Arguments {
    /// Keys of the counters that are not the user's own, in the plan's order.
    mutating func appendSharedKeys(_ counters: [PlannedCounter]) {
        for counter in counters where !counter.key.isPerUser { append(Keys.sharedCounter(counter.key)) }
    }

    /// For each counter its definition, and its field when it is the user's own (else nothing: its key stands in KEYS).
    mutating func appendCounters(_ counters: [PlannedCounter]) {
        for counter in counters {
            append { $0.appendDefinition(counter) }
            append(counter.key.isPerUser ? Keys.field(counter.key) : [])
        }
    }
}

extension [PlannedCounter] {
    var sharedCount: Int { reduce(0) { $0 + ($1.key.isPerUser ? 0 : 1) } }
}

extension [UInt8] {
    /// How long a session's lifetime counter outlives its last use.
    private static var sessionLifetime: Int64 { 30 * 86_400_000 }

    fileprivate mutating func appendDefinition(_ counter: PlannedCounter) {
        append(counter.allowance.unit.code)
        var numbers: (kind: UInt8, a: Int64, b: Int64, e: Int64, f: Int64)
        switch counter.allowance.window {
        case .minute, .hour, .day, .week, .month:
            numbers = (0, counter.bounds?.start ?? 0, counter.bounds?.end ?? 0, 0, 0)
        case .rolling(let length): numbers = (1, length, 0, counter.startsWithin.start, counter.startsWithin.end)
        case .lifetime: numbers = (2, counter.allowance.per.contains(.session) ? Self.sessionLifetime : 0, 0, 0, 0)
        case .none: numbers = (2, 0, 0, 0, 0)
        case .refill(let period):
            let rate = RefillRate(milliseconds: period)
            numbers = (3, rate.period, rate.step, counter.limit, 0)
        }
        append(numbers.kind)
        appendDouble(numbers.a)
        appendDouble(numbers.b)
        appendDouble(counter.levels.soft)
        appendDouble(counter.levels.limit)
        appendDouble(counter.levels.overdraft)
        appendDouble(counter.levels.grace)
        appendDouble(numbers.e)
        appendDouble(numbers.f)
    }
}
