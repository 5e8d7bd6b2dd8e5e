package import BudgetMetrics
import BudgetHTTP
import BudgetStore
package import CoreMetrics
import Synchronization
import UsageLedger

/// Everything `GET /metrics` shows, gathered when it is asked for. What event loops count is read from them; the rest is measured
/// through swift-metrics.
package final class ServiceMetrics: Sendable {
    /// What libraries and the rest of the service measure through swift-metrics.
    package let registry: MetricsRegistry
    /// 1 when the policy file could be used at its last reading, else 0.
    package let lastReloadSuccessful: Gauge
    private let version: String
    private let listeners = Mutex<[(name: String, figures: @Sendable () async throws -> ListenerFigures)]>([])
    private let committed = Mutex(CommittedAmounts())
    private let glance: StoreGlance

    /// - Parameter version: of the service.
    package init(version: String, limits: ControlLimits = ControlLimits()) {
        self.version = version
        glance = StoreGlance(lasting: limits.storeGlance)
        registry = MetricsRegistry()
        lastReloadSuccessful = Gauge(metric: .configLastReloadSuccessful, registry)
    }

    /// Shows what a listener counts, under its name.
    package func watch(_ name: String, _ figures: @escaping @Sendable () async throws -> ListenerFigures) {
        listeners.withLock { $0.append((name, figures)) }
    }

    /// - Parameters:
    ///   - policy: how this node stands to the stored policy.
    ///   - keys: whether the keys file is followed; nil without one.
    ///   - ledger: how this node stands to the ledger; nil without one.
    ///   - isReady: whether readiness says so.
    /// - Throws: when event loops have stopped.
    func scrape(
        _ stores: BudgetStores, policy: PolicyKeeper.Status, keys: AccessKeys.Status?, ledger: LedgerDrainer.Status?, isReady: Bool
    ) async throws -> [MetricFamily] {
        var families = MetricFamilies()
        let figures = try await stores.figures()
        families.add(figures, committed.withLock { $0.risen(to: figures.tally) })
        families.add(await glance.look(at: stores))
        for (name, figures) in listeners.withLock({ $0 }) { try await figures().write(to: &families, listener: name) }
        if let version = policy.version { families.add(.policyVersion, version) }
        families.add(.policyFollows, policy.isFollowing ? 1 : 0)
        if let keys { families.add(.keysLastReloadSuccessful, keys.problem == nil ? 1 : 0) }
        if let ledger { families.add(ledger, now: try await stores.now()) }
        families.add(.ready, isReady ? 1 : 0)
        families.add(.buildInfo, 1, ["version": version, "swift_version": Self.swiftVersion])
        registry.write(to: &families)
        ProcessFigures()?.write(to: &families)
        return families.sorted
    }

    /// Of the compiler; the language has no way to ask for the patch.
    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}

extension Gauge {
    convenience init(metric: ServiceMetric, _ registry: MetricsRegistry, _ dimensions: [(String, String)] = []) {
        self.init(label: metric.rawValue, dimensions: dimensions, factory: registry)
    }
}

/// Amounts that may fall a little when a checkpoint corrects itself. A counter must not, or a scraper would take it for a restart:
/// it stands still until it is passed again.
struct CommittedAmounts {
    private(set) var input: Int64 = 0
    private(set) var output: Int64 = 0
    private(set) var charged: Int64 = 0

    mutating func risen(to tally: StoreTally) -> CommittedAmounts {
        input = max(input, tally.inputCommitted)
        output = max(output, tally.outputCommitted)
        charged = max(charged, tally.charged)
        return self
    }
}
