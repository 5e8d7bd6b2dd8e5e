package import BudgetModel

/// All that events moved a counter's window by: the other side of an audit, which Redis' `used` must equal.
package struct CounterSum: Hashable, Sendable {
    package var unit: AllowanceUnit
    /// In that unit.
    package var amount: Int64 = 0
    /// When it moved last, milliseconds.
    package var changedAt: Int64 = 0

    // Of counters without a window (its start is 0) only. One that nobody reserves from for long is forgotten by Redis if it is a
    // session's, and begins anew without an event. Which one is a session's is policy's word, so it is known of all of them.

    /// What moved it since it last rested that long; of one that never did, the same as ``amount``.
    package var sinceRest: Int64 = 0
    /// When it was first reserved from after that, milliseconds; 0 where the ledger knows no beginning.
    package var resumedAt: Int64 = 0
    /// When it was last reserved from, as far as events tell, milliseconds.
    package var takenAt: Int64 = 0

    package init(unit: AllowanceUnit) { self.unit = unit }

    /// Adds a movement of an event.
    mutating func add(_ movement: CounterMovement, of event: LedgerEvent) {
        amount = bounded(amount, plus: movement.amount)
        changedAt = max(changedAt, event.settledAt)
        guard movement.windowStart == 0 else { return }
        // A reset or repair is no use of it.
        if event.kind.isUsage {
            if event.reservedAt >= takenAt + Allowance.sessionIdleTime { (sinceRest, resumedAt) = (0, event.reservedAt) }
            takenAt = max(takenAt, event.reservedAt)
        }
        sinceRest = bounded(sinceRest, plus: movement.amount)
    }

    /// Whether it rested so long that a session's counter may have been forgotten.
    package var hasRested: Bool { sinceRest != amount }

    /// What of a session's counter is used at least. A reservation that booked nothing, which no event tells of as a movement, may
    /// have kept it alive: then it is more.
    package var leastUsed: Int64 { min(max(sinceRest, 0), max(amount, 0)) }
}
