import BudgetModel

/// How long the ledger keeps what. Sums by quarter, day and user are kept for good.
package struct Retention: Hashable, Sendable {
    /// Days of raw rows; at least ``minimumDays``, for an event that comes again must meet its row.
    package var days: Int = 90
    package static let minimumDays = 7
    /// How long after its last change the total of a counter is kept whose window ends: longer than the longest.
    static let counterDays: Int64 = 400
    /// How long after its last checkpoint a reservation is remembered: two days unless it was extended, which may go on.
    static let reservationDays: Int64 = 30

    package init() {}
}

extension LedgerStore {
    /// Removes what is past its retention, in steps small enough that nobody waits.
    /// - Parameters:
    ///   - now: milliseconds.
    ///   - steps: how many of each table, at most.
    /// - Returns: how many raw rows were removed.
    @discardableResult
    package func prune(_ retention: Retention = Retention(), now: Int64, steps: Int = .max) async throws -> Int {
        let day: Int64 = 86_400_000
        let cutoff = now - Int64(max(retention.days, Retention.minimumDays)) * day
        try await announce(rawSince: cutoff)
        let removed = try await prune("events", "milliseconds, stream, sequence", before: "milliseconds", cutoff, steps)
        _ = try await prune(
            "interim_bookings", "user_id, reservation", before: "milliseconds", now - Retention.reservationDays * day,
            steps)
        _ = try await prune(
            // Those of windows that never end are needed for as long as there are counters.
            "counter_totals", "window_start, counter, user_id", before: "window_start > 0 AND changed_at",
            now - Retention.counterDays * day, steps)
        return removed
    }

    /// Said before anything is removed: a report never takes half for the whole.
    private func announce(rawSince: Int64) async throws {
        try await database.write { connection in
            let known = try Meta.rawSince.read(connection).flatMap { Int64($0) } ?? 0
            if rawSince > known { try Meta.rawSince.write(String(rawSince), connection) }
        }
    }

    private func prune(_ table: String, _ key: String, before column: String, _ cutoff: Int64, _ steps: Int) async throws -> Int {
        let step = 2_000
        let sql = """
            DELETE FROM \(table) WHERE (\(key)) IN (SELECT \(key) FROM \(table) WHERE \(column) < ? LIMIT \(step))
            RETURNING 1
            """
        var removed = 0
        for _ in 0..<steps {
            let count = try await database.write { connection in
                var count = 0
                try connection.query(sql, [.integer(cutoff)]) { _ in count += 1 }
                return count
            }
            removed += count
            if count < step { break }
        }
        return removed
    }
}
