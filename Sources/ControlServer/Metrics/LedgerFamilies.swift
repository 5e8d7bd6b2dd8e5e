import BudgetMetrics
import BudgetStore
import UsageLedger

/// How a node stands to the ledger, as metrics.
extension MetricFamilies {
    /// - Parameter now: milliseconds, by the clock that dates events.
    mutating func add(_ ledger: LedgerDrainer.Status, now: Int64) {
        add(.ledgerKeeper, ledger.isKeeper ? 1 : 0)
        add(.ledgerWorks, ledger.problem == nil ? 1 : 0)
        add(.ledgerBooked, ledger.booked)
        add(.ledgerUnreadable, ledger.unreadable)
        add(.ledgerRebuilding, ledger.rebuilding == nil ? 0 : 1)
        add(.ledgerRebuilds, ledger.rebuilds, ["result": "completed"])
        add(.ledgerRebuilds, ledger.failedRebuilds, ["result": "failed"])
        guard let lag = ledger.lag else { return }
        add(.ledgerWaiting, lag.entries)
        add(.ledgerLag, max(0, (now - (lag.oldest ?? now)) / 1_000))
    }
}
