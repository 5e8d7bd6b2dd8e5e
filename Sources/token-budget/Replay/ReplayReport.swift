import CommandSupport
import Foundation

/// The outcome of a run, as a table for people and as JSON for machines.
struct ReplayReport: Encodable {
    struct Unknown: Encodable, Hashable, Sendable {
        var user: String
        var reason: String
    }

    struct Trace: Encodable {
        var file: String
        var requests: Int
        var tokens: Int64
    }

    var trace: Trace
    var users: Int
    var userPrefix: String
    var requests: Int
    var allow, degrade, reject: Int
    var errors: Int
    var errorKinds: [String: Int]
    var commits: Int
    var journaled: Int
    var tokensCharged: Int64
    var costUsd: Decimal
    var unpriced: Int
    var elapsedSeconds: Double
    var requestsPerSecond: Double
    var callsPerSecond: Double
    /// Where the trace's clock was to be kept.
    var behindSeconds: Double?
    var reserveLatency: Percentiles
    var commitLatency: Percentiles
    var countersCompared: Int
    var countersSkipped: Int
    var usersUnknown: [Unknown]
    var ledgerMismatches: Int
    var mismatches: [MismatchList.Mismatch]
    var wasStopped: Bool

    init(
        _ settings: ReplaySettings, _ summary: TraceSummary, _ counts: ReplayCounts, _ elapsed: Duration, _ audit: CounterAudit,
        _ unknown: [Unknown], of answers: MismatchList, wasStopped: Bool
    ) {
        let seconds = elapsed / .seconds(1)
        trace = Trace(file: settings.file, requests: summary.requests, tokens: summary.tokens)
        users = min(settings.users, summary.requests)
        userPrefix = settings.userPrefix
        requests = counts.requests
        (allow, degrade, reject) = (counts.allowed, counts.degraded, counts.rejected)
        (errors, errorKinds) = (counts.failed, counts.errors)
        (commits, journaled) = (counts.committed, counts.journaled)
        (tokensCharged, costUsd, unpriced) = (counts.tokensCharged, counts.costCharged, counts.unpriced)
        elapsedSeconds = Self.rounded(seconds, 1_000)
        requestsPerSecond = Self.rounded(Double(counts.requests) / seconds, 10)
        let calls = counts.reserveLatency.count + counts.commitLatency.count
        callsPerSecond = Self.rounded(Double(calls) / seconds, 10)
        behindSeconds = settings.pace == .unlimited ? nil : Self.rounded(counts.behind / .seconds(1), 1_000)
        (reserveLatency, commitLatency) = (Percentiles(counts.reserveLatency), Percentiles(counts.commitLatency))
        (countersCompared, countersSkipped, usersUnknown) = (audit.compared, audit.skipped, unknown)
        ledgerMismatches = answers.count + audit.mismatches.count
        mismatches = answers.first + audit.mismatches.first
        self.wasStopped = wasStopped
    }

    private static func rounded(_ value: Double, _ steps: Double) -> Double {
        value.isFinite ? (value * steps).rounded() / steps : 0
    }

    /// Whether the run proves that the books agree.
    var isClean: Bool { ledgerMismatches == 0 && errors == 0 && usersUnknown.isEmpty }
}
