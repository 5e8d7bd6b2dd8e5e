package import BudgetStore
package import Logging

/// The ledger as one node has it: opened as soon as its database answers, fed by this node or another, read by reports.
package actor NodeLedger {
    package struct Settings: Sendable {
        package var location: LedgerLocation
        package var limits = LedgerLimits()

        package init(location: LedgerLocation) { self.location = location }
    }

    private let settings: Settings
    private let stores: BudgetStores
    private let decisions: BudgetStores
    private let logger: Logger
    private var open: (store: LedgerStore, drainer: LedgerDrainer)?
    private var problem: String? = "it has not been opened yet"

    /// - Parameters:
    ///   - stores: best with a loop of their own: what is read from the streams is decoded there.
    ///   - decisions: those that follow the policy, if they are others.
    package init(_ settings: Settings, stores: BudgetStores, decisions: BudgetStores? = nil, logger: Logger) {
        self.settings = settings
        self.stores = stores
        self.decisions = decisions ?? stores
        self.logger = logger
    }

    /// Keeps the ledger until the task is cancelled; then closes it.
    /// - Parameters:
    ///   - address: under what name others are told where the ledger is: the URL of this node's control API.
    ///   - zone: the IANA name of the zone that a ledger which is made now has its days and months in; nil while that is not known:
    ///     until then it is not made.
    package func run(at address: String, zone: @Sendable () async -> String?) async {
        while !Task.isCancelled, open == nil {
            let zone = await zone()
            if let zone { await open(address, zone) }
            if open == nil { try? await Task.sleep(for: zone == nil ? settings.limits.watch : settings.limits.retry) }
        }
        guard let (store, drainer) = open else { return }
        await drainer.run()
        open = nil
        problem = "it is closed"
        do { try await store.close() } catch { logger.warning("the ledger did not close", metadata: ["why": "\(error)"]) }
    }

    private func open(_ address: String, _ zone: String) async {
        do {
            let store = try await LedgerStore.open(settings.location, timeZone: zone)
            // Nodes that share a ledger may have one address, behind a proxy. A file is where it is: after a restart it is the same.
            let node = address + "#" + (settings.location.isShared ? "\(UInt32.random(in: 0...UInt32.max))" : store.id)
            open = (
                store,
                LedgerDrainer(
                    stores: stores, decisions: decisions, ledger: store, node: node, limits: settings.limits, logger: logger)
            )
            problem = nil
        } catch {
            let why = "\(error)"
            if why != problem { logger.error("the ledger cannot be opened", metadata: ["why": "\(why)"]) }
            problem = why
        }
    }

    /// Reports under way fail: a service that stops does not wait for them.
    package func interrupt() { open?.store.interrupt() }

    /// For reports.
    /// - Throws: ``LedgerError/unreachable(_:)`` while it is not open, ``LedgerError/elsewhere(_:)`` where only another node has it.
    package func reports() async throws -> LedgerStore {
        guard let (store, drainer) = open else { throw LedgerError.unreachable(problem ?? "") }
        let status = await drainer.status
        try check(status, store)
        if settings.location.isShared || status.home == store.id { return store }
        throw LedgerError.unreachable("it is not known yet whose ledger this store's is")
    }

    /// For audits: only the keeper can make them.
    /// - Throws: ``LedgerError``.
    package func auditing() async throws -> LedgerDrainer {
        guard let (store, drainer) = open else { throw LedgerError.unreachable(problem ?? "") }
        let status = await drainer.status
        try check(status, store)
        if let progress = status.rebuilding { throw LedgerError.rebuilding(progress) }
        guard status.isKeeper || status.keeper.isEmpty else { throw LedgerError.elsewhere(Self.address(status.keeper)) }
        return drainer
    }

    /// - Throws: where to ask, when the store is another ledger's.
    private func check(_ status: LedgerDrainer.Status, _ store: LedgerStore) throws {
        guard let home = status.home, home != store.id else { return }
        throw status.keeper.isEmpty ? LedgerError.homeless(home) : .elsewhere(Self.address(status.keeper))
    }

    package var status: LedgerDrainer.Status {
        get async {
            guard let (_, drainer) = open else {
                var status = LedgerDrainer.Status()
                status.problem = problem
                return status
            }
            var status = await drainer.status
            status.keeper = Self.address(status.keeper)
            return status
        }
    }

    private static func address(_ node: String) -> String { String(node.prefix { $0 != "#" }) }
}
