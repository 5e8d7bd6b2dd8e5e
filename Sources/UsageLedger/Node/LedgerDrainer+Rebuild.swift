import BudgetModel
import BudgetStore
import Logging

/// What the keeper does about a store that has no epoch, another than the ledger's, or fewer events than the ledger: it lost data, and
/// gets back what the ledger knows. Every step can be taken again; the epoch comes last, so that one who was killed begins anew.
extension LedgerDrainer {
    /// Makes sure that the store has everything: at once, or by rebuilding it.
    func watch(_ view: LedgerView) async throws {
        let isBehind = view.tips.contains { tip in marks[tip.partition].map { tip.isBefore($0) } ?? false }
        if let epoch = view.epoch, epoch == known, !isBehind { return status.rebuilding = nil }
        // Another node that shares the ledger may have written it.
        known = try await ledger.epoch()
        if !isBehind, view.epoch == known {
            if view.epoch == nil { try await claim(view) }
            return status.rebuilding = nil
        }
        logger.critical(
            "the store has lost data: it is rebuilt from the ledger",
            metadata: [
                "epoch": "\(view.epoch?.description ?? "none")", "ledger": "\(known?.description ?? "none")",
                "events_missing": "\(isBehind)",
            ])
        do {
            try await rebuild(view, mayLower: isBehind || view.epoch == nil)
            status.rebuilds += 1
        } catch LedgerError.rebuilding(let what) {
            // It only waits.
            throw LedgerError.rebuilding(what)
        } catch {
            status.failedRebuilds += 1
            throw error
        }
    }

    /// The first time that this ledger and this store meet.
    private func claim(_ view: LedgerView) async throws {
        if marks.isEmpty, view.tips.allSatisfy({ $0.milliseconds == 0 }), try await hasUsers() {
            try await ledger.write(auditedFrom: view.time)
        }
        try await begin(inPlaceOf: nil)
        logger.notice("this ledger has claimed the store", metadata: ["ledger": "\(ledger.id)"])
    }

    private func hasUsers() async throws -> Bool {
        var cursor: UInt64 = 0
        repeat {
            let from = cursor
            let found = try await stores.ask { $0.storedUsers(from: from, $1) }
            if !found.users.isEmpty { return true }
            cursor = found.cursor
        } while cursor != 0
        return false
    }

    /// From here on the store counts as whole. SQL first: an epoch that only SQL knows is one that was lost.
    private func begin(inPlaceOf old: StoreEpoch?) async throws {
        let (epoch, node, marks) = (StoreEpoch.new(of: ledger.id), node, Array(marks.values))
        try await ledger.write(epoch)
        guard try await stores.ask({ $0.ledgerEpoch(epoch, inPlaceOf: old, by: node, marks: marks, $1) }) else {
            throw LedgerError.unreachable("another node has taken the ledger over")
        }
        known = epoch
        status.home = ledger.id
    }

    // MARK: Rebuilding

    /// - Parameter mayLower: whether a counter may be higher than the ledger only because the store is old, not the ledger.
    private func rebuild(_ view: LedgerView, mayLower: Bool) async throws {
        status.rebuilding = "what it still has is read"
        if let epoch = view.epoch {
            let (node, none) = (node, [EventID]())
            guard try await stores.ask({ $0.ledgerEpoch(nil, inPlaceOf: epoch, by: node, marks: none, $1) }) else {
                throw LedgerError.unreachable("another node has taken the ledger over")
            }
        }
        let _: Void = try await stores.ask { $0.ledgerCreateGroups(Self.group, $1) }
        try await Task.sleep(for: limits.notice)
        try await drainAll()
        let auditor = try await newAuditor()
        guard auditor.policy != nil else { throw LedgerError.rebuilding("it waits for a policy, to know which windows last") }
        try await forgetSettledHolds()
        try await restoreUsers(auditor, mayLower)
        for counters in try await auditor.sharedBatches() {
            try await keepLease()
            let (examination, _) = try await auditor.examine(shared: counters, isRebuilding: true)
            _ = try await auditor.correct(examination.differences.forRebuilding(mayLower), nil)
        }
        try await keepLease()
        try await begin(inPlaceOf: nil)
        status.rebuilding = nil
        logger.notice("the store is rebuilt from the ledger")
    }

    /// Holds that are open again because the store lost their settlement: settled once more, by a caller who asks again or by the sweep,
    /// they would be booked twice. Before counters are compared with what is held.
    private func forgetSettledHolds() async throws {
        var holds: Set<OpenHold> = []
        for partition in 0..<Keys.partitions {
            var cursor: UInt64 = 0
            repeat {
                let from = cursor
                let step = try await stores.ask { $0.openHolds(partition: partition, from: from, $1) }
                holds.formUnion(step.holds)
                cursor = step.cursor
            } while cursor != 0
            try await keepLease()
        }
        let settled = try await ledger.knownBetter(Array(holds))
        for hold in settled {
            try await keepLease()
            let node = node
            guard try await stores.ask({ $0.forget(hold, by: node, $1) }) else {
                throw LedgerError.unreachable("another node has taken the ledger over")
            }
        }
        guard !settled.isEmpty else { return }
        logger.warning("holds that the store had forgotten to be settled are gone", metadata: ["holds": "\(settled.count)"])
    }

    private func restoreUsers(_ auditor: CounterAuditor, _ mayLower: Bool) async throws {
        var (number, done): (Int64, Int) = (0, 0)
        while let page = try await auditor.bookedUsers(after: number) {
            let assignments = try await ledger.assignments(of: page.users)
            for users in CounterAuditor.batches(page.users) {
                try await keepLease()
                let (examination, _) = try await auditor.examine(users: users, isRebuilding: true)
                let mine = assignments.filter { users.contains($0.key) }
                _ = try await auditor.correct(examination.differences.forRebuilding(mayLower), nil, assignments: mine)
            }
            number = page.last
            done += page.users.count
            status.rebuilding = "\(done) users are rebuilt"
        }
    }

    /// Until nothing waits any more.
    private func drainAll() async throws {
        readsPending = true
        while try await drainOnce() > 0 || readsPending { try await keepLease() }
    }

    private func keepLease() async throws {
        guard isDue(&leaseAsked, limits.lease / 4) else { return }
        let (node, id, lease) = (node, ledger.id, limits.lease.milliseconds)
        let view = try await stores.ask { $0.ledgerLease(node, of: id, for: lease, claims: true, $1) }
        guard view.keeper == node else { throw LedgerError.unreachable("another node has taken the ledger over") }
    }
}

extension [CounterDifference] {
    /// What open reservations hold is right already, as far as there still are any.
    fileprivate func forRebuilding(_ mayLower: Bool) -> [CounterDifference] {
        compactMap { difference in
            var difference = difference
            guard difference.correction.used > 0 || difference.correction.held > 0 || mayLower else { return nil }
            if !mayLower { difference.correction.used = Swift.max(difference.correction.used, 0) }
            return difference
        }
    }
}
