import BudgetModel
import BudgetStore
import Logging

/// What the keeper does beside booking, a little at a time.
extension LedgerDrainer {
    func prune() async throws {
        let now = try await stores.now()
        // A store that does not know the time yet would have nothing removed.
        let removed = try await ledger.prune(limits.retention, now: now, steps: limits.pruneSteps)
        if removed > 0 { logger.info("old rows of the ledger removed", metadata: ["rows": "\(removed)"]) }
    }

    /// Assignments from before the ledger was told of them have no copy there, and would be lost with Redis: each store is looked
    /// through once, a step of a scan at a time. Nothing is booked between a step's reading and its writing, so an erasure that comes
    /// between them is booked afterwards.
    func searchAssignments() async throws {
        guard let known, isDue(&search.asked, limits.searchInterval) else { return }
        if !search.isInformed { (search.done, search.isInformed) = (try await ledger.copied(), true) }
        guard search.done != known else { return }
        let cursor = search.cursor(in: known)
        let step = try await stores.ask { $0.storedUsers(from: cursor, $1) }
        let copies = try await stores.ask { $0.assignmentCopies(of: Array(Set(step.users)), $1) }
        try await ledger.keepMissing(copies)
        search.cursor = step.cursor
        guard step.cursor == 0 else { return }
        try await ledger.write(copied: known)
        search.done = known
    }
}

/// How far a store has been looked through.
struct AssignmentSearch {
    /// The store that was looked through whole.
    var done: StoreEpoch?
    /// Whether the ledger has been asked for it.
    var isInformed = false
    var cursor: UInt64 = 0
    var asked: ContinuousClock.Instant?
    private var store: StoreEpoch?

    /// Where to go on; a cursor means nothing to another store.
    mutating func cursor(in store: StoreEpoch) -> UInt64 {
        if self.store != store { (self.store, cursor) = (store, 0) }
        return cursor
    }

    /// Another server may have taken the store's place.
    mutating func beginAnew() { (store, cursor) = (nil, 0) }
}
