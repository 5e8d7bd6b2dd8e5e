import BudgetStore

/// What came of an audit.
package struct AuditReport: Hashable, Sendable {
    package internal(set) var users = 0
    package internal(set) var counters = 0
    /// Open reservations.
    package internal(set) var reservations = 0
    /// Counters that began before the ledger did, or of sessions that rested: their use is not what events say, and need not be.
    package internal(set) var unknown = 0
    /// Counters that drain: of them only what is held was compared.
    package internal(set) var refills = 0
    /// Counters, reservations and events that cannot be read.
    package internal(set) var unreadable = 0
    /// How many differences there are, listed or not.
    package internal(set) var found = 0
    package internal(set) var differences: [CounterDifference] = []
    /// Counters that a repair set right.
    package internal(set) var repaired = 0

    package var isClean: Bool { found == 0 && unreadable == 0 }

    mutating func add(_ examination: CounterExamination, listing limit: Int) {
        counters += examination.counters
        unknown += examination.unknown
        refills += examination.refills
        found += examination.differences.count
        differences += examination.differences.prefix(max(limit - differences.count, 0))
    }
}
