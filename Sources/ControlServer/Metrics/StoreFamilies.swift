import BudgetMetrics
import BudgetModel
import BudgetStore

/// What the stores have counted, as metrics.
extension MetricFamilies {
    mutating func add(_ figures: StoreFigures, _ committed: CommittedAmounts) {
        add(figures.decisions)
        add(.tokensCommitted, committed.input, ["direction": "input"])
        add(.tokensCommitted, committed.output, ["direction": "output"])
        add(.chargedMicrocents, committed.charged)
        add(figures.tally)
        for (allowance, count) in figures.wouldReject.sorted(by: {
            ($0.key.name.text, $0.key.tier.text) < ($1.key.name.text, $1.key.tier.text)
        }) {
            add(.wouldReject, count, ["allowance": allowance.name.text, "tier": allowance.tier.text])
        }
        add(.storeLostData, figures.lacksData ? 1 : 0)
        add(.storeDataLosses, figures.dataLosses)
        add(.storeRequestDuration, .durations(figures.durations))
        for kind in StoreFault.Kind.allCases { add(.storeErrors, figures.errors[kind.rawValue] ?? 0, ["kind": kind.rawValue]) }
    }

    private mutating func add(_ decisions: [DecisionSeries: Int64]) {
        let labelled = decisions.map { series, count in
            (labels: [series.kind.rawValue, series.tier.text, series.feature.text, series.reason?.rawValue ?? ""], count: count)
        }
        for (labels, count) in labelled.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
            add(.decisions, count, ["decision": labels[0], "tier": labels[1], "feature": labels[2], "reason": labels[3]])
        }
    }

    private mutating func add(_ tally: StoreTally) {
        add(.holdsExpired, tally.holdsExpired)
        add(.lateCommits, tally.lateCommits)
        add(.overHoldCommits, tally.overHoldCommits)
        add(.overcommitTokens, tally.overcommitTokens)
        add(.bypasses, tally.bypasses)
        add(.estimated, tally.estimated)
        add(.unpriced, tally.unpriced)
        add(.staleReplans, tally.staleReplans)
        for verb in StoreTally.Verb.allCases { add(.replayed, tally.replays[verb.rawValue], ["verb": "\(verb)"]) }
    }

    mutating func add(_ view: StoreGlance.View) {
        if let holds = view.openHolds { add(.holds, holds) }
        if let memory = view.status?.memory { add(.storeMemory, memory) }
        if let limit = view.status?.memoryLimit { add(.storeMemoryLimit, limit) }
        if let version = view.status?.version { add(.storeInfo, 1, ["redis_version": version]) }
    }
}
