import BudgetModel
import BudgetStore

extension LedgerStore {
    /// Those of these open reservations that the ledger knows as ended, or of which it has booked more than their store remembers.
    /// Reads the raw rows since the oldest of them was made.
    func knownBetter(_ holds: [OpenHold]) async throws -> [OpenHold] {
        guard let oldest = holds.map(\.issuedAt).min() else { return [] }
        let salt = salt
        return try await database.read { connection in
            var users: [Identifier: Int64] = [:]
            let names = Set(holds.map(\.user)).map { SQLValue.text($0.text) }
            try connection.query("SELECT name, id FROM users WHERE name", in: names) { row in
                if let name = row.text(0), let id = row.integer(1) { users[Identifier(name)] = id }
            }
            var places: [[UInt8]: Int] = [:]
            for (place, hold) in holds.enumerated() {
                if let user = users[hold.user] { places[salt.digest(hold.reservation, of: user)] = place }
            }
            var found: Set<Int> = []
            let sql = """
                SELECT reservation, kind, settled_at, reserved_at FROM events WHERE reserved_at >= ? AND kind IN ('c', 'p', 'r', 'e')
                """
            try connection.query(sql, [.integer(oldest)]) { row in
                guard let place = row.bytes(0).flatMap({ places[$0] }) else { return }
                // An idempotency key may have named another one before.
                guard row.integer(3) == holds[place].issuedAt else { return }
                // A checkpoint that the store knows itself was written when it says.
                guard row.text(1) != "p" || row.integer(2) ?? 0 > holds[place].bookedAt else { return }
                found.insert(place)
            }
            return found.sorted().map { holds[$0] }
        }
    }
}
