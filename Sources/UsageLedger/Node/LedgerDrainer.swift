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
        /// The id of the ledger that the store belongs to; nil while it is nobody's, or not known.
        package var home: String?
        /// How far the rebuilding of a store is that lost its data; nil when there is none.
        package var rebuilding: String?
        /// How often this node has rebuilt one, and how often it broke off: each is begun anew.
        package var rebuilds: Int64 = 0
        package var failedRebuilds: Int64 = 0
        /// What waits in the streams; nil where another node takes it.
        package var lag: LedgerLag?
        /// Events since this node began.
        package var booked: Int64 = 0
        package var unreadable: Int64 = 0
        /// Why this node cannot do its part; nil while it can.
        package var problem: String?

        package init() {}
    }

    static let group = "ledger"
    let stores: BudgetStores
    /// Those that decide: they know the policy.
    let decisions: BudgetStores
    let ledger: LedgerStore
    let node: String
    let limits: LedgerLimits
    let logger: Logger
    private let clock = ContinuousClock()
    /// Draining and audits: one after the other.
    let turn = Turn()
    package internal(set) var status = Status()
    /// What this or an earlier keeper was given and did not confirm comes first.
    var readsPending = true
    /// How many entries of a partition are read at a time: fewer after a failure, for they may have been too many.
    private var entries: Int
    /// When this node last had the lease.
    private var renewed: ContinuousClock.Instant?
    var leaseAsked: ContinuousClock.Instant?
    private var lagAsked: ContinuousClock.Instant?
    /// When the lag was asked for, milliseconds by the store's clock.
    private var lagTime: Int64 = 0
    var pruned: ContinuousClock.Instant?
    private var probed: ContinuousClock.Instant?
    /// Where the search for assignments that the ledger has none of goes on, in which store, and the store that was searched last.
    var search = AssignmentSearch()
    /// The ledger's word on its store: the epoch, and the last event booked of each partition.
    var known: StoreEpoch?
    var marks: [Int: EventID] = [:]
    /// Whether `known` and `marks` have been read.
    private var knowsItself = false
    /// What the ledger has the price of, or cannot have it.
    var pricesSeen: Set<ChargedPrice> = []
    /// Since when the store has had neither epoch nor keeper.
    private var unclaimed: ContinuousClock.Instant?

    /// - Parameters:
    ///   - stores: best with a loop of their own: what is read from the streams is decoded there.
    ///   - node: tells this process apart from every other.
    init(
        stores: BudgetStores, decisions: BudgetStores, ledger: LedgerStore, node: String, limits: LedgerLimits, logger: Logger
    ) {
        self.stores = stores
        self.decisions = decisions
        self.ledger = ledger
        self.node = node
        self.limits = limits
        entries = limits.entries
        self.logger = logger
    }

    /// Drains until the task is cancelled, then gives the lease back.
    func run() async {
        while !Task.isCancelled {
            do {
                let (count, worked) = try await turn.take { try await self.step() }
                try? await Task.sleep(for: rest(after: count, worked))
            } catch {
                if Task.isCancelled { break }
                fail(error)
                // What waits is worth knowing most while nothing is booked.
                if renewed != nil { status.lag = try? await stores.ask { $0.ledgerLag($1) } }
                try? await Task.sleep(for: limits.retry)
            }
        }
        guard renewed != nil else { return }
        // A cancelled task asks nothing any more.
        await Task { [stores, node] in let _: Void? = try? await stores.ask { $0.ledgerGiveBack(node, $1) } }.value
    }

    /// Returns how many entries there were, and how long it worked on them.
    private func step() async throws -> (count: Int, worked: Duration) {
        let begin = clock.now
        // Who keeps nothing, or has nothing to book, would not notice.
        if isDue(&probed, limits.probeInterval) { try await ledger.probe() }
        var count = 0
        if try await isKeeper() {
            count = try await drainOnce()
            try await searchAssignments()
        }
        status.problem = strange
        return (count, clock.now - begin)
    }

    /// Decisions come first: until reports fall behind, most of the time is theirs.
    private func rest(after count: Int, _ worked: Duration) -> Duration {
        if count == 0 { return limits.pause }
        let isBehind = status.lag?.oldest.map { lagTime - $0 > limits.freshness.milliseconds } ?? false
        return isBehind ? .zero : min(worked * limits.restPerWork, limits.lease / 4)
    }

    /// Everything is asked anew afterwards: who has the lease, the groups (they go when Redis is emptied), what was given out.
    private func fail(_ error: any Error) {
        let why = "\(error)"
        if why != status.problem { logger.warning("this node cannot do its part for the ledger", metadata: ["why": "\(why)"]) }
        status.problem = why
        status.isKeeper = false
        leaseAsked = nil
        readsPending = true
        entries = max(1, entries / 2)
        knowsItself = false
        search.beginAnew()
    }

    // MARK: Lease

    private func isKeeper() async throws -> Bool {
        guard isDue(&leaseAsked, min(limits.watch, limits.lease / 4)) else { return status.isKeeper }
        // What another keeper was given meanwhile must be asked for.
        if let renewed, clock.now >= renewed + limits.lease { status.isKeeper = false }
        try await knowItself()
        let (node, id, lease, claims) = (node, ledger.id, limits.lease.milliseconds, mayClaim)
        var view = try await stores.ask { $0.ledgerLease(node, of: id, for: lease, claims: claims, $1) }
        // First whose it is: with a keeper known, reports are asked of that one.
        try await learnHome(view)
        status.keeper = view.keeper
        let isKeeper = view.keeper == node
        if isKeeper, !status.isKeeper {
            let _: Void = try await stores.ask { $0.ledgerCreateGroups(Self.group, $1) }
            try await ledger.finishErasures()
            marks = try await ledger.marks().latest
            readsPending = true
            // What the streams have is looked at after what the ledger has: an earlier keeper may just have booked.
            view = try await stores.ask { $0.ledgerLease(node, of: id, for: lease, claims: claims, $1) }
            logger.info("this node keeps the ledger")
        }
        if isKeeper { renewed = clock.now }
        if isKeeper { try await watch(view) } else { (status.lag, status.rebuilding) = (nil, nil) }
        status.isKeeper = isKeeper
        return isKeeper
    }

    private func knowItself() async throws {
        guard !knowsItself else { return }
        known = try await ledger.epoch()
        marks = try await ledger.marks().latest
        status.home = try await ledger.home() ?? known?.ledger
        knowsItself = true
    }

    /// A ledger with a history may take a store without an epoch at once. An empty one waits, and never does once it has seen the
    /// store with another ledger's.
    private var mayClaim: Bool {
        if known != nil || !marks.isEmpty { return true }
        guard status.home == nil || status.home == ledger.id else { return false }
        guard let unclaimed else { return limits.claimPatience <= .zero }
        return clock.now >= unclaimed + limits.claimPatience
    }

    private func learnHome(_ view: LedgerView) async throws {
        guard let home = view.epoch?.ledger else {
            unclaimed = view.keeper.isEmpty ? unclaimed ?? clock.now : nil
            return
        }
        unclaimed = nil
        if home != ledger.id, home != status.home, known == nil, marks.isEmpty { try await ledger.write(home: home) }
        status.home = home
    }

    /// Why this ledger gets nothing of the store.
    private var strange: String? {
        guard let home = status.home, home != ledger.id else { return nil }
        return status.keeper.isEmpty ? "\(LedgerError.homeless(home))" : nil
    }

    /// Whether `last` is `interval` ago; then it is now.
    func isDue(_ last: inout ContinuousClock.Instant?, _ interval: Duration) -> Bool {
        if let last, clock.now < last + interval { return false }
        last = clock.now
        return true
    }

    // MARK: Events

    /// Reads once, books, confirms. Returns how many entries there were.
    func drainOnce() async throws -> Int {
        let (count, pending) = (entries, readsPending)
        let found: [LedgerEntry] = try await stores.ask {
            $0.ledgerRead(Array(0..<Keys.partitions), group: Self.group, consumer: Self.group, count: count, pending: pending, $1)
        }
        try await book(found)
        try await confirm(found.map(\.id))
        if pending, found.isEmpty { readsPending = false }
        entries = min(entries * 2, limits.entries)
        if isDue(&lagAsked, limits.lagInterval) {
            status.lag = try await stores.ask { $0.ledgerLag($1) }
            lagTime = try await stores.now()
        }
        if isDue(&pruned, limits.pruneInterval) { try await prune() }
        return pending ? max(found.count, 1) : found.count
    }

    /// In the order of each partition: an erasure concerns what comes before it.
    private func book(_ entries: [LedgerEntry]) async throws {
        var events: [LedgerEvent] = []
        var copies: [(id: EventID, copy: AssignmentCopy)] = []
        var strange: [SetAside] = []
        for entry in entries {
            switch entry.content {
            case .event(let event): events.append(event)
            case .assignment(let copy): copies.append((entry.id, copy))
            case .unreadable(let words): strange.append(SetAside(entry.id, words, "it cannot be read"))
            case .erasure(let user):
                try await book(events, copies)
                (events, copies) = ([], [])
                _ = try await ledger.pseudonymise(user)
            }
        }
        try await book(events, copies)
        try await setAside(strange)
        marks.merge(entries.map(\.id).latest) { $0.isBefore($1) ? $1 : $0 }
    }

    private func book(_ events: [LedgerEvent], _ copies: [(id: EventID, copy: AssignmentCopy)]) async throws {
        try await keepPrices(of: events)
        do {
            status.booked += Int64(try await ledger.book(events).booked)
        } catch LedgerError.failed(let why) {
            try await bookOneByOne(events, why)
        }
        try await ledger.keep(copies)
    }

    /// One event that the database refuses must not hold up all others; where it refuses every one, it is not the event.
    private func bookOneByOne(_ events: [LedgerEvent], _ why: String) async throws {
        guard events.count > 1 || entries == 1 else { throw LedgerError.failed(why) }
        var strange: [SetAside] = []
        for event in events {
            do {
                status.booked += Int64(try await ledger.book([event]).booked)
            } catch LedgerError.failed(let why) {
                strange.append(SetAside(event.id, Array("\(event)".utf8), why))
            }
        }
        guard strange.count < events.count || events.count == 1 else { throw LedgerError.failed(why) }
        try await setAside(strange)
    }

    private func setAside(_ strange: [SetAside]) async throws {
        guard !strange.isEmpty else { return }
        try await ledger.setAside(strange)
        status.unreadable += Int64(strange.count)
        for one in strange {
            logger.error("an entry is not booked but set aside", metadata: ["event": "\(one.id)", "why": "\(one.reason)"])
        }
    }

    /// What was given out and not confirmed; afterwards all that the streams still have is not booked.
    func bookWhatWasGiven() async throws {
        readsPending = true
        while readsPending { _ = try await drainOnce() }
    }

    func newAuditor() async throws -> CounterAuditor {
        let policy: PolicySnapshot? = try await decisions.ask { $1(.success($0.snapshot)) }
        return CounterAuditor(
            stores: stores, ledger: ledger, policy: policy, node: node, limits: limits, auditedFrom: try await ledger.auditedFrom())
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
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
