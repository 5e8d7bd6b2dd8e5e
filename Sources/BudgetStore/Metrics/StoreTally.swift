import BudgetModel

/// What one event loop's store has counted since the process began: plain integers of that loop, read when a scrape asks. What
/// callers send is added saturating; the rest counts calls and holds one by one.
package struct StoreTally: Sendable, Equatable {
    /// Verbs whose repeats are answered from memory.
    package enum Verb: Int, CaseIterable, Sendable {
        case reserve, commit, release, record
    }

    /// Tokens booked; a checkpoint that corrects itself downwards takes from them.
    package var inputCommitted: Int64 = 0
    package var outputCommitted: Int64 = 0
    /// Microcents booked.
    package var charged: Int64 = 0
    package var holdsExpired: Int64 = 0
    package var lateCommits: Int64 = 0
    package var overHoldCommits: Int64 = 0
    /// Tokens committed beyond what was held.
    package var overcommitTokens: Int64 = 0
    package var bypasses: Int64 = 0
    package var estimated: Int64 = 0
    package var unpriced: Int64 = 0
    package var staleReplans: Int64 = 0
    /// By ``Verb``.
    package var replays = [Int64](repeating: 0, count: Verb.allCases.count)

    package init() {}

    mutating func replayed(_ verb: Verb) { replays[verb.rawValue] += 1 }

    /// Counts what a commit or checkpoint has booked.
    mutating func committed(_ report: HoldReport, final: Bool) {
        guard !report.replayed else { return replayed(.commit) }
        booked(report)
        guard final else { return }
        let hold = report.hold
        if hold.flags.contains(.late) { lateCommits += 1 }
        if hold.flags.contains(.overHold) { overHoldCommits += 1 }
        if hold.flags.contains(.estimated) { estimated += 1 }
        if hold.flags.contains(.unpriced) { unpriced += 1 }
        overcommitTokens.addSaturating(max(hold.booked.tokens - hold.held.tokens, 0))
    }

    mutating func recorded(_ report: HoldReport) {
        guard !report.replayed else { return replayed(.record) }
        booked(report)
        bypasses += 1
        if report.hold.flags.contains(.unpriced) { unpriced += 1 }
    }

    mutating func released(_ report: HoldReport) {
        switch (report.hold.state, report.replayed) {
        case (.released, true): replayed(.release)
        case (.expired, false): holdsExpired += 1
        default: break
        }
    }

    /// A commit after checkpoints books the difference only.
    private mutating func booked(_ report: HoldReport) {
        inputCommitted.addSaturating(report.hold.bookedInput - report.before.input)
        outputCommitted.addSaturating(report.hold.bookedOutput - report.before.output)
        charged.addSaturating((report.hold.bookedCost ?? 0) - report.before.cost)
    }

    package mutating func add(_ other: StoreTally) {
        inputCommitted.addSaturating(other.inputCommitted)
        outputCommitted.addSaturating(other.outputCommitted)
        charged.addSaturating(other.charged)
        holdsExpired += other.holdsExpired
        lateCommits += other.lateCommits
        overHoldCommits += other.overHoldCommits
        overcommitTokens.addSaturating(other.overcommitTokens)
        bypasses += other.bypasses
        estimated += other.estimated
        unpriced += other.unpriced
        staleReplans += other.staleReplans
        for verb in replays.indices { replays[verb] += other.replays[verb] }
    }
}
