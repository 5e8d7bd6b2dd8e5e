import BudgetModel

/// A plan's counters as script arguments; `lua/take.lua` describes them.
extension Command {
    /// Keys of the counters that are not the user's own, in the plan's order.
    mutating func appendSharedKeys(_ counters: [PlannedCounter]) {
        for counter in counters where !counter.key.isPerUser { append(Keys.place(of: counter.key)) }
    }

    /// Fields of the user's own counters, in the plan's order.
    mutating func appendFields(_ counters: [PlannedCounter]) {
        for counter in counters where counter.key.isPerUser { append(Keys.place(of: counter.key)) }
    }
}

extension [PlannedCounter] {
    var sharedCount: Int { reduce(0) { $0 + ($1.key.isPerUser ? 0 : 1) } }
}

extension ByteWriter {
    /// Where in a definition its amount stands.
    static var amountOffset: Int { 15 }

    /// - Parameter room: how far used and held may go.
    /// - Parameter amount: what is added; nil for a counter that is only shown.
    mutating func appendDefinition(_ counter: PlannedCounter, room: Int64, amount: Int64?) {
        var numbers: (kind: UInt8, a: Int64, b: Int64, more: (e: Int64, f: Int64)?)
        switch counter.allowance.window {
        case .minute, .hour, .day, .week, .month: numbers = (0, counter.bounds?.start ?? 0, counter.bounds?.end ?? 0, nil)
        case .rolling(let length): numbers = (1, length, 0, (counter.startsWithin.start, counter.startsWithin.end))
        case .lifetime:
            numbers = counter.allowance.idleTime.map { (2, $0, 0, nil) } ?? (0, 0, Int64.max, nil)
        case .none: numbers = (0, 0, Int64.max, nil)
        case .refill(let period):
            let rate = RefillRate(milliseconds: period)
            numbers = (3, rate.period, rate.step, (counter.limit, 0))
        }
        append(numbers.kind + (counter.key.isPerUser ? 0 : 128))
        append(time: numbers.a)
        append(double: room)
        append(double: amount ?? -1)
        append(time: numbers.b)
        if let more = numbers.more {
            append(double: more.e)
            append(double: more.f)
        }
    }

    /// An assignment as scripts compare it with the stored one.
    mutating func appendRevision(_ revision: String) {
        if revision != Assignment.none { append(utf8: revision) }
        append(0x0A)
    }
}
