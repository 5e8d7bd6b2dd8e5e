package import BudgetModel
import Synchronization

/// What tells one series of decisions from another. Of a user, session or team it knows nothing.
package struct DecisionSeries: Hashable, Sendable {
    package var tier: Identifier
    package var feature: Identifier
    package var kind: Decision.Kind
    package var reason: Decision.Reason?
}

/// How often each outcome was decided for one tier and feature, on one event loop. Found through the plan's skeleton, so that
/// counting a decision is adding one to an integer.
final class DecisionTally {
    private let tier: Identifier
    private let feature: Identifier
    /// By ``Outcome``; ``refused`` where it is counted elsewhere.
    private var counts = [Int64](repeating: 0, count: Outcome.count)
    private let admission: SeriesAdmission
    /// Counts what is one series too many; nil for that tally itself.
    private let overflow: DecisionTally?
    private static let refused: Int64 = -1

    init(tier: Identifier, feature: Identifier, _ admission: SeriesAdmission, overflow: DecisionTally?) {
        self.tier = tier
        self.feature = feature
        self.admission = admission
        self.overflow = overflow
    }

    func count(_ decision: Decision) {
        let outcome = Outcome.index(of: decision)
        if counts[outcome] > 0 { counts[outcome] += 1 } else { countFirst(outcome) }
    }

    private func countFirst(_ outcome: Int) {
        guard let overflow else { return counts[outcome] += 1 }
        if counts[outcome] == 0, admission.admits(series(outcome)) {
            counts[outcome] = 1
        } else {
            counts[outcome] = Self.refused
            overflow.counts[outcome] += 1
        }
    }

    private func series(_ outcome: Int) -> DecisionSeries {
        DecisionSeries(tier: tier, feature: feature, kind: Outcome.kind(outcome), reason: Outcome.reason(outcome))
    }

    var figures: [(series: DecisionSeries, count: Int64)] {
        counts.indices.filter { counts[$0] > 0 }.map { (series($0), counts[$0]) }
    }
}

@available(*, unavailable)
extension DecisionTally: Sendable {}

/// Every pair of decision and reason as a small number.
private enum Outcome {
    private static let kinds: [Decision.Kind] = [.allow, .degrade, .reject]
    private static let reasons: [Decision.Reason?] = [nil] + Decision.Reason.allCases
    /// Reasons, and one for none. A literal, so that no decision waits for a table to be made.
    private static let width = 9
    static let count = 3 * width

    static func index(of decision: Decision) -> Int {
        let row =
            switch decision.kind {
            case .allow: 0
            case .degrade: 1
            case .reject: 2
            }
        return row * width + column(of: decision.reason)
    }

    private static func column(of reason: Decision.Reason?) -> Int {
        switch reason {
        case nil: 0
        case .softLimit: 1
        case .outputShortened: 2
        case .overdraft: 3
        case .protectedHours: 4
        case .limit: 5
        case .tooLarge: 6
        case .inFlight: 7
        case .frozen: 8
        }
    }

    static func kind(_ outcome: Int) -> Decision.Kind { kinds[outcome / width] }
    static func reason(_ outcome: Int) -> Decision.Reason? { reasons[outcome % width] }
}

/// Keeps the number of series bounded over all event loops. Asked once for each series and loop, not per decision.
package final class SeriesAdmission: Sendable {
    private let admitted = Mutex<Set<DecisionSeries>>([])
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    func admits(_ series: DecisionSeries) -> Bool {
        admitted.withLock { admitted in
            if admitted.contains(series) { return true }
            guard admitted.count < limit else { return false }
            admitted.insert(series)
            return true
        }
    }
}

/// The tallies of one event loop.
struct DecisionTallies {
    private struct Key: Hashable {
        var tier: Identifier
        var feature: Identifier
    }
    private var byKey: [Key: DecisionTally] = [:]
    private let admission: SeriesAdmission
    private let overflow: DecisionTally
    private static let other: Identifier = "other"
    /// Tallies of one loop. More than policies ever name; what would be one too many is counted as `other`.
    private static let maximum = 4_096

    init(_ admission: SeriesAdmission) {
        self.admission = admission
        overflow = DecisionTally(tier: Self.other, feature: Self.other, admission, overflow: nil)
    }

    /// - Parameter feature: nil for one that policy does not name.
    mutating func tally(tier: Identifier, feature: Identifier?) -> DecisionTally {
        let key = Key(tier: tier, feature: feature ?? Self.other)
        if let known = byKey[key] { return known }
        guard byKey.count < Self.maximum else { return overflow }
        let tally = DecisionTally(tier: key.tier, feature: key.feature, admission, overflow: overflow)
        byKey[key] = tally
        return tally
    }

    var figures: [(series: DecisionSeries, count: Int64)] { byKey.values.flatMap(\.figures) + overflow.figures }
}

extension BudgetStore {
    /// Counts a decision. The plan's skeleton serves one tier and feature, so it remembers where.
    func count(_ decision: Decision, of plan: Plan) {
        if let known = plan.skeleton.tally { return unsafeDowncast(known, to: DecisionTally.self).count(decision) }
        let isNamed = snapshot?.names(feature: plan.feature) ?? false
        let tally = decisions.tally(tier: plan.tier, feature: isNamed ? plan.feature : nil)
        plan.skeleton.tally = tally
        tally.count(decision)
    }
}
