package import BudgetModel
package import BudgetStore

/// What an audit asks of the ledger.
extension LedgerStore {
    private static let totals = """
        SELECT c.name, u.name, t.window_start, t.amount, t.changed_at, t.since_rest, t.resumed_at, t.taken_at
        FROM counter_totals t JOIN counters c ON c.id = t.counter LEFT JOIN users u ON u.id = t.user_id WHERE
        """

    /// The sums of these users' counters.
    package func totals(of users: [Identifier]) async throws -> [CounterWindow: CounterSum] {
        try await database.read { connection in
            var sums: [CounterWindow: CounterSum] = [:]
            try connection.query(Self.totals + " u.name", in: users.map { .text($0.text) }) { Self.add($0, to: &sums) }
            return sums
        }
    }

    /// The sums of counters that many users share.
    package func sharedTotals() async throws -> [CounterWindow: CounterSum] {
        try await database.read { connection in
            var sums: [CounterWindow: CounterSum] = [:]
            try connection.query(Self.totals + " t.user_id = 0", []) { Self.add($0, to: &sums) }
            return sums
        }
    }

    private static func add(_ row: any SQLRow, to sums: inout [CounterWindow: CounterSum]) {
        guard let name = CounterName(row, column: 0) else { return }
        let window = CounterWindow(name.key, of: row.text(1).map { Identifier($0) }, start: row.integer(2) ?? 0)
        var sum = CounterSum(unit: name.unit)
        (sum.amount, sum.changedAt) = (row.integer(3) ?? 0, row.integer(4) ?? 0)
        (sum.sinceRest, sum.resumedAt, sum.takenAt) = (row.integer(5) ?? 0, row.integer(6) ?? 0, row.integer(7) ?? 0)
        sums[window] = sum
    }

    /// Users that have not been erased, in the order of their numbers.
    /// - Parameter number: of the last one known; 0 begins.
    package func users(after number: Int64, limit: Int) async throws -> [(number: Int64, user: Identifier)] {
        try await database.read { connection in
            var users: [(number: Int64, user: Identifier)] = []
            // Events of shared counters have nobody for a user.
            let sql = "SELECT id, name FROM users WHERE id > ? AND erased = 0 AND name <> '' ORDER BY id LIMIT ?"
            try connection.query(sql, [.integer(number), .integer(Int64(limit))]) { row in
                if let id = row.integer(0), let name = row.text(1) { users.append((id, Identifier(name))) }
            }
            return users
        }
    }

    /// Those of these users that the ledger had heard of when `number` was the last.
    package func known(_ users: [Identifier], upTo number: Int64) async throws -> Set<Identifier> {
        try await database.read { connection in
            var known: Set<Identifier> = []
            try connection.query("SELECT name, id FROM users WHERE name", in: users.map { .text($0.text) }) { row in
                if let name = row.text(0), let id = row.integer(1), id <= number { known.insert(Identifier(name)) }
            }
            return known
        }
    }

    // MARK: Whose store it is

    /// The epoch of the store that this is the ledger of; nil when it is nobody's yet.
    package func epoch() async throws -> StoreEpoch? {
        try await database.read { try Meta.epoch.read($0).flatMap(StoreEpoch.init) }
    }

    package func write(_ epoch: StoreEpoch) async throws {
        try await database.write { try Meta.epoch.write(epoch.description, $0) }
    }

    /// The ledger that the store belongs to which this one was offered.
    package func home() async throws -> String? { try await database.read { try Meta.home.read($0) } }

    package func write(home: String) async throws { try await database.write { try Meta.home.write(home, $0) } }

    /// Milliseconds: windows from here on have all their events; 0 for all.
    package func auditedFrom() async throws -> Int64 {
        try await database.read { try Meta.auditedFrom.read($0).flatMap { Int64($0) } ?? 0 }
    }

    package func write(auditedFrom time: Int64) async throws {
        try await database.write { try Meta.auditedFrom.write(String(time), $0) }
    }
}
