package import BudgetModel
package import BudgetStore

/// What ops have decided about users, as Redis had it last: the only copy there is when Redis has lost its own.
extension LedgerStore {
    private static let insert = BulkInsert(
        into: "assignments", ["user_id", "assignment", "grants", "milliseconds", "sequence"],
        """
        ON CONFLICT (user_id) DO UPDATE SET assignment = excluded.assignment, grants = excluded.grants,
        milliseconds = excluded.milliseconds, sequence = excluded.sequence
        WHERE excluded.milliseconds > assignments.milliseconds
        OR (excluded.milliseconds = assignments.milliseconds AND excluded.sequence >= assignments.sequence)
        """)

    /// Keeps the last of each user; one that was there already changes nothing.
    package func keep(_ copies: [(id: EventID, copy: AssignmentCopy)]) async throws {
        guard !copies.isEmpty else { return }
        try await database.write { connection in
            let users = try UserName.numbers(of: Set(copies.map { UserName($0.copy.user) }), on: connection)
            for (id, copy) in copies {
                guard let user = users[UserName(copy.user)] else { continue }
                let row: [SQLValue] = [
                    .integer(user), .bytes(copy.assignment), .bytes(copy.grants), .integer(id.milliseconds), .integer(id.sequence),
                ]
                try Self.insert.write(row, on: connection)
            }
            try Marks.write(copies.map(\.id), connection)
        }
    }

    /// Keeps those of users the ledger has none of. What events tell, before or afterwards, comes first.
    package func keepMissing(_ copies: [AssignmentCopy]) async throws {
        guard !copies.isEmpty else { return }
        try await database.write { connection in
            let users = try UserName.numbers(of: Set(copies.map { UserName($0.user) }), on: connection)
            for copy in copies {
                guard let user = users[UserName(copy.user)] else { continue }
                try connection.run(
                    """
                    INSERT INTO assignments (user_id, assignment, grants, milliseconds, sequence) VALUES (?, ?, ?, 0, 0)
                    ON CONFLICT (user_id) DO NOTHING
                    """, [.integer(user), .bytes(copy.assignment), .bytes(copy.grants)])
            }
        }
    }

    /// The epoch of the store that has been looked through for assignments the ledger had none of.
    func copied() async throws -> StoreEpoch? { try await database.read { try Meta.copied.read($0).flatMap(StoreEpoch.init) } }

    func write(copied epoch: StoreEpoch) async throws {
        try await database.write { try Meta.copied.write(epoch.description, $0) }
    }

    /// The assignments of those of these users that have one.
    package func assignments(of users: [Identifier]) async throws -> [Identifier: AssignmentCopy] {
        try await database.read { connection in
            var found: [Identifier: AssignmentCopy] = [:]
            let sql = "SELECT u.name, a.assignment, a.grants FROM users u JOIN assignments a ON a.user_id = u.id WHERE u.name"
            try connection.query(sql, in: users.map { .text($0.text) }) { row in
                guard let user = row.text(0).map({ Identifier($0) }) else { return }
                found[user] = AssignmentCopy(user: user, assignment: row.bytes(1) ?? [], grants: row.bytes(2) ?? [])
            }
            return found
        }
    }
}

extension SQLConnection {
    /// Runs `sql IN (...)` over these values, so many at a time and always in the same numbers, so that each is prepared once.
    func query(_ sql: String, in values: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        var rest = values[...]
        for size in [64, 8, 1] {
            let places = repeatElement("?", count: size).joined(separator: ", ")
            while rest.count >= size {
                try query("\(sql) IN (\(places))", Array(rest.prefix(size)), each)
                rest = rest.dropFirst(size)
            }
        }
    }
}
