import BudgetClient
import CommandSupport
import Foundation

/// What a run has done so far.
struct ReplayCounts: Sendable {
    var requests = 0
    var allowed = 0
    var degraded = 0
    var rejected = 0
    var committed = 0
    /// Commits the service took note of while its store was down.
    var journaled = 0
    /// By verb and kind, such as `commit 503 store_unavailable`.
    var errors: [String: Int] = [:]
    var tokensCharged: Int64 = 0
    /// Dollars.
    var costCharged: Decimal = 0
    /// Commits without a price.
    var unpriced = 0
    /// From a call to its decoded answer.
    var reserveLatency = Latency()
    var commitLatency = Latency()
    /// How far the run fell behind the trace's clock.
    var behind: Duration = .zero

    var failed: Int { errors.values.reduce(0, +) }
}

/// Keeps the books of a run: what was sent and what the service acknowledged, per user and counter.
actor ReplayTally {
    private(set) var counts = ReplayCounts()
    private(set) var users: [UserBooks]
    private(set) var mismatches = MismatchList()
    private let settings: ReplaySettings

    init(_ settings: ReplaySettings, users: Int) {
        self.settings = settings
        self.users = Array(repeating: UserBooks(), count: users)
    }

    func sends(behind: Duration) {
        counts.requests += 1
        counts.behind = max(counts.behind, behind)
    }

    func decided(_ decision: DecisionReply, for user: Int, after latency: Duration) {
        counts.reserveLatency.record(latency)
        switch decision.decision {
        case "allow": counts.allowed += 1
        case "degrade": counts.degraded += 1
        default: return counts.rejected += 1
        }
        users[user].sight(decision.allowances, model: model(decision))
        if decision.reservationID == nil {
            mismatches.add(settings.user(user), "reservation of an \(decision.decision)", expected: "an id", actual: "none")
        }
    }

    func settled(
        _ settlement: BudgetClient.Received<SettlementReply>, of decision: DecisionReply, _ row: TraceRow, for user: Int,
        after latency: Duration
    ) {
        counts.commitLatency.record(latency)
        guard settlement.status == 200 else {
            counts.journaled += 1
            return users[user].lose(track: "a commit was journaled, not booked")
        }
        counts.committed += 1
        let reply = settlement.value
        let cost = reply.charged?.cost
        counts.tokensCharged += reply.charged?.tokens ?? 0
        counts.costCharged += cost ?? 0
        if cost == nil { counts.unpriced += 1 }
        check(reply, row, settings.user(user))
        users[user].sight(reply.allowances ?? [], model: model(decision))
        users[user].book(decision.allowances, model: model(decision), row, cost: cost)
    }

    /// A call without its answer.
    func failed(_ verb: BudgetClient.Verb, for user: Int, _ error: any Error) {
        let kind: String
        var isUnknown = true
        switch error {
        case let problem as BudgetProblem:
            kind = [String(problem.status), problem.code].compactMap { $0 }.joined(separator: " ")
            isUnknown = problem.leavesOutcomeUnknown
        case let error as BudgetClientError:
            kind = error.kind
            isUnknown = error.leavesOutcomeUnknown
        default: kind = "cancelled"
        }
        counts.errors["\(verb.rawValue) \(kind)", default: 0] += 1
        // Without its commit a reservation stays held until it expires.
        if isUnknown || verb == .commit { users[user].lose(track: "\(verb.rawValue) \(kind)") }
    }

    /// A failure outside the calls, such as a trace that changed.
    func failed(_ what: String) { counts.errors[what, default: 0] += 1 }

    /// A commit says what it did: that must be what was asked.
    private func check(_ reply: SettlementReply, _ row: TraceRow, _ user: String) {
        func expect(_ subject: String, _ expected: String, _ actual: String) {
            if actual != expected { mismatches.add(user, subject, expected: expected, actual: actual) }
        }
        expect("commit's charged tokens", String(row.tokens), reply.charged.map { String($0.tokens) } ?? "none")
        expect("commit's state", "committed", reply.state ?? "none")
        expect("commit's replayed", "false", String(reply.replayed ?? false))
        expect("commit's late", "false", String(reply.late ?? false))
    }

    private func model(_ decision: DecisionReply) -> String { decision.model ?? settings.model }
}

extension BudgetClientError {
    /// A word or two that do not differ from call to call.
    fileprivate var kind: String {
        switch self {
        case .invalidServer, .invalidKey, .invalidTLS: "not sent"
        case .unreachable, .handshakeFailed: "unreachable"
        case .timedOut: "timed out"
        case .brokenOff: "broken off"
        case .unreadableAnswer: "unreadable answer"
        }
    }
}
