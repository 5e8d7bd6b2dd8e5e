package import BudgetHTTP
package import BudgetStore
package import Logging
import Synchronization
package import UsageLedger

/// What all calls of the control listener work with. One noun, one file: `Endpoints/Health.swift` and so on.
package final class ControlDesk: Sendable {
    let stores: BudgetStores
    let keeper: PolicyKeeper
    /// Who may call; nil: everybody who can reach a loopback address.
    let keys: AccessKeys?
    let logger: Logger
    let metrics: ServiceMetrics
    /// Who spent what; nil: this service keeps none.
    let ledger: NodeLedger?
    private let draining = Atomic(false)

    package init(
        stores: BudgetStores, keeper: PolicyKeeper, keys: AccessKeys?, metrics: ServiceMetrics, ledger: NodeLedger? = nil,
        logger: Logger
    ) {
        self.stores = stores
        self.keeper = keeper
        self.keys = keys
        self.metrics = metrics
        self.ledger = ledger
        self.logger = logger
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func beginDrain() { draining.store(true, ordering: .relaxed) }

    /// Every endpoint of the control API.
    func endpoints(_ limits: ControlLimits) -> [Endpoint] {
        health(limits) + description(limits) + policy(limits) + tiers(limits) + prices(limits) + users(limits) + grants(limits)
            + erase(limits) + reservations(limits) + allowances(limits) + [metricsEndpoint()] + usage(limits) + statements()
            + insights() + audit(limits)
    }
}
