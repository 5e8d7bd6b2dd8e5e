import BudgetModel
package import BudgetStore
import Logging

/// Takes events from the streams into the ledger, while this node has the lease. What was read and not confirmed is read again, and
/// the ledger books an event that it has already only once: killed at any step, nothing is lost and nothing is there twice.
package actor LedgerDrainer {
    /// How the ledger stands to the streams.
    package struct Status: Sendable {
        /// The node that has the lease; empty while nobody is known to.
        package var keeper = ""
        package var isKeeper = false
        /// What waits in the streams; nil where another node takes it.
        package var lag: LedgerLag?
        /// Events since this node began.
        package var booked: Int64 = 0
        package var unreadable: Int64 = 0
        /// Why nothing is booked; nil while it works.
        package var problem: String?
    }

    private static let group = "ledger"
    private let stores: BudgetStores
    private let ledger: LedgerStore
    private let node: String
    private let limits: LedgerLimits
    private let logger: Logger
    private let clock = ContinuousClock()
    package private(set) var status = Status()
    /// What this or an earlier keeper was given and did not confirm comes first.
    private var readsPending = true
    private var leaseAsked: ContinuousClock.Instant?
    private var lagAsked: ContinuousClock.Instant?
    /// When the lag was asked for, milliseconds by the store's clock.
    private var lagTime: Int64 = 0
    private var pruned: ContinuousClock.Instant?

    /// - Parameters:
    ///   - stores: best with a loop of their own: what is read from the streams is decoded there.
    ///   - node: tells this process apart from every other.
    init(stores: BudgetStores, ledger: LedgerStore, node: String, limits: LedgerLimits, logger: Logger) {
        self.stores = stores
        self.ledger = ledger
        self.node = node
        self.limits = limits
        self.logger = logger
    }

    /// Drains until the task is cancelled, then gives the lease back.
    func run() async {
        while !Task.isCancelled {
            do {
                let isKeeper = try await isKeeper()
                let begin = clock.now
                let count = isKeeper ? try await drainOnce() : 0
                status.problem = nil
                try? await Task.sleep(for: rest(after: count, clock.now - begin))
            } catch {
                fail(error)
                try? await Task.sleep(for: limits.retry)
            }
        }
        guard status.isKeeper else { return }
        // A cancelled task asks nothing any more.
        await Task { [stores, node] in let _: Void? = try? await stores.ask { $0.ledgerGiveBack(node, $1) } }.value
    }

    /// Decisions come first: until reports fall behind, most of the time is theirs.
    private func rest(after count: Int, _ worked: Duration) -> Duration {
        if count == 0 { return limits.pause }
        let isBehind = status.lag?.oldest.map { lagTime - $0 > limits.freshness.milliseconds } ?? false
        return isBehind ? .zero : worked * limits.restPerWork
    }

    /// Everything is asked anew afterwards: who has the lease, the groups (they go when Redis is emptied), what was given out.
    private func fail(_ error: any Error) {
        let why = "\(error)"
        if why != status.problem { logger.warning("events wait for the ledger", metadata: ["why": "\(why)"]) }
        status.problem = why
        status.isKeeper = false
        leaseAsked = nil
        readsPending = true
    }

    // MARK: Lease

    private func isKeeper() async throws -> Bool {
        guard isDue(&leaseAsked, limits.lease / 4) else { return status.isKeeper }
        let (node, lease) = (node, limits.lease.milliseconds)
        status.keeper = try await stores.ask { $0.ledgerLease(node, for: lease, $1) }
        let isKeeper = status.keeper == node
        if isKeeper, !status.isKeeper {
            let _: Void = try await stores.ask { $0.ledgerCreateGroups(Self.group, $1) }
            try await ledger.finishErasures()
            readsPending = true
            logger.info("this node keeps the ledger")
        }
        if !isKeeper { status.lag = nil }
        status.isKeeper = isKeeper
        return isKeeper
    }

    /// Whether `last` is `interval` ago; then it is now.
    private func isDue(_ last: inout ContinuousClock.Instant?, _ interval: Duration) -> Bool {
        if let last, clock.now < last + interval { return false }
        last = clock.now
        return true
    }

    // MARK: Events

    /// Reads once, books, confirms. Returns how many entries there were.
    private func drainOnce() async throws -> Int {
        let (count, pending) = (limits.entries, readsPending)
        let entries: [LedgerEntry] = try await stores.ask {
            $0.ledgerRead(Array(0..<Keys.partitions), group: Self.group, consumer: Self.group, count: count, pending: pending, $1)
        }
        try await book(entries)
        try await confirm(entries.map(\.id))
        if pending, entries.isEmpty { readsPending = false }
        if isDue(&lagAsked, limits.lagInterval) {
            status.lag = try await stores.ask { $0.ledgerLag($1) }
            lagTime = try await stores.now()
        }
        if isDue(&pruned, limits.pruneInterval) { try await prune() }
        return pending ? max(entries.count, 1) : entries.count
    }

    /// In the order of each partition: an erasure concerns what comes before it.
    private func book(_ entries: [LedgerEntry]) async throws {
        var events: [LedgerEvent] = []
        for entry in entries {
            switch entry.content {
            case .event(let event): events.append(event)
            case .unreadable:
                status.unreadable += 1
                logger.error("an event cannot be read and is not in the ledger", metadata: ["event": "\(entry.id)"])
            case .erasure(let user):
                status.booked += Int64(try await ledger.book(events).booked)
                events = []
                _ = try await ledger.pseudonymise(user)
            }
        }
        status.booked += Int64(try await ledger.book(events).booked)
    }

    /// All partitions at a time: each is a command of its own.
    private func confirm(_ ids: [EventID]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { [stores] group in
            for ids in Dictionary(grouping: ids, by: \.partition).values {
                group.addTask { let _: Int = try await stores.ask { $0.ledgerConfirm(ids, group: Self.group, $1) } }
            }
            try await group.waitForAll()
        }
    }

    private func prune() async throws {
        let now = try await stores.now()
        // A store that does not know the time yet would have nothing removed.
        let removed = try await ledger.prune(limits.retention, now: now)
        if removed > 0 { logger.info("old rows of the ledger removed", metadata: ["rows": "\(removed)"]) }
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
