/// Everything the reserve script needs to decide: which counters, which rungs, what each costs. Pure; policy ends here.
/// A reference, for it travels with its decision through several closures.
package final class Plan {
    package let skeleton: PlanSkeleton
    package let user: Identifier
    package let feature: Identifier
    /// The assignment this plan was made under; the script answers `stale` if the user's is another by now.
    package let revision: String
    package let frozen: Bool
    package let inputTokens: Int64
    package let rungs: [PlannedRung]
    package let attempts: [Attempt]
    /// The first rung is the model asked for (it is left out when its own maximum is below the minimum asked).
    package let asksFirstRung: Bool

    init(
        _ request: borrowing ReserveRequest, _ assignment: Assignment, _ skeleton: PlanSkeleton, rungs: [PlannedRung],
        attempts: [Attempt], asksFirstRung: Bool
    ) {
        self.skeleton = skeleton
        user = request.attribution.user
        feature = request.attribution.feature
        revision = assignment.revision
        frozen = assignment.frozen
        inputTokens = request.inputTokens
        self.rungs = rungs
        self.attempts = attempts
        self.asksFirstRung = asksFirstRung
    }

    package var tier: Identifier { skeleton.tier }
    package var counters: [PlannedCounter] { skeleton.counters }
    package var validity: WindowBounds { skeleton.validity }
    package var message: String? { skeleton.message }
    /// No model of the ladder was left out.
    package var isWhole: Bool { rungs.count == skeleton.models.count }

    /// Most counters of one plan: scripts number them in a byte.
    package static let maximumCounters = 250
}

/// One counter of a plan, and how far it may go. A reference: plans pass on one pointer instead of a dozen.
package final class PlannedCounter: Sendable {
    package let key: CounterKey
    package let compiled: CompiledAllowance
    package let allowance: Allowance
    /// The limit as people read it, top-ups included. A shadow allowance shows it too, though its levels never bind.
    package let limit: Int64
    package let levels: Levels
    /// The present window of a calendar counter.
    package let bounds: WindowBounds?
    /// A rolling counter's levels hold if its window began in this span (top-ups depend on when a window began).
    package let startsWithin: WindowBounds

    init(
        key: CounterKey, compiled: CompiledAllowance, limit: Int64, levels: Levels, bounds: WindowBounds?, startsWithin: WindowBounds
    ) {
        self.key = key
        self.compiled = compiled
        allowance = compiled.allowance
        self.limit = limit
        self.levels = levels
        self.bounds = bounds
        self.startsWithin = startsWithin
    }
}

extension WindowBounds {
    /// All of time that a store's 48-bit millisecond stamp can name.
    package static let always = WindowBounds(start: 0, end: 1 << 48)
}

/// One model of the ladder as it is tried.
package struct PlannedRung: Sendable {
    /// As asked, or as the ladder writes it: what answers show.
    package var model: Identifier
    /// The catalogue's name.
    package var canonical: Identifier
    package var minimumOutput: Int64
    package var maximumOutput: Int64
    /// nil without a price.
    package var cost: CostLine?
    /// Microcents at `maximumOutput`; nil without a price.
    package var costAtMaximum: Int64?
    /// Indexes into the plan's counters, in policy order.
    package var counters: [Int]
}

/// A rung tried up to one of its counters' bounds. The raw value is the scripts' number.
package struct Attempt: Hashable, Sendable {
    package enum Bound: UInt8, Sendable {
        case soft = 1
        case limit
        case overdraft
        case grace
    }
    package var rung: Int
    package var bound: Bound
}
