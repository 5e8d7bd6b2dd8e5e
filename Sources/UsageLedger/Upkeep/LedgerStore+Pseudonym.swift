package import BudgetModel

extension LedgerStore {
    /// Gives all of a user's rows one random name, for good. Amounts stay; what callers wrote freely into raw rows goes: sessions,
    /// labels, prompt hashes, trace ids. An event of the same user that is booked later begins anew, so book what is under way first.
    /// - Returns: the name, `erased-` and eight hexadecimal digits; nil for a user the ledger has never seen.
    package func pseudonymise(_ user: Identifier) async throws -> Identifier? {
        let renamed = try await database.write { connection in try rename(user, connection) }
        try await finishErasures()
        return renamed
    }

    /// Empties what erased users' raw rows still tell, and forgets the totals of their counters, which are gone from Redis too. Also
    /// finishes what a process that was killed had begun.
    package func finishErasures() async throws {
        let pending = try await database.read { connection in
            var users: [Int64] = []
            try connection.query("SELECT id FROM users WHERE erased = 1", []) { users += [$0.integer(0) ?? 0] }
            return users
        }
        for user in pending {
            for day in try await activeDays(of: user) { try await empty(user, day) }
            _ = try await prune("counter_totals", "window_start, counter, user_id", where: "user_id = ?", user)
            try await database.write { try $0.run("UPDATE users SET erased = 2 WHERE id = ?", [.integer(user)]) }
        }
    }

    /// Days of the ledger's zone with raw rows of the user. Reads an index whole, which holds up nobody: one by user would cost every
    /// booking, and this is rare.
    private func activeDays(of user: Int64) async throws -> [WindowBounds] {
        let zone = zone.clock
        return try await database.read { connection in
            var days: [WindowBounds] = []
            try connection.query("SELECT reserved_at FROM events WHERE user_id = ? ORDER BY reserved_at", [.integer(user)]) { row in
                if let time = row.integer(0), days.last?.contains(time) != true { days.append(zone.bounds(of: .day, at: time)) }
            }
            return days
        }
    }

    private func empty(_ user: Int64, _ day: WindowBounds) async throws {
        let emptied = EventColumns.personal.map { "\($0) = NULL" }.joined(separator: ", ")
        try await database.write { connection in
            try connection.run(
                "UPDATE events SET \(emptied) WHERE reserved_at >= ? AND reserved_at < ? AND user_id = ?",
                [.integer(day.start), .integer(day.end), .integer(user)])
        }
    }
}

private func rename(_ user: Identifier, _ connection: any SQLConnection) throws -> Identifier? {
    guard let number = try connection.integer("SELECT id FROM users WHERE name = ? AND erased = 0", [.text(user.text)]) else {
        return nil
    }
    var name: Identifier
    repeat {
        name = Pseudonym.random()
    } while try connection.integer(
        "SELECT id FROM users WHERE name IN (?, ?)", [.text(name.text), .text(Pseudonym.stored(name))]) != nil
    try connection.run("UPDATE users SET name = ?, erased = 1 WHERE id = ?", [.text(Pseudonym.stored(name)), .integer(number)])
    for table in ["interim_bookings", "assignments"] {
        try connection.run("DELETE FROM \(table) WHERE user_id = ?", [.integer(number)])
    }
    return name
}
