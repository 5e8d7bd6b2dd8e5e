package import BudgetModel
package import BudgetStore

/// Audits, which only whoever keeps the ledger can make: nothing is booked while a few counters are looked at, and everything goes on
/// between one few and the next.
extension LedgerDrainer {
    /// Compares counters with the sums of their events and of open holds.
    /// - Parameters:
    ///   - user: only this user's own counters; nil: everybody's, and the shared ones.
    ///   - who: sets right what differs, and says who did; nil: only looks.
    /// - Throws: ``LedgerError``; ``BudgetError`` when Redis fails, or more waits or is open than one look can take.
    package func audit(user: Identifier?, repairing who: Correcting? = nil) async throws -> AuditReport {
        var report = AuditReport()
        if let user {
            try await audit([user], who, &report)
            return report
        }
        let auditor = try await auditor()
        var number: Int64 = 0
        while let page = try await auditor.bookedUsers(after: number) {
            number = page.last
            for users in CounterAuditor.batches(page.users) { try await audit(users, who, &report) }
        }
        var cursor: UInt64 = 0
        repeat {
            let step = try await auditor.strangers(from: cursor, upTo: number)
            cursor = step.cursor
            for users in CounterAuditor.batches(step.users) { try await audit(users, who, &report) }
        } while cursor != 0
        for counters in try await auditor.sharedBatches() {
            let (users, reservations) = (report.users, report.reservations)
            try await audit(who, &report) { try await $0.examine(shared: counters) }
            // Their holds are users', who were counted.
            (report.users, report.reservations) = (users, reservations)
        }
        report.differences.sort { $0.window.isBefore($1.window) }
        return report
    }

    private func audit(_ users: [Identifier], _ who: Correcting?, _ report: inout AuditReport) async throws {
        try await audit(who, &report) { try await $0.examine(users: users) }
        report.users += users.count
    }

    private func audit(
        _ who: Correcting?, _ report: inout AuditReport,
        _ examine: @escaping @Sendable (CounterAuditor) async throws -> (CounterExamination, CounterSnapshot)
    ) async throws {
        let (examination, snapshot, repaired) = try await turn.take {
            try await self.bookWhatWasGiven()
            let auditor = try await self.auditor()
            var (examination, snapshot) = try await examine(auditor)
            // A keeper that was deposed in the middle of its work may have booked between two looks.
            if !examination.differences.isEmpty { (examination, snapshot) = try await examine(auditor) }
            let repaired = if let who { try await auditor.correct(examination.differences, who) } else { 0 }
            return (examination, snapshot, repaired)
        }
        report.add(examination, listing: limits.listedDifferences)
        report.reservations += snapshot.reservations
        report.unreadable += snapshot.unreadable
        report.repaired += repaired
    }

    /// - Throws: ``LedgerError`` where this node does not keep the ledger.
    private func auditor() async throws -> CounterAuditor {
        if let progress = status.rebuilding { throw LedgerError.rebuilding(progress) }
        guard status.isKeeper else { throw LedgerError.unreachable(status.problem ?? "this node does not keep it") }
        return try await newAuditor()
    }
}
