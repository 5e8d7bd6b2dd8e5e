package import BudgetMetrics

/// What the stores of all event loops have counted, at the moment of a scrape.
package struct StoreFigures: Sendable {
    package private(set) var tally = StoreTally()
    package private(set) var decisions: [DecisionSeries: Int64] = [:]
    /// What shadow allowances would have refused.
    package private(set) var wouldReject: [ShadowAllowance: Int64] = [:]
    /// From a command's sending to its answer.
    package private(set) var durations = DurationHistogram()
    /// Calls that the store failed, by kind.
    package private(set) var errors: [String: Int64] = [:]
    /// How often Redis turned out to have lost its data. Each loop looks for itself and finds the same.
    package private(set) var dataLosses: Int64 = 0
    /// Whether some loop knows Redis without the data that it had.
    package private(set) var lacksData = false

    /// Series shown of shadow allowances that have refused nothing yet.
    private static let mostShadows = 1_000

    package init() {}

    package mutating func add(_ store: BudgetStore) {
        tally.add(store.tally)
        for (series, count) in store.decisions.figures { decisions[series, default: 0] += count }
        for allowance in store.snapshot?.shadows(atMost: Self.mostShadows) ?? [] { wouldReject[allowance, default: 0] += 0 }
        wouldReject.merge(store.wouldReject) { $0 + $1 }
        durations.add(store.connection.durations)
        dataLosses = max(dataLosses, store.watch.losses)
        lacksData = lacksData || store.watch.obstacle == .storeLostData
        for (kind, count) in zip(StoreFault.Kind.allCases, store.faults) { errors[kind.rawValue, default: 0] += count }
    }
}

extension BudgetStores {
    /// What all loops have counted since the process began.
    package func figures() async throws -> StoreFigures {
        try await fold(StoreFigures()) { $0.add($1) }
    }
}

extension StoreFault {
    /// What a fault is called where faults are counted.
    package enum Kind: String, CaseIterable, Sendable {
        case unavailable
        case timedOut = "timed_out"
        case overloaded, refusing, corrupt, misconfigured
        case lostData = "lost_data"
    }

    package var kind: Kind {
        switch self {
        case .unavailable: .unavailable
        case .timedOut: .timedOut
        case .overloaded: .overloaded
        case .refusing: .refusing
        case .corrupt: .corrupt
        case .misconfigured: .misconfigured
        case .lostData: .lostData
        }
    }
}

extension BudgetStore {
    /// Counts a call that failed because of the store; other failures are the caller's.
    package func count(_ error: BudgetError) {
        switch error {
        case .store(let fault): countFault(fault.kind)
        case .unsettled: countFault(.refusing)
        default: break
        }
    }

    private func countFault(_ kind: StoreFault.Kind) {
        guard let index = StoreFault.Kind.allCases.firstIndex(of: kind) else { return }
        faults[index] += 1
    }
}
