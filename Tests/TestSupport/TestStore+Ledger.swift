package import BudgetModel
package import BudgetStore

/// What whoever keeps the ledger asks of a store.
extension TestStore {
    /// All entries that the streams hold, each partition's in its order, whoever else reads them.
    package func entries() async throws -> [LedgerEntry] {
        let group = "reader-\(UInt32.random(in: .min ... .max))"
        try await ledgerCreateGroups(group)
        return try await ledgerRead(group: group, count: 100_000)
    }

    /// All events, by the time they were written.
    package func events() async throws -> [LedgerEvent] {
        try await entries().compactMap { entry in
            guard case .event(let event) = entry.content else { return nil }
            return event
        }.sorted { ($0.id.milliseconds, $0.id.partition, $0.id.sequence) < ($1.id.milliseconds, $1.id.partition, $1.id.sequence) }
    }

    package func ledgerCreateGroups(_ group: String) async throws {
        try await ask { $0.ledgerCreateGroups(group, $1) }.get()
    }

    package func ledgerRead(
        _ partitions: [Int] = Array(0..<Keys.partitions), group: String, consumer: String = "keeper", count: Int = 100,
        pending: Bool = false
    ) async throws -> [LedgerEntry] {
        try await ask {
            $0.ledgerRead(partitions, group: group, consumer: consumer, count: count, pending: pending, $1)
        }.get()
    }

    @discardableResult
    package func ledgerConfirm(_ ids: [EventID], group: String) async throws -> Int {
        try await ask { $0.ledgerConfirm(ids, group: group, $1) }.get()
    }

    package func ledgerLag() async throws -> LedgerLag { try await ask { $0.ledgerLag($1) }.get() }

    /// - Returns: who keeps the ledger now.
    package func ledgerLease(_ node: String, of ledger: String = "0000000000000000", for time: Int64) async throws -> String {
        try await ask { $0.ledgerLease(node, of: ledger, for: time, claims: true, $1) }.get().keeper
    }
}
