import BudgetModel
import BudgetStore
import Logging
import TestSupport
@testable import UsageLedger

/// A node's ledger while `body` runs, on the database and streams it shares with others.
func node<Value: Sendable>(
    _ name: String, _ store: TestStore, _ location: LedgerLocation, lease: Duration = .seconds(10), patience: Duration = .zero,
    _ body: @Sendable (NodeLedger) async throws -> Value
) async throws -> Value {
    var settings = NodeLedger.Settings(location: location)
    settings.limits.pause = .milliseconds(5)
    settings.limits.retry = .milliseconds(20)
    settings.limits.watch = .milliseconds(20)
    settings.limits.lagInterval = .zero
    settings.limits.searchInterval = .zero
    settings.limits.probeInterval = .milliseconds(20)
    settings.limits.claimPatience = patience
    // The loops of these tests look every 200 ms whether the store has its epoch.
    settings.limits.notice = .milliseconds(300)
    settings.limits.lease = lease
    let ledger = NodeLedger(settings, stores: store.stores, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = Task { await ledger.run(at: name) { "UTC" } }
    let result: Result<Value, any Error>
    do { result = .success(try await body(ledger)) } catch { result = .failure(error) }
    running.cancel()
    await running.value
    return try result.get()
}

func drained(_ store: TestStore) async throws {
    try await eventually("streams") { try await store.ledgerLag().entries == 0 }
}

extension NodeLedger {
    /// Once this node keeps the ledger.
    func audit(user: String? = nil, repairing who: Correcting? = nil) async throws -> AuditReport {
        try await eventually("a keeper") { await status.isKeeper }
        return try await auditing().audit(user: user.map { .init($0) }, repairing: who)
    }
}
